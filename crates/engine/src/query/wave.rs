//! A wave: tasks that all threads of the query pool do at once.
//!
//! Rows of neighbouring files are put together where they are found, in the threads. What is left to the one that
//! delivers them is to put a few parts one behind the other.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use quern_matcher::{Columns, Limits};
use rayon::prelude::*;

use crate::error::Error;
use crate::query::verify::{Found, Task, Verification, Worker};

/// Files that a thread takes at once.
const CHUNK: usize = 8;
/// Bytes of rows up to which a file may be like its neighbours.
const LARGEST_TYPICAL: usize = 8 << 10;
/// Bytes of rows with which a part is full: a batch passes its memory by one part at most.
const FULL_PART: usize = 64 << 10;
/// Bytes of a path, about.
const TYPICAL_PATH: usize = 48;

/// Rows of several files, and the files' paths.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The rows.
    pub rows: Columns,
    /// For each row, which of this batch's files it is from.
    pub file: Vec<u32>,
    /// The files' stored paths, one after the other.
    pub path: Vec<u8>,
    /// End of each path in `path`.
    pub path_end: Vec<u32>,
}

impl Batch {
    /// Makes room for a chunk of files, the first of which has `rows`: its neighbours tend to be like it. Growing a dozen
    /// vectors step by step costs more than filling them.
    fn reserve(&mut self, rows: &Columns) {
        let files = if rows.bytes() <= LARGEST_TYPICAL { CHUNK } else { 1 };
        self.rows.reserve(files * rows.rows(), files * rows.text.len());
        self.file.reserve(files * rows.rows());
        self.path.reserve(files * TYPICAL_PATH);
        self.path_end.reserve(files);
    }

    /// The files' stored paths.
    pub fn file_paths(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(&0).chain(&self.path_end);
        let ranges = starts.zip(&self.path_end);
        ranges.map(|(&start, &end)| &self.path[start as usize..end as usize])
    }

    /// Appends the rows of one file.
    pub(crate) fn push(&mut self, path: &[u8], rows: &Columns) {
        let file = self.path_end.len() as u32;
        self.path.extend_from_slice(path);
        self.path_end.push(self.path.len() as u32);
        self.file.extend(std::iter::repeat_n(file, rows.rows()));
        self.rows.append(rows, 0..rows.rows());
    }

    /// Appends the rows of other files.
    pub(crate) fn append(&mut self, other: &Batch) {
        let (files, bytes) = (self.path_end.len() as u32, self.path.len() as u32);
        self.path.extend_from_slice(&other.path);
        self.path_end.extend(other.path_end.iter().map(|end| end + bytes));
        self.file.extend(other.file.iter().map(|file| file + files));
        self.rows.append(&other.rows, 0..other.rows.rows());
    }
}

/// What became of neighbouring tasks.
pub(crate) enum Part {
    /// Of so many, nothing but their rows.
    Merged(usize, Batch),
    /// Of one, of which more is to be said or decided.
    Single(Found),
}

impl Part {
    pub fn tasks(&self) -> usize {
        match self {
            Part::Merged(tasks, _) => *tasks,
            Part::Single(_) => 1,
        }
    }

    pub fn bytes(&self) -> usize {
        match self {
            Part::Merged(_, batch) => batch.rows.bytes(),
            Part::Single(found) => found.rows.bytes(),
        }
    }
}

/// How a wave is done.
pub(crate) struct Wave<'a> {
    pub verification: &'a Verification,
    pub tasks: &'a [Task],
    pub workers: &'a Mutex<Vec<Worker>>,
    /// Limits of each file's rows.
    pub limits: Limits,
    /// Bytes of rows at which no more tasks are begun.
    pub memory: usize,
    /// This task is done whatever is held: without it there is no progress.
    pub due: usize,
    /// Whether rows of several files may be put together: not while they are counted against a limit.
    pub merges: bool,
}

impl Wave<'_> {
    /// Does these tasks, which are in ascending order, as far as `memory` allows when `held` bytes are in use. Each part
    /// comes with its first task.
    pub fn run(&self, tasks: &[usize], held: usize) -> Result<Vec<(usize, Part)>, Error> {
        let held = AtomicUsize::new(held);
        let parts: Vec<Vec<(usize, Part)>> = tasks
            .par_chunks(CHUNK)
            // Rayon would cut a wave into four, and whoever gets the largest files keeps the others waiting.
            .with_max_len(1)
            .map(|chunk| self.chunk(chunk, &held))
            .collect::<Result<_, Error>>()?;
        Ok(parts.into_iter().flatten().collect())
    }

    fn chunk(&self, tasks: &[usize], held: &AtomicUsize) -> Result<Vec<(usize, Part)>, Error> {
        let mut worker = self.worker()?;
        let mut parts = Vec::new();
        for &task in tasks {
            if task != self.due && held.load(Ordering::Relaxed) >= self.memory {
                break;
            }
            let found = self
                .verification
                .run(&mut worker, &self.tasks[task], self.limits)?;
            held.fetch_add(found.rows.bytes(), Ordering::Relaxed);
            self.place(&mut parts, task, found, &mut worker);
        }
        self.workers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(worker);
        Ok(parts)
    }

    fn place(&self, parts: &mut Vec<(usize, Part)>, task: usize, found: Found, worker: &mut Worker) {
        let is_plain = found.error.is_none() && !found.cut;
        if !self.merges || !is_plain {
            parts.push((task, Part::Single(found)));
            return;
        }
        let is_open = |(first, part): &(usize, Part)| match part {
            Part::Merged(tasks, batch) => first + tasks == task && batch.rows.bytes() < FULL_PART,
            Part::Single(_) => false,
        };
        if !parts.last().is_some_and(is_open) {
            parts.push((task, Part::Merged(0, Batch::default())));
        }
        if let Some((_, Part::Merged(tasks, batch))) = parts.last_mut() {
            *tasks += 1;
            if !found.rows.is_empty() {
                if batch.file.is_empty() {
                    batch.reserve(&found.rows);
                }
                batch.push(&self.verification.path(&self.tasks[task]), &found.rows);
            }
            worker.recycle(found.rows);
        }
    }

    fn worker(&self) -> Result<Worker, Error> {
        let free = self.workers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        free.map_or_else(|| self.verification.worker(), Ok)
    }
}
