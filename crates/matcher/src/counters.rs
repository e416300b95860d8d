//! Sinks that keep no rows.

use std::io;

use grep_searcher::{Searcher, Sink, SinkFinish, SinkMatch};

use crate::pattern::Pattern;
use crate::searchers::{Place, RowSink};
use crate::spans::Lines;

/// Counts as ripgrep's summaries do.
///
/// A count begins anew with every text searched from a file's start, and goes on over the blocks of one file.
#[derive(Debug)]
pub struct Counter<'p> {
    pattern: &'p Pattern,
    each: bool,
    lines: u64,
    matches: u64,
    binary: bool,
}

impl<'p> Counter<'p> {
    /// Counts matching lines only, as `rg --count` does.
    pub fn of_lines(pattern: &'p Pattern) -> Counter<'p> {
        Counter {
            pattern,
            each: false,
            lines: 0,
            matches: 0,
            binary: false,
        }
    }

    /// Counts each match too, as `rg --count-matches` does.
    pub fn of_matches(pattern: &'p Pattern) -> Counter<'p> {
        Counter {
            each: true,
            ..Counter::of_lines(pattern)
        }
    }

    /// What `rg --count` prints for this file: matching lines, or matches where they may span lines; 0 for a file that
    /// was given up as binary.
    pub fn lines(&self) -> u64 {
        if self.binary { 0 } else { self.lines }
    }

    /// What `rg --count-matches` prints for this file; 0 unless they were asked for.
    pub fn matches(&self) -> u64 {
        if self.binary { 0 } else { self.matches }
    }
}

impl RowSink for &mut Counter<'_> {
    fn at(&mut self, place: Place) {
        if place == Place::START {
            (self.lines, self.matches, self.binary) = (0, 0, false);
        }
    }
}

impl Sink for &mut Counter<'_> {
    type Error = io::Error;

    fn matched(&mut self, searcher: &Searcher, lines: &SinkMatch<'_>) -> io::Result<bool> {
        let multiline = searcher.multi_line_with_matcher(self.pattern.matcher());
        if !self.each && !multiline {
            self.lines += 1;
            return Ok(true);
        }
        let found = Lines::matched(searcher, self.pattern.matcher(), lines);
        let mut matches = 0;
        found.each_match(self.pattern.matcher(), |_| {
            matches += 1;
            true
        })?;
        // The second look may miss what the first one saw, where it saw it through look-around.
        let matches = matches.max(1);
        self.lines += if multiline { matches } else { 1 };
        self.matches += matches;
        Ok(true)
    }

    fn finish(&mut self, searcher: &Searcher, finish: &SinkFinish) -> io::Result<()> {
        let quits = searcher.binary_detection().quit_byte().is_some();
        self.binary |= quits && finish.binary_byte_offset().is_some();
        Ok(())
    }
}

/// Stops at the first match.
#[derive(Clone, Copy, Debug, Default)]
pub struct First {
    found: bool,
}

impl First {
    /// Nothing found yet.
    pub fn new() -> First {
        First::default()
    }

    /// Whether there was a match since this was made, or since a text was last searched from a file's start.
    pub fn found(&self) -> bool {
        self.found
    }
}

impl RowSink for &mut First {
    fn at(&mut self, place: Place) {
        if place == Place::START {
            self.found = false;
        }
    }
}

impl Sink for &mut First {
    type Error = io::Error;

    fn matched(&mut self, _: &Searcher, _: &SinkMatch<'_>) -> io::Result<bool> {
        self.found = true;
        Ok(false)
    }
}
