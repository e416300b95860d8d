//! The services of the systems, each with the same face: `start`, `add`, `drain`, `folders`, and an end on drop after
//! which neither of its two functions is called.

use std::path::PathBuf;

use crate::options::PollReason;

#[cfg(any(windows, target_os = "macos", test))]
mod known;
#[cfg(any(windows, test))]
mod records;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub(crate) use linux::Service;

#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "macos")]
pub(crate) use macos::Service;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use windows::Service;

/// What a service tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// This may have changed.
    Path(PathBuf),
    /// Events were lost.
    Overflow,
    /// No more will come.
    End(PollReason),
}

/// Takes what a service tells, without its locks. Whether to call [`Wake`].
pub(crate) type Sink = Box<dyn Fn(Seen) -> bool + Send + Sync>;

/// Called when no lock is held.
pub(crate) type Wake = Box<dyn Fn() + Send + Sync>;
