//! The container that each part of a segment is.
//!
//! Bytes: the common prefix; the kind (`u32`) and four zeros; the sections, each starting at a multiple of eight;
//! then the directory: for each section its id, offset and length (`u64` each); the CRC-32 of each
//! 64 KiB page of everything before the directory; and a trailer of 32 bytes: length of everything before the
//! directory (`u64`), number of sections, number of pages, kind, CRC-32 of the directory and the trailer up to here
//! (`u32` each), eight closing bytes.
//!
//! The trailer's checksum stands in the manifest too. So every byte is under a checksum: the directory is checked
//! when a part is opened, a page either then (tables) or when it is first touched (postings and contents, which
//! may be large and are mostly not read). The order, directory last, lets a part be written as a stream.

mod open;
mod paged;
mod write;

pub(crate) use open::Part;
pub use paged::PagedBytes;
pub use write::PartWriter;
pub(crate) use write::WrittenPart;

use crate::format::{PREFIX, prefix};

/// Bytes under one checksum.
pub const PAGE: usize = 64 << 10;

const MAGIC: &[u8; 8] = b"QUERNPRT";
const CLOSING: &[u8; 8] = b"QUERNEND";
/// Bytes before the first section.
const HEADER: usize = PREFIX + 8;
/// Bytes of a section in the directory.
const SECTION: usize = 24;
const TRAILER: usize = 32;

/// The parts of a segment.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PartKind {
    /// File table, block table and the directory of the grams: checked when a segment is opened.
    Table,
    /// The postings of the grams: checked page by page.
    Postings,
    /// Contents that were given instead of read from disk: checked page by page. Only a segment that has some has it.
    Contents,
    /// Runs of ranked terms and the chunk table: tables are checked when a segment is opened, runs page by page. A segment
    /// may get it when it is committed already.
    Terms,
}

impl PartKind {
    pub(crate) const ALL: [PartKind; 4] = [
        PartKind::Table,
        PartKind::Postings,
        PartKind::Contents,
        PartKind::Terms,
    ];

    /// The name of its file in the segment's folder.
    pub fn file_name(self) -> &'static str {
        match self {
            PartKind::Table => "table",
            PartKind::Postings => "postings",
            PartKind::Contents => "contents",
            PartKind::Terms => "terms",
        }
    }

    pub(crate) fn code(self) -> u8 {
        match self {
            PartKind::Table => 1,
            PartKind::Postings => 2,
            PartKind::Contents => 3,
            PartKind::Terms => 4,
        }
    }

    pub(crate) fn from_code(code: u8) -> Option<PartKind> {
        PartKind::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// What the sections of the parts hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SectionId {
    Files = 1,
    Blocks = 2,
    GramDirectory = 3,
    Postings = 4,
    GivenFiles = 5,
    Contents = 6,
    Runs = 7,
    RunDirectory = 8,
    Chunks = 9,
    Unranked = 10,
}

#[derive(Clone, Copy, Debug)]
struct Section {
    id: u32,
    offset: u64,
    length: u64,
}

fn header(kind: PartKind) -> [u8; HEADER] {
    let mut bytes = [0; HEADER];
    bytes[..PREFIX].copy_from_slice(&prefix(MAGIC));
    bytes[PREFIX] = kind.code();
    bytes
}
