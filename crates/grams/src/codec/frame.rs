//! One frame of Rice codes.

use super::{FRAME, MAX_FRAME, MAX_K};
use crate::Error;

/// What the skip data says of a frame beside its last id.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    /// Bytes of the unary run.
    pub(super) unary: u8,
    /// The Rice parameter.
    pub(super) k: u8,
}

/// Bytes of the packed low parts.
pub(super) const fn low_bytes(count: usize, k: u32) -> usize {
    (count * k as usize).div_ceil(8)
}

/// Appends the frame of `ids`, of which there are 1 to 128, ascending from `start`.
pub(super) fn encode(ids: &[u16], start: u32, out: &mut Vec<u8>) -> Shape {
    let mut gaps = [0u32; FRAME];
    let gaps = &mut gaps[..ids.len()];
    gaps[0] = ids[0] as u32 - start;
    for (gap, pair) in gaps[1..].iter_mut().zip(ids.windows(2)) {
        *gap = pair[1] as u32 - pair[0] as u32 - 1;
    }
    let (k, quotients) = parameter(gaps);
    let low = low_bytes(ids.len(), k);
    let unary = (quotients as usize + ids.len()).div_ceil(8);
    let mut frame = [0; MAX_FRAME + 8];
    if k > 0 {
        write_low(gaps, k, &mut frame);
    }
    write_unary(gaps, k, &mut frame[low..]);
    out.extend_from_slice(&frame[..low + unary]);
    Shape {
        unary: unary as u8,
        k: k as u8,
    }
}

/// The best of three parameters about the one that the mean gap suggests, and the sum of the quotients with it.
///
/// The first guess is the largest `k` with `2^k <= 11/16 mean` (about `mean * ln 2`), so quotients sum to less than
/// three a gap, and another guess only wins if the whole gets smaller: a unary run always fits 255 bytes.
fn parameter(gaps: &[u32]) -> (u32, u32) {
    let count = gaps.len() as u32;
    let quotients = |k: u32| gaps.iter().map(|&gap| gap >> k).sum::<u32>();
    let mean = (gaps.iter().sum::<u32>() + count) / count;
    let guess = if mean < 2 {
        0
    } else {
        (mean * 11 / 16).max(1).ilog2()
    };
    let at_guess = quotients(guess);
    let above = quotients(guess + 1);
    if above + count < at_guess {
        return (guess + 1, above);
    }
    if guess > 0 {
        let below = quotients(guess - 1);
        if below < at_guess + count {
            return (guess - 1, below);
        }
    }
    (guess, at_guess)
}

fn write_low(gaps: &[u32], k: u32, out: &mut [u8]) {
    let (mut bits, mut used, mut at) = (0u64, 0, 0);
    for &gap in gaps {
        bits |= ((gap & ((1 << k) - 1)) as u64) << used;
        used += k;
        if used >= 32 {
            out[at..at + 4].copy_from_slice(&(bits as u32).to_le_bytes());
            at += 4;
            bits >>= 32;
            used -= 32;
        }
    }
    out[at..at + 4].copy_from_slice(&(bits as u32).to_le_bytes());
}

/// May overwrite up to eight bytes past the run, with zeros.
fn write_unary(gaps: &[u32], k: u32, out: &mut [u8]) {
    let (mut bits, mut used, mut at) = (0u64, 0, 0);
    for &gap in gaps {
        used += gap >> k;
        while used >= 64 {
            out[at..at + 8].copy_from_slice(&bits.to_le_bytes());
            at += 8;
            (bits, used) = (0, used - 64);
        }
        bits |= 1 << used;
        used += 1;
    }
    out[at..at + 8].copy_from_slice(&bits.to_le_bytes());
}

/// Reads frames; its buffers are reused from one to the next.
pub(super) struct Decoder {
    ids: [u32; FRAME],
    bytes: [u8; MAX_FRAME + 16],
}

impl Decoder {
    pub(super) fn new() -> Decoder {
        Decoder {
            ids: [0; FRAME],
            bytes: [0; MAX_FRAME + 16],
        }
    }

    #[inline]
    /// The ids of a frame, ascending from `start` to at most `last`.
    pub(super) fn decode(
        &mut self,
        frame: &[u8],
        count: usize,
        k: u32,
        start: u32,
        last: u32,
    ) -> Result<&[u32], Error> {
        let low = low_bytes(count, k);
        if count == 0 || count > FRAME || k > MAX_K || frame.len() < low || frame.len() > MAX_FRAME {
            return Err(Error::corrupt("a frame of postings has an impossible shape"));
        }
        self.bytes[..frame.len()].copy_from_slice(frame);
        self.bytes[frame.len()..frame.len() + 8].fill(0);
        let decoded = self.decode_quotients(low, frame.len(), count, k);
        if decoded < count {
            return Err(Error::corrupt("a frame of postings ends early"));
        }
        self.add_low(count, k, start);
        let ids = &self.ids[..count];
        if ids[count - 1] > last {
            return Err(Error::corrupt("a posting passes the last of its frame"));
        }
        Ok(ids)
    }

    /// Sets each id to the sum of the gaps before it, as far as their high parts say; returns how many there were.
    fn decode_quotients(&mut self, from: usize, to: usize, count: usize, k: u32) -> usize {
        let ids = &mut self.ids[..count];
        let mut decoded = 0;
        for (number, at) in (from..to).step_by(8).enumerate() {
            let mut word = word_at(&self.bytes, at);
            let first = number as u32 * 64;
            while word != 0 {
                if decoded == ids.len() {
                    return decoded;
                }
                let position = first + word.trailing_zeros();
                word &= word - 1;
                ids[decoded] = ((position - decoded as u32) << k) + decoded as u32;
                decoded += 1;
            }
        }
        decoded
    }

    /// Adds to each id the sum of the low parts up to it.
    fn add_low(&mut self, count: usize, k: u32, start: u32) {
        let mask = (1u64 << k) - 1;
        let mut sum = start;
        for (number, id) in self.ids[..count].iter_mut().enumerate() {
            let bit = number * k as usize;
            sum += (word_at(&self.bytes, bit / 8) >> (bit % 8) & mask) as u32;
            *id += sum;
        }
    }
}

#[inline(always)]
fn word_at(bytes: &[u8; MAX_FRAME + 16], at: usize) -> u64 {
    bytes[at..]
        .first_chunk()
        .map_or(0, |word| u64::from_le_bytes(*word))
}
