//! What a term has to look like, byte by byte.

use crate::query::edits::Edits;

/// What is looked for. What is behind a NUL in a term does not matter.
pub(super) struct Shape {
    start: Vec<u8>,
    near: Option<Near>,
}

struct Near {
    compare: Edits,
    edits: u8,
    /// Of all beginnings of a term the nearest counts, not the term.
    is_beginning: bool,
}

/// How far a term is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// Whatever follows.
    Free,
    Within {
        state: u32,
        /// Of the beginnings so far the nearest.
        nearest: u8,
    },
}

impl Shape {
    /// Terms that begin with `text`, or of which the nearest beginning is so many `edits` away, with the same first letter.
    pub fn beginning(text: &str, edits: u8) -> Shape {
        let first = text.chars().next().map_or(0, char::len_utf8);
        let (start, near) = match edits {
            0 => (text, None),
            _ => (&text[..first], Some(Near::new(text, edits, true))),
        };
        let start = start.as_bytes().to_vec();
        Shape { start, near }
    }

    /// Terms that are so many `edits` away from a word: 1, or 2 with the same first letter.
    pub fn whole(word: &str, edits: u8) -> Shape {
        let first = match edits {
            1 => 0,
            _ => word.chars().next().map_or(0, char::len_utf8),
        };
        Shape {
            start: word.as_bytes()[..first].to_vec(),
            near: Some(Near::new(word, edits, false)),
        }
    }

    /// All that is looked for begins so.
    pub fn start(&self) -> &[u8] {
        &self.start
    }

    /// How far away it is.
    pub fn edits(&self) -> u8 {
        self.near.as_ref().map_or(0, |near| near.edits)
    }

    /// Behind [`Shape::start`].
    pub fn after_start(&self) -> Option<Progress> {
        let Some(near) = &self.near else {
            return Some(Progress::Free);
        };
        let state = near.compare.start();
        let nearest = near.distance(state);
        let before = Progress::Within { state, nearest };
        let mut bytes = self.start.iter();
        bytes.try_fold(before, |progress, &byte| self.over(progress, byte))
    }

    /// Behind one more byte; `None`: no term that goes on so is looked for.
    pub fn over(&self, progress: Progress, byte: u8) -> Option<Progress> {
        let (Some(near), Progress::Within { state, nearest }) = (&self.near, progress) else {
            return Some(progress);
        };
        if byte == 0 {
            return self.accepts(progress).then_some(Progress::Free);
        }
        let Some(state) = near.compare.over(state, byte) else {
            return near.is_reached(nearest).then_some(Progress::Free);
        };
        let nearest = nearest.min(near.distance(state));
        Some(Progress::Within { state, nearest })
    }

    /// The bytes that [`Shape::over`] allows at most, if these are few.
    pub fn few(&self, progress: Progress) -> Option<&[u8]> {
        match (&self.near, progress) {
            (Some(near), Progress::Within { state, nearest }) if !near.is_reached(nearest) => {
                near.compare.few(state)
            }
            _ => None,
        }
    }

    /// Whether a term may end here.
    pub fn accepts(&self, progress: Progress) -> bool {
        match (&self.near, progress) {
            (Some(near), Progress::Within { state, nearest }) => {
                let distance = if near.is_beginning {
                    nearest
                } else {
                    near.distance(state)
                };
                distance == near.edits
            }
            _ => true,
        }
    }
}

impl Near {
    fn new(text: &str, edits: u8, is_beginning: bool) -> Near {
        Near {
            compare: Edits::of(text, edits),
            edits,
            is_beginning,
        }
    }

    /// Whether a beginning was as near as it has to be, so that it does not matter what follows.
    fn is_reached(&self, nearest: u8) -> bool {
        self.is_beginning && nearest == self.edits
    }

    /// Above all edits within a character.
    fn distance(&self, state: u32) -> u8 {
        self.compare.distance(state).unwrap_or(u8::MAX)
    }
}
