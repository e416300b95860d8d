//! The chunk table: where each chunk of a segment lies.
//!
//! A chunk is a passage of one file, the unit of ranked search. Five packed columns, about seven bytes a chunk. Chunks come
//! run by run, as the terms are cut; within a run the files ascend.

use std::ops::Range;

use crate::bundle;
use crate::bytes::Bytes;
use crate::column::{Column, ColumnBuilder};
use crate::format::Fields;

/// One chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkRecord {
    /// The file that it is a passage of.
    pub file: u32,
    /// Where it starts in the file's text, in bytes.
    pub offset: u64,
    /// Its bytes.
    pub length: u64,
    /// Its first line; the file's first line is 1.
    pub line: u64,
    /// Its words.
    pub words: u32,
}

/// Collects the chunks of a segment.
#[derive(Debug, Default)]
pub struct ChunkTableBuilder {
    len: u32,
    columns: [ColumnBuilder; 5],
}

impl ChunkTableBuilder {
    /// An empty builder.
    pub fn new() -> ChunkTableBuilder {
        ChunkTableBuilder::default()
    }

    /// Adds a chunk: they are numbered from 0.
    pub fn add(&mut self, chunk: &ChunkRecord) {
        let ChunkRecord {
            file,
            offset,
            length,
            line,
            words,
        } = *chunk;
        let values = [u64::from(file), offset, length, line, u64::from(words)];
        self.columns
            .iter_mut()
            .zip(values)
            .for_each(|(column, value)| column.push(value));
        self.len += 1;
    }

    /// Adds all chunks of another one behind its own.
    pub fn append(&mut self, mut other: ChunkTableBuilder) {
        let Some(other) = ChunkTable::parse(other.finish().into()) else {
            return;
        };
        (0..other.len()).for_each(|chunk| self.add(&other.get(chunk)));
    }

    /// Chunks added.
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Whether no chunk was added.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes held in memory.
    pub fn memory(&self) -> usize {
        self.columns.iter().map(ColumnBuilder::memory).sum()
    }

    /// The encoded table, which [`ChunkTable::parse`] reads; the builder is empty again.
    pub fn finish(&mut self) -> Vec<u8> {
        let head = self.len.to_le_bytes().to_vec();
        self.len = 0;
        let [files, offsets, lengths, lines, words] = self.columns.each_mut().map(ColumnBuilder::finish);
        bundle::join(&[head, files, offsets, lengths, lines, words])
    }
}

/// The chunks of a segment, by number.
///
/// Every function that takes a number panics if it is not below [`ChunkTable::len`], as indexing a slice does.
#[derive(Clone, Debug)]
pub struct ChunkTable {
    len: usize,
    columns: [Column; 5],
}

impl ChunkTable {
    /// The table that [`ChunkTableBuilder::finish`] encoded, or `None` if the bytes are not one.
    pub fn parse(bytes: Bytes) -> Option<ChunkTable> {
        let [head, files, offsets, lengths, lines, words] = bundle::split(&bytes)?;
        let len = Fields::new(&head).u32()? as usize;
        let column = |bytes| Column::parse(bytes, len);
        Some(ChunkTable {
            len,
            columns: [
                column(files)?,
                column(offsets)?,
                column(lengths)?,
                column(lines)?,
                column(words)?,
            ],
        })
    }

    /// How many chunks there are.
    pub fn len(&self) -> u32 {
        self.len as u32
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The chunk with a number.
    pub fn get(&self, chunk: u32) -> ChunkRecord {
        let [file, offset, length, line, words] =
            self.columns.each_ref().map(|column| column.get(chunk as usize));
        ChunkRecord {
            file: file as u32,
            offset,
            length,
            line,
            words: words as u32,
        }
    }

    /// The file that a chunk is a passage of.
    pub fn file(&self, chunk: u32) -> u32 {
        self.columns[0].get(chunk as usize) as u32
    }

    /// The chunks of a file among those of a run.
    pub fn of_file(&self, run: Range<u32>, file: u32) -> Range<u32> {
        let first = |is_before: &dyn Fn(u32) -> bool| {
            let (mut low, mut high) = (run.start, run.end);
            while low < high {
                let middle = low.midpoint(high);
                if is_before(self.file(middle)) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            low
        };
        first(&|other| other < file)..first(&|other| other <= file)
    }
}
