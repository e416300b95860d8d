//! What all opens of one store in this process share: the current snapshot, the caches, and the right to refresh.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, RwLock, Weak};
use std::time::Duration;

use quern_store::{ErrorKind, Store, Writer, stores};
use quern_walk::{Cancel, WalkOptions};
use xxhash_rust::xxh3::Xxh3Default;

use crate::content::ContentCache;
use crate::error::{Code, Error, Stage};
use crate::options::OpenOptions;
use crate::pools::Pools;
use crate::progress::{Phase, Progress};
use crate::query::compile::Compiler;
use crate::refresh;
use crate::snapshot::Snapshot;
use crate::stats::BuildStats;

/// How long to wait before looking again whether another process has made a first generation.
const POLL: Duration = Duration::from_millis(20);

/// One store, open in this process.
pub(crate) struct Engine {
    pub root: PathBuf,
    pub store: Store,
    pub walk: WalkOptions,
    pub memory: usize,
    pub max_errors: u64,
    pub max_line: usize,
    /// Fingerprint of the options that decide what is indexed.
    pub fingerprint: u64,
    pub pools: Arc<Pools>,
    pub content: Arc<ContentCache>,
    pub compiler: Compiler,
    snapshot: RwLock<Option<Arc<Snapshot>>>,
    last_build: Mutex<Option<BuildStats>>,
}

type Registry = HashMap<(PathBuf, u64), Weak<Engine>>;

static OPEN: LazyLock<Mutex<Registry>> = LazyLock::new(Mutex::default);

impl Engine {
    /// The engine of a store, shared with those who have it open with the same options.
    ///
    /// # Errors
    /// A root that is no folder, or no place for the store.
    pub fn shared(options: &OpenOptions, pools: Arc<Pools>) -> Result<Arc<Engine>, Error> {
        let root = checked_root(&options.root)?;
        let dir = match &options.store {
            Some(dir) => dir.clone(),
            None => default_store(&root)?,
        };
        let fingerprint = fingerprint(options);
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, engine| engine.strong_count() > 0);
        if let Some(engine) = open.get(&(dir.clone(), fingerprint)).and_then(Weak::upgrade) {
            return Ok(engine);
        }
        let engine = Arc::new(Engine {
            store: Store::new(&dir),
            walk: walk_of(options, &root, &dir),
            root,
            memory: options.memory,
            max_errors: options.max_errors,
            max_line: options.max_line,
            fingerprint,
            pools,
            content: Arc::new(ContentCache::new(options.cache)),
            compiler: Compiler::new(),
            snapshot: RwLock::default(),
            last_build: Mutex::default(),
        });
        open.insert((dir, fingerprint), Arc::downgrade(&engine));
        Ok(engine)
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
            match self.store.try_lock_writer() {
                Ok(writer) => {
                    self.refresh_with(&writer, progress, cancel)?;
                    break;
                }
                Err(error) if exists && is_readers_lot(&error) => break,
                Err(error) if matches!(error.kind(), ErrorKind::Locked { .. }) => {
                    cancel.check()?;
                    std::thread::sleep(POLL);
                }
                Err(error) => return Err(error.into()),
            }
        }
        progress.enter(Phase::Done);
        Ok(())
    }

    /// Brings the index up to date.
    ///
    /// # Errors
    /// [`Code::Locked`] if another process writes; else those of writing; a stop.
    pub fn refresh(&self, progress: &Progress, cancel: &Cancel) -> Result<BuildStats, Error> {
        let writer = self.store.try_lock_writer()?;
        self.refresh_with(&writer, progress, cancel)
    }

    fn refresh_with(
        &self,
        writer: &Writer,
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<BuildStats, Error> {
        checked_root(&self.root)?;
        // Another writer may have come between; only under the lock is the current generation certain. Where the store
        // was removed, what this process still has mapped cannot be gone on from.
        let current = match self.store.stamp() {
            Ok(None) => None,
            _ => self.follow()?,
        };
        let stats = refresh::refresh(self, current.as_deref(), writer, progress, cancel)?;
        self.follow()?;
        *self.last_build.lock().unwrap_or_else(PoisonError::into_inner) = Some(stats.clone());
        Ok(stats)
    }

    /// The current snapshot, after a look at whether there is a newer generation. `None`: nothing was committed yet.
    ///
    /// # Errors
    /// A damaged store, or one of a newer format.
    pub fn follow(&self) -> Result<Option<Arc<Snapshot>>, Error> {
        let current = self
            .snapshot
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let stamp = match self.store.stamp() {
            Err(error) if matches!(error.kind(), ErrorKind::OlderFormat { .. }) => return Ok(None),
            stamp => stamp?,
        };
        if stamp.is_some() && stamp == current.as_ref().map(|snapshot| snapshot.stored.manifest.stamp()) {
            return Ok(current);
        }
        let Some(stored) = self
            .store
            .snapshot(current.as_ref().map(|snapshot| &snapshot.stored))?
        else {
            // A store that was removed under a reader: what is mapped still answers.
            return Ok(current);
        };
        let next = Arc::new(Snapshot::new(&self.root, stored, current.as_deref()));
        *self.snapshot.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&next));
        Ok(Some(next))
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

    /// What the last build of this process did.
    pub fn last_build(&self) -> Option<BuildStats> {
        self.last_build
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Whether a reader can live with not getting the writer's lock.
fn is_readers_lot(error: &quern_store::Error) -> bool {
    matches!(error.kind(), ErrorKind::Locked { .. } | ErrorKind::ReadOnly)
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
    let stores = stores::default_dir().ok_or_else(|| {
        Error::new(
            Code::InvalidOption,
            "there is no cache folder; set QUERN_STORE or give the store option",
        )
    })?;
    Ok(stores::for_root(&stores, root)?)
}

/// The walk of an index. A store that lies in the folder that it is the index of is not a part of it.
fn walk_of(options: &OpenOptions, root: &Path, store: &Path) -> WalkOptions {
    let mut walk = WalkOptions {
        current_dir: Some(root.to_path_buf()),
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

/// Two opens with equal fingerprints index the same files in the same way.
fn fingerprint(options: &OpenOptions) -> u64 {
    let mut hasher = Xxh3Default::new();
    let walk = WalkOptions {
        threads: 0,
        folders: false,
        ..options.walk.clone()
    };
    walk.hash(&mut hasher);
    options.max_line.hash(&mut hasher);
    hasher.finish()
}

impl From<quern_store::Error> for Error {
    fn from(error: quern_store::Error) -> Error {
        let code = match error.kind() {
            ErrorKind::Corrupt { .. } | ErrorKind::Missing => Code::Corrupt,
            ErrorKind::NewerFormat { .. } => Code::NewerFormat,
            ErrorKind::Locked { .. } => Code::Locked,
            ErrorKind::Full => Code::DiskFull,
            ErrorKind::ReadOnly => Code::Permission,
            ErrorKind::NotAStore => Code::InvalidOption,
            _ => Code::Io,
        };
        let mut converted = Error::new(code, error.to_string())
            .at(error.path())
            .during(Stage::Open);
        if let ErrorKind::Locked { pid } = error.kind() {
            converted.pid = *pid;
        }
        converted
    }
}
