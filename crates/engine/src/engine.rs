//! What all opens of one store in this process share: the current snapshot, the caches, and the right to change it.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use quern_store::{ErrorKind, Store, Writer, stores};
use quern_text::TimeStamps;
use quern_walk::{Cancel, PathGlobs, WalkOptions};
use quick_cache::sync::Cache;
use roaring::RoaringBitmap;
use xxhash_rust::xxh3::Xxh3Default;

use crate::build::{Destination, Plan, SIZES, Source};
use crate::change::{self, Applied, Change, Growing, Keeper, Turn, Writing};
use crate::content::ContentCache;
use crate::coverage::Freshness;
use crate::error::{Code, Error, Stage, contained};
use crate::memory::Budgets;
use crate::options::OpenOptions;
use crate::packed;
use crate::pools::{Kind, Pools};
use crate::progress::{Phase, Progress};
use crate::published::Published;
use crate::query::compile::Compiler;
use crate::query::{Scope, compare};
use crate::ranked::rank_next;
use crate::recent::Recent;
use crate::running::closed;
use crate::snapshot::Snapshot;
use crate::stats::BuildStats;
use crate::watching::Watching;

/// How long to wait before looking again whether another process has made a first generation.
const POLL: Duration = Duration::from_millis(20);
/// Clauses about files whose chunks are remembered, each in one segment.
const FILTERS: usize = 256;
/// A change that has not stopped for so long after it was told to hangs, in a read from a network for example.
const HANGS: Duration = Duration::from_secs(10);

/// One store, open in this process.
pub(crate) struct Engine {
    pub root: PathBuf,
    pub store: Store,
    pub walk: WalkOptions,
    /// Bytes that a build may hold.
    pub memory: usize,
    pub max_errors: u64,
    pub max_line: usize,
    /// How time stamps of logs are written.
    pub stamps: TimeStamps,
    pub read_timeout: Option<Duration>,
    pub growing: Growing,
    /// Fingerprint of the options that decide what is indexed.
    pub fingerprint: u64,
    pub pools: Arc<Pools>,
    pub content: Arc<ContentCache>,
    pub compiler: Compiler,
    /// The chunks of each run of a segment that a clause about files admits, by the segment's number and the clause.
    pub filters: Cache<(u32, String), Arc<Vec<RoaringBitmap>>>,
    /// Bytes that the overlay may take before it is flushed.
    pub overlay: usize,
    /// How long something may be in memory only.
    pub flush_after: Duration,
    /// Bytes a second that merges in the background write; 0: as many as they can.
    pub merge_rate: u64,
    pub turn: Turn<Writer>,
    pub watching: Watching,
    /// Remembered while the folder is watched.
    pub recent: Arc<Recent>,
    pub keeper: Keeper,
    published: Published<Snapshot>,
    /// The last commit is in place, but may not outlive a loss of power.
    unsure: AtomicBool,
    /// Somebody asks for ranked answers: what is indexed gets terms.
    ranked: AtomicBool,
    /// Taken by who builds terms behind the grams.
    ranking: Turn<()>,
    /// Nobody has it open any more.
    closed: AtomicBool,
    last_build: Mutex<Option<BuildStats>>,
}

/// A state to ask, and how fresh it is.
pub(crate) struct Fresh {
    pub snapshot: Arc<Snapshot>,
    pub freshness: Freshness,
    /// It does not hold the files that the options ask for.
    pub is_other: bool,
}

impl Fresh {
    fn new(snapshot: Arc<Snapshot>, freshness: Freshness) -> Fresh {
        Fresh {
            snapshot,
            freshness,
            is_other: false,
        }
    }
}

