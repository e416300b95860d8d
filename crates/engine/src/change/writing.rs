//! The right to change an index: one process has the store's lock, and in it one thread at a time its turn.
//!
//! The lock is kept from one turn to the next while something is in memory only, or while the folder is watched.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use quern_store::{Stamp, Writer};
use quern_walk::Cancel;

use crate::engine::Engine;
use crate::error::Error;
use crate::snapshot::Snapshot;

/// How often a thread that waits for its turn looks whether it was stopped.
const LOOK: Duration = Duration::from_millis(20);

/// Whose turn it is among the threads of this process.
#[derive(Default)]
pub(crate) struct Turn {
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Default)]
struct State {
    taken: bool,
    /// The store's lock between turns.
    kept: Option<Writer>,
    /// Turns that are paused.
    paused: usize,
}

impl Turn {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A turn; dropping it ends it.
pub(crate) struct Writing<'a> {
    engine: &'a Engine,
    /// Present until dropped, but for a turn that could not get the lock.
    writer: Option<Writer>,
}

impl<'a> Writing<'a> {
    /// Waits for the turn and takes the store's lock.
    ///
    /// # Errors
    /// [`Code::Locked`](crate::Code::Locked) if another process has it; a store that cannot be written; a stop.
    pub fn begin(engine: &'a Engine, cancel: &Cancel) -> Result<Writing<'a>, Error> {
        let turn = &engine.turn;
        let mut state = turn.lock();
        while state.taken {
            cancel.check()?;
            state = turn
                .freed
                .wait_timeout(state, LOOK)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        state.taken = true;
        // A store can be removed under its writer.
        let kept = state.kept.take().filter(Writer::is_valid);
        drop(state);
        let mut writing = Writing { engine, writer: kept };
        if writing.writer.is_none() {
            writing.writer = Some(engine.store.try_lock_writer()?);
        }
        Ok(writing)
    }

    /// What writes the store.
    pub fn writer(&self) -> &Writer {
        self.writer.as_ref().expect("a turn that began has the lock")
    }

    /// The state that this turn changes. `None`: nothing was committed yet, or the store was removed. Only under the lock
    /// is it certain that nobody else has come between.
    ///
    /// # Errors
    /// Those of [`Engine::follow`].
    pub fn current(&self) -> Result<Option<Arc<Snapshot>>, Error> {
        match self.engine.store.stamp() {
            Ok(None) => Ok(None),
            Ok(Some(stamp)) if self.is_over_another(stamp) => Ok(None),
            _ => self.engine.follow(),
        }
    }

    /// Whether what is in memory belongs to a store that was removed, and there is another one in its place.
    fn is_over_another(&self, stamp: Stamp) -> bool {
        let known = self.engine.known().filter(|known| known.has_overlay());
        known.is_some_and(|known| known.stored.manifest.store_id != stamp.store_id)
    }

    /// Lets others have their turn, in the middle of something that is to be committed in a turn of its own. The store stays
    /// locked.
    pub fn pause(self) -> Pause<'a> {
        let (engine, writer) = (self.engine, self.writer().clone());
        engine.turn.lock().paused += 1;
        Pause {
            engine,
            writer: Some(writer),
        }
    }
}

/// The time between two turns that belong together.
pub(crate) struct Pause<'a> {
    engine: &'a Engine,
    /// Present until dropped.
    writer: Option<Writer>,
}

impl<'a> Pause<'a> {
    /// What writes the store.
    pub fn writer(&self) -> &Writer {
        self.writer.as_ref().expect("present until dropped")
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// As [`Writing::begin`].
    pub fn end(&self, cancel: &Cancel) -> Result<Writing<'a>, Error> {
        Writing::begin(self.engine, cancel)
    }
}

impl Drop for Pause<'_> {
    fn drop(&mut self) {
        self.writer = None;
        let mut state = self.engine.turn.lock();
        state.paused -= 1;
        if state.taken {
            // The end of that turn lets the lock go.
            return;
        }
        state.taken = true;
        let writer = state.kept.take();
        drop(state);
        drop(Writing {
            engine: self.engine,
            writer,
        });
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        let mut state = self.engine.turn.lock();
        if state.paused == 0 && !self.engine.needs_lock() {
            // Before others may have their turn, who would find the store locked; and without this lock, since what a writer
            // left behind is removed.
            drop(state);
            self.writer = None;
            state = self.engine.turn.lock();
        }
        state.kept = self.writer.take();
        state.taken = false;
        self.engine.turn.freed.notify_one();
    }
}
