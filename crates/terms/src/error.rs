//! What can go wrong with a run.

use std::fmt;

use tantivy::TantivyError;

/// Why a run could not be written or read, or a question not be asked.
#[derive(Debug)]
pub enum Error {
    /// Its bytes do not parse, or could not be read: a checksum does not match, say.
    Corrupt(String),
    /// A question has more words than it may.
    TooManyWords(usize),
    /// The statistics that a question is asked with are of another one.
    OtherQuestion,
    /// Whoever asked no longer wants to know.
    Stopped,
    /// The library refused what it was given. Always a mistake of ours.
    Internal(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Corrupt(reason) => write!(f, "the terms are damaged: {reason}"),
            Error::TooManyWords(most) => write!(
                f,
                "the query has more than {most} words; make it shorter, or raise maxClauses"
            ),
            Error::OtherQuestion => write!(
                f,
                "the statistics are of another query: ask for those of this one"
            ),
            Error::Stopped => write!(f, "the question was stopped"),
            Error::Internal(reason) => write!(f, "the terms could not be written: {reason}"),
        }
    }
}

impl std::error::Error for Error {}

/// What a failure while reading means.
pub(crate) fn reading(error: impl Into<TantivyError>) -> Error {
    Error::Corrupt(error.into().to_string())
}

/// What a failure while writing to memory means.
pub(crate) fn writing(error: impl Into<TantivyError>) -> Error {
    Error::Internal(error.into().to_string())
}
