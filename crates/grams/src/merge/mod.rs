//! Joining the gram indexes of several segments into one, without their text.
//!
//! The lists of all inputs are walked in the order of their keys. Those of one key are decoded, blocks that are not
//! kept are left out, the others get their new ids, and the whole is encoded as a builder would. One key is at work at a
//! time: a merge holds the ids of one list, a new id for each block of the inputs, and what a builder holds to write.
//!
//! The result is what a builder gives for the same blocks, with one exception: an input may have left out the list of a
//! capital gram (`build/worth.rs`), and then the list of its base gram counts. The list that is written has
//! every block that holds the capital gram, and may have others that hold the base gram.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fmt;
use std::io;
use std::ops::Range;

use crate::build::worth::Worth;
use crate::codec::Encoder;
use crate::directory::{DirectoryWriter, Lists};
use crate::symbols::Gram;
use crate::{Error, GramStats, Grams, MAX_BLOCKS, Planes};

/// Bytes of encoded lists that are collected before they are written.
const WRITE: usize = 1 << 20;
/// The new id of a block that is not kept.
const DROPPED: u32 = u32::MAX;

/// A gram index to be merged, and which of its blocks.
#[derive(Clone, Copy)]
pub struct MergeInput<'a> {
    /// The index.
    pub grams: &'a Grams<'a>,
    /// The blocks to keep: ranges of ids, ascending, apart from each other.
    pub kept: &'a [Range<u32>],
}

/// Why a merge failed.
#[derive(Debug)]
pub enum MergeError {
    /// What was read of an input is corrupt.
    Input {
        /// Which input, from 0.
        input: usize,
        /// What is wrong with it.
        error: Error,
    },
    /// The postings could not be written.
    Write(io::Error),
}

/// Appends to `directory` and writes to `postings` the index of the kept blocks of all inputs, in order, numbered from 0.
/// It has the planes that every input has. After an error `directory` is as it was.
///
/// # Errors
///
/// A corrupt input, or a failed write.
///
/// # Panics
///
/// If more than [`MAX_BLOCKS`] blocks are kept, or ranges do not ascend or pass the blocks of their input.
pub fn merge(
    inputs: &[MergeInput<'_>],
    directory: &mut Vec<u8>,
    postings: &mut dyn io::Write,
) -> Result<GramStats, MergeError> {
    let (mut sources, blocks) = sources(inputs);
    let planes = inputs.iter().fold(Planes::default(), |planes, input| {
        let other = input.grams.directory().planes();
        Planes {
            capitals: planes.capitals && other.capitals,
            high: planes.high && other.high,
        }
    });
    let mut output = Output::new(blocks, postings);
    let mut next = BinaryHeap::with_capacity(sources.len());
    for (number, source) in sources.iter_mut().enumerate() {
        next.extend(source.advance(number)?.map(|key| Reverse((key, number))));
    }
    let mut ids = Vec::new();
    while let Some(&Reverse((key, _))) = next.peek() {
        ids.clear();
        while let Some(top) = next.peek_mut().filter(|top| top.0.0 == key) {
            let number = top.0.1;
            let source = &mut sources[number];
            if planes.record(Gram(key)) {
                source
                    .append(Gram(key), &mut ids)
                    .map_err(|error| MergeError::Input { input: number, error })?;
            }
            match source.advance(number)? {
                Some(key) => replace(top, Reverse((key, number))),
                None => drop(PeekMut::pop(top)),
            }
        }
        if !ids.is_empty() {
            output.add(Gram(key), &ids).map_err(MergeError::Write)?;
        }
    }
    output.finish(planes, directory).map_err(MergeError::Write)
}

fn replace<T: Ord>(mut top: PeekMut<'_, T>, next: T) {
    *top = next;
}

/// An input being walked.
struct Source<'a> {
    grams: &'a Grams<'a>,
    lists: Lists<'a>,
    /// Where the list of the gram at work lies.
    range: Range<u64>,
    /// The new id of each block.
    places: Vec<u32>,
    decoded: Vec<u32>,
}

