//! One state of an index, pinned: what every part of a query sees.

mod parts;
mod runs;
mod segment;

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};

use quern_store::{FileStat, Segment};
use quern_walk::FileMeta;
use roaring::RoaringBitmap;
use xxhash_rust::xxh3::xxh3_64;

use crate::error::Error;
use parts::{Part, Parts};
pub(crate) use runs::{RankedRun, Runs};
pub(crate) use segment::{LiveSegment, OpenSegment, flags};

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
    live: OnceLock<Result<runs::Live, Error>>,
}

/// Tells the overlays of processes that work on the same generation from each other.
static PROCESS: LazyLock<u32> = LazyLock::new(|| {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seed = (std::process::id(), now.as_nanos());
    xxh3_64(format!("{seed:?}").as_bytes()) as u32
});

/// The time, in milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    now.as_millis() as i64
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
            sequence: 0,
            parts: OnceLock::new(),
            live: OnceLock::new(),
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
            live: OnceLock::new(),
        }
    }

    /// The places of segments on disk that have no terms yet.
    pub fn unranked_segments(&self) -> impl Iterator<Item = usize> {
        let stored = self.segments[..self.stored.segments.len()].iter().enumerate();
        stored
            .filter(|(_, live)| live.lacks_terms())
            .map(|(number, _)| number)
    }

    /// Whether something that is in memory only has no terms yet.
    pub fn has_unranked_overlay(&self) -> bool {
        self.overlay().iter().any(LiveSegment::lacks_terms)
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
        let newest = self.newest(entry);
        let FileStat {
            size,
            mtime_ns,
            ctime_ns,
            inode,
            ..
        } = self.segment(newest).files().stat(newest.1);
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
