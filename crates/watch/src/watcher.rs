//! The queue, the system's service that fills it, and what takes its place where there is none.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::drive;
use crate::options::{PollReason, State, WatchOptions};
use crate::queue::{Batch, Pending, Queue, Reason};
use crate::system::{Seen, Service};

/// Watches one folder until it is dropped. All methods can be called from any thread.
pub struct Watcher {
    shared: Arc<Shared>,
    service: Mutex<Option<Service>>,
    options: WatchOptions,
}

impl Watcher {
    /// Watches `root` with its `folders`, those that a walk entered (the root among them), spelled as the walk found
    /// them. Everything counts as changed at first, because nobody saw what happened since that walk.
    ///
    /// `wake` is called, from any thread and without locks, whenever [`due`](Watcher::due) may have become earlier, but
    /// never after the watcher is dropped. It must not drop the watcher itself.
    ///
    /// Never fails: a folder that cannot be watched is polled.
    pub fn start(
        root: &Path,
        folders: &[PathBuf],
        options: &WatchOptions,
        wake: Box<dyn Fn() + Send + Sync>,
    ) -> Watcher {
        let shared = Arc::new(Shared {
            core: Mutex::new(Core {
                queue: Queue::new(options),
                polling: None,
                last_look: Instant::now(),
                interval: options.interval,
            }),
            is_pending: AtomicBool::new(false),
            events: AtomicU64::new(0),
            overflows: AtomicU64::new(0),
            wake,
        });
        shared.change(|core, now| core.queue.everything(Reason::Started, now));
        let watcher = Watcher {
            shared: Arc::clone(&shared),
            service: Mutex::default(),
            options: options.clone(),
        };
        let service = match unfit(root, options) {
            Some(reason) => Err(reason),
            None => {
                let sink = Arc::clone(&shared);
                Service::start(
                    root,
                    Box::new(move |seen| sink.see(seen)),
                    Box::new(move || (shared.wake)()),
                )
            }
        };
        match service {
            Ok(service) => {
                *lock(&watcher.service) = Some(service);
                watcher.watch(folders);
            }
            Err(reason) => watcher.shared.poll(reason),
        }
        (watcher.shared.wake)();
        watcher
    }

    /// Folders that a walk has entered; known ones are passed over. New ones are watched, and count as changed once
    /// more, for what happened in them between the walk and now.
    pub fn add_folders(&self, folders: &[PathBuf]) {
        let added = self.watch(folders);
        if added.is_empty() {
            return;
        }
        self.shared.change(|core, now| {
            for folder in &added {
                core.queue.push(folder, now);
            }
        });
        self.shared.wake_up();
    }

    /// Those that are new.
    fn watch(&self, folders: &[PathBuf]) -> Vec<PathBuf> {
        let mut added = Vec::new();
        let mut place = lock(&self.service);
        if lock(&self.shared.core).polling.is_some() {
            // It may have ended by itself.
            let ended = place.take();
            drop(place);
            drop(ended);
            return added;
        }
        let Some(service) = place.as_ref() else {
            return added;
        };
        let most = self.options.max_folders.unwrap_or(u64::MAX);
        let trusted = self.options.poll == Some(false);
        let mut failed = None;
        for folder in folders {
            let watched = if service.folders() > most {
                Err(PollReason::WatchLimit)
            } else {
                service.add(folder, trusted)
            };
            match watched {
                Ok(true) => added.push(folder.clone()),
                Ok(false) => {}
                Err(reason) => {
                    failed = Some(reason);
                    break;
                }
            }
        }
        if service.folders() > most {
            failed = Some(PollReason::WatchLimit);
        }
        let Some(reason) = failed else {
            return added;
        };
        let service = place.take();
        drop(place);
        drop(service);
        self.shared.poll(reason);
        self.shared.wake_up();
        Vec::new()
    }

    /// Everything seen and not yet finished: what a query has to look at by itself.
    ///
    /// On Linux it holds all that was changed before the call. Other systems report some milliseconds after the fact.
    pub fn pending(&self) -> Pending {
        self.drain();
        if !self.shared.is_pending.load(Ordering::Acquire) {
            return Pending::Nothing;
        }
        let core = lock(&self.shared.core);
        match core.polling {
            Some(_) => Pending::Everything(Reason::Polling),
            None => core.queue.pending(),
        }
    }

    fn drain(&self) {
        let woken = lock(&self.service).as_ref().is_some_and(Service::drain);
        if woken {
            self.shared.wake_up();
        }
    }

    /// All that waits, due or not; `None`: nothing does. Where the folder is polled, always everything.
    pub fn take(&self) -> Option<Batch> {
        self.take_first(|_| ())
    }

