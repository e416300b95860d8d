//! Looking at one file: is what the index knows of it still true, and which lines match.
//!
//! A file that is what the index knows is searched block by block, from the cache of hot content or from disk. Its
//! size, times and inode are compared before the first byte is read and again after the last, so that all its rows are
//! of one content. A file that changed is searched whole, as it is now, anew if it changes meanwhile.

use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use quern_matcher::{Columns, Extras, Limits, Place, SearchOptions, Searchers};
use quern_walk::{Cancel, FileMeta};

use crate::content::ContentCache;
use crate::coverage::Freshness;
use crate::error::{Code, Error, Stage};
use crate::query::candidates::{Candidate, SegmentBlocks};
use crate::query::compile::{Compiled, refused};
use crate::query::gather::Gather;
use crate::query::reading::Reading;
use crate::query::request::Wanted;
use crate::racy;
use crate::read::{self, Bounded, unless_stopped};
use crate::snapshot::{Snapshot, flags};

/// How often a file that changes while it is searched is searched.
const ATTEMPTS: usize = 3;
/// Bytes that are searched between two looks at whether the call is stopped and the file still the same.
const BYTES_PER_CHECK: usize = 1 << 20;

/// A file to look at.
pub(crate) enum Task {
    /// A file that the index knows; the first number is its segment's place in the snapshot.
    Indexed(u32, Candidate),
    /// Parts of one file that is cut over several entries, in their order; each has candidate blocks.
    Parts(Vec<(u32, Candidate)>),
    /// A file that the index does not know, or not as it is now. By stored path.
    Direct(Vec<u8>),
}

impl Task {
    /// What the index knows of the file, the first part of it that is searched; else the file's path.
    pub fn entry(&self) -> Result<(u32, u32), &[u8]> {
        match self {
            Task::Indexed(number, candidate) => Ok((*number, candidate.file)),
            Task::Parts(parts) => Ok((parts[0].0, parts[0].1.file)),
            Task::Direct(path) => Err(path),
        }
    }
}

/// Counts of what became of files.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub searched: AtomicU64,
    pub changed: AtomicU64,
    pub removed: AtomicU64,
}

/// What all tasks of a query share.
pub(crate) struct Verification {
    pub snapshot: Arc<Snapshot>,
    pub compiled: Compiled,
    pub search: SearchOptions,
    /// Candidate blocks of each segment, where a task's range points to.
    pub blocks: Vec<SegmentBlocks>,
    pub content: Arc<ContentCache>,
    /// The candidates fit into the cache; else they would only drive each other out.
    pub caches: bool,
    pub freshness: Freshness,
    pub wanted: Wanted,
    pub extras: Extras,
    pub max_line: usize,
    /// Bytes that a file may have which must be in memory as a whole.
    pub largest_whole: u64,
    pub cancel: Cancel,
    pub tally: Tally,
}

/// What a thread keeps from one task to the next.
pub(crate) struct Worker {
    searchers: Searchers,
    buffer: Vec<u8>,
    /// Empty, with room for the rows of a file.
    rows: Columns,
}

/// Bytes of rows whose memory a thread keeps for those of the next file.
const LARGEST_KEPT: usize = 64 << 10;

impl Worker {
    /// Takes back the memory of rows that are of no more use.
    pub fn recycle(&mut self, mut rows: Columns) {
        if rows.bytes() <= LARGEST_KEPT {
            rows.clear();
            self.rows = rows;
        }
    }
}

/// The rows of one task.
#[derive(Default)]
pub(crate) struct Found {
    pub rows: Columns,
    /// A limit cut the rows.
    pub cut: bool,
    pub error: Option<Error>,
}

/// Why a file could not be searched as the index knows it.
pub(crate) enum Stale {
    Changed,
    Gone,
    Failed(io::Error),
    /// What the store has of it fails its checksum.
    Damaged(Error),
}

impl From<io::Error> for Stale {
    fn from(error: io::Error) -> Stale {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Stale::Gone,
            io::ErrorKind::UnexpectedEof => Stale::Changed,
            _ => Stale::Failed(error),
        }
    }
}

