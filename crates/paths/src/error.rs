//! Why a path is refused.

use std::fmt;

use crate::display;

/// A path that cannot be stored, or stored bytes that are not a path here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    path: Vec<u8>,
}

/// The rule that a path breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No component.
    Empty,
    /// It begins at a root, a drive or a server.
    Absolute,
    /// A `..`, or in a stored path a `.` or an empty component.
    Relative,
    /// A byte that no name of this system has: NUL, on Windows also `<>:"|?*\` and control characters.
    Character,
    /// A name that Windows gives to a device (`NUL`, `com1.txt`).
    Reserved,
    /// A name ending with a dot or a space, which Windows drops.
    TrailingDot,
    /// On Windows: bytes that are not WTF-8.
    NotWtf8,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, path: &[u8]) -> Error {
        Error {
            kind,
            path: path.to_vec(),
        }
    }

    /// The rule.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The path as it was given, in bytes.
    pub fn path(&self) -> &[u8] {
        &self.path
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.kind {
            ErrorKind::Empty => "an empty path",
            ErrorKind::Absolute => "not relative",
            ErrorKind::Relative => "a `.`, `..` or empty component",
            ErrorKind::Character => "a character that no file name here has",
            ErrorKind::Reserved => "a name reserved for a device",
            ErrorKind::TrailingDot => "a name ending with a dot or a space",
            ErrorKind::NotWtf8 => "not WTF-8",
        };
        write!(f, "{}: {why}", display(&self.path))
    }
}

impl std::error::Error for Error {}
