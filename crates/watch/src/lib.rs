//! Which paths of a folder may have changed since somebody last looked.
//!
//! A [`Watcher`] collects what the system tells about a folder in a [`Queue`]: paths of files and folders, without a
//! word on what happened to them. The receiver walks each path again with the rules of its walk and sees for itself,
//! so that events may be vague, doubled or late, but never wrong. Where events are lost, the queue holds *everything*.
//!
//! **What is watched** are folders that a walk entered, and nothing else: a tree that is ignored costs no watch and
//! makes no event. So the receiver tells which folders there are, at the start and whenever a walk meets new ones
//! ([`Watcher::add_folders`]). Between the walk that found a folder and its watch anything may happen in it; that is why
//! a watcher begins with everything changed, and why each folder that is newly watched counts as changed once more. The
//! order for a receiver is therefore always: [`take`](Watcher::take), walk, `add_folders` with the folders that were
//! entered, apply, [`finish`](Watcher::finish). It ends, because a second walk finds no new folders unless there are.
//!
//! **Systems.** On Linux each folder has an inotify watch. Elsewhere one watch of the root tells about all that is below,
//! and what lies in other folders than the known ones is dropped, so that the promise is the same. Where the system
//! cannot be relied on, the watcher *polls*: every interval it says that everything may have changed, and
//! [`state`](Watcher::state) says why.
//!
//! inotify and Windows' service are called here and not through the `notify` crate, because of what its version 8 does
//! with them. On Linux it also asks for each opening of a file: with it, opening the files of Linux 6.1 takes three
//! times as long, and each search fills the kernel's queue. On Windows it takes an overflow for an empty answer, and
//! changes are lost in silence. On neither does it wait for its thread to end.
//!
//! **What no watch sees**: writing to a file under another of its hard links; writing through a memory map until the
//! file is closed; a folder that is mounted over while it is watched; that a folder above the root is renamed, or
//! outside Linux the root itself. A walk that follows links reaches what lies elsewhere, so with
//! [`WatchOptions::follow`] the folder is polled.

mod drive;
mod options;
mod queue;
mod system;
mod watcher;

pub use options::{PollReason, State, WatchOptions};
pub use queue::{Batch, Change, Changes, Pending, Queue, Reason};
pub use watcher::Watcher;
