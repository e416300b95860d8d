//! The most frequent terms of a shape in many runs, best first.
//!
//! The dictionaries of all runs are walked as if they were one tree. Of a node it is known how many chunks have the most
//! frequent term behind it: at most the sum of what the runs say of theirs, which still counts chunks that are dead. The
//! queue holds nodes and terms by that bound, equal ones in alphabetical order; a node stands before what is behind it. What is
//! taken from it first is at least as good as all the rest: a node is replaced by those it leads to, a term is counted where
//! chunks are dead and goes back with the true number. One that is counted is the next answer. (Best-first search with an
//! admissible bound, as in Hart, Nilsson and Raphael, 1968.)

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use tantivy::TERMINATED;
use tantivy::schema::IndexRecordOption;

use crate::error::{Error, reading};
use crate::names::as_written;
use crate::query::corpus::LiveRun;
use crate::query::list::List;
use crate::query::suggest::shape::{Progress, Shape};
use crate::weighted::{Dictionary, Place, Weighted};

/// Nodes between two looks whether to stop.
const LOOK: u32 = 256;

pub(super) struct Walk<'w, 'a> {
    runs: &'w [LiveRun<'a>],
    dictionary: Dictionary,
    weighted: Vec<&'a Weighted>,
    shape: &'w Shape,
    queue: BinaryHeap<Entry>,
    visits_left: u32,
    /// What fewer chunks have is left out.
    least: u64,
    is_cut: bool,
    nodes: u32,
    stopped: &'w (dyn Fn() -> bool + Sync),
}

/// Something that may lead to an answer.
struct Entry {
    /// Chunks, at most.
    bound: u64,
    key: Vec<u8>,
    sort: Sort,
}

enum Sort {
    Node(Node),
    /// A term, and how many chunks of each run have it, dead or not.
    Term(Vec<(usize, u64)>),
    /// A term whose bound is true.
    Counted,
}

/// The same beginning in several runs.
struct Node {
    places: Vec<(usize, Place)>,
    progress: Progress,
}

impl Ord for Entry {
    fn cmp(&self, other: &Entry) -> Ordering {
        let by = |entry: &Entry| (entry.bound, matches!(entry.sort, Sort::Counted));
        let (own, others) = (by(self), by(other));
        let by_key = || Reverse(&self.key).cmp(&Reverse(&other.key));
        own.0
            .cmp(&others.0)
            .then_with(by_key)
            .then_with(|| own.1.cmp(&others.1))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Entry) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Entry) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Entry {}

