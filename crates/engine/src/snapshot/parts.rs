//! How the entries of one file hang together that is cut over several.

use std::collections::{HashMap, HashSet};

use roaring::RoaringBitmap;

use super::{Snapshot, flags};

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
pub(super) struct Parts {
    pub of: HashMap<(u32, u32), Part>,
    /// For each segment, the entries that are in `of`.
    pub cut: Vec<RoaringBitmap>,
    /// For each segment, those of them that were compared when their file had grown.
    pub superseded: Vec<RoaringBitmap>,
    /// Entries that are not their file's first part.
    pub later: u64,
}

impl Parts {
    pub fn of(snapshot: &Snapshot) -> Parts {
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
        let place = |entry: (u32, u32)| {
            let part = snapshot.segment(entry).files().part(entry.1);
            let (index, start) = part.map_or((0, 0), |part| (part.index, part.base_offset));
            (index, start, entry)
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
