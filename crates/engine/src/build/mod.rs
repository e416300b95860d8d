//! From files to segments.
//!
//! Workers take files in the order of their paths from one shared list, [large ones](large) before; each fills a segment of
//! its own, in buffers of a fixed size, and writes it out when they are full. They have threads of their own, which end with the build: a
//! thread of a rayon pool that waits for others takes on whatever else is queued, and were that another open of the same
//! store, it would wait for the lock that is held further down its own stack. A file that cannot be read is recorded as *opaque*: every query
//! looks at it directly, so it can make an answer slower but never wrong. So is a file at which our own code panics; the
//! worker goes on with the next. A panic while a segment is written concerns all files in it, and ends the build.
//!
//! A file's content may also be given: an editor has it, and no disk does yet. It is indexed as if it had been read, and
//! kept by its segment.

mod destination;
mod file;
mod growth;
mod large;
mod ledger;
mod queue;
mod segment;
mod worker;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Scope;
use std::time::Duration;

use quern_store::Finished;
use quern_text::TimeStamps;
use quern_walk::Cancel;

pub(crate) use destination::Destination;
pub(crate) use growth::{Growth, Kept};
use large::Large;
pub(crate) use ledger::Ledger;
use queue::{CHUNK, Queue, Task};
use worker::Worker;

use crate::error::{Code, Error, contained};
use crate::pools::Kind;
use crate::progress::{Phase, Progress};

/// How work and memory are shared out, in bytes; tests have others than [`SIZES`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    /// What a worker has at least. Where [`Plan::memory`] has not that much for each thread, there are fewer workers.
    pub worker: usize,
    /// A file of this size is not indexed among its neighbours.
    pub apart: u64,
    /// A larger one is cut.
    pub whole: u64,
    /// Of a piece, at most, but for the rest of a line.
    pub piece: u64,
}

/// A worker with less would write a segment for every few blocks: tables, windows and buffers for writing take eleven MiB,
/// whatever is in them. A piece is a fraction of a second's work. A file is only cut where it has to be: plans for whole files
/// rule out no part of one that is.
pub(crate) const SIZES: Sizes = Sizes {
    worker: 24 << 20,
    apart: 8 << 20,
    whole: 64 << 20,
    piece: 32 << 20,
};

/// What to build, and within which bounds.
pub(crate) struct Plan<'a> {
    pub root: &'a Path,
    pub files: &'a [Source],
    pub to: Destination<'a>,
    pub threads: usize,
    /// How a thread is started.
    pub kind: &'a Kind,
    pub progress: &'a Progress,
    pub cancel: &'a Cancel,
    /// Bytes that all workers together may hold.
    pub memory: usize,
    pub max_errors: u64,
    pub max_line: usize,
    /// A file of which one read takes longer is given up.
    pub read_timeout: Option<Duration>,
    /// How time stamps of logs are written.
    pub stamps: &'a TimeStamps,
    /// Bytes of a run of terms that is built with each segment; `None`: no terms are.
    pub terms: Option<usize>,
    pub sizes: Sizes,
}

/// A file to index.
pub(crate) enum Source {
    /// What is on disk.
    Disk {
        /// Absolute.
        path: PathBuf,
        stored: Vec<u8>,
        /// What of it is indexed already, and may stay.
        growth: Option<Box<Growth>>,
    },
    /// A content that was given, whatever is on disk.
    Given { stored: Vec<u8>, content: Arc<[u8]> },
}

impl Source {
    pub fn stored(&self) -> &[u8] {
        match self {
            Source::Disk { stored, .. } | Source::Given { stored, .. } => stored,
        }
    }

    /// The entries that stay, if the file only grew.
    pub fn kept(&self) -> Vec<(u32, u32)> {
        match self {
            Source::Disk {
                growth: Some(growth), ..
            } => growth.kept.iter().map(|kept| kept.entry).collect(),
            _ => Vec::new(),
        }
    }
}

