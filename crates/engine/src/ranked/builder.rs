//! Building the terms of a segment.

use std::ops::Range;
use std::sync::Arc;

use quern_store::{ChunkKind, ChunkRecord, ChunkTableBuilder, SegmentWriter, TermsWriter};
use quern_terms::{ChunkText, Edges, RunBuilder, StoredRun, join};
use quern_text::{Chunk, Fields, Language, Level, Record, RecordCutter, TimeStamps, cut_chunks, has_nul};
use roaring::RoaringBitmap;

use crate::error::{Error, Stage};
use crate::snapshot::now_ms;

/// Bytes that a run holds at most while it is built.
pub(crate) const RUN: usize = 64 << 20;

/// The terms of a segment, while its files are read.
pub(crate) struct TermsBuilder {
    is_small: bool,
    /// Bytes that a run may hold before another one is begun.
    limit: usize,
    stamps: TimeStamps,
    run: Option<RunBuilder>,
    /// Runs that are to be joined.
    parts: Vec<StoredRun>,
    chunks: ChunkTableBuilder,
    /// Files of which not all could be read.
    unranked: RoaringBitmap,
    /// The text that was added last.
    last: Option<Last>,
}

/// A text that the next one may go on with.
struct Last {
    file: u32,
    /// Where it ended in its file.
    end: u64,
    /// If it is a log.
    records: Option<RecordCutter>,
}

/// Text of a file that is to be ranked: whole lines.
#[derive(Clone, Copy)]
pub(crate) struct Passage<'a> {
    pub file: u32,
    pub path: &'a Arc<str>,
    pub language: Language,
    pub text: &'a [u8],
    /// Where it starts, in bytes and in lines before it.
    pub offset: u64,
    pub line: u64,
    /// When the file was modified last, in nanoseconds since 1970; 0: now.
    pub modified: i64,
}

/// A part of a passage, to be added.
struct Cut {
    range: Range<usize>,
    line: u64,
    symbols: Vec<Range<usize>>,
    time: Option<i64>,
    level: Option<Level>,
    fields: Fields,
    kind: ChunkKind,
}

impl TermsBuilder {
    /// For a few files (`is_small`) or for many, with runs of `limit` bytes while they are built. Logs have these `stamps`.
    pub fn new(is_small: bool, limit: usize, stamps: &TimeStamps) -> TermsBuilder {
        TermsBuilder {
            is_small,
            limit,
            stamps: stamps.clone(),
            run: None,
            parts: Vec::new(),
            chunks: ChunkTableBuilder::new(),
            unranked: RoaringBitmap::new(),
            last: None,
        }
    }

    /// Notes that not all of a file could be read.
    pub fn leave_unranked(&mut self, file: u32) {
        self.unranked.insert(file);
    }

    /// Bytes held in memory.
    pub fn memory(&self) -> usize {
        let parts: u64 = self.parts.iter().map(StoredRun::bytes).sum();
        self.run.as_ref().map_or(0, RunBuilder::memory) + parts as usize + self.chunks.memory()
    }

    /// Adds the chunks of a passage: its records if it is of a log, as the first passage of a file decides. Text with a NUL is
    /// not ranked.
    ///
    /// # Errors
    /// None that the caller could help.
    pub fn add(&mut self, passage: Passage<'_>) -> Result<(), Error> {
        let last = self.last.take();
        if has_nul(passage.text) {
            return Ok(());
        }
        let known = last.filter(|last| (last.file, last.end) == (passage.file, passage.offset));
        let mut records = match known {
            Some(last) => last.records,
            None => record_cutter(
                passage.text,
                passage.offset,
                passage.language,
                passage.modified,
                &self.stamps,
            ),
        };
        match &mut records {
            Some(cutter) => {
                for record in cutter.cut(passage.text) {
                    self.add_cut(passage, Cut::from(record))?;
                }
            }
            None => {
                for chunk in cut_chunks(passage.text, passage.language) {
                    self.add_cut(passage, Cut::from(chunk))?;
                }
            }
        }
        self.last = Some(Last {
            file: passage.file,
            end: passage.offset + passage.text.len() as u64,
            records,
        });
        if self.run.as_ref().is_some_and(|run| run.memory() > self.limit) {
            self.finish_part()?;
        }
        Ok(())
    }

