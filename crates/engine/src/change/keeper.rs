//! What is done for an index behind its callers' backs, by three threads: one applies what the watcher saw and flushes what is
//! in memory, the others merge segments and build terms meanwhile. Each starts when there is first something for it to do, and ends with the
//! engine.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use quern_walk::Cancel;

use crate::change::alarm::Alarm;
use crate::change::commit::{is_tidy, tidy};
use crate::engine::Engine;
use crate::error::{Code, Error};
use crate::pools::Kind;

/// How long to wait after a failure before trying again.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// An engine's threads, as far as it has them.
#[derive(Default)]
pub(crate) struct Keeper {
    changes: Minder,
    merges: Minder,
    ranking: Minder,
}

impl Keeper {
    /// Has the threads look what there is to do. Without a thread, changes stay in memory until a flush is asked for.
    pub fn see_to(&self, engine: &Arc<Engine>) {
        let kind = engine.pools.build.kind();
        self.changes
            .see_to("quern-keeper", kind, engine, Changes::default());
    }

    /// Has terms built of what has none.
    pub fn see_to_ranking(&self, engine: &Arc<Engine>) {
        let kind = engine.pools.build.kind().in_background();
        self.ranking.see_to("quern-ranker", &kind, engine, Ranking);
    }

    /// Something that wakes the threads, for whoever finds out that there is something to do.
    pub fn waker(&self) -> impl Fn() + Send + Sync + 'static {
        let shared = Arc::clone(&self.changes.shared);
        move || shared.alarm.wake()
    }

    /// Why what is done in the background fails at present, if it does.
    pub fn failure(&self) -> Option<Error> {
        let of = |minder: &Minder| minder.shared.failure().clone();
        let minders = [&self.changes, &self.merges, &self.ranking];
        minders.into_iter().find_map(of)
    }

    /// The threads are to end, in the middle of what they do.
    pub fn tell_to_stop(&self) {
        self.changes.tell_to_stop();
        self.merges.tell_to_stop();
        self.ranking.tell_to_stop();
    }

    /// Ends the threads, and waits for their end.
    pub fn stop(&self) {
        self.tell_to_stop();
        self.changes.join();
        self.merges.join();
        self.ranking.join();
    }
}

/// What a thread does, with what it remembers from one round to the next.
trait Work: Send + 'static {
    /// Does what is due. Gives when there is something to do again, if nobody wakes the thread before.
    fn work(&mut self, engine: &Arc<Engine>, cancel: &Cancel) -> Result<Option<Instant>, Error>;
}

/// One thread, if it has started.
#[derive(Default)]
struct Minder {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Shared {
    alarm: Alarm,
    cancel: Cancel,
    /// Of the last time that there was something to do.
    failure: Mutex<Option<Error>>,
}

impl Minder {
    fn see_to(&self, name: &str, kind: &Kind, engine: &Arc<Engine>, work: impl Work) {
        let mut thread = self.lock();
        if thread.is_none() {
            let (shared, engine) = (Arc::clone(&self.shared), Arc::downgrade(engine));
            *thread = kind
                .spawn(name.to_owned(), move || run(&shared, &engine, work))
                .ok();
        }
        drop(thread);
        self.shared.alarm.wake();
    }

    fn tell_to_stop(&self) {
        self.shared.cancel.cancel();
        self.shared.alarm.stop();
    }

    fn join(&self) {
        let thread = self.lock().take();
        // The thread itself may be the one that let go of the engine last.
        if let Some(thread) = thread.filter(|thread| thread.thread().id() != std::thread::current().id()) {
            let _ = thread.join();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<JoinHandle<()>>> {
        self.thread.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn failure(&self) -> MutexGuard<'_, Option<Error>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn run(shared: &Shared, engine: &Weak<Engine>, mut work: impl Work) {
    let mut next = None;
    // After a failure nothing is tried again before this time.
    let mut not_before = None;
    while shared.alarm.wait(next) {
        not_before = not_before.filter(|&time| time > Instant::now());
        if not_before.is_some() {
            next = not_before;
            continue;
        }
        let Some(engine) = engine.upgrade() else {
            return;
        };
        let done = catch_unwind(AssertUnwindSafe(|| work.work(&engine, &shared.cancel)));
        let done = done.unwrap_or_else(|_| Err(Error::new(Code::Internal, "a fault in the background")));
        *shared.failure() = done.as_ref().err().cloned();
        next = done.unwrap_or_else(|error| {
            engine.watching.failed(error);
            not_before = Some(Instant::now() + AFTER_FAILURE);
            not_before
        });
    }
}

/// Applies what the watcher saw, and flushes what has been in memory for long enough.
#[derive(Default)]
struct Changes {
    /// Since when something is in memory only.
    unflushed: Option<Instant>,
    /// The generation that was last looked at for merges.
    seen: u64,
}

impl Work for Changes {
    fn work(&mut self, engine: &Arc<Engine>, cancel: &Cancel) -> Result<Option<Instant>, Error> {
        let now = Instant::now();
        let watched = engine.apply_watched(cancel)?;
        if engine.is_unsaved() {
            // No time is as far off as some delays.
            let due = self.unflushed.get_or_insert(now).checked_add(engine.flush_after);
            if due.is_none_or(|due| due > now) {
                return Ok([due, watched].into_iter().flatten().min());
            }
            engine.flush(cancel)?;
        }
        self.unflushed = None;
        let generation = engine.generation();
        if generation != self.seen && !is_tidy(engine)? {
            let kind = engine.pools.build.kind().in_background();
            let merges = &engine.keeper.merges;
            merges.see_to("quern-merger", &kind, engine, Merges);
        }
        if generation != self.seen && engine.is_ranked() {
            engine.keeper.see_to_ranking(engine);
        }
        self.seen = generation;
        Ok(watched)
    }
}

/// Merges as long as it is worth it, and nobody else is at the store.
struct Merges;

impl Work for Merges {
    fn work(&mut self, engine: &Arc<Engine>, cancel: &Cancel) -> Result<Option<Instant>, Error> {
        loop {
            match tidy(engine, cancel) {
                Ok(true) => {}
                Ok(false) => return Ok(None),
                Err(error) if error.code == Code::Locked => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }
}

/// Builds terms as long as something has none, and nobody else is at the store.
struct Ranking;

impl Work for Ranking {
    fn work(&mut self, engine: &Arc<Engine>, cancel: &Cancel) -> Result<Option<Instant>, Error> {
        let kind = engine.pools.build.kind().in_background();
        match engine.rank_all(&kind, cancel) {
            Err(error) if error.code != Code::Locked => Err(error),
            _ => Ok(None),
        }
    }
}
