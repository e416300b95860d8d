//! The sink that turns what a searcher finds into rows.

use std::io;

use grep_matcher::Matcher;
use grep_regex::RegexCaptures;
use grep_searcher::{Searcher, Sink, SinkContext, SinkContextKind, SinkFinish, SinkMatch};

use crate::columns::{Columns, Kind};
use crate::pattern::Pattern;
use crate::searchers::{Place, RowSink};
use crate::spans::Lines;

/// Rows of a file with matches, about: room for them is made at once. Most files have few, and growing a dozen vectors
/// step by step took a tenth of a hot query's time.
const TYPICAL_ROWS: usize = 12;
/// Bytes of text in them.
const TYPICAL_TEXT: usize = 768;

/// When to stop. The default stops only before 4 GiB of text, which is what the columns can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// At most this many rows, breaks included.
    pub rows: usize,
    /// At most this many bytes of rows, by [`Columns::bytes`].
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            rows: usize::MAX,
            bytes: u32::MAX as usize,
        }
    }
}

/// What to give beside lines and matches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extras {
    /// Which pattern gave each match: fills [`Columns::pattern`].
    pub attribute: bool,
    /// The text with every match replaced by this, `$1` and `${name}` interpolated (`-r`): fills
    /// [`Columns::replaced`].
    pub replace: Option<Vec<u8>>,
}

/// Collects rows, file after file, until a limit is reached.
///
/// Rows are what `rg --json` reports, one for each line, or multi-line for each run of lines, with two differences: a
/// text has lost its line terminator, and a match that reaches into the terminator, or past the lines that it was
/// found in, ends with the text.
#[derive(Debug)]
pub struct Collector<'p> {
    pattern: &'p Pattern,
    columns: Columns,
    limits: Limits,
    extras: Extras,
    captures: Option<RegexCaptures>,
    place: Place,
    truncated: Option<Place>,
    /// A gap was announced; its row is written together with the row behind it.
    gap: bool,
    binary: Option<u64>,
}

impl<'p> Collector<'p> {
    /// An empty collector of what `pattern` finds.
    pub fn new(pattern: &'p Pattern, limits: Limits, extras: Extras) -> Collector<'p> {
        Collector {
            pattern,
            columns: Columns::default(),
            limits: Limits {
                bytes: limits.bytes.min(u32::MAX as usize),
                ..limits
            },
            extras,
            captures: None,
            place: Place::START,
            truncated: None,
            gap: false,
            binary: None,
        }
    }

    /// Uses the memory of `columns`, whose rows are forgotten.
    #[must_use]
    pub fn with_memory(mut self, mut columns: Columns) -> Collector<'p> {
        columns.clear();
        self.columns = columns;
        self
    }

    /// The rows so far.
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Takes the rows out; collecting can go on, with limits that count from zero.
    pub fn take(&mut self) -> Columns {
        self.truncated = None;
        std::mem::take(&mut self.columns)
    }

    /// Whether the limits leave no room for another row.
    pub fn is_full(&self) -> bool {
        self.truncated.is_some()
            || self.columns.rows() >= self.limits.rows
            || self.columns.bytes() >= self.limits.bytes
    }

    /// Where the first row lies that a limit left out, if one did.
    pub fn truncated(&self) -> Option<Place> {
        self.truncated
    }

    /// Offset of the first NUL byte that the last search took notice of: the file counts as binary.
    pub fn binary_offset(&self) -> Option<u64> {
        self.binary
    }

    /// Appends a row, unless a limit is or was in the way: then nothing, and false.
    fn push(&mut self, row: NewRow, lines: &Lines<'_>) -> io::Result<bool> {
        if self.truncated.is_some() {
            return Ok(false);
        }
        let place = Place {
            line: row.line.map_or(0, |line| line + self.place.line - 1),
            offset: row.offset,
        };
        let rows = self.columns.rows();
        if rows == 0 {
            self.columns.reserve(TYPICAL_ROWS, TYPICAL_TEXT);
        }
        if self.gap {
            self.append_break();
        }
        let fits = self.columns.rows() < self.limits.rows
            && self.columns.bytes().saturating_add(lines.text().len()) <= self.limits.bytes
            && (!row.matches || self.append_matches(lines)?)
            && self.append_replaced(row.matches, lines)?;
        if fits {
            self.columns.text.extend_from_slice(lines.text());
            self.append_ends(row.kind, place);
        }
        if !fits || self.columns.bytes() > self.limits.bytes {
            self.truncated = Some(place);
            self.roll_back(rows);
            return Ok(false);
        }
        self.gap = false;
        Ok(true)
    }

    fn append_break(&mut self) {
        if self.extras.replace.is_some() {
            self.columns.replaced_end.push(self.columns.replaced.len() as u32);
        }
        self.append_ends(Kind::Break, Place { line: 0, offset: 0 });
    }

