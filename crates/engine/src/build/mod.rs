//! From files to segments.
//!
//! Workers take files in the order of their paths from one shared list; each fills a segment of its own, in buffers of
//! a fixed size, and writes it out when they are full. They have threads of their own, which end with the build: a
//! thread of a rayon pool that waits for others takes on whatever else is queued, and were that another open of the same
//! store, it would wait for the lock that is held further down its own stack. A file that cannot be read is recorded as *opaque*: every query
//! looks at it directly, so it can make an answer slower but never wrong. So is a file at which our own code panics; the
//! worker goes on with the next. A panic while a segment is written concerns all files in it, and ends the build.
//!
//! A file's content may also be given: an editor has it, and no disk does yet. It is indexed as if it had been read, and
//! kept by its segment.

mod destination;
mod ledger;
mod worker;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use quern_store::Finished;
use quern_walk::Cancel;

pub(crate) use destination::Destination;
pub(crate) use ledger::Ledger;
use worker::Worker;

use crate::error::{Code, Error, contained};
use crate::progress::{Phase, Progress};

/// Files that a worker takes at once: neighbours in the tree, so that paths share prefixes.
const CHUNK: usize = 32;
/// Default of [`Plan::memory`], a thread.
const MEMORY_PER_THREAD: usize = 48 << 20;

/// What to build, and within which bounds.
pub(crate) struct Plan<'a> {
    pub root: &'a Path,
    pub files: &'a [Source],
    pub to: Destination<'a>,
    pub threads: usize,
    pub progress: &'a Progress,
    pub cancel: &'a Cancel,
    /// Bytes that all workers together may hold; 0: the default.
    pub memory: usize,
    pub max_errors: u64,
    pub max_line: usize,
}

/// A file to index.
pub(crate) enum Source {
    /// What is on disk.
    Disk {
        /// Absolute.
        path: PathBuf,
        stored: Vec<u8>,
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
}

/// Builds segments of all files. Those in a store are durable, but no manifest names them yet.
///
/// # Errors
/// A stop, a store that cannot be written, or more failing files than allowed. Segments that were finished are
/// discarded.
pub(crate) fn build(plan: &Plan<'_>, ledger: &mut Ledger) -> Result<Vec<Finished>, Error> {
    plan.progress.expect(plan.files.len() as u64);
    plan.progress.enter(Phase::Read);
    let next = AtomicUsize::new(0);
    let outcome: Mutex<(Vec<Finished>, Ledger, Option<Error>)> = Mutex::default();
    let threads = plan.threads.min(plan.files.len().div_ceil(CHUNK)).max(1);
    let work = || {
        let mut worker = Worker::new(plan, threads);
        let result = contained(|| drain(plan, &next, &mut worker));
        let (segments, own) = worker.into_parts();
        let mut outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner);
        outcome.0.extend(segments);
        outcome.1.add(own);
        if let Err(error) = result {
            next.store(plan.files.len(), Ordering::Relaxed);
            outcome.2.get_or_insert(error);
        }
    };
    std::thread::scope(|scope| {
        for number in 1..threads {
            let thread = std::thread::Builder::new().name(format!("quern-worker-{number}"));
            // Without a thread more, the others do its share.
            let _ = thread.spawn_scoped(scope, work);
        }
        work();
    });
    let (segments, own, failure) = outcome.into_inner().unwrap_or_else(PoisonError::into_inner);
    ledger.add(own);
    ledger.threads = ledger.threads.max(threads);
    match failure {
        None => Ok(segments),
        Some(error) => {
            segments.iter().for_each(|segment| plan.to.discard(segment));
            Err(error)
        }
    }
}

fn drain(plan: &Plan<'_>, next: &AtomicUsize, worker: &mut Worker<'_>) -> Result<(), Error> {
    loop {
        let start = next.fetch_add(CHUNK, Ordering::Relaxed);
        let Some(files) = plan
            .files
            .get(start..plan.files.len().min(start + CHUNK))
            .filter(|f| !f.is_empty())
        else {
            return worker.flush();
        };
        for file in files {
            plan.cancel.check()?;
            match file {
                Source::Disk { path, stored } => worker.add(path, stored)?,
                Source::Given { stored, content } => worker.add_given(stored, content)?,
            }
            if worker.error_count() > plan.max_errors {
                return Err(Error::new(
                    Code::TooManyErrors,
                    format!(
                        "more than {} files could not be read; raise maxErrors to go on",
                        plan.max_errors
                    ),
                )
                .at(plan.root));
            }
        }
    }
}

/// What one of `threads` workers may hold.
fn share(plan: &Plan<'_>, threads: usize) -> usize {
    if plan.memory == 0 {
        MEMORY_PER_THREAD
    } else {
        plan.memory / threads
    }
}

/// Seconds since `start`, and a new start.
fn lap(start: &mut Instant) -> f64 {
    let now = Instant::now();
    let seconds = now.duration_since(*start).as_secs_f64();
    *start = now;
    seconds
}
