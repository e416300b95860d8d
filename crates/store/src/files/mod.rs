//! The file table: what a segment knows about each of its files.
//!
//! Paths are front-coded, everything else is packed in columns ([`crate::column`]), and a path is found by its
//! hash. A source tree takes about 45 bytes a file, paths of 38 bytes and a 64-bit content hash included. Opening a
//! table does not depend on how many files it has; every read is at random.

mod build;
mod lookup;
mod paths;
mod read;

pub use build::FileTableBuilder;
pub use read::FileTable;

/// Columns with one value a file.
const COLUMNS: usize = 8;

/// What the table says about one file, as it is added.
#[derive(Clone, Copy, Debug)]
pub struct FileRecord<'a> {
    /// The stored path: relative to the root, `/`-separated, raw bytes.
    pub path: &'a [u8],
    /// Size and times when it was read.
    pub stat: FileStat,
    /// A hash of its content.
    pub hash: u64,
    /// How its content is decoded, in the text crate's numbers.
    pub encoding: u8,
    /// Marks that the engine gives a meaning to.
    pub flags: u8,
    /// The language's number.
    pub language: u16,
    /// Lines in the part of the file that this segment holds.
    pub lines: u64,
    /// Blocks that the block table has for it; they follow those of the file added before.
    pub blocks: u32,
    /// Which part of the file this is, if the file is cut over several segments.
    pub part: Option<FilePart>,
}

/// What tells whether a file has changed since it was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FileStat {
    /// Bytes.
    pub size: u64,
    /// When the content last changed, in nanoseconds since 1970.
    pub mtime_ns: i64,
    /// When the inode last changed, in nanoseconds since 1970; 0 where the system has no such time.
    pub ctime_ns: i64,
    /// The inode's number; 0 where the system has none.
    pub inode: u64,
    /// The device's number; 0 where the system has none.
    pub device: u64,
}

/// One part of a file that is too large for one segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FilePart {
    /// Which part, from 0.
    pub index: u32,
    /// Whether the file ends with it.
    pub last: bool,
    /// Where in the file it starts, in bytes.
    pub base_offset: u64,
    /// The lines before it.
    pub base_line: u64,
}

/// Encoding, flags and language in one number, because they seldom differ from one file to the next.
#[derive(Clone, Copy)]
struct Traits {
    encoding: u8,
    flags: u8,
    language: u16,
}

impl Traits {
    fn pack(self) -> u64 {
        u64::from(self.encoding) << 24 | u64::from(self.flags) << 16 | u64::from(self.language)
    }

    fn unpack(packed: u64) -> Traits {
        Traits {
            encoding: (packed >> 24) as u8,
            flags: (packed >> 16) as u8,
            language: packed as u16,
        }
    }
}

/// A time as a number that sorts in the same order.
fn time_to_number(time: i64) -> u64 {
    time as u64 ^ 1 << 63
}

fn number_to_time(number: u64) -> i64 {
    (number ^ 1 << 63) as i64
}

/// A signed distance as a number that is small when the distance is.
fn zigzag(distance: i64) -> u64 {
    (distance << 1 ^ distance >> 63) as u64
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}
