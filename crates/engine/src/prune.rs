//! The index as a sieve, for a search that walks the folder itself as ripgrep does.
//!
//! Such a search decides which files belong; the index only says which of them cannot match. A file that the index does
//! not know, or not as it is now, is never ruled out.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use quern_printer::Prune;
use quern_walk::FileMeta;
use roaring::RoaringBitmap;

use crate::error::Error;
use crate::query::candidates::candidates;
use crate::query::compile::Compiled;
use crate::snapshot::{Snapshot, flags};

/// Rules files out for one pattern.
pub struct IndexPrune {
    snapshot: Arc<Snapshot>,
    /// Where the index's root begins in a walked path that is made absolute.
    current: PathBuf,
    /// For each segment, the files that may match.
    candidates: Vec<RoaringBitmap>,
    /// How many of the files asked about are not known as they are now.
    unknown: Arc<AtomicU64>,
}

impl IndexPrune {
    pub(crate) fn new(
        snapshot: Arc<Snapshot>,
        compiled: &Compiled,
        current: &Path,
    ) -> Result<IndexPrune, Error> {
        let mut found = Vec::with_capacity(snapshot.segments.len());
        for number in 0..snapshot.segments.len() {
            found.push(
                candidates(&snapshot, number, compiled, None)?
                    .files
                    .into_iter()
                    .map(|candidate| candidate.file)
                    .collect(),
            );
        }
        Ok(IndexPrune {
            snapshot,
            current: current.to_path_buf(),
            candidates: found,
            unknown: Arc::default(),
        })
    }

    /// The number of files that the index did not know as they are now, counted on as they are asked about.
    pub(crate) fn unknown(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.unknown)
    }

    fn stored(&self, path: &Path) -> Option<Vec<u8>> {
        // Joining drops the current folder for an absolute path; `..` is refused by `to_stored`.
        let absolute: PathBuf = self.current.join(path).components().collect();
        quern_paths::to_stored(absolute.strip_prefix(&self.snapshot.root).ok()?).ok()
    }
}

impl Prune for IndexPrune {
    fn may_match(&self, path: &Path, meta: &FileMeta) -> bool {
        match self.known(path, meta) {
            Some(entries) => entries
                .iter()
                .any(|&(number, file)| self.candidates[number as usize].contains(file)),
            None => {
                self.unknown.fetch_add(1, Ordering::Relaxed);
                true
            }
        }
    }

    fn is_plain(&self, path: &Path, meta: &FileMeta) -> bool {
        let plain = |&entry: &(u32, u32)| {
            self.snapshot.segment(entry).files().flags(entry.1) & flags::NOT_BY_BLOCK == 0
        };
        self.known(path, meta)
            .is_some_and(|entries| entries.iter().all(plain))
    }
}

impl IndexPrune {
    /// The entries of a file that is what the index knows.
    fn known(&self, path: &Path, meta: &FileMeta) -> Option<Vec<(u32, u32)>> {
        let path = self.stored(path)?;
        let entries: Vec<_> = self.snapshot.find(&path).collect();
        let is_current =
            |&entry: &(u32, u32)| !self.snapshot.is_racy(entry) && self.snapshot.is_unchanged(entry, meta);
        (!entries.is_empty() && entries.iter().all(is_current)).then_some(entries)
    }
}
