//! An index that follows its folder: what the watcher saw is indexed in batches, and a query looks at what is not yet.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Instant;

use quern_walk::{Cancel, FileMeta, WalkOptions, outer_rules, walk};
use quern_watch::{Changes, Pending, State, WatchOptions, Watcher};

use crate::build::SIZES;
use crate::change::{Applied, Writing};
use crate::coverage::{Freshness, WatchCoverage};
use crate::engine::Engine;
use crate::error::{Code, Error};
use crate::opened::Opened;
use crate::query::{Scope, stored, walk_failed};
use crate::rules::Rules;

/// Events that wait for a slow reader; older ones are dropped, and counted.
const KEPT_EVENTS: usize = 1024;
/// Paths that an event names.
const NAMED_PATHS: usize = 100;

/// What happened to a watched index.
#[derive(Clone, Debug)]
pub enum WatchEvent {
    /// Changes were indexed, and count.
    Applied {
        /// The snapshot that has them.
        snapshot: String,
        /// Files that were indexed.
        indexed: u64,
        /// Files that are gone.
        removed: u64,
        /// The first paths that the system told of, in stored form.
        paths: Vec<Vec<u8>>,
        /// Milliseconds from the first of them to now.
        latency_ms: f64,
    },
    /// The whole folder was compared, because events were lost or because rules outside it changed.
    Rescanned {
        /// The snapshot that has what was found.
        snapshot: String,
        /// Files that were indexed.
        indexed: u64,
        /// Files that are gone.
        removed: u64,
    },
    /// From now on changes are looked for at intervals.
    Polling {
        /// Why.
        reason: &'static str,
    },
    /// Something failed behind the scenes; it is tried again.
    Failed(Error),
}

/// Whether an engine's folder is watched, and by whom.
#[derive(Default)]
pub(crate) struct Watching {
    watched: RwLock<Option<Arc<Watched>>>,
    readers: Mutex<Vec<Arc<Reader>>>,
}

/// A folder that is watched.
struct Watched {
    watcher: Watcher,
    /// Files outside the folder that say what belongs to it, and how they were when they were last looked at.
    outer: Mutex<Vec<(PathBuf, Option<FileMeta>)>>,
    rules: Rules,
}

/// In which order changes are applied, if there are many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Urgency {
    /// Edited or found a short time ago.
    InUse,
    Normal,
    /// It takes its time, for which the others should not wait.
    Large,
}

/// Gets events as they come.
type Waiter = Box<dyn FnOnce(Vec<WatchEvent>) + Send>;

/// One reader of events.
#[derive(Default)]
struct Reader {
    inbox: Mutex<Inbox>,
    missed: AtomicU64,
}

#[derive(Default)]
struct Inbox {
    events: VecDeque<WatchEvent>,
    waiter: Option<Waiter>,
    closed: bool,
}

/// A watch, until it is closed or dropped.
pub struct Watch {
    opened: Mutex<Option<Arc<Opened>>>,
    reader: Arc<Reader>,
}

impl Watching {
    pub fn is_on(&self) -> bool {
        self.watched().is_some()
    }

    fn watched(&self) -> Option<Arc<Watched>> {
        self.watched
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set(&self, watched: Option<Watched>) {
        let mut place = self.watched.write().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *place, watched.map(Arc::new));
        drop(place);
        // The end of a watcher waits for its thread: without the lock, which queries need.
        drop(before);
    }

    fn readers(&self) -> MutexGuard<'_, Vec<Arc<Reader>>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the folder is watched at this moment; `None`: it is not.
    pub fn coverage(&self) -> Option<WatchCoverage> {
        let watched = self.watched()?;
        Some(watched.coverage(&watched.watcher.pending()))
    }

    /// Tells the readers.
    fn tell(&self, event: &WatchEvent) {
        for reader in self.readers().iter() {
            reader.put(event.clone());
        }
    }

    /// Tells the readers of a failure behind the scenes.
    pub fn failed(&self, error: Error) {
        self.tell(&WatchEvent::Failed(error));
    }
}

impl Engine {
    /// What of the folder a query of this freshness has to look at first, and how the folder is watched.
    ///
    /// # Errors
    /// `watched` without a watcher.
    pub fn scope(&self, freshness: Freshness) -> Result<(Option<Scope>, Option<WatchCoverage>), Error> {
        let watched = self.watching.watched();
        let seen = watched
            .as_deref()
            .map(|watched| (watched, watched.watcher.pending()));
        let scope = match (freshness, &seen) {
            (Freshness::Snapshot, _) => None,
            (Freshness::Verified, _) => Some(Scope::Everything),
            (Freshness::Watched, Some((watched, pending))) => watched.scope(pending),
            (Freshness::Watched, None) => {
                return Err(Error::new(
                    Code::InvalidOption,
                    "freshness 'watched' needs a watcher; call watch() first",
                ));
            }
        };
        Ok((scope, seen.map(|(watched, pending)| watched.coverage(&pending))))
    }

