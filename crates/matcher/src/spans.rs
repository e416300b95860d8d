//! Where in a matching line the matches are.
//!
//! A searcher only says which lines match; the places are found by searching the line once more, with care for what
//! look-around may see. The rules are those of `grep_printer::util` (`find_iter_at_in_context` and its neighbours),
//! which is what `rg --json` and `rg -r` go by:
//! - a line loses its terminator first, so that no look-around sees it, but what precedes the line in the buffer stays
//!   visible;
//! - multi-line, a match may look up to 128 bytes past the lines it is in.

use std::io;
use std::ops::Range;

use grep_matcher::{Captures, LineTerminator, Match, Matcher};
use grep_regex::{RegexCaptures, RegexMatcher};
use grep_searcher::{Searcher, SinkMatch};

/// How far a multi-line match may look ahead, as in grep-printer.
const LOOK_AHEAD: usize = 128;

/// A line, or a run of lines, where the searcher's buffer holds it.
pub(crate) struct Lines<'a> {
    pub buffer: &'a [u8],
    pub range: Range<usize>,
    /// An empty match that begins this far behind the start of the lines, or farther, is not reported.
    pub visible: usize,
    pub terminator: LineTerminator,
    /// Whether matches may span lines.
    pub multiline: bool,
}

impl<'a> Lines<'a> {
    /// What a searcher reports as a match.
    ///
    /// ripgrep drops an empty match behind the last byte of its buffer. Without context that is the end of an
    /// unterminated last line, which a reader always hands out alone; saying so of the line instead of the buffer makes
    /// the rule hold for blocks too.
    pub fn matched(searcher: &Searcher, matcher: &RegexMatcher, found: &SinkMatch<'a>) -> Lines<'a> {
        let multiline = searcher.multi_line_with_matcher(matcher);
        let context = searcher.before_context() > 0 || searcher.after_context() > 0;
        let (buffer, range) = (found.buffer(), found.bytes_range_in_buffer());
        let visible = if multiline || context {
            buffer.len()
        } else {
            range.len()
        };
        Lines {
            buffer,
            range,
            visible,
            terminator: searcher.line_terminator(),
            multiline,
        }
    }

    /// What is searched when matches in these lines are looked for.
    pub fn haystack(&self) -> &'a [u8] {
        if self.multiline {
            &self.buffer[..self.buffer.len().min(self.range.end + LOOK_AHEAD)]
        } else {
            let before_end = without_terminator(&self.buffer[..self.range.end], self.terminator);
            &self.buffer[..before_end.len()]
        }
    }

    /// The lines' text without its last terminator.
    pub fn text(&self) -> &'a [u8] {
        without_terminator(&self.buffer[self.range.clone()], self.terminator)
    }

    /// Calls `found` with each match, in offsets of the buffer, until it returns false.
    pub fn each_match(&self, matcher: &RegexMatcher, mut found: impl FnMut(Match) -> bool) -> io::Result<()> {
        let end = self.range.end;
        matcher
            .find_iter_at(self.haystack(), self.range.start, |m| m.start() < end && found(m))
            .map_err(io::Error::other)
    }

    /// Appends the lines' text with every match replaced by the interpolated `replacement`. Nothing matches: nothing
    /// is appended, and false returned.
    pub fn replace(
        &self,
        matcher: &RegexMatcher,
        captures: &mut RegexCaptures,
        replacement: &[u8],
        target: &mut Vec<u8>,
    ) -> io::Result<bool> {
        let haystack = self.haystack();
        let begin = target.len();
        let mut copied = self.range.start;
        let mut any = false;
        matcher
            .captures_iter_at(haystack, self.range.start, captures, |captures| {
                let Some(whole) = captures.get(0).filter(|m| m.start() < self.range.end) else {
                    return false;
                };
                target.extend_from_slice(&haystack[copied..whole.start()]);
                copied = whole.end();
                captures.interpolate(|name| matcher.capture_index(name), haystack, replacement, target);
                any = true;
                true
            })
            .map_err(io::Error::other)?;
        if !any {
            return Ok(false);
        }
        let end = if copied > self.range.end {
            haystack.len()
        } else {
            haystack.len().min(self.range.end)
        };
        target.extend_from_slice(&haystack[copied..end]);
        if self.multiline {
            let kept = without_terminator(&target[begin..], self.terminator).len();
            target.truncate(begin + kept);
        }
        Ok(true)
    }
}

/// `line` without the terminator that it ends with, if it does.
pub(crate) fn without_terminator(line: &[u8], terminator: LineTerminator) -> &[u8] {
    match line.strip_suffix(&[terminator.as_byte()]) {
        Some(line) if terminator.is_crlf() => line.strip_suffix(b"\r").unwrap_or(line),
        Some(line) => line,
        None => line,
    }
}