impl Engine {
    /// # Errors
    /// Options that do not go together.
    pub fn new(
        options: &OpenOptions,
        root: PathBuf,
        dir: PathBuf,
        pools: Arc<Pools>,
    ) -> Result<Engine, Error> {
        let budgets = Budgets::of(options, pools.build.size())?;
        let growing = Growing {
            least: options.least_grown,
            append_only: PathGlobs::new(&options.append_only)
                .map_err(|error| Error::new(Code::InvalidOption, error.to_string()))?,
        };
        let stamps = TimeStamps::new(&options.timestamps)
            .map_err(|error| Error::new(Code::InvalidOption, format!("timestamps: {error}")))?;
        Ok(Engine {
            store: Store::with_disk(&dir, Arc::clone(&options.disk)),
            walk: walk_of(options, &root, &dir, pools.build.size()),
            root,
            memory: budgets.build,
            max_errors: options.max_errors,
            max_line: options.max_line,
            stamps,
            read_timeout: options.read_timeout,
            growing,
            fingerprint: fingerprint(options),
            pools,
            content: Arc::new(ContentCache::new(budgets.cache)),
            compiler: Compiler::new(),
            filters: Cache::new(FILTERS),
            overlay: budgets.overlay,
            flush_after: options.flush_after,
            merge_rate: options.merge_rate,
            turn: Turn::default(),
            watching: Watching::default(),
            recent: Arc::default(),
            keeper: Keeper::default(),
            published: Published::default(),
            unsure: AtomicBool::new(false),
            ranked: AtomicBool::new(false),
            ranking: Turn::default(),
            closed: AtomicBool::new(false),
            last_build: Mutex::default(),
        })
    }

