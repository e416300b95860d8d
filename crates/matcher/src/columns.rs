//! Rows as flat columns.
//!
//! One object per match costs microseconds on the other side of a language boundary, so rows are kept as a handful of
//! plain vectors that can be copied out whole. Variable-length columns are stored as bytes plus end positions: row `i`
//! of the text runs from `text_end[i - 1]` (or 0) to `text_end[i]`.

use std::ops::Range;

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// A line (or, multi-line, a run of lines) that matches.
    Match = 0,
    /// A line of context before a match.
    Before = 1,
    /// A line of context after a match.
    After = 2,
    /// A line that is shown although it does not match (`--passthru`).
    Other = 3,
    /// A gap between two groups of context lines; it has neither text nor place.
    Break = 4,
}

impl Kind {
    /// The kind that is stored as `code`.
    pub fn from_code(code: u8) -> Option<Kind> {
        [Kind::Match, Kind::Before, Kind::After, Kind::Other, Kind::Break]
            .get(usize::from(code))
            .copied()
    }
}

/// Rows, column by column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// [`Kind`] of each row.
    pub kind: Vec<u8>,
    /// Number of the row's first line, counted from 1; 0 for a break or where lines are not counted.
    pub line: Vec<u64>,
    /// Byte offset in the file at which the row's first line begins (in the decoded text, if it was transcoded).
    pub offset: Vec<u64>,
    /// The texts, one after the other, without their line terminators.
    pub text: Vec<u8>,
    /// End of each row's text in `text`.
    pub text_end: Vec<u32>,
    /// Matches as pairs `start, end`: byte offsets in the row's text.
    pub range: Vec<u32>,
    /// Number of pairs in `range` up to the end of each row.
    pub range_end: Vec<u32>,
    /// Index of the pattern that gave each match; empty unless attribution was asked for.
    pub pattern: Vec<u32>,
    /// The rows' texts with matches replaced; empty unless a replacement was asked for.
    pub replaced: Vec<u8>,
    /// End of each row's text in `replaced`; empty unless a replacement was asked for.
    pub replaced_end: Vec<u32>,
}

/// One row, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// What the row is.
    pub kind: Kind,
    /// See [`Columns::line`].
    pub line: u64,
    /// See [`Columns::offset`].
    pub offset: u64,
    /// The text without its line terminator.
    pub text: &'a [u8],
    /// See [`Columns::range`].
    pub ranges: &'a [u32],
    /// One index for each range, or none at all.
    pub patterns: &'a [u32],
    /// The text with matches replaced, if that was asked for.
    pub replaced: Option<&'a [u8]>,
}

impl Columns {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.kind.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.kind.is_empty()
    }

    /// Bytes that the rows take.
    pub fn bytes(&self) -> usize {
        const ROW: usize = 1 + 8 + 8 + 4 + 4;
        self.rows() * ROW
            + self.text.len()
            + self.replaced.len()
            + 4 * (self.range.len() + self.pattern.len() + self.replaced_end.len())
    }

    /// Makes room for `rows` more rows of one match each, with `text` bytes together.
    pub fn reserve(&mut self, rows: usize, text: usize) {
        self.kind.reserve(rows);
        self.line.reserve(rows);
        self.offset.reserve(rows);
        self.text.reserve(text);
        self.text_end.reserve(rows);
        self.range.reserve(2 * rows);
        self.range_end.reserve(rows);
    }

    /// Removes all rows; the memory is kept.
    pub fn clear(&mut self) {
        self.truncate(0);
    }

    /// Keeps the first `rows` rows.
    pub fn truncate(&mut self, rows: usize) {
        if rows >= self.rows() {
            return;
        }
        let ranges = self.ranges_of(0..rows);
        self.text.truncate(end_of(&self.text_end, rows));
        self.replaced.truncate(end_of(&self.replaced_end, rows));
        self.range.truncate(2 * ranges.end);
        self.pattern.truncate(ranges.end);
        self.kind.truncate(rows);
        self.line.truncate(rows);
        self.offset.truncate(rows);
        self.text_end.truncate(rows);
        self.range_end.truncate(rows);
        self.replaced_end.truncate(rows);
    }

    /// Row `index`.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, index: usize) -> Row<'_> {
        let ranges = self.ranges_of(index..index + 1);
        Row {
            kind: Kind::from_code(self.kind[index]).expect("a row's kind is written from a Kind"),
            line: self.line[index],
            offset: self.offset[index],
            text: &self.text[end_of(&self.text_end, index)..self.text_end[index] as usize],
            ranges: &self.range[2 * ranges.start..2 * ranges.end],
            patterns: self.pattern.get(ranges).unwrap_or_default(),
            replaced: self
                .replaced_end
                .get(index)
                .map(|&end| &self.replaced[end_of(&self.replaced_end, index)..end as usize]),
        }
    }

    /// All rows in order.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.rows()).map(|index| self.row(index))
    }

    /// Appends these rows of `other`, which must have been made with the same extras (attribution, replacement).
    ///
    /// # Panics
    /// If `rows` is out of bounds, or if a text column would pass 4 GiB.
    pub fn append(&mut self, other: &Columns, rows: Range<usize>) {
        let ranges = other.ranges_of(rows.clone());
        self.kind.extend_from_slice(&other.kind[rows.clone()]);
        self.line.extend_from_slice(&other.line[rows.clone()]);
        self.offset.extend_from_slice(&other.offset[rows.clone()]);
        let base = self.range.len() / 2;
        append_ends(&mut self.range_end, base, &other.range_end, rows.clone());
        self.range
            .extend_from_slice(&other.range[2 * ranges.start..2 * ranges.end]);
        self.pattern
            .extend_from_slice(other.pattern.get(ranges).unwrap_or_default());
        append_texts(
            &mut self.text,
            &mut self.text_end,
            &other.text,
            &other.text_end,
            rows.clone(),
        );
        if !other.replaced_end.is_empty() {
            append_texts(
                &mut self.replaced,
                &mut self.replaced_end,
                &other.replaced,
                &other.replaced_end,
                rows,
            );
        }
    }

    fn ranges_of(&self, rows: Range<usize>) -> Range<usize> {
        end_of(&self.range_end, rows.start)..end_of(&self.range_end, rows.end)
    }
}

/// End of what precedes row `row` in a column with these ends.
fn end_of(ends: &[u32], row: usize) -> usize {
    if row == 0 || ends.is_empty() {
        0
    } else {
        ends[row - 1] as usize
    }
}

fn append_texts(text: &mut Vec<u8>, ends: &mut Vec<u32>, from: &[u8], from_ends: &[u32], rows: Range<usize>) {
    let base = text.len();
    text.extend_from_slice(&from[end_of(from_ends, rows.start)..end_of(from_ends, rows.end)]);
    append_ends(ends, base, from_ends, rows);
}

fn append_ends(ends: &mut Vec<u32>, base: usize, from: &[u32], rows: Range<usize>) {
    let (start, last) = (end_of(from, rows.start), end_of(from, rows.end));
    let fits = u32::try_from(base + last - start).is_ok();
    assert!(fits, "a batch of rows stays below 4 GiB of text");
    // Modulo 2^32 no step on the way can overflow, and the sum does not.
    let shift = (base as u32).wrapping_sub(start as u32);
    ends.extend(from[rows].iter().map(|end| end.wrapping_add(shift)));
}
