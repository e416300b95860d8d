//! What a term has to look like, byte by byte.

use levenshtein_automata::{DFA, Distance, SINK_STATE};

use crate::query::expand::BUILDERS;

/// What is looked for. What is behind a NUL in a term does not matter.
pub(super) struct Shape {
    start: Vec<u8>,
    near: Option<Near>,
}

struct Near {
    dfa: DFA,
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

    /// Terms that are so many `edits` away from a word, 1 or 2.
    pub fn whole(word: &str, edits: u8) -> Shape {
        Shape {
            start: Vec::new(),
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
        let state = near.dfa.initial_state();
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
        let state = near.dfa.transition(state, byte);
        let nearest = nearest.min(near.distance(state));
        let is_over = state == SINK_STATE;
        match (is_over, near.is_beginning && nearest == near.edits) {
            (true, true) => Some(Progress::Free),
            (true, false) => None,
            (false, _) => Some(Progress::Within { state, nearest }),
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
            dfa: BUILDERS[usize::from(edits)].build_dfa(text),
            edits,
            is_beginning,
        }
    }

    /// Above all edits within a character.
    fn distance(&self, state: u32) -> u8 {
        match self.dfa.distance(state) {
            Distance::Exact(distance) => distance,
            Distance::AtLeast(_) => u8::MAX,
        }
    }
}
