//! One followed file: how far it was read, and reading on.
//!
//! A position alone does not tell whether a file is still the one that was read: it can be truncated and be longer again
//! before anybody looks. So what lies before the position is sealed by its hash, and a file that breaks the seal begins anew.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use quern_matcher::{Collector, Columns, Extras, Limits, Place};
use quern_text::has_nul;
use quern_walk::FileMeta;
use xxhash_rust::xxh3::xxh3_64;

use crate::follow::lines::complete;
use crate::follow::request::Looked;

/// Bytes that are read at once, if no line needs more.
const WINDOW: usize = 1 << 20;
/// Bytes that are read at once when lines are looked for backwards.
const BACKWARDS: u64 = 64 << 10;
/// Bytes before a position that its seal covers, at most.
const SEALED: u64 = 256;
/// Bytes at the start of a file that decide whether it is text.
const HEAD: usize = 1 << 10;
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
    pub bytes: u16,
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
    pub fn is_whole(self, file: &mut File, position: u64) -> io::Result<bool> {
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
    /// New, and too short to tell whether it is a copy.
    Undecided,
    /// So far it says what another followed file says: it is read once that one begins anew or goes.
    Copy(Identity),
}

/// A followed file.
#[derive(Debug)]
pub(super) struct Tail {
    /// Its stored path.
    pub path: Arc<[u8]>,
    pub mark: Mark,
    pub standing: Standing,
    /// It waits for its turn to be read.
    pub is_waiting: bool,
    /// It was renamed to where the walk does not find it.
    pub is_outside: bool,
    /// The last look did not find it.
    pub is_missing: bool,
    /// How far it had been read when it last began anew, and in which look that was.
    pub before: Option<Box<(Mark, u64)>>,
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
    pub fn new(path: Arc<[u8]>, position: u64, standing: Standing) -> Tail {
        Tail {
            path,
            mark: Mark {
                position,
                seal: Seal::default(),
            },
            standing,
            is_waiting: false,
            is_outside: false,
            is_missing: false,
            before: None,
        }
    }

    /// The file's text is another: it is read from its start. `look` is the number of the look.
    pub fn begin_anew(&mut self, look: u64) {
        self.before = Some(Box::new((self.mark, look)));
        self.mark = Mark {
            position: 0,
            seal: Seal::default(),
        };
        self.standing = Standing::Fresh { last: 0 };
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
        let is_sealed = self.mark.seal.bytes > 0;
        if size < self.mark.position || is_sealed && !self.mark.seal.is_whole(file, self.mark.position)? {
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
            Standing::Fresh { .. } | Standing::Undecided | Standing::Copy(_) => Ok(Taken::default()),
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
        let mut taken = Taken::default();
        let mut end = 0;
        for part in complete(new, max_line) {
            let place = position + part.start as u64;
            end = part.end;
            if let Some(first) = looked.search(&new[part], place, limits, &mut taken.rows)? {
                end = (first - position) as usize;
                taken.is_more = true;
                break;
            }
        }
        taken.is_more |= new.len() == window;
        self.mark = Mark {
            position: position + end as u64,
            seal: Seal::of(&text[..before as usize + end]),
        };
        Ok(taken)
    }
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
