//! The right to change an index: one process has the store's lock, and in it one thread at a time its turn.
//!
//! The lock is kept from one turn to the next while something is in memory only, or while the folder is watched.

use std::sync::Arc;

use quern_store::{Stamp, Writer};
use quern_walk::Cancel;

use crate::engine::Engine;
use crate::error::Error;
use crate::snapshot::Snapshot;

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
    /// [`Code::Locked`](crate::Code::Locked) if another process has it; a store that cannot be written; a stop; a closed
    /// index.
    pub fn begin(engine: &'a Engine, cancel: &Cancel) -> Result<Writing<'a>, Error> {
        let kept = engine.turn.begin(|| {
            engine.check_open()?;
            cancel.check().map_err(Error::from)
        })?;
        // A store can be removed under its writer.
        let kept = kept.filter(Writer::is_valid);
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
        engine.turn.pause();
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
        self.engine.turn.resume(|| self.engine.needs_lock());
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        let writer = self.writer.take();
        self.engine.turn.end(writer, || self.engine.needs_lock());
    }
}
