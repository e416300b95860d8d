//! Where the posting list of each gram lies.
//!
//! Keys come in *groups* of 64. A bitmap says which groups have a list at all, so that a segment of two files pays
//! about a kilobyte for the key space; each such group has a record of the keys present, where its first list
//! starts, and where the lengths of its lists start among all lengths. A length is a varint, mostly of one byte.
//! Looking up a gram reads one record and the lengths before its own, at most 63. A length of 0 is that of a capital gram
//! whose base gram's list stands for its own.
//!
//! Layout, little-endian:
//!
//! ```text
//! u32 magic, format, blocks, planes, groups, bytes of lengths; u64 bytes of postings
//! u64 x 96        bit g: group g has a record
//! record x groups u64 keys present, u32 start of the lists, u32 start of the lengths
//! u8 x bytes      lengths of the lists, ascending by key
//! ```
//!
//! Starts fit 32 bits: a list takes at most 8 KiB and a few bytes, so all of them less than 3.3 GB.

use std::ops::Range;

use crate::codec::{read_varint, write_varint};
use crate::symbols::{Gram, KEYS};
use crate::{Error, Planes};

const MAGIC: u32 = u32::from_le_bytes(*b"QGRM");
const FORMAT: u32 = 1;
const HEAD: usize = 32;
const GROUPS: usize = KEYS as usize / 64;
const GROUP_WORDS: usize = GROUPS / 64;
const RECORD: usize = 16;

/// Collects the lengths of lists, in ascending order of their keys.
pub(crate) struct DirectoryWriter {
    present: [u64; GROUP_WORDS],
    records: Vec<u8>,
    lengths: Vec<u8>,
    /// The group at work, its keys, and where its lists and lengths start.
    group: usize,
    keys: u64,
    start: (u32, u32),
    postings: u64,
    lists: u64,
}

impl DirectoryWriter {
    pub(crate) fn new() -> DirectoryWriter {
        DirectoryWriter {
            present: [0; GROUP_WORDS],
            records: Vec::new(),
            lengths: Vec::new(),
            group: 0,
            keys: 0,
            start: (0, 0),
            postings: 0,
            lists: 0,
        }
    }

    /// Notes that the list of `key`, larger than all before, has `length` bytes and follows the list before.
    pub(crate) fn add(&mut self, key: u32, length: usize) {
        let group = key as usize / 64;
        if group != self.group {
            self.end_group();
            self.group = group;
            self.start = (self.postings as u32, self.lengths.len() as u32);
        }
        self.keys |= 1 << (key % 64);
        write_varint(length as u32, &mut self.lengths);
        self.postings += length as u64;
        self.lists += 1;
    }

    /// Appends the directory to `out`; the writer is empty afterwards and keeps its buffers.
    pub(crate) fn finish(&mut self, blocks: usize, planes: Planes, out: &mut Vec<u8>) {
        self.end_group();
        let groups = (self.records.len() / RECORD) as u32;
        for number in [
            MAGIC,
            FORMAT,
            blocks as u32,
            planes.to_bits(),
            groups,
            self.lengths.len() as u32,
        ] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(&self.postings.to_le_bytes());
        for word in self.present {
            out.extend_from_slice(&word.to_le_bytes());
        }
        out.extend_from_slice(&self.records);
        out.extend_from_slice(&self.lengths);
        self.clear();
    }

    /// Forgets all lists.
    pub(crate) fn clear(&mut self) {
        self.records.clear();
        self.lengths.clear();
        self.present.fill(0);
        (self.group, self.keys, self.start) = (0, 0, (0, 0));
        (self.postings, self.lists) = (0, 0);
    }

    /// Bytes that the lists added so far take.
    pub(crate) fn postings(&self) -> u64 {
        self.postings
    }

    /// Number of lists added so far.
    pub(crate) fn lists(&self) -> u64 {
        self.lists
    }

    /// Bytes held.
    pub(crate) fn memory(&self) -> usize {
        size_of::<DirectoryWriter>() + self.records.capacity() + self.lengths.capacity()
    }

    fn end_group(&mut self) {
        if self.keys == 0 {
            return;
        }
        self.present[self.group / 64] |= 1 << (self.group % 64);
        self.records.extend_from_slice(&self.keys.to_le_bytes());
        self.records.extend_from_slice(&self.start.0.to_le_bytes());
        self.records.extend_from_slice(&self.start.1.to_le_bytes());
        self.keys = 0;
    }
}

/// A directory as its bytes.
pub(crate) struct Directory<'a> {
    blocks: u32,
    planes: Planes,
    postings: u64,
    present: &'a [[u8; 8]],
    /// Records of the groups before each word of `present`.
    ranks: [u16; GROUP_WORDS],
    records: &'a [[u8; RECORD]],
    lengths: &'a [u8],
}

