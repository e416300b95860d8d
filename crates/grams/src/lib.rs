//! The gram index: which blocks of a segment can hold a match of a pattern.

pub mod build;
mod codec;
mod directory;
mod error;
pub mod extract;
pub mod merge;
pub mod plan;
mod planes;
pub mod query;
pub mod read;
pub mod symbols;
#[cfg(test)]
mod testing;

pub use build::{BuildOptions, GramBuilder, GramStats, MAX_BLOCKS};
pub use error::{CorruptPage, Error, ErrorKind};
pub use extract::{BlockGrams, Extractor, Kernel};
pub use merge::{MergeError, MergeInput, merge};
pub use planes::Planes;
pub use query::Query;
pub use read::{Blocks, CostModel, Grams, PostingBytes};
