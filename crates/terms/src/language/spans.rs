//! Spans of time and of levels.

use std::fmt::{self, Display, Formatter};
use std::ops::Range;

use quern_text::Level;

use super::ends::{End, Ends};
use super::error::{SyntaxError, SyntaxErrorKind as Wrong};
use super::moment::{self, Moment};

/// A span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeSpan {
    /// Where it begins; `None`: whenever.
    pub from: Option<Moment>,
    /// What it ends before.
    pub until: Option<Moment>,
}

/// Levels from one to another; both are in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelSpan {
    /// The least serious.
    pub from: Level,
    /// The most serious.
    pub to: Level,
}

impl TimeSpan {
    /// In milliseconds since 1970, if the query is asked at `now`.
    pub fn at(&self, now: i64) -> Range<i64> {
        let at = |moment: Option<Moment>| moment.map(|moment| moment.at(now));
        at(self.from).unwrap_or(i64::MIN)..at(self.until).unwrap_or(i64::MAX)
    }

    /// Whether it is another one whenever the query is asked.
    pub fn moves(&self) -> bool {
        let moves = |moment: Option<Moment>| matches!(moment, Some(Moment::Now(_)));
        moves(self.from) || moves(self.until)
    }

    /// # Errors
    /// An end that is no time, or lies before the other.
    pub(super) fn read(query: &str, ends: Ends, whole: Range<usize>) -> Result<TimeSpan, SyntaxError> {
        let unit = |end: &Option<End>| match end {
            Some(end) => unit_of(query, end).map(Some),
            None => Ok(None),
        };
        let (from, until) = (unit(&ends.from)?, unit(&ends.until)?);
        let span = TimeSpan {
            from: from.map(|unit| if unit.included { unit.start } else { unit.behind }),
            until: until.map(|unit| if unit.included { unit.behind } else { unit.start }),
        };
        let starts = (from.map(|unit| unit.start), until.map(|unit| unit.start));
        if is_later(starts.0, starts.1) || is_later(span.from, span.until) {
            return Err(backward(whole));
        }
        Ok(span)
    }
}

/// What an end stands for.
#[derive(Clone, Copy)]
struct Unit {
    start: Moment,
    /// Where what follows it begins.
    behind: Moment,
    included: bool,
}

fn unit_of(query: &str, end: &End) -> Result<Unit, SyntaxError> {
    let text = &query[end.text.clone()];
    let (start, behind) = moment::unit(text).map_err(|reason| SyntaxError {
        span: end.text.clone(),
        kind: Wrong::Time {
            text: text.to_owned(),
            reason,
        },
    })?;
    Ok(Unit {
        start,
        behind,
        included: end.included,
    })
}

/// Whether one moment is known to be later than another, whenever the query is asked.
fn is_later(one: Option<Moment>, other: Option<Moment>) -> bool {
    match (one, other) {
        (Some(Moment::At(one)), Some(Moment::At(other)))
        | (Some(Moment::Now(one)), Some(Moment::Now(other))) => one > other,
        _ => false,
    }
}

/// Canonical: spans that are equal are written alike.
impl Display for TimeSpan {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.from {
            Some(from) => write!(f, "[{from} TO ")?,
            None => f.write_str("[* TO ")?,
        }
        match self.until {
            Some(until @ Moment::At(_)) => write!(f, "{until}}}"),
            Some(until @ Moment::Now(_)) => write!(f, "{}]", until.before()),
            None => f.write_str("*]"),
        }
    }
}

impl LevelSpan {
    /// # Errors
    /// An end that is no level, or none in between.
    pub(super) fn read(query: &str, ends: Ends, whole: Range<usize>) -> Result<LevelSpan, SyntaxError> {
        let number = |end: &End| {
            let name = &query[end.text.clone()];
            let level = Level::from_name(name).ok_or_else(|| SyntaxError {
                span: end.text.clone(),
                kind: Wrong::Level {
                    name: name.to_owned(),
                },
            })?;
            Ok((level.number(), u8::from(!end.included)))
        };
        let all = (Level::ALL[0].number(), Level::ALL[Level::ALL.len() - 1].number());
        let from = match &ends.from {
            Some(end) => number(end).map(|(level, step)| level + step)?,
            None => all.0,
        };
        let to = match &ends.until {
            Some(end) => number(end).map(|(level, step)| level - step)?,
            None => all.1,
        };
        match (Level::from_number(from), Level::from_number(to)) {
            (Some(from), Some(to)) if from <= to => Ok(LevelSpan { from, to }),
            _ => Err(backward(whole)),
        }
    }
}

impl Display for LevelSpan {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (from, to) = (self.from.name(), self.to.name());
        if self.from == self.to {
            f.write_str(from)
        } else if self.to == Level::Fatal {
            write!(f, ">={from}")
        } else if self.from == Level::Trace {
            write!(f, "<={to}")
        } else {
            write!(f, "[{from} TO {to}]")
        }
    }
}

fn backward(span: Range<usize>) -> SyntaxError {
    SyntaxError {
        span,
        kind: Wrong::Backward,
    }
}
