//! Reading posting lists.

use std::ops::Range;

use super::frame::{Decoder, low_bytes};
use super::{FRAME, HEADER, read_varint};
use crate::Error;

/// An encoded posting list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct List<'a> {
    count: u32,
    blocks: u32,
    form: Form<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Form<'a> {
    Single(u32),
    Bitmap(&'a [[u8; 8]]),
    Frame {
        k: u8,
        bytes: &'a [u8],
    },
    Frames {
        headers: &'a [[u8; HEADER]],
        bytes: &'a [u8],
    },
}

impl<'a> List<'a> {
    /// Reads what an encoder wrote for a segment of `blocks` blocks. What is wrong inside a frame is found when it
    /// is decoded.
    pub(crate) fn parse(bytes: &'a [u8], blocks: u32) -> Result<List<'a>, Error> {
        if let &[low, high] = bytes {
            let id = u16::from_le_bytes([low, high]) as u32;
            let list = List {
                count: 1,
                blocks,
                form: Form::Single(id),
            };
            return if id < blocks {
                Ok(list)
            } else {
                Err(Error::corrupt("a posting passes the last block"))
            };
        }
        let mut rest = bytes;
        let head = read_varint(&mut rest).ok_or(Error::corrupt("a posting list has no head"))?;
        let count = head >> 1;
        if count == 0 || count > blocks {
            return Err(Error::corrupt("a posting list has an impossible length"));
        }
        let form = if head & 1 == 1 {
            bitmap(rest, blocks)
        } else {
            rice(rest, count as usize)
        };
        let form = form.ok_or(Error::corrupt("a posting list is cut or has too much"))?;
        Ok(List { count, blocks, form })
    }

    /// Number of postings.
    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// Appends all ids.
    pub(crate) fn decode(&self, ids: &mut Vec<u32>) -> Result<(), Error> {
        ids.reserve(self.count as usize);
        match self.form {
            Form::Single(id) => ids.push(id),
            Form::Bitmap(words) => {
                for (word, first) in words.iter().zip((0..).step_by(64)) {
                    push_bits(u64::from_le_bytes(*word), first, ids);
                }
            }
            Form::Frame { .. } | Form::Frames { .. } => {
                let mut decoder = Decoder::new();
                for frame in self.frames() {
                    ids.extend_from_slice(frame?.decode(&mut decoder)?);
                }
            }
        }
        Ok(())
    }

    /// Keeps those of the ascending `candidates` that are in the list.
    pub(crate) fn filter(&self, candidates: &mut Vec<u32>) -> Result<(), Error> {
        match self.form {
            Form::Single(id) => candidates.retain(|&candidate| candidate == id),
            Form::Bitmap(words) => candidates.retain(|&candidate| {
                let word = words
                    .get(candidate as usize / 64)
                    .map_or(0, |word| u64::from_le_bytes(*word));
                word >> (candidate % 64) & 1 == 1
            }),
            Form::Frame { .. } | Form::Frames { .. } => self.filter_by_frames(candidates)?,
        }
        Ok(())
    }

    /// Sets the bit of each id; `bits` has one for each block.
    pub(crate) fn or_into(&self, bits: &mut [u64]) -> Result<(), Error> {
        match self.form {
            Form::Single(id) => bits[id as usize / 64] |= 1 << (id % 64),
            Form::Bitmap(words) => {
                for (to, word) in bits.iter_mut().zip(words) {
                    *to |= u64::from_le_bytes(*word);
                }
            }
            Form::Frame { .. } | Form::Frames { .. } => {
                let mut decoder = Decoder::new();
                for frame in self.frames() {
                    for &id in frame?.decode(&mut decoder)? {
                        bits[id as usize / 64] |= 1 << (id % 64);
                    }
                }
            }
        }
        Ok(())
    }

    /// Decodes only the frames in whose range a candidate lies.
    fn filter_by_frames(&self, candidates: &mut Vec<u32>) -> Result<(), Error> {
        let mut decoder = Decoder::new();
        let (mut next, mut kept) = (0, 0);
        for frame in self.frames() {
            if next == candidates.len() {
                break;
            }
            let frame = frame?;
            let within = candidates[next..].partition_point(|&candidate| candidate <= frame.last);
            if within > 0 {
                kept = intersect(candidates, next..next + within, frame.decode(&mut decoder)?, kept);
                next += within;
            }
        }
        candidates.truncate(kept);
        Ok(())
    }

    fn frames(&self) -> Frames<'a> {
        let (shape, bytes) = match self.form {
            Form::Frames { headers, bytes } => (Shapes::Listed(headers), bytes),
            Form::Frame { k, bytes } => (Shapes::One(k), bytes),
            Form::Single(_) | Form::Bitmap(_) => (Shapes::Listed(&[]), &[][..]),
        };
        Frames {
            shape,
            bytes,
            left: self.count as usize,
            start: 0,
            blocks: self.blocks,
        }
    }
}

