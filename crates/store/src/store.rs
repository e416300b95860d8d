//! A store as its readers have it.
//!
//! A [`Store`] is no more than the name of a folder. Nothing is locked to read one: a reader takes the manifest and
//! maps what it names. Between the two a writer may commit a newer generation and remove segments that only the old
//! one named; [`Store::snapshot`] then starts again with the new manifest. Once mapped, a segment outlives its
//! removal.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::disk::{Disk, SystemDisk};
use crate::error::Error;
use crate::manifest::Manifest;
use crate::sealed::Stamp;
use crate::segment::Segment;
use crate::writer::Writer;

/// How often a snapshot is tried again because another generation was committed meanwhile.
const TRIES: usize = 32;

/// A folder that is, or will be, a store. Cheap to make and to clone; nothing is created before something is written.
#[derive(Clone, Debug)]
pub struct Store {
    dir: PathBuf,
    disk: Arc<dyn Disk>,
}

/// One generation of a store, open for reading.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// What was committed.
    pub manifest: Manifest,
    /// The segments of [`Manifest::segments`], in the same order.
    pub segments: Vec<Arc<Segment>>,
}

impl Store {
    /// The store in the folder `dir`, which need not exist.
    pub fn new(dir: impl Into<PathBuf>) -> Store {
        Store::with_disk(dir, Arc::new(SystemDisk))
    }

    /// As [`Store::new`], writing through `disk`.
    pub fn with_disk(dir: impl Into<PathBuf>, disk: Arc<dyn Disk>) -> Store {
        Store {
            dir: dir.into(),
            disk,
        }
    }

    /// The store's folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub(crate) fn disk(&self) -> &dyn Disk {
        &*self.disk
    }

    /// Which generation is the current one; `None` if nothing was committed yet. One short read: cheap enough to ask
    /// before every query.
    ///
    /// # Errors
    /// As [`Store::manifest`].
    pub fn stamp(&self) -> Result<Option<Stamp>, Error> {
        Manifest::read_stamp(&self.dir)
    }

    /// The current manifest; `None` if nothing was committed yet, or the folder does not exist.
    ///
    /// # Errors
    /// `OlderFormat` if the store must be rebuilt, `NewerFormat` if it is to be left alone, `Corrupt`, `Io`.
    pub fn manifest(&self) -> Result<Option<Manifest>, Error> {
        Manifest::read(&self.dir)
    }

    /// The current generation with its segments open; `None` if nothing was committed yet. Segments that `previous`
    /// has open already are taken from it.
    ///
    /// # Errors
    /// As [`Store::manifest`] and [`Segment::open`], for a generation that is still the current one.
    pub fn snapshot(&self, previous: Option<&Snapshot>) -> Result<Option<Snapshot>, Error> {
        let mut tries = 0;
        loop {
            let Some(manifest) = self.manifest()? else {
                return Ok(None);
            };
            let stamp = manifest.stamp();
            match self.open_segments(manifest, previous) {
                Ok(snapshot) => return Ok(Some(snapshot)),
                Err(_) if tries < TRIES && self.stamp()? != Some(stamp) => tries += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// Becomes the store's only writer, creating the folder if it does not exist. Removes what a writer that was
    /// killed left behind.
    ///
    /// # Errors
    /// `Locked` if there is a writer, in this process or another; `NewerFormat`; `NotAStore` if the folder holds
    /// other files; `Full`, `ReadOnly`, `Io`.
    pub fn try_lock_writer(&self) -> Result<Writer, Error> {
        Writer::lock(self)
    }

    fn open_segments(&self, manifest: Manifest, previous: Option<&Snapshot>) -> Result<Snapshot, Error> {
        let open = |entry| {
            let known = previous.into_iter().flat_map(|snapshot| &snapshot.segments);
            match known.into_iter().find(|segment| segment.is(entry)) {
                Some(segment) => Ok(Arc::clone(segment)),
                None => Segment::open(&self.dir, entry).map(Arc::new),
            }
        };
        let segments = manifest.segments.iter().map(open).collect::<Result<_, _>>()?;
        Ok(Snapshot { manifest, segments })
    }
}
