//! How an index is opened.

use std::path::PathBuf;
use std::time::Duration;

use quern_walk::WalkOptions;

/// Options of [`Index::open`](crate::Index::open).
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// The folder to index.
    pub root: PathBuf,
    /// Where the store lives; `None`: in the user's cache folder.
    pub store: Option<PathBuf>,
    /// Threads of the process-wide pools; 0: one a core. Only the first open of a process decides.
    pub threads: usize,
    /// Upper bound of what a build holds in buffers, in bytes; 0: 48 MiB a thread.
    pub memory: usize,
    /// Upper bound of the cache of file contents, in bytes.
    pub cache: usize,
    /// Bytes of changes in memory after which they are flushed.
    pub overlay: usize,
    /// How long a change may be in memory only.
    pub flush_after: Duration,
    /// Bring an existing store up to date before it answers.
    pub refresh: bool,
    /// A build goes on past this many files that fail.
    pub max_errors: u64,
    /// A longer line, in bytes, is not indexed: its file is searched directly by every query.
    pub max_line: usize,
    /// What belongs to the index.
    pub walk: WalkOptions,
}

/// Default of [`OpenOptions::cache`].
pub const DEFAULT_CACHE: usize = 256 << 20;
/// Default of [`OpenOptions::overlay`].
pub const DEFAULT_OVERLAY: usize = 32 << 20;
/// Default of [`OpenOptions::flush_after`].
pub const DEFAULT_FLUSH_AFTER: Duration = Duration::from_secs(5);
/// Default of [`OpenOptions::max_errors`].
pub const DEFAULT_MAX_ERRORS: u64 = 10_000;
/// Default of [`OpenOptions::max_line`].
pub const DEFAULT_MAX_LINE: usize = 256 << 20;

impl OpenOptions {
    /// The defaults for a folder.
    pub fn new(root: impl Into<PathBuf>) -> OpenOptions {
        OpenOptions {
            root: root.into(),
            store: None,
            threads: 0,
            memory: 0,
            cache: DEFAULT_CACHE,
            overlay: DEFAULT_OVERLAY,
            flush_after: DEFAULT_FLUSH_AFTER,
            refresh: true,
            max_errors: DEFAULT_MAX_ERRORS,
            max_line: DEFAULT_MAX_LINE,
            walk: WalkOptions::default(),
        }
    }
}
