//! Where in its first line a record has its time and level.

use super::calendar::Calendar;
use super::fields::{Before, Fields, read_access, read_head, read_object, read_pairs};
use super::json::{Value, each_field};
use super::level::Level;
use super::stamp::{Moment, Stamp};
use super::written::TimeStamps;

/// Fields before a stamp, at most: as `host ident user [stamp]` has behind a virtual host.
const FIELDS: u8 = 4;
/// Bytes before a stamp, at most.
const BEFORE: usize = 256;
/// Bytes behind a stamp in which a level is looked for.
const BEHIND: usize = 100;

/// Names that JSON records give their time and level.
const TIME_KEYS: &[&[u8]] = &[
    b"time",
    b"timestamp",
    b"ts",
    b"@timestamp",
    b"datetime",
    b"t",
    b"@t",
];
const LEVEL_KEYS: &[&[u8]] = &[b"level", b"lvl", b"severity", b"levelname", b"log.level", b"@l"];
/// Names that records of `key=value` pairs give their time.
const PAIRS: &[&[u8]] = &[b"time=", b"ts=", b"timestamp=", b"t="];

/// How the records of a log begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Format {
    place: Place,
    stamp: Stamp,
}

/// Where the stamp is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Behind so many fields, perhaps in brackets.
    Fields(u8),
    /// Behind syslog's `<34>` or `<34>1 `.
    Priority,
    /// In one of the first fields, as the value of a key.
    Pair,
    /// In a JSON object.
    Json,
}

/// What the first line of a record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Milliseconds since 1970.
    pub time: i64,
    pub level: Option<Level>,
}

impl Format {
    /// How a record begins whose first line this is, with one of these stamps. A table of values has commas behind its stamps;
    /// `commas` says whether it may be one. What a pattern says goes before the known ways, wherever it is.
    pub fn of(line: &[u8], commas: bool, stamps: &TimeStamps, calendar: &mut Calendar) -> Option<Format> {
        [&stamps.written[..], &Stamp::KNOWN]
            .into_iter()
            .find_map(|stamps| {
                let mut all = places().flat_map(|place| stamps.iter().map(move |stamp| (place, stamp)));
                all.find_map(|(place, stamp)| {
                    let format = Format {
                        place,
                        stamp: stamp.clone(),
                    };
                    let is_possible = !format.is_weak() || place == Place::Fields(0);
                    let behind = || format.stamp_in(line).and_then(|(_, _, end)| line.get(end));
                    let fits = is_possible
                        && format.read(line, calendar).is_some()
                        && (commas || !matches!(behind(), Some(b',' | b';' | b'.')));
                    fits.then_some(format)
                })
            })
    }

    /// Whether only the order of its stamps tells a log from a table of numbers.
    pub fn is_weak(&self) -> bool {
        self.stamp.is_weak() && matches!(self.place, Place::Fields(_))
    }

    /// What a line says that begins a record of this format.
    pub fn read(&self, line: &[u8], calendar: &mut Calendar) -> Option<Head> {
        if self.place == Place::Json {
            return self.read_object(line, calendar);
        }
        let (moment, start, end) = self.stamp_in(line)?;
        let time = millis(moment, calendar)?;
        let behind = &line[end..line.len().min(end + BEHIND)];
        let level = match (self.place, &self.stamp) {
            (Place::Priority, _) => severity(line),
            (_, Stamp::Glog) => glog(line[start]),
            _ => Level::find(&line[..start]).or_else(|| Level::find(behind)),
        };
        Some(Head { time, level })
    }

    /// The fields of a line that begins a record of this format.
    pub fn fields(&self, line: &[u8]) -> Fields {
        let mut fields = Fields::default();
        let line = line.trim_ascii_end();
        match self.place {
            Place::Json => read_object(line, &mut fields),
            Place::Pair => read_pairs(line, &mut fields),
            Place::Priority | Place::Fields(_) => {
                if let Some((_, start, end)) = self.stamp_in(line) {
                    self.fields_around(&line[..start], &line[end..], &mut fields);
                }
            }
        }
        fields
    }

