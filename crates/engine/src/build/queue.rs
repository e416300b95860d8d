//! What the workers of a build have to do: files in the order of their paths, and pieces of large files before them.
//!
//! Nobody knows the sizes of files before they are opened: a walk that stated every file would cost more than the first
//! build gains by it. So a worker that opens a large file puts it here, and goes on. Who is free next takes the largest
//! that there is, and nobody ends while another may still find one.

use std::sync::PoisonError;

use crate::build::Source;
use crate::build::large::Piece;
use crate::sync::{Condvar, Mutex, MutexGuard};

/// Files that a worker takes at once: neighbours in the tree, so that paths share prefixes.
pub(super) const CHUNK: usize = 32;

/// The tasks of one build.
pub(super) struct Queue<'a> {
    files: &'a [Source],
    state: Mutex<State<'a>>,
    changed: Condvar,
}

#[derive(Default)]
struct State<'a> {
    /// The first file that nobody has taken.
    next: usize,
    /// The most urgent is the last.
    pieces: Vec<Piece<'a>>,
    /// How many workers have files among which there may be large ones.
    looking: usize,
    stopped: bool,
}

/// What one worker does next.
pub(super) enum Task<'q, 'a> {
    Files(&'a [Source], Looking<'q, 'a>),
    Piece(Piece<'a>),
}

/// Held by a worker while it goes through files.
pub(super) struct Looking<'q, 'a>(&'q Queue<'a>);

impl<'a> Queue<'a> {
    pub fn new(files: &'a [Source]) -> Queue<'a> {
        Queue {
            files,
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// The next task; `None`: there will be no more.
    pub fn take(&self) -> Option<Task<'_, 'a>> {
        let mut state = self.lock();
        loop {
            if state.stopped {
                return None;
            }
            if let Some(piece) = state.pieces.pop() {
                return Some(Task::Piece(piece));
            }
            if state.next < self.files.len() {
                let end = self.files.len().min(state.next + CHUNK);
                let files = &self.files[state.next..end];
                state.next = end;
                state.looking += 1;
                return Some(Task::Files(files, Looking(self)));
            }
            if state.looking == 0 {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Adds the pieces of a large file.
    pub fn put(&self, pieces: impl Iterator<Item = Piece<'a>>) {
        let mut state = self.lock();
        state.pieces.extend(pieces);
        state.pieces.sort_unstable_by(Piece::by_urgency);
        self.changed.notify_all();
    }

    /// Has every worker end with its task.
    pub fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State<'a>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Looking<'_, '_> {
    fn drop(&mut self) {
        self.0.lock().looking -= 1;
        self.0.changed.notify_all();
    }
}
