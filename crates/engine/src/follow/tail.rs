//! One followed file: how far it was read, and reading on.
//!
//! A position alone does not tell whether a file is still the one that was read: it can be truncated and be longer again
//! before anybody looks. So what lies before the position is sealed by its hash, and a file that breaks the seal begins anew.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::Arc;

use quern_matcher::{Collector, Columns, Extras, Limits, Place};
use quern_text::has_nul;
use quern_walk::FileMeta;
use xxhash_rust::xxh3::xxh3_64;

use crate::follow::endings::{Ended, Names};
use crate::follow::lines::complete;
use crate::follow::packed::Packed;
use crate::follow::request::Looked;

/// Bytes that are read at once, if no line needs more.
pub(super) const WINDOW: usize = 1 << 20;
/// Bytes that are read at once when lines are looked for backwards.
const BACKWARDS: u64 = 64 << 10;
/// Bytes before a position that its seal covers, at most.
const SEALED: u64 = 256;
/// Bytes at the start of a file that decide whether it is text.
pub(super) const HEAD: usize = 1 << 10;
/// What compressed files begin with: gzip, zstd, xz, bzip2, zip.
const COMPRESSED: [&[u8]; 5] = [
    b"\x1F\x8B",
    b"\x28\xB5\x2F\xFD",
    b"\xFD7zXZ\0",
    b"BZh",
    b"PK\x03\x04",
];

/// Which file it is, whatever its name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Identity {
    Node {
        device: u64,
        inode: u64,
    },
    /// Where the system tells no numbers: the stored path.
    Path(Arc<[u8]>),
}

impl Identity {
    pub fn of(meta: &FileMeta, path: &Arc<[u8]>) -> Identity {
        match (meta.device, meta.inode) {
            (_, 0) => Identity::Path(Arc::clone(path)),
            (device, inode) => Identity::Node { device, inode },
        }
    }
}

/// The hash of some bytes before a position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seal {
    bytes: u16,
    hash: u64,
}

impl Seal {
    /// Of the last bytes of `read`.
    fn of(read: &[u8]) -> Seal {
        let last = &read[read.len().saturating_sub(SEALED as usize)..];
        Seal {
            bytes: last.len() as u16,
            hash: xxh3_64(last),
        }
    }

    /// Whether `file` has the sealed bytes before `position`.
    fn is_whole(self, file: &mut File, position: u64) -> io::Result<bool> {
        let mut before = Vec::new();
        let from = position.saturating_sub(self.bytes.into());
        read_at(file, from, self.bytes.into(), &mut before)?;
        Ok(Seal::of(&before) == self)
    }
}

/// How far a file was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub position: u64,
    pub seal: Seal,
}

impl Mark {
    /// Of a file that was read up to the end of `read`.
    #[cfg(test)]
    pub fn of(read: &[u8]) -> Mark {
        let (position, seal) = (read.len() as u64, Seal::of(read));
        Mark { position, seal }
    }

    /// Where the bytes are that the seal covers.
    pub fn sealed(self) -> Range<u64> {
        self.position.saturating_sub(self.seal.bytes.into())..self.position
    }

    /// Whether what was read ended with `text`, which has as many bytes as the seal covers.
    pub fn is_after(self, text: &[u8]) -> bool {
        Seal::of(text) == self.seal
    }

    /// Whether there is a hash of what was read.
    pub fn is_sealed(self) -> bool {
        self.seal.bytes > 0
    }

    /// Whether `file` can be the one of which so much was read. Without a seal its `size` decides.
    ///
    /// # Errors
    /// Those of reading.
    pub fn is_in(self, file: &mut File, size: u64) -> io::Result<bool> {
        Ok(size >= self.position && (!self.is_sealed() || self.seal.is_whole(file, self.position)?))
    }
}

/// What is to be done with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing of it was looked at. The position may be in the middle of a line; so many lines before it count too.
    Fresh {
        last: u32,
    },
    Text,
    /// It is not read unless it begins anew.
    Binary,
    /// So far it says what another followed file says, or may do so: it is decided about again when either changes or ends.
    Copy(Identity),
}