    /// The fields of a line whose stamp is between these.
    fn fields_around(&self, before: &[u8], behind: &[u8], fields: &mut Fields) {
        // Only access logs write their stamps so.
        if self.stamp == Stamp::DayMonth
            && let Some(rest) = read_access(before, behind, fields)
        {
            return read_pairs(rest, fields);
        }
        let kind = match (self.place, &self.stamp) {
            (Place::Priority, _) if before.ends_with(b">1 ") => Before::Version,
            (Place::Priority, _) | (_, Stamp::MonthDay) => Before::Syslog,
            (_, Stamp::Glog) => Before::Letter,
            _ => Before::Other,
        };
        read_head(kind, behind, fields);
        read_pairs(behind, fields);
    }

    /// The stamp of a line that is no object, where it starts and where it ends.
    fn stamp_in(&self, line: &[u8]) -> Option<(Moment, usize, usize)> {
        let start = match self.place {
            Place::Fields(count) => {
                let start = behind_fields(line, count)?;
                let is_written = matches!(self.stamp, Stamp::Written(_));
                if is_written && let Some((moment, length)) = self.stamp.read(&line[start..]) {
                    return Some((moment, start, start + length));
                }
                start + usize::from(matches!(line.get(start), Some(b'[' | b'(')))
            }
            Place::Priority => behind_priority(line)?,
            Place::Pair => behind_key(line)?,
            Place::Json => return None,
        };
        let (moment, length) = self.stamp.read(&line[start..])?;
        Some((moment, start, start + length))
    }

    fn read_object(&self, line: &[u8], calendar: &mut Calendar) -> Option<Head> {
        let (mut time, mut level) = (None, None);
        each_field(line, |key, value| {
            if time.is_none() && TIME_KEYS.contains(&key) {
                let (Value::Text(text) | Value::Bare(text)) = value else {
                    return false;
                };
                time = self
                    .stamp
                    .read(text)
                    .and_then(|(moment, _)| millis(moment, calendar));
            } else if level.is_none() && LEVEL_KEYS.contains(&key) {
                level = level_of(value);
            }
            time.is_some() && level.is_some()
        });
        Some(Head { time: time?, level })
    }
}

fn places() -> impl Iterator<Item = Place> {
    let fields = (0..=FIELDS).map(Place::Fields);
    [Place::Priority, Place::Json, Place::Pair]
        .into_iter()
        .chain(fields)
}

fn millis(moment: Moment, calendar: &mut Calendar) -> Option<i64> {
    match moment {
        Moment::Civil(civil) => calendar.millis(&civil),
        Moment::Epoch(millis) => Some(millis),
    }
}

/// Where the field starts that has `count` fields before it, all on the line and near its start.
fn behind_fields(line: &[u8], count: u8) -> Option<usize> {
    let mut at = 0;
    for _ in 0..count {
        let near = &line[at..line.len().min(BEFORE)];
        let end = near.iter().position(|&byte| matches!(byte, b' ' | b'\t'))?;
        let blanks = near[end..].iter().take_while(|byte| matches!(byte, b' ' | b'\t'));
        at += end + blanks.count();
        if end == 0 {
            return None;
        }
    }
    Some(at)
}

fn behind_priority(line: &[u8]) -> Option<usize> {
    let close = line.iter().take(5).position(|&byte| byte == b'>')?;
    severity(line)?;
    let version = if line[close + 1..].starts_with(b"1 ") {
        2
    } else {
        0
    };
    Some(close + 1 + version)
}

/// The level of syslog's `<34>`: its last three bits.
fn severity(line: &[u8]) -> Option<Level> {
    let digits = line.strip_prefix(b"<")?.split(|&byte| byte == b'>').next()?;
    let priority: u8 = str::from_utf8(digits).ok()?.parse().ok()?;
    Some(Level::of_severity(u32::from(priority % 8)))
}

fn behind_key(line: &[u8]) -> Option<usize> {
    (0..=2).find_map(|count| {
        let start = behind_fields(line, count)?;
        let key = PAIRS.iter().find(|key| line[start..].starts_with(key))?;
        let value = start + key.len();
        Some(value + usize::from(line.get(value) == Some(&b'"')))
    })
}

fn glog(letter: u8) -> Option<Level> {
    Some(match letter {
        b'I' => Level::Info,
        b'W' => Level::Warn,
        b'E' => Level::Error,
        b'F' => Level::Fatal,
        _ => Level::Debug,
    })
}

fn level_of(value: Value<'_>) -> Option<Level> {
    match value {
        Value::Text(name) => Level::of_word(name),
        Value::Bare(number) => {
            let number = str::from_utf8(number).ok()?.parse().ok()?;
            Some(Level::of_number(number))
        }
        Value::Nested(_) => None,
    }
}
