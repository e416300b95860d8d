//! Building the gram index of one segment.
//!
//! Blocks come one by one: their grams are [extracted](crate::extract) and appended to streams, one for each
//! bucket of keys. At the end each bucket is inverted and encoded while it fits the cache, and written
//! from a small buffer, so that the memory of a build is what its streams take.

mod invert;
mod streams;
pub(crate) mod worth;

use std::io;

use crate::codec::Encoder;
use crate::directory::DirectoryWriter;
use crate::extract::Extractor;
use crate::planes::{BUCKET_KEYS, BUCKETS, Planes};
use crate::symbols::Gram;
use invert::Inverter;
use streams::Streams;
use worth::Worth;

/// Blocks a segment holds at most: block ids are `u16`.
pub const MAX_BLOCKS: usize = 1 << 16;

/// Bytes of encoded lists that are collected before they are written.
const WRITE: usize = 1 << 20;
/// Bytes that one list takes at most, rounded up.
const LIST: usize = 16 << 10;
/// Bytes set aside for the directory while it is collected.
const DIRECTORY: usize = 1 << 20;

/// Which grams a builder records, and how much memory it may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildOptions {
    /// Bytes that the builder may hold; default 32 MiB. See [`GramBuilder::is_full`].
    pub budget: usize,
    /// The grams to record beside the base grams; default all.
    pub planes: Planes,
}

impl Default for BuildOptions {
    fn default() -> BuildOptions {
        BuildOptions {
            budget: 32 << 20,
            planes: Planes::default(),
        }
    }
}

/// What [`GramBuilder::finish`] wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GramStats {
    /// Pairs of a gram and a block that holds it.
    pub postings: u64,
    /// Grams with at least one block.
    pub lists: u64,
    /// Bytes written to the postings.
    pub bytes: u64,
}

/// Collects the grams of blocks and writes them as a directory and postings.
pub struct GramBuilder {
    options: BuildOptions,
    extractor: Extractor,
    streams: Streams,
    inverter: Inverter,
    worth: Worth,
    directory: DirectoryWriter,
    encoded: Vec<u8>,
    blocks: usize,
    postings: u64,
}

impl GramBuilder {
    /// A builder without blocks.
    pub fn new(options: BuildOptions) -> GramBuilder {
        GramBuilder {
            extractor: Extractor::new(options.planes),
            streams: Streams::new(),
            inverter: Inverter::new(),
            worth: Worth::new(),
            directory: DirectoryWriter::new(),
            encoded: Vec::new(),
            blocks: 0,
            postings: 0,
            options,
        }
    }

    /// Adds the next block, whole lines of text, and returns its number of `\n`. Its id is the number of blocks
    /// added before.
    ///
    /// # Panics
    ///
    /// If the builder holds [`MAX_BLOCKS`] blocks.
    pub fn add_block(&mut self, text: &[u8]) -> u64 {
        assert!(
            self.blocks < MAX_BLOCKS,
            "a segment holds at most {MAX_BLOCKS} blocks"
        );
        let block = self.extractor.extract(text);
        self.postings += self.streams.push(&block) as u64;
        self.blocks += 1;
        block.newlines()
    }

    /// Keeps the first `blocks` blocks only. It may be called after [`GramBuilder::add_block`] panicked, whatever it was
    /// in the middle of: what the builder holds is sound again.
    pub fn truncate(&mut self, blocks: usize) {
        self.extractor = Extractor::new(self.options.planes);
        self.blocks = blocks.min(self.blocks);
        self.postings = self.streams.truncate(self.blocks) as u64;
    }

    /// Number of blocks added since the last [`GramBuilder::finish`].
    pub fn blocks(&self) -> usize {
        self.blocks
    }

    /// Bytes held, with buffers kept for reuse and with those that `finish` will need.
    pub fn memory(&self) -> usize {
        self.streams.memory() + self.memory_beside_streams()
    }

    /// Whether the segment should be finished before another block is added: one more may pass the budget or the
    /// number of blocks.
    pub fn is_full(&self) -> bool {
        let next = self.memory() + self.streams.growth();
        self.blocks == MAX_BLOCKS || (self.blocks > 0 && next > self.options.budget)
    }

    fn memory_beside_streams(&self) -> usize {
        self.extractor.memory()
            + self.inverter.memory(self.streams.largest())
            + self.worth.memory()
            + self.directory.memory().max(DIRECTORY)
            + self.encoded.capacity().max(WRITE + LIST)
    }

    /// Appends the directory to `directory`, writes the postings, and empties the builder, which keeps its buffers.
    /// After an error the builder is empty too.
    pub fn finish(&mut self, directory: &mut Vec<u8>, postings: &mut dyn io::Write) -> io::Result<GramStats> {
        self.encoded.reserve(self.streams.memory().min(WRITE + LIST));
        let written = (0..BUCKETS).try_for_each(|bucket| self.write_bucket(bucket, postings));
        let written = written.and_then(|()| postings.write_all(&self.encoded));
        let stats = GramStats {
            postings: self.postings,
            lists: self.directory.lists(),
            bytes: self.directory.postings(),
        };
        if written.is_ok() {
            self.directory.finish(self.blocks, self.options.planes, directory);
        }
        self.clear();
        written.map(|()| stats)
    }

    fn write_bucket(&mut self, bucket: usize, postings: &mut dyn io::Write) -> io::Result<()> {
        let encoder = Encoder::new(self.blocks);
        let (worth, directory, encoded) = (&mut self.worth, &mut self.directory, &mut self.encoded);
        self.inverter
            .invert(&self.streams.streams()[bucket], |key, blocks| {
                let gram = Gram((bucket * BUCKET_KEYS + key) as u32);
                let start = encoded.len();
                if worth.has_list(gram, blocks.len()) {
                    encoder.encode(blocks, encoded);
                }
                directory.add(gram.0, encoded.len() - start);
                if encoded.len() >= WRITE {
                    postings.write_all(encoded)?;
                    encoded.clear();
                }
                Ok(())
            })?;
        self.streams.clear(bucket);
        Ok(())
    }

    fn clear(&mut self) {
        for bucket in 0..BUCKETS {
            self.streams.clear(bucket);
        }
        self.worth.clear();
        self.directory.clear();
        self.encoded.clear();
        (self.blocks, self.postings) = (0, 0);
        self.streams
            .trim(self.options.budget.saturating_sub(self.memory_beside_streams()));
    }
}

#[cfg(test)]
mod tests;
