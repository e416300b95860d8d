//! What a build did and what an index holds.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::pools::PoolLoad;

/// Seconds that the threads of a build spent in each stage, added up over threads.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stages {
    /// Finding files.
    pub walk: f64,
    /// Opening, stating, reading and decoding.
    pub read: f64,
    /// Cutting blocks and collecting their grams.
    pub extract: f64,
    /// Inverting, encoding and writing segments.
    pub write: f64,
    /// Syncing and committing the manifest.
    pub commit: f64,
}

/// What a build or a refresh did.
#[derive(Clone, Debug, Default)]
pub struct BuildStats {
    /// Files indexed.
    pub files: u64,
    /// Bytes of text indexed.
    pub bytes: u64,
    /// Files that are gone; their entries are tombstoned.
    pub removed: u64,
    /// Segments written.
    pub segments: u64,
    /// Wall-clock seconds.
    pub seconds: f64,
    /// Threads that took part.
    pub threads: usize,
    /// Where the time went.
    pub stages: Stages,
    /// Files left out, by reason.
    pub skipped: Vec<(&'static str, u64)>,
    /// The first failures of single files.
    pub errors: Vec<Error>,
    /// All failures of single files.
    pub error_count: u64,
}

impl BuildStats {
    /// Files a minute.
    pub fn files_per_minute(&self) -> f64 {
        if self.seconds > 0.0 {
            self.files as f64 * 60.0 / self.seconds
        } else {
            0.0
        }
    }

    /// Megabytes (10^6 bytes) of text a second.
    pub fn megabytes_per_second(&self) -> f64 {
        if self.seconds > 0.0 {
            self.bytes as f64 / 1e6 / self.seconds
        } else {
            0.0
        }
    }

    /// Share of the threads' time that was spent in a stage, 0 to 1.
    pub fn core_use(&self) -> f64 {
        let Stages {
            walk,
            read,
            extract,
            write,
            commit,
        } = self.stages;
        let available = self.seconds * self.threads as f64;
        if available > 0.0 {
            ((walk + read + extract + write + commit) / available).min(1.0)
        } else {
            0.0
        }
    }
}

/// What an index holds.
#[derive(Clone, Debug)]
pub struct IndexStats {
    /// The indexed folder.
    pub root: PathBuf,
    /// The store's folder.
    pub store: PathBuf,
    /// The generation that queries see.
    pub generation: u64,
    /// The id of the state that queries see.
    pub snapshot: String,
    /// Live files.
    pub files: u64,
    /// Entries that no longer count.
    pub tombstones: u64,
    /// Live segments on disk.
    pub segments: u64,
    /// Blocks in them.
    pub blocks: u64,
    /// Bytes of text in them.
    pub text_bytes: u64,
    /// Bytes of the store on disk.
    pub store_bytes: u64,
    /// Segments in memory.
    pub overlay_segments: u64,
    /// Bytes of memory that they take.
    pub overlay_bytes: u64,
    /// Bytes in the content cache.
    pub cache_bytes: u64,
    /// What the threads that answer have to do; all indexes of the process share them.
    pub query_load: PoolLoad,
    /// What the threads that build have to do; all indexes of the process share them.
    pub build_load: PoolLoad,
    /// Why what is done in the background fails at present, if it does; it is tried again every few seconds.
    pub failure: Option<Error>,
    /// The last build or refresh that this process did.
    pub build: Option<BuildStats>,
}

/// The time since `start`, and a new start.
pub(crate) fn lap(start: &mut Instant) -> Duration {
    let now = Instant::now();
    let lap = now.duration_since(*start);
    *start = now;
    lap
}
