//! One state of an index, pinned: what every part of a query sees.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};

use quern_grams::{CorruptPage, Grams, PostingBytes};
use quern_store::{BlockTable, FileStat, FileTable, Segment};
use quern_walk::FileMeta;
use roaring::RoaringBitmap;
use xxhash_rust::xxh3::xxh3_64;

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
    segment: Arc<Segment>,
    postings: Postings,
    marked: OnceLock<Marked>,
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
            folders: OnceLock::new(),
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

    /// Bytes held in memory.
    pub fn memory(&self) -> usize {
        self.segment.memory()
    }

    /// Whether one of the files may be in the folder `stored`, at any depth.
    fn has_folder(&self, stored: &[u8]) -> bool {
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
}

/// A generation, and what was changed in memory since: the overlay.
pub(crate) struct Snapshot {
    pub root: PathBuf,
    pub generation: u64,
    pub id: String,
    pub taken_at_ms: f64,
    /// Those of the generation, then those of the overlay, which are in memory.
    pub segments: Vec<LiveSegment>,
    /// The generation. What the next one is opened from, so that unchanged segments stay open.
    pub stored: quern_store::Snapshot,
    /// How often the overlay was changed since; 0: nothing is in memory only.
    pub sequence: u64,
    parts: OnceLock<Parts>,
}

/// What an entry is of a file that is cut over several.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    /// From 0.
    pub index: u32,
    /// The entry of the file's last part.
    pub newest: (u32, u32),
    /// Where in the file the next part begins. What this one has behind is a line that was not complete yet.
    pub end: u64,
    /// The times of the file prove nothing.
    pub is_racy: bool,
}

/// How the entries of files that are cut hang together.
struct Parts {
    of: HashMap<(u32, u32), Part>,
    /// For each segment, the entries that are in `of`.
    cut: Vec<RoaringBitmap>,
    /// For each segment, those of them that were compared when their file had grown.
    superseded: Vec<RoaringBitmap>,
    /// Entries that are not their file's first part.
    later: u64,
}

impl Parts {
    fn of(snapshot: &Snapshot) -> Parts {
        let mut paths = HashSet::new();
        for live in &snapshot.segments {
            let segment = &live.segment;
            let later = segment.files().parts().filter(|(_, part)| part.index > 0);
            let counts = later.filter(|(file, _)| !live.dead.contains(*file));
            paths.extend(counts.map(|(file, _)| segment.path(file)));
        }
        let none = vec![RoaringBitmap::new(); snapshot.segments.len()];
        let mut parts = Parts {
            of: HashMap::new(),
            cut: none.clone(),
            superseded: none,
            later: 0,
        };
        for path in paths {
            parts.add(snapshot, &path);
        }
        parts
    }

    fn add(&mut self, snapshot: &Snapshot, path: &[u8]) {
        let place = |(number, file): (u32, u32)| {
            let part = snapshot.segments[number as usize].segment.files().part(file);
            let (index, start) = part.map_or((0, 0), |part| (part.index, part.base_offset));
            (index, start, (number, file))
        };
        let mut entries: Vec<_> = snapshot.find(path).map(place).collect();
        entries.sort_unstable();
        let starts: Vec<u64> = entries.iter().skip(1).map(|&(_, start, _)| start).collect();
        let Some(&(_, _, newest)) = entries.last() else {
            return;
        };
        let ends = starts.into_iter().chain([u64::MAX]);
        self.later += entries.len() as u64 - 1;
        let flags_of = |place: usize| {
            let (_, _, entry) = entries[place];
            snapshot.segment(entry).files().flags(entry.1)
        };
        let has = |place: &usize, flag: u8| flags_of(*place) & flag != 0;
        // The parts of one growth are read one after the other: of those too the last tells.
        let grown = (0..entries.len())
            .rfind(|place| has(place, flags::GROWN))
            .unwrap_or(0);
        let is_racy = (grown..entries.len()).any(|place| has(&place, flags::RACY));
        for (place, ((index, _, entry), end)) in entries.into_iter().zip(ends).enumerate() {
            self.cut[entry.0 as usize].insert(entry.1);
            if place < grown {
                self.superseded[entry.0 as usize].insert(entry.1);
            }
            let part = Part {
                index,
                newest,
                end,
                is_racy,
            };
            self.of.insert(entry, part);
        }
    }
}

