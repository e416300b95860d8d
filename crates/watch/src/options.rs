//! How a folder is watched, and whether it really is.

use std::time::Duration;

/// How to watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchOptions {
    /// How long after its first event a batch is due.
    pub delay: Duration,
    /// A batch with so many changed paths is due at once. Events of one path count once, or a log that is being written
    /// would be due all the time.
    pub events: usize,
    /// `Some(true)`: poll. `Some(false)`: watch even where the drive seems to be remote. `None`: poll where the system's
    /// events cannot be relied on. Where there is no other way, the folder is polled in any case.
    pub poll: Option<bool>,
    /// How long after the end of one look the next is due, where the folder is polled.
    pub interval: Duration,
    /// Most folders to watch, so that some of the user's watches are left for others; beyond it the folder is polled.
    pub max_folders: Option<u64>,
    /// The walk follows symbolic links.
    pub follow: bool,
}

impl Default for WatchOptions {
    fn default() -> Self {
        WatchOptions {
            delay: Duration::from_millis(100),
            events: 50,
            poll: None,
            interval: Duration::from_secs(2),
            max_folders: None,
            follow: false,
        }
    }
}

/// How a watcher comes by its changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The system tells.
    Watching {
        /// Known folders.
        folders: u64,
    },
    /// Everything is looked at again and again.
    Polling {
        /// Why.
        reason: PollReason,
        /// From the end of one look to the next.
        interval: Duration,
    },
}

/// Why a folder is polled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PollReason {
    /// The system has no more watches for this user, or [`WatchOptions::max_folders`] is reached.
    WatchLimit,
    /// It lies on a drive that others can change without this system's knowing.
    NetworkDrive,
    /// The system cannot watch it, or stopped to; or the walk leaves it through links.
    Unsupported,
    /// [`WatchOptions::poll`] says so.
    Asked,
}

impl PollReason {
    /// Every reason.
    pub const ALL: [PollReason; 4] = [
        PollReason::WatchLimit,
        PollReason::NetworkDrive,
        PollReason::Unsupported,
        PollReason::Asked,
    ];

    /// A stable name: `watch-limit`.
    pub fn name(self) -> &'static str {
        match self {
            PollReason::WatchLimit => "watch-limit",
            PollReason::NetworkDrive => "network-drive",
            PollReason::Unsupported => "unsupported",
            PollReason::Asked => "asked",
        }
    }
}
