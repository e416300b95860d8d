//! Results in the plainest form.

use std::path::PathBuf;

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Lines that match.
    Match,
    /// A line before a match.
    Before,
    /// A line after a match.
    After,
    /// A line shown by `--passthru`.
    Other,
    /// A gap between groups of lines.
    Break,
    /// A line of context; `rg --json` does not say which.
    Context,
}

/// A line, or multi-line a run of lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it is.
    pub kind: Kind,
    /// Number of the first line, from 1; 0 for a break.
    pub line: u64,
    /// Byte offset of the first line in the file.
    pub offset: u64,
    /// The text, line terminators included.
    pub text: Vec<u8>,
    /// Matches as byte offsets in the text.
    pub ranges: Vec<(usize, usize)>,
}

impl Row {
    /// A gap.
    pub fn gap() -> Row {
        Row {
            kind: Kind::Break,
            line: 0,
            offset: 0,
            text: Vec::new(),
            ranges: Vec::new(),
        }
    }

    /// The row without its last line terminator, matches cut to what is left. `end` is `\r\n` for `--crlf`.
    pub fn trimmed(mut self, end: &[u8]) -> Row {
        let last = end.last().copied();
        if last.is_some() && self.text.last().copied() == last {
            self.text.pop();
            if end.len() == 2 && self.text.last() == Some(&end[0]) {
                self.text.pop();
            }
        }
        let most = self.text.len();
        for range in &mut self.ranges {
            *range = (range.0.min(most), range.1.min(most));
        }
        self
    }

    /// The row as `rg --json` can tell it: all kinds of context are one.
    pub fn plain(mut self) -> Row {
        if matches!(self.kind, Kind::Before | Kind::After | Kind::Other) {
            self.kind = Kind::Context;
        }
        self
    }
}

/// What was found in one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileRows {
    /// The file, if it has a name.
    pub path: PathBuf,
    /// Its rows, in order.
    pub rows: Vec<Row>,
    /// Where a NUL byte was seen, if the search took notice of one.
    pub binary_offset: Option<u64>,
}
