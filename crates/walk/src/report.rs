//! What a walk saw, left out and failed at.

use std::io;
use std::path::{Path, PathBuf};

/// How many errors a [`WalkReport`] keeps.
pub const MAX_ERRORS: usize = 1000;

/// The account of one walk. What ignore files, hidden names, globs and types leave out is not in it: those are the
/// rules of what was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WalkReport {
    /// Files found.
    pub files: u64,
    /// Folders entered, roots included.
    pub directories: u64,
    /// The same folders by name, root by root, sorted by the bytes of their paths, if
    /// [`WalkOptions::folders`](crate::WalkOptions::folders) asked for them. A folder that could then not be listed is
    /// among them; there is an error for it.
    pub folders: Vec<PathBuf>,
    /// What was met and left out.
    pub skipped: Skipped,
    /// Up to [`MAX_ERRORS`] errors: those of ignore files that were named, then root by root, sorted by path.
    pub errors: Vec<WalkError>,
    /// All errors, kept or not.
    pub error_count: u64,
}

/// Why something that a walk met is not among its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SkipReason {
    /// A symbolic link, which the walk does not follow.
    Link,
    /// A pipe, socket or device.
    Special,
    /// Its extension is not one to index.
    Extension,
    /// A glob keeps it out of the index.
    Excluded,
    /// A folder kept out of the index by a glob, with everything in it; counted once.
    ExcludedFolder,
    /// Larger than allowed.
    TooLarge,
    /// Its metadata or its entries could not be read; there is an error for each.
    Unreadable,
}

impl SkipReason {
    /// Every reason, in the order of [`Skipped::iter`].
    pub const ALL: [SkipReason; 7] = [
        SkipReason::Link,
        SkipReason::Special,
        SkipReason::Extension,
        SkipReason::Excluded,
        SkipReason::ExcludedFolder,
        SkipReason::TooLarge,
        SkipReason::Unreadable,
    ];

    /// A short name, for reports: `too-large`.
    pub fn name(self) -> &'static str {
        match self {
            SkipReason::Link => "link",
            SkipReason::Special => "special",
            SkipReason::Extension => "extension",
            SkipReason::Excluded => "excluded",
            SkipReason::ExcludedFolder => "excluded-folder",
            SkipReason::TooLarge => "too-large",
            SkipReason::Unreadable => "unreadable",
        }
    }
}

/// A count for each [`SkipReason`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skipped {
    counts: [u64; SkipReason::ALL.len()],
}

impl Skipped {
    /// How often `reason` applied.
    pub fn get(&self, reason: SkipReason) -> u64 {
        self.counts[reason as usize]
    }

    /// The reasons with their counts, zeros included.
    pub fn iter(&self) -> impl Iterator<Item = (SkipReason, u64)> + '_ {
        SkipReason::ALL
            .into_iter()
            .map(|reason| (reason, self.get(reason)))
    }

    /// The sum over all reasons.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    pub(crate) fn add(&mut self, reason: SkipReason) {
        self.counts[reason as usize] += 1;
    }

    pub(crate) fn merge(&mut self, other: &Skipped) {
        for (ours, theirs) in self.counts.iter_mut().zip(other.counts) {
            *ours += theirs;
        }
    }
}

/// Something that went wrong without ending the walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalkError {
    /// What it is about, if known.
    pub path: Option<PathBuf>,
    /// The whole message, path included, as ripgrep words it.
    pub message: String,
    /// What went wrong.
    pub kind: WalkErrorKind,
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WalkErrorKind {
    /// The system refused: a folder or a file's metadata is missing from the result.
    Io(io::ErrorKind),
    /// A link leads back to a folder that holds it; it is not followed.
    Loop,
    /// A rule of an ignore file is invalid or the file cannot be read; its other rules hold. ripgrep is silent
    /// about these under `--no-ignore-messages`.
    IgnoreFile,
    /// Anything else.
    Other,
}

impl WalkError {
    pub(crate) fn from_ignore(error: &ignore::Error) -> WalkError {
        WalkError {
            path: path_of(error),
            message: error.to_string(),
            kind: kind_of(error),
        }
    }

    pub(crate) fn at(path: &Path, error: &io::Error) -> WalkError {
        WalkError {
            path: Some(path.to_path_buf()),
            message: format!("{}: {error}", path.display()),
            kind: WalkErrorKind::Io(error.kind()),
        }
    }

    pub(crate) fn in_ignore_file(error: &ignore::Error) -> WalkError {
        WalkError {
            kind: WalkErrorKind::IgnoreFile,
            ..WalkError::from_ignore(error)
        }
    }
}

fn path_of(error: &ignore::Error) -> Option<PathBuf> {
    use ignore::Error::{Loop, Partial, WithDepth, WithLineNumber, WithPath};
    match error {
        WithPath { path, .. } => Some(path.clone()),
        Loop { child, .. } => Some(child.clone()),
        WithDepth { err, .. } | WithLineNumber { err, .. } => path_of(err),
        Partial(errors) => errors.first().and_then(path_of),
        _ => None,
    }
}

fn kind_of(error: &ignore::Error) -> WalkErrorKind {
    use ignore::Error::{Glob, Io, Loop, Partial, WithDepth, WithLineNumber, WithPath};
    match error {
        WithPath { err, .. } | WithDepth { err, .. } => kind_of(err),
        Io(error) => WalkErrorKind::Io(error.kind()),
        Loop { .. } => WalkErrorKind::Loop,
        Partial(_) | WithLineNumber { .. } | Glob { .. } => WalkErrorKind::IgnoreFile,
        _ => WalkErrorKind::Other,
    }
}
