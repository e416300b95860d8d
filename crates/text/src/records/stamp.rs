//! Time stamps: how they are written, and what they say.

use std::sync::Arc;

use time::format_description::OwnedFormatItem;

use super::calendar::Civil;
use super::parts::Reader;
use super::written;

/// How a time stamp is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stamp {
    /// As a pattern says.
    Written(Arc<OwnedFormatItem>),
    /// `2015-07-29 17:41:44,747`, `2015-07-29T17:41:44.747+02:00`, `2017/06/09 20:10:40`.
    Iso,
    /// `17/06/09 20:10:40`: the year first.
    ShortYear,
    /// `20171223-22:15:29:606`, `20171223T221529Z`; the parts of the time of day may have one digit.
    Basic,
    /// `081109 203615`.
    Digits,
    /// `Jun 14 15:16:01`, `Jun 14 2015 15:16:01`.
    MonthDay,
    /// `Sun Dec 04 04:47:44 2005`.
    Ctime,
    /// `10/Oct/2000:13:55:36 -0700`, `14-Jun-2015 15:16:01`.
    DayMonth,
    /// `I0614 15:16:01.123456`: the level first.
    Glog,
    /// `1286536309.586`: seconds since 1970, or with 13, 16 or 19 digits their thousandths, millionths, billionths.
    Epoch,
}

/// What a stamp says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    Civil(Civil),
    /// Milliseconds since 1970.
    Epoch(i64),
}

impl Stamp {
    /// Those that need no pattern.
    pub const KNOWN: [Stamp; 9] = [
        Stamp::Iso,
        Stamp::ShortYear,
        Stamp::Basic,
        Stamp::Digits,
        Stamp::MonthDay,
        Stamp::Ctime,
        Stamp::DayMonth,
        Stamp::Glog,
        Stamp::Epoch,
    ];

    /// Whether nothing but digits tells it from other numbers.
    pub fn is_weak(&self) -> bool {
        matches!(self, Stamp::Digits | Stamp::Epoch)
    }

    /// The stamp that `text` begins with, and its bytes. What follows it is no letter or digit.
    pub fn read(&self, text: &[u8]) -> Option<(Moment, usize)> {
        let mut at = Reader::new(text);
        let moment = match self {
            Stamp::Epoch => Moment::Epoch(at.epoch()?),
            Stamp::Written(pattern) => {
                let (moment, length) = written::read(pattern, text)?;
                at.at = length;
                moment
            }
            _ => Moment::Civil(self.civil(&mut at)?),
        };
        (!at.is_in_word()).then_some((moment, at.at))
    }

    fn civil(&self, at: &mut Reader<'_>) -> Option<Civil> {
        let mut civil = Civil::default();
        match self {
            Stamp::Iso => {
                civil.year = Some(at.digits(4)?);
                let mark = at.one(b"-/")?;
                civil.month = at.two()?;
                at.one(&[mark])?;
                civil.day = at.two()?;
                at.one(b"T _t")?;
                at.time(&mut civil)?;
            }
            Stamp::ShortYear => {
                let year = at.digits(2)?;
                civil.year = Some(if year < 70 { 2000 + year } else { 1900 + year });
                at.one(b"/")?;
                civil.month = at.two()?;
                at.one(b"/")?;
                civil.day = at.two()?;
                at.one(b" ")?;
                at.time(&mut civil)?;
            }
            Stamp::Basic => {
                civil.year = Some(at.digits(4)?);
                (civil.month, civil.day) = (at.two()?, at.two()?);
                at.one(b"-T _")?;
                at.loose_time(&mut civil)?;
            }
            Stamp::Digits => {
                civil.year = Some(2000 + at.digits(2)?);
                (civil.month, civil.day) = (at.two()?, at.two()?);
                at.one(b" ")?;
                (civil.hour, civil.minute, civil.second) = (at.two()?, at.two()?, at.two()?);
            }
            Stamp::MonthDay => {
                civil.month = at.month()?;
                civil.day = at.day()?;
                at.one(b" ")?;
                civil.year = at.year_before_time();
                at.time(&mut civil)?;
            }
            Stamp::Ctime => {
                at.weekday()?;
                civil.month = at.month()?;
                civil.day = at.day()?;
                at.one(b" ")?;
                at.time(&mut civil)?;
                at.one(b" ")?;
                civil.year = Some(at.digits(4)?);
            }
            Stamp::DayMonth => {
                civil.day = at.two()?;
                let mark = at.one(b"/-")?;
                civil.month = at.month_name()?;
                at.one(&[mark])?;
                civil.year = Some(at.digits(4)?);
                at.one(b": ")?;
                at.time(&mut civil)?;
            }
            Stamp::Glog => {
                at.one(b"IWEFD")?;
                (civil.month, civil.day) = (at.two()?, at.two()?);
                at.one(b" ")?;
                at.time(&mut civil)?;
            }
            Stamp::Epoch | Stamp::Written(_) => return None,
        }
        let is_time = civil.hour < 24 && civil.minute < 60 && civil.second <= 60;
        is_time.then_some(civil)
    }
}
