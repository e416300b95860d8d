//! What can go wrong with a store.
//!
//! The kind is what a caller decides by: a store of an older format is rebuilt, a locked one is only read, a
//! corrupt one is reported. The path names the file or folder that was at fault. Failures of the operating system
//! keep their source; a full disk and a refusal to write have kinds of their own because a user can mend them.

use std::error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A failure of a store, with the path that it is about.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    path: PathBuf,
    source: Option<io::Error>,
}

/// The kinds of [`Error`].
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The operating system refused or failed; the error's source says why.
    Io,
    /// Bytes do not match their checksum, or what they say cannot be.
    Corrupt {
        /// What is wrong.
        what: &'static str,
        /// The 64 KiB page of the file, where one page is at fault.
        page: Option<u64>,
    },
    /// The store was written by a newer version of this library; it is left alone.
    NewerFormat {
        /// The format version found.
        found: u32,
        /// The format version that this library writes.
        known: u32,
    },
    /// The store was written by an older version of this library; the next commit replaces it.
    OlderFormat {
        /// The format version found.
        found: u32,
        /// The format version that this library writes.
        known: u32,
    },
    /// Another writer, perhaps in this process, holds the store.
    Locked {
        /// The process id that the holder wrote down, if it could be read.
        pid: Option<u32>,
    },
    /// No space is left on the disk, or the user's quota is used up.
    Full,
    /// The store may not be written: a read-only file system or missing permission.
    ReadOnly,
    /// A file or folder that should be there is not.
    Missing,
    /// The folder holds files that no store has, so it is neither written to nor removed.
    NotAStore,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, path: &Path) -> Error {
        Error {
            kind,
            path: path.to_path_buf(),
            source: None,
        }
    }

    pub(crate) fn corrupt(path: &Path, what: &'static str) -> Error {
        Error::new(ErrorKind::Corrupt { what, page: None }, path)
    }

    pub(crate) fn corrupt_page(path: &Path, page: u64) -> Error {
        Error::new(
            ErrorKind::Corrupt {
                what: "a page does not match its checksum",
                page: Some(page),
            },
            path,
        )
    }

    /// A failure to read `path`.
    pub(crate) fn reading(path: &Path, source: io::Error) -> Error {
        let kind = if is_missing(&source) {
            ErrorKind::Missing
        } else {
            ErrorKind::Io
        };
        Error {
            kind,
            path: path.to_path_buf(),
            source: Some(source),
        }
    }

    /// A failure to write, rename or remove `path`.
    pub(crate) fn writing(path: &Path, source: io::Error) -> Error {
        let kind = match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorKind::Full,
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => ErrorKind::ReadOnly,
            _ if is_missing(&source) => ErrorKind::Missing,
            _ => ErrorKind::Io,
        };
        Error {
            kind,
            path: path.to_path_buf(),
            source: Some(source),
        }
    }

    /// What went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// The file or folder at fault.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Whether the error says that there is nothing at the path, or a file where a folder is needed.
pub(crate) fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.kind {
            ErrorKind::Io => write!(f, "{path}: input or output failed")?,
            ErrorKind::Corrupt {
                what,
                page: Some(page),
            } => {
                write!(f, "{path}: damaged: {what} (page {page})")?;
            }
            ErrorKind::Corrupt { what, page: None } => write!(f, "{path}: damaged: {what}")?,
            ErrorKind::NewerFormat { found, known } => {
                write!(
                    f,
                    "{path}: format {found} is newer than {known}, the newest one known here"
                )?;
            }
            ErrorKind::OlderFormat { found, known } => {
                write!(
                    f,
                    "{path}: format {found} is older than {known} and must be rebuilt"
                )?;
            }
            ErrorKind::Locked { pid: Some(pid) } => write!(f, "{path}: process {pid} is writing this store")?,
            ErrorKind::Locked { pid: None } => write!(f, "{path}: another process is writing this store")?,
            ErrorKind::Full => write!(f, "{path}: no space left")?,
            ErrorKind::ReadOnly => write!(f, "{path}: may not be written")?,
            ErrorKind::Missing => write!(f, "{path}: not found")?,
            ErrorKind::NotAStore => write!(f, "{path}: the folder is not a store")?,
        }
        match &self.source {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.source
            .as_ref()
            .map(|source| source as &(dyn error::Error + 'static))
    }
}
