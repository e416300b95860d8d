//! Mistakes in a query: errors to the strict parser, notes to the forgiving one.

use std::fmt;
use std::ops::Range;

use super::Note;

/// A query that is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Bytes of the query.
    pub span: Range<usize>,
    /// What is wrong there.
    pub kind: SyntaxErrorKind,
}

/// What is wrong with a query.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SyntaxErrorKind {
    /// A quote without its counterpart.
    UnclosedQuote,
    /// A quote without text.
    EmptyPhrase,
    /// Text right behind a closing quote.
    AfterQuote,
    /// A `(` without its `)`.
    UnclosedGroup,
    /// A `)` without its `(`.
    UnopenedGroup,
    /// Parentheses without a term.
    EmptyGroup,
    /// A regular expression without its second slash.
    UnclosedRegex,
    /// An operator that lacks a term.
    Dangling {
        /// `AND`, `OR` or `NOT`.
        operator: &'static str,
    },
    /// A number of edits other than 0, 1 and 2.
    Edits {
        /// As written, without the tilde.
        edits: String,
    },
    /// A field that there is not.
    UnknownField {
        /// As written, without the colon.
        field: String,
        /// Names of fields of records that are like it; known to the strict parser only.
        near: Vec<String>,
    },
    /// A span of numbers of a field that no record has.
    NoRecord {
        /// As written, without the colon.
        field: String,
        /// See [`SyntaxErrorKind::UnknownField`].
        near: Vec<String>,
    },
    /// A field without a value.
    EmptyField {
        /// As written, without the colon.
        field: String,
    },
    /// What is no number.
    Number {
        /// As written.
        text: String,
    },
    /// A `[` or `{` behind `time:` or `level:` without its counterpart.
    UnclosedSpan,
    /// Text right behind the bracket that closes a span.
    AfterSpan,
    /// A span that is not written as one.
    Span,
    /// A span that ends before it begins.
    Backward,
    /// What is no time.
    Time {
        /// As written.
        text: String,
        /// Why, as a clause of a sentence.
        reason: &'static str,
    },
    /// What is no level.
    Level {
        /// As written.
        name: String,
    },
    /// More bytes than `max_bytes`.
    TooLong {
        /// The limit.
        limit: usize,
    },
    /// More clauses than `max_clauses`.
    TooManyClauses {
        /// The limit.
        limit: usize,
    },
    /// Groups nested deeper than `max_depth`.
    TooDeep {
        /// The limit.
        limit: usize,
    },
}

use SyntaxErrorKind as Wrong;

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let remedy = match &self.kind {
            Wrong::UnclosedQuote => r#"add a " at its end, or write \" for the character"#,
            Wrong::EmptyPhrase => "write a phrase between the quotes, or remove them",
            Wrong::AfterQuote => "put white space between them",
            Wrong::UnclosedGroup => r"add a ) at its end, or write \( for the character",
            Wrong::UnopenedGroup => r"remove it, or write \) for the character",
            Wrong::EmptyGroup => "write a term between the parentheses, or remove them",
            Wrong::UnclosedRegex => r"end it with a / before white space, or write \/ for the character",
            Wrong::Dangling { operator: "NOT" } => r"write one behind it, or \NOT for the word",
            Wrong::Dangling { .. } => "write a term on both sides, or quote the word",
            Wrong::Edits { .. } => "write ~0, ~1 or ~2, or quote the text",
            Wrong::UnknownField { near, .. } | Wrong::NoRecord { near, .. } if !near.is_empty() => {
                return write!(f, "{}: did you mean {}?", self.kind, near.join(": or ") + ":");
            }
            Wrong::UnknownField { .. } => "use path:, lang:, symbol:, time: or level:, or quote the text",
            Wrong::NoRecord { .. } => "use the name of a field that records have",
            Wrong::Number { .. } => "write a number such as 500 or -0.5, or quote the text with its sign",
            Wrong::EmptyField { .. } => "write one right behind the colon, or quote the text",
            Wrong::UnclosedSpan => "add a ] or } at its end",
            Wrong::AfterSpan => "put white space between them",
            Wrong::Span => "write [A TO B], where * leaves an end open, or >=A, >A, <=B, <B",
            Wrong::Backward => "write the earlier time, the lesser level or the smaller number first",
            Wrong::Time { .. } => {
                "write 2015-07-29, 2015-07-29T17:41, now or now-2h, or quote the text with its colon"
            }
            Wrong::Level { .. } => "use trace, debug, info, notice, warn, error or fatal",
            Wrong::TooLong { .. } => "shorten the query or raise maxQueryBytes",
            Wrong::TooManyClauses { .. } => "shorten the query or raise maxClauses",
            Wrong::TooDeep { .. } => "nest less or raise maxDepth",
        };
        write!(f, "{}: {remedy}", self.kind)
    }
}

