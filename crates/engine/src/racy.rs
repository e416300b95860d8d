//! Git's racy rule: an edit inside one tick of the file system's clock leaves size and times as they were.
//!
//! A file whose modification time is within [`TICK`] of the moment it was read is marked when it is indexed; its times
//! prove nothing. Before such a file is searched as the index knows it, its text is hashed again.

use std::fs::File;
use std::io::{self, Seek};
use std::ops::Range;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use quern_text::{DEFAULT_WINDOW, ErrorKind, Label, TextReader};
use quern_walk::{Cancel, FileMeta};
use xxhash_rust::xxh3::Xxh3Default;

use crate::read::{Bounded, fill, unless_stopped};
use crate::snapshot::{Snapshot, flags};

/// The coarsest clock of a file system that is in use (FAT's).
const TICK: Duration = Duration::from_secs(2);

/// Whether a file with these times, of which reading began at `start`, could be edited since without a trace.
pub(crate) fn is_racy(meta: &FileMeta, start: SystemTime) -> bool {
    let start = start.duration_since(UNIX_EPOCH).unwrap_or_default();
    let newest = meta.mtime_ns.max(meta.ctime_ns);
    let settled = i128::from(newest) + TICK.as_nanos() as i128;
    (start.as_nanos() as i128) < settled
}

/// Whether the text of `file` still has the hash that the index recorded.
pub(crate) fn same_content(
    snapshot: &Snapshot,
    entry: (u32, u32),
    file: &File,
    max_line: usize,
    cancel: &Cancel,
) -> io::Result<bool> {
    let segment = snapshot.segment(entry);
    let Some(part) = snapshot.part(entry) else {
        return Ok(hash(file, max_line, cancel)? == Some(segment.files().hash(entry.1)));
    };
    let mut buffer = Vec::new();
    let assumed = snapshot.segment(part.newest).files().flags(part.newest.1) & flags::ASSUMED != 0;
    for other in snapshot.find(&segment.path(entry.1)) {
        let text = Text::of(snapshot, other);
        let is_newest = other == part.newest;
        if !text.meets_next(snapshot, other) {
            return Ok(false);
        }
        let is_bytes =
            snapshot.segment(other).files().flags(other.1) & flags::NOT_BY_BLOCK & !flags::NUL == 0;
        let ends = !is_newest || text.place.end == file.metadata()?.len();
        if !is_bytes || !ends || (is_newest || !assumed) && !text.is_in(file, &mut buffer, cancel)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The text that one entry has of a file whose text is its bytes: where it is, and its hash.
pub(crate) struct Text {
    pub place: Range<u64>,
    hash: u64,
}

impl Text {
    pub fn of(snapshot: &Snapshot, entry: (u32, u32)) -> Text {
        let (segment, file) = (snapshot.segment(entry), entry.1);
        Text {
            place: segment.text_range(file),
            hash: segment.files().hash(file),
        }
    }

    /// Whether it goes on to where the file's next part begins. It does not if the file was shorter for a moment while
    /// several workers read it.
    pub fn meets_next(&self, snapshot: &Snapshot, entry: (u32, u32)) -> bool {
        let next = snapshot.part(entry).filter(|part| part.newest != entry);
        next.is_none_or(|part| part.end <= self.place.end)
    }

    /// How many bytes it has.
    pub fn len(&self) -> u64 {
        self.place.end - self.place.start
    }

    /// Whether it still is what the file has there.
    pub fn is_in(&self, file: &File, buffer: &mut Vec<u8>, cancel: &Cancel) -> io::Result<bool> {
        let mut hasher = Xxh3Default::new();
        let mut at = self.place.start;
        buffer.resize(DEFAULT_WINDOW, 0);
        while at < self.place.end {
            unless_stopped(cancel)?;
            let count = (self.place.end - at).min(buffer.len() as u64) as usize;
            match fill(file, &mut buffer[..count], at) {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
                filled => filled?,
            }
            hasher.update(&buffer[..count]);
            at += count as u64;
        }
        Ok(hasher.digest() == self.hash)
    }
}

/// The hash of a text; `None` if a line is too long to be read.
fn hash(file: &File, max_line: usize, cancel: &Cancel) -> io::Result<Option<u64>> {
    let mut reader = TextReader::new(DEFAULT_WINDOW, max_line);
    let mut hasher = Xxh3Default::new();
    let mut windows = reader.open(Bounded::new(file, cancel, u64::MAX), None, Label::Auto)?;
    loop {
        match windows.next() {
            Ok(Some(window)) => hasher.update(window.text),
            Ok(None) => break,
            Err(error) => match error.kind() {
                ErrorKind::LineTooLong { .. } => return Ok(None),
                _ => return Err(io::Error::other(error)),
            },
        }
    }
    // Whoever reads the file next begins where it begins.
    (&mut &*file).rewind()?;
    Ok(Some(hasher.digest()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_written_a_moment_ago_is_racy() {
        let now = SystemTime::now();
        let at = |age: Duration| FileMeta {
            mtime_ns: (now - age).duration_since(UNIX_EPOCH).unwrap().as_nanos() as i64,
            ..FileMeta::default()
        };
        assert!(is_racy(&at(Duration::from_millis(1)), now));
        assert!(is_racy(&at(Duration::from_millis(1999)), now));
        assert!(!is_racy(&at(Duration::from_secs(3)), now));
    }
}
