//! How the blocks of a gram are stored.
//!
//! A *posting list* is a strictly ascending list of block ids below 65,536. Neighbouring blocks are alike, so gaps
//! are small where they cluster and large elsewhere: Rice codes whose parameter is chosen anew for every frame of
//! 128 ids come below the entropy of the gaps (measured on Linux 6.1: 0.57 bytes a posting, against 0.87 for bit
//! packing, 0.66 for Elias-Fano and 1.35 for Roaring).
//!
//! Three forms, told apart by the length, which the directory knows, and by the first bytes:
//!
//! - two bytes: a single id, little-endian;
//! - else a varint of `count << 1 | is_bitmap`, then
//!   - for a bitmap one bit a block, in whole 64-bit words;
//!   - for Rice codes the frames. A gap is the number of ids left out. Its low `k` bits are packed in a first run of
//!     bits, the rest follows in unary in a second, so that both decode without testing each other. A list of one
//!     frame starts with `k`; one of more with four bytes a frame: its last id, the bytes of its unary run, `k`.
//!     These are also the skip data.
//!
//! Rice codes after R. F. Rice, "Some Practical Universal Noiseless Coding Techniques", JPL 79-22 (1979). With `k` 0
//! a frame *is* a bitmap of its range, so bitmaps of the whole segment only exist for speed.

mod encode;
mod frame;
mod list;

#[cfg(test)]
mod tests;

pub(crate) use encode::Encoder;
pub(crate) use list::{List, push_bits};

/// Ids in a frame.
const FRAME: usize = 128;
/// Bytes of skip data for a frame.
const HEADER: usize = 4;
/// Largest Rice parameter.
const MAX_K: u32 = 16;
/// Bytes of the longest frame: 128 low parts of 16 bits, and a unary run whose length fits a byte.
const MAX_FRAME: usize = FRAME * MAX_K as usize / 8 + 255;

/// Appends `value`, seven bits a byte, the lowest first.
pub(crate) fn write_varint(mut value: u32, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Takes a varint off the front of `bytes`; none if it does not end or passes 32 bits.
#[inline]
pub(crate) fn read_varint(bytes: &mut &[u8]) -> Option<u32> {
    let mut value = 0u64;
    for shift in (0..35).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= ((byte & 0x7F) as u64) << shift;
        if byte < 0x80 {
            return u32::try_from(value).ok();
        }
    }
    None
}