    fn add_cut(&mut self, passage: Passage<'_>, cut: Cut) -> Result<(), Error> {
        let run = match &mut self.run {
            Some(run) => run,
            none => none.insert(RunBuilder::new(self.is_small).map_err(failed)?),
        };
        let text = |range: &Range<usize>| String::from_utf8_lossy(&passage.text[range.clone()]);
        let is_passage = cut.kind == ChunkKind::Passage;
        let added = run.add(ChunkText {
            body: text(&cut.range).into_owned(),
            symbols: cut.symbols.iter().map(text).collect::<Vec<_>>().join("\n"),
            path: if is_passage {
                Arc::clone(passage.path)
            } else {
                Arc::default()
            },
            is_prose: is_passage && is_prose(passage.language),
            fields: cut.fields,
        });
        let (words, edges) = added.map_err(failed)?;
        // Next to nothing goes on from one record to another.
        let edges = if is_passage { edges } else { Edges::UNKNOWN };
        self.chunks.add(&ChunkRecord {
            file: passage.file,
            offset: passage.offset + cut.range.start as u64,
            length: cut.range.len() as u64,
            line: passage.line + cut.line + 1,
            words,
            time: cut.time,
            level: cut.level.map_or(0, Level::number),
            kind: cut.kind,
            edges: edges.number(),
        });
        Ok(())
    }

    fn finish_part(&mut self) -> Result<(), Error> {
        if let Some(run) = self.run.take() {
            self.parts.push(run.finish_part().map_err(failed)?);
        }
        Ok(())
    }

    /// One run of all chunks, if there are any, and their table; the builder is empty again. What a question costs grows with
    /// the number of runs.
    ///
    /// # Errors
    /// None that the caller could help.
    pub fn take(&mut self) -> Result<(Option<StoredRun>, ChunkTableBuilder), Error> {
        self.last = None;
        let run = if self.parts.is_empty() {
            let run = self.run.take();
            run.map(RunBuilder::finish).transpose().map_err(failed)?
        } else {
            self.finish_part()?;
            join(&std::mem::take(&mut self.parts)).map_err(failed)?
        };
        Ok((run, std::mem::take(&mut self.chunks)))
    }

    /// Writes them with their segment; the builder is empty again.
    ///
    /// # Errors
    /// A store that cannot be written.
    pub fn write(&mut self, segment: &mut SegmentWriter) -> Result<(), Error> {
        let (run, mut chunks) = self.take()?;
        segment.terms(&mut chunks, &std::mem::take(&mut self.unranked), |terms| {
            append(run.as_slice(), terms)
        })
    }
}

/// What cuts a log into records from a text of it on, which starts at this offset of its file; `None`: it is no log. `modified`
/// is when the file was modified last, in nanoseconds since 1970; 0: now.
pub(crate) fn record_cutter(
    text: &[u8],
    offset: u64,
    language: Language,
    modified: i64,
    stamps: &TimeStamps,
) -> Option<RecordCutter> {
    let cutter = match offset {
        0 => RecordCutter::of,
        _ => RecordCutter::of_later,
    };
    let modified_ms = match modified {
        0 => now_ms(),
        modified => modified / 1_000_000,
    };
    cutter(text, language, modified_ms, stamps)
}

impl From<Chunk> for Cut {
    fn from(Chunk { range, line, symbols }: Chunk) -> Cut {
        Cut {
            range,
            line,
            symbols,
            time: None,
            level: None,
            fields: Fields::default(),
            kind: ChunkKind::Passage,
        }
    }
}

impl From<Record> for Cut {
    fn from(record: Record) -> Cut {
        Cut {
            range: record.range,
            line: record.line,
            symbols: Vec::new(),
            time: record.time,
            level: record.level,
            fields: record.fields,
            kind: if record.begins {
                ChunkKind::Record
            } else {
                ChunkKind::Continuation
            },
        }
    }
}

/// Hands runs to a writer. Gives their directory.
pub(super) fn append(runs: &[StoredRun], terms: &mut TermsWriter) -> Result<Vec<u8>, Error> {
    let mut directory = Vec::new();
    for run in runs {
        run.write(&mut directory, |bytes| terms.append(bytes))?;
    }
    Ok(directory)
}

/// What a failure of the terms means while they are written.
pub(crate) fn failed(error: quern_terms::Error) -> Error {
    Error::from(error).during(Stage::Write)
}

/// Whether words are those of a natural language, of which stems are indexed, too.
fn is_prose(language: Language) -> bool {
    matches!(
        language.name(),
        "unknown" | "asciidoc" | "html" | "man" | "markdown" | "org" | "rst" | "tex" | "txt"
    )
}
