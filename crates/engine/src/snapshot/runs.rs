//! The runs of a snapshot, as ranked search asks them.

use std::ops::Range;

use quern_store::{ChunkKind, ChunkRecord, ChunkTable};
use quern_terms::{Borders, Corpus, Edges, LiveRun, Run, Statistics};
use roaring::RoaringBitmap;

use super::Snapshot;
use crate::error::Error;
use crate::ranked::OpenTerms;

/// Of all runs, what depends on which files count. It stays with the snapshot: finding it out takes longer than many a question.
pub(super) struct Live {
    /// One after the other, as their segments come.
    runs: Vec<LiveRunPlace>,
    statistics: Statistics,
}

struct LiveRunPlace {
    segment: usize,
    /// Its place in the segment.
    run: usize,
    /// Its chunks that no longer count.
    dead: RoaringBitmap,
}

impl Live {
    /// # Errors
    /// Terms that are damaged.
    pub fn of(snapshot: &Snapshot) -> Result<Live, Error> {
        let mut live = Live {
            runs: Vec::new(),
            statistics: Statistics::default(),
        };
        for (segment, of_segment) in snapshot.segments.iter().enumerate() {
            let Some(terms) = of_segment.segment.terms()? else {
                continue;
            };
            for (run, dead) in terms.of_files(&of_segment.dead).into_iter().enumerate() {
                live.statistics.add(&terms.runs[run], &dead);
                live.runs.push(LiveRunPlace { segment, run, dead });
            }
        }
        Ok(live)
    }
}

/// The runs of a snapshot, for a question.
pub(crate) struct Runs<'a> {
    live: &'a Live,
    runs: Vec<RankedRun<'a>>,
}

/// A run, with what it does not say of its chunks.
pub(crate) struct RankedRun<'a> {
    /// The place of its segment.
    pub segment: usize,
    pub run: &'a Run,
    table: &'a ChunkTable,
    /// Its chunks in the table.
    chunks: Range<u32>,
}

impl Snapshot {
    /// What ranked search asks.
    ///
    /// # Errors
    /// Terms that are damaged.
    pub fn runs(&self) -> Result<Runs<'_>, Error> {
        let live = self.live.get_or_init(|| Live::of(self));
        let live = live.as_ref().map_err(Error::clone)?;
        let mut runs = Vec::with_capacity(live.runs.len());
        for place in &live.runs {
            if let Some(terms) = self.segments[place.segment].segment.terms()? {
                runs.push(RankedRun::of(place, terms));
            }
        }
        Ok(Runs { live, runs })
    }
}

impl<'a> Runs<'a> {
    /// What a question is asked of.
    pub fn corpus(&'a self) -> Corpus<'a> {
        let runs = self.runs.iter().zip(&self.live.runs);
        let live = runs.map(|(run, place)| LiveRun {
            run: run.run,
            dead: &place.dead,
            borders: run,
        });
        Corpus::new(live.collect(), self.live.statistics.clone())
    }

    /// One after the other.
    pub fn all(&self) -> &[RankedRun<'a>] {
        &self.runs
    }

    /// The run with this number in the corpus.
    pub fn get(&self, run: u32) -> &RankedRun<'a> {
        &self.runs[run as usize]
    }
}

impl<'a> RankedRun<'a> {
    fn of(place: &LiveRunPlace, terms: &'a OpenTerms) -> RankedRun<'a> {
        RankedRun {
            segment: place.segment,
            run: &terms.runs[place.run],
            table: &terms.table,
            chunks: terms.chunks(place.run),
        }
    }

    /// Where one of its chunks lies.
    pub fn chunk(&self, chunk: u32) -> ChunkRecord {
        self.table.get(self.chunks.start + chunk)
    }

    /// The entry of the file that one of its chunks is of: the segment's place, and the file's number there.
    pub fn entry(&self, chunk: u32) -> (u32, u32) {
        (self.segment as u32, self.table.file(self.chunks.start + chunk))
    }

    /// Its chunks of a file of its segment.
    pub fn of_file(&self, file: u32) -> Range<u32> {
        let found = self.table.of_file(self.chunks.clone(), file);
        found.start - self.chunks.start..found.end - self.chunks.start
    }

    /// The last of some chunks of one file that begins no later than a line.
    pub fn at_line(&self, chunks: Range<u32>, line: u64) -> Option<u32> {
        let own = self.chunks.start;
        let found = self.table.at_line(own + chunks.start..own + chunks.end, line)?;
        Some(found - own)
    }

    /// What one of its chunks is.
    pub fn kind(&self, chunk: u32) -> ChunkKind {
        self.table.kind(self.chunks.start + chunk)
    }

    /// When a chunk was logged, and at which level, by its number.
    pub fn logged(&self, chunk: u32) -> (Option<i64>, u8) {
        let chunk = self.chunks.start + chunk;
        (self.table.time(chunk), self.table.level(chunk))
    }
}

impl Borders for RankedRun<'_> {
    fn words(&self, chunk: u32) -> u32 {
        self.chunk(chunk).words
    }

    fn goes_on(&self, chunk: u32) -> bool {
        if self.chunks.start + chunk + 1 >= self.chunks.end {
            return false;
        }
        let (before, next) = (self.chunk(chunk), self.chunk(chunk + 1));
        let is_next = before.file == next.file && before.offset + before.length == next.offset;
        is_next && next.kind != ChunkKind::Record
    }

    fn edges(&self, chunk: u32) -> Edges {
        Edges::from_number(self.table.edges(self.chunks.start + chunk))
    }
}
