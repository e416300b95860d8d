//! The one process that may change a store.
//!
//! A commit makes a new generation the current one: its segments are complete and durable by then, the manifest is
//! written beside the old one, synced, renamed over it, and the folder is synced. Only then are folders removed that
//! the manifest does not name; a crash at any point leaves the old generation or the new one, whole.
//!
//! Nothing is removed unless the names in the folder were made durable first: otherwise a loss of power could bring
//! back a manifest whose segments are gone.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::disk::Disk;
use crate::error::{Error, ErrorKind};
use crate::folder;
use crate::lock::Lock;
use crate::manifest::{Manifest, SegmentEntry};
use crate::part::{PartKind, PartWriter};
use crate::sealed::Stamp;
use crate::segment::{self, SEGMENTS, SegmentWriter, TermsWriter};
use crate::store::Store;
use crate::unique;

/// The right to change a store, until it, its clones and every [`SegmentWriter`] that they gave out are dropped. It may be
/// shared between threads.
#[derive(Clone, Debug)]
pub struct Writer {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    store: Store,
    /// Segments that were begun under this lock and that no commit has named yet.
    pending: Mutex<HashSet<String>>,
    /// Held during a commit.
    commit: Mutex<()>,
    lock: Lock,
}

impl Writer {
    pub(crate) fn lock(store: &Store) -> Result<Writer, Error> {
        let (dir, disk) = (store.dir(), store.disk());
        folder::prepare(disk, dir)?;
        let lock = Lock::take(disk, dir)?;
        refuse_newer(store)?;
        folder::mark(disk, dir)?;
        let (pending, commit) = (Mutex::default(), Mutex::default());
        let shared = Shared {
            store: store.clone(),
            pending,
            commit,
            lock,
        };
        shared.remove_unnamed();
        Ok(Writer {
            shared: Arc::new(shared),
        })
    }

    /// The store that this writes.
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// Whether the lock still protects the store: not once the store was removed.
    pub fn is_valid(&self) -> bool {
        self.shared.lock.is_valid()
    }

    /// Begins a segment. Several may be written at once, by as many threads.
    ///
    /// # Errors
    /// `Full`, `ReadOnly`, `Io`.
    pub fn segment(&self) -> Result<SegmentWriter, Error> {
        let name = unique::name();
        self.shared.pending().insert(name.clone());
        let pending = Pending {
            shared: Arc::clone(&self.shared),
            name,
            finished: false,
        };
        create_dir(self.shared.store.disk(), &pending.folder())?;
        SegmentWriter::create(pending)
    }

    /// Begins the terms of a segment that is committed and has none.
    ///
    /// # Errors
    /// `Full`, `ReadOnly`, `Io`.
    pub fn terms(&self, segment: &SegmentEntry) -> Result<TermsWriter, Error> {
        let folder = segment::folder(self.store().dir(), &segment.name);
        let path = folder.join(PartKind::Terms.file_name());
        let disk = self.store().disk();
        // What somebody who was killed left behind: no manifest names it.
        disk.remove_file(&path).ok();
        let part = PartWriter::create(disk, path, PartKind::Terms)?;
        let addition = Addition {
            shared: Arc::clone(&self.shared),
            folder,
        };
        TermsWriter::new(part, Some(addition))
    }

    /// Makes `manifest` the current generation, durably, and sets its store id, generation and time to what was
    /// written. Segments that it does not name are removed.
    ///
    /// # Errors
    /// `Missing` or `Corrupt` if a segment that it names is not there as described, `Full`, `ReadOnly`, `Io`. The
    /// generation before is then still whole, and a commit may be tried again. If only the last step failed, the new
    /// generation is in place all the same, and `manifest` says so; it may not outlive a loss of power.
    pub fn commit(&self, manifest: &mut Manifest) -> Result<(), Error> {
        let store = self.store();
        let _guard = self.shared.commit.lock().unwrap_or_else(PoisonError::into_inner);
        manifest
            .segments
            .iter()
            .try_for_each(|entry| check_present(store.dir(), entry))?;
        let previous = self.shared.current()?;
        if previous.is_none() {
            folder::sync_parent(store.disk(), store.dir())?;
        }
        let next = manifest.following(previous);
        folder::record_root(store.disk(), store.dir(), &next.root)?;
        let replaced = next.replace(store.disk(), store.dir());
        let found = match &replaced {
            Ok(()) => Some(next.stamp()),
            Err(_) => store.stamp().unwrap_or(Some(next.stamp())),
        };
        if found != Some(next.stamp()) {
            return replaced;
        }
        // From here on somebody may read them, so nobody may discard them.
        let mut pending = self.shared.pending();
        next.segments.iter().for_each(|entry| {
            pending.remove(&entry.name);
        });
        drop(pending);
        *manifest = next;
        replaced?;
        self.shared.remove_unnamed();
        Ok(())
    }

