//! The completeness certificate of an answer.

pub use quern_watch::PollReason;

use crate::error::Error;

/// How fresh an answer has to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Freshness {
    /// What the index knows; nothing is looked at but the files that may match.
    #[default]
    Snapshot,
    /// What the index knows, and what the watcher has seen since: files that may have changed are looked at first.
    Watched,
    /// The folder is walked and every file stated first: edits, new and removed files all count.
    Verified,
}

impl Freshness {
    /// The name by which JavaScript knows it.
    pub const fn name(self) -> &'static str {
        match self {
            Freshness::Snapshot => "snapshot",
            Freshness::Watched => "watched",
            Freshness::Verified => "verified",
        }
    }
}

/// Which limit cut an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The number of rows asked for.
    Rows,
    /// The memory that a query may hold.
    Memory,
}

impl Limit {
    /// The name by which JavaScript knows it.
    pub const fn name(self) -> &'static str {
        match self {
            Limit::Rows => "limit",
            Limit::Memory => "memory",
        }
    }
}

/// How the folder was watched when a query began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WatchCoverage {
    /// Why changes are looked for at intervals instead of being told by the system; `None`: they are told.
    pub polling: Option<PollReason>,
    /// Events were lost, and the folder is being compared as a whole.
    pub rescanning: bool,
    /// Paths that may have changed and were not yet in the index: the query looked at them itself.
    pub pending: u64,
}

/// How many files took part.
#[derive(Clone, Copy, Debug, Default)]
pub struct CoverageFiles {
    /// Files in the snapshot.
    pub indexed: u64,
    /// Files that the index could not rule out.
    pub candidates: u64,
    /// Files whose text was looked at so far.
    pub searched: u64,
    /// Files that changed since they were indexed; searched as they are now.
    pub changed: u64,
    /// Files that the index does not know; searched as they are now. Counted at `verified`.
    pub added: u64,
    /// Files that are gone.
    pub removed: u64,
}

/// What an answer covers.
#[derive(Clone, Debug)]
pub struct Coverage {
    /// The generation of the snapshot.
    pub generation: u64,
    /// The snapshot's id: equal ids, equal files.
    pub snapshot: String,
    /// The freshness that was asked for.
    pub freshness: Freshness,
    /// Whether every matching line of the snapshot's files is in the answer. False while rows are still to come.
    pub complete: bool,
    /// When the generation was made, in milliseconds since 1970.
    pub taken_at_ms: f64,
    /// Files, by what became of them.
    pub files: CoverageFiles,
    /// Files that are not part of the index, by reason.
    pub skipped: Vec<(&'static str, u64)>,
    /// Files in the snapshot that have grown, and whose older text was taken to be as it was because an option of the
    /// index says so.
    pub assumed_append_only: u64,
    /// How the folder was watched; `None`: it was not.
    pub watch: Option<WatchCoverage>,
    /// The limit that cut the answer.
    pub limit: Option<Limit>,
    /// The first files that could not be searched.
    pub errors: Vec<Error>,
    /// All files that could not be searched.
    pub error_count: u64,
}

/// How many errors of single files are kept with their text; all are counted.
pub(crate) const KEPT_ERRORS: usize = 1000;
