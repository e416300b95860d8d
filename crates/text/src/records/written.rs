//! Time stamps that are written as somebody says, in the notation of `strftime`.

use std::fmt;
use std::sync::Arc;

use time::format_description::{Component, OwnedFormatItem, parse_strftime_owned};
use time::parsing::Parsed;

use super::calendar::Civil;
use super::parts::Reader;
use super::stamp::{Moment, Stamp};

/// Patterns that can be given.
pub const MAX_PATTERNS: usize = 16;
/// Bytes that a pattern has at most.
const LONGEST: usize = 128;

/// How the time stamps of logs are written: in one of the known ways, or as patterns say.
#[derive(Clone, Debug, Default)]
pub struct TimeStamps {
    /// As patterns say.
    pub(super) written: Arc<[Stamp]>,
}

/// A pattern that is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadPattern {
    /// The pattern.
    pub pattern: String,
    /// Why, as a clause of a sentence.
    pub reason: String,
}

impl fmt::Display for BadPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "'{}' is no pattern of a time stamp, {}",
            self.pattern, self.reason
        )
    }
}

impl std::error::Error for BadPattern {}

impl TimeStamps {
    /// The known ways, and before them these patterns: `%d.%m.%Y %H:%M:%S`. A fraction of a second and a zone may follow.
    ///
    /// # Errors
    /// A pattern that is not well formed, or does not say day, month and hour, or seconds since 1970; too many.
    pub fn new(patterns: &[String]) -> Result<TimeStamps, BadPattern> {
        let bad = |pattern: &String, reason: String| BadPattern {
            pattern: pattern.clone(),
            reason,
        };
        if let Some(pattern) = patterns.get(MAX_PATTERNS) {
            return Err(bad(pattern, format!("there are more than {MAX_PATTERNS}")));
        }
        let mut written = Vec::new();
        for pattern in patterns {
            if pattern.len() > LONGEST {
                return Err(bad(pattern, format!("it has more than {LONGEST} bytes")));
            }
            let item = parse_strftime_owned(pattern).map_err(|error| bad(pattern, error.to_string()))?;
            if !is_moment(&item) {
                let reason = "it has to say day, month and hour, as in %d.%m.%Y %H:%M:%S, or be %s";
                return Err(bad(pattern, reason.to_owned()));
            }
            written.push(Stamp::Written(Arc::new(item)));
        }
        Ok(TimeStamps {
            written: written.into(),
        })
    }
}

/// Whether a pattern says when something was.
fn is_moment(item: &OwnedFormatItem) -> bool {
    use Component::{
        Day, Hour12, Hour24, MonthLong, MonthNumerical, MonthShort, Period, UnixTimestampSecond,
    };
    let has = |wanted: &dyn Fn(&Component) -> bool| has(item, wanted);
    has(&|part| matches!(part, UnixTimestampSecond(_)))
        || has(&|part| matches!(part, Day(_)))
            && has(&|part| matches!(part, MonthShort(_) | MonthLong(_) | MonthNumerical(_)))
            && (has(&|part| matches!(part, Hour24(_)))
                || has(&|part| matches!(part, Hour12(_))) && has(&|part| matches!(part, Period(_))))
}

fn has(item: &OwnedFormatItem, wanted: &dyn Fn(&Component) -> bool) -> bool {
    match item {
        OwnedFormatItem::Component(component) => wanted(component),
        OwnedFormatItem::Compound(items) => items.iter().any(|item| has(item, wanted)),
        _ => false,
    }
}

/// The stamp that a text begins with, and its bytes.
pub(super) fn read(item: &OwnedFormatItem, text: &[u8]) -> Option<(Moment, usize)> {
    let mut parsed = Parsed::new();
    let behind = parsed.parse_item(text, item).ok()?;
    let mut at = Reader::new(text);
    at.at = text.len() - behind.len();
    let milli = at.fraction();
    if let Some(nanos) = parsed.unix_timestamp_nanos() {
        let millis = i64::try_from(nanos.div_euclid(1_000_000)).ok()?;
        return Some((Moment::Epoch(millis + i64::from(milli)), at.at));
    }
    let offset = match parsed.offset_hour() {
        Some(hours) => 60 * i16::from(hours) + i16::from(parsed.offset_minute_signed().unwrap_or(0)),
        None => at.zone(),
    };
    let civil = Civil {
        year: year(&parsed)?,
        month: u8::from(parsed.month()?),
        day: parsed.day()?.get(),
        hour: hour(&parsed)?,
        minute: parsed.minute().unwrap_or(0),
        second: parsed.second().unwrap_or(0),
        milli,
        offset,
    };
    Some((Moment::Civil(civil), at.at))
}

/// `Some(None)`: it does not say. Of two digits those from 70 on are of the last century.
fn year(parsed: &Parsed) -> Option<Option<u16>> {
    match (parsed.year(), parsed.year_last_two()) {
        (Some(year), _) => Some(Some(u16::try_from(year).ok()?)),
        (None, Some(year)) => Some(Some(u16::from(year) + if year < 70 { 2000 } else { 1900 })),
        (None, None) => Some(None),
    }
}

fn hour(parsed: &Parsed) -> Option<u8> {
    parsed.hour_24().or_else(|| {
        let afternoon = if parsed.hour_12_is_pm()? { 12 } else { 0 };
        Some(parsed.hour_12()?.get() % 12 + afternoon)
    })
}
