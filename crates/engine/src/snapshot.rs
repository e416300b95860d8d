//! One generation of an index, pinned: what every part of a query sees.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use quern_grams::{CorruptPage, Grams, PostingBytes};
use quern_store::{BlockTable, Bytes, FileStat, FileTable, Segment};
use quern_walk::FileMeta;
use roaring::RoaringBitmap;

use crate::error::{Code, Error, Stage};

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
    /// The file is cut over several segments; this is a part.
    pub const CUT: u8 = 16;
    /// Its content was given, and is not what is on disk; the segment keeps it.
    pub const GIVEN: u8 = 32;
    /// A file with one of these is searched whole.
    pub const NOT_BY_BLOCK: u8 = NUL | TRANSCODED | OPAQUE;
}

/// A segment that is open, shared by all snapshots that have it.
pub(crate) struct OpenSegment {
    /// Unique in this process: the segment's name in caches.
    pub number: u32,
    segment: Arc<Segment>,
    postings: Postings,
    marked: OnceLock<Marked>,
}

/// Files with certain marks.
struct Marked {
    opaque: RoaringBitmap,
    nul: RoaringBitmap,
    transcoded: RoaringBitmap,
    cut: RoaringBitmap,
    racy: RoaringBitmap,
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
        }
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

    /// The content of a file that was given with it; `None` for what is read from disk.
    ///
    /// # Errors
    /// `Corrupt`.
    pub fn given(&self, file: u32) -> Result<Option<Bytes>, Error> {
        Ok(self.segment.given(file)?)
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

    /// Whether a file with this metadata is the one that was indexed, as far as metadata can tell.
    pub fn is_unchanged(&self, file: u32, meta: &FileMeta) -> bool {
        let FileStat {
            size,
            mtime_ns,
            ctime_ns,
            inode,
            ..
        } = self.files().stat(file);
        (size, mtime_ns, ctime_ns, inode) == (meta.size, meta.mtime_ns, meta.ctime_ns, meta.inode)
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

    /// Files of which this segment has a part only.
    pub fn cut_files(&self) -> &RoaringBitmap {
        &self.marked().cut
    }

    /// Files whose times prove nothing.
    pub fn racy(&self) -> &RoaringBitmap {
        &self.marked().racy
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
                cut: with(flags::CUT),
                racy: with(flags::RACY),
            }
        })
    }
}

/// A segment of a snapshot.
pub(crate) struct LiveSegment {
    pub segment: Arc<OpenSegment>,
    /// Files that no longer count.
    pub dead: RoaringBitmap,
}

/// One generation, open.
pub(crate) struct Snapshot {
    pub root: PathBuf,
    pub generation: u64,
    pub id: String,
    pub taken_at_ms: f64,
    pub segments: Vec<LiveSegment>,
    /// What the next generation is opened from, so that unchanged segments stay open.
    pub stored: quern_store::Snapshot,
}

impl Snapshot {
    /// Opens what was committed, taking over open segments of `previous`.
    pub fn new(root: &Path, stored: quern_store::Snapshot, previous: Option<&Snapshot>) -> Snapshot {
        let manifest = &stored.manifest;
        let open = |segment: &Arc<Segment>| {
            let known = previous.into_iter().flat_map(|previous| &previous.segments);
            match known
                .map(|live| &live.segment)
                .find(|known| Arc::ptr_eq(&known.segment, segment))
            {
                Some(known) => Arc::clone(known),
                None => Arc::new(OpenSegment::new(Arc::clone(segment))),
            }
        };
        let segments = stored
            .segments
            .iter()
            .zip(&manifest.segments)
            .map(|(segment, entry)| LiveSegment {
                segment: open(segment),
                dead: entry.tombstones.clone(),
            })
            .collect();
        Snapshot {
            root: root.to_path_buf(),
            generation: manifest.generation,
            id: format!("{:016x}-{}", manifest.store_id, manifest.generation),
            taken_at_ms: manifest.written_ns as f64 / 1e6,
            segments,
            stored,
        }
    }

    /// How many files count. One that is cut over several segments counts once.
    pub fn live_files(&self) -> u64 {
        let count = |live: &LiveSegment| {
            let files = live.segment.files();
            let is_later_part = |file: u32| files.part(file).is_some_and(|part| part.index > 0);
            let later = (live.segment.cut_files() - &live.dead)
                .iter()
                .filter(|&file| is_later_part(file))
                .count();
            u64::from(files.len()) - live.dead.len() - later as u64
        };
        self.segments.iter().map(count).sum()
    }

    /// Where a stored path is on this system. A path that this system cannot have is given below the root, where it
    /// will not be found.
    pub fn native(&self, stored: &[u8]) -> PathBuf {
        quern_paths::join(&self.root, stored).unwrap_or_else(|_| {
            self.root
                .join(quern_paths::display(stored).replace('\0', "\u{FFFD}"))
        })
    }

    /// The live entries of a file: one, or one a part. Pairs of a segment's place and a file id.
    pub fn find<'a>(&'a self, stored: &'a [u8]) -> impl Iterator<Item = (u32, u32)> + 'a {
        self.segments.iter().enumerate().flat_map(move |(number, live)| {
            let files = live.segment.files().find(stored);
            files
                .filter(|&file| !live.dead.contains(file))
                .map(move |file| (number as u32, file))
        })
    }
}
