//! Large files. One that is read by one worker alone leaves the others without work when all else is done: so they come
//! first, and the largest are cut into pieces that several workers index at once. Each piece is a part of the file in the
//! file table, as if a segment had been full there.
//!
//! A piece begins at the start of a line. Its blocks say the numbers of their first lines, so the lines before it have to be
//! known: whoever takes a piece first counts the line ends in it, and then asks for those of the pieces before, which were
//! taken before. Counting reads the piece into the system's cache, where indexing finds it.

use std::cmp::Ordering;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use quern_text::{Encoding, Language, sniff};
use quern_walk::{Cancel, FileMeta};

use crate::build::Sizes;
use crate::build::file::FIRST_LINE;
use crate::packed;
use crate::read::{fill, unless_stopped};

/// Pieces are numbered in the upper half of a part's index. In the lower are those parts of a piece that are in different
/// segments.
const PIECE_BITS: u32 = 16;

/// Bytes that are counted at once.
const COUNTED: usize = 256 << 10;

/// A large file on disk.
pub(super) struct Large<'a> {
    pub path: &'a Path,
    pub stored: &'a [u8],
    /// What it was when reading began, and when that was.
    pub meta: FileMeta,
    pub start: SystemTime,
    pub language: Language,
    /// Where its pieces begin; one: it is not cut.
    starts: Vec<u64>,
    /// The line ends in each piece, once they were counted.
    lines: Vec<Mutex<Option<u64>>>,
    /// Pieces that are not indexed yet.
    left: AtomicUsize,
    failed: AtomicBool,
}

/// One piece of a large file.
pub(super) struct Piece<'a> {
    pub file: Arc<Large<'a>>,
    number: usize,
}

impl<'a> Large<'a> {
    /// A file that is read as a whole.
    pub fn whole(path: &'a Path, stored: &'a [u8], meta: FileMeta, start: SystemTime) -> Large<'a> {
        Large {
            path,
            stored,
            meta,
            start,
            language: Language::of(stored, b""),
            starts: vec![0],
            lines: vec![Mutex::default()],
            left: AtomicUsize::new(1),
            failed: AtomicBool::new(false),
        }
    }

    /// Cuts it, if it is large enough and its text is its bytes: not those of a compressed log.
    ///
    /// # Errors
    /// A read that fails, a stop.
    pub fn cut(&mut self, file: &File, sizes: Sizes, cancel: &Cancel) -> io::Result<()> {
        let size = self.meta.size;
        if size <= sizes.whole {
            return Ok(());
        }
        let mut first = [0; FIRST_LINE];
        fill(file, &mut first, 0)?;
        if sniff(&first) != Encoding::Bytes || packed::log_language(self.stored, &first).is_some() {
            return Ok(());
        }
        if first.starts_with(b"#!") {
            self.language = Language::of(self.stored, &first);
        }
        let most = (1 << PIECE_BITS) - 1;
        let count = size.div_ceil(sizes.piece).min(most);
        for number in 1..count {
            let wanted = size / count * number;
            let until = size / count * (number + 1);
            if self.starts.last().is_some_and(|&last| last < wanted)
                && let Some(start) = line_start(file, wanted, until.min(size), cancel)?
            {
                self.starts.push(start);
            }
        }
        self.lines.resize_with(self.starts.len(), Mutex::default);
        self.left = AtomicUsize::new(self.starts.len());
        Ok(())
    }

    pub fn pieces(self) -> impl ExactSizeIterator<Item = Piece<'a>> {
        let file = Arc::new(self);
        (0..file.starts.len()).map(move |number| Piece {
            file: Arc::clone(&file),
            number,
        })
    }

    /// Whether nobody has asked this before.
    pub fn fails_first(&self) -> bool {
        !self.failed.swap(true, Relaxed)
    }

    fn lines(&self, number: usize, file: &File, cancel: &Cancel) -> io::Result<u64> {
        // Who finds the lock taken would only count the same. Locks are taken one at a time.
        let mut lines = self.lines[number].lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lines) = *lines {
            return Ok(lines);
        }
        let end = self.starts.get(number + 1).copied().unwrap_or(self.meta.size);
        let counted = line_ends(file, self.starts[number], end, cancel)?;
        *lines = Some(counted);
        Ok(counted)
    }
}

impl Piece<'_> {
    /// Whether it is all of the file.
    pub fn is_whole(&self) -> bool {
        self.file.starts.len() == 1
    }

    /// Whether the file ends with it.
    pub fn is_last(&self) -> bool {
        self.number + 1 == self.file.starts.len()
    }

    /// Where in the file it begins.
    pub fn start(&self) -> u64 {
        self.file.starts[self.number]
    }

    /// Its bytes; those of the last piece go on to the end of the file, wherever that is.
    pub fn length(&self) -> u64 {
        let end = self.file.starts.get(self.number + 1).copied();
        end.map_or(u64::MAX, |end| end - self.start())
    }

    /// The index of its first part.
    pub fn index(&self) -> u32 {
        (self.number as u32) << PIECE_BITS
    }

    /// The lines before it.
    ///
    /// # Errors
    /// A read that fails, a stop.
    pub fn lines_before(&self, file: &File, cancel: &Cancel) -> io::Result<u64> {
        if !self.is_last() {
            self.file.lines(self.number, file, cancel)?;
        }
        (0..self.number)
            .map(|number| self.file.lines(number, file, cancel))
            .sum()
    }

    /// Says that it is indexed. Gives whether all of the file is.
    pub fn done(&self) -> bool {
        self.file.left.fetch_sub(1, Relaxed) == 1
    }

    /// Large files are the greater ones, and of one file the first pieces.
    pub fn by_urgency(a: &Self, b: &Self) -> Ordering {
        let (own, other) = (&a.file, &b.file);
        let by_size = own.meta.size.cmp(&other.meta.size);
        by_size
            .then_with(|| other.stored.cmp(own.stored))
            .then_with(|| b.number.cmp(&a.number))
    }
}

/// The first start of a line at or after `wanted` and before `until`.
fn line_start(file: &File, wanted: u64, until: u64, cancel: &Cancel) -> io::Result<Option<u64>> {
    let mut found = None;
    each_run(file, wanted - 1, until - 1, cancel, |offset, bytes| {
        found = memchr::memchr(b'\n', bytes).map(|end| offset + end as u64 + 1);
        found.is_none()
    })?;
    Ok(found)
}

fn line_ends(file: &File, start: u64, end: u64, cancel: &Cancel) -> io::Result<u64> {
    let mut lines = 0;
    each_run(file, start, end, cancel, |_, bytes| {
        lines += memchr::memchr_iter(b'\n', bytes).count() as u64;
        true
    })?;
    Ok(lines)
}

/// Calls `each` with the bytes from `start` to `end`, run by run, until it says that it has enough.
fn each_run(
    file: &File,
    mut start: u64,
    end: u64,
    cancel: &Cancel,
    mut each: impl FnMut(u64, &[u8]) -> bool,
) -> io::Result<()> {
    let mut buffer = vec![0; COUNTED.min((end - start) as usize)];
    while start < end {
        unless_stopped(cancel)?;
        let run = buffer.len().min((end - start) as usize);
        fill(file, &mut buffer[..run], start)?;
        if !each(start, &buffer[..run]) {
            break;
        }
        start += run as u64;
    }
    Ok(())
}
