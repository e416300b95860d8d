//! Asking a question of one run: window by window, all leaves side by side.

use tantivy::TERMINATED;

use crate::error::Error;
use crate::query::best::{Best, Depth, Hit};
use crate::query::bits::{Bits, WINDOW};
use crate::query::leaf::{Leaf, Window};
use crate::query::planner::Node;
use crate::query::question::Question;

/// Windows between two looks whether to stop.
const LOOK: u32 = 16;

/// What one run answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hits {
    /// Chunks that match.
    pub total: u64,
    /// The best, best first; of equals, the first of the corpus. Of those that are not among the best of all runs, some.
    pub best: Vec<Hit>,
}

impl Question<'_, '_> {
    /// The best chunks of a run, of those that the others of `depth` leave. `check` says now and then whether to go on; `each` gets
    /// every chunk that matches.
    ///
    /// # Errors
    /// A damaged run; those of `check`.
    pub fn ask<E: From<Error>>(
        &self,
        run: u32,
        depth: &Depth,
        check: impl Fn() -> Result<(), E>,
        mut each: impl FnMut(u32),
    ) -> Result<Hits, E> {
        let live = &self.corpus.runs[run as usize];
        let mut asked = Asked {
            leaves: self.open(run as usize)?,
            question: self,
            window: Window::new(),
            spare: Vec::new(),
        };
        let mut best = Best::new(depth);
        let (mut total, mut windows) = (0, 0u32);
        let mut start = asked.next(&self.root, 0);
        while start < live.run.chunks() {
            if windows.is_multiple_of(LOOK) {
                check()?;
            }
            windows += 1;
            let end = live.run.chunks().min(start + WINDOW);
            asked.window.begin(start, end);
            best.learn();
            let mut matches = asked.matches(&self.root, None, !depth.counts_only());
            live.dead
                .range(start..end)
                .for_each(|chunk| matches.remove(chunk - start));
            total += u64::from(matches.count());
            for number in matches.iter() {
                let (chunk, score) = (start + number, asked.window.scores[number as usize]);
                best.add(Hit { run, chunk, score });
                each(chunk);
            }
            start = asked.next(&self.root, end);
        }
        Ok(Hits {
            total,
            best: best.finish(),
        })
    }
}

/// A question in the middle of a run.
struct Asked<'q, 'c, 'a> {
    question: &'q Question<'c, 'a>,
    leaves: Vec<Leaf<'q>>,
    window: Window,
    /// Buffers for scores, all zeros.
    spare: Vec<Vec<f32>>,
}

impl Asked<'_, '_, '_> {
    /// A chunk from `start` on before which none matches.
    fn next(&mut self, node: &Node, start: u32) -> u32 {
        match node {
            Node::Leaf(leaf) => self.leaves[*leaf].next(start),
            Node::Group { all, any, .. } if all.is_empty() && !any.is_empty() => {
                let next = any.iter().map(|node| self.next(node, start)).min();
                next.unwrap_or(TERMINATED)
            }
            Node::Group { all, .. } => all.iter().fold(start, |start, node| match start {
                TERMINATED => TERMINATED,
                start => self.next(node, start),
            }),
        }
    }

    /// The chunks of the window that match, at least those of the `candidates`. If it `counts`, their scores are added; so may
    /// be some of chunks that do not match.
    fn matches(&mut self, node: &Node, candidates: Option<&Bits>, counts: bool) -> Bits {
        match node {
            Node::Leaf(leaf) => {
                let ranking = counts.then_some(&self.question.ranking);
                self.leaves[*leaf].matches(&mut self.window, candidates, ranking)
            }
            Node::Group { all, any, none } => self.group(all, any, none, candidates, counts),
        }
    }

    /// As [`Asked::matches`], but adds nothing to the score of a chunk that does not match.
    fn matches_only(&mut self, node: &Node, candidates: Option<&Bits>, counts: bool) -> Bits {
        match node {
            Node::Group { all, none, .. } if counts && !(all.is_empty() && none.is_empty()) => {
                let empty = self.spare.pop().unwrap_or_else(|| vec![0.0; WINDOW as usize]);
                let outer = std::mem::replace(&mut self.window.scores, empty);
                let found = self.matches(node, candidates, true);
                let mut inner = std::mem::replace(&mut self.window.scores, outer);
                for number in found.iter() {
                    self.window.scores[number as usize] += inner[number as usize];
                }
                inner.fill(0.0);
                self.spare.push(inner);
                found
            }
            _ => self.matches(node, candidates, counts),
        }
    }

    fn group(
        &mut self,
        all: &[Node],
        any: &[Node],
        none: &[Node],
        candidates: Option<&Bits>,
        counts: bool,
    ) -> Bits {
        let mut found: Option<Bits> = None;
        for node in all {
            let matches = self.matches_only(node, found.as_ref().or(candidates), counts);
            let found = found.get_or_insert_with(|| matches.clone());
            found.and(&matches);
            if found.is_empty() {
                return Bits::empty();
            }
        }
        if all.is_empty() && !any.is_empty() {
            let mut either = Bits::empty();
            any.iter()
                .for_each(|node| either.or(&self.matches_only(node, candidates, counts)));
            found = Some(either);
        } else if counts {
            for node in any {
                self.matches_only(node, found.as_ref(), true);
            }
        }
        let mut found = found.unwrap_or_else(|| Bits::below(self.window.end - self.window.start));
        for node in none {
            let matches = self.matches(node, Some(&found), false);
            found.and_not(&matches);
        }
        found
    }
}

impl Window {
    fn new() -> Window {
        Window {
            start: 0,
            end: 0,
            scores: vec![0.0; WINDOW as usize],
            frequencies: vec![0.0; WINDOW as usize],
        }
    }

    fn begin(&mut self, start: u32, end: u32) {
        (self.start, self.end) = (start, end);
        self.scores.fill(0.0);
    }
}
