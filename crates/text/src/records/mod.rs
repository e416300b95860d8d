//! Records: the entries of a log.
//!
//! A record begins with a line that has a time stamp where the log has its stamps. Lines without one, such as those of a
//! stack trace, belong to the record before. Which stamps a log has, and where, is seen from its first lines ([`detect`]);
//! what reads one is a table of nine notations ([`stamp`]) in a few places ([`format`]). Further notations may be given ([`written`]). The formats found are tried one after
//! the other, the one that matched last first, so that a line costs one attempt.
//!
//! A stamp without a zone is UTC, whatever the zone of the machine: the same text always gives the same times. One without a
//! year has the latest in which it is no more than a day after the file's modification.

mod calendar;
mod detect;
mod fields;
mod format;
mod json;
mod level;
mod parts;
mod stamp;
mod written;

use std::ops::Range;

use crate::language::Language;
use calendar::Calendar;
use format::{Format, Head};

pub use calendar::day_start;
pub use detect::may_be_log;
pub use fields::{Fields, MAX_FIELDS, MAX_NAME, MAX_VALUE, begins_name, is_in_name};
pub use level::Level;
pub use written::{BadPattern, MAX_PATTERNS, TimeStamps};

/// Bytes of a record that are kept together. What is longer is cut between lines.
const MOST: usize = 64 << 10;

/// A record of a log, or lines that go on with one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Bytes of the text: whole lines.
    pub range: Range<usize>,
    /// Line ends before `range.start` in the text given.
    pub line: u64,
    /// Milliseconds since 1970, UTC. `None`: lines before the first record that is known.
    pub time: Option<i64>,
    /// `None`: the record does not say.
    pub level: Option<Level>,
    /// What its first line says besides.
    pub fields: Fields,
    /// Whether the record begins here. If not, the lines go on with the one before, whose time, level and fields they have.
    pub begins: bool,
}

/// Cuts a log into records, text by text from its start or from the start of a line.
#[derive(Clone, Debug)]
pub struct RecordCutter {
    /// The format that matched last is the first.
    formats: Vec<Format>,
    calendar: Calendar,
    /// Of the record that may go on.
    open: Option<Open>,
}

/// What the first line of a record says.
#[derive(Clone, Debug)]
struct Open {
    head: Head,
    fields: Fields,
}

impl RecordCutter {
    /// Bytes at the beginning of a text that decide whether it is a log, and which.
    pub const DECIDING: usize = detect::BYTES;

    /// A cutter for a log that begins with `text`, or goes on with it; `None`: the text is none. `modified` is when the file
    /// was modified last, in milliseconds since 1970.
    ///
    /// A log is plain text, or of no known language. Of its first 50 lines that are neither blank nor indented, 60 % begin
    /// records of one format, and at least three, unless its name says that it is a log. Stamps that could be any numbers
    /// must ascend.
    pub fn of(text: &[u8], language: Language, modified: i64, stamps: &TimeStamps) -> Option<RecordCutter> {
        RecordCutter::with(text, language, modified, stamps, false)
    }

    /// The same for a text that is not the file's first. It may be a few lines, or begin within a stack trace: one line that
    /// begins a record is enough.
    pub fn of_later(
        text: &[u8],
        language: Language,
        modified: i64,
        stamps: &TimeStamps,
    ) -> Option<RecordCutter> {
        RecordCutter::with(text, language, modified, stamps, true)
    }

    fn with(
        text: &[u8],
        language: Language,
        modified: i64,
        stamps: &TimeStamps,
        is_later: bool,
    ) -> Option<RecordCutter> {
        let mut calendar = Calendar::new(modified);
        let formats = detect::formats(text, language, is_later, stamps, &mut calendar)?;
        Some(RecordCutter {
            formats,
            calendar,
            open: None,
        })
    }

    /// Cuts the next text. The records are adjacent, ascending, never empty, and cover all of it.
    ///
    /// One that began in the text before goes on in the first, which says so; so does one above 64 KiB, cut between lines.
    pub fn cut(&mut self, text: &[u8]) -> Vec<Record> {
        let mut records: Vec<Record> = Vec::with_capacity(text.len() / 128);
        for (line, range) in (0..).zip(lines(text)) {
            let line_text = &text[range.clone()];
            let head = self.head(line_text);
            match records.last_mut() {
                Some(open) if head.is_none() && range.end - open.range.start <= MOST => {
                    open.range.end = range.end;
                    continue;
                }
                _ => {}
            }
            if let Some(head) = head {
                let fields = self.formats[0].fields(line_text);
                self.open = Some(Open { head, fields });
            }
            let open = self.open.as_ref();
            records.push(Record {
                range,
                line,
                time: open.map(|open| open.head.time),
                level: open.and_then(|open| open.head.level),
                fields: open.map_or_else(Fields::default, |open| open.fields.clone()),
                begins: head.is_some(),
            });
        }
        records
    }

    /// What a line says if it begins a record. Its format is then the first.
    fn head(&mut self, line: &[u8]) -> Option<Head> {
        for place in 0..self.formats.len() {
            if let Some(head) = self.formats[place].read(line, &mut self.calendar) {
                self.formats.swap(0, place);
                return Some(head);
            }
        }
        None
    }
}

/// The lines of a text, with their ends.
fn lines(text: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let ends = memchr::memchr_iter(b'\n', text).map(|end| end + 1);
    let last = (!text.is_empty() && !text.ends_with(b"\n")).then_some(text.len());
    let mut start = 0;
    ends.chain(last).map(move |end| {
        let line = start..end;
        start = end;
        line
    })
}
