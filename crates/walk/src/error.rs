//! Why a walk or a filter cannot even begin.

use std::fmt;

use crate::cancel::Stopped;

/// A walk that did not take place, or options that make no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    message: String,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A glob that cannot be parsed.
    Glob,
    /// A file type that does not exist, or a definition that cannot be parsed.
    Type,
    /// The process's current folder is gone.
    CurrentDir,
    /// The work was stopped.
    Stopped(Stopped),
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl fmt::Display) -> Error {
        Error {
            kind,
            message: message.to_string(),
        }
    }

    /// What is wrong.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl From<Stopped> for Error {
    fn from(stopped: Stopped) -> Error {
        let message = match stopped {
            Stopped::Cancelled => "the walk was cancelled",
            Stopped::DeadlineExceeded => "the walk took too long",
        };
        Error::new(ErrorKind::Stopped(stopped), message)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