/// Tells the overlays of processes that work on the same generation from each other.
static PROCESS: LazyLock<u32> = LazyLock::new(|| {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seed = (std::process::id(), now.as_nanos());
    xxh3_64(format!("{seed:?}").as_bytes()) as u32
});

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
            sequence: 0,
            parts: OnceLock::new(),
        }
    }

    /// The state after a change in memory: entries `dead` no longer count, segments are `added`.
    pub fn after(&self, dead: &[(u32, u32)], added: impl IntoIterator<Item = Segment>) -> Snapshot {
        let mut segments = self.segments.clone();
        for &(number, file) in dead {
            segments[number as usize].dead.insert(file);
        }
        segments.extend(added.into_iter().map(LiveSegment::new));
        self.with(segments)
    }

    /// The same generation with other segments in memory, or other tombstones.
    pub fn with(&self, segments: Vec<LiveSegment>) -> Snapshot {
        let stored = self.stored.segments.len();
        let mut place = 0;
        let mut segments = segments;
        segments.retain(|live| {
            place += 1;
            place <= stored || live.live() > 0
        });
        let sequence = self.sequence + 1;
        let store_id = self.stored.manifest.store_id;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Snapshot {
            root: self.root.clone(),
            generation: self.generation,
            id: format!("{store_id:016x}-{}+{:08x}.{sequence}", self.generation, *PROCESS),
            taken_at_ms: now.as_secs_f64() * 1e3,
            segments,
            stored: self.stored.clone(),
            sequence,
            parts: OnceLock::new(),
        }
    }

    /// The segments that are in memory only.
    pub fn overlay(&self) -> &[LiveSegment] {
        &self.segments[self.stored.segments.len()..]
    }

    /// Whether something is in memory only.
    pub fn has_overlay(&self) -> bool {
        self.sequence > 0
    }

    /// Whether this cannot be replaced by another state as it was read from the store.
    pub fn is_beyond(&self, read: &Snapshot) -> bool {
        let is_same_store = self.stored.manifest.store_id == read.stored.manifest.store_id;
        self.has_overlay() || is_same_store && self.generation > read.generation
    }

    /// How many files count. One that is cut over several entries counts once.
    pub fn live_files(&self) -> u64 {
        let entries: u64 = self.segments.iter().map(LiveSegment::live).sum();
        entries - self.parts().later
    }

    /// How many of them have text that was not compared when they had grown.
    pub fn assumed_files(&self) -> u64 {
        let segments = self.segments.iter().enumerate();
        let assumed = segments.map(|(number, live)| {
            let assumed = live.segment.assumed() - &live.dead;
            let entries = assumed.into_iter().map(|file| (number as u32, file));
            entries.filter(|&entry| self.newest(entry) == entry).count() as u64
        });
        assumed.sum()
    }

    /// The files of a segment of which it has a part only.
    pub fn cut_files(&self, number: usize) -> &RoaringBitmap {
        &self.parts().cut[number]
    }

    /// What an entry is of its file, if the file is cut over several.
    pub fn part(&self, entry: (u32, u32)) -> Option<Part> {
        self.parts().of.get(&entry).copied()
    }

    /// The entries of a segment whose times prove nothing; not those that were compared since, when their file had grown.
    pub fn racy(&self, number: usize) -> RoaringBitmap {
        self.segments[number].segment.racy() - &self.parts().superseded[number]
    }

    /// Whether an entry's file has one of [`racy`](Snapshot::racy).
    pub fn is_racy(&self, entry: (u32, u32)) -> bool {
        let own = || self.segment(entry).files().flags(entry.1) & flags::RACY != 0;
        self.part(entry).map_or_else(own, |part| part.is_racy)
    }

    /// The last part of an entry's file: what is known of the file as a whole. The parts before may have been read when
    /// it was shorter.
    pub fn newest(&self, entry: (u32, u32)) -> (u32, u32) {
        self.part(entry).map_or(entry, |part| part.newest)
    }

    /// Whether a file with this metadata is the one that was indexed, as far as metadata can tell.
    pub fn is_unchanged(&self, entry: (u32, u32), meta: &FileMeta) -> bool {
        let (number, file) = self.newest(entry);
        let FileStat {
            size,
            mtime_ns,
            ctime_ns,
            inode,
            ..
        } = self.segments[number as usize].segment.files().stat(file);
        (size, mtime_ns, ctime_ns, inode) == (meta.size, meta.mtime_ns, meta.ctime_ns, meta.inode)
    }

    fn parts(&self) -> &Parts {
        self.parts.get_or_init(|| Parts::of(self))
    }

    /// The segment of an entry.
    pub fn segment(&self, entry: (u32, u32)) -> &OpenSegment {
        &self.segments[entry.0 as usize].segment
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

    /// The live entries of a path: those of the file, or of all files below the folder that has this name.
    pub fn at_or_below(&self, stored: &[u8]) -> Vec<(u32, u32)> {
        let mut entries: Vec<(u32, u32)> = self.find(stored).collect();
        for (number, live) in self.segments.iter().enumerate() {
            if !live.segment.has_folder(stored) {
                continue;
            }
            let below = (0..live.segment.files().len())
                .filter(|&file| !live.dead.contains(file) && is_below(&live.segment.path(file), stored));
            entries.extend(below.map(|file| (number as u32, file)));
        }
        entries
    }
}

/// Whether `path` is in `folder`, at any depth.
pub(crate) fn is_below(path: &[u8], folder: &[u8]) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.first() == Some(&b'/'))
}
