//! Clauses that choose chunks and do not rank them: paths, languages, regular expressions, times, levels, fields of records.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use quern_store::ChunkTable;
use quern_terms::Resolved;
use quern_terms::language::{Clause, Kind};
use quern_text::Language;
use quern_walk::PathGlobs;
use roaring::RoaringBitmap;

use crate::error::Error;
use crate::query::{Context, GrepRequest, path_filter, start};
use crate::running::Running;
use crate::search::{Gap, Search, SearchRequest, refused};
use crate::snapshot::OpenSegment;

/// Rows of a regular expression's answer that are asked for at once.
const ROWS: usize = 4096;

/// What was found out for one request, whatever is asked in its course.
#[derive(Default)]
pub(super) struct Known {
    /// What regular expressions admit: each is searched once.
    lines: Mutex<HashMap<String, Resolved>>,
    /// A file could not be searched for one of them as it was indexed.
    has_changed: AtomicBool,
    /// One of them had to be searched in compressed logs.
    has_packed: AtomicBool,
    /// A prefix or a fuzzy word stands for more words than it may.
    is_cut: AtomicBool,
    /// Times from now on are asked for, and the request does not say when now is.
    moves: AtomicBool,
    /// The passages of the files that the request chooses, if it does not take all.
    chosen: OnceLock<Option<Resolved>>,
}

impl Known {
    /// What regular expressions could not be searched in.
    pub fn gaps(&self) -> impl Iterator<Item = Gap> {
        let gaps = [
            (&self.has_changed, Gap::Changed),
            (&self.has_packed, Gap::Compressed),
        ];
        let found = gaps
            .into_iter()
            .filter(|(found, _)| found.load(Ordering::Relaxed));
        found.map(|(_, gap)| gap)
    }

    /// Whether a prefix or a fuzzy word stands for more words than it may.
    pub fn is_cut(&self) -> bool {
        self.is_cut.load(Ordering::Relaxed)
    }

    /// Whether the answer depends on when it is asked for.
    pub fn moves(&self) -> bool {
        self.moves.load(Ordering::Relaxed)
    }

    /// Remembers that one does.
    pub fn add_cut(&self, is_cut: bool) {
        self.is_cut.fetch_or(is_cut, Ordering::Relaxed);
    }
}

