//! Moments, as they are written behind `time:`.
//!
//! A moment stands for the whole of the unit that it is exact to: `2015-07` is a month, `2015-07-29T17:41` a minute. It is UTC
//! unless a zone is written.

use std::fmt::{self, Display, Formatter};

use quern_text::day_start;
use time::{Month, OffsetDateTime};

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// What `now` is followed by, the largest first.
const UNITS: &[(&str, i64)] = &[
    ("w", 7 * DAY),
    ("d", DAY),
    ("h", HOUR),
    ("m", MINUTE),
    ("s", SECOND),
    ("ms", 1),
];

/// The furthest that can be written from `now`, in milliseconds: thirty thousand years.
const FAR: i64 = 1_000_000_000_000_000;

/// A moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// Milliseconds since 1970.
    At(i64),
    /// Milliseconds after the query is asked.
    Now(i64),
}

impl Moment {
    /// It in milliseconds since 1970, if the query is asked at `now`.
    pub fn at(self, now: i64) -> i64 {
        match self {
            Moment::At(millis) => millis,
            Moment::Now(offset) => now.saturating_add(offset),
        }
    }

    fn later(self, millis: i64) -> Moment {
        match self {
            Moment::At(at) => Moment::At(at + millis),
            Moment::Now(offset) => Moment::Now(offset + millis),
        }
    }

    /// The last moment before it.
    pub(super) fn before(self) -> Moment {
        self.later(-1)
    }
}

/// Canonical: one moment is written in one way, which is exact to the millisecond.
impl Display for Moment {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match *self {
            Moment::At(millis) => {
                let time = OffsetDateTime::UNIX_EPOCH + time::Duration::milliseconds(millis);
                let (year, month, day) = (time.year(), u8::from(time.month()), time.day());
                let (hour, minute, second, milli) = time.to_hms_milli();
                write!(
                    f,
                    "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
                )?;
                if milli > 0 {
                    write!(f, ".{milli:03}")?;
                }
                f.write_str("Z")
            }
            Moment::Now(0) => f.write_str("now"),
            Moment::Now(offset) => {
                let fits = |(_, length): &&(&str, i64)| offset % length == 0;
                let (unit, length) = UNITS.iter().find(fits).unwrap_or(&("ms", 1));
                write!(f, "now{:+}{unit}", offset / length)
            }
        }
    }
}

/// What is wrong with a moment.
pub(super) type Fault = &'static str;

const UNKNOWN: Fault = "it is written as no time is";

/// The moments at which the unit begins that `text` stands for, and the one behind it does.
pub(super) fn unit(text: &str) -> Result<(Moment, Moment), Fault> {
    if let Some(offset) = text.strip_prefix("now") {
        let start = Moment::Now(offset_of(offset)?);
        return Ok((start, start.later(1)));
    }
    let mut at = Reader { text };
    let (start, length) = at.unit()?;
    let limits = day_start(0, Month::January, 1)..day_start(9999, Month::January, 1);
    if !at.text.is_empty() {
        return Err(UNKNOWN);
    }
    if !limits.contains(&Some(start)) || !limits.contains(&Some(start + length)) {
        return Err("its year is none of 0000 to 9998");
    }
    Ok((Moment::At(start), Moment::At(start + length)))
}

/// Of `-2h`, in milliseconds.
fn offset_of(text: &str) -> Result<i64, Fault> {
    if text.is_empty() {
        return Ok(0);
    }
    let distance = text.strip_prefix(['+', '-']).ok_or(UNKNOWN)?;
    let digits = distance.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = distance.split_at(digits);
    let known = UNITS.iter().find(|(name, _)| *name == unit);
    let (_, length) = known.ok_or("behind `now`, w, d, h, m, s and ms are units")?;
    if number.is_empty() {
        return Err(UNKNOWN);
    }
    let millis = number
        .parse()
        .ok()
        .and_then(|number: i64| number.checked_mul(*length));
    let millis = millis
        .filter(|millis| *millis <= FAR)
        .ok_or("that is too far from now")?;
    Ok(if text.starts_with('-') { -millis } else { millis })
}

