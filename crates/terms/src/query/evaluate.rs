//! Asking a question of one run: window by window, all leaves side by side.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use tantivy::TERMINATED;

use crate::error::Error;
use crate::query::bits::{Bits, WINDOW};
use crate::query::leaf::{Leaf, Window};
use crate::query::planner::Node;
use crate::query::question::Question;

/// Windows between two looks whether to stop.
const LOOK: u32 = 16;

/// A chunk that answers a question.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Which run of the corpus.
    pub run: u32,
    /// Which chunk of the run.
    pub chunk: u32,
    /// Higher is better.
    pub score: f32,
}

impl Hit {
    /// The better one first; of equals, the first of the corpus.
    pub fn order(&self, other: &Hit) -> Ordering {
        let by_place = || (self.run, self.chunk).cmp(&(other.run, other.chunk));
        other.score.total_cmp(&self.score).then_with(by_place)
    }
}

/// What one run answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hits {
    /// Chunks that match.
    pub total: u64,
    /// The best, best first; of equals, the first of the corpus.
    pub best: Vec<Hit>,
}

impl Question<'_, '_> {
    /// The best `depth` chunks of a run; 0: they are only counted. `check` says now and then whether to go on; `each` gets every chunk that matches.
    ///
    /// # Errors
    /// A damaged run; those of `check`.
    pub fn ask<E: From<Error>>(
        &self,
        run: u32,
        depth: usize,
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
        let mut best = Best {
            depth,
            heap: BinaryHeap::new(),
        };
        let (mut total, mut windows) = (0, 0u32);
        let mut start = asked.next(&self.root, 0);
        while start < live.run.chunks() {
            if windows.is_multiple_of(LOOK) {
                check()?;
            }
            windows += 1;
            let end = live.run.chunks().min(start + WINDOW);
            asked.window.begin(start, end);
            let mut matches = asked.matches(&self.root, None, depth > 0);
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

/// The best hits so far, the worst of them at the top.
struct Best {
    depth: usize,
    heap: BinaryHeap<Worst>,
}

struct Worst(Hit);

impl Best {
    fn add(&mut self, hit: Hit) {
        if self.heap.len() < self.depth {
            self.heap.push(Worst(hit));
        } else if let Some(mut worst) = self.heap.peek_mut()
            && hit.score > worst.0.score
        {
            *worst = Worst(hit);
        }
    }

    fn finish(self) -> Vec<Hit> {
        self.heap
            .into_sorted_vec()
            .into_iter()
            .map(|Worst(hit)| hit)
            .collect()
    }
}

impl PartialEq for Worst {
    fn eq(&self, other: &Worst) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Worst {}

impl PartialOrd for Worst {
    fn partial_cmp(&self, other: &Worst) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Worst {
    fn cmp(&self, other: &Worst) -> Ordering {
        self.0.order(&other.0)
    }
}
