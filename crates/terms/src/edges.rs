//! What chunks begin and end with, in a few bits: so most phrases that could go from one to the next are ruled out without
//! reading where their words are.

use xxhash_rust::xxh3::xxh3_64;

/// The mark of nothing that is known.
const UNKNOWN: u16 = 0;

/// Marks of the first and the last word of a chunk. Equal words have equal marks; so may others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Edges {
    first: u16,
    last: u16,
}

impl Edges {
    /// Of a chunk with these words at its ends, folded.
    pub(crate) fn of(first: &str, last: &str) -> Edges {
        let [first, last] = [first, last].map(mark);
        Edges { first, last }
    }

    /// Of a chunk of which nothing is known: it may begin and end with any word.
    pub const UNKNOWN: Edges = Edges {
        first: UNKNOWN,
        last: UNKNOWN,
    };

    /// As one number, 0 for [`Edges::UNKNOWN`].
    pub fn number(self) -> u32 {
        u32::from(self.first) << 16 | u32::from(self.last)
    }

    /// What [`Edges::number`] made a number of.
    pub fn from_number(number: u32) -> Edges {
        Edges {
            first: (number >> 16) as u16,
            last: number as u16,
        }
    }

    /// Whether a chunk that ends like this, and one that begins like `next`, may have these words there.
    pub(crate) fn may_join(self, next: Edges, words: Edges) -> bool {
        let may_be = |known: u16, wanted: u16| known == UNKNOWN || known == wanted;
        may_be(self.last, words.last) && may_be(next.first, words.first)
    }
}

fn mark(word: &str) -> u16 {
    (xxh3_64(word.as_bytes()) as u16).max(UNKNOWN + 1)
}