impl<'a> Directory<'a> {
    /// Reads what a writer wrote. Records and lengths are checked when they are looked up.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Directory<'a>, Error> {
        let cut = || Error::corrupt("the directory is cut");
        let (head, rest) = bytes.split_at_checked(HEAD).ok_or_else(cut)?;
        let number = |index: usize| u32::from_le_bytes([0, 1, 2, 3].map(|byte| head[index * 4 + byte]));
        if number(0) != MAGIC {
            return Err(Error::corrupt("the directory does not start as one"));
        }
        if number(1) != FORMAT {
            return Err(Error::format(number(1)));
        }
        let (blocks, groups, lengths) = (number(2), number(4) as usize, number(5) as usize);
        let planes =
            Planes::from_bits(number(3)).ok_or(Error::corrupt("the directory has unknown planes"))?;
        if blocks > crate::MAX_BLOCKS as u32 {
            return Err(Error::corrupt("the directory has too many blocks"));
        }
        let (present, rest) = rest.split_at_checked(GROUP_WORDS * 8).ok_or_else(cut)?;
        let present = present.as_chunks().0;
        let (ranks, count) = ranks(present);
        if count != groups || groups * RECORD + lengths != rest.len() {
            return Err(Error::corrupt("the parts of the directory do not fit together"));
        }
        let (records, lengths) = rest.split_at(groups * RECORD);
        let postings = number(6) as u64 | (number(7) as u64) << 32;
        Ok(Directory {
            blocks,
            planes,
            postings,
            present,
            ranks,
            records: records.as_chunks().0,
            lengths,
        })
    }

    /// Number of blocks of the segment.
    pub(crate) fn blocks(&self) -> u32 {
        self.blocks
    }

    /// Which grams the segment records.
    pub(crate) fn planes(&self) -> Planes {
        self.planes
    }

    /// Where the list of `gram` lies in the postings; none if no block holds it.
    pub(crate) fn find(&self, gram: Gram) -> Result<Option<Range<u64>>, Error> {
        if gram.0 >= KEYS {
            return Ok(None);
        }
        let group = gram.0 as usize / 64;
        let present = u64::from_le_bytes(self.present[group / 64]);
        if present >> (group % 64) & 1 == 0 {
            return Ok(None);
        }
        let before = (present & ((1 << (group % 64)) - 1)).count_ones() as usize;
        let [a, b, c, d, e, f, g, h, rest @ ..] = self.records[self.ranks[group / 64] as usize + before];
        let keys = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
        if keys >> (gram.0 % 64) & 1 == 0 {
            return Ok(None);
        }
        let [a, b, c, d, e, f, g, h] = rest;
        let lists = u32::from_le_bytes([a, b, c, d]) as u64;
        let lengths = u32::from_le_bytes([e, f, g, h]) as usize;
        let before = (keys & ((1 << (gram.0 % 64)) - 1)).count_ones();
        self.skip(lists, lengths, before)
            .map(Some)
            .ok_or(Error::corrupt("a list lies outside of the postings"))
    }

    /// Every gram that has a list, ascending, with where its list lies in the postings.
    pub(crate) fn lists(&self) -> Lists<'a> {
        Lists {
            present: self.present,
            word: 0,
            groups: 0,
            records: self.records.iter(),
            all_lengths: self.lengths,
            lengths: &[],
            first: 0,
            keys: 0,
            start: 0,
            postings: self.postings,
        }
    }

    /// The range of the list that follows `before` lists after `start`.
    fn skip(&self, mut start: u64, lengths: usize, before: u32) -> Option<Range<u64>> {
        let mut lengths = self.lengths.get(lengths..)?;
        for _ in 0..before {
            start += read_varint(&mut lengths)? as u64;
        }
        let end = start + read_varint(&mut lengths)? as u64;
        (end <= self.postings).then_some(start..end)
    }
}

/// The lists of a directory, in order.
pub(crate) struct Lists<'a> {
    present: &'a [[u8; 8]],
    /// Words of `present` that were begun, and the groups of the last that are to come.
    word: u32,
    groups: u64,
    records: std::slice::Iter<'a, [u8; RECORD]>,
    all_lengths: &'a [u8],
    /// The lengths of the lists to come.
    lengths: &'a [u8],
    /// The first key of the group at work, its keys to come, and where the next list starts.
    first: u32,
    keys: u64,
    start: u64,
    postings: u64,
}

