//! The grams of many blocks, waiting to be inverted.
//!
//! A builder sees blocks one by one and must write lists gram by gram. Holding (gram, block) pairs would take at
//! least four bytes each; instead each of the 96 buckets of keys has a stream of *runs*, one a block: a count and
//! the block's keys in that bucket, 12 bits of a `u16` each. Block ids are implicit, so a posting takes two bytes.
//! The streams are short enough in number that their ends stay in the L2 cache.

use crate::extract::BlockGrams;
use crate::planes::{BUCKET_KEYS, BUCKETS};

/// Entries of a chunk: a run of any length fits.
const CHUNK: usize = 8192;

const _: () = assert!(CHUNK > BUCKET_KEYS);

/// One stream for each bucket, in chunks that are reused.
pub(super) struct Streams {
    streams: Vec<Stream>,
    spare: Vec<Vec<u16>>,
    chunks: usize,
}

/// The runs of one bucket.
#[derive(Default)]
pub(super) struct Stream {
    chunks: Vec<Vec<u16>>,
    postings: usize,
}

impl Streams {
    pub(super) fn new() -> Streams {
        let streams = (0..BUCKETS).map(|_| Stream::default()).collect();
        Streams {
            streams,
            spare: Vec::new(),
            chunks: 0,
        }
    }

    /// Appends a run to every stream; returns the number of postings.
    pub(super) fn push(&mut self, block: &BlockGrams<'_>) -> usize {
        let mut postings = 0;
        for (bucket, stream) in self.streams.iter_mut().enumerate() {
            let keys = block.bucket(bucket);
            let full = |chunk: &Vec<u16>| chunk.len() + keys.len() >= CHUNK;
            if stream.chunks.last().is_none_or(full) {
                let chunk = self.spare.pop().unwrap_or_else(|| {
                    self.chunks += 1;
                    Vec::with_capacity(CHUNK)
                });
                stream.chunks.push(chunk);
            }
            let last = stream.chunks.len() - 1;
            let chunk = &mut stream.chunks[last];
            chunk.push(keys.len() as u16);
            chunk.extend_from_slice(keys);
            stream.postings += keys.len();
            postings += keys.len();
        }
        postings
    }

    /// What [`Streams::push`] leaves behind if it is ended in the middle: whole runs in the first `whole` streams, and a run
    /// without its last key in the next.
    #[cfg(test)]
    pub(super) fn push_half(&mut self, block: &BlockGrams<'_>, whole: usize) {
        let lengths: Vec<usize> = self.streams.iter().map(Stream::length).collect();
        self.push(block);
        for (bucket, (stream, before)) in self.streams.iter_mut().zip(lengths).enumerate().skip(whole) {
            let Some(chunk) = stream.chunks.last_mut() else {
                continue;
            };
            let run = block.bucket(bucket).len() + 1;
            chunk.truncate(chunk.len() - if bucket == whole { 1 } else { run });
            assert!(bucket == whole || stream.length() == before);
        }
    }

    /// Keeps the first `runs` runs of every stream, of which some may have more, and the last of them be cut short;
    /// returns the number of postings that are left.
    pub(super) fn truncate(&mut self, runs: usize) -> usize {
        let mut postings = 0;
        for stream in &mut self.streams {
            stream.truncate(runs, &mut self.spare);
            postings += stream.postings;
        }
        postings
    }

    /// The streams, ascending by bucket.
    pub(super) fn streams(&self) -> &[Stream] {
        &self.streams
    }

    /// Empties a stream and keeps its chunks for reuse.
    pub(super) fn clear(&mut self, bucket: usize) {
        let stream = &mut self.streams[bucket];
        stream.postings = 0;
        for mut chunk in stream.chunks.drain(..) {
            chunk.clear();
            self.spare.push(chunk);
        }
    }

    /// Postings of the largest stream.
    pub(super) fn largest(&self) -> usize {
        self.streams
            .iter()
            .map(|stream| stream.postings)
            .max()
            .unwrap_or(0)
    }

    /// Bytes of all chunks, reused or not.
    pub(super) fn memory(&self) -> usize {
        self.chunks * CHUNK * size_of::<u16>()
    }

    /// Drops spare chunks until all take at most `memory` bytes, as far as there are any.
    pub(super) fn trim(&mut self, memory: usize) {
        while self.memory() > memory && self.spare.pop().is_some() {
            self.chunks -= 1;
        }
    }

    /// Bytes that are not held yet but may be after one more block.
    pub(super) fn growth(&self) -> usize {
        BUCKETS.saturating_sub(self.spare.len()) * CHUNK * size_of::<u16>()
    }
}

impl Stream {
    /// The keys of each block in turn, relative to the bucket's first.
    pub(super) fn runs(&self) -> impl Iterator<Item = &[u16]> {
        self.chunks.iter().flat_map(|chunk| {
            let mut rest = &chunk[..];
            std::iter::from_fn(move || {
                let (&count, after) = rest.split_first()?;
                let (run, after) = after.split_at(count as usize);
                rest = after;
                Some(run)
            })
        })
    }

    fn truncate(&mut self, mut runs: usize, spare: &mut Vec<Vec<u16>>) {
        self.postings = 0;
        self.chunks.retain_mut(|chunk| {
            let mut end = 0;
            while runs > 0 && end < chunk.len() {
                let keys = usize::from(chunk[end]);
                self.postings += keys;
                end += 1 + keys;
                runs -= 1;
            }
            chunk.truncate(end);
            if chunk.is_empty() {
                spare.push(std::mem::take(chunk));
            }
            end > 0
        });
    }

    #[cfg(test)]
    fn length(&self) -> usize {
        self.chunks.iter().map(Vec::len).sum()
    }

    /// Number of keys in all runs.
    pub(super) fn postings(&self) -> usize {
        self.postings
    }
}
