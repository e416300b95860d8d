//! Why a run cannot start, or does not reach its end.
//!
//! What goes wrong with single files is no error: it becomes a message in a [`Chunk`](crate::Chunk) and shows in
//! [`Summary::errored`](crate::Summary::errored).

use std::fmt;
use std::io;

use quern_walk::Stopped;

/// A run that could not start or was stopped.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
}

/// What went wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The pattern does not compile.
    Pattern(quern_matcher::Error),
    /// A glob or a file type is invalid, or the current folder is gone.
    Walk(quern_walk::Error),
    /// A colour specification is invalid.
    Color {
        /// What is wrong with it.
        message: String,
    },
    /// A hyperlink format is invalid.
    Hyperlink {
        /// What is wrong with it.
        message: String,
    },
    /// A path separator is not one byte.
    PathSeparator {
        /// As given.
        value: String,
        /// What it amounts to, in bytes.
        length: usize,
    },
    /// The system does not know the times that were to decide the order.
    Sort {
        /// Which ones.
        times: &'static str,
        /// What the system said.
        error: io::Error,
    },
    /// No thread could be started.
    Thread(io::Error),
    /// The run was cancelled or took too long.
    Stopped(Stopped),
}

impl Error {
    pub(crate) fn new(kind: ErrorKind) -> Error {
        Error { kind }
    }

    /// What went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// What went wrong, to keep.
    pub fn into_kind(self) -> ErrorKind {
        self.kind
    }
}

impl From<Stopped> for Error {
    fn from(stopped: Stopped) -> Error {
        Error::new(ErrorKind::Stopped(stopped))
    }
}

impl From<quern_matcher::Error> for Error {
    fn from(error: quern_matcher::Error) -> Error {
        Error::new(ErrorKind::Pattern(error))
    }
}

impl From<quern_walk::Error> for Error {
    fn from(error: quern_walk::Error) -> Error {
        match error.kind() {
            quern_walk::ErrorKind::Stopped(stopped) => stopped.into(),
            _ => Error::new(ErrorKind::Walk(error)),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::Pattern(error) => error.fmt(f),
            ErrorKind::Walk(error) => error.fmt(f),
            ErrorKind::Color { message } | ErrorKind::Hyperlink { message } => f.write_str(message),
            ErrorKind::PathSeparator { value, length } => write!(
                f,
                "A path separator must be exactly one byte, but the given separator is {length} bytes: {value}\n\
                 In some shells on Windows '/' is automatically expanded. Use '//' instead."
            ),
            ErrorKind::Sort { times, error } => write!(f, "sorting by {times} isn't supported: {error}"),
            ErrorKind::Thread(error) => write!(f, "cannot start a thread: {error}"),
            ErrorKind::Stopped(Stopped::Cancelled) => f.write_str("the search was cancelled"),
            ErrorKind::Stopped(Stopped::DeadlineExceeded) => f.write_str("the search took too long"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            ErrorKind::Pattern(error) => Some(error),
            ErrorKind::Walk(error) => Some(error),
            ErrorKind::Sort { error, .. } | ErrorKind::Thread(error) => Some(error),
            _ => None,
        }
    }
}