impl<'w, 'a> Walk<'w, 'a> {
    /// # Errors
    /// A damaged run.
    pub fn new(
        runs: &'w [LiveRun<'a>],
        dictionary: Dictionary,
        shape: &'w Shape,
        (visits, least): (u32, u64),
        stopped: &'w (dyn Fn() -> bool + Sync),
    ) -> Result<Walk<'w, 'a>, Error> {
        let weighted = runs.iter().map(|live| live.run.weighted(dictionary));
        let weighted: Vec<&Weighted> = weighted.collect::<Result<_, _>>()?;
        let mut walk = Walk {
            runs,
            dictionary,
            shape,
            queue: BinaryHeap::new(),
            visits_left: visits,
            least,
            is_cut: false,
            nodes: 0,
            stopped,
            weighted,
        };
        let follow = |weighted: &&Weighted| {
            let mut bytes = shape.start().iter();
            bytes.try_fold(weighted.root(), |place, &byte| weighted.follow(place, byte))
        };
        let places = walk.weighted.iter().map(follow).enumerate();
        let places: Vec<_> = places.filter_map(|(run, place)| Some((run, place?))).collect();
        if let (Some(progress), false) = (shape.after_start(), places.is_empty()) {
            walk.put_node(shape.start().to_vec(), Node { places, progress });
        }
        Ok(walk)
    }

    /// Whether nodes were left that may not be looked at.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    pub fn visits_left(&self) -> u32 {
        self.visits_left
    }

    /// The next term, and how many chunks have it.
    ///
    /// # Errors
    /// A damaged run; a stop.
    pub fn next(&mut self) -> Result<Option<(String, u64)>, Error> {
        while let Some(Entry { bound, key, sort }) = self.queue.pop() {
            match sort {
                Sort::Node(node) => {
                    if self.visits_left == 0 {
                        self.is_cut = true;
                        return Ok(None);
                    }
                    self.go_on(key, node)?;
                }
                Sort::Term(of_runs) => {
                    let bound = self.count(&key, &of_runs)?;
                    self.put(bound, key, Sort::Counted);
                }
                Sort::Counted => return Ok(Some((as_written(&key), bound))),
            }
        }
        Ok(None)
    }

    /// Puts what a node leads to into the queue, or what is behind that if it leads to one thing only.
    fn go_on(&mut self, mut key: Vec<u8>, mut node: Node) -> Result<(), Error> {
        loop {
            if self.nodes.is_multiple_of(LOOK) && (self.stopped)() {
                return Err(Error::Stopped);
            }
            self.nodes = self.nodes.wrapping_add(1);
            self.put_term(&key, &node);
            let mut next = self.behind(&node);
            match next.len() {
                0 => return Ok(()),
                1 if self.visits_left > 0 => {
                    let (byte, only) = next.remove(0);
                    key.push(byte);
                    node = only;
                }
                _ => {
                    for (byte, node) in next {
                        let key = [&key[..], &[byte]].concat();
                        self.put_node(key, node);
                    }
                    return Ok(());
                }
            }
        }
    }

    /// The nodes that one leads to.
    fn behind(&mut self, node: &Node) -> Vec<(u8, Node)> {
        let mut all: Vec<(u8, usize, Place)> = Vec::new();
        match self.shape.few(node.progress) {
            Some(bytes) => {
                for &byte in bytes {
                    if self.shape.over(node.progress, byte).is_some() {
                        all.extend(node.places.iter().filter_map(|&(run, place)| {
                            Some((byte, run, self.weighted[run].follow(place, byte)?))
                        }));
                    }
                }
            }
            None => {
                for &(run, place) in &node.places {
                    self.weighted[run].each(place, |byte, place| all.push((byte, run, place)));
                }
                all.sort_unstable_by_key(|&(byte, run, _)| (byte, run));
            }
        }
        self.visits_left = self.visits_left.saturating_sub(all.len() as u32);
        let same = all.chunk_by(|(one, ..), (other, ..)| one == other);
        let nodes = same.filter_map(|same| {
            let byte = same[0].0;
            let progress = self.shape.over(node.progress, byte)?;
            let places = same.iter().map(|&(_, run, place)| (run, place)).collect();
            Some((byte, Node { places, progress }))
        });
        nodes.collect()
    }

    fn put_node(&mut self, key: Vec<u8>, node: Node) {
        let most = |&(run, place): &(usize, Place)| self.weighted[run].most(place);
        let bound = node.places.iter().map(most).sum();
        self.put(bound, key, Sort::Node(node));
    }

    fn put_term(&mut self, key: &[u8], node: &Node) {
        if !self.shape.accepts(node.progress) {
            return;
        }
        let here = |&(run, place): &(usize, Place)| Some((run, self.weighted[run].here(place)?));
        let of_runs: Vec<(usize, u64)> = node.places.iter().filter_map(here).collect();
        let bound = of_runs.iter().map(|&(_, count)| count).sum();
        self.put(bound, key.to_vec(), Sort::Term(of_runs));
    }

    fn put(&mut self, bound: u64, key: Vec<u8>, sort: Sort) {
        if bound >= self.least.max(1) {
            self.queue.push(Entry { bound, key, sort });
        }
    }

    /// How many chunks have a term that are alive.
    fn count(&self, term: &[u8], of_runs: &[(usize, u64)]) -> Result<u64, Error> {
        let mut sum = 0;
        for &(run, count) in of_runs {
            sum += count - self.dead(run, term)?;
        }
        Ok(sum)
    }

    /// How many chunks of a run have a term and are dead: the shorter of the two lists is gone through.
    fn dead(&self, run: usize, term: &[u8]) -> Result<u64, Error> {
        let LiveRun { run, dead, .. } = self.runs[run];
        if dead.is_empty() {
            return Ok(0);
        }
        let index = run.index(self.dictionary);
        let Some(info) = index.terms().get(term).map_err(reading)? else {
            return Err(Error::Corrupt("a run suggests a term that it has not".to_owned()));
        };
        let blocks = index.read_block_postings_from_terminfo(&info, IndexRecordOption::Basic);
        let mut list = List::new(blocks.map_err(reading)?);
        if dead.len() < u64::from(info.doc_freq) {
            return Ok(dead.iter().filter(|&chunk| list.seek(chunk) == chunk).count() as u64);
        }
        let (mut count, mut chunk) = (0, list.seek(0));
        while chunk != TERMINATED {
            count += u64::from(dead.contains(chunk));
            chunk = list.seek(chunk + 1);
        }
        Ok(count)
    }
}
