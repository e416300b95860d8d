//! What all files of a store have in common: the prefix and little-endian fields.
//!
//! Every file opens with the same 16 bytes: eight that name its kind, the format version, and a CRC-32 of those
//! twelve. This prefix never changes between versions, so a flipped bit in the version is told from a real other
//! version: the first is damage, the second is a store to rebuild (older) or to leave alone (newer).
//!
//! [`Fields`] reads what follows. Each read is checked against the end of the bytes, so lengths that lie give
//! `None`, never a panic, and never an allocation larger than the bytes that are there.

use std::path::Path;

use crate::error::{Error, ErrorKind};

/// The format version that this library writes, in the prefix of every file.
pub const FORMAT: u32 = 4;

/// Bytes of the prefix.
pub(crate) const PREFIX: usize = 16;

/// The prefix of a file of the kind that `magic` names.
pub(crate) fn prefix(magic: &[u8; 8]) -> [u8; PREFIX] {
    let mut bytes = [0; PREFIX];
    bytes[..8].copy_from_slice(magic);
    bytes[8..12].copy_from_slice(&FORMAT.to_le_bytes());
    let checksum = crc32fast::hash(&bytes[..12]);
    bytes[12..].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

/// Checks that `bytes`, the start of the file at `path`, opens with the prefix that this library writes.
pub(crate) fn check_prefix(bytes: &[u8], magic: &[u8; 8], path: &Path) -> Result<(), Error> {
    let mut fields = Fields::new(bytes);
    let (found, version, checksum) = (fields.take(8), fields.u32(), fields.u32());
    let (Some(found), Some(version), Some(checksum)) = (found, version, checksum) else {
        return Err(Error::corrupt(path, "the file is too short"));
    };
    if found != magic {
        return Err(Error::corrupt(path, "the file is not what its name says"));
    }
    if crc32fast::hash(&bytes[..12]) != checksum {
        return Err(Error::corrupt(path, "the prefix does not match its checksum"));
    }
    let known = FORMAT;
    match version {
        FORMAT => Ok(()),
        newer if newer > known => Err(Error::new(ErrorKind::NewerFormat { found: newer, known }, path)),
        older => Err(Error::new(ErrorKind::OlderFormat { found: older, known }, path)),
    }
}

/// Little-endian fields, taken one after the other; `None` once the bytes run out.
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Fields<'a> {
        Fields { rest: bytes }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*taken)
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// Bytes that a `u32` length stands before.
    pub(crate) fn long_bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.u32()?).ok()?;
        self.take(length)
    }

    /// An unsigned LEB128 number of at most 32 bits.
    pub(crate) fn varint(&mut self) -> Option<u32> {
        let mut value = 0u64;
        for shift in (0..35).step_by(7) {
            let byte = self.u8()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return u32::try_from(value).ok();
            }
        }
        None
    }
}

/// Appends an unsigned LEB128 number.
pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_tells_damage_from_other_versions() {
        let path = Path::new("x");
        let good = prefix(b"QUERNXXX");
        assert!(check_prefix(&good, b"QUERNXXX", path).is_ok());
        for bit in 0..PREFIX * 8 {
            let mut flipped = good;
            flipped[bit / 8] ^= 1 << (bit % 8);
            let kind = check_prefix(&flipped, b"QUERNXXX", path)
                .unwrap_err()
                .kind()
                .clone();
            assert!(matches!(kind, ErrorKind::Corrupt { .. }), "bit {bit}: {kind:?}");
        }
        for version in [0, FORMAT + 1] {
            let mut other = good;
            other[8..12].copy_from_slice(&version.to_le_bytes());
            let checksum = crc32fast::hash(&other[..12]);
            other[12..].copy_from_slice(&checksum.to_le_bytes());
            let kind = check_prefix(&other, b"QUERNXXX", path)
                .unwrap_err()
                .kind()
                .clone();
            let expected = match version {
                0 => ErrorKind::OlderFormat {
                    found: 0,
                    known: FORMAT,
                },
                _ => ErrorKind::NewerFormat {
                    found: version,
                    known: FORMAT,
                },
            };
            assert_eq!(kind, expected);
        }
    }

    #[test]
    fn varints_come_back_and_overlong_ones_do_not() {
        for value in [0, 1, 127, 128, 16_383, 16_384, u32::MAX] {
            let mut bytes = Vec::new();
            put_varint(&mut bytes, value);
            assert_eq!(Fields::new(&bytes).varint(), Some(value));
        }
        assert_eq!(Fields::new(&[0xff; 8]).varint(), None);
        assert_eq!(Fields::new(&[0x80]).varint(), None);
    }
}
