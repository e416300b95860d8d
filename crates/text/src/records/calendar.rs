//! From a date and a time of day to milliseconds since 1970.

use time::{Date, Month, OffsetDateTime};

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// How many years a stamp without a year may lie before the file's modification: enough for a 29 February.
const YEARS: i32 = 9;

/// A date and a time of day, as a stamp says it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Civil {
    pub year: Option<u16>,
    /// From 1.
    pub month: u8,
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    /// To 60: a leap second is the first of the next minute.
    pub second: u8,
    pub milli: u16,
    /// Minutes that it is ahead of UTC.
    pub offset: i16,
}

/// Knows the calendar, and what a stamp leaves out.
#[derive(Clone, Debug)]
pub(super) struct Calendar {
    /// No stamp without a year is later, in milliseconds since 1970.
    latest: i64,
    latest_year: i32,
    /// The day that was asked for last, and its start: records of one day come together.
    known: (Option<u16>, u8, u8),
    start: i64,
}

impl Calendar {
    /// For a file that was modified then, in milliseconds since 1970.
    pub fn new(modified: i64) -> Calendar {
        let latest = modified.saturating_add(DAY);
        let date = OffsetDateTime::from_unix_timestamp(latest.div_euclid(SECOND));
        Calendar {
            latest,
            latest_year: date.map_or(1970, OffsetDateTime::year),
            known: (None, 0, 0),
            start: 0,
        }
    }

    /// The time in milliseconds since 1970; `None` if there is no such day. Without a year it is that of the latest year in
    /// which it is no more than a day after the file's modification.
    pub fn millis(&mut self, civil: &Civil) -> Option<i64> {
        let of_day = HOUR * i64::from(civil.hour)
            + MINUTE * (i64::from(civil.minute) - i64::from(civil.offset))
            + SECOND * i64::from(civil.second)
            + i64::from(civil.milli);
        let day = (civil.year, civil.month, civil.day);
        if day == self.known {
            return Some(self.start + of_day);
        }
        let start = match civil.year {
            Some(year) => start_of(i32::from(year), civil.month, civil.day)?,
            None => (0..YEARS)
                .filter_map(|ago| start_of(self.latest_year - ago, civil.month, civil.day))
                .find(|start| start + of_day <= self.latest)?,
        };
        // Around the limit the year depends on the time of day.
        if civil.year.is_some() || (start + 2 * DAY..start + 364 * DAY).contains(&self.latest) {
            (self.known, self.start) = (day, start);
        }
        Some(start + of_day)
    }
}

fn start_of(year: i32, month: u8, day: u8) -> Option<i64> {
    day_start(year, Month::try_from(month).ok()?, day)
}

/// The start of a day of UTC, in milliseconds since 1970; `None`: there is no such day.
pub fn day_start(year: i32, month: Month, day: u8) -> Option<i64> {
    let date = Date::from_calendar_date(year, month, day).ok()?;
    let days = date.to_julian_day() - OffsetDateTime::UNIX_EPOCH.to_julian_day();
    Some(i64::from(days) * DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(year: impl Into<Option<u16>>, month: u8, day: u8, hour: u8) -> Civil {
        Civil {
            year: year.into(),
            month,
            day,
            hour,
            ..Civil::default()
        }
    }

    #[test]
    fn days_that_there_are_not() {
        let mut calendar = Calendar::new(0);
        assert_eq!(calendar.millis(&at(1970, 1, 1, 0)), Some(0));
        assert_eq!(calendar.millis(&at(1969, 12, 31, 23)), Some(-HOUR));
        for (month, day) in [(0, 1), (13, 1), (2, 30), (4, 31), (1, 0)] {
            assert_eq!(calendar.millis(&at(2020, month, day, 0)), None);
        }
        assert_eq!(calendar.millis(&at(2021, 2, 29, 0)), None);
        assert!(calendar.millis(&at(2020, 2, 29, 0)).is_some());
    }

    #[test]
    fn a_year_that_is_left_out_is_the_latest_possible() {
        let mut full = Calendar::new(0);
        let modified = full.millis(&at(2016, 1, 2, 12)).unwrap();
        let mut calendar = Calendar::new(modified);
        let rows = [
            (1, 2, 12, 2016),
            (1, 3, 12, 2016),
            (1, 3, 13, 2015),
            (1, 3, 11, 2016),
            (12, 31, 23, 2015),
            (2, 29, 0, 2012),
        ];
        for (month, day, hour, year) in rows {
            let found = calendar.millis(&at(None, month, day, hour));
            assert_eq!(
                found,
                full.millis(&at(year, month, day, hour)),
                "{month}-{day}T{hour}"
            );
        }
        assert_eq!(calendar.millis(&at(None, 2, 30, 0)), None);
    }

    #[test]
    fn files_of_impossible_times_do_no_harm() {
        for modified in [i64::MIN, i64::MAX, -DAY] {
            let mut calendar = Calendar::new(modified);
            let _ = calendar.millis(&at(None, 6, 1, 0));
            assert_eq!(calendar.millis(&at(1970, 1, 2, 0)), Some(DAY));
        }
    }
}
