//! Ranked terms: which chunks have which words, and how well they answer a question.
//!
//! A *run* indexes the chunks of some files: one segment of the library tantivy, of which only the writer of a single segment,
//! the merger and the readers of dictionaries and postings are used. What a question means, which chunks answer it and how
//! well is decided here, over all runs of an index together: a score depends neither on how chunks fell into runs nor on what
//! was deleted from them.

mod build;
mod edges;
mod error;
mod fields;
pub mod language;
mod merge;
mod names;
mod query;
mod recorded;
mod run;
mod stored;
mod weighted;
mod words;

pub use build::{ChunkText, RunBuilder};
pub use edges::Edges;
pub use error::Error;
pub use fields::Field;
pub use merge::{join, merge};
pub use query::{
    Advice, AskedStatistics, Beginning, Borders, Bounds, Corpus, DEFAULT_EXPANSIONS, DEFAULT_VISITS, Depth,
    FieldRanking, FileFacts, Frequencies, Highlight, Highlighter, Hit, Hits, LiveRun, Options, Question,
    RERANKED, Ranking, Resolved, Statistics, Step, StepKind, Suggested, complete, corrections, near,
};
pub use recorded::Number;
pub use run::{Lengths, Run};
pub use stored::{RunBytes, StoredRun};
pub use tantivy::directory::OwnedBytes as RunSlice;
pub use weighted::Dictionary;
pub use words::{MAX_WORD, Parts, Words, fold, parts, words};
