//! Git's racy rule: an edit inside one tick of the file system's clock leaves size and times as they were.
//!
//! A file whose modification time is within [`TICK`] of the moment it was read is marked when it is indexed; its times
//! prove nothing. Before such a file is searched as the index knows it, its text is hashed again.

use std::fs::File;
use std::io::{self, Seek};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use quern_text::{ErrorKind, Label, TextReader};
use quern_walk::{Cancel, FileMeta};
use xxhash_rust::xxh3::Xxh3Default;

use crate::read::Bounded;
use crate::snapshot::OpenSegment;

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
    segment: &OpenSegment,
    number: u32,
    file: &File,
    max_line: usize,
    cancel: &Cancel,
) -> io::Result<bool> {
    if segment.files().part(number).is_some() {
        // The hash of a part would need the part's end, which a changed file does not have.
        return Ok(false);
    }
    Ok(hash(file, max_line, cancel)? == Some(segment.files().hash(number)))
}

/// The hash of a text; `None` if a line is too long to be read.
fn hash(file: &File, max_line: usize, cancel: &Cancel) -> io::Result<Option<u64>> {
    let mut reader = TextReader::new(quern_text::DEFAULT_WINDOW, max_line);
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