    /// Of what waits, the paths of least rank; the others are due at once. The queue is locked while they are ranked.
    pub fn take_first<R: Ord>(&self, rank: impl Fn(&Path) -> R) -> Option<Batch> {
        self.drain();
        self.shared.change(|core, now| {
            if core.polling.is_some() {
                core.queue.everything(Reason::Polling, now);
            }
            core.queue.take_first(rank)
        })
    }

    /// The changes of `batch` are applied.
    pub fn finish(&self, batch: Batch) {
        self.shared.change_and_wake(|core, now| {
            core.queue.finish(&batch);
            core.last_look = now;
        });
    }

    /// The changes of `batch` could not be applied: they wait again.
    pub fn retry(&self, batch: Batch) {
        self.shared.change_and_wake(|core, now| {
            core.queue.retry(&batch, now);
            core.last_look = now;
        });
    }

    /// When to [`take`](Watcher::take) next; may lie in the past. `None`: not until `wake` is called.
    pub fn due(&self) -> Option<Instant> {
        lock(&self.shared.core).due()
    }

    /// Whether the system tells of changes, or else why not.
    pub fn state(&self) -> State {
        let folders = lock(&self.service).as_ref().map_or(0, Service::folders);
        let core = lock(&self.shared.core);
        match core.polling {
            Some(reason) => State::Polling {
                reason,
                interval: core.interval,
            },
            None => State::Watching { folders },
        }
    }

    /// How often the system lost events.
    pub fn overflows(&self) -> u64 {
        self.shared.overflows.load(Ordering::Relaxed)
    }

    /// How many events of known folders the system has told of.
    pub fn events(&self) -> u64 {
        self.shared.events.load(Ordering::Relaxed)
    }

    /// For tests: what happens when the system loses events.
    #[doc(hidden)]
    pub fn simulate_overflow(&self) {
        if self.shared.see(Seen::Overflow) {
            self.shared.wake_up();
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // Ends the thread, and with it calls of `wake`, before the rest goes.
        *self.service.get_mut().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Why the folder should not even be tried.
fn unfit(root: &Path, options: &WatchOptions) -> Option<PollReason> {
    match options.poll {
        Some(true) => Some(PollReason::Asked),
        _ if options.follow => Some(PollReason::Unsupported),
        None if drive::is_remote(root) => Some(PollReason::NetworkDrive),
        _ => None,
    }
}

struct Core {
    queue: Queue,
    polling: Option<PollReason>,
    /// When a batch was last finished.
    last_look: Instant,
    interval: Duration,
}

impl Core {
    fn due(&self) -> Option<Instant> {
        match self.polling {
            None => self.queue.due(),
            Some(_) if self.queue.is_out() => None,
            Some(_) => Some(self.queue.due().unwrap_or(self.last_look + self.interval)),
        }
    }
}

struct Shared {
    core: Mutex<Core>,
    /// Whether [`Watcher::pending`] has to look.
    is_pending: AtomicBool,
    events: AtomicU64,
    overflows: AtomicU64,
    wake: Box<dyn Fn() + Send + Sync>,
}

impl Shared {
    fn change<T>(&self, act: impl FnOnce(&mut Core, Instant) -> T) -> T {
        let mut core = lock(&self.core);
        let done = act(&mut core, Instant::now());
        let is_pending = core.polling.is_some() || !core.queue.is_empty();
        self.is_pending.store(is_pending, Ordering::Release);
        done
    }

    /// Whether a batch is due earlier than before.
    fn change_due(&self, act: impl FnOnce(&mut Core, Instant)) -> bool {
        self.change(|core, now| {
            let before = core.due();
            act(core, now);
            match (before, core.due()) {
                (_, None) => false,
                (None, Some(_)) => true,
                (Some(before), Some(after)) => after < before,
            }
        })
    }

    fn change_and_wake(&self, act: impl FnOnce(&mut Core, Instant)) {
        if self.change_due(act) {
            self.wake_up();
        }
    }

    fn wake_up(&self) {
        (self.wake)();
    }

    /// Takes in what the system tells. Whether to wake.
    fn see(&self, seen: Seen) -> bool {
        match seen {
            Seen::Path(path) => {
                self.events.fetch_add(1, Ordering::Relaxed);
                self.change_due(|core, now| core.queue.push(&path, now))
            }
            Seen::Overflow => {
                self.overflows.fetch_add(1, Ordering::Relaxed);
                self.change_due(|core, now| core.queue.everything(Reason::Overflow, now))
            }
            Seen::End(reason) => {
                self.poll(reason);
                true
            }
        }
    }

    fn poll(&self, reason: PollReason) {
        self.change(|core, now| {
            core.polling.get_or_insert(reason);
            core.queue.everything(Reason::Polling, now);
        });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
