//! Whether a text is a log, and in which formats.

use super::calendar::Calendar;
use super::format::Format;
use super::lines;
use super::written::TimeStamps;
use crate::language::Language;

/// Lines that are looked at.
const SAMPLE: usize = 50;
/// Bytes of text that they are looked for in.
pub const BYTES: usize = 64 << 10;
/// Records that a text must begin with that is not called a log.
const LEAST: usize = 3;
/// Formats that a log may have.
const FORMATS: usize = 4;

/// How often a format was seen.
struct Seen {
    format: Format,
    count: usize,
    /// How often its time was not before the one above.
    in_order: usize,
    time: i64,
}

/// Whether texts of a language can be logs.
pub fn may_be_log(language: Language) -> bool {
    matches!(language.name(), "log" | "unknown" | "txt" | "jsonl")
}

/// The formats of a log that begins with `text`, the most frequent first; `None`: it is no log. Of a text that goes on with
/// another (`is_later`) one line that begins a record is enough: it may be a few lines, or the middle of a stack trace.
pub(super) fn formats(
    text: &[u8],
    language: Language,
    is_later: bool,
    stamps: &TimeStamps,
    calendar: &mut Calendar,
) -> Option<Vec<Format>> {
    if !may_be_log(language) {
        return None;
    }
    let is_called_log = language.name() == "log";
    let mut seen: Vec<Seen> = Vec::new();
    let mut count = 0;
    for line in lines(&text[..text.len().min(BYTES)]).map(|range| &text[range]) {
        if line[0].is_ascii_whitespace() {
            continue;
        }
        count += 1;
        look(line, is_called_log, stamps, calendar, &mut seen);
        if count == SAMPLE {
            break;
        }
    }
    seen.sort_by_key(|seen| std::cmp::Reverse(seen.count));
    let first = seen.first()?;
    let least = if is_called_log { 1 } else { LEAST };
    let is_log = match is_later {
        true => is_called_log || !first.format.is_weak(),
        false => first.count >= least && 10 * first.count >= 6 * count,
    };
    let is_log = is_log && first.is_in_order();
    let formats = seen.iter().filter(|seen| seen.is_in_order()).take(FORMATS);
    is_log.then(|| formats.map(|seen| seen.format.clone()).collect())
}

fn look(line: &[u8], commas: bool, stamps: &TimeStamps, calendar: &mut Calendar, seen: &mut Vec<Seen>) {
    let known = seen
        .iter_mut()
        .find_map(|seen| Some((seen.format.read(line, calendar)?.time, seen)));
    if let Some((time, known)) = known {
        known.count += 1;
        known.in_order += usize::from(time >= known.time);
        known.time = time;
        return;
    }
    let found = Format::of(line, commas, stamps, calendar);
    if let Some((format, head)) = found.and_then(|format| {
        let head = format.read(line, calendar)?;
        Some((format, head))
    }) {
        seen.push(Seen {
            format,
            count: 1,
            in_order: 1,
            time: head.time,
        });
    }
}

impl Seen {
    fn is_in_order(&self) -> bool {
        !self.format.is_weak() || 10 * self.in_order >= 9 * self.count
    }
}
