//! One segment, open, with what queries ask it again and again.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use quern_grams::{CorruptPage, Grams, PostingBytes};
use quern_store::{BlockTable, FileTable, Segment};
use roaring::RoaringBitmap;
use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Code, Error, Stage};
use crate::packed;
use crate::ranked::OpenTerms;

/// Marks of a file in a segment's file table.
pub(crate) mod flags {
    /// The text has a NUL byte: ripgrep's rules for binary files depend on the whole file.
    pub const NUL: u8 = 1;
    /// The text is not the file's bytes: a byte order mark, or UTF-16.
    pub const TRANSCODED: u8 = 2;
    /// The grams do not tell what is in the file, because it could not be read whole: it is always a candidate.
    pub const OPAQUE: u8 = 4;
    /// Its times are too young to prove anything; see [`crate::racy`].
    pub const RACY: u8 = 8;
    /// The file is cut over several entries; this is a part. The first part of a file that has grown lacks it.
    pub const CUT: u8 = 16;
    /// Its content was given, and is not what is on disk; the segment keeps it.
    pub const GIVEN: u8 = 32;
    /// The parts before this one were not compared when the file had grown.
    pub const ASSUMED: u8 = 64;
    /// The parts before this one were compared, or assumed, when this one was read: what made them racy is over.
    pub const GROWN: u8 = 128;
    /// A file with one of these is searched whole.
    pub const NOT_BY_BLOCK: u8 = NUL | TRANSCODED | OPAQUE;
}

/// A segment that is open, shared by all snapshots that have it.
pub(crate) struct OpenSegment {
    /// Unique in this process: the segment's name in caches.
    pub number: u32,
    pub segment: Arc<Segment>,
    postings: Postings,
    marked: OnceLock<Marked>,
    terms: OnceLock<Result<OpenTerms, Error>>,
    /// Hashes of the folders that its files are in, at any depth.
    folders: OnceLock<HashSet<u64>>,
}

/// Files with certain marks.
struct Marked {
    opaque: RoaringBitmap,
    nul: RoaringBitmap,
    transcoded: RoaringBitmap,
    racy: RoaringBitmap,
    given: RoaringBitmap,
    assumed: RoaringBitmap,
    packed: RoaringBitmap,
}

/// The store's postings as the gram index reads them.
struct Postings(Arc<Segment>);

impl PostingBytes for Postings {
    fn bytes(&self, range: std::ops::Range<u64>) -> Result<&[u8], CorruptPage> {
        let page = range.start >> 16;
        self.0.postings().bytes(range).map_err(|_| CorruptPage { page })
    }
}

impl OpenSegment {
    pub fn new(segment: Arc<Segment>) -> OpenSegment {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        OpenSegment {
            number: NEXT.fetch_add(1, Ordering::Relaxed),
            postings: Postings(Arc::clone(&segment)),
            segment,
            marked: OnceLock::new(),
            terms: OnceLock::new(),
            folders: OnceLock::new(),
        }
    }

    /// Where the text is that an entry has of a file, in bytes of the file.
    pub fn text_range(&self, file: u32) -> Range<u64> {
        let start = self.files().part(file).map_or(0, |part| part.base_offset);
        let last = self.files().blocks(file).last();
        start..last.map_or(start, |block| self.blocks().end(block))
    }

    pub fn files(&self) -> &FileTable {
        self.segment.files()
    }

    pub fn blocks(&self) -> &BlockTable {
        self.segment.blocks()
    }

    pub fn bytes(&self) -> u64 {
        self.segment.bytes()
    }

    /// Bytes of text in its blocks.
    pub fn text_bytes(&self) -> u64 {
        let blocks = self.blocks();
        (0..blocks.len())
            .map(|block| blocks.end(block) - blocks.offset(block))
            .sum()
    }

