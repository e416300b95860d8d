//! The thread that looks after an index behind its callers' backs: it applies what the watcher saw, flushes what is in
//! memory, and merges segments. It starts with the first change in memory or the first watch, and ends with the engine.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use quern_walk::Cancel;

use crate::change::commit::tidy;
use crate::engine::Engine;
use crate::error::{Code, Error};

/// How long to wait after a failure before trying again.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// An engine's thread, if it has one.
#[derive(Default)]
pub(crate) struct Keeper {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    cancel: Cancel,
}

#[derive(Default)]
struct State {
    stopped: bool,
    woken: bool,
}

impl Keeper {
    /// Has the thread look what there is to do; starts it if need be. Without a thread, changes stay in memory until a
    /// flush is asked for.
    pub fn see_to(&self, engine: &Arc<Engine>) {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if thread.is_none() {
            let kind = engine.pools.build.kind();
            let (shared, engine) = (Arc::clone(&self.shared), Arc::downgrade(engine));
            let name = "quern-keeper".to_owned();
            *thread = kind.spawn(name, move || run(&shared, &engine)).ok();
        }
        drop(thread);
        self.shared.wake();
    }

    /// Something that wakes the thread, for whoever finds out that there is something to do.
    pub fn waker(&self) -> impl Fn() + Send + Sync + 'static {
        let shared = Arc::clone(&self.shared);
        move || shared.wake()
    }

    /// Ends the thread, in the middle of what it does, and waits for its end.
    pub fn stop(&self) {
        self.shared.cancel.cancel();
        self.shared.lock().stopped = true;
        self.shared.changed.notify_all();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        // The thread itself may be the one that let go of the engine last.
        if let Some(thread) = thread.filter(|thread| thread.thread().id() != std::thread::current().id()) {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self) {
        self.lock().woken = true;
        self.changed.notify_all();
    }

    /// Waits for the time, or to be woken. Gives whether to go on.
    fn wait(&self, until: Option<Instant>) -> bool {
        let mut state = self.lock();
        while !state.stopped && !state.woken {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            state = match left {
                Some(Duration::ZERO) => break,
                Some(left) => {
                    self.changed
                        .wait_timeout(state, left)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
        state.woken = false;
        !state.stopped
    }
}

/// What the thread remembers from one round to the next.
#[derive(Default)]
struct Round {
    /// Since when something is in memory only.
    unflushed: Option<Instant>,
    /// The generation that was last looked at for merges.
    tidied: u64,
    /// Not before this time is anything tried again.
    after_failure: Option<Instant>,
}

fn run(shared: &Shared, engine: &Weak<Engine>) {
    let mut round = Round::default();
    let mut next = None;
    while shared.wait(next) {
        let Some(engine) = engine.upgrade() else {
            return;
        };
        let done = catch_unwind(AssertUnwindSafe(|| round.work(&engine, &shared.cancel)));
        let done =
            done.unwrap_or_else(|_| Err(Error::new(Code::Internal, "a fault while changes were applied")));
        next = match done {
            Ok(next) => next,
            Err(error) => {
                engine.watching.failed(error);
                let again = Instant::now() + AFTER_FAILURE;
                round.after_failure = Some(again);
                Some(again)
            }
        };
    }
}

impl Round {
    /// Does what is due. Gives when there is something to do again.
    fn work(&mut self, engine: &Arc<Engine>, cancel: &Cancel) -> Result<Option<Instant>, Error> {
        let now = Instant::now();
        if let Some(again) = self.after_failure.filter(|&again| again > now) {
            return Ok(Some(again));
        }
        self.after_failure = None;
        let watched = engine.apply_watched(cancel)?;
        if !engine.is_unsaved() {
            self.unflushed = None;
            self.tidy(engine, cancel)?;
            return Ok(watched);
        }
        // No time is as far off as some delays.
        let due = self.unflushed.get_or_insert(now).checked_add(engine.flush_after);
        if due.is_none_or(|due| due > now) {
            return Ok([due, watched].into_iter().flatten().min());
        }
        engine.flush(cancel)?;
        self.unflushed = None;
        self.tidy(engine, cancel)?;
        Ok(watched)
    }

    /// Merges once a generation, if it is worth it and nobody else is at the store.
    fn tidy(&mut self, engine: &Engine, cancel: &Cancel) -> Result<(), Error> {
        let generation = engine.generation();
        if generation == self.tidied {
            return Ok(());
        }
        loop {
            match tidy(engine, cancel) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) if error.code == Code::Locked => break,
                Err(error) => return Err(error),
            }
        }
        self.tidied = engine.generation();
        Ok(())
    }
}