impl Verification {
    /// What a thread needs to do tasks.
    pub fn worker(&self) -> Result<Worker, Error> {
        let searchers = Searchers::new(&self.search).map_err(|error| refused(&error))?;
        Ok(Worker {
            searchers,
            buffer: Vec::new(),
            rows: Columns::default(),
        })
    }

    /// The stored path of a task's file.
    pub fn path(&self, task: &Task) -> Vec<u8> {
        match task.entry() {
            Ok(entry) => self.snapshot.segment(entry).path(entry.1),
            Err(path) => path.to_vec(),
        }
    }

    /// Whether rows may be other than matches.
    pub fn has_context(&self) -> bool {
        self.search.before > 0 || self.search.after > 0 || self.search.passthru
    }

    /// Does one task. Failures of single files are part of the result, where their paths are added; only a stop is an error.
    pub fn run(&self, worker: &mut Worker, task: &Task, limits: Limits) -> Result<Found, Error> {
        self.cancel.check()?;
        let searched = catch_unwind(AssertUnwindSafe(|| match task {
            Task::Indexed(number, candidate) => {
                let part = (*number, candidate.clone());
                self.indexed(worker, std::slice::from_ref(&part), limits)
            }
            Task::Parts(parts) => self.indexed(worker, parts, limits),
            Task::Direct(path) => self.whole(path, limits),
        }));
        let Ok(outcome) = searched else {
            // What it was in the middle of is not to be used again.
            *worker = self.worker()?;
            return Ok(Found {
                error: Some(
                    Error::new(Code::Internal, "a fault while searching this file").during(Stage::Search),
                ),
                ..Found::default()
            });
        };
        match outcome {
            Ok(found) => {
                self.tally.searched.fetch_add(1, Ordering::Relaxed);
                Ok(found)
            }
            Err(Stale::Changed) => Ok(Found {
                error: Some(unsteady()),
                ..Found::default()
            }),
            Err(Stale::Gone) => {
                self.tally.removed.fetch_add(1, Ordering::Relaxed);
                Ok(Found::default())
            }
            Err(Stale::Damaged(error)) => Ok(Found {
                error: Some(error),
                ..Found::default()
            }),
            Err(Stale::Failed(error)) => {
                self.cancel.check()?;
                Ok(Found {
                    error: Some(Error::io(&error, Path::new(""), Stage::Search)),
                    ..Found::default()
                })
            }
        }
    }

    /// Searches a file as the index knows it, or else as it is now. `parts` are all of it that may match.
    fn indexed(
        &self,
        worker: &mut Worker,
        parts: &[(u32, Candidate)],
        limits: Limits,
    ) -> Result<Found, Stale> {
        let entry = (parts[0].0, parts[0].1.file);
        let outcome = if parts[0].1.blocks.is_empty() {
            self.as_known(entry, limits)
        } else {
            self.by_block(worker, parts, limits)
        };
        match outcome {
            Err(Stale::Changed) => {
                self.tally.changed.fetch_add(1, Ordering::Relaxed);
                self.whole(&self.snapshot.segment(entry).path(entry.1), limits)
            }
            outcome => outcome,
        }
    }

