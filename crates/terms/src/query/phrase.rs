//! Words one behind the other.

use tantivy::postings::{Postings, SegmentPostings};
use tantivy::{DocSet, TERMINATED};

/// The words of a phrase in one run, read forwards.
pub(super) struct Phrase {
    words: Vec<SegmentPostings>,
    /// Where the phrase may begin, and the places of one more word.
    starts: Vec<u32>,
    places: Vec<u32>,
}

impl Phrase {
    /// At least one word.
    pub fn new(words: Vec<SegmentPostings>) -> Phrase {
        Phrase {
            words,
            starts: Vec::new(),
            places: Vec::new(),
        }
    }

    /// The first chunk from `target` on that has all words, in whatever order; [`TERMINATED`] if there is none.
    pub fn seek(&mut self, target: u32) -> u32 {
        let mut target = target;
        'next: loop {
            for word in &mut self.words {
                let chunk = match word.doc() {
                    here if here >= target => here,
                    _ => word.seek(target),
                };
                if chunk == TERMINATED {
                    return TERMINATED;
                }
                if chunk > target {
                    target = chunk;
                    continue 'next;
                }
            }
            return target;
        }
    }

    /// How often the chunk that [`Phrase::seek`] gave has the phrase.
    pub fn frequency(&mut self) -> u32 {
        let Phrase {
            words,
            starts,
            places,
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
