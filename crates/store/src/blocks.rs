//! The block table: where each block of a segment lies.
//!
//! A block is a run of whole lines of one file, the unit that the gram index points at. Four packed columns, about
//! eight bytes a block.

use std::ops::Range;

use crate::bundle;
use crate::bytes::Bytes;
use crate::column::{Column, ColumnBuilder};
use crate::format::Fields;

/// Collects the blocks of a segment. Its buffers are kept from one segment to the next.
#[derive(Debug, Default)]
pub struct BlockTableBuilder {
    len: u32,
    text_bytes: u64,
    files: ColumnBuilder,
    offsets: ColumnBuilder,
    lengths: ColumnBuilder,
    first_lines: ColumnBuilder,
}

impl BlockTableBuilder {
    /// An empty builder.
    pub fn new() -> BlockTableBuilder {
        BlockTableBuilder::default()
    }

    /// Adds the block of `file` that has the bytes `range` of it and starts with line `first_line` (the file's first
    /// line is 1, or 0, as the caller counts), and gives the block's id: 0 for the first, then 1, ...
    pub fn add(&mut self, file: u32, range: Range<u64>, first_line: u64) -> u32 {
        let length = range.end.saturating_sub(range.start);
        self.files.push(u64::from(file));
        self.offsets.push(range.start);
        self.lengths.push(length);
        self.first_lines.push(first_line);
        self.text_bytes += length;
        self.len += 1;
        self.len - 1
    }

    /// Blocks added.
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Whether no block was added.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes of text in the blocks added.
    pub fn text_bytes(&self) -> u64 {
        self.text_bytes
    }

    /// Bytes held in memory.
    pub fn memory(&self) -> usize {
        let columns = [&self.files, &self.offsets, &self.lengths, &self.first_lines];
        columns.into_iter().map(ColumnBuilder::memory).sum()
    }

    /// The encoded table, which [`BlockTable::parse`] reads; the builder is empty again.
    pub fn finish(&mut self) -> Vec<u8> {
        let head = self.len.to_le_bytes().to_vec();
        (self.len, self.text_bytes) = (0, 0);
        let columns = [
            &mut self.files,
            &mut self.offsets,
            &mut self.lengths,
            &mut self.first_lines,
        ];
        let [files, offsets, lengths, first_lines] = columns.map(ColumnBuilder::finish);
        bundle::join(&[head, files, offsets, lengths, first_lines])
    }
}

/// The blocks of a segment, by id: 0 up to the number of blocks.
///
/// Every function that takes an id panics if it is not below [`BlockTable::len`], as indexing a slice does.
#[derive(Clone, Debug)]
pub struct BlockTable {
    len: usize,
    files: Column,
    offsets: Column,
    lengths: Column,
    first_lines: Column,
}

impl BlockTable {
    /// The table that [`BlockTableBuilder::finish`] encoded, or `None` if the bytes are not one.
    pub fn parse(bytes: Bytes) -> Option<BlockTable> {
        let [head, files, offsets, lengths, first_lines] = bundle::split(&bytes)?;
        let len = Fields::new(&head).u32()? as usize;
        Some(BlockTable {
            len,
            files: Column::parse(files, len)?,
            offsets: Column::parse(offsets, len)?,
            lengths: Column::parse(lengths, len)?,
            first_lines: Column::parse(first_lines, len)?,
        })
    }

    /// How many blocks there are.
    pub fn len(&self) -> u32 {
        self.len as u32
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The file that the block is a part of.
    pub fn file(&self, block: u32) -> u32 {
        self.files.get(block as usize) as u32
    }

    /// Where in the file the block starts, in bytes.
    pub fn offset(&self, block: u32) -> u64 {
        self.offsets.get(block as usize)
    }

    /// Where in the file the block ends, in bytes.
    pub fn end(&self, block: u32) -> u64 {
        self.offset(block)
            .saturating_add(self.lengths.get(block as usize))
    }

    /// The number of its first line, as it was given when it was added.
    pub fn first_line(&self, block: u32) -> u64 {
        self.first_lines.get(block as usize)
    }

    /// Those of some neighbouring blocks of one file that have a part of these bytes of it.
    pub fn with_part_of(&self, blocks: Range<u32>, bytes: Range<u64>) -> Range<u32> {
        let before = |place: u64| {
            self.offsets
                .partition_point(blocks.clone(), |offset| offset < place)
        };
        let first = before(bytes.start + 1).saturating_sub(1).max(blocks.start);
        first..before(bytes.end).max(first)
    }
}