/// The inputs at their beginnings, and the number of blocks kept.
fn sources<'a>(inputs: &[MergeInput<'a>]) -> (Vec<Source<'a>>, usize) {
    let mut blocks = 0;
    let source = |input: &MergeInput<'a>| {
        let mut places = vec![DROPPED; input.grams.blocks() as usize];
        let mut end = 0;
        for kept in input.kept {
            assert!(
                end <= kept.start && kept.start <= kept.end && kept.end as usize <= places.len(),
                "ranges of blocks ascend and are the input's"
            );
            for place in &mut places[kept.start as usize..kept.end as usize] {
                *place = blocks;
                blocks += 1;
            }
            end = kept.end;
        }
        Source {
            grams: input.grams,
            lists: input.grams.directory().lists(),
            range: 0..0,
            places,
            decoded: Vec::new(),
        }
    };
    let sources = inputs.iter().map(source).collect();
    assert!(
        blocks as usize <= MAX_BLOCKS,
        "a segment holds at most {MAX_BLOCKS} blocks"
    );
    (sources, blocks as usize)
}

impl Source<'_> {
    /// Goes to the next list and gives its key. `number` is the input's.
    fn advance(&mut self, number: usize) -> Result<Option<u32>, MergeError> {
        let next = self.lists.next().transpose();
        let next = next.map_err(|error| MergeError::Input { input: number, error })?;
        Ok(next.map(|(gram, range)| {
            self.range = range;
            gram.0
        }))
    }

    /// Appends the new ids of the kept blocks in the list at work, which is that of `gram`.
    fn append(&mut self, gram: Gram, ids: &mut Vec<u16>) -> Result<(), Error> {
        self.decoded.clear();
        let list = self.grams.list_at(gram, self.range.clone())?;
        list.decode(&mut self.decoded)?;
        for &id in &self.decoded {
            match self.places.get(id as usize) {
                Some(&DROPPED) => {}
                Some(&place) => ids.push(place as u16),
                None => return Err(Error::corrupt("a posting passes the last block")),
            }
        }
        Ok(())
    }
}

/// The index being written.
struct Output<'a> {
    postings: &'a mut dyn io::Write,
    blocks: usize,
    encoder: Encoder,
    worth: Worth,
    directory: DirectoryWriter,
    encoded: Vec<u8>,
    pairs: u64,
}

impl<'a> Output<'a> {
    fn new(blocks: usize, postings: &'a mut dyn io::Write) -> Output<'a> {
        Output {
            postings,
            blocks,
            encoder: Encoder::new(blocks),
            worth: Worth::new(),
            directory: DirectoryWriter::new(),
            encoded: Vec::new(),
            pairs: 0,
        }
    }

    fn add(&mut self, gram: Gram, ids: &[u16]) -> io::Result<()> {
        let start = self.encoded.len();
        if self.worth.has_list(gram, ids.len()) {
            self.encoder.encode(ids, &mut self.encoded);
        }
        self.directory.add(gram.0, self.encoded.len() - start);
        self.pairs += ids.len() as u64;
        if self.encoded.len() >= WRITE {
            self.postings.write_all(&self.encoded)?;
            self.encoded.clear();
        }
        Ok(())
    }

    fn finish(mut self, planes: Planes, directory: &mut Vec<u8>) -> io::Result<GramStats> {
        self.postings.write_all(&self.encoded)?;
        let stats = GramStats {
            postings: self.pairs,
            lists: self.directory.lists(),
            bytes: self.directory.postings(),
        };
        self.directory.finish(self.blocks, planes, directory);
        Ok(stats)
    }
}

impl fmt::Display for MergeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MergeError::Input { input, error } => write!(f, "input {input} of a merge: {error}"),
            MergeError::Write(error) => write!(f, "the postings could not be written: {error}"),
        }
    }
}

impl std::error::Error for MergeError {}

#[cfg(test)]
mod tests;
