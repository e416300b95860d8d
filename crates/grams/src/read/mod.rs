//! Answering a [`Query`] from the gram index of one segment.
//!
//! A query is first resolved: every gram becomes its posting list, whose length is known before it is decoded, and
//! what cannot matter falls away. Then it is evaluated, rarest part first. A part is left out where
//! reading its lists costs more than the verification that it could save: any superset of the true blocks is a
//! right answer, since candidates are verified.

mod evaluate;
mod resolve;

#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::codec::List;
use crate::directory::Directory;
use crate::symbols::Gram;
use crate::{CorruptPage, Error, Query};

/// Where postings come from: memory, or a mapped file whose pages are checked on first touch.
pub trait PostingBytes {
    /// The bytes at `range`, relative to the start of the postings.
    fn bytes(&self, range: Range<u64>) -> Result<&[u8], CorruptPage>;
}

/// Postings in memory, counted as pages of 64 KiB.
impl PostingBytes for Vec<u8> {
    fn bytes(&self, range: Range<u64>) -> Result<&[u8], CorruptPage> {
        let outside = CorruptPage {
            page: range.start >> 16,
        };
        let ends = usize::try_from(range.start)
            .ok()
            .zip(usize::try_from(range.end).ok());
        ends.and_then(|(start, end)| self.get(start..end)).ok_or(outside)
    }
}

/// What it costs to decode postings and to verify blocks: decides when to stop reading lists.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CostModel {
    /// Nanoseconds to search one candidate block for the pattern; default 3,000, a cached block and a literal.
    /// Infinite forces the smallest set of candidates.
    pub verify_ns_per_block: f64,
    /// Nanoseconds to decode one posting; default 1.6.
    pub decode_ns_per_posting: f64,
}

impl Default for CostModel {
    fn default() -> CostModel {
        CostModel {
            verify_ns_per_block: 3000.0,
            decode_ns_per_posting: 1.6,
        }
    }
}

/// A set of blocks of one segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blocks {
    /// Every block.
    All,
    /// These block ids, ascending.
    Ids(Vec<u32>),
}

/// The gram index of one segment, as its bytes.
pub struct Grams<'a> {
    directory: Directory<'a>,
    postings: &'a dyn PostingBytes,
}

impl<'a> Grams<'a> {
    /// Reads the directory that [`crate::GramBuilder::finish`] wrote.
    ///
    /// # Errors
    ///
    /// If the bytes are not a whole directory, or of a format that this version does not read.
    pub fn open(directory: &'a [u8], postings: &'a dyn PostingBytes) -> Result<Grams<'a>, Error> {
        Ok(Grams {
            directory: Directory::parse(directory)?,
            postings,
        })
    }

    /// Number of blocks of the segment.
    pub fn blocks(&self) -> u32 {
        self.directory.blocks()
    }

    /// The blocks that may satisfy `query`: a superset of those that do.
    ///
    /// # Errors
    ///
    /// If what is read of the index is corrupt.
    pub fn candidates(&self, query: &Query, cost: &CostModel) -> Result<Blocks, Error> {
        let part = resolve::resolve(self, query)?;
        evaluate::Evaluation::new(self.blocks(), cost).blocks(&part)
    }

    /// The directory.
    pub(crate) fn directory(&self) -> &Directory<'a> {
        &self.directory
    }

    /// The list of `gram` in `range` of the postings, or of its base gram if that stands for it.
    pub(crate) fn list_at(&self, gram: Gram, range: Range<u64>) -> Result<List<'_>, Error> {
        let range = match gram.folded() {
            Some(base) if range.is_empty() => self.directory.find(base)?.ok_or(Error::corrupt(
                "a capital gram has neither a list nor a base gram",
            ))?,
            _ => range,
        };
        List::parse(self.postings.bytes(range)?, self.blocks())
    }

    /// The list of a gram, or the one that stands for it; none if no block holds it.
    fn list(&self, gram: Gram) -> Result<Option<List<'_>>, Error> {
        let range = self.directory.find(gram)?;
        range.map(|range| self.list_at(gram, range)).transpose()
    }
}
