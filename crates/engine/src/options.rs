//! How an index is opened.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use quern_store::{Disk, SystemDisk};
use quern_walk::WalkOptions;

use crate::pools::PoolOptions;

/// Options of [`Index::open`](crate::Index::open).
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// The folder to index.
    pub root: PathBuf,
    /// Where the store lives; `None`: in the user's cache folder.
    pub store: Option<PathBuf>,
    /// What the store is written through: the system, but in tests of what goes wrong there.
    pub disk: Arc<dyn Disk>,
    /// The process-wide threads. Only the first open of a process decides.
    pub pools: PoolOptions,
    /// What memory, cache, overlay and the number of threads are where they are not given.
    pub profile: Profile,
    /// Upper bound, in bytes, of what a build holds in buffers, the cache and the overlay, together. A line that is longer
    /// than a window of 1 MiB comes on top of it.
    pub memory: Option<usize>,
    /// Upper bound of the cache of file contents, in bytes.
    pub cache: Option<usize>,
    /// Bytes of changes in memory after which they are flushed.
    pub overlay: Option<usize>,
    /// How long a change may be in memory only.
    pub flush_after: Duration,
    /// Bytes a second that merges in the background write; 0: as many as they can.
    pub merge_rate: u64,
    /// Bring an existing store up to date before it answers.
    pub refresh: bool,
    /// A build goes on past this many files that fail.
    pub max_errors: u64,
    /// A file of which one read takes longer is given up while the index is built: every query looks at it directly. `None`:
    /// it takes the time that it takes.
    pub read_timeout: Option<Duration>,
    /// A longer line, in bytes, is not indexed: its file is searched directly by every query.
    pub max_line: usize,
    /// Files of which only the end ever changes, as globs of a `.gitignore` at the root: what was indexed of them is not
    /// compared when they have grown.
    pub append_only: Vec<String>,
    /// How time stamps of logs are written besides the known ways, as `strftime` has it: `%d.%m.%Y %H:%M:%S`.
    pub timestamps: Vec<String>,
    /// A smaller file is indexed anew when it has grown, in bytes. For tests.
    #[doc(hidden)]
    pub least_grown: u64,
    /// What belongs to the index.
    pub walk: WalkOptions,
}

/// Threads, memory, cache and overlay that go together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// For editors and machines that others need too.
    Small,
    /// The defaults.
    #[default]
    Medium,
    /// For servers: larger segments, which fewer merges have to join, and more that is kept.
    Large,
}

/// Default of [`OpenOptions::flush_after`].
pub const DEFAULT_FLUSH_AFTER: Duration = Duration::from_secs(5);
/// Default of [`OpenOptions::merge_rate`]: the index of about 400 MB of text a second.
pub const DEFAULT_MERGE_RATE: u64 = 32 << 20;
/// Default of [`OpenOptions::least_grown`]: what is smaller is read in a moment.
const DEFAULT_LEAST_GROWN: u64 = 1 << 20;
/// Default of [`OpenOptions::max_errors`].
pub const DEFAULT_MAX_ERRORS: u64 = 10_000;
/// Default of [`OpenOptions::read_timeout`].
pub const DEFAULT_READ_TIMEOUT: Duration = Duration::from_secs(60);
/// Default of [`OpenOptions::max_line`].
pub const DEFAULT_MAX_LINE: usize = 256 << 20;

impl OpenOptions {
    /// The defaults for a folder.
    pub fn new(root: impl Into<PathBuf>) -> OpenOptions {
        OpenOptions::of(root, Profile::default())
    }

    /// What a profile says for a folder.
    pub fn of(root: impl Into<PathBuf>, profile: Profile) -> OpenOptions {
        OpenOptions {
            root: root.into(),
            store: None,
            disk: Arc::new(SystemDisk),
            pools: PoolOptions {
                default_threads: (profile == Profile::Small).then_some(1),
                ..PoolOptions::default()
            },
            profile,
            memory: None,
            cache: None,
            overlay: None,
            flush_after: DEFAULT_FLUSH_AFTER,
            merge_rate: DEFAULT_MERGE_RATE,
            refresh: true,
            max_errors: DEFAULT_MAX_ERRORS,
            read_timeout: Some(DEFAULT_READ_TIMEOUT),
            max_line: DEFAULT_MAX_LINE,
            append_only: Vec::new(),
            timestamps: Vec::new(),
            least_grown: DEFAULT_LEAST_GROWN,
            walk: WalkOptions::default(),
        }
    }
}
