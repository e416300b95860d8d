//! Whose turn it is to change an index, among the threads of a process, and what is kept from turn to turn.

use std::sync::PoisonError;
use std::time::Duration;

use crate::sync::{Condvar, Mutex, MutexGuard};

/// How often a thread that waits for its turn looks whether it was stopped.
const LOOK: Duration = Duration::from_millis(20);

/// One thread at a time has its turn. `Kept` is the store's lock.
pub(crate) struct Turn<Kept> {
    state: Mutex<State<Kept>>,
    freed: Condvar,
}

struct State<Kept> {
    taken: bool,
    /// Between turns.
    kept: Option<Kept>,
    /// Turns that are paused.
    paused: usize,
}

impl<Kept> Default for Turn<Kept> {
    fn default() -> Turn<Kept> {
        let state = State {
            taken: false,
            kept: None,
            paused: 0,
        };
        Turn {
            state: Mutex::new(state),
            freed: Condvar::new(),
        }
    }
}

impl<Kept> Turn<Kept> {
    /// Waits for the turn. Gives what was kept from the one before.
    ///
    /// # Errors
    /// Those of `check`, which says whether it may begin.
    pub fn begin<E>(&self, check: impl Fn() -> Result<(), E>) -> Result<Option<Kept>, E> {
        let mut state = self.lock();
        check()?;
        while state.taken {
            state = self.wait(state);
            check()?;
        }
        state.taken = true;
        Ok(state.kept.take())
    }

    /// Ends the turn. What it had is kept for the next one if `is_needed` says so, or if a turn is paused.
    pub fn end(&self, mut kept: Option<Kept>, is_needed: impl FnOnce() -> bool) {
        let mut state = self.lock();
        if state.paused == 0 && !is_needed() {
            // Before others may have their turn, who would find the store locked; and without this lock, since what a writer
            // left behind is removed.
            drop(state);
            drop(kept.take());
            state = self.lock();
        }
        state.kept = kept;
        state.taken = false;
        self.freed.notify_all();
    }

    /// From now on everything is kept, whoever has a turn.
    pub fn pause(&self) {
        self.lock().paused += 1;
    }

    /// The end of that. What is kept may no longer be needed: the end of the turn that is under way sees to it, or this does.
    pub fn resume(&self, is_needed: impl FnOnce() -> bool) {
        let mut state = self.lock();
        state.paused -= 1;
        if state.taken {
            return;
        }
        state.taken = true;
        let kept = state.kept.take();
        drop(state);
        self.end(kept, is_needed);
    }

    /// Waits for the end of every turn, also of those that are paused, and drops what is kept. Whoever begins one from now on
    /// is to be refused by its `check`.
    ///
    /// # Errors
    /// Those of `check`, which says whether to wait on.
    pub fn finish<E>(&self, check: impl Fn() -> Result<(), E>) -> Result<(), E> {
        let mut state = self.lock();
        while state.taken || state.paused > 0 {
            check()?;
            state = self.wait(state);
        }
        let kept = state.kept.take();
        drop(state);
        drop(kept);
        Ok(())
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State<Kept>>) -> MutexGuard<'a, State<Kept>> {
        let waited = self.freed.wait_timeout(state, LOOK);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn lock(&self) -> MutexGuard<'_, State<Kept>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
