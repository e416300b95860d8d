//! From a path to its file, by hash.
//!
//! Entries are sorted by the 64-bit hash (XXH3) of the path and cut into buckets by its upper bits, four entries a
//! bucket on average. An entry is a file id and eight more bits of the hash, so that a path which is not there is
//! compared with another one in 256 cases only. About four bytes a file.

use std::ops::Range;

use xxhash_rust::xxh3::xxh3_64;

use crate::bytes::Bytes;
use crate::column::{Column, ColumnBuilder};

/// Entries in a bucket, on average.
const BUCKET: usize = 4;

#[derive(Debug, Default)]
pub(super) struct LookupBuilder {
    entries: Vec<(u64, u32)>,
    starts: ColumnBuilder,
    ids: ColumnBuilder,
}

impl LookupBuilder {
    pub(super) fn push(&mut self, path: &[u8], id: u32) {
        self.entries.push((xxh3_64(path), id));
    }

    pub(super) fn memory(&self) -> usize {
        self.entries.capacity() * size_of::<(u64, u32)>() + self.starts.memory() + self.ids.memory()
    }

    /// The buckets' starts and the entries; the builder is empty again.
    pub(super) fn finish(&mut self) -> [Vec<u8>; 2] {
        self.entries.sort_unstable();
        let bits = bucket_bits(self.entries.len());
        let mut next = 0;
        for bucket in 0..1usize << bits {
            self.starts.push(next as u64);
            next += self.entries[next..]
                .iter()
                .take_while(|(hash, _)| bucket_of(*hash, bits) == bucket)
                .count();
        }
        self.starts.push(next as u64);
        for (hash, id) in self.entries.drain(..) {
            self.ids.push(u64::from(id) << 8 | u64::from(fingerprint(hash)));
        }
        [self.starts.finish(), self.ids.finish()]
    }
}

#[derive(Clone, Debug)]
pub(super) struct Lookup {
    starts: Column,
    ids: Column,
    bits: u32,
    len: usize,
}

impl Lookup {
    pub(super) fn parse(starts: Bytes, ids: Bytes, len: usize) -> Option<Lookup> {
        let bits = bucket_bits(len);
        let starts = Column::parse(starts, (1 << bits) + 1)?;
        Some(Lookup {
            starts,
            ids: Column::parse(ids, len)?,
            bits,
            len,
        })
    }

    /// The ids that may have this path, in ascending order; each must be compared.
    pub(super) fn candidates(&self, path: &[u8]) -> impl Iterator<Item = u32> + '_ {
        let hash = xxh3_64(path);
        let entries = self
            .bucket(bucket_of(hash, self.bits))
            .map(|entry| self.ids.get(entry));
        entries
            .filter(move |entry| *entry as u8 == fingerprint(hash))
            .map(|entry| (entry >> 8) as u32)
    }

    fn bucket(&self, bucket: usize) -> Range<usize> {
        let end = (self.starts.get(bucket + 1) as usize).min(self.len);
        (self.starts.get(bucket) as usize).min(end)..end
    }
}

/// How many upper bits of a hash choose the bucket.
fn bucket_bits(len: usize) -> u32 {
    (len / BUCKET).max(1).next_power_of_two().ilog2()
}

fn bucket_of(hash: u64, bits: u32) -> usize {
    hash.checked_shr(u64::BITS - bits).unwrap_or(0) as usize
}

fn fingerprint(hash: u64) -> u8 {
    hash as u8
}