    /// # Errors
    /// A directory that does not parse.
    pub fn grams(&self) -> Result<Grams<'_>, Error> {
        Grams::open(self.segment.gram_directory(), &self.postings).map_err(|error| self.corrupt(&error))
    }

    /// What a failure of the gram index means.
    pub fn corrupt(&self, error: &quern_grams::Error) -> Error {
        Error::new(
            Code::Corrupt,
            format!("{error}; remove the store, it will be built again"),
        )
        .at(self.segment.postings().path())
        .during(Stage::Open)
    }

    pub fn path(&self, file: u32) -> Vec<u8> {
        let mut path = Vec::new();
        self.files().path(file, &mut path);
        path
    }

    /// Files that are always candidates.
    pub fn opaque(&self) -> &RoaringBitmap {
        &self.marked().opaque
    }

    /// Files with a NUL byte.
    pub fn with_nul(&self) -> &RoaringBitmap {
        &self.marked().nul
    }

    /// Files whose text is not their bytes.
    pub fn transcoded(&self) -> &RoaringBitmap {
        &self.marked().transcoded
    }

    /// Files whose first parts were not compared when they had grown.
    pub fn assumed(&self) -> &RoaringBitmap {
        &self.marked().assumed
    }

    /// Compressed logs: their passages are those of the decompressed text.
    pub fn packed(&self) -> &RoaringBitmap {
        &self.marked().packed
    }

    /// Files whose times prove nothing.
    pub fn racy(&self) -> &RoaringBitmap {
        &self.marked().racy
    }

    /// Files whose text was given, not read: the index has it.
    pub fn given(&self) -> &RoaringBitmap {
        &self.marked().given
    }

    /// The text that was given for a file.
    ///
    /// # Errors
    /// A store file that fails its checksum.
    pub fn given_text(&self, file: u32) -> Result<quern_store::Bytes, Error> {
        let given = self.segment.given(file)?;
        given.ok_or_else(|| Error::new(Code::Corrupt, "a segment lacks a text that was given to it"))
    }

    /// What ranked search reads; `None` if it is not built yet.
    ///
    /// # Errors
    /// Terms that are damaged.
    pub fn terms(&self) -> Result<Option<&OpenTerms>, Error> {
        let Some(terms) = self.segment.terms() else {
            return Ok(None);
        };
        let open = self.terms.get_or_init(|| OpenTerms::new(terms));
        open.as_ref().map(Some).map_err(Error::clone)
    }

    /// Bytes held in memory.
    pub fn memory(&self) -> usize {
        self.segment.memory()
    }

    /// Whether one of the files may be in the folder `stored`, at any depth.
    pub fn has_folder(&self, stored: &[u8]) -> bool {
        let folders = self.folders.get_or_init(|| {
            let mut folders = HashSet::new();
            for file in 0..self.files().len() {
                let path = self.path(file);
                for folder in quern_paths::ancestors(&path) {
                    folders.insert(xxh3_64(folder));
                }
            }
            folders
        });
        folders.contains(&xxh3_64(stored))
    }

    fn marked(&self) -> &Marked {
        self.marked.get_or_init(|| {
            let files = self.files();
            let with = |flag: u8| {
                (0..files.len())
                    .filter(|&file| files.flags(file) & flag != 0)
                    .collect()
            };
            Marked {
                opaque: with(flags::OPAQUE),
                nul: with(flags::NUL),
                transcoded: with(flags::TRANSCODED),
                racy: with(flags::RACY),
                given: with(flags::GIVEN),
                assumed: with(flags::ASSUMED),
                packed: (0..files.len())
                    .filter(|&file| files.encoding(file) == packed::ENCODING)
                    .collect(),
            }
        })
    }
}

/// A segment of a snapshot.
#[derive(Clone)]
pub(crate) struct LiveSegment {
    pub segment: Arc<OpenSegment>,
    /// Files that no longer count.
    pub dead: RoaringBitmap,
}

impl LiveSegment {
    pub fn new(segment: Segment) -> LiveSegment {
        LiveSegment {
            segment: Arc::new(OpenSegment::new(Arc::new(segment))),
            dead: RoaringBitmap::new(),
        }
    }

    /// Files that count; of one that is cut, each part.
    pub fn live(&self) -> u64 {
        u64::from(self.segment.files().len()) - self.dead.len()
    }

    /// Whether something of it counts, and has no terms yet.
    pub fn lacks_terms(&self) -> bool {
        self.live() > 0 && self.segment.segment.terms().is_none()
    }
}
