//! Fields of records: what a value has to be, and which names there are.

use std::fmt::{self, Display, Formatter};
use std::ops::Range;

use super::ends::{End, Ends};
use super::error::{SyntaxError, SyntaxErrorKind as Wrong};
use super::text;
use crate::recorded::Number;

/// The names of fields that the records have of which a query asks. Names are compared in lower case.
pub trait FieldNames {
    /// Whether a record has a field of this name.
    fn has(&self, name: &str) -> bool;

    /// Names that could have been meant instead, the nearest first.
    fn near(&self, name: &str) -> Vec<String>;
}

/// There are no records.
#[derive(Clone, Copy, Debug)]
pub struct NoFields;

impl FieldNames for NoFields {
    fn has(&self, _: &str) -> bool {
        false
    }

    fn near(&self, _: &str) -> Vec<String> {
        Vec::new()
    }
}

/// What a field has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldTest {
    /// There.
    Present,
    /// This value, but for case.
    Value(String),
    /// A value that begins so, but for case.
    Prefix(String),
    /// One of these numbers.
    Numbers(NumberSpan),
}

/// Numbers from one to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberSpan {
    /// The least; `None`: it is open.
    pub from: Option<NumberEnd>,
    /// The greatest.
    pub until: Option<NumberEnd>,
}

/// An end of a span of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberEnd {
    /// The number.
    pub number: Number,
    /// Whether it is in the span.
    pub included: bool,
}

impl NumberSpan {
    /// # Errors
    /// An end that is no number, or less than the other.
    pub(super) fn read(query: &str, ends: Ends, whole: Range<usize>) -> Result<NumberSpan, SyntaxError> {
        let read = |end: Option<End>| end.map(|end| NumberEnd::read(query, end)).transpose();
        let span = NumberSpan {
            from: read(ends.from)?,
            until: read(ends.until)?,
        };
        match (span.from, span.until) {
            (Some(from), Some(until)) if from.number > until.number => Err(SyntaxError {
                span: whole,
                kind: Wrong::Backward,
            }),
            _ => Ok(span),
        }
    }
}

impl NumberEnd {
    fn read(query: &str, end: End) -> Result<NumberEnd, SyntaxError> {
        let text = &query[end.text.clone()];
        let number = Number::of(text).ok_or_else(|| SyntaxError {
            span: end.text.clone(),
            kind: Wrong::Number {
                text: text.to_owned(),
            },
        })?;
        Ok(NumberEnd {
            number,
            included: end.included,
        })
    }
}

/// Canonical: spans that are equal are written alike.
impl Display for NumberSpan {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let sign = |end: NumberEnd| if end.included { "=" } else { "" };
        match (self.from, self.until) {
            (None, None) => f.write_str("[* TO *]"),
            (Some(from), None) => write!(f, ">{}{}", sign(from), from.number),
            (None, Some(until)) => write!(f, "<{}{}", sign(until), until.number),
            (Some(from), Some(until)) => {
                let open = if from.included { '[' } else { '{' };
                let close = if until.included { ']' } else { '}' };
                write!(f, "{open}{} TO {}{close}", from.number, until.number)
            }
        }
    }
}

impl Display for FieldTest {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            FieldTest::Present => f.write_str("*"),
            FieldTest::Value(value) => f.write_str(&text::bare_or_quoted(value)),
            FieldTest::Prefix(value) => write!(f, "{}*", text::bare_or_quoted(value)),
            FieldTest::Numbers(span) => span.fmt(f),
        }
    }
}
