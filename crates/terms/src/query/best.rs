//! Keeping the best hits.

use std::cmp::Ordering;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// A chunk that answers a question.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Which run of the corpus.
    pub run: u32,
    /// Which chunk of the run.
    pub chunk: u32,
    /// Higher is better; not negative.
    pub score: f32,
}

impl Hit {
    /// The better one first; of equals, the first of the corpus.
    pub fn order(&self, other: &Hit) -> Ordering {
        let by_place = || (self.run, self.chunk).cmp(&(other.run, other.chunk));
        other.score.total_cmp(&self.score).then_with(by_place)
    }

    /// Leaves the best `depth` of some hits, best first.
    pub fn keep_best(hits: &mut Vec<Hit>, depth: usize) {
        if hits.len() > depth {
            if depth > 0 {
                hits.select_nth_unstable_by(depth - 1, Hit::order);
            }
            hits.truncate(depth);
        }
        hits.sort_unstable_by(Hit::order);
    }
}

/// How many hits are wanted of all runs together that are asked with it. Runs that are asked side by side tell each other
/// through it which scores are too low.
#[derive(Debug)]
pub struct Depth {
    depth: usize,
    /// So many hits with this score or a higher one are known: the bits of it, which order as it does.
    floor: AtomicU32,
}

impl Depth {
    /// The best `depth`; 0: they are only counted.
    pub fn new(depth: usize) -> Depth {
        Depth {
            depth,
            floor: AtomicU32::new(0),
        }
    }

    pub(super) fn counts_only(&self) -> bool {
        self.depth == 0
    }
}

/// The best hits of one run so far.
pub(super) struct Best<'d> {
    depth: &'d Depth,
    /// Unordered; once there are twice as many as wanted, the worse half goes.
    kept: Vec<Hit>,
    /// The worst score that was kept then: what comes later in the corpus has to be better.
    above: Option<f32>,
    floor: f32,
}

impl Best<'_> {
    pub fn new(depth: &Depth) -> Best<'_> {
        let mut best = Best {
            depth,
            kept: Vec::new(),
            above: None,
            floor: 0.0,
        };
        best.learn();
        best
    }

    /// Learns what other runs have found.
    pub fn learn(&mut self) {
        self.floor = match self.depth.depth {
            0 => f32::INFINITY,
            _ => f32::from_bits(self.depth.floor.load(Relaxed)),
        };
    }

    /// Chunks of one run come ascending.
    #[inline]
    pub fn add(&mut self, hit: Hit) {
        if hit.score >= self.floor && self.above.is_none_or(|above| hit.score > above) {
            self.keep(hit);
        }
    }

    fn keep(&mut self, hit: Hit) {
        self.kept.push(hit);
        let depth = self.depth.depth;
        if self.kept.len() < depth.saturating_mul(2) {
            return;
        }
        let (_, worst, _) = self.kept.select_nth_unstable_by(depth - 1, Hit::order);
        let worst = worst.score;
        self.kept.truncate(depth);
        self.above = Some(worst);
        self.depth.floor.fetch_max(worst.to_bits(), Relaxed);
        self.learn();
    }

    /// Best first.
    pub fn finish(mut self) -> Vec<Hit> {
        Hit::keep_best(&mut self.kept, self.depth.depth);
        self.kept
    }
}
