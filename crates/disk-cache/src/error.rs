//! What can go wrong with a cache on disk.

use std::error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use heed::MdbError;

/// A failure, with the folder that it is about.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    path: PathBuf,
    said: String,
}

/// The kinds of [`Error`].
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The operating system or LMDB failed.
    Io,
    /// The disk has no space left, or the cache has none for this value.
    Full,
    /// The operating system refuses access.
    Permission,
    /// The folder holds something else, so nothing is written there.
    Foreign,
    /// Another process has the cache open in a format that this version does not know.
    InUse,
    /// The size that was asked for cannot be.
    Size,
    /// A page cannot be: the cache is damaged, and the next process to open it alone begins anew.
    Damaged,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, path: &Path, said: impl Into<String>) -> Error {
        Error {
            kind,
            path: path.to_path_buf(),
            said: said.into(),
        }
    }

    /// A failure of the operating system at `path`.
    pub(crate) fn io(path: &Path, error: &io::Error) -> Error {
        let kind = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                ErrorKind::Full
            }
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => ErrorKind::Permission,
            _ => ErrorKind::Io,
        };
        Error::new(kind, path, error.to_string())
    }

    /// A failure of LMDB in the environment at `path`.
    pub(crate) fn lmdb(path: &Path, error: &heed::Error) -> Error {
        match error {
            heed::Error::Io(error) => Error::io(path, error),
            heed::Error::Mdb(MdbError::MapFull) => Error::new(ErrorKind::Full, path, "no room is left"),
            heed::Error::Mdb(
                MdbError::PageNotFound | MdbError::Corrupted | MdbError::Invalid | MdbError::VersionMismatch,
            ) => Error::new(ErrorKind::Damaged, path, error.to_string()),
            other => Error::new(ErrorKind::Io, path, other.to_string()),
        }
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The file or folder at fault.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.said)
    }
}

impl error::Error for Error {}
