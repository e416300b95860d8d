//! Lines, and texts of which no more is known than that.

use std::ops::Range;

use super::passages::{Kind, Row};

/// Columns that a tab counts for.
const TAB: u8 = 4;

/// The rows of prose, data, logs and whatever else has no definitions or headings.
pub(super) fn rows(text: &[u8], part: Range<usize>) -> Vec<Row> {
    lines(text, part)
        .map(|line| line.row(if line.closes() { Kind::Tail } else { Kind::Other }))
        .collect()
}

/// A line: offsets of the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'t> {
    pub(super) text: &'t [u8],
    /// Of its first byte.
    pub(super) start: usize,
    /// Of its first byte that is not blank.
    pub(super) ink: usize,
    /// Past its last byte that is not blank. For a blank line this is `ink`.
    pub(super) end: usize,
    /// Columns before `ink`.
    pub(super) indent: u8,
}

/// The lines of a part of the text.
pub(super) fn lines(text: &[u8], part: Range<usize>) -> impl Iterator<Item = Line<'_>> {
    let last = !text[part.clone()].ends_with(b"\n");
    let ends = memchr::memchr_iter(b'\n', &text[part.clone()]).map(move |end| part.start + end);
    let mut start = part.start;
    ends.chain((last && !part.is_empty()).then_some(part.end))
        .map(move |end| {
            let line = Line::new(text, start, end);
            start = end + 1;
            line
        })
}

impl<'t> Line<'t> {
    fn new(text: &'t [u8], start: usize, mut end: usize) -> Line<'t> {
        let (mut ink, mut indent) = (start, 0u8);
        while ink < end {
            indent = indent.saturating_add(match text[ink] {
                b' ' => 1,
                b'\t' => TAB,
                b'\r' | b'\x0C' => 0,
                _ => break,
            });
            ink += 1;
        }
        while end > ink && matches!(text[end - 1], b' ' | b'\t' | b'\r') {
            end -= 1;
        }
        Line {
            text,
            start,
            ink,
            end,
            indent,
        }
    }

    /// The line without what is blank around it.
    pub(super) fn ink(&self) -> &'t [u8] {
        &self.text[self.ink..self.end]
    }

    pub(super) fn is_blank(&self) -> bool {
        self.ink == self.end
    }

    /// Whether it begins with a bracket that closes.
    pub(super) fn closes(&self) -> bool {
        matches!(self.ink(), [b'}' | b')' | b']', ..] | [b'<', b'/', ..])
    }

    /// Whether it ends in the middle of something: with a bracket that opens, or where a value is to follow.
    pub(super) fn opens(&self) -> bool {
        matches!(self.ink(), [.., b'{' | b'(' | b'[' | b'=' | b'\\'])
    }

    /// Its row; a blank line is blank whatever else it is taken for.
    pub(super) fn row(&self, kind: Kind) -> Row {
        Row {
            start: self.start,
            indent: self.indent,
            kind: if self.is_blank() { Kind::Blank } else { kind },
            begins: false,
        }
    }
}
