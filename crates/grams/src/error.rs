//! The crate's one error type.

use std::fmt;

/// Why a gram index could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The bytes are not what a builder writes; the text says which part.
    Corrupt(&'static str),
    /// The directory has a format that this version does not read.
    Format {
        /// The format number found.
        found: u32,
    },
    /// The store could not vouch for a page of the postings.
    Page(CorruptPage),
}

/// A page of posting bytes whose checksum does not match, or that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorruptPage {
    /// Number of the page in its part, counted from zero.
    pub page: u64,
}

impl Error {
    /// What went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    pub(crate) fn corrupt(what: &'static str) -> Error {
        Error {
            kind: ErrorKind::Corrupt(what),
        }
    }

    pub(crate) fn format(found: u32) -> Error {
        Error {
            kind: ErrorKind::Format { found },
        }
    }
}

impl From<CorruptPage> for Error {
    fn from(page: CorruptPage) -> Error {
        Error {
            kind: ErrorKind::Page(page),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::Corrupt(what) => write!(f, "corrupt gram index: {what}"),
            ErrorKind::Format { found } => write!(f, "unknown gram index format {found}"),
            ErrorKind::Page(page) => page.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl fmt::Display for CorruptPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "corrupt page {} of the gram postings", self.page)
    }
}

impl std::error::Error for CorruptPage {}
