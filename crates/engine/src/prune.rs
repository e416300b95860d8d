//! The index as a sieve, for a search that walks the folder itself as ripgrep does.
//!
//! Such a search decides which files belong; the index only says which of them cannot match. A file that the index does
//! not know, or not as it is now, is never ruled out.

use std::path::{Path, PathBuf};
use std::sync::Arc;

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
}

impl IndexPrune {
    pub(crate) fn new(snapshot: Arc<Snapshot>, compiled: &Compiled, current: &Path) -> Result<IndexPrune, Error> {
        let mut found = Vec::with_capacity(snapshot.segments.len());
        for live in &snapshot.segments {
            found.push(candidates(live, compiled)?.files.into_iter().map(|candidate| candidate.file).collect());
        }
        Ok(IndexPrune { snapshot, current: current.to_path_buf(), candidates: found })
    }

    fn stored(&self, path: &Path) -> Option<Vec<u8>> {
        // Joining drops the current folder for an absolute path; `..` is refused by `to_stored`.
        let absolute: PathBuf = self.current.join(path).components().collect();
        quern_paths::to_stored(absolute.strip_prefix(&self.snapshot.root).ok()?).ok()
    }
}

impl Prune for IndexPrune {
    fn may_match(&self, path: &Path, meta: &FileMeta) -> bool {
        !self.holds_of_all(path, meta, |number, file| !self.candidates[number].contains(file))
    }

    fn is_plain(&self, path: &Path, meta: &FileMeta) -> bool {
        self.holds_of_all(path, meta, |number, file| {
            self.snapshot.segments[number].segment.files().flags(file) & flags::NOT_BY_BLOCK == 0
        })
    }
}

impl IndexPrune {
    /// Whether the file is what the index knows, and `holds` is true of all its entries.
    fn holds_of_all(&self, path: &Path, meta: &FileMeta, holds: impl Fn(usize, u32) -> bool) -> bool {
        let Some(path) = self.stored(path) else { return false };
        let mut known = false;
        for (number, file) in self.snapshot.find(&path) {
            let segment = &self.snapshot.segments[number as usize].segment;
            let is_racy = segment.files().flags(file) & flags::RACY != 0;
            if is_racy || !segment.is_unchanged(file, meta) || !holds(number as usize, file) {
                return false;
            }
            known = true;
        }
        known
    }
}