    /// Applies what the watcher saw, if it is time. Gives when it will be again.
    ///
    /// # Errors
    /// A store that cannot be written; a stop. What the watcher saw is then still to be applied.
    pub fn apply_watched(&self, cancel: &Cancel) -> Result<Option<Instant>, Error> {
        let Some(watched) = self.watching.watched() else {
            return Ok(None);
        };
        while watched.watcher.due().is_some_and(|due| due <= Instant::now()) {
            let was_polling = matches!(watched.watcher.state(), State::Polling { .. });
            let Some(event) = self.apply_batch(&watched, cancel)? else {
                break;
            };
            self.watching.tell(&event);
            if let State::Polling { reason, .. } = watched.watcher.state()
                && !was_polling
            {
                self.watching.tell(&WatchEvent::Polling {
                    reason: reason.name(),
                });
            }
        }
        Ok(watched.watcher.due())
    }

    /// Applies what of all that waits is most urgent; `None`: nothing waits.
    fn apply_batch(&self, watched: &Watched, cancel: &Cancel) -> Result<Option<WatchEvent>, Error> {
        let Some(batch) = watched.watcher.take_first(|path| self.urgency(path)) else {
            return Ok(None);
        };
        if let Changes::Paths(changes) = batch.changes() {
            let paths = changes
                .iter()
                .filter_map(|change| stored(&self.root, &change.path));
            self.recent.note_few(paths);
        }
        match self.look_at(watched, batch.changes(), cancel) {
            Ok(event) => {
                watched.watcher.finish(batch);
                Ok(Some(event))
            }
            Err(error) => {
                watched.watcher.retry(batch);
                Err(error)
            }
        }
    }

    fn urgency(&self, path: &Path) -> Urgency {
        let is_large = |metadata: std::fs::Metadata| metadata.is_file() && metadata.len() >= SIZES.apart;
        if std::fs::symlink_metadata(path).is_ok_and(is_large) {
            Urgency::Large
        } else if stored(&self.root, path).is_some_and(|path| self.recent.has(&path)) {
            Urgency::InUse
        } else {
            Urgency::Normal
        }
    }

    fn look_at(&self, watched: &Watched, changes: &Changes, cancel: &Cancel) -> Result<WatchEvent, Error> {
        let outer = watched.outer_now();
        let scope = match changes {
            Changes::Paths(paths) if outer == *watched.outer() => watched
                .rules
                .scope(paths.iter().map(|change| change.path.as_path())),
            _ => Scope::Everything,
        };
        let (applied, folders) = self.look(&scope, cancel)?;
        watched.watcher.add_folders(&folders);
        *watched.outer() = outer;
        let Applied {
            snapshot,
            indexed,
            removed,
            ..
        } = applied;
        let (Changes::Paths(paths), Scope::Paths(_)) = (changes, scope) else {
            return Ok(WatchEvent::Rescanned {
                snapshot,
                indexed,
                removed,
            });
        };
        let first = paths.iter().map(|change| change.first).min();
        let named = paths.iter().take(NAMED_PATHS);
        Ok(WatchEvent::Applied {
            snapshot,
            indexed,
            removed,
            paths: named
                .filter_map(|change| stored(&self.root, &change.path))
                .collect(),
            latency_ms: first.map_or(0.0, |first| first.elapsed().as_secs_f64() * 1e3),
        })
    }
}

impl Watched {
    fn start(engine: &Engine, options: &WatchOptions, cancel: &Cancel) -> Result<Watched, Error> {
        let walk_options = WalkOptions {
            stat: false,
            folders: true,
            ..engine.walk.clone()
        };
        let (_, report) =
            walk(std::slice::from_ref(&engine.root), &walk_options, cancel).map_err(walk_failed)?;
        let outer = stated(outer_rules(&engine.root, &engine.walk));
        let wake = Box::new(engine.keeper.waker());
        let options = WatchOptions {
            follow: engine.walk.follow,
            ..options.clone()
        };
        Ok(Watched {
            watcher: Watcher::start(&engine.root, &report.folders, &options, wake),
            outer: Mutex::new(outer),
            rules: Rules::new(&engine.root, &engine.walk),
        })
    }

    fn coverage(&self, pending: &Pending) -> WatchCoverage {
        WatchCoverage {
            polling: match self.watcher.state() {
                State::Watching { .. } => None,
                State::Polling { reason, .. } => Some(reason),
            },
            rescanning: matches!(pending, Pending::Everything(_)),
            pending: match pending {
                Pending::Paths(paths) => paths.len() as u64,
                Pending::Nothing | Pending::Everything(_) => 0,
            },
        }
    }

    /// What a query has to look at; `None`: nothing.
    fn scope(&self, pending: &Pending) -> Option<Scope> {
        match pending {
            _ if self.outer_differs() => Some(Scope::Everything),
            Pending::Nothing => None,
            Pending::Paths(paths) => Some(self.rules.scope(paths.iter().map(PathBuf::as_path))),
            Pending::Everything(_) => Some(Scope::Everything),
        }
    }

