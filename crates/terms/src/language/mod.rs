//! The query language of ranked search: from a string to a syntax tree.
//!
//! | written | means |
//! | --- | --- |
//! | `slab allocator` | optional: each adds to the rank, one must match if nothing is required |
//! | `+slab` | required |
//! | `-slab`, `NOT slab` | excluded |
//! | `a AND b`, `a OR b`, `(…)` | both required, either, grouping; operators are upper case |
//! | `"slab allocator"` | the phrase; `\"` and `\\` stand for the characters |
//! | `slab~`, `slab~2` | the word with up to 1 edit, or 0 to 2 |
//! | `sla*`, `*` | words that begin so, everything |
//! | `/sl[au]b/` | the regular expression; `\/` stands for the character |
//! | `path:mm/*.c`, `lang:rust` | files whose path matches the glob, in the language |
//! | `symbol:slab` | a word, fuzzy word, prefix or phrase in the name of a definition |
//! | `time:2015-07`, `time:>=now-2h`, `time:[… TO …}` | records of a span of time; `[` and `]` include the end, `{` and `}` do not, `*` is open |
//! | `level:error`, `level:>=warn` | records of a level, or a span of them |
//! | `user:alice`, `url:/api/*`, `status:>=500`, `status:[500 TO 600}`, `user:*` | records of which a field has this value, one that begins so, a number of a span, or any |
//!
//! `OR` binds loosest, then `AND`, then terms in a row, then the signs `+`, `-` and `NOT`. Phrases, regular
//! expressions, `path:`, `lang:`, `time:`, `level:` and fields of records are required without a sign, everything else is optional, or required
//! under [`Operator::All`]. A group is optional whatever is in it: `("slab allocator") kmalloc` ranks by a phrase. Terms
//! that only exclude mean everything else. Two exclusions of one term require it.
//!
//! Code is full of these characters, so they mean something only where they could be meant:
//! - A quote or a slash begins a phrase or an expression only at the beginning of a term. The slash that closes an
//!   expression is the first before white space, `)` or the end; one before white space, `)`, `/` or `*` opens none.
//! - A sign stands before a term; before white space, `)`, another sign, `=` or `>` it is text, as in `--flag`,
//!   `->next` and `x += 1`.
//! - Parentheses within a word belong to it as far as they are balanced: `(run main())` is a group of two words.
//! - A field is a name with one colon: `std::vec` and `12:30` are words. Fields of records are those that records have
//!   ([`FieldNames`]), what has a span of numbers behind the colon, and all behind `field.`: `field.path:x` is the field that
//!   records call `path`. What else looks like a field is a word, and so is `http://x`.
//! - In a word, `\` takes white space or one of `\"()+-*~:/=>` as text, and in front of a whole word `AND`, `OR` or
//!   `NOT` that word; elsewhere it is itself text. A glob keeps its backslashes.
//!
//! People and programs read one language. The forgiving parser makes the best of a mistake and notes it; the strict
//! one refuses it. What the strict one accepts, both read alike. A time or level that there is not is refused by both.
//!
//! Memory is linear in the length of the query. So is the time to read it: a quote that is not closed goes to the
//! end, and after the first slash that finds no end no other looks for one. Nested groups that are made one take the
//! number of their clauses times their depth, both of which are limited.

mod display;
mod ends;
mod error;
mod group;
mod lexer;
mod moment;
mod parser;
mod record;
mod recorded;
mod spans;
mod text;

use std::ops::Range;

pub use error::{SyntaxError, SyntaxErrorKind};
pub use moment::Moment;
pub use record::{FieldNames, FieldTest, NoFields, NumberEnd, NumberSpan};
pub use spans::{LevelSpan, TimeSpan};

/// A node of a query's syntax tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// What is searched for.
    pub kind: Kind,
    /// Bytes of the query, without the sign. A group has its parentheses in it, if it was written with them.
    pub span: Range<usize>,
}

/// What a clause searches for. No text is empty, and none is analysed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// All there is.
    Everything,
    /// A word as written, of any characters: `foo::bar()`.
    Word(String),
    /// A word with edits.
    Fuzzy {
        /// The word.
        word: String,
        /// The largest edit distance, 0 to 2.
        edits: u8,
    },
    /// The beginning of words.
    Prefix(String),
    /// Words in this order.
    Phrase(String),
    /// A regular expression, not validated.
    Regex(String),
    /// A glob for the file's path, not validated.
    Path(String),
    /// The name of the file's language, as written.
    Language(String),
    /// A word, fuzzy word, prefix or phrase in the name of a definition.
    Symbol(Box<Clause>),
    /// Records of a log that were logged then.
    Time(TimeSpan),
    /// Records of a log of these levels.
    Level(LevelSpan),
    /// Records of a log of which a field is so.
    Field {
        /// Its name, in lower case.
        name: String,
        /// What it has to be.
        test: FieldTest,
    },
    /// Several clauses, or exclusions alone. Without clauses in `all`, one of `any` must match; without any there
    /// either, everything matches that is not excluded.
    ///
    /// Parsed groups are flat where that means the same: `all` holds no group that requires clauses of its own,
    /// `any` and `none` hold none that has only optional ones.
    Group {
        /// Each must match.
        all: Vec<Clause>,
        /// Those that match add to the rank.
        any: Vec<Clause>,
        /// None may match.
        none: Vec<Clause>,
    },
}

/// What terms without a sign are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Operator {
    /// Optional.
    #[default]
    Any,
    /// Required.
    All,
}

/// How queries are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Syntax {
    /// What terms without a sign are. Default: optional.
    pub operator: Operator,
    /// Refuses mistakes. Otherwise only the limits do. Default: false.
    pub strict: bool,
    /// The largest number of clauses, groups not counted. Default: 1024.
    pub max_clauses: usize,
    /// How deep parentheses, and groups of the tree, may be nested. More than 256 count as 256. Default: 64.
    pub max_depth: usize,
    /// The longest query, in bytes. Default: 65,536.
    pub max_bytes: usize,
}

impl Default for Syntax {
    fn default() -> Syntax {
        Syntax {
            operator: Operator::Any,
            strict: false,
            max_clauses: 1024,
            max_depth: 64,
            max_bytes: 65_536,
        }
    }
}

/// What a query says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// The tree; none if the query is empty.
    pub clause: Option<Clause>,
    /// The mistakes in it, by where they begin. A strict parser leaves none.
    pub notes: Vec<Note>,
}

/// What the forgiving parser took differently from how it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Bytes of the query.
    pub span: Range<usize>,
    /// What is wrong and what became of it, in one sentence.
    pub message: String,
}

/// Parses a query about what has no records.
///
/// # Errors
/// A query beyond one of the limits; if `syntax` is strict, also every mistake: the leftmost one, but for a
/// parenthesis that is not closed.
pub fn parse(query: &str, syntax: &Syntax) -> Result<Parsed, SyntaxError> {
    parse_with(query, syntax, &NoFields)
}

/// Parses a query about records that have fields of these names.
///
/// # Errors
/// As [`parse`].
pub fn parse_with(query: &str, syntax: &Syntax, names: &dyn FieldNames) -> Result<Parsed, SyntaxError> {
    parser::Parser::new(query, syntax, names)?.parse()
}
