//! How far a build is, readable at any moment from any thread.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::error::Stage;

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
    posts: Mutex<Vec<Post>>,
}

/// What one worker is at. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Post(Arc<Mutex<Option<Task>>>);

#[derive(Debug)]
struct Task {
    path: PathBuf,
    stage: Stage,
    /// When it last got on.
    since: Instant,
}

/// A file that a worker is at.
#[derive(Clone, Debug)]
pub struct AtWork {
    /// The file.
    pub path: PathBuf,
    /// What is done with it.
    pub stage: Stage,
    /// Seconds since it last got on.
    pub seconds: f64,
}

/// One reading of a [`Progress`].
#[derive(Clone, Debug)]
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
    /// Of the files that workers are at, the one that has not got on for longest.
    pub slowest: Option<AtWork>,
}

impl Post {
    /// Begins with a file, or with the next thing that is done with it.
    pub fn begin(&self, path: &Path, stage: Stage) {
        let mut task = self.lock();
        let since = Instant::now();
        match &mut *task {
            // Most often the path has room where the last one was.
            Some(task) => {
                task.path.clear();
                task.path.push(path);
                (task.stage, task.since) = (stage, since);
            }
            None => {
                let path = path.to_path_buf();
                *task = Some(Task { path, stage, since });
            }
        }
    }

    /// Gets on.
    pub fn get_on(&self, stage: Stage) {
        if let Some(task) = &mut *self.lock() {
            (task.stage, task.since) = (stage, Instant::now());
        }
    }

    /// There is nothing to do any more.
    pub fn leave(&self) {
        *self.lock() = None;
    }

    fn at_work(&self, now: Instant) -> Option<AtWork> {
        let task = self.lock();
        task.as_ref().map(|task| AtWork {
            path: task.path.clone(),
            stage: task.stage,
            seconds: now.saturating_duration_since(task.since).as_secs_f64(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Option<Task>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Progress {
    fn default() -> Self {
        Progress {
            phase: AtomicU8::new(0),
            files: AtomicU64::new(0),
            total: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            started: Instant::now(),
            posts: Mutex::default(),
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

    /// A place for one more worker to say what it is at.
    pub(crate) fn post(&self) -> Post {
        let post = Post::default();
        self.posts().push(post.clone());
        post
    }

    fn posts(&self) -> MutexGuard<'_, Vec<Post>> {
        self.posts.lock().unwrap_or_else(PoisonError::into_inner)
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
            slowest: self.slowest(),
        }
    }

    fn slowest(&self) -> Option<AtWork> {
        // One time for all, or what is looked at later would seem slower.
        let now = Instant::now();
        let posts = self.posts();
        let at_work: Vec<AtWork> = posts.iter().filter_map(|post| post.at_work(now)).collect();
        at_work
            .into_iter()
            .max_by(|one, other| one.seconds.total_cmp(&other.seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_is_the_one_that_has_not_got_on_for_longest() {
        let progress = Progress::default();
        assert!(progress.read().slowest.is_none());
        let (first, second) = (progress.post(), progress.post());
        // Coarse clocks give one time twice.
        let tick = || {
            let start = Instant::now();
            while Instant::now() == start {}
        };
        first.begin(Path::new("/first"), Stage::Read);
        tick();
        second.begin(Path::new("/second"), Stage::Read);
        tick();
        let slowest = || {
            let slowest = progress.read().slowest.unwrap();
            (slowest.path, slowest.stage)
        };
        assert_eq!(slowest(), ("/first".into(), Stage::Read));
        first.get_on(Stage::Write);
        assert_eq!(slowest(), ("/second".into(), Stage::Read));
        second.leave();
        assert_eq!(slowest(), ("/first".into(), Stage::Write));
        first.begin(Path::new("/third"), Stage::Read);
        assert_eq!(slowest(), ("/third".into(), Stage::Read));
    }
}