/// A followed file.
#[derive(Debug)]
pub(super) struct Tail {
    /// Its stored path.
    pub path: Arc<[u8]>,
    /// The names that its text had before, the oldest first.
    pub names: Names,
    pub mark: Mark,
    pub standing: Standing,
    /// It waits for its turn to be read.
    pub is_waiting: bool,
    /// How long it was when it was decided what it is.
    pub decided: u64,
    /// It is compressed, and this is being read of it.
    pub packed: Option<Box<Packed>>,
    /// It was renamed to where the walk does not find it.
    pub is_outside: bool,
    /// The last look did not find it.
    pub is_missing: bool,
}

/// What reading gave.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub rows: Columns,
    /// There is more that could be read at once.
    pub is_more: bool,
    /// The file does not have what was read of it.
    pub began_anew: bool,
}

impl Tail {
    /// A file of which nothing was looked at yet; what comes before `position` is not new.
    pub fn new(path: Arc<[u8]>, position: u64, standing: Standing) -> Tail {
        let seal = Seal::default();
        Tail {
            path,
            names: Names::default(),
            mark: Mark { position, seal },
            standing,
            decided: position,
            packed: None,
            is_waiting: false,
            is_outside: false,
            is_missing: false,
        }
    }

    /// A file that has the text of one that ended.
    pub fn continuing(path: Arc<[u8]>, ended: Ended) -> Tail {
        let standing = match ended.mark.is_sealed() {
            true => Standing::Text,
            false => Standing::Fresh { last: 0 },
        };
        Tail {
            mark: ended.mark,
            names: ended.names,
            ..Tail::new(path, 0, standing)
        }
    }

    /// A compressed file of `size` bytes that has the rest of a text that ended.
    pub fn unpacking(path: Arc<[u8]>, size: u64, names: Names, packed: Box<Packed>) -> Tail {
        Tail {
            packed: Some(packed),
            names,
            ..Tail::new(path, size, Standing::Binary)
        }
    }

    /// Whether its text has or had this name.
    pub fn had_name(&self, name: &[u8]) -> bool {
        *self.path == *name || self.names.iter().any(|had| **had == *name)
    }

    /// What is to be kept of the file when its text ends; `None`: nothing was read of it.
    pub fn ended(mut self) -> Option<Ended> {
        let is_read = match self.standing {
            Standing::Fresh { .. } | Standing::Text => self.mark.position > 0,
            Standing::Binary | Standing::Copy(_) => false,
        };
        self.names.add(&self.path);
        let (names, mark) = (self.names, self.mark);
        is_read.then_some(Ended { names, mark })
    }

    /// Reads on in `file`, which has `size` bytes: one window of complete lines, or less where the limits are reached.
    ///
    /// # Errors
    /// Those of reading.
    pub fn take(
        &mut self,
        file: &mut File,
        size: u64,
        limits: Limits,
        looked: &mut Looked,
        max_line: usize,
    ) -> io::Result<Taken> {
        if let Some(mut packed) = self.packed.take() {
            let taken = packed.take(limits, looked, max_line)?;
            self.packed = taken.is_more.then_some(packed);
            return Ok(taken);
        }
        if !self.mark.is_in(file, size)? {
            return Ok(Taken {
                began_anew: true,
                ..Taken::default()
            });
        }
        if let Standing::Fresh { last } = self.standing
            && size > 0
        {
            self.begin(file, last, max_line)?;
        }
        match self.standing {
            Standing::Text => self.read(file, limits, looked, max_line),
            Standing::Binary => {
                self.mark.position = size;
                Ok(Taken::default())
            }
            Standing::Fresh { .. } | Standing::Copy(_) => Ok(Taken::default()),
        }
    }

    /// Looks at a file for the first time.
    fn begin(&mut self, file: &mut File, last: u32, max_line: usize) -> io::Result<()> {
        let mut head = Vec::new();
        read_at(file, 0, HEAD, &mut head)?;
        if is_binary(&head) {
            self.standing = Standing::Binary;
            return Ok(());
        }
        self.mark.position = line_start(file, self.mark.position, last, max_line)?;
        self.standing = Standing::Text;
        Ok(())
    }

