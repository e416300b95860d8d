//! What a task brings home: matching lines, one row for a file, or a file's counts.

use std::io::{self, Read};

use quern_matcher::{
    Allowance, Collector, Columns, Counter, Extras, First, Limits, Pattern, Place, Searchers,
};

use crate::query::request::Wanted;

/// Gathers the rows of one file.
pub(crate) enum Gather<'p> {
    Lines(Box<Collector<'p>>),
    Files(First),
    Counts(Counter<'p>),
}

impl<'p> Gather<'p> {
    /// `empty`: columns without rows, whose memory is used.
    pub fn new(
        wanted: Wanted,
        pattern: &'p Pattern,
        limits: Limits,
        extras: &Extras,
        empty: Columns,
    ) -> Gather<'p> {
        match wanted {
            Wanted::Lines => {
                let collector = Collector::new(pattern, limits, extras.clone()).with_memory(empty);
                Gather::Lines(Box::new(collector))
            }
            Wanted::Files => Gather::Files(First::new()),
            Wanted::Counts => Gather::Counts(Counter::of_matches(pattern)),
        }
    }

    /// Searches whole lines out of the middle of a file.
    pub fn block(
        &mut self,
        searchers: &mut Searchers,
        pattern: &Pattern,
        text: &[u8],
        place: Place,
        allowance: &mut Allowance,
    ) -> io::Result<()> {
        match self {
            Gather::Lines(collector) => searchers.block(pattern, text, place, allowance, &mut **collector),
            Gather::Files(first) => searchers.block(pattern, text, place, allowance, first),
            Gather::Counts(counter) => searchers.block(pattern, text, place, allowance, counter),
        }
    }

    /// Searches a whole file.
    pub fn file(&mut self, searchers: &mut Searchers, pattern: &Pattern, file: impl Read) -> io::Result<()> {
        match self {
            Gather::Lines(collector) => searchers.reader(pattern, file, false, &mut **collector),
            Gather::Files(first) => searchers.reader(pattern, file, false, first),
            Gather::Counts(counter) => searchers.reader(pattern, file, false, counter),
        }
    }

    /// Whether more text of the file cannot change the rows.
    pub fn is_done(&self) -> bool {
        match self {
            Gather::Lines(collector) => collector.is_full(),
            Gather::Files(first) => first.found(),
            Gather::Counts(_) => false,
        }
    }

    /// Whether a limit cut the rows.
    pub fn is_cut(&self) -> bool {
        matches!(self, Gather::Lines(collector) if collector.truncated().is_some())
    }

    /// The rows.
    pub fn rows(self) -> Columns {
        match self {
            Gather::Lines(mut collector) => collector.take(),
            Gather::Files(first) if first.found() => file_row(1, 0),
            Gather::Counts(counter) if counter.lines() > 0 => file_row(counter.lines(), counter.matches()),
            Gather::Files(_) | Gather::Counts(_) => Columns::default(),
        }
    }
}

fn file_row(lines: u64, matches: u64) -> Columns {
    Columns {
        kind: vec![0],
        line: vec![lines],
        offset: vec![matches],
        text_end: vec![0],
        range_end: vec![0],
        ..Columns::default()
    }
}
