//! Writing posting lists.

use super::{FRAME, HEADER, frame, write_varint};

/// Share of a segment's blocks, as its inverse, from which a list is stored as a bitmap without trying.
const DENSE: usize = 3;
/// Blocks below which a bitmap is only stored if it is smaller.
const SMALL: usize = 512;

/// Appends posting lists of one segment.
pub(crate) struct Encoder {
    blocks: usize,
}

impl Encoder {
    /// An encoder for a segment of `blocks` blocks, at most 65,536.
    pub(crate) fn new(blocks: usize) -> Encoder {
        Encoder { blocks }
    }

    /// Appends the list of `ids`, at least one, strictly ascending and below the number of blocks.
    pub(crate) fn encode(&self, ids: &[u16], out: &mut Vec<u8>) {
        if let [id] = ids {
            return out.extend_from_slice(&id.to_le_bytes());
        }
        if ids.len() * DENSE >= self.blocks && self.blocks >= SMALL {
            return self.bitmap(ids, out);
        }
        let start = out.len();
        write_varint((ids.len() as u32) << 1, out);
        if ids.len() <= FRAME {
            single_frame(ids, out);
        } else {
            frames(ids, out);
        }
        if out.len() - start > self.blocks.div_ceil(64) * 8 {
            out.truncate(start);
            self.bitmap(ids, out);
        }
    }

    fn bitmap(&self, ids: &[u16], out: &mut Vec<u8>) {
        write_varint((ids.len() as u32) << 1 | 1, out);
        let start = out.len();
        out.resize(start + self.blocks.div_ceil(64) * 8, 0);
        let bits = &mut out[start..];
        for &id in ids {
            bits[id as usize / 8] |= 1 << (id % 8);
        }
    }
}

fn single_frame(ids: &[u16], out: &mut Vec<u8>) {
    let at = out.len();
    out.push(0);
    out[at] = frame::encode(ids, 0, out).k;
}

fn frames(ids: &[u16], out: &mut Vec<u8>) {
    let mut header = out.len();
    out.resize(header + ids.len().div_ceil(FRAME) * HEADER, 0);
    let mut start = 0;
    for ids in ids.chunks(FRAME) {
        let shape = frame::encode(ids, start, out);
        let last = ids[ids.len() - 1];
        let [low, high] = last.to_le_bytes();
        out[header..header + HEADER].copy_from_slice(&[low, high, shape.unary, shape.k]);
        header += HEADER;
        start = last as u32 + 1;
    }
}
