//! One hit for what belongs together: passages that follow each other, and copies of one file.

use std::collections::HashMap;
use std::ops::Range;

use quern_store::{ChunkKind, ChunkRecord};
use quern_terms::Hit;

use crate::snapshot::{Runs, Snapshot};

/// Bytes of passages that are joined at most.
const REGION: u64 = 16 << 10;

/// What is shown as one hit.
pub(super) struct Region {
    /// The file: the place of its segment, and its number there.
    pub entry: (u32, u32),
    /// The best passage.
    pub chunk: ChunkRecord,
    /// All passages, in bytes of the file's text.
    pub range: Range<u64>,
    /// The first line, from 1.
    pub line: u64,
    /// Of the best passage.
    pub score: f32,
    /// The same passage in copies of the file, and its first line there.
    pub copies: Vec<((u32, u32), u64)>,
}

impl Region {
    pub fn of(runs: &Runs<'_>, hit: &Hit) -> Region {
        let run = runs.get(hit.run);
        let chunk = run.chunk(hit.chunk);
        Region {
            entry: run.entry(hit.chunk),
            range: chunk.offset..chunk.offset + chunk.length,
            line: chunk.line,
            chunk,
            score: hit.score,
            copies: Vec::new(),
        }
    }

    fn is_neighbour(&self, other: &Region) -> bool {
        // Each record of a log stands for itself.
        if other.chunk.kind != ChunkKind::Passage {
            return false;
        }
        let touches = self.range.end == other.range.start || other.range.end == self.range.start;
        let joined = self.range.end.max(other.range.end) - self.range.start.min(other.range.start);
        touches && joined <= REGION
    }

    fn join(&mut self, other: &Region) {
        self.range.start = self.range.start.min(other.range.start);
        self.range.end = self.range.end.max(other.range.end);
        self.line = self.line.min(other.line);
    }

    fn add_copy(&mut self, other: &Region) {
        if self.copies.iter().all(|(entry, _)| *entry != other.entry) {
            self.copies.push((other.entry, other.line));
        }
    }
}

/// The regions of hits, in the order of their best ones.
pub(super) fn fold(snapshot: &Snapshot, runs: &Runs<'_>, hits: &[Hit]) -> Vec<Region> {
    let mut regions: Vec<Region> = Vec::new();
    // By what the file's text is, and where in it: the region. By file: its regions.
    let mut by_text: HashMap<(u64, u64, u64), usize> = HashMap::new();
    let mut by_file: HashMap<(u32, u32), Vec<usize>> = HashMap::new();
    for hit in hits {
        let region = Region::of(runs, hit);
        let (segment, file) = region.entry;
        let hash = snapshot.segments[segment as usize].segment.files().hash(file);
        let text = (hash, region.range.start, region.range.end);
        if let Some(&place) = by_text.get(&text) {
            regions[place].add_copy(&region);
            continue;
        }
        let of_file = by_file.entry(region.entry).or_default();
        let neighbour = of_file
            .iter()
            .find(|&&place| regions[place].is_neighbour(&region));
        let place = match neighbour {
            Some(&place) => {
                regions[place].join(&region);
                place
            }
            None => {
                of_file.push(regions.len());
                regions.push(region);
                regions.len() - 1
            }
        };
        by_text.insert(text, place);
    }
    regions
}
