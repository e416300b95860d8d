//! Changed paths that wait to be looked at. Pure: the time comes from the caller.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::options::WatchOptions;

/// Beyond so many distinct paths a walk of the whole folder costs less than walking each.
const MAX_PATHS: usize = 10_000;

/// One path that may have changed, with everything below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// A file, a folder, or something that is gone.
    pub path: PathBuf,
    /// When the first of its events came.
    pub first: Instant,
    /// When the last came.
    pub last: Instant,
    /// How many came.
    pub count: u64,
}

/// What a batch is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changes {
    /// These paths, sorted by component, none below another.
    Paths(Vec<Change>),
    /// Whatever there is.
    Everything {
        /// Why it is not known more exactly.
        reason: Reason,
        /// When the first event came, one of single paths included.
        first: Instant,
    },
}

/// Why everything may have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// Nobody saw what happened before the watch was in place.
    Started,
    /// The system lost events.
    Overflow,
    /// More paths changed than are worth a look each.
    TooMany,
    /// The folder is polled.
    Polling,
}

impl Reason {
    /// A stable name: `too-many`.
    pub fn name(self) -> &'static str {
        match self {
            Reason::Started => "started",
            Reason::Overflow => "overflow",
            Reason::TooMany => "too-many",
            Reason::Polling => "polling",
        }
    }
}

/// Changes that were taken to be looked at.
#[derive(Clone, Debug)]
pub struct Batch {
    id: u64,
    changes: Arc<Changes>,
}

impl Batch {
    /// What to look at.
    pub fn changes(&self) -> &Changes {
        &self.changes
    }
}

/// Everything seen and not yet finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pending {
    /// The folder is as it was last looked at.
    Nothing,
    /// These paths and what is below them may differ. One may lie below another.
    Paths(Vec<PathBuf>),
    /// Anything may differ.
    Everything(Reason),
}

/// When and how often.
#[derive(Clone, Copy, Debug)]
struct Span {
    first: Instant,
    last: Instant,
    count: u64,
}

impl Span {
    fn join(&mut self, other: Span) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.count += other.count;
    }
}

/// Changes from their events to the end of looking at them. What was taken counts as pending until it is finished.
#[derive(Debug)]
pub struct Queue {
    delay: Duration,
    events: usize,
    paths: BTreeMap<PathBuf, Span>,
    everything: Option<(Reason, Instant)>,
    /// When the batch that is waiting began.
    since: Option<Instant>,
    /// Paths that came new since then; those that were given back do not hurry.
    fresh: usize,
    out: Vec<Batch>,
    next_id: u64,
}

impl Queue {
    /// An empty one, with the delay and the number of events of `options`.
    pub fn new(options: &WatchOptions) -> Queue {
        Queue {
            delay: options.delay,
            events: options.events,
            paths: BTreeMap::new(),
            everything: None,
            since: None,
            fresh: 0,
            out: Vec::new(),
            next_id: 0,
        }
    }

    /// An event of `path`.
    pub fn push(&mut self, path: &Path, now: Instant) {
        self.since.get_or_insert(now);
        let event = Span {
            first: now,
            last: now,
            count: 1,
        };
        if self.add(path, event) {
            self.fresh += 1;
        }
    }

    /// Anything may have changed.
    pub fn everything(&mut self, reason: Reason, now: Instant) {
        self.since.get_or_insert(now);
        let first = self.paths.values().map(|span| span.first).min();
        self.paths.clear();
        let (_, known) = self.everything.get_or_insert((reason, now));
        *known = first.unwrap_or(now).min(*known);
    }

    /// Whether the path is new.
    fn add(&mut self, path: &Path, mut span: Span) -> bool {
        if let Some((_, first)) = &mut self.everything {
            *first = span.first.min(*first);
            return false;
        }
        for folder in path.ancestors() {
            if let Some(known) = self.paths.get_mut(folder) {
                known.join(span);
                return false;
            }
        }
        // Paths are ordered by component: what lies below one follows it.
        let below: Vec<PathBuf> = self
            .paths
            .range::<Path, _>((Bound::Included(path), Bound::Unbounded))
            .take_while(|(known, _)| known.starts_with(path))
            .map(|(known, _)| known.clone())
            .collect();
        for known in &below {
            if let Some(theirs) = self.paths.remove(known) {
                span.join(theirs);
            }
        }
        self.paths.insert(path.to_path_buf(), span);
        if self.paths.len() > MAX_PATHS {
            self.everything(Reason::TooMany, span.first);
        }
        true
    }

