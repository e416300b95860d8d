//! Searching many files at once, with an output that does not depend on who was first.
//!
//! Files are taken in order and searched in *waves*: threads claim the next file until the output that waits in memory
//! reaches [`WAVE`] bytes, or the files of the wave are used up. Every claimed file is searched to its end, so a wave is
//! a run of files without gaps, whose outputs are joined in order. One file may hold [`HELD`] bytes; one that writes more
//! is left, marked [`Piece::TooLong`], and searched again as a stream when its turn comes. What is in memory is
//! therefore at most `WAVE` bytes and `HELD` for each thread, however large the answer is.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use grep_printer::Stats;
use quern_matcher::Pattern;
use quern_walk::Cancel;
use rayon::ThreadPool;

use crate::error::Error;
use crate::feed::Stop;
use crate::haystack::Haystack;
use crate::page::Out;
use crate::prune::{Prune, Skippable};
use crate::settings::Settings;
use crate::worker::{Outcome, Worker};

/// Output that ends a wave, in bytes.
const WAVE: usize = 4 << 20;
/// The most output of one file that waits in memory, in bytes.
const HELD: usize = 1 << 20;
/// The most files of one wave: a wave without output ends too, so that errors show and memory is given back.
const FILES: usize = 1 << 14;

/// All that searching needs and that stays the same during a run.
pub(crate) struct Search {
    pub settings: Settings,
    pattern: Pattern,
    prune: Option<Box<dyn Prune>>,
    skippable: Skippable,
    stop: Stop,
    idle: Mutex<Vec<Worker>>,
}

/// What one file came to.
pub(crate) enum Piece {
    Written(Written),
    /// It writes more than is held at once, or its bytes can be read only once: stream it.
    TooLong,
}

/// What is to be printed about a file.
pub(crate) struct Written {
    pub bytes: Vec<u8>,
    /// See [`Searched::has_prelude`](crate::printer::Searched::has_prelude).
    pub has_prelude: bool,
    /// Why it could not be searched to its end.
    pub failure: Option<String>,
}

/// Sums over files.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub searched: u64,
    pub pruned: u64,
    pub matched: bool,
    pub stats: Stats,
}

/// The pieces of a run of files: only of those that came to something, by their place in the run.
#[derive(Default)]
pub(crate) struct Wave {
    pub files: usize,
    pub pieces: Vec<(usize, Piece)>,
    pub tally: Tally,
}

/// What the threads of a wave share.
struct Front {
    next: AtomicUsize,
    waiting: AtomicUsize,
    stopped: AtomicBool,
}

impl Search {
    pub fn new(
        settings: Settings,
        pattern: Pattern,
        prune: Option<Box<dyn Prune>>,
        cancel: Cancel,
    ) -> Result<Search, Error> {
        let stop = Stop::new(cancel);
        let first = Worker::new(&settings, &pattern, stop.clone())?;
        let skippable = Skippable::new(&settings);
        let prune = prune.filter(|_| skippable != Skippable::Nothing);
        Ok(Search {
            settings,
            pattern,
            prune,
            skippable,
            stop,
            idle: Mutex::new(vec![first]),
        })
    }

    /// Whether the walk has to give metadata.
    pub fn needs_stat(&self) -> bool {
        self.prune.is_some()
    }

    /// A worker that heeds `stop`, for a search outside of waves.
    pub fn worker(&self, stop: Stop) -> Result<Worker, Error> {
        Worker::new(&self.settings, &self.pattern, stop)
    }