    /// Ends what is done behind the scenes, and lets the store go: nothing can be changed any more. Waits for a change that
    /// is under way, unless it hangs: then the store is let go when that ends.
    pub fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        self.keeper.tell_to_stop();
        let until = Instant::now() + HANGS;
        let _ = self
            .turn
            .finish(|| if Instant::now() < until { Ok(()) } else { Err(()) });
    }

    /// # Errors
    /// [`Code::Closed`].
    pub fn check_open(&self) -> Result<(), Error> {
        if self.closed.load(Ordering::SeqCst) {
            return Err(closed());
        }
        Ok(())
    }

    /// Makes the engine ready to answer: loads the current generation, and with `refresh` brings it up to date. A
    /// store without one is built; if another process is at it, its generation is waited for.
    ///
    /// # Errors
    /// A store that cannot be read or written; a stop.
    pub fn prepare(&self, refresh: bool, progress: &Progress, cancel: &Cancel) -> Result<(), Error> {
        let _ = stores::touch(self.store.dir());
        loop {
            let exists = self.follow()?.is_some();
            if exists && !refresh {
                break;
            }
            match self.refresh(progress, cancel) {
                Ok(_) => break,
                Err(error) if exists && matches!(error.code, Code::Locked | Code::Permission) => break,
                Err(error) if error.code == Code::Locked => {
                    cancel.check()?;
                    std::thread::sleep(POLL);
                }
                Err(error) => return Err(error),
            }
        }
        progress.enter(Phase::Done);
        Ok(())
    }

    /// Brings the index up to date, and makes it durable.
    ///
    /// # Errors
    /// [`Code::Locked`] if another process writes; else those of writing; a stop.
    pub fn refresh(&self, progress: &Progress, cancel: &Cancel) -> Result<BuildStats, Error> {
        change::refresh(self, &Writing::begin(self, cancel)?, progress, cancel)
    }

    /// Applies changes in memory.
    ///
    /// # Errors
    /// A path that is refused; [`Code::Locked`] if another process writes; a stop.
    pub fn apply(self: &Arc<Self>, changes: Vec<Change>, cancel: &Cancel) -> Result<Applied, Error> {
        let applied = change::apply(self, changes, cancel)?;
        self.keeper.see_to(self);
        Ok(applied)
    }

    /// Compares a part of the folder and indexes what changed. Gives the folders that were walked, too.
    ///
    /// # Errors
    /// [`Code::Locked`] if another process writes; a stop.
    pub fn look(&self, scope: &Scope, cancel: &Cancel) -> Result<(Applied, Vec<PathBuf>), Error> {
        change::look(self, scope, cancel)
    }

    /// A state that is as fresh as this, for questions that only an index answers: what has changed is indexed first. So is
    /// everything if the store was last written with other options; where that is not possible, it answers as it is.
    ///
    /// # Errors
    /// `watched` without a watcher; [`Code::Locked`] and [`Code::Permission`] if something has to be indexed and another process
    /// writes, or the store cannot be written; a stop.
    pub fn fresh(self: &Arc<Self>, freshness: Freshness, cancel: &Cancel) -> Result<Fresh, Error> {
        let (scope, _) = self.scope(freshness)?;
        let snapshot = self.snapshot()?;
        let is_other = snapshot.stored.manifest.options != self.fingerprint;
        let asked = freshness;
        let (scope, freshness) = match is_other {
            true => (Some(Scope::Everything), Freshness::Verified),
            false => (scope, freshness),
        };
        let Some(scope) = scope else {
            return Ok(Fresh::new(snapshot, freshness));
        };
        match self.look(&scope, cancel) {
            Ok(_) => {
                self.keeper.see_to(self);
                Ok(Fresh::new(self.snapshot()?, freshness))
            }
            Err(error) if !matches!(error.code, Code::Locked | Code::Permission) => Err(error),
            Err(_) if is_other && asked == Freshness::Snapshot => Ok(Fresh {
                is_other,
                ..Fresh::new(snapshot, asked)
            }),
            // Whoever cannot write can still see that there is nothing to be written.
            Err(_) if !is_other && compare(&snapshot, &self.walk, &scope, cancel)?.is_same(&snapshot) => {
                Ok(Fresh::new(snapshot, freshness))
            }
            Err(error) => Err(error),
        }
    }

    /// Makes durable what is in memory only. Gives whether there was anything.
    ///
    /// # Errors
    /// A store that cannot be written: what is in memory still answers. A stop.
    pub fn flush(&self, cancel: &Cancel) -> Result<bool, Error> {
        if !self.is_unsaved() {
            return Ok(false);
        }
        change::flush(self, &Writing::begin(self, cancel)?, cancel)
    }

    /// Joins segments and drops what no longer counts.
    ///
    /// # Errors
    /// [`Code::Locked`] if another process writes; a store that cannot be written; a stop.
    pub fn compact(&self, cancel: &Cancel) -> Result<bool, Error> {
        change::compact(self, cancel)
    }

    /// Whether the store has to stay locked between two changes.
    pub fn needs_lock(&self) -> bool {
        self.is_unsaved() || self.watching.is_on()
    }

    /// Whether something is in memory only, or may not outlive a loss of power.
    pub fn is_unsaved(&self) -> bool {
        self.is_unsure() || self.known().is_some_and(|snapshot| snapshot.has_overlay())
    }

    /// Whether the last commit is in place, but may not outlive a loss of power.
    pub fn is_unsure(&self) -> bool {
        self.unsure.load(Ordering::Relaxed)
    }

    /// The generation that this process saw last; 0: none.
    pub fn generation(&self) -> u64 {
        self.known().map_or(0, |snapshot| snapshot.generation)
    }

    /// The state that this process saw last.
    pub fn known(&self) -> Option<Arc<Snapshot>> {
        self.published.get()
    }

    /// Makes a state the one that queries see.
    pub fn publish(&self, state: Snapshot) {
        self.published.set(Some(Arc::new(state)));
    }

    /// The texts that were given to the index, by stored path.
    ///
    /// # Errors
    /// A store file that fails its checksum.
    pub fn given(&self) -> Result<BTreeMap<Vec<u8>, Arc<[u8]>>, Error> {
        let known = self.known();
        let mut texts = BTreeMap::new();
        // Where the store was removed, somebody else may have made one in its place.
        let other = self
            .store
            .snapshot(known.as_ref().map(|known| &known.stored))
            .unwrap_or_default();
        let other = other.map(|stored| Snapshot::new(&self.root, stored, known.as_deref()));
        let segments = other
            .iter()
            .chain(known.as_deref())
            .flat_map(|state| &state.segments);
        for live in segments {
            for file in live.segment.given() - &live.dead {
                let text: Arc<[u8]> = Arc::from(&*live.segment.given_text(file)?);
                texts.insert(live.segment.path(file), text);
            }
        }
        Ok(texts)
    }

    /// What to build of this index, within its bounds.
    pub fn plan<'a>(
        &'a self,
        files: &'a [Source],
        to: Destination<'a>,
        progress: &'a Progress,
        cancel: &'a Cancel,
    ) -> Plan<'a> {
        Plan {
            root: &self.root,
            files,
            to,
            threads: self.pools.build.size(),
            kind: self.pools.build.kind(),
            progress,
            cancel,
            memory: self.memory,
            max_errors: self.max_errors,
            max_line: self.max_line,
            stamps: &self.stamps,
            read_timeout: self.read_timeout,
            terms: None,
            sizes: SIZES,
        }
    }

    /// Remembers what a build did.
    pub fn record(&self, stats: BuildStats) {
        *self.last_build.lock().unwrap_or_else(PoisonError::into_inner) = Some(stats);
    }

    /// The current snapshot, after a look at whether there is a newer generation. `None`: nothing was committed yet.
    ///
    /// # Errors
    /// A damaged store, or one of a newer format.
    pub fn follow(&self) -> Result<Option<Arc<Snapshot>>, Error> {
        let current = self.known();
        if current.as_ref().is_some_and(|snapshot| snapshot.has_overlay()) {
            // This process has the lock: nobody else can have committed.
            return Ok(current);
        }
        let stamp = match self.store.stamp() {
            Err(error) if matches!(error.kind(), ErrorKind::OlderFormat { .. }) => return Ok(None),
            stamp => stamp?,
        };
        if stamp.is_some() && stamp == current.as_ref().map(|snapshot| snapshot.stored.manifest.stamp()) {
            return Ok(current);
        }
        self.open_current(current)
    }

    /// Takes over the generation that this process has just committed.
    pub fn adopt(&self, is_durable: bool) {
        self.unsure.store(!is_durable, Ordering::Relaxed);
        let known = self.known();
        let next = match self.store.snapshot(known.as_ref().map(|known| &known.stored)) {
            Ok(Some(stored)) => Some(Arc::new(Snapshot::new(&self.root, stored, known.as_deref()))),
            // Removed at this moment: the next change makes it anew, with what was given.
            Ok(None) => known,
            // Whoever asks next tries again. What was replaced must not be changed further.
            Err(_) => None,
        };
        self.published.set(next);
    }

    fn open_current(&self, current: Option<Arc<Snapshot>>) -> Result<Option<Arc<Snapshot>>, Error> {
        let Some(stored) = self
            .store
            .snapshot(current.as_ref().map(|snapshot| &snapshot.stored))?
        else {
            // A store that was removed under a reader: what is mapped still answers.
            return Ok(current);
        };
        let next = Arc::new(Snapshot::new(&self.root, stored, current.as_deref()));
        Ok(Some(self.published.offer(next, Snapshot::is_beyond)))
    }

    /// The snapshot that queries see.
    ///
    /// # Errors
    /// Those of [`follow`](Engine::follow).
    pub fn snapshot(&self) -> Result<Arc<Snapshot>, Error> {
        self.follow()?.ok_or_else(|| {
            Error::new(
                Code::Corrupt,
                "the store has no readable generation; open the index again to rebuild it",
            )
            .at(self.store.dir())
            .during(Stage::Open)
        })
    }

    /// Whether what is indexed gets terms: somebody has asked for ranked answers, here or when the store was last used.
    pub fn is_ranked(&self) -> bool {
        let has_terms = |known: Arc<Snapshot>| {
            let mut stored = known.stored.segments.iter();
            stored.any(|segment| segment.terms().is_some())
        };
        self.ranked.load(Ordering::Relaxed) || self.known().is_some_and(has_terms)
    }

    /// From now on what is indexed gets terms, and what is there gets them in the background.
    pub fn rank_from_now_on(self: &Arc<Self>) {
        self.ranked.store(true, Ordering::Relaxed);
        let lacks_terms =
            |known: Arc<Snapshot>| known.has_unranked_overlay() || known.unranked_segments().next().is_some();
        if self.known().is_some_and(lacks_terms) {
            self.keeper.see_to_ranking(self);
        }
    }

    /// Builds the terms of all segments that have none, on threads of this kind.
    ///
    /// # Errors
    /// [`Code::Locked`] if another process writes; a store that cannot be written; a stop.
    pub fn rank_all(&self, kind: &Kind, cancel: &Cancel) -> Result<(), Error> {
        self.ranked.store(true, Ordering::Relaxed);
        self.ranking.begin(|| cancel.check())?;
        let ranked = contained(|| {
            // What was indexed before anybody asked for ranked answers gets terms on disk.
            if self.known().is_some_and(|known| known.has_unranked_overlay()) {
                self.flush(cancel)?;
            }
            while rank_next(self, kind, cancel)? {}
            Ok(())
        });
        self.ranking.end(None, || false);
        ranked
    }

    /// What the last build of this process did.
    pub fn last_build(&self) -> Option<BuildStats> {
        self.last_build
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.keeper.stop();
    }
}

