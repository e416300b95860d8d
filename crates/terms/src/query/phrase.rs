//! Words one behind the other, in one chunk or over the border to the next.

use tantivy::postings::{Postings, SegmentPostings};
use tantivy::{DocSet, TERMINATED};

use crate::edges::Edges;

/// What a run does not say of its chunks: how texts go on from one to the next.
pub trait Borders: Sync {
    /// The words of a chunk.
    fn words(&self, chunk: u32) -> u32;
    /// Whether the next chunk goes on where this one ends.
    fn goes_on(&self, chunk: u32) -> bool;
    /// What a chunk begins and ends with.
    fn edges(&self, chunk: u32) -> Edges;
}

/// A phrase in one run, read forwards. Where it goes over a border, it belongs to the chunk in which it begins; it may go over
/// one.
pub(super) struct Phrase<'a> {
    /// As a whole, then for each border that it can go over.
    alignments: Vec<Alignment<'a>>,
}

/// The words of a phrase of which the first `here` are in one chunk, the others in the next.
struct Alignment<'a> {
    words: Vec<SegmentPostings>,
    here: usize,
    /// The words on both sides of the border.
    edges: Edges,
    borders: &'a dyn Borders,
    /// The chunk that all words were found for; [`TERMINATED`]: there are no more.
    chunk: u32,
    /// Where the phrase may begin, and the places of one more word.
    starts: Vec<u32>,
    places: Vec<u32>,
}

impl<'a> Phrase<'a> {
    /// At least one word, and where each is.
    pub fn new(words: &[String], postings: &[SegmentPostings], borders: &'a dyn Borders) -> Phrase<'a> {
        let alignment = |here: usize| {
            let edges = match words.get(here) {
                Some(behind) => Edges::of(behind, &words[here - 1]),
                None => Edges::UNKNOWN,
            };
            let mut alignment = Alignment {
                words: postings.to_vec(),
                here,
                edges,
                borders,
                chunk: 0,
                starts: Vec::new(),
                places: Vec::new(),
            };
            alignment.chunk = alignment.find(0);
            alignment
        };
        let whole = std::iter::once(words.len());
        let alignments = whole.chain(1..words.len()).map(alignment).collect();
        Phrase { alignments }
    }

    /// A chunk from `target` on before which none has the phrase; [`TERMINATED`] if there is none.
    pub fn seek(&mut self, target: u32) -> u32 {
        let next = self.alignments.iter_mut().map(|alignment| alignment.seek(target));
        next.min().unwrap_or(TERMINATED)
    }

    /// How often the chunk that [`Phrase::seek`] gave has the phrase.
    pub fn frequency(&mut self, chunk: u32) -> u32 {
        let found = self
            .alignments
            .iter_mut()
            .filter(|alignment| alignment.chunk == chunk);
        found.map(Alignment::frequency).sum()
    }
}

impl Alignment<'_> {
    fn seek(&mut self, target: u32) -> u32 {
        if self.chunk < target {
            self.chunk = self.find(target);
        }
        self.chunk
    }

    /// The first chunk from `target` on that has the words of this chunk, while the next has the others, in whatever order, and
    /// that may end as they ask for.
    fn find(&mut self, target: u32) -> u32 {
        let mut chunk = self.with_all(target);
        while chunk != TERMINATED && !self.may_go_over(chunk) {
            chunk = self.with_all(chunk + 1);
        }
        chunk
    }

    fn may_go_over(&self, chunk: u32) -> bool {
        let edges = |chunk| self.borders.edges(chunk);
        self.here == self.words.len()
            || edges(chunk).may_join(edges(chunk + 1), self.edges) && self.borders.goes_on(chunk)
    }

    /// As [`Alignment::find`], whatever the chunks end with.
    fn with_all(&mut self, target: u32) -> u32 {
        let mut target = target;
        'next: loop {
            for (number, word) in self.words.iter_mut().enumerate() {
                let behind = u32::from(number >= self.here);
                let chunk = match word.doc() {
                    chunk if chunk >= target + behind => chunk,
                    _ => word.seek(target + behind),
                };
                if chunk == TERMINATED {
                    return TERMINATED;
                }
                if chunk > target + behind {
                    target = chunk - behind;
                    continue 'next;
                }
            }
            return target;
        }
    }

    fn frequency(&mut self) -> u32 {
        if self.here == self.words.len() {
            return self.whole();
        }
        let Some(start) = self.borders.words(self.chunk).checked_sub(self.here as u32) else {
            return 0;
        };
        let Alignment {
            words, here, places, ..
        } = self;
        let is_at = |(number, word): (usize, &mut SegmentPostings)| {
            places.clear();
            word.append_positions_with_offset(0, places);
            let place = match number.checked_sub(*here) {
                Some(behind) => behind as u32,
                None => start + number as u32,
            };
            places.binary_search(&place).is_ok()
        };
        u32::from(words.iter_mut().enumerate().all(is_at))
    }

    /// How often the chunk has all words one behind the other.
    fn whole(&mut self) -> u32 {
        let Alignment {
            words,
            starts,
            places,
            ..
        } = self;
        starts.clear();
        for (offset, word) in (0..).zip(words) {
            places.clear();
            word.append_positions_with_offset(0, places);
            if offset == 0 {
                std::mem::swap(starts, places);
                continue;
            }
            let mut next = 0;
            starts.retain(|&start| {
                while places.get(next).is_some_and(|&place| place < start + offset) {
                    next += 1;
                }
                places.get(next) == Some(&(start + offset))
            });
        }
        starts.len() as u32
    }
}
