//! An entry as bytes: `checksum 8 | expires 8 | length of key 4 | tags 4 | key | (length 4, tag)... | value`, numbers in
//! little-endian order. The checksum is XXH3 of all behind it, seeded with the format's version.

use xxhash_rust::xxh3::{xxh3_64_with_seed, xxh3_128};

/// The version of everything that this crate writes.
pub(crate) const VERSION: u32 = 1;

const CHECKSUM: usize = 8;
const HEAD: usize = CHECKSUM + 8 + 4 + 4;
/// The expiry of what never expires.
pub(crate) const NEVER: u64 = u64::MAX;

/// What stands for a key or a tag in tables: LMDB's keys have at most 511 bytes.
pub(crate) type Hash = [u8; 16];

pub(crate) fn hash(text: &str) -> Hash {
    xxh3_128(text.as_bytes()).to_be_bytes()
}

pub(crate) fn checksum(bytes: &[u8]) -> u64 {
    xxh3_64_with_seed(bytes, u64::from(VERSION))
}

/// An entry in the bytes that hold it.
#[derive(Clone, Copy)]
pub(crate) struct Record<'a> {
    pub key: &'a str,
    /// Milliseconds since 1970.
    pub expires: Option<u64>,
    pub value: &'a [u8],
    tags: &'a [u8],
}

impl<'a> Record<'a> {
    /// The entry in `bytes`, if they are as they were written.
    pub fn checked(bytes: &'a [u8]) -> Option<Record<'a>> {
        let (stored, rest) = bytes.split_first_chunk::<CHECKSUM>()?;
        (u64::from_le_bytes(*stored) == checksum(rest)).then_some(())?;
        Record::unchecked(bytes)
    }

    /// The same without a look at the value: what it says may be wrong, which lists and patterns can live with.
    pub fn unchecked(bytes: &'a [u8]) -> Option<Record<'a>> {
        let (head, mut rest) = bytes.split_at_checked(HEAD)?;
        let expires = u64::from_le_bytes(head[8..16].try_into().ok()?);
        let count = u32::from_le_bytes(head[20..24].try_into().ok()?);
        let key = take(&mut rest, u32::from_le_bytes(head[16..20].try_into().ok()?))?;
        let mut behind = rest;
        for _ in 0..count {
            take_sized(&mut behind)?;
        }
        Some(Record {
            key: str::from_utf8(key).ok()?,
            expires: (expires != NEVER).then_some(expires),
            tags: &rest[..rest.len() - behind.len()],
            value: behind,
        })
    }

    pub fn tags(&self) -> impl Iterator<Item = &'a str> {
        let mut rest = self.tags;
        std::iter::from_fn(move || str::from_utf8(take_sized(&mut rest)?).ok())
    }

    pub fn is_expired(&self, now: u64) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }
}

fn take<'a>(rest: &mut &'a [u8], length: u32) -> Option<&'a [u8]> {
    let (taken, behind) = rest.split_at_checked(length as usize)?;
    *rest = behind;
    Some(taken)
}

fn take_sized<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = take(rest, 4)?;
    take(rest, u32::from_le_bytes(length.try_into().ok()?))
}

/// The bytes of an entry.
pub(crate) fn encode(key: &str, value: &[u8], expires: Option<u64>, tags: &[String]) -> Vec<u8> {
    let tagged: usize = tags.iter().map(|tag| 4 + tag.len()).sum();
    let mut bytes = Vec::with_capacity(HEAD + key.len() + tagged + value.len());
    bytes.extend_from_slice(&[0; CHECKSUM]);
    // The last moment of all is never.
    bytes.extend_from_slice(&expires.unwrap_or(NEVER).to_le_bytes());
    bytes.extend_from_slice(&(key.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&(tags.len() as u32).to_le_bytes());
    bytes.extend_from_slice(key.as_bytes());
    for tag in tags {
        bytes.extend_from_slice(&(tag.len() as u32).to_le_bytes());
        bytes.extend_from_slice(tag.as_bytes());
    }
    bytes.extend_from_slice(value);
    let sum = checksum(&bytes[CHECKSUM..]);
    bytes[..CHECKSUM].copy_from_slice(&sum.to_le_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_as_it_was_written_and_no_changed_byte_passes() {
        let tags = ["a".to_owned(), String::new(), "später".to_owned()];
        let bytes = encode("the key", b"value", Some(17), &tags);
        let record = Record::checked(&bytes).unwrap();
        assert_eq!(
            (record.key, record.expires, record.value),
            ("the key", Some(17), &b"value"[..])
        );
        assert!(record.tags().eq(tags.iter().map(String::as_str)));
        assert!(!record.is_expired(16) && record.is_expired(17));
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut damaged = bytes.clone();
                damaged[at] ^= 1 << bit;
                assert!(Record::checked(&damaged).is_none());
                Record::unchecked(&damaged);
            }
            assert!(Record::checked(&bytes[..at]).is_none());
        }
    }
}
