//! The parts of time stamps.

use super::calendar::Civil;

/// Reads the parts of a stamp.
pub(super) struct Reader<'t> {
    text: &'t [u8],
    /// Bytes that were read.
    pub at: usize,
}

impl Reader<'_> {
    pub fn new(text: &[u8]) -> Reader<'_> {
        Reader { text, at: 0 }
    }

    /// The next byte; 0 at the end.
    fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }

    /// Whether a letter, a digit or `_` is next.
    pub fn is_in_word(&self) -> bool {
        self.peek().is_ascii_alphanumeric() || self.peek() == b'_'
    }

    /// One of these bytes.
    pub fn one(&mut self, set: &[u8]) -> Option<u8> {
        let byte = self.peek();
        let found = set.contains(&byte);
        self.at += usize::from(found);
        found.then_some(byte)
    }

    /// A number of exactly `count` digits, at most four.
    pub fn digits(&mut self, count: usize) -> Option<u16> {
        let digits = self.text.get(self.at..self.at + count)?;
        let mut number = 0;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return None;
            }
            number = 10 * number + u16::from(digit - b'0');
        }
        self.at += count;
        Some(number)
    }

    pub fn two(&mut self) -> Option<u8> {
        self.digits(2).map(|number| number as u8)
    }

    fn one_or_two(&mut self) -> Option<u8> {
        self.two().or_else(|| self.digits(1).map(|number| number as u8))
    }

    /// `Jun` and the blank behind it.
    pub fn month(&mut self) -> Option<u8> {
        let month = self.month_name()?;
        self.one(b" ").map(|_| month)
    }

    pub fn month_name(&mut self) -> Option<u8> {
        let name = self.text.get(self.at..self.at + 3)?;
        let names = b"JanFebMarAprMayJunJulAugSepOctNovDec";
        let place = names.chunks(3).position(|known| known == name)?;
        self.at += 3;
        Some(place as u8 + 1)
    }

    /// `Sun` and the blank behind it; which day it is follows from the date.
    pub fn weekday(&mut self) -> Option<()> {
        let name = self.text.get(self.at..self.at + 4)?;
        let names = b"Mon Tue Wed Thu Fri Sat Sun ";
        names.chunks(4).find(|known| *known == name)?;
        self.at += 4;
        Some(())
    }

    /// `14`, `4` or `␣4`.
    pub fn day(&mut self) -> Option<u8> {
        self.one(b" ");
        self.one_or_two()
    }

    /// `2015␣`, if the time of day follows that.
    pub fn year_before_time(&mut self) -> Option<u16> {
        let before = self.at;
        let year = self.digits(4).filter(|_| self.one(b" ").is_some());
        if year.is_none() {
            self.at = before;
        }
        year
    }

    /// `15:16:01`, a fraction and a zone.
    pub fn time(&mut self, civil: &mut Civil) -> Option<()> {
        civil.hour = self.two()?;
        self.one(b":")?;
        civil.minute = self.two()?;
        self.one(b":")?;
        civil.second = self.two()?;
        civil.milli = self.fraction();
        civil.offset = self.zone();
        Some(())
    }

    /// The same with single digits, or without colons.
    pub fn loose_time(&mut self, civil: &mut Civil) -> Option<()> {
        civil.hour = self.one_or_two()?;
        let has_colons = self.one(b":").is_some();
        let part = |at: &mut Self| if has_colons { at.one_or_two() } else { at.two() };
        civil.minute = part(self)?;
        if has_colons {
            self.one(b":")?;
        }
        civil.second = part(self)?;
        civil.milli = self.fraction();
        civil.offset = self.zone();
        Some(())
    }

    /// Up to nine digits behind `.`, `,` or `:`, as milliseconds, rounded down. Behind a comma they are at least three, behind a
    /// colon they are milliseconds.
    pub fn fraction(&mut self) -> u16 {
        let mark = self.peek();
        let behind = self.text.get(self.at + 1..).unwrap_or_default();
        let digits = behind.iter().take(9).take_while(|byte| byte.is_ascii_digit());
        let count = digits.clone().count();
        let is_fraction = match mark {
            b'.' | b':' => count > 0,
            b',' => count >= 3,
            _ => false,
        };
        if !is_fraction {
            return 0;
        }
        let milli = digits
            .take(3)
            .fold(0, |milli, digit| 10 * milli + u16::from(digit - b'0'));
        self.at += 1 + count;
        match (mark, count) {
            (b':', _) | (_, 3..) => milli,
            (_, 2) => 10 * milli,
            _ => 100 * milli,
        }
    }

    /// `Z`, `UTC`, `+02:00`, `-0700` or `+02`, perhaps behind a blank, in minutes; 0 if there is none.
    pub fn zone(&mut self) -> i16 {
        let before = self.at;
        self.one(b" ");
        let rest = &self.text[self.at..];
        for name in [&b"Z"[..], b"UTC", b"GMT"] {
            if rest.starts_with(name) && !rest.get(name.len()).is_some_and(u8::is_ascii_alphanumeric) {
                self.at += name.len();
                return 0;
            }
        }
        let offset = self.offset();
        if offset.is_none() {
            self.at = before;
        }
        offset.unwrap_or(0)
    }

    fn offset(&mut self) -> Option<i16> {
        let sign = if self.one(b"+-")? == b'-' { -1 } else { 1 };
        let hours = self.digits(2)?;
        let behind_hours = self.at;
        self.one(b":");
        let minutes = self.digits(2).unwrap_or_else(|| {
            self.at = behind_hours;
            0
        });
        let is_zone = hours <= 14 && minutes < 60 && !self.is_in_word();
        is_zone.then_some(sign * (60 * hours + minutes) as i16)
    }

    /// Seconds with a fraction, or their thousandths and so on, of 2001 to 2099.
    pub fn epoch(&mut self) -> Option<i64> {
        let rest = &self.text[self.at..];
        let count = rest
            .iter()
            .take(20)
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let parts = match count {
            10 => 0,
            13 | 16 | 19 => count - 10,
            _ => return None,
        };
        let digits = rest[..count].iter();
        let number = digits.fold(0i64, |number, digit| {
            number.saturating_mul(10).saturating_add(i64::from(digit - b'0'))
        });
        let millis = match parts {
            0 => 1000 * number,
            parts => number / 10i64.pow(parts as u32 - 3),
        };
        self.at += count;
        let fraction = if parts == 0 && self.peek() == b'.' {
            self.fraction()
        } else {
            0
        };
        let is_near = (1_000_000_000_000..4_100_000_000_000).contains(&millis);
        is_near.then_some(millis + i64::from(fraction))
    }
}
