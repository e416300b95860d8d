//! The chunk table: where each chunk of a segment lies.
//!
//! A chunk is a passage of one file, or a record of a log: the unit of ranked search. Eight packed columns, about eleven bytes
//! a chunk, for records about nine. Chunks come run by run, as the terms are cut; within a run the files ascend.

use std::ops::{Range, RangeInclusive};

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
    /// When it was logged, in milliseconds since 1970: of the year 0 or later, else it is not kept.
    pub time: Option<i64>,
    /// The number of its level, the more serious the higher, below 64; 0: none.
    pub level: u8,
    /// What it is.
    pub kind: ChunkKind,
    /// What its words begin and end with, as the terms have it; 0: not known.
    pub edges: u32,
}

/// What a chunk is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChunkKind {
    /// A passage of a text that is no log.
    #[default]
    Passage,
    /// A record of a log, at least its first lines.
    Record,
    /// Lines of a log that go on with the record of a chunk before, whose time and level they have. Not counted as a record.
    Continuation,
}

impl ChunkKind {
    fn from_number(number: u64) -> ChunkKind {
        match number {
            1 => ChunkKind::Record,
            2 => ChunkKind::Continuation,
            _ => ChunkKind::Passage,
        }
    }
}

/// The columns, by number.
const FILE: usize = 0;
const LINE: usize = 3;
const TIME: usize = 5;
const TRAITS: usize = 6;
const EDGES: usize = 7;
const COLUMNS: usize = 8;

/// Bits of the traits below the level.
const KIND: u32 = 2;

/// Milliseconds of the year 0, so that no time is below 1; 0 stands for none.
const EPOCH: i64 = 62_167_219_200_001;

fn time_to_number(time: Option<i64>) -> u64 {
    let number = time.and_then(|time| u64::try_from(time.saturating_add(EPOCH)).ok());
    number.unwrap_or(0)
}

/// Collects the chunks of a segment.
#[derive(Debug, Default)]
pub struct ChunkTableBuilder {
    len: u32,
    columns: [ColumnBuilder; COLUMNS],
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
            time,
            level,
            kind,
            edges,
        } = *chunk;
        let values = [
            u64::from(file),
            offset,
            length,
            line,
            u64::from(words),
            time_to_number(time),
            u64::from(level) << KIND | kind as u64,
            u64::from(edges),
        ];
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
        let mut sections = vec![head];
        sections.extend(self.columns.iter_mut().map(ColumnBuilder::finish));
        bundle::join(&sections)
    }
}

/// The chunks of a segment, by number.
///
/// Every function that takes a number panics if it is not below [`ChunkTable::len`], as indexing a slice does.
#[derive(Clone, Debug)]
pub struct ChunkTable {
    len: usize,
    columns: [Column; COLUMNS],
}

impl ChunkTable {
    /// The table that [`ChunkTableBuilder::finish`] encoded, or `None` if the bytes are not one.
    pub fn parse(bytes: Bytes) -> Option<ChunkTable> {
        let [head, columns @ ..]: [Bytes; COLUMNS + 1] = bundle::split(&bytes)?;
        let len = Fields::new(&head).u32()? as usize;
        let mut parsed = Vec::with_capacity(COLUMNS);
        for column in columns {
            parsed.push(Column::parse(column, len)?);
        }
        Some(ChunkTable {
            len,
            columns: parsed.try_into().ok()?,
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
        let [file, offset, length, line, words, _, _, edges] =
            self.columns.each_ref().map(|column| column.get(chunk as usize));
        ChunkRecord {
            file: file as u32,
            offset,
            length,
            line,
            words: words as u32,
            time: self.time(chunk),
            level: self.level(chunk),
            kind: self.kind(chunk),
            edges: edges as u32,
        }
    }

    /// The file that a chunk is a passage of.
    pub fn file(&self, chunk: u32) -> u32 {
        self.columns[FILE].get(chunk as usize) as u32
    }

    /// When a chunk was logged, in milliseconds since 1970.
    pub fn time(&self, chunk: u32) -> Option<i64> {
        match self.columns[TIME].get(chunk as usize) {
            0 => None,
            number => Some((number as i64).wrapping_sub(EPOCH)),
        }
    }

    /// The number of a chunk's level; 0: none.
    pub fn level(&self, chunk: u32) -> u8 {
        (self.columns[TRAITS].get(chunk as usize) >> KIND) as u8
    }

    /// What a chunk's words begin and end with.
    pub fn edges(&self, chunk: u32) -> u32 {
        self.columns[EDGES].get(chunk as usize) as u32
    }

    /// What a chunk is.
    pub fn kind(&self, chunk: u32) -> ChunkKind {
        ChunkKind::from_number(self.columns[TRAITS].get(chunk as usize) & ((1 << KIND) - 1))
    }

    /// Hands over the chunks of a run that were logged in a span of time (milliseconds since 1970), as ascending ranges. Where
    /// times ascend, as they do in most logs, next to nothing but those is looked at.
    pub fn logged(&self, run: Range<u32>, times: Range<i64>, each: impl FnMut(Range<u32>)) {
        let (first, end) = (times.start.max(1 - EPOCH), times.end);
        if first < end {
            let last = time_to_number(Some(end - 1));
            self.find(TIME, run, time_to_number(Some(first))..=last, each);
        }
    }

    /// The same for the chunks with these levels, by their numbers, which begin with 1.
    pub fn at_levels(&self, run: Range<u32>, levels: RangeInclusive<u8>, each: impl FnMut(Range<u32>)) {
        let [first, end] = [u64::from((*levels.start()).max(1)), u64::from(*levels.end()) + 1];
        self.find(TRAITS, run, first << KIND..=(end << KIND) - 1, each);
    }

    fn find(
        &self,
        column: usize,
        run: Range<u32>,
        values: RangeInclusive<u64>,
        mut each: impl FnMut(Range<u32>),
    ) {
        let run = run.start as usize..run.end as usize;
        self.columns[column].find(run, values, |found| each(found.start as u32..found.end as u32));
    }

    /// The chunks of a file among those of a run.
    pub fn of_file(&self, run: Range<u32>, file: u32) -> Range<u32> {
        let file = u64::from(file);
        let first = self.columns[FILE].partition_point(run.clone(), |other| other < file);
        first..self.columns[FILE].partition_point(first..run.end.max(first), |other| other <= file)
    }

    /// The last of some chunks of one file that begins no later than a line, from 1.
    pub fn at_line(&self, chunks: Range<u32>, line: u64) -> Option<u32> {
        let behind = self.columns[LINE].partition_point(chunks.clone(), |first| first <= line);
        behind.checked_sub(1).filter(|chunk| chunks.contains(chunk))
    }
}