/// Reads a moment from its largest part on.
struct Reader<'t> {
    text: &'t str,
}

impl Reader<'_> {
    /// Where the unit begins, and its length, in milliseconds.
    fn unit(&mut self) -> Result<(i64, i64), Fault> {
        let no_day = "there is no such day";
        let year = self.digits(4).ok_or(UNKNOWN)? as i32;
        if !self.eat("-") {
            let start = day_start(year, Month::January, 1).ok_or(no_day)?;
            return Ok((start, DAY * i64::from(time::util::days_in_year(year))));
        }
        let month = Month::try_from(self.digits(2).ok_or(UNKNOWN)? as u8);
        let month = month.map_err(|_| "its month is none of 01 to 12")?;
        if !self.eat("-") {
            let start = day_start(year, month, 1).ok_or(no_day)?;
            return Ok((start, DAY * i64::from(month.length(year))));
        }
        let day = self.digits(2).ok_or(UNKNOWN)? as u8;
        let start = day_start(year, month, day).ok_or(no_day)?;
        if !self.eat("T") && !self.eat(" ") {
            return Ok((start, DAY));
        }
        let (time, length) = self.time()?;
        Ok((start + time - self.zone()?, length))
    }

    /// A time of day, exact to the hour or better.
    fn time(&mut self) -> Result<(i64, i64), Fault> {
        let hour = self.part(23, "its hour is none of 00 to 23")? * HOUR;
        if !self.eat(":") {
            return Ok((hour, HOUR));
        }
        let minute = hour + self.part(59, "its minute is none of 00 to 59")? * MINUTE;
        if !self.eat(":") {
            return Ok((minute, MINUTE));
        }
        let second = minute + self.part(59, "its second is none of 00 to 59")? * SECOND;
        if !self.eat(".") && !self.eat(",") {
            return Ok((second, SECOND));
        }
        let count = self.text.bytes().take_while(u8::is_ascii_digit).count();
        if !(1..=9).contains(&count) {
            return Err("a fraction has one to nine digits");
        }
        let exact = 10i64.pow(3u32.saturating_sub(count as u32));
        let milli = i64::from(self.digits(count.min(3)).ok_or(UNKNOWN)?) * exact;
        self.text = self.text.trim_start_matches(|c: char| c.is_ascii_digit());
        Ok((second + milli, exact))
    }

    /// How far the time is ahead of UTC, in milliseconds.
    fn zone(&mut self) -> Result<i64, Fault> {
        let sign = match self.text.as_bytes().first() {
            Some(b'+') => 1,
            Some(b'-') => -1,
            _ => {
                self.eat("Z");
                return Ok(0);
            }
        };
        let wrong = "its zone is none of -14:00 to +14:00";
        self.text = &self.text[1..];
        let hours = self.part(14, wrong)?;
        self.eat(":");
        let minutes = if self.text.is_empty() {
            0
        } else {
            self.part(59, wrong)?
        };
        Ok(sign * (hours * HOUR + minutes * MINUTE))
    }

    fn eat(&mut self, token: &str) -> bool {
        let rest = self.text.strip_prefix(token);
        self.text = rest.unwrap_or(self.text);
        rest.is_some()
    }

    /// A number of two digits, up to `most`.
    fn part(&mut self, most: u32, wrong: Fault) -> Result<i64, Fault> {
        let number = self.digits(2).ok_or(UNKNOWN)?;
        if number <= most {
            Ok(i64::from(number))
        } else {
            Err(wrong)
        }
    }

    fn digits(&mut self, count: usize) -> Option<u32> {
        let (digits, rest) = self.text.split_at_checked(count)?;
        let number = digits
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| digits.parse().ok())?;
        self.text = rest;
        number
    }
}