fn bitmap(bytes: &[u8], blocks: u32) -> Option<Form<'_>> {
    let (words, rest) = bytes.as_chunks::<8>();
    if !rest.is_empty() || words.len() != blocks.div_ceil(64) as usize {
        return None;
    }
    let last = u64::from_le_bytes(*words.last()?);
    let used = (blocks - 1) % 64 + 1;
    (last & !(u64::MAX >> (64 - used)) == 0).then_some(Form::Bitmap(words))
}

fn rice(bytes: &[u8], count: usize) -> Option<Form<'_>> {
    if count <= FRAME {
        let (&k, bytes) = bytes.split_first()?;
        return Some(Form::Frame { k, bytes });
    }
    let (headers, bytes) = bytes.split_at_checked(count.div_ceil(FRAME) * HEADER)?;
    Some(Form::Frames {
        headers: headers.as_chunks().0,
        bytes,
    })
}

/// The frames of a list, in order.
struct Frames<'a> {
    shape: Shapes<'a>,
    bytes: &'a [u8],
    left: usize,
    start: u32,
    blocks: u32,
}

enum Shapes<'a> {
    /// The Rice parameter of the list's only frame.
    One(u8),
    /// The headers of the frames to come.
    Listed(&'a [[u8; HEADER]]),
}

/// Where a frame lies in its list.
struct Frame<'a> {
    count: usize,
    k: u32,
    /// No id is below this one.
    start: u32,
    /// No id is above this one.
    last: u32,
    bytes: &'a [u8],
}

impl<'a> Iterator for Frames<'a> {
    type Item = Result<Frame<'a>, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let count = self.left.min(FRAME);
        let start = self.start;
        match &mut self.shape {
            Shapes::One(k) => {
                let (k, last) = (*k as u32, self.blocks - 1);
                self.shape = Shapes::Listed(&[]);
                Some(Ok(Frame {
                    count,
                    k,
                    start,
                    last,
                    bytes: self.bytes,
                }))
            }
            Shapes::Listed(headers) => {
                let (&[low, high, unary, k], rest) = headers.split_first()?;
                *headers = rest;
                let last = u16::from_le_bytes([low, high]) as u32;
                let length = low_bytes(count, k as u32) + unary as usize;
                let split = self.bytes.split_at_checked(length);
                let Some((bytes, after)) = split.filter(|_| start <= last && last < self.blocks) else {
                    return Some(Err(Error::corrupt(
                        "the frames of a posting list do not fit together",
                    )));
                };
                (self.bytes, self.left, self.start) = (after, self.left - count, last + 1);
                Some(Ok(Frame {
                    count,
                    k: k as u32,
                    start,
                    last,
                    bytes,
                }))
            }
        }
    }
}

impl Frame<'_> {
    #[inline]
    fn decode<'d>(&self, decoder: &'d mut Decoder) -> Result<&'d [u32], Error> {
        decoder.decode(self.bytes, self.count, self.k, self.start, self.last)
    }
}

/// Moves those of `candidates[range]` that are among `ids` to `kept..`; returns where they end.
fn intersect(candidates: &mut [u32], range: Range<usize>, ids: &[u32], mut kept: usize) -> usize {
    let mut ids = ids.iter();
    let Some(mut id) = ids.next() else { return kept };
    for next in range {
        let candidate = candidates[next];
        while *id < candidate {
            match ids.next() {
                Some(larger) => id = larger,
                None => return kept,
            }
        }
        if *id == candidate {
            candidates[kept] = candidate;
            kept += 1;
        }
    }
    kept
}

/// Appends `first` plus the number of each set bit of `word`.
pub(crate) fn push_bits(mut word: u64, first: u32, ids: &mut Vec<u32>) {
    while word != 0 {
        ids.push(first + word.trailing_zeros());
        word &= word - 1;
    }
}
