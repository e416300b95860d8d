//! Looking at one file: is what the index knows of it still true, and which lines match.
//!
//! A file that is what the index knows is searched block by block, from the cache of hot content or from disk. Its
//! size, times and inode are compared before the first byte is read and again after the last, so that all its rows are
//! of one content. A file that changed is searched whole, as it is now.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use quern_matcher::{Columns, Extras, Limits, Place, SearchOptions, Searchers};
use quern_walk::{Cancel, FileMeta};

use crate::content::{BlockKey, ContentCache};
use crate::coverage::Freshness;
use crate::error::{Code, Error, Stage};
use crate::query::candidates::{Candidate, SegmentBlocks};
use crate::query::compile::{Compiled, refused};
use crate::query::gather::Gather;
use crate::query::request::Wanted;
use crate::racy;
use crate::read::read_exact_at;
use crate::snapshot::{LiveSegment, OpenSegment, Snapshot, flags};

/// How often a file that changes while it is searched is searched anew, at `verified`.
const ATTEMPTS: usize = 3;

/// A file to look at.
pub(crate) enum Task {
    /// A file that the index knows; the first number is its segment's place in the snapshot.
    Indexed(u32, Candidate),
    /// A file that the index does not know, or not as it is now. By stored path.
    Direct(Vec<u8>),
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
    pub freshness: Freshness,
    pub wanted: Wanted,
    pub extras: Extras,
    pub max_line: usize,
    pub cancel: Cancel,
    pub tally: Tally,
}

/// The rows of one task.
#[derive(Default)]
pub(crate) struct Found {
    pub rows: Columns,
    /// A limit cut the rows.
    pub cut: bool,
    /// The rows are of the whole file, not of one segment's part of it.
    pub whole: bool,
    pub error: Option<Error>,
}

/// Why a file could not be searched as the index knows it.
enum Stale {
    Changed,
    Gone,
    Failed(io::Error),
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
    /// A thread's own searchers.
    pub fn searchers(&self) -> Result<Searchers, Error> {
        Searchers::new(&self.search).map_err(|error| refused(&error))
    }

    /// Whether rows may be other than matches.
    pub fn has_context(&self) -> bool {
        self.search.before > 0 || self.search.after > 0 || self.search.passthru
    }

    /// Does one task. Failures of single files are part of the result; only a stop is an error.
    pub fn run(&self, searchers: &mut Searchers, task: &Task, limits: Limits) -> Result<Found, Error> {
        self.cancel.check()?;
        let (path, outcome) = match task {
            Task::Indexed(segment, candidate) => {
                let live = &self.snapshot.segments[*segment as usize];
                let path = live.segment.path(candidate.file);
                (path, self.indexed(searchers, *segment, live, candidate, limits))
            }
            Task::Direct(path) => (path.clone(), self.whole(path, limits)),
        };
        match outcome {
            Ok(found) => {
                self.tally.searched.fetch_add(1, Ordering::Relaxed);
                Ok(found)
            }
            Err(Stale::Changed) => Ok(Found {
                error: Some(
                    Error::new(Code::Io, "the file kept changing while it was searched")
                        .at(self.snapshot.native(&path))
                        .during(Stage::Search),
                ),
                ..Found::default()
            }),
            Err(Stale::Gone) => {
                self.tally.removed.fetch_add(1, Ordering::Relaxed);
                Ok(Found::default())
            }
            Err(Stale::Failed(error)) => Ok(Found {
                error: Some(Error::io(&error, &self.snapshot.native(&path), Stage::Search)),
                ..Found::default()
            }),
        }
    }