pub(crate) fn checked_root(root: &Path) -> Result<PathBuf, Error> {
    let root = std::path::absolute(root).map_err(|error| Error::io(&error, root, Stage::Open))?;
    let metadata = std::fs::metadata(&root).map_err(|error| Error::io(&error, &root, Stage::Open))?;
    if metadata.is_dir() {
        return Ok(root);
    }
    Err(
        Error::new(Code::NotAFolder, "not a folder; give the folder that holds it")
            .at(root)
            .during(Stage::Open),
    )
}

/// Where the store of a root is unless the caller says otherwise.
///
/// # Errors
/// An environment that names no place for caches.
pub fn default_store(root: &Path) -> Result<PathBuf, Error> {
    Ok(stores::for_root(&cache_folder("store")?, root)?)
}

/// Where the cache on disk is unless the caller says otherwise: beside the stores.
///
/// # Errors
/// An environment that names no place for caches.
pub fn default_cache() -> Result<PathBuf, Error> {
    Ok(cache_folder("path")?.join("cache"))
}

fn cache_folder(option: &str) -> Result<PathBuf, Error> {
    stores::default_dir().ok_or_else(|| {
        let said = format!("there is no cache folder; set QUERN_STORE or give the {option} option");
        Error::new(Code::InvalidOption, said)
    })
}