impl Iterator for Lists<'_> {
    type Item = Result<(Gram, Range<u64>), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.keys == 0 {
            while self.groups == 0 {
                self.groups = u64::from_le_bytes(*self.present.get(self.word as usize)?);
                self.word += 1;
            }
            let group = (self.word - 1) * 64 + self.groups.trailing_zeros();
            self.groups &= self.groups - 1;
            self.first = group * 64;
            let &[a, b, c, d, e, f, g, h, rest @ ..] = self.records.next()?;
            self.keys = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
            let [a, b, c, d, e, f, g, h] = rest;
            self.start = u32::from_le_bytes([a, b, c, d]) as u64;
            let lengths = u32::from_le_bytes([e, f, g, h]) as usize;
            self.lengths = self.all_lengths.get(lengths..).unwrap_or_default();
        }
        let gram = Gram(self.first + self.keys.trailing_zeros());
        self.keys &= self.keys - 1;
        let length = read_varint(&mut self.lengths);
        let end = length.map(|length| self.start + length as u64);
        Some(match end.filter(|&end| end <= self.postings) {
            Some(end) => Ok((gram, std::mem::replace(&mut self.start, end)..end)),
            None => Err(Error::corrupt("a list lies outside of the postings")),
        })
    }
}

/// The number of bits set before each word, and in all.
fn ranks(present: &[[u8; 8]]) -> ([u16; GROUP_WORDS], usize) {
    let mut ranks = [0; GROUP_WORDS];
    let mut count = 0;
    for (rank, word) in ranks.iter_mut().zip(present) {
        *rank = count as u16;
        count += u64::from_le_bytes(*word).count_ones() as usize;
    }
    (ranks, count)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn write(lists: &BTreeMap<u32, u32>, blocks: usize) -> Vec<u8> {
        let (mut writer, mut bytes) = (DirectoryWriter::new(), Vec::new());
        for (&key, &length) in lists {
            writer.add(key, length as usize);
        }
        writer.finish(blocks, Planes::default(), &mut bytes);
        bytes
    }

    fn lists() -> impl Strategy<Value = BTreeMap<u32, u32>> {
        let key = prop_oneof![0..KEYS, 0u32..200, KEYS - 200..KEYS];
        prop::collection::btree_map(key, prop_oneof![1u32..10, 1u32..8200], 0..600)
    }

    proptest! {
        #[test]
        fn lists_are_found_where_they_were_put(lists in lists(), others in prop::collection::vec(0..KEYS, 100)) {
            let bytes = write(&lists, 77);
            let directory = Directory::parse(&bytes).unwrap();
            prop_assert_eq!(directory.blocks(), 77);
            let mut start = 0;
            for (&key, &length) in &lists {
                prop_assert_eq!(directory.find(Gram(key)).unwrap(), Some(start..start + length as u64));
                start += length as u64;
            }
            let mut start = 0;
            let mut all = directory.lists();
            for (&key, &length) in &lists {
                let end = start + length as u64;
                prop_assert_eq!(all.next().unwrap().unwrap(), (Gram(key), start..end));
                start = end;
            }
            prop_assert!(all.next().is_none());
            for key in others.into_iter().filter(|key| !lists.contains_key(key)) {
                prop_assert_eq!(directory.find(Gram(key)).unwrap(), None);
            }
        }

        #[test]
        fn flipped_bytes_give_an_error_or_a_range_within(
            lists in lists(),
            flips in prop::collection::vec((any::<prop::sample::Index>(), 1u8..), 1..4),
        ) {
            let mut bytes = write(&lists, 77);
            for (at, xor) in flips {
                *at.get_mut(&mut bytes) ^= xor;
            }
            let Ok(directory) = Directory::parse(&bytes) else { return Ok(()) };
            for &key in lists.keys() {
                if let Ok(Some(range)) = directory.find(Gram(key)) {
                    prop_assert!(range.start <= range.end && range.end <= directory.postings);
                }
            }
            for (gram, range) in directory.lists().flatten() {
                prop_assert!(gram.0 < KEYS && range.start <= range.end && range.end <= directory.postings);
            }
        }

        #[test]
        fn a_cut_directory_is_refused(lists in lists(), cut in any::<prop::sample::Index>()) {
            let bytes = write(&lists, 77);
            prop_assert!(Directory::parse(&bytes[..cut.index(bytes.len())]).is_err());
        }
    }

    #[test]
    fn a_newer_format_is_named() {
        let mut bytes = write(&BTreeMap::new(), 0);
        bytes[4] = 9;
        let error = Directory::parse(&bytes).err().unwrap();
        assert_eq!(error.kind(), &crate::ErrorKind::Format { found: 9 });
    }

    #[test]
    fn a_gram_beyond_the_key_space_has_no_list() {
        let bytes = write(&BTreeMap::from([(KEYS - 1, 3)]), 1);
        assert_eq!(
            Directory::parse(&bytes).unwrap().find(Gram(u32::MAX)).unwrap(),
            None
        );
    }
}