    /// Searches the first files of `haystacks`: at least one, if there is any.
    pub fn wave(&self, haystacks: &[Haystack], pool: &ThreadPool) -> Result<Wave, Error> {
        let haystacks = &haystacks[..haystacks.len().min(FILES)];
        let front = Front {
            next: AtomicUsize::new(0),
            waiting: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
        };
        let threads = pool.current_num_threads().min(haystacks.len());
        let parts: Mutex<Vec<Result<Wave, Error>>> = Mutex::default();
        pool.scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|_| {
                    let part = self.take_part(haystacks, &front);
                    parts.lock().unwrap_or_else(PoisonError::into_inner).push(part);
                });
            }
        });
        self.stop.cancel.check()?;
        let mut wave = Wave::default();
        for part in parts.into_inner().unwrap_or_else(PoisonError::into_inner) {
            wave.merge(part?);
        }
        wave.pieces.sort_unstable_by_key(|(place, _)| *place);
        Ok(wave)
    }

    fn take_part(&self, haystacks: &[Haystack], front: &Front) -> Result<Wave, Error> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut worker = match idle {
            Some(worker) => worker,
            None => self.worker(self.stop.clone())?,
        };
        let mut part = Wave::default();
        while front.waiting.load(Ordering::Relaxed) < WAVE && !front.stopped.load(Ordering::Relaxed) {
            let place = front.next.fetch_add(1, Ordering::Relaxed);
            let Some(haystack) = haystacks.get(place) else {
                break;
            };
            part.files += 1;
            if self.stop.cancel.check().is_err() {
                break;
            }
            if let Some(piece) = self.search(&mut worker, haystack, &mut part.tally) {
                front.waiting.fetch_add(piece.held(), Ordering::Relaxed);
                part.pieces.push((place, piece));
            }
            if part.tally.matched && self.settings.stops_at_match() {
                front.stopped.store(true, Ordering::Relaxed);
            }
        }
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(worker);
        Ok(part)
    }

    /// Searches a file, or does as if; `None` if it left no trace.
    fn search(&self, worker: &mut Worker, haystack: &Haystack, tally: &mut Tally) -> Option<Piece> {
        let outcome = match self.skipped_size(haystack) {
            Some(size) => {
                tally.pruned += 1;
                if !self.settings.shows_unmatched() {
                    return None;
                }
                worker.skip(haystack, size, Out::held(HELD, self.stop.clone()))
            }
            None if haystack.is_stream() => return Some(Piece::TooLong),
            None => worker.search(haystack, Out::held(HELD, self.stop.clone())),
        };
        if outcome.out.overflowed {
            return Some(Piece::TooLong);
        }
        self.settle(haystack, outcome, tally).map(Piece::Written)
    }

    /// The size of a file that need not be read.
    fn skipped_size(&self, haystack: &Haystack) -> Option<u64> {
        let (prune, meta) = (self.prune.as_deref()?, haystack.meta.as_ref()?);
        let skipped = self
            .skippable
            .skips(prune, &haystack.path, meta, haystack.explicit);
        skipped.then_some(meta.size)
    }

    /// Counts what a search found, and keeps what it wrote. Of a file that failed, ripgrep with several threads has
    /// printed nothing, with one thread what it wrote before.
    pub fn settle(&self, haystack: &Haystack, outcome: Outcome, tally: &mut Tally) -> Option<Written> {
        let bytes = outcome.out.bytes;
        match outcome.result {
            Ok(searched) => {
                tally.searched += 1;
                tally.matched |= searched.has_match;
                if let Some(stats) = &searched.stats {
                    tally.stats += stats;
                }
                let written = Written {
                    bytes,
                    has_prelude: searched.has_prelude,
                    failure: None,
                };
                (!written.bytes.is_empty()).then_some(written)
            }
            Err(error) => {
                let bytes = if self.settings.sequential {
                    bytes
                } else {
                    Vec::new()
                };
                let failure = Some(format!("{}: {error}", haystack.path.display()));
                Some(Written {
                    bytes,
                    has_prelude: true,
                    failure,
                })
            }
        }
    }
}

impl Piece {
    /// Bytes in memory.
    fn held(&self) -> usize {
        match self {
            Piece::Written(written) => written.bytes.len(),
            Piece::TooLong => 0,
        }
    }
}

impl Tally {
    pub fn merge(&mut self, other: &Tally) {
        self.searched += other.searched;
        self.pruned += other.pruned;
        self.matched |= other.matched;
        self.stats += &other.stats;
    }
}

impl Wave {
    fn merge(&mut self, other: Wave) {
        self.files += other.files;
        self.pieces.extend(other.pieces);
        self.tally.merge(&other.tally);
    }
}
