//! From a file's bytes to the text that is searched.
//!
//! The text of a file is what ripgrep searches: its bytes as they are, without a byte order mark, and turned into
//! UTF-8 if the mark or the user names another encoding ([`Encoding`], [`Label`], [`decode`]). [`TextReader`] gives
//! it as windows of whole lines in bounded memory, [`cut_blocks`] cuts those into the blocks of the gram index,
//! [`cut_chunks`] into the passages of ranked search, or [`RecordCutter`] into the records of a log. [`Language`]
//! says what kind of text it is, and [`Role`] what it is there for.

mod chunks;
mod encoding;
mod error;
mod language;
mod languages;
mod lines;
mod reader;
mod records;
mod role;

pub use chunks::{Chunk, cut_chunks};
pub use encoding::{Decoded, Encoding, Label, decode, resolve_encoding, sniff};
pub use error::{Error, ErrorKind};
pub use language::Language;
pub use lines::{LineTable, count_lines, cut_blocks, has_nul};
pub use reader::{DEFAULT_MAX_LINE, DEFAULT_WINDOW, TextReader, Window, Windows};
pub use records::{
    BadPattern, Fields, Level, MAX_FIELDS, MAX_NAME, MAX_PATTERNS, MAX_VALUE, Record, RecordCutter,
    TimeStamps, begins_name, day_start, is_in_name, may_be_log,
};
pub use role::Role;
