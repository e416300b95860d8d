//! Asking runs.

mod bits;
mod common;
mod corpus;
mod evaluate;
mod expand;
mod highlight;
mod leaf;
mod list;
mod phrase;
mod planner;
mod question;
mod ranking;
mod rerank;

pub use corpus::{Corpus, LiveRun};
pub use evaluate::{Hit, Hits};
pub use highlight::{Highlight, Highlighter};
pub use phrase::Borders;
pub use question::{DEFAULT_EXPANSIONS, Options, Question, Resolved};
pub use ranking::{FieldRanking, Ranking};
pub use rerank::RERANKED;
