//! Chunks: the passages that ranked search scores and shows.
//!
//! A text is read once, line by line. Each line becomes a [`Row`]: how far it is indented, whether a passage should
//! begin with it, and what kind of line it is otherwise. What a passage is depends on the language: in code a
//! definition with the comments and attributes above it ([`code`]), in a document a section ([`sections`]), elsewhere
//! some paragraphs ([`plain`]). The rows are then joined and cut into chunks ([`passages`]).
//!
//! The scanners know no grammar. They look at a line's first word, now and then at a few lines below, and take what
//! looks like a definition for one: names that ranking can weigh, and cuts where a reader would make them. A wrong guess
//! costs a less handsome passage, never a line: the chunks always cover the text.

mod brackets;
mod code;
mod cursor;
mod family;
mod forms;
mod native;
mod passages;
mod plain;
mod script;
mod sections;
mod syntax;
#[rustfmt::skip]
mod tables;

use std::ops::Range;

use crate::language::Language;
use crate::lines::cut_blocks;
use family::Family;
use passages::{Row, Shape};

/// A passage: the unit of ranked search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Bytes of the text: whole lines.
    pub range: Range<usize>,
    /// Line ends before `range.start` in the text given.
    pub line: u64,
    /// Names that it defines, or its headings: bytes of the text, inside `range`, ascending.
    pub symbols: Vec<Range<usize>>,
}

/// Rows are made for this many bytes at a time, which bounds their memory.
const PART: usize = 4 << 20;

/// Cuts a text into chunks. They are adjacent, ascending, never empty, and cover all of it.
///
/// A chunk has at most 40 lines and 4 KiB, or is a single line. The time is linear in the length of the text, which need
/// not be UTF-8.
pub fn cut_chunks(text: &[u8], language: Language) -> Vec<Chunk> {
    let family = Family::of(language);
    let mut chunks = Vec::new();
    let (mut start, mut line) = (0, 0);
    for end in cut_blocks(text, PART, true) {
        let mut symbols = Vec::new();
        let (rows, shape) = match family {
            Family::Code(syntax) => (code::rows(text, start..end, syntax, &mut symbols), Shape::CODE),
            Family::Document(markup) => (
                sections::rows(text, start..end, markup, &mut symbols),
                markup.shape(),
            ),
            Family::Plain => (plain::rows(text, start..end), Shape::PLAIN),
        };
        collect(&rows, end, &shape, line, symbols, &mut chunks);
        line += rows.len() as u64;
        start = end;
    }
    chunks
}

/// Appends the chunks of `rows`, which end at `end`; `line` is the number of the first row.
fn collect(
    rows: &[Row],
    end: usize,
    shape: &Shape,
    line: u64,
    symbols: Vec<Range<usize>>,
    chunks: &mut Vec<Chunk>,
) {
    let offset = |row: usize| rows.get(row).map_or(end, |row| row.start);
    let mut symbols = symbols.into_iter().peekable();
    let mut first = 0;
    while first < rows.len() {
        let next = passages::cut(rows, first, end, shape);
        let range = offset(first)..offset(next);
        chunks.push(Chunk {
            line: line + first as u64,
            symbols: std::iter::from_fn(|| symbols.next_if(|symbol| symbol.start < range.end)).collect(),
            range,
        });
        first = next;
    }
}