    fn read(
        &mut self,
        file: &mut File,
        limits: Limits,
        looked: &mut Looked,
        max_line: usize,
    ) -> io::Result<Taken> {
        let position = self.mark.position;
        let before = position.min(SEALED);
        let window = WINDOW.max(max_line + 1);
        let mut text = Vec::new();
        read_at(file, position - before, before as usize + window, &mut text)?;
        let Some(new) = text.get(before as usize..) else {
            // Truncated at this moment: whoever did it makes an event.
            return Ok(Taken::default());
        };
        let (mut taken, end) = search(new, position, limits, looked, max_line)?;
        taken.is_more |= new.len() == window;
        self.mark = Mark {
            position: position + end as u64,
            seal: Seal::of(&text[..before as usize + end]),
        };
        Ok(taken)
    }
}

/// Searches the complete lines of `text`, which begins at `position` of its file. Gives up to where they were searched.
pub(super) fn search(
    text: &[u8],
    position: u64,
    limits: Limits,
    looked: &mut Looked,
    max_line: usize,
) -> io::Result<(Taken, usize)> {
    let mut taken = Taken::default();
    let mut end = 0;
    for part in complete(text, max_line) {
        let place = position + part.start as u64;
        end = part.end;
        if let Some(first) = looked.search(&text[part], place, limits, &mut taken.rows)? {
            end = (first - position) as usize;
            taken.is_more = true;
            break;
        }
    }
    Ok((taken, end))
}

impl Looked {
    /// Appends the rows of whole lines to `rows`. Gives where the first row begins that is beyond the limits; the first row of all is
    /// never.
    fn search(
        &mut self,
        text: &[u8],
        offset: u64,
        limits: Limits,
        rows: &mut Columns,
    ) -> io::Result<Option<u64>> {
        let left = Limits {
            rows: limits.rows.saturating_sub(rows.rows()),
            bytes: limits.bytes.saturating_sub(rows.bytes()),
        };
        let (mut found, mut beyond) = self.search_within(text, offset, left)?;
        if found.is_empty() && rows.is_empty() && beyond.is_some() {
            let one = Limits {
                rows: 1,
                ..Limits::default()
            };
            (found, beyond) = self.search_within(text, offset, one)?;
        }
        rows.append(&found, 0..found.rows());
        Ok(beyond)
    }

    fn search_within(
        &mut self,
        text: &[u8],
        offset: u64,
        limits: Limits,
    ) -> io::Result<(Columns, Option<u64>)> {
        let mut collector = Collector::new(&self.pattern, limits, Extras::default());
        let mut allowance = self.searchers.allowance();
        let place = Place { line: 1, offset };
        self.searchers
            .block(&self.pattern, text, place, &mut allowance, &mut collector)?;
        let beyond = collector.truncated().map(|place| place.offset);
        Ok((collector.take(), beyond))
    }
}

/// Whether a file that begins so is not text, or compressed.
fn is_binary(head: &[u8]) -> bool {
    has_nul(head) || COMPRESSED.iter().any(|magic| head.starts_with(magic))
}

/// Where to begin, to have the line that goes on at `position`, and `last` whole lines before it. A line longer than `max_line`
/// ends the search.
fn line_start(file: &mut File, position: u64, last: u32, max_line: usize) -> io::Result<u64> {
    let mut window = Vec::new();
    let (mut start, mut lines, mut at) = (position, 0, position);
    while at > 0 {
        let from = at.saturating_sub(BACKWARDS);
        read_at(file, from, (at - from) as usize, &mut window)?;
        for end in memchr::memrchr_iter(b'\n', &window) {
            let next = from + end as u64 + 1;
            if start - next > max_line as u64 + 1 {
                return Ok(start);
            }
            start = next;
            if lines == last {
                return Ok(start);
            }
            lines += 1;
        }
        if start - from > max_line as u64 + 1 {
            return Ok(start);
        }
        at = from;
    }
    Ok(0)
}

/// Reads `length` bytes from `from` into `bytes`, fewer at the file's end.
pub(super) fn read_at(file: &mut File, from: u64, length: usize, bytes: &mut Vec<u8>) -> io::Result<()> {
    bytes.clear();
    file.seek(SeekFrom::Start(from))?;
    file.take(length as u64).read_to_end(bytes)?;
    Ok(())
}
