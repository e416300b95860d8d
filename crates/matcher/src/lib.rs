//! Verification: which lines of a text match, exactly as ripgrep says.
//!
//! The gram index only names places where a match is possible; this crate looks. It is a thin layer over ripgrep's own
//! crates, so that exactness is inherited, not imitated: [`Pattern`] holds a `grep_regex::RegexMatcher` built as
//! ripgrep builds it, [`Searchers`] holds `grep_searcher::Searcher`s configured as ripgrep configures them, and the
//! [`Collector`] reports what `rg --json` would, but into flat [`Columns`].
//!
//! A text is searched in one of two ways. [`Searchers::reader`] and [`Searchers::file`] take a whole file and honour
//! every option. [`Searchers::block`] takes whole lines out of the middle of a file; it may be used where
//! [`Pattern::by_block`] agrees, and then gives the same rows.

mod cache;
mod collector;
mod columns;
mod counters;
mod error;
mod options;
mod parse;
mod pattern;
mod searchers;
mod spans;
mod strip;

pub use cache::PatternCache;
pub use collector::{Collector, Extras, Limits};
pub use columns::{Columns, Kind, Row};
pub use counters::{Counter, First};
pub use error::{Error, ErrorKind};
pub use options::{Binary, Case, EncodingChoice, PatternOptions, SearchOptions};
pub use pattern::Pattern;
pub use searchers::{Allowance, Place, RowSink, Searchers};
