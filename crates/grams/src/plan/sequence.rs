//! Pieces of a pattern one after the other.
//!
//! A sequence carries its *tail*: the strings that the text may end with so far. While the pieces are exact, the
//! tail is all of the text; when it grows too large, what it requires is noted and only its last two elements
//! stay, which is all that a gram over the next joint can reach.

use super::shape::{Planner, Shape};
use super::strings::Strings;
use crate::query::Query;

/// A tail of more strings than this is noted as soon as that makes it much smaller.
const LARGE_TAIL: usize = 3;
/// A tail longer than this, over all strings, is noted at once.
const LONG_TAIL: usize = 1024;

/// A concatenation under way.
pub(super) struct Sequence {
    /// How the text begins, once the tail is not all of it.
    beginnings: Option<Strings>,
    tail: Strings,
    required: Vec<Query>,
}

impl Sequence {
    /// The empty text.
    pub(super) fn new() -> Sequence {
        Sequence {
            beginnings: None,
            tail: Strings::empty(),
            required: Vec::new(),
        }
    }

    /// Appends a piece.
    pub(super) fn push(&mut self, shape: Shape, planner: &mut Planner) {
        self.settle(planner);
        match shape {
            Shape::Exact(strings) => self.push_exact(strings, planner),
            Shape::Open {
                beginnings,
                ends,
                query,
            } => {
                self.join(&beginnings, planner);
                self.required.push(query);
                self.tail = ends;
            }
        }
    }

    /// What is known of the whole text.
    pub(super) fn finish(mut self, planner: &mut Planner) -> Shape {
        let Some(beginnings) = self.beginnings.take() else {
            return Shape::Exact(self.tail);
        };
        self.required.push(planner.require(&self.tail));
        Shape::Open {
            beginnings,
            ends: self.tail.ends(2),
            query: Query::And(self.required),
        }
    }

    /// Notes the tail where that costs nothing (all its strings end alike: what follows cannot depend on which one
    /// it was) or where it is time.
    fn settle(&mut self, planner: &mut Planner) {
        let ends = self.tail.ends(2);
        let merges = self.tail.len() > 1 && ends.len() == 1;
        let shrinks = self.tail.len() > LARGE_TAIL && ends.len() * 2 <= self.tail.len();
        if merges || shrinks || self.tail.elements() > LONG_TAIL {
            self.note_tail(planner);
            self.tail = ends;
        }
    }

    fn note_tail(&mut self, planner: &mut Planner) {
        self.required.push(planner.require(&self.tail));
        if self.beginnings.is_none() {
            self.beginnings = Some(self.tail.beginnings(2));
        }
    }

    fn push_exact(&mut self, strings: Strings, planner: &mut Planner) {
        if let Some(tail) = planner.cross(&self.tail, &strings) {
            self.tail = tail;
            return;
        }
        self.note_tail(planner);
        let shorter = (0..=2)
            .rev()
            .find_map(|length| planner.cross(&self.tail.ends(length), &strings));
        self.tail = shorter.unwrap_or_else(Strings::empty);
    }

    /// Requires what the tail requires together with the beginning of the next piece.
    fn join(&mut self, beginnings: &Strings, planner: &mut Planner) {
        if let Some(joint) = planner.cross(&self.tail, beginnings) {
            self.tail = joint;
            self.note_tail(planner);
            return;
        }
        self.note_tail(planner);
        let cut = |length| (self.tail.ends(length), beginnings.beginnings(3 - length));
        let joints = [cut(2), cut(1)].map(|(ends, beginnings)| planner.cross(&ends, &beginnings));
        for joint in joints.into_iter().flatten() {
            self.required.push(planner.require(&joint));
        }
    }
}
