//! What a grep asks for.

use quern_matcher::{PatternOptions, SearchOptions};
use quern_walk::TypeChange;

use crate::coverage::Freshness;

/// What rows a grep gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wanted {
    /// Matching lines, with context if that is asked for.
    #[default]
    Lines,
    /// One row for each file that has a match.
    Files,
    /// One row for each file that has a match: `line` holds its matching lines, `offset` its matches.
    Counts,
}

/// Default of [`GrepRequest::memory`].
pub const DEFAULT_QUERY_MEMORY: usize = 256 << 20;

/// Default of [`PatternOptions::size_limit`] for a [`GrepRequest`]: patterns may come from strangers. (The command line
/// has ripgrep's, which is ten times as much.)
pub const DEFAULT_PATTERN_SIZE: usize = 10 << 20;

/// One question to [`Index::grep`](crate::Index::grep).
#[derive(Clone, Debug)]
pub struct GrepRequest {
    /// The patterns.
    pub pattern: PatternOptions,
    /// How files are searched.
    pub search: SearchOptions,
    /// Only files that these globs admit (`-g`). They narrow the index's files, never widen them.
    pub globs: Vec<String>,
    /// The same without regard to case.
    pub iglobs: Vec<String>,
    /// Only files of these types.
    pub types: Vec<TypeChange>,
    /// What rows to give.
    pub wanted: Wanted,
    /// Say for each match which pattern gave it.
    pub attribute: bool,
    /// Give each line with its matches replaced by this (`-r`).
    pub replace: Option<String>,
    /// At most this many rows.
    pub limit: Option<u64>,
    /// Upper bound of what the query holds at once, in bytes.
    pub memory: usize,
    /// How fresh the answer has to be.
    pub freshness: Freshness,
    /// Files in the order of their paths; else in an order that is stable within a generation.
    pub sorted: bool,
}

impl GrepRequest {
    /// All matching lines of `patterns`, with every option at its default.
    pub fn new(patterns: impl IntoIterator<Item = impl Into<String>>) -> GrepRequest {
        let patterns = patterns.into_iter().map(Into::into).collect();
        GrepRequest {
            pattern: PatternOptions {
                patterns,
                size_limit: Some(DEFAULT_PATTERN_SIZE),
                ..PatternOptions::default()
            },
            search: SearchOptions::default(),
            globs: Vec::new(),
            iglobs: Vec::new(),
            types: Vec::new(),
            wanted: Wanted::Lines,
            attribute: false,
            replace: None,
            limit: None,
            memory: DEFAULT_QUERY_MEMORY,
            freshness: Freshness::Snapshot,
            sorted: false,
        }
    }
}
