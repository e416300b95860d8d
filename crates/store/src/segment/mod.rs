//! A segment: an immutable folder that answers for a set of files.
//!
//! It is written once, by a [`SegmentWriter`]: the postings as a stream while the grams are encoded, the tables when
//! the last file is in. It counts from the moment a commit names it. [`Segment`] is the same folder as a reader has
//! it: mapped, its tables checked, its postings checked page by page.
//!
//! A small segment may also stay in memory: the same parts, in buffers instead of files, for as long as somebody holds
//! the segment.

mod given;
mod open;
mod terms;
mod write;

use std::path::{Path, PathBuf};

pub use open::Segment;
pub use terms::{Terms, TermsWriter};
pub use write::{Finished, SegmentWriter};

/// The folder of a store that the segments are in.
pub(crate) const SEGMENTS: &str = "segments";

pub(crate) fn folder(dir: &Path, name: &str) -> PathBuf {
    dir.join(SEGMENTS).join(name)
}