impl std::error::Error for SyntaxError {}

/// What is wrong, without what to do about it.
impl fmt::Display for SyntaxErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wrong::UnclosedQuote => f.write_str("the quote is not closed"),
            Wrong::EmptyPhrase => f.write_str("the phrase is empty"),
            Wrong::AfterQuote => f.write_str("text follows a closing quote"),
            Wrong::UnclosedGroup => f.write_str("the parenthesis is not closed"),
            Wrong::UnopenedGroup => f.write_str("the parenthesis closes none"),
            Wrong::EmptyGroup => f.write_str("the group is empty"),
            Wrong::UnclosedRegex => f.write_str("the regular expression is not closed"),
            Wrong::Dangling { operator } => write!(f, "{operator} lacks a term"),
            Wrong::Edits { edits } => write!(f, "a word cannot have {edits} edits"),
            Wrong::NoRecord { field, .. } => write!(f, "no record has a field `{field}`"),
            Wrong::Number { text } => write!(f, "'{text}' is no number"),
            Wrong::UnknownField { field, .. } => write!(f, "there is no field `{field}`"),
            Wrong::EmptyField { field } => write!(f, "the field `{field}` has no value"),
            Wrong::UnclosedSpan => f.write_str("the span is not closed"),
            Wrong::AfterSpan => f.write_str("text follows the end of a span"),
            Wrong::Span => f.write_str("the span has no two ends"),
            Wrong::Backward => f.write_str("the span ends before it begins"),
            Wrong::Time { text, reason } => write!(f, "'{text}' is no time, {reason}"),
            Wrong::Level { name } => write!(f, "'{name}' is no level"),
            Wrong::TooLong { limit } => write!(f, "the query has more than {limit} bytes"),
            Wrong::TooManyClauses { limit } => write!(f, "the query has more than {limit} clauses"),
            Wrong::TooDeep { limit } => write!(f, "the query is nested deeper than {limit} levels"),
        }
    }
}

impl SyntaxErrorKind {
    /// What the forgiving parser makes of the mistake; nothing if it is a limit, or leaves no doubt of what was meant and that
    /// there is no such thing.
    fn taken(&self) -> Option<&'static str> {
        match self {
            Wrong::UnclosedQuote | Wrong::UnclosedGroup | Wrong::UnclosedSpan => {
                Some("taken as closed at the end")
            }
            Wrong::EmptyPhrase | Wrong::UnopenedGroup | Wrong::EmptyGroup => Some("left out"),
            Wrong::Dangling { .. } | Wrong::EmptyField { .. } => Some("left out"),
            Wrong::AfterQuote | Wrong::AfterSpan => Some("taken as the next term"),
            Wrong::UnclosedRegex | Wrong::Edits { .. } | Wrong::UnknownField { .. } => Some("taken as text"),
            Wrong::NoRecord { .. } => Some("it finds nothing"),
            Wrong::Span | Wrong::Backward => None,
            Wrong::Time { .. } | Wrong::Level { .. } | Wrong::Number { .. } => None,
            Wrong::TooLong { .. } | Wrong::TooManyClauses { .. } | Wrong::TooDeep { .. } => None,
        }
    }
}

/// Where mistakes go.
pub(super) struct Mistakes {
    strict: bool,
    notes: Vec<Note>,
}

impl Mistakes {
    pub(super) fn new(strict: bool) -> Mistakes {
        Mistakes {
            strict,
            notes: Vec::new(),
        }
    }

    /// Whether a mistake is an error.
    pub(super) fn are_errors(&self) -> bool {
        self.strict
    }

    /// Notes a mistake.
    ///
    /// # Errors
    /// The mistake, to a strict parser or if nothing can be made of it.
    pub(super) fn add(&mut self, kind: SyntaxErrorKind, span: Range<usize>) -> Result<(), SyntaxError> {
        match kind.taken() {
            Some(taken) if !self.strict => {
                let message = format!("{kind}: {taken}");
                self.notes.push(Note { span, message });
                Ok(())
            }
            _ => Err(SyntaxError { span, kind }),
        }
    }

    /// The notes, by where they begin.
    pub(super) fn into_notes(mut self) -> Vec<Note> {
        self.notes.sort_by_key(|note| note.span.start);
        self.notes
    }
}
