//! Asking runs.

mod advice;
mod best;
mod bits;
mod common;
mod corpus;
mod edits;
mod evaluate;
mod expand;
mod explain;
mod highlight;
mod leaf;
mod list;
mod phrase;
mod planner;
mod question;
mod ranking;
mod recorded;
mod rerank;
mod statistics;
mod suggest;

pub use advice::Advice;
pub use best::{Depth, Hit};
pub use corpus::{Corpus, LiveRun};
pub use evaluate::Hits;
pub use explain::{Step, StepKind};
pub use highlight::{Highlight, Highlighter};
pub use phrase::Borders;
pub use question::{DEFAULT_EXPANSIONS, Options, Question, Resolved};
pub use ranking::{FieldRanking, Ranking};
pub use rerank::{FileFacts, RERANKED};
pub use statistics::{AskedStatistics, Frequencies, Statistics};
pub use suggest::{Beginning, Bounds, DEFAULT_VISITS, Suggested, complete, corrections, near};
