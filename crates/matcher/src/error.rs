//! Why a pattern or an option was refused.
//!
//! The kind says what happened and where, for programs; the message says it to people, with the place marked as
//! `regex-syntax` marks it. A suggestion, when there is one, is ripgrep's own and names ripgrep's flags.

use std::fmt;

/// A pattern or an option that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    message: String,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A pattern is not a regular expression of ripgrep's default engine.
    Syntax {
        /// Index of the pattern in [`PatternOptions::patterns`](crate::PatternOptions::patterns).
        pattern: usize,
        /// Byte offset in that pattern at which the mistake begins.
        offset: usize,
    },
    /// The compiled program would exceed its size limit.
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// A pattern asks for a character that no match can contain: a line terminator, or NUL where binary files are
    /// detected.
    NotAllowed {
        /// The character.
        literal: char,
    },
    /// No encoding goes by this label.
    UnknownEncoding {
        /// The label as it was given.
        label: String,
    },
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Error {
        Error {
            kind,
            message: message.into(),
        }
    }

    /// What is wrong, for programs.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// The flags that ripgrep suggests in this case.
    pub fn suggestion(&self) -> Option<&'static str> {
        match self.kind {
            ErrorKind::NotAllowed { literal: '\0' } => Some(
                "Consider enabling text mode with the --text flag (or -a for short). Otherwise,\n\
                 binary detection is enabled and matching a NUL byte is impossible.",
            ),
            ErrorKind::NotAllowed { .. } => Some(
                "Consider enabling multiline mode with the --multiline flag (or -U for short).\n\
                 When multiline mode is enabled, new line characters can be matched.",
            ),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
