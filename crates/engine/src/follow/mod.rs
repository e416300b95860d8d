//! Following a folder: lines that match, as they are written.
//!
//! A [`Following`] has a watch of its own and needs neither the writer's lock nor what is indexed, only the rules by which
//! files belong to the folder. For each file it knows how far that was read (`tail.rs`), and that is all it remembers: rows are
//! read when they are asked for, so a slow reader costs no memory and loses nothing that is still there.
//!
//! Files are told apart by identity, not by name (`files.rs`). So the rest of a renamed log is read under its new name,
//! and the file that takes its place from its start. A file that has become shorter, or does not have what was read of it,
//! begins anew. `look.rs` says what a change of the folder means for the followed files, `copies.rs` which new files only say again
//! what was given already, and `endings.rs` keeps what is needed to find the rest of a text whose file went or began anew;
//! `packed.rs` finds it in a compressed file.
//!
//! What is not seen: text that is deleted before it was read, and a file that is truncated and written again to the very length
//! it had, while the folder is polled.

mod arrivals;
mod copies;
mod endings;
mod files;
mod follower;
mod lines;
mod look;
mod packed;
mod request;
mod tail;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use quern_walk::Cancel;

use crate::change::Alarm;
use crate::engine::Engine;
use crate::error::{Error, Stage, contained};
use crate::query::Batch;
pub use follower::FollowState;
use follower::Follower;
pub use request::{DEFAULT_FOLLOWED_LINE, FollowRequest};

/// Gets rows as they come; nothing: the follow has ended.
type Waiter = Box<dyn FnOnce(Result<Option<Batch>, Error>) + Send>;

/// A folder that is followed, until this is closed or dropped.
pub struct Following {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What the thread shares with those who ask for rows.
#[derive(Default)]
struct Shared {
    alarm: Alarm,
    cancel: Cancel,
    asked: Mutex<Asked>,
    state: Mutex<FollowState>,
}

#[derive(Default)]
struct Asked {
    waiter: Option<(usize, Waiter)>,
    closed: bool,
}

impl Following {
    /// Begins with the files as they are at this moment.
    ///
    /// # Errors
    /// A request that is refused; a stop; when the system gives no thread.
    pub(crate) fn start(
        engine: &Engine,
        request: &FollowRequest,
        cancel: &Cancel,
    ) -> Result<Following, Error> {
        let shared = Arc::new(Shared::default());
        let alarmed = Arc::clone(&shared);
        let wake = Box::new(move || alarmed.alarm.wake());
        let follower = Follower::start(engine, request, wake, cancel)?.stopped_by(shared.cancel.clone());
        *lock(&shared.state) = follower.state();
        let own = Arc::clone(&shared);
        let kind = engine.pools.query.kind();
        let thread = kind.spawn("quern-follow".to_owned(), move || own.run(follower));
        let thread = thread.map_err(|error| Error::io(&error, &engine.root, Stage::Read))?;
        Ok(Following {
            shared,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Hands the next rows to `waiter` when there are some, `rows` at most; none at the end. It is called from another thread, and
    /// must not let go of the follow there. A waiter that is still waiting is replaced, and gets no rows.
    pub fn next(&self, rows: usize, waiter: impl FnOnce(Result<Option<Batch>, Error>) + Send + 'static) {
        let mut asked = lock(&self.shared.asked);
        let is_closed = asked.closed;
        let unanswered = match is_closed {
            true => Some((rows, Box::new(waiter) as Waiter)),
            false => asked.waiter.replace((rows.max(1), Box::new(waiter))),
        };
        drop(asked);
        self.shared.alarm.wake();
        if let Some((_, waiter)) = unanswered {
            waiter(Ok(None));
        }
    }

    /// How the folder is followed, and what could not be.
    pub fn state(&self) -> FollowState {
        lock(&self.shared.state).clone()
    }

    /// Ends the follow, and does not wait for its thread.
    pub fn stop(&self) {
        self.shared.end(None);
    }

    /// Ends the follow. Closing twice does no harm.
    pub fn close(&self) {
        self.stop();
        let thread = lock(&self.thread).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    fn run(&self, mut follower: Follower) {
        let mut due = None;
        while self.alarm.wait(due) {
            let wanted = lock(&self.asked).waiter.as_ref().map(|(rows, _)| *rows);
            let Some(rows) = wanted else {
                due = None;
                continue;
            };
            let turn = contained(|| follower.turn(rows));
            *lock(&self.state) = follower.state();
            match turn {
                Ok(batch) if batch.rows.is_empty() => due = follower.due(),
                Ok(batch) => {
                    due = None;
                    let waiter = lock(&self.asked).waiter.take();
                    if let Some((_, waiter)) = waiter {
                        waiter(Ok(Some(batch)));
                    }
                }
                Err(error) => return self.end(Some(error)),
            }
        }
    }

    /// Nothing is given any more, but to who waits: the error.
    fn end(&self, error: Option<Error>) {
        let mut asked = lock(&self.asked);
        asked.closed = true;
        let waiter = asked.waiter.take();
        drop(asked);
        self.cancel.cancel();
        self.alarm.stop();
        if let Some((_, waiter)) = waiter {
            waiter(error.map_or(Ok(None), Err));
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
