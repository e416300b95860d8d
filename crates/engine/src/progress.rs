//! How far a build is, readable at any moment from any thread.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Instant;

/// The step that a build is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Finding files.
    Walk,
    /// Reading files and building segments.
    Read,
    /// Making the new generation durable.
    Write,
    /// Ended.
    Done,
}

impl Phase {
    /// The name by which JavaScript knows the phase.
    pub const fn name(self) -> &'static str {
        match self {
            Phase::Walk => "walk",
            Phase::Read => "read",
            Phase::Write => "write",
            Phase::Done => "done",
        }
    }
}

/// Shared counters; each is written by workers and read by whoever shows them.
#[derive(Debug)]
pub struct Progress {
    phase: AtomicU8,
    files: AtomicU64,
    total: AtomicU64,
    bytes: AtomicU64,
    started: Instant,
}

/// One reading of a [`Progress`].
#[derive(Clone, Copy, Debug)]
pub struct ProgressReading {
    /// The step.
    pub phase: Phase,
    /// Files read.
    pub files: u64,
    /// Files to read; 0 while they are being found.
    pub total_files: u64,
    /// Bytes of text read.
    pub bytes: u64,
    /// Seconds since the start.
    pub seconds: f64,
}

impl Default for Progress {
    fn default() -> Self {
        Progress {
            phase: AtomicU8::new(0),
            files: AtomicU64::new(0),
            total: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            started: Instant::now(),
        }
    }
}

impl Progress {
    pub(crate) fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::Relaxed);
    }

    pub(crate) fn expect(&self, files: u64) {
        self.total.store(files, Ordering::Relaxed);
    }

    pub(crate) fn file(&self, bytes: u64) {
        self.files.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// The counters now.
    pub fn read(&self) -> ProgressReading {
        let phase = match self.phase.load(Ordering::Relaxed) {
            0 => Phase::Walk,
            1 => Phase::Read,
            2 => Phase::Write,
            _ => Phase::Done,
        };
        ProgressReading {
            phase,
            files: self.files.load(Ordering::Relaxed),
            total_files: self.total.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            seconds: self.started.elapsed().as_secs_f64(),
        }
    }
}
