//! The text of files as windows of whole lines, in bounded memory.
//!
//! A [`TextReader`] owns one buffer and lends it to file after file. Text that is a part of the file's bytes is never
//! copied: a window is a slice of the buffer that the system read into, and a file smaller than a window costs one
//! read. Text that must be decoded goes through [`decode`] into the same buffer. Between windows only the beginning of
//! a line that is not complete yet is moved. The buffer grows for a line that is longer than a window, up to a limit.

use std::io::{self, Chain, Cursor, Read};

use crate::encoding::{Decoded, Encoding, Label, Steady, decode, sniff};
use crate::error::{Error, ErrorKind};

/// Default size of a window, in bytes.
pub const DEFAULT_WINDOW: usize = 1 << 20;

/// Default limit of one line, in bytes.
pub const DEFAULT_MAX_LINE: usize = 256 << 20;

/// Reads the text of one file after another.
#[derive(Debug)]
pub struct TextReader {
    buffer: Vec<u8>,
    window: usize,
    max_line: usize,
}

/// A part of a text: whole lines. Only the last line of a text may lack its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window<'a> {
    /// The lines; never empty.
    pub text: &'a [u8],
    /// Where they begin, in bytes from the start of the text (not of the file: a byte order mark does not count).
    pub offset: u64,
}

/// The windows of one text.
pub struct Windows<'a, R> {
    reader: &'a mut TextReader,
    source: Source<R>,
    encoding: Encoding,
    /// Where in the buffer the window given last ends, or the text begins.
    end: usize,
    /// How much of the buffer is filled.
    filled: usize,
    /// Where in the text the next window begins.
    offset: u64,
    at_end: bool,
}

enum Source<R> {
    Verbatim(Steady<R>),
    Decoded(Box<Decoded<Whole<R>>>),
}

/// A file, of which the first bytes have been read already.
type Whole<R> = Chain<Cursor<Vec<u8>>, Steady<R>>;

impl TextReader {
    /// A reader whose windows have up to `window` bytes, or more for a longer line, but never more than `max_line`.
    /// Both are 3 bytes or more, the length of a byte order mark.
    pub fn new(window: usize, max_line: usize) -> TextReader {
        let max_line = max_line.max(3);
        TextReader {
            buffer: Vec::new(),
            window: window.clamp(3, max_line),
            max_line,
        }
    }

    /// Begins with the next file. `size` is the file's length as the system gave it: if exactly as many bytes come in
    /// a read that asked for more, the end need not be looked for. Give `None` for what is not a regular file.
    ///
    /// # Errors
    /// What the first read fails with.
    pub fn open<R: Read>(
        &mut self,
        source: R,
        size: Option<u64>,
        label: Label,
    ) -> io::Result<Windows<'_, R>> {
        self.make_room();
        let mut source = Steady(source);
        let mut filled = 0;
        let mut at_end = false;
        while filled < 3 && !at_end {
            let count = source.read(&mut self.buffer[filled..])?;
            filled += count;
            let is_whole = size == Some(filled as u64) && filled < self.buffer.len();
            at_end = count == 0 || is_whole;
        }
        let first = &self.buffer[..filled];
        let encoding = if label == Label::None {
            Encoding::Bytes
        } else {
            sniff(first)
        };
        if encoding.is_verbatim() && !matches!(label, Label::Named(_)) {
            let source = Source::Verbatim(source);
            let end = encoding.mark_len();
            return Ok(Windows {
                reader: self,
                source,
                encoding,
                end,
                filled,
                offset: 0,
                at_end,
            });
        }
        let whole = Cursor::new(first.to_vec()).chain(source);
        let source = Source::Decoded(Box::new(decode(label, whole)));
        Ok(Windows {
            reader: self,
            source,
            encoding,
            end: 0,
            filled: 0,
            offset: 0,
            at_end: false,
        })
    }

    /// Makes the buffer a window large again, and a byte: that tells a file that
    /// fits exactly from one that does not, and a line of the greatest length from a longer one.
    fn make_room(&mut self) {
        let wanted = self.window + 1;
        self.buffer.resize(wanted, 0);
        if self.buffer.capacity() > 4 * wanted {
            self.buffer.shrink_to(wanted);
        }
    }

    /// Doubles the buffer, up to what the longest line needs; false if it has that already.
    fn grow(&mut self) -> bool {
        let most = self.max_line.saturating_add(1);
        let larger = self.buffer.len().saturating_mul(2).min(most);
        let grows = larger > self.buffer.len();
        self.buffer.resize(larger, 0);
        grows
    }
}

impl Default for TextReader {
    fn default() -> TextReader {
        TextReader::new(DEFAULT_WINDOW, DEFAULT_MAX_LINE)
    }
}

impl<R: Read> Windows<'_, R> {
    /// What the file's first bytes said, also where a label decides.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The next lines, or `None` after the last.
    ///
    /// # Errors
    /// A read that fails, or a line longer than the reader's limit. There is nothing to be had after an error.
    #[expect(
        clippy::should_implement_trait,
        reason = "a window borrows the buffer: an iterator cannot lend"
    )]
    pub fn next(&mut self) -> Result<Option<Window<'_>>, Error> {
        self.reader.buffer.copy_within(self.end..self.filled, 0);
        self.filled -= self.end;
        self.end = 0;
        let mut searched = 0;
        while !self.fill()? {
            let unsearched = &self.reader.buffer[searched..self.filled];
            if let Some(line_end) = memchr::memrchr(b'\n', unsearched) {
                return self.give(searched + line_end + 1);
            }
            searched = self.filled;
            if !self.reader.grow() {
                return Err(self.too_long(0));
            }
        }
        self.give(self.filled)
    }

    /// Reads until the buffer is full, or to the end of the text: then true.
    fn fill(&mut self) -> io::Result<bool> {
        while !self.at_end {
            let room = &mut self.reader.buffer[self.filled..];
            if room.is_empty() {
                return Ok(false);
            }
            let count = match &mut self.source {
                Source::Verbatim(source) => source.read(room)?,
                Source::Decoded(source) => source.read(room)?,
            };
            self.filled += count;
            self.at_end = count == 0;
        }
        Ok(true)
    }

    fn give(&mut self, end: usize) -> Result<Option<Window<'_>>, Error> {
        if end == 0 {
            return Ok(None);
        }
        let limit = self.reader.max_line;
        if end > limit {
            let mut start = 0;
            for line in self.reader.buffer[..end].split_inclusive(|&byte| byte == b'\n') {
                if line.len() > limit {
                    return Err(self.too_long(start));
                }
                start += line.len();
            }
        }
        let offset = self.offset;
        self.end = end;
        self.offset += end as u64;
        Ok(Some(Window {
            text: &self.reader.buffer[..end],
            offset,
        }))
    }

    fn too_long(&self, start: usize) -> Error {
        Error::new(ErrorKind::LineTooLong {
            offset: self.offset + start as u64,
            limit: self.reader.max_line,
        })
    }
}