    /// Removes a segment that was finished and will not be committed after all.
    pub fn discard(&self, entry: &SegmentEntry) {
        if self.shared.pending().remove(&entry.name) {
            remove_folder(
                self.store().disk(),
                &segment::folder(self.store().dir(), &entry.name),
            );
        }
    }
}

impl Shared {
    fn pending(&self) -> MutexGuard<'_, HashSet<String>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The stamp of the current generation; `None` where the next commit starts a store anew.
    fn current(&self) -> Result<Option<Stamp>, Error> {
        match self.store.stamp() {
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::Corrupt { .. } | ErrorKind::OlderFormat { .. }
                ) =>
            {
                Ok(None)
            }
            stamp => stamp,
        }
    }

    /// Removes what neither the manifest nor this writer knows. Failing to is no error: the next commit tries again.
    fn remove_unnamed(&self) {
        let (dir, disk) = (self.store.dir(), self.store.disk());
        if !self.lock.is_valid() {
            // The store was removed, and what is there now may be another writer's.
            return;
        }
        let found = names(&dir.join(SEGMENTS));
        let Ok(manifest) = self.store.manifest() else {
            return;
        };
        if disk.sync_dir(dir).is_err() {
            return;
        }
        folder::remove_unfinished(disk, dir);
        let named: HashSet<_> = manifest
            .iter()
            .flat_map(|manifest| &manifest.segments)
            .map(|s| &s.name)
            .collect();
        for name in found {
            if !named.contains(&name) && !self.pending().contains(&name) {
                remove_folder(disk, &segment::folder(dir, &name));
            }
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.pending().clear();
        self.remove_unnamed();
    }
}

/// A part that is added to a committed segment.
#[derive(Debug)]
pub(crate) struct Addition {
    shared: Arc<Shared>,
    folder: PathBuf,
}

impl Addition {
    /// Makes its name durable.
    pub(crate) fn finish(self) -> Result<(), Error> {
        let synced = self.shared.store.disk().sync_dir(&self.folder);
        synced.map_err(|error| Error::writing(&self.folder, error))
    }
}

/// A segment's folder that no manifest names yet. Dropped before it is finished, it is removed.
#[derive(Debug)]
pub(crate) struct Pending {
    shared: Arc<Shared>,
    name: String,
    finished: bool,
}

impl Pending {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn disk(&self) -> &dyn Disk {
        self.shared.store.disk()
    }

    pub(crate) fn folder(&self) -> PathBuf {
        segment::folder(self.shared.store.dir(), &self.name)
    }

    /// Makes the names of the folder and in it durable.
    pub(crate) fn finish(mut self) -> Result<String, Error> {
        for folder in [self.folder(), self.shared.store.dir().join(SEGMENTS)] {
            self.disk()
                .sync_dir(&folder)
                .map_err(|error| Error::writing(&folder, error))?;
        }
        self.finished = true;
        Ok(self.name.clone())
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if !self.finished {
            remove_folder(self.disk(), &self.folder());
            self.shared.pending().remove(&self.name);
        }
    }
}

fn refuse_newer(store: &Store) -> Result<(), Error> {
    match store.stamp() {
        Err(error) if matches!(error.kind(), ErrorKind::NewerFormat { .. }) => Err(error),
        _ => Ok(()),
    }
}

fn create_dir(disk: &dyn Disk, path: &Path) -> Result<(), Error> {
    disk.create_dir(path).map_err(|error| Error::writing(path, error))
}

/// Checks that the parts of a segment are there and as long as they should be.
fn check_present(dir: &Path, entry: &SegmentEntry) -> Result<(), Error> {
    let folder = segment::folder(dir, &entry.name);
    for part in &entry.parts {
        let path = folder.join(part.kind.file_name());
        let found = fs::metadata(&path)
            .map_err(|error| Error::reading(&path, error))?
            .len();
        if found != part.length {
            return Err(Error::corrupt(&path, "the length is not what the manifest says"));
        }
    }
    Ok(())
}

/// Removes a segment's folder as far as that is possible. Only files that a segment has are removed.
pub(crate) fn remove_folder(disk: &dyn Disk, folder: &Path) {
    for kind in PartKind::ALL {
        disk.remove_file(&folder.join(kind.file_name())).ok();
    }
    disk.remove_dir(folder).ok();
}

/// The names of what is in a folder, those that are Unicode.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}
