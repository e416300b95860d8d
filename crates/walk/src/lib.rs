//! What is in a folder.
//!
//! [`walk`] finds the files that ripgrep would search, through the same library configured in the same way, and gives
//! them in a stable order with what was left out and why. [`walk_only`] does so for parts of a folder, and
//! [`outer_rules`] names the files elsewhere that have a say in it. [`PathFilter`] answers for one path, without touching the
//! disk, what a walk with globs and types would have decided. [`Cancel`] stops either this crate's work or anybody
//! else's.

mod cancel;
mod error;
mod filter;
mod findings;
mod globs;
mod indexable;
mod meta;
mod options;
mod outer;
mod report;
mod rules;
mod scope;
mod walker;

use std::path::PathBuf;

pub use cancel::{Cancel, Stopped};
pub use error::{Error, ErrorKind};
pub use filter::PathFilter;
pub use globs::PathGlobs;
pub use meta::FileMeta;
pub use options::{IndexableFilter, TypeChange, WalkOptions};
pub use outer::outer_rules;
pub use report::{MAX_ERRORS, SkipReason, Skipped, WalkError, WalkErrorKind, WalkReport};
pub use rules::type_list;
pub use walker::{walk, walk_only};

/// One file that a walk found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The root joined with what is below it, as ripgrep prints it before it strips a leading `./`.
    pub path: PathBuf,
    /// A root itself, not found below one: ripgrep searches it whatever its kind and never gives it up as binary.
    pub explicit: bool,
    /// Size and times, if [`WalkOptions::stat`] asked for them. Of the target, where `path` is a link that is followed.
    pub meta: Option<FileMeta>,
}