    /// When the waiting batch should be taken; `None`: nothing waits. May lie in the past.
    pub fn due(&self) -> Option<Instant> {
        let since = self.since?;
        Some(if self.fresh >= self.events {
            since
        } else {
            since + self.delay
        })
    }

    /// All that waits, due or not.
    pub fn take(&mut self) -> Option<Batch> {
        self.take_first(|_| ())
    }

    /// Of what waits, due or not, the paths of least rank; the others are due at once. That anything may have changed has
    /// no rank.
    pub fn take_first<R: Ord>(&mut self, rank: impl Fn(&Path) -> R) -> Option<Batch> {
        let since = self.since.take()?;
        self.fresh = 0;
        let changes = match self.everything.take() {
            Some((reason, first)) => Changes::Everything { reason, first },
            None => Changes::Paths(self.first(rank)),
        };
        if !self.paths.is_empty() {
            self.since = Some(since);
            self.fresh = self.events;
        }
        let batch = Batch {
            id: self.next_id,
            changes: Arc::new(changes),
        };
        self.next_id += 1;
        self.out.push(batch.clone());
        Some(batch)
    }

    /// Takes the paths of least rank out of `paths`.
    fn first<R: Ord>(&mut self, rank: impl Fn(&Path) -> R) -> Vec<Change> {
        let ranked = std::mem::take(&mut self.paths).into_iter();
        let ranked: Vec<_> = ranked.map(|(path, span)| (rank(&path), path, span)).collect();
        let mut taken = Vec::new();
        let least = ranked.iter().map(|(rank, ..)| rank).min();
        let is_first: Vec<bool> = ranked.iter().map(|(rank, ..)| Some(rank) == least).collect();
        for ((_, path, span), is_first) in ranked.into_iter().zip(is_first) {
            let Span { first, last, count } = span;
            if is_first {
                taken.push(Change {
                    path,
                    first,
                    last,
                    count,
                });
            } else {
                self.paths.insert(path, span);
            }
        }
        taken
    }

    /// The changes of `batch` are applied.
    pub fn finish(&mut self, batch: &Batch) {
        self.out.retain(|taken| taken.id != batch.id);
    }

    /// The changes of `batch` could not be applied: they wait again, for a whole delay if nothing else does.
    pub fn retry(&mut self, batch: &Batch, now: Instant) {
        self.finish(batch);
        match &*batch.changes {
            Changes::Everything { reason, first } => {
                self.everything(*reason, now);
                if let Some((_, known)) = &mut self.everything {
                    *known = (*known).min(*first);
                }
            }
            Changes::Paths(changes) => {
                self.since.get_or_insert(now);
                for change in changes {
                    let Change {
                        path,
                        first,
                        last,
                        count,
                    } = change;
                    let (first, last, count) = (*first, *last, *count);
                    self.add(path, Span { first, last, count });
                }
            }
        }
    }

    /// Whether nothing waits and nothing is taken.
    pub fn is_empty(&self) -> bool {
        self.since.is_none() && self.out.is_empty()
    }

    /// Whether a batch is taken and not finished.
    pub fn is_out(&self) -> bool {
        !self.out.is_empty()
    }

    /// What waits and what is taken.
    pub fn pending(&self) -> Pending {
        let taken = || self.out.iter().map(Batch::changes);
        let everything = taken().find_map(|changes| match changes {
            Changes::Everything { reason, .. } => Some(*reason),
            Changes::Paths(_) => None,
        });
        if let Some(reason) = self.everything.map(|(reason, _)| reason).or(everything) {
            return Pending::Everything(reason);
        }
        let taken = taken().flat_map(|changes| match changes {
            Changes::Paths(changes) => changes.iter().map(|change| &change.path).collect(),
            Changes::Everything { .. } => Vec::new(),
        });
        let paths: Vec<PathBuf> = self.paths.keys().chain(taken).cloned().collect();
        if paths.is_empty() {
            Pending::Nothing
        } else {
            Pending::Paths(paths)
        }
    }
}