    fn append_ends(&mut self, kind: Kind, place: Place) {
        let columns = &mut self.columns;
        columns.kind.push(kind as u8);
        columns.line.push(place.line);
        columns.offset.push(place.offset);
        columns.text_end.push(columns.text.len() as u32);
        columns.range_end.push((columns.range.len() / 2) as u32);
    }

    /// Forgets rows from `rows` on, and what was appended for a row that did not fit.
    fn roll_back(&mut self, rows: usize) {
        self.columns.truncate(rows);
        let columns = &mut self.columns;
        let ranges = columns.range_end.last().map_or(0, |&end| end as usize);
        columns.range.truncate(2 * ranges);
        columns.pattern.truncate(ranges);
        columns.replaced_end.truncate(rows);
        columns
            .replaced
            .truncate(columns.replaced_end.last().map_or(0, |&end| end as usize));
    }

    /// Appends the matches in `lines`; false if they would take more memory than is left.
    fn append_matches(&mut self, lines: &Lines<'_>) -> io::Result<bool> {
        let pair = if self.extras.attribute { 12 } else { 8 };
        let text = lines.text().len();
        let most = self.limits.bytes.saturating_sub(self.columns.bytes()) / pair;
        let (columns, pattern, start) = (&mut self.columns, self.pattern, lines.range.start);
        let haystack = lines.haystack();
        let mut found = 0;
        let mut last_empty_at = None;
        lines.each_match(pattern.matcher(), |m| {
            found += 1;
            let within = |at: usize| (at - start).min(text) as u32;
            columns.range.extend([within(m.start()), within(m.end())]);
            if self.extras.attribute {
                columns.pattern.push(pattern.which(haystack, m.start()..m.end()));
            }
            last_empty_at = m.is_empty().then_some(m.start() - start);
            found <= most
        })?;
        if last_empty_at.is_some_and(|at| at >= lines.visible) {
            columns.range.truncate(columns.range.len() - 2);
            columns.pattern.truncate(columns.range.len() / 2);
        }
        Ok(found <= most)
    }

    /// Appends the replaced text of `lines`, or the text itself if nothing is to be replaced; false if it would take
    /// more memory than is left.
    fn append_replaced(&mut self, matches: bool, lines: &Lines<'_>) -> io::Result<bool> {
        let Some(replacement) = &self.extras.replace else {
            return Ok(true);
        };
        let matcher = self.pattern.matcher();
        let captures = match &mut self.captures {
            Some(captures) => captures,
            none => none.insert(matcher.new_captures().map_err(io::Error::other)?),
        };
        let target = &mut self.columns.replaced;
        if !matches || !lines.replace(matcher, captures, replacement, target)? {
            target.extend_from_slice(lines.text());
        }
        let fits = target.len() <= self.limits.bytes;
        self.columns
            .replaced_end
            .push(target.len().min(u32::MAX as usize) as u32);
        Ok(fits)
    }
}

/// What is known of a row before its text is looked at.
struct NewRow {
    kind: Kind,
    line: Option<u64>,
    offset: u64,
    /// Whether matches are looked for in it.
    matches: bool,
}

impl RowSink for &mut Collector<'_> {
    fn at(&mut self, place: Place) {
        self.place = place;
        self.gap = false;
        self.binary = None;
    }
}

impl Sink for &mut Collector<'_> {
    type Error = io::Error;

    fn matched(&mut self, searcher: &Searcher, found: &SinkMatch<'_>) -> io::Result<bool> {
        let lines = Lines::matched(searcher, self.pattern.matcher(), found);
        let row = NewRow {
            kind: Kind::Match,
            line: found.line_number(),
            offset: found.absolute_byte_offset() + self.place.offset,
            matches: true,
        };
        self.push(row, &lines)
    }

    fn context(&mut self, searcher: &Searcher, found: &SinkContext<'_>) -> io::Result<bool> {
        let lines = Lines {
            buffer: found.bytes(),
            range: 0..found.bytes().len(),
            visible: found.bytes().len(),
            terminator: searcher.line_terminator(),
            multiline: searcher.multi_line_with_matcher(self.pattern.matcher()),
        };
        let row = NewRow {
            kind: match found.kind() {
                SinkContextKind::Before => Kind::Before,
                SinkContextKind::After => Kind::After,
                SinkContextKind::Other => Kind::Other,
            },
            line: found.line_number(),
            offset: found.absolute_byte_offset() + self.place.offset,
            matches: searcher.invert_match(),
        };
        self.push(row, &lines)
    }

    fn context_break(&mut self, _: &Searcher) -> io::Result<bool> {
        self.gap = true;
        Ok(true)
    }

    fn finish(&mut self, _: &Searcher, finish: &SinkFinish) -> io::Result<()> {
        self.binary = finish.binary_byte_offset();
        Ok(())
    }
}