/// Builds segments of all files. Those in a store are durable, but no manifest names them yet.
///
/// # Errors
/// A stop, a store that cannot be written, or more failing files than allowed. Segments that were finished are
/// discarded.
pub(crate) fn build(plan: &Plan<'_>, ledger: &mut Ledger) -> Result<Vec<Finished>, Error> {
    plan.progress.expect(plan.files.len() as u64);
    plan.progress.enter(Phase::Read);
    let (most, share) = shares(plan);
    let crew = Crew {
        plan,
        share,
        queue: Queue::new(plan.files),
        most,
        workers: AtomicUsize::new(1),
        outcome: Mutex::default(),
    };
    std::thread::scope(|scope| {
        crew.hire(scope, plan.files.len().div_ceil(CHUNK));
        crew.work(scope);
    });
    let threads = crew.workers.into_inner();
    let outcome = crew.outcome.into_inner().unwrap_or_else(PoisonError::into_inner);
    ledger.add(outcome.ledger);
    ledger.threads = ledger.threads.max(threads);
    match outcome.failure {
        None => Ok(outcome.segments),
        Some(error) => {
            outcome
                .segments
                .iter()
                .for_each(|segment| plan.to.discard(segment));
            Err(error)
        }
    }
}

/// The workers of one build.
struct Crew<'a> {
    plan: &'a Plan<'a>,
    queue: Queue<'a>,
    /// How many there are, and can be at most. As long as there is little to do they are few: starting a thread takes
    /// longer than indexing a small file.
    workers: AtomicUsize,
    most: usize,
    /// Bytes that each may hold.
    share: usize,
    outcome: Mutex<Outcome>,
}

#[derive(Default)]
struct Outcome {
    segments: Vec<Finished>,
    ledger: Ledger,
    failure: Option<Error>,
}

impl<'a> Crew<'a> {
    /// Starts workers until there are as many as are `wanted`, or as there can be.
    fn hire<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>, wanted: usize) {
        let more = |workers: usize| (workers < wanted.min(self.most)).then_some(workers + 1);
        while let Ok(number) = self
            .workers
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more)
        {
            let thread = self.plan.kind.builder(format!("quern-worker-{number}"));
            let work = || {
                self.plan.kind.enter();
                self.work(scope);
            };
            if thread.spawn_scoped(scope, work).is_err() {
                // Without a thread more, the others do its share.
                self.workers.fetch_sub(1, Ordering::Relaxed);
                break;
            }
        }
    }

    /// Does tasks until there are no more.
    fn work<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>) {
        let mut worker = Worker::new(self.plan, self.share);
        let result = contained(|| self.drain(&mut worker, scope));
        let (segments, own) = worker.into_parts();
        let mut outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        outcome.segments.extend(segments);
        outcome.ledger.add(own);
        if let Err(error) = result {
            self.queue.stop();
            outcome.failure.get_or_insert(error);
        }
    }

    fn drain<'scope>(
        &'scope self,
        worker: &mut Worker<'a>,
        scope: &'scope Scope<'scope, '_>,
    ) -> Result<(), Error> {
        while let Some(task) = self.queue.take() {
            match task {
                Task::Files(files, _looking) => files.iter().try_for_each(|file| {
                    self.before(worker)?;
                    match file {
                        Source::Disk { path, stored, growth } if self.most > 1 => {
                            let growth = growth.as_deref();
                            if let Some(large) = worker.add_unless_large(path, stored, growth)? {
                                self.put(large, scope);
                            }
                            Ok(())
                        }
                        Source::Disk { path, stored, growth } => worker.add(path, stored, growth.as_deref()),
                        Source::Given { stored, content } => worker.add_given(stored, content),
                    }
                })?,
                Task::Piece(piece) => {
                    self.before(worker)?;
                    worker.add_piece(&piece)?;
                }
            }
        }
        self.before(worker)?;
        worker.flush()
    }

    fn put<'scope>(&'scope self, large: Large<'a>, scope: &'scope Scope<'scope, '_>) {
        let pieces = large.pieces();
        let count = pieces.len();
        self.queue.put(pieces);
        self.hire(scope, count);
    }

    /// Whether the build is to go on.
    fn before(&self, worker: &Worker<'_>) -> Result<(), Error> {
        self.plan.cancel.check()?;
        let most = self.plan.max_errors;
        if worker.error_count() > most {
            let message = format!("more than {most} files could not be read; raise maxErrors to go on");
            return Err(Error::new(Code::TooManyErrors, message).at(self.plan.root));
        }
        Ok(())
    }
}

/// How many workers there can be, and what each may hold.
fn shares(plan: &Plan<'_>) -> (usize, usize) {
    let least = plan.sizes.worker;
    let workers = plan.threads.min(plan.memory / least).max(1);
    (workers, (plan.memory / workers).max(least))
}