    fn indexed(
        &self,
        searchers: &mut Searchers,
        number: u32,
        live: &LiveSegment,
        candidate: &Candidate,
        limits: Limits,
    ) -> Result<Found, Stale> {
        let segment = &*live.segment;
        let outcome = if candidate.blocks.is_empty() {
            self.known(segment, candidate.file)
                .and_then(|file| self.search(&file, limits))
        } else {
            self.by_block(searchers, number, segment, candidate, limits)
        };
        match outcome {
            Err(Stale::Changed) => {
                self.tally.changed.fetch_add(1, Ordering::Relaxed);
                self.whole(&segment.path(candidate.file), limits)
            }
            outcome => outcome,
        }
    }

    fn by_block(
        &self,
        searchers: &mut Searchers,
        number: u32,
        segment: &OpenSegment,
        candidate: &Candidate,
        limits: Limits,
    ) -> Result<Found, Stale> {
        let table = segment.blocks();
        let mut gather = Gather::new(self.wanted, &self.compiled.pattern, limits, &self.extras);
        let mut allowance = searchers.allowance();
        let mut file = None;
        for index in candidate.blocks.clone() {
            if gather.is_done() || allowance.is_spent() {
                break;
            }
            let block = self.blocks[number as usize].get(index as usize);
            let key = BlockKey {
                segment: segment.number,
                block,
            };
            let text = match self.content.get(key) {
                Some(text) => text,
                None => {
                    let file = match &file {
                        Some(file) => file,
                        None => file.insert(self.known(segment, candidate.file)?),
                    };
                    let (start, end) = (table.offset(block), table.end(block));
                    let text = read_exact_at(file, start, (end - start) as usize)?;
                    self.content.put(key, &text);
                    text
                }
            };
            let place = Place {
                line: table.first_line(block),
                offset: table.offset(block),
            };
            gather.block(searchers, &self.compiled.pattern, &text, place, &mut allowance)?;
        }
        if let Some(file) = &file
            && !segment.is_unchanged(candidate.file, &FileMeta::from_metadata(&file.metadata()?))
        {
            self.content
                .forget(segment.number, segment.files().blocks(candidate.file));
            return Err(Stale::Changed);
        }
        Ok(Found {
            cut: gather.is_cut(),
            rows: gather.rows(),
            whole: false,
            error: None,
        })
    }

    /// Opens a file, if it still is what the index knows.
    fn known(&self, segment: &OpenSegment, file: u32) -> Result<File, Stale> {
        let path = self.snapshot.native(&segment.path(file));
        let opened = File::open(path)?;
        let meta = FileMeta::from_metadata(&opened.metadata()?);
        if !segment.is_unchanged(file, &meta) {
            return Err(Stale::Changed);
        }
        if segment.files().flags(file) & flags::RACY != 0
            && !racy::same_content(segment, file, &opened, self.max_line)?
        {
            return Err(Stale::Changed);
        }
        Ok(opened)
    }

    /// Searches a file as it is now. At `verified` it is searched anew if it changes meanwhile.
    fn whole(&self, path: &[u8], limits: Limits) -> Result<Found, Stale> {
        let path = self.snapshot.native(path);
        for _ in 0..ATTEMPTS {
            let file = File::open(&path)?;
            let before = FileMeta::from_metadata(&file.metadata()?);
            let found = self.search(&file, limits)?;
            if self.freshness == Freshness::Snapshot || before == FileMeta::from_metadata(&file.metadata()?) {
                return Ok(found);
            }
        }
        Err(Stale::Changed)
    }

    /// Searches a whole file, with buffers of its own: a searcher whose buffer has grown on one file sees a late NUL in the
    /// next one earlier, and says something else about it.
    fn search(&self, file: &File, limits: Limits) -> Result<Found, Stale> {
        let mut searchers = self
            .searchers()
            .map_err(|error| Stale::Failed(io::Error::other(error)))?;
        let mut gather = Gather::new(self.wanted, &self.compiled.pattern, limits, &self.extras);
        gather
            .file(&mut searchers, &self.compiled.pattern, file)
            .map_err(Stale::Failed)?;
        Ok(Found {
            cut: gather.is_cut(),
            rows: gather.rows(),
            whole: true,
            error: None,
        })
    }
}