impl Search<'_> {
    /// The chunks of every run that are of files which the request chooses by globs and types; `None`: all of them.
    ///
    /// # Errors
    /// A glob or type that is refused; a damaged store; a stop.
    pub(super) fn chosen(&self) -> Result<Option<&Resolved>, Error> {
        if let Some(chosen) = self.known.chosen.get() {
            return Ok(chosen.as_ref());
        }
        let SearchRequest {
            globs, iglobs, types, ..
        } = self.request;
        // A filter takes a while to make.
        let chosen = if globs.is_empty() && iglobs.is_empty() && types.is_empty() {
            None
        } else {
            let filter = path_filter(globs, iglobs, types)?;
            Some(self.of_segments(None, |segment| of_paths(segment, |path| filter.matches(path)))?)
        };
        Ok(self.known.chosen.get_or_init(|| chosen).as_ref())
    }

    /// The chunks of every run that a clause admits.
    ///
    /// # Errors
    /// A glob, language or pattern that is refused; a damaged store; a stop.
    pub(super) fn resolve(&self, clause: &Clause) -> Result<Resolved, Error> {
        match &clause.kind {
            Kind::Path(glob) => {
                let globs = PathGlobs::new(std::slice::from_ref(glob))
                    .map_err(|error| invalid(clause, &error.to_string()))?;
                self.of_segments(Some(clause), |segment| {
                    of_paths(segment, |path| globs.matches(path))
                })
            }
            Kind::Language(name) => {
                let known = Language::from_name(&name.to_lowercase());
                let language = known.ok_or_else(|| {
                    invalid(
                        clause,
                        &format!("'{name}' is no language; `rg --type-list` names those that are"),
                    )
                })?;
                let number = language.number();
                self.of_segments(Some(clause), |segment| {
                    let files = segment.files();
                    let admitted = (0..files.len()).filter(|&file| files.language(file) == number);
                    of_files(segment, &admitted.collect())
                })
            }
            Kind::Regex(pattern) => {
                let lines = || self.known.lines.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(resolved) = lines().get(pattern) {
                    return Ok(resolved.clone());
                }
                let resolved = self.of_lines(pattern)?;
                lines().insert(pattern.clone(), resolved.clone());
                Ok(resolved)
            }
            Kind::Time(span) => {
                let moves = span.moves() && self.request.now.is_none();
                self.known.moves.fetch_or(moves, Ordering::Relaxed);
                let times = span.at(self.now);
                let logged = |segment: &OpenSegment| {
                    of_table(segment, |table, run, each| table.logged(run, times.clone(), each))
                };
                self.of_segments((!span.moves()).then_some(clause), logged)
            }
            Kind::Level(span) => {
                let levels = span.from.number()..=span.to.number();
                self.of_segments(Some(clause), |segment| {
                    of_table(segment, |table, run, each| {
                        table.at_levels(run, levels.clone(), each)
                    })
                })
            }
            Kind::Field { name, test } => {
                let stopped = || self.cancel.check().is_err();
                self.of_segments(Some(clause), |segment| {
                    let Some(terms) = segment.terms()? else {
                        return Ok(Vec::new());
                    };
                    let runs = terms.runs.iter();
                    let found = runs.map(|run| run.with_field(name, test, &stopped));
                    Ok(found.collect::<Result<_, _>>()?)
                })
            }
            _ => Ok(Vec::new()),
        }
    }

    /// The chunks of each segment's runs that are admitted, whether they count or not: those of a segment never change. They
    /// are remembered as the `kept` clause's.
    fn of_segments(
        &self,
        kept: Option<&Clause>,
        admitted: impl Fn(&OpenSegment) -> Result<Vec<RoaringBitmap>, Error>,
    ) -> Result<Resolved, Error> {
        let mut resolved = Vec::new();
        let written = kept.map(Clause::to_string);
        for (number, live) in self.snapshot.segments.iter().enumerate() {
            if !self.runs.all().iter().any(|run| run.segment == number) {
                continue;
            }
            self.cancel.check()?;
            let Some(written) = &written else {
                resolved.extend(admitted(&live.segment)?);
                continue;
            };
            let key = (live.segment.number, written.clone());
            let find = || admitted(&live.segment).map(Arc::new);
            let found = self.engine.filters.get_or_insert_with(&key, find)?;
            resolved.extend(found.iter().cloned());
        }
        Ok(resolved)
    }

    /// The chunks in which a line begins that matches.
    fn of_lines(&self, pattern: &str) -> Result<Resolved, Error> {
        let running = Arc::new(Running::default());
        let admitted = self.admitted()?;
        let context = Context {
            snapshot: Arc::clone(self.snapshot),
            compiler: &self.engine.compiler,
            content: Arc::clone(&self.engine.content),
            walk: &self.engine.walk,
            max_line: self.engine.max_line,
            scope: None,
            within: admitted.as_ref().map(|admitted| self.blocks_of(admitted)),
            watch: None,
            recent: None,
            skipped: Vec::new(),
            ticket: running.enter(self.cancel)?,
            cancel: self.cancel.clone(),
        };
        let mut cursor = start(context, GrepRequest::new([pattern]))?;
        let mut resolved = vec![RoaringBitmap::new(); self.runs.all().len()];
        while let Some(batch) = cursor.next(ROWS)? {
            let passages: Vec<_> = batch.file_paths().map(|path| self.passages(path)).collect();
            for (&file, &line) in batch.file.iter().zip(&batch.rows.line) {
                if let Some((run, chunk)) = self.at_line(&passages[file as usize], line) {
                    resolved[run].insert(chunk);
                }
            }
        }
        let coverage = cursor.coverage();
        let has_other = coverage.files.changed > 0 || coverage.files.removed > 0;
        let has_changed = !coverage.complete || has_other;
        let has_packed = self.has_packed(admitted.as_ref());
        self.known.has_changed.fetch_or(has_changed, Ordering::Relaxed);
        self.known.has_packed.fetch_or(has_packed, Ordering::Relaxed);
        Ok(resolved)
    }

    /// Whether passages of compressed logs, in which no regular expression is searched, are among those that are admitted.
    fn has_packed(&self, admitted: Option<&Resolved>) -> bool {
        self.runs.all().iter().enumerate().any(|(number, run)| {
            let live = &self.snapshot.segments[run.segment];
            let packed = live.segment.packed() - &live.dead;
            packed.iter().any(|file| {
                let chunks = run.of_file(file);
                match admitted {
                    Some(admitted) => admitted[number].range_cardinality(chunks) > 0,
                    None => !chunks.is_empty(),
                }
            })
        })
    }

    /// The chunks of a file, by the run's place. A file may be cut over several entries. What a grep finds in a compressed log
    /// is no line of its passages.
    fn passages(&self, path: &[u8]) -> Vec<(usize, Range<u32>)> {
        let mut passages = Vec::new();
        for (segment, file) in self.snapshot.find(path) {
            if self.snapshot.segment((segment, file)).packed().contains(file) {
                continue;
            }
            for (number, run) in self.runs.all().iter().enumerate() {
                if run.segment == segment as usize {
                    passages.push((number, run.of_file(file)));
                }
            }
        }
        passages
    }

    /// The last of the chunks that begins no later than a line, and its run.
    fn at_line(&self, passages: &[(usize, Range<u32>)], line: u64) -> Option<(usize, u32)> {
        let last = passages.iter().filter_map(|(number, chunks)| {
            let run = &self.runs.all()[*number];
            let chunk = run.at_line(chunks.clone(), line)?;
            Some((run.chunk(chunk).line, *number, chunk))
        });
        last.max().map(|(_, number, chunk)| (number, chunk))
    }
}

