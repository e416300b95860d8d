//! Counting times by minutes, hours, days, weeks, months or years, all of UTC.

use std::collections::HashMap;
use std::ops::Range;

use quern_text::day_start;
use time::{Date, Duration, Month, OffsetDateTime, UtcDateTime};

use crate::search::facets::Counts;
use crate::search::request::Interval;

/// Times, counted by the interval that they are in.
pub(super) struct Buckets {
    interval: Interval,
    /// By when the interval begins, in milliseconds since 1970.
    counts: HashMap<i64, u64>,
    /// The interval of the last time: neighbours are mostly in one.
    last: Range<i64>,
    inside: u64,
}

impl Buckets {
    pub fn new(interval: Interval) -> Buckets {
        Buckets {
            interval,
            counts: HashMap::new(),
            last: 0..0,
            inside: 0,
        }
    }

    /// Counts a time, in milliseconds since 1970.
    pub fn add(&mut self, time: i64) {
        if !self.last.contains(&time) {
            *self.counts.entry(self.last.start).or_default() += self.inside;
            self.inside = 0;
            self.last = bounds(self.interval, time);
        }
        self.inside += 1;
    }

    /// The counts by when an interval begins, as ISO 8601 writes it: that text sorts as the times do.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for (&start, &count) in self.counts.iter().chain([(&self.last.start, &self.inside)]) {
            counts.add(written(start).as_bytes(), count);
        }
        counts
    }
}

/// The interval that a time is in.
fn bounds(interval: Interval, time: i64) -> Range<i64> {
    let fixed = |length: i64, offset: i64| {
        let start = (time - offset).div_euclid(length) * length + offset;
        start..start + length
    };
    match interval {
        Interval::Minute => fixed(MINUTE, 0),
        Interval::Hour => fixed(60 * MINUTE, 0),
        Interval::Day => fixed(DAY, 0),
        // 1970 began on a Thursday, weeks begin on Mondays.
        Interval::Week => fixed(7 * DAY, 4 * DAY),
        Interval::Month | Interval::Year => {
            let date = date(time);
            let (year, month) = match interval {
                Interval::Month => (date.year(), date.month()),
                _ => (date.year(), Month::January),
            };
            let (next_year, next_month) = match (interval, month) {
                (Interval::Month, month) if month != Month::December => (year, month.next()),
                _ => (year + 1, Month::January),
            };
            start_of(year, month)..start_of(next_year, next_month)
        }
    }
}

const MINUTE: i64 = 60_000;
const DAY: i64 = 1440 * MINUTE;

fn date(time: i64) -> Date {
    let epoch = OffsetDateTime::UNIX_EPOCH.date();
    epoch.saturating_add(Duration::days(time.div_euclid(DAY)))
}

/// The start of a month; behind the last one that the calendar has there is no other.
fn start_of(year: i32, month: Month) -> i64 {
    day_start(year, month, 1).unwrap_or(i64::MAX)
}

fn written(time: i64) -> String {
    let time = UtcDateTime::from_unix_timestamp(time.div_euclid(1000)).unwrap_or(UtcDateTime::MAX);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:00Z",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The interval of a time, as it is written: where it begins and where the next one does.
    fn around(interval: Interval, time: &str) -> (String, String) {
        let stamp = time::OffsetDateTime::new_utc(
            Date::from_calendar_date(
                time[..4].parse().unwrap(),
                Month::try_from(time[5..7].parse::<u8>().unwrap()).unwrap(),
                time[8..10].parse().unwrap(),
            )
            .unwrap(),
            time::Time::from_hms(time[11..13].parse().unwrap(), time[14..16].parse().unwrap(), 59).unwrap(),
        );
        let Range { start, end } = bounds(interval, stamp.unix_timestamp() * 1000 + 999);
        (written(start), written(end))
    }

    #[test]
    fn intervals_are_those_of_the_calendar() {
        let time = "2016-02-29T23:59";
        let expected = [
            (Interval::Minute, "2016-02-29T23:59:00Z", "2016-03-01T00:00:00Z"),
            (Interval::Hour, "2016-02-29T23:00:00Z", "2016-03-01T00:00:00Z"),
            (Interval::Day, "2016-02-29T00:00:00Z", "2016-03-01T00:00:00Z"),
            (Interval::Week, "2016-02-29T00:00:00Z", "2016-03-07T00:00:00Z"),
            (Interval::Month, "2016-02-01T00:00:00Z", "2016-03-01T00:00:00Z"),
            (Interval::Year, "2016-01-01T00:00:00Z", "2017-01-01T00:00:00Z"),
        ];
        for (interval, start, end) in expected {
            assert_eq!(around(interval, time), (start.into(), end.into()));
        }
        assert_eq!(
            around(Interval::Month, "1969-12-31T23:59").1,
            "1970-01-01T00:00:00Z"
        );
        assert_eq!(
            around(Interval::Week, "1969-12-31T23:59").0,
            "1969-12-29T00:00:00Z"
        );
        assert_eq!(
            around(Interval::Minute, "0001-01-01T00:00").0,
            "0001-01-01T00:00:00Z"
        );
    }
}