    fn by_block(
        &self,
        worker: &mut Worker,
        parts: &[(u32, Candidate)],
        limits: Limits,
    ) -> Result<Found, Stale> {
        let Worker {
            searchers,
            buffer,
            rows,
        } = worker;
        let first = (parts[0].0, parts[0].1.file);
        let mut reading = Reading::new(self, first, buffer);
        let mut gather = self.gather(limits, std::mem::take(rows));
        let mut allowance = searchers.allowance();
        let mut stopped_early = false;
        let mut unchecked = 0;
        for (number, candidate) in parts {
            let entry = (*number, candidate.file);
            let blocks = self.snapshot.segment(entry).blocks();
            reading.enter(entry);
            let mut next = candidate.blocks.start;
            while next < candidate.blocks.end && !allowance.is_spent() && !stopped_early {
                stopped_early = gather.is_done();
                if stopped_early {
                    break;
                }
                if unchecked >= BYTES_PER_CHECK {
                    unless_stopped(&self.cancel)?;
                    reading.prove()?;
                    unchecked = 0;
                }
                let run = reading.run(&self.blocks[*number as usize], next..candidate.blocks.end);
                next += run.len() as u32;
                let place = Place {
                    line: blocks.first_line(run.start),
                    offset: blocks.offset(run.start),
                };
                let text = reading.text(run)?;
                unchecked += text.len();
                if text.is_empty() {
                    continue;
                }
                if self.compiled.pattern.needs_whole(&text, place.offset) {
                    return self.as_known(first, limits);
                }
                gather.block(searchers, &self.compiled.pattern, &text, place, &mut allowance)?;
            }
        }
        reading.prove()?;
        Ok(Found {
            cut: gather.is_cut() || stopped_early && self.wanted == Wanted::Lines,
            rows: gather.rows(),
            error: None,
        })
    }

    fn gather(&self, limits: Limits, empty: Columns) -> Gather<'_> {
        Gather::new(self.wanted, &self.compiled.pattern, limits, &self.extras, empty)
    }

    /// Opens a file, if it still is what the index knows.
    pub fn known(&self, entry: (u32, u32)) -> Result<File, Stale> {
        let (opened, meta) = read::open(&self.snapshot.native(&self.snapshot.segment(entry).path(entry.1)))?;
        if !self.snapshot.is_unchanged(entry, &meta) {
            return Err(Stale::Changed);
        }
        if self.snapshot.is_racy(entry)
            && !racy::same_content(&self.snapshot, entry, &opened, self.max_line, &self.cancel)?
        {
            return Err(Stale::Changed);
        }
        Ok(opened)
    }

    /// Searches a whole file, if it is what the index knows from the first byte to the last.
    fn as_known(&self, entry: (u32, u32), limits: Limits) -> Result<Found, Stale> {
        let segment = self.snapshot.segment(entry);
        if segment.files().flags(entry.1) & flags::GIVEN != 0 {
            let text = segment.given_text(entry.1).map_err(Stale::Damaged)?;
            return self.search(&*text, limits);
        }
        let opened = self.known(entry)?;
        let found = self.search(self.bounded(&opened), limits)?;
        let meta = FileMeta::from_metadata(&opened.metadata()?);
        if self.snapshot.is_unchanged(entry, &meta) {
            Ok(found)
        } else {
            Err(Stale::Changed)
        }
    }

    /// Searches a file as it is now. If it never holds still, the rows come with an error.
    fn whole(&self, path: &[u8], limits: Limits) -> Result<Found, Stale> {
        let path = self.snapshot.native(path);
        let mut last = Found::default();
        for _ in 0..ATTEMPTS {
            let (file, before) = read::open(&path)?;
            last = self.search(self.bounded(&file), limits)?;
            if before == FileMeta::from_metadata(&file.metadata()?) {
                return Ok(last);
            }
        }
        last.error = Some(unsteady());
        Ok(last)
    }

    fn bounded<'a>(&'a self, file: &'a File) -> Bounded<'a> {
        Bounded::new(file, &self.cancel, self.largest_whole)
    }

    /// Searches a whole file, with buffers of its own: a searcher whose buffer has grown on one file sees a late NUL in the
    /// next one earlier, and says something else about it.
    fn search(&self, text: impl io::Read, limits: Limits) -> Result<Found, Stale> {
        let mut searchers =
            Searchers::new(&self.search).map_err(|error| Stale::Failed(io::Error::other(error)))?;
        let mut gather = self.gather(limits, Columns::default());
        gather
            .file(&mut searchers, &self.compiled.pattern, text)
            .map_err(Stale::Failed)?;
        Ok(Found {
            cut: gather.is_cut(),
            rows: gather.rows(),
            error: None,
        })
    }
}

fn unsteady() -> Error {
    Error::new(Code::Io, "the file kept changing while it was searched").during(Stage::Search)
}
