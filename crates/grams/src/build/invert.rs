//! From the runs of a bucket to the blocks of each of its keys.

use std::io;

use super::streams::Stream;
use crate::planes::BUCKET_KEYS;

/// Postings below which sorting them is faster than counting through all keys of a bucket.
const FEW: usize = 2048;

/// The blocks of each key of one bucket; buffers are reused from bucket to bucket.
pub(super) struct Inverter {
    /// Where the blocks of each key end.
    ends: Box<[u32; BUCKET_KEYS]>,
    blocks: Vec<u16>,
    /// `key << 16 | block`.
    pairs: Vec<u32>,
}

impl Inverter {
    pub(super) fn new() -> Inverter {
        Inverter {
            ends: Box::new([0; BUCKET_KEYS]),
            blocks: Vec::new(),
            pairs: Vec::new(),
        }
    }

    /// Calls `each` with every key that has blocks, ascending, and its blocks, ascending.
    pub(super) fn invert(
        &mut self,
        stream: &Stream,
        each: impl FnMut(usize, &[u16]) -> io::Result<()>,
    ) -> io::Result<()> {
        if stream.postings() < FEW {
            self.by_sorting(stream, each)
        } else {
            self.by_counting(stream, each)
        }
    }

    /// Bytes held, or that inverting a stream of `postings` will need.
    pub(super) fn memory(&self, postings: usize) -> usize {
        size_of::<[u32; BUCKET_KEYS]>()
            + self.blocks.capacity().max(postings) * size_of::<u16>()
            + self.pairs.capacity() * size_of::<u32>()
    }

    pub(super) fn by_sorting(
        &mut self,
        stream: &Stream,
        mut each: impl FnMut(usize, &[u16]) -> io::Result<()>,
    ) -> io::Result<()> {
        self.pairs.clear();
        for (block, run) in stream.runs().enumerate() {
            self.pairs
                .extend(run.iter().map(|&key| (key as u32) << 16 | block as u32));
        }
        // Runs are sorted already, which the stable sort makes use of.
        self.pairs.sort();
        for same in self.pairs.chunk_by(|a, b| a >> 16 == b >> 16) {
            self.blocks.clear();
            self.blocks.extend(same.iter().map(|&pair| pair as u16));
            each(same[0] as usize >> 16, &self.blocks)?;
        }
        Ok(())
    }

    pub(super) fn by_counting(
        &mut self,
        stream: &Stream,
        mut each: impl FnMut(usize, &[u16]) -> io::Result<()>,
    ) -> io::Result<()> {
        self.count(stream);
        self.place(stream);
        let mut start = 0;
        for (key, &end) in self.ends.iter().enumerate() {
            if end as usize > start {
                each(key, &self.blocks[start..end as usize])?;
                start = end as usize;
            }
        }
        Ok(())
    }

    /// Sets `ends` to where the blocks of each key start.
    fn count(&mut self, stream: &Stream) {
        self.ends.fill(0);
        for run in stream.runs() {
            for &key in run {
                self.ends[key as usize % BUCKET_KEYS] += 1;
            }
        }
        let mut start = 0;
        for end in self.ends.iter_mut() {
            (*end, start) = (start, start + *end);
        }
    }

    /// Writes each block id where its key's blocks have come to; this moves `ends` from the starts to the ends.
    fn place(&mut self, stream: &Stream) {
        if self.blocks.len() < stream.postings() {
            self.blocks.clear();
            self.blocks.reserve_exact(stream.postings());
            self.blocks.resize(stream.postings(), 0);
        }
        for (block, run) in stream.runs().enumerate() {
            for &key in run {
                let end = &mut self.ends[key as usize % BUCKET_KEYS];
                self.blocks[*end as usize] = block as u16;
                *end += 1;
            }
        }
    }
}