/// The chunks of the files of a segment that have such paths, by run.
fn of_paths(segment: &OpenSegment, is_wanted: impl Fn(&[u8]) -> bool) -> Result<Vec<RoaringBitmap>, Error> {
    let mut admitted = RoaringBitmap::new();
    segment.files().each_path(|file, path| {
        if is_wanted(path) {
            admitted.insert(file);
        }
    });
    of_files(segment, &admitted)
}

/// The chunks of some files of a segment, by run.
fn of_files(segment: &OpenSegment, files: &RoaringBitmap) -> Result<Vec<RoaringBitmap>, Error> {
    let terms = segment.terms()?;
    Ok(terms.map_or_else(Vec::new, |terms| terms.of_files(files)))
}

/// The chunks of a segment that are found in the table, by run. `find` hands over ranges of a run's chunks, ascending.
fn of_table(
    segment: &OpenSegment,
    find: impl Fn(&ChunkTable, Range<u32>, &mut dyn FnMut(Range<u32>)),
) -> Result<Vec<RoaringBitmap>, Error> {
    let Some(terms) = segment.terms()? else {
        return Ok(Vec::new());
    };
    let of_run = |run: usize| {
        let own = terms.chunks(run);
        let mut found = RoaringBitmap::new();
        let start = own.start;
        find(&terms.table, own, &mut |chunks| {
            found.insert_range(chunks.start - start..chunks.end - start);
        });
        found
    };
    Ok((0..terms.runs.len()).map(of_run).collect())
}

fn invalid(clause: &Clause, message: &str) -> Error {
    refused(message, &clause.span)
}
