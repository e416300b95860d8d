//! The engine: the only crate that knows all others.
//!
//! [`Index::open`] builds or refreshes a store, [`Index::grep`] answers from one snapshot of it, [`Cursor`] hands rows
//! out as they are asked for, and [`Coverage`] says what the answer is worth. [`print`] is the command line's way
//! in: it walks as ripgrep does and lets the index rule files out.

mod build;
mod change;
mod check;
mod content;
mod coverage;
mod engine;
mod error;
mod follow;
mod index;
mod memory;
mod opened;
mod options;
mod packed;
mod pools;
mod print;
mod progress;
mod prune;
mod published;
mod query;
mod racy;
mod ranked;
mod read;
mod recent;
mod rules;
mod running;
mod search;
mod snapshot;
mod stats;
mod sync;
mod watching;

pub use change::{Applied, Change};
pub use check::CheckReport;
pub use coverage::{Coverage, CoverageFiles, Freshness, Limit, PollReason, WatchCoverage};
pub use engine::{default_cache, default_store};
pub use error::{Code, Error, Stage, contained};
pub use follow::{DEFAULT_FOLLOWED_LINE, FollowRequest, FollowState, Following};
pub use index::Index;
pub use options::{
    DEFAULT_FLUSH_AFTER, DEFAULT_MAX_ERRORS, DEFAULT_MAX_LINE, DEFAULT_MERGE_RATE, DEFAULT_READ_TIMEOUT,
    OpenOptions, Profile,
};
pub use pools::{Pool, PoolLoad, PoolOptions, Pools, Priority, cores};
pub use print::{Printing, Sieve};
pub use progress::{AtWork, Phase, Progress, ProgressReading};
pub use prune::IndexPrune;
pub use quern_disk_cache as disk_cache;
pub use quern_matcher::{Binary, Case, Columns, EncodingChoice, Kind, PatternOptions, SearchOptions};
pub use quern_printer::{
    Chunk, Mode, Output, Request, Sort, SortBy, Summary, parse_path_separator, parse_separator,
    searches_stdin,
};
pub use quern_store::stores;
pub use quern_terms::{Advice, AskedStatistics, Frequencies, Lengths, Statistics, Step, StepKind, language};
pub use quern_text::{Fields, Level};
pub use quern_walk::{Cancel, IndexableFilter, TypeChange, WalkOptions, type_list};
pub use quern_watch::WatchOptions;
pub use query::{Batch, Cursor, DEFAULT_PATTERN_SIZE, DEFAULT_QUERY_MEMORY, GrepRequest, Wanted};
pub use search::{
    Explanation, Facet, FacetBy, FacetRequest, FacetValue, Gap, Interval, Phases, QueryMode, RankedCoverage,
    Scope as ClauseScope, SearchAnswer, SearchHit, SearchRequest, Snippet, SuggestAnswer, SuggestKind,
    SuggestRequest, Suggestion, Taken,
};
pub use stats::{BuildStats, IndexStats, Stages};
pub use watching::{Watch, WatchEvent};