    /// Whether a file outside the folder that governs it is not as it was.
    fn outer_differs(&self) -> bool {
        let now = self.outer_now();
        *self.outer() != now
    }

    fn outer_now(&self) -> Vec<(PathBuf, Option<FileMeta>)> {
        let paths: Vec<PathBuf> = self.outer().iter().map(|(path, _)| path.clone()).collect();
        stated(paths)
    }

    fn outer(&self) -> MutexGuard<'_, Vec<(PathBuf, Option<FileMeta>)>> {
        self.outer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Files as they are now; `None`: there is none.
fn stated(paths: Vec<PathBuf>) -> Vec<(PathBuf, Option<FileMeta>)> {
    let stated = paths.into_iter().map(|path| {
        let metadata = std::fs::metadata(&path).ok();
        (path, metadata.as_ref().map(FileMeta::from_metadata))
    });
    stated.collect()
}

impl Reader {
    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, event: WatchEvent) {
        let mut inbox = self.inbox();
        if let Some(waiter) = inbox.waiter.take() {
            drop(inbox);
            return waiter(vec![event]);
        }
        if inbox.events.len() == KEPT_EVENTS {
            inbox.events.pop_front();
            self.missed.fetch_add(1, Ordering::Relaxed);
        }
        inbox.events.push_back(event);
    }
}

impl Watch {
    /// Watches the folder, from before a look at all of it, so that no change is missed.
    ///
    /// # Errors
    /// [`Code::Locked`] if another process writes; a stop.
    pub(crate) fn start(
        opened: Arc<Opened>,
        options: &WatchOptions,
        cancel: &Cancel,
    ) -> Result<Watch, Error> {
        let engine = opened.engine();
        let watch = Watch {
            opened: Mutex::new(Some(opened)),
            reader: Arc::default(),
        };
        let is_first = {
            // The turn lets one thread at a time begin or end a watch, and keeps the lock from the first moment on.
            let _writing = Writing::begin(&engine, cancel)?;
            let is_first = !engine.watching.is_on();
            if is_first {
                let watched = Watched::start(&engine, options, cancel)?;
                engine.watching.set(Some(watched));
            }
            engine.watching.readers().push(Arc::clone(&watch.reader));
            is_first
        };
        let watched = engine.watching.watched();
        if is_first && let Some(watched) = &watched {
            // A watcher begins with everything changed.
            engine.apply_batch(watched, cancel)?;
        }
        if let Some(State::Polling { reason, .. }) = watched.map(|watched| watched.watcher.state()) {
            watch.reader.put(WatchEvent::Polling {
                reason: reason.name(),
            });
        }
        engine.keeper.see_to(&engine);
        Ok(watch)
    }

    /// Hands the next events to `waiter`, at once if there are some, else when there are; an empty list at the end. A
    /// waiter that is still waiting is replaced, and gets an empty list.
    pub fn next(&self, waiter: impl FnOnce(Vec<WatchEvent>) + Send + 'static) {
        let mut inbox = self.reader.inbox();
        let replaced = inbox.waiter.take();
        let events: Vec<WatchEvent> = inbox.events.drain(..).collect();
        if events.is_empty() && !inbox.closed {
            inbox.waiter = Some(Box::new(waiter));
            drop(inbox);
        } else {
            drop(inbox);
            waiter(events);
        }
        if let Some(replaced) = replaced {
            replaced(Vec::new());
        }
    }

    /// Events that were dropped because they were not read in time.
    pub fn missed(&self) -> u64 {
        self.reader.missed.load(Ordering::Relaxed)
    }

    /// How the folder is watched; `None`: no longer.
    pub fn coverage(&self) -> Option<WatchCoverage> {
        let engine = self.opened().as_ref().map(|opened| opened.engine());
        engine?.watching.coverage()
    }

    /// Whether it was closed.
    pub fn is_closed(&self) -> bool {
        self.reader.inbox().closed
    }

    /// Stops watching, unless others watch the same index. Closing twice does no harm.
    pub fn close(&self) {
        let Some(opened) = self.opened().take() else {
            return;
        };
        let waiter = {
            let mut inbox = self.reader.inbox();
            inbox.closed = true;
            inbox.waiter.take()
        };
        if let Some(waiter) = waiter {
            waiter(Vec::new());
        }
        // The end of the turn lets the lock go. Without a turn the lock is let go with the next change.
        let writing = Writing::begin(&opened, &Cancel::new());
        let mut readers = opened.watching.readers();
        readers.retain(|reader| !Arc::ptr_eq(reader, &self.reader));
        let is_last = readers.is_empty();
        drop(readers);
        if is_last {
            opened.watching.set(None);
        }
        drop(writing);
    }

    fn opened(&self) -> MutexGuard<'_, Option<Arc<Opened>>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.close();
    }
}
