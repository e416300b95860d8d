//! Why a file's text cannot be had.

use std::{fmt, io};

/// A failure of reading text, or a label that names no encoding.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
}

/// What happened.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Reading failed.
    Io(io::Error),
    /// A line, its end included, has more bytes than allowed.
    LineTooLong {
        /// Offset of the line's first byte in the text.
        offset: u64,
        /// The most bytes that were allowed.
        limit: usize,
    },
    /// No encoding has this label.
    UnknownEncoding(String),
}

impl Error {
    pub(crate) fn new(kind: ErrorKind) -> Error {
        Error { kind }
    }

    /// What happened.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        Error::new(ErrorKind::Io(error))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::Io(error) => error.fmt(f),
            ErrorKind::LineTooLong { offset, limit } => {
                write!(f, "the line at byte {offset} is longer than {limit} bytes")
            }
            ErrorKind::UnknownEncoding(label) => write!(f, "unknown encoding: {label}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            ErrorKind::Io(error) => Some(error),
            _ => None,
        }
    }
}