/// Threads that walk at most, as in ripgrep.
const WALKERS: usize = 12;

/// The walk of an index, by as many threads as build. A store that lies in the folder that it is the index of is not a part
/// of it.
fn walk_of(options: &OpenOptions, root: &Path, store: &Path, threads: usize) -> WalkOptions {
    let mut walk = WalkOptions {
        current_dir: Some(root.to_path_buf()),
        threads: match options.walk.threads {
            0 => threads.min(WALKERS),
            threads => threads,
        },
        ..options.walk.clone()
    };
    let own = std::path::absolute(store).ok();
    if let Some(own) = own
        .as_deref()
        .and_then(|own| own.strip_prefix(root).ok())
        .and_then(Path::to_str)
    {
        let escaped = globset::escape(&own.replace(std::path::MAIN_SEPARATOR, "/"));
        walk.filter.exclude.push(format!("/{escaped}/"));
    }
    walk
}

/// Two opens with equal fingerprints index the same files in the same way. The lower half is of how time stamps are written.
pub(crate) fn fingerprint(options: &OpenOptions) -> u64 {
    let mut hasher = Xxh3Default::new();
    let walk = WalkOptions {
        threads: 0,
        folders: false,
        ..options.walk.clone()
    };
    walk.hash(&mut hasher);
    options.max_line.hash(&mut hasher);
    packed::MOST.hash(&mut hasher);
    let mut of_stamps = Xxh3Default::new();
    options.timestamps.hash(&mut of_stamps);
    let lower = u64::from(u32::MAX);
    hasher.finish() & !lower | of_stamps.finish() & lower
}

/// Whether those with these fingerprints have the same files.
pub(crate) fn have_same_files(one: u64, other: u64) -> bool {
    one >> 32 == other >> 32
}

/// Whether those with these fingerprints recognise the same logs.
pub(crate) fn have_same_stamps(one: u64, other: u64) -> bool {
    one as u32 == other as u32
}
