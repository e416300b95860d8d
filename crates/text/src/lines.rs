//! Lines, and the blocks that are made of them. A line ends with `\n`; the last one may lack it.

/// Whether `bytes` contain a NUL, by which ripgrep knows a binary file.
pub fn has_nul(bytes: &[u8]) -> bool {
    memchr::memchr(0, bytes).is_some()
}

/// How many lines `bytes` have: their line ends, and one more if the last line has none.
pub fn count_lines(bytes: &[u8]) -> u64 {
    let ends = memchr::memchr_iter(b'\n', bytes).count() as u64;
    ends + u64::from(bytes.last().is_some_and(|&last| last != b'\n'))
}

/// Where the blocks of `text` end, in ascending order: after a line end, or at the end of the text if `last` says that
/// nothing follows it. A block has at most `target` bytes, or is a single line. Without `last`, what follows the last
/// line end belongs to no block.
pub fn cut_blocks(text: &[u8], target: usize, last: bool) -> Vec<usize> {
    let text = match memchr::memrchr(b'\n', text) {
        _ if last => text,
        Some(end) => &text[..=end],
        None => &[],
    };
    let mut cuts = Vec::with_capacity(text.len() / target.max(1) + 1);
    let mut start = 0;
    while start < text.len() {
        let full = start.saturating_add(target.max(1));
        start = if full >= text.len() {
            text.len()
        } else if let Some(end) = memchr::memrchr(b'\n', &text[start..full]) {
            start + end + 1
        } else {
            memchr::memchr(b'\n', &text[full..]).map_or(text.len(), |end| full + end + 1)
        };
        cuts.push(start);
    }
    cuts
}

/// Finds lines by number and offset in one text.
#[derive(Clone, Debug)]
pub struct LineTable {
    starts: Vec<usize>,
    len: usize,
}

impl LineTable {
    /// The table of `text`.
    pub fn new(text: &[u8]) -> LineTable {
        let starts = std::iter::once(0)
            .chain(memchr::memchr_iter(b'\n', text).map(|end| end + 1))
            .filter(|&start| start < text.len())
            .collect();
        LineTable {
            starts,
            len: text.len(),
        }
    }

    /// How many lines there are, as [`count_lines`] counts them.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The bytes of line `number` (from 0), its end included.
    pub fn range(&self, number: usize) -> Option<std::ops::Range<usize>> {
        let start = *self.starts.get(number)?;
        Some(start..self.starts.get(number + 1).copied().unwrap_or(self.len))
    }

    /// The number (from 0) of the line that has the byte at `offset`.
    pub fn line_of(&self, offset: usize) -> Option<usize> {
        if offset >= self.len {
            return None;
        }
        Some(self.starts.partition_point(|&start| start <= offset) - 1)
    }
}
