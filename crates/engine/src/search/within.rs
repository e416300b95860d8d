//! Which blocks a regular expression is searched in, if the query says where and when to look.

use std::ops::Range;

use quern_terms::Resolved;
use quern_terms::language::{Clause, Kind};
use roaring::RoaringBitmap;

use crate::error::Error;
use crate::search::Search;
use crate::snapshot::{OpenSegment, RankedRun};

/// The clauses of a query that say where or when to look, whatever else it asks for.
pub(super) fn places(query: &Clause) -> Vec<Clause> {
    let all = match &query.kind {
        Kind::Group { all, .. } => all.as_slice(),
        _ => std::slice::from_ref(query),
    };
    all.iter()
        .filter(|clause| clause.kind.is_place())
        .cloned()
        .collect()
}

impl Search<'_> {
    /// The passages that the query's places admit; `None`: it names none. What a regular expression finds elsewhere is no
    /// answer.
    ///
    /// # Errors
    /// Those of the places.
    pub(super) fn admitted(&self) -> Result<Option<Resolved>, Error> {
        let mut admitted: Option<Resolved> = self.chosen()?.cloned();
        for place in self.places {
            let chunks = self.resolve(place)?;
            admitted = Some(match admitted {
                None => chunks,
                Some(admitted) => admitted.iter().zip(&chunks).map(|(some, of)| some & of).collect(),
            });
        }
        Ok(admitted)
    }

    /// The blocks of each segment that may have something of these passages.
    pub(super) fn blocks_of(&self, admitted: &Resolved) -> Vec<RoaringBitmap> {
        let segments = &self.snapshot.segments;
        let mut blocks = vec![RoaringBitmap::new(); segments.len()];
        for (run, chunks) in self.runs.all().iter().zip(admitted) {
            let segment = &segments[run.segment].segment;
            let mut chunks = chunks.iter();
            while let Some(chunks) = chunks.next_range() {
                let [first, last] =
                    [*chunks.start(), *chunks.end()].map(|chunk| with_part_of(segment, run, chunk));
                // The files between them lie between their blocks, as their passages do.
                blocks[run.segment].insert_range(first.start..last.end);
            }
        }
        blocks
    }
}

/// The blocks that a chunk has a part of; of a compressed log, which has its chunks elsewhere, all.
fn with_part_of(segment: &OpenSegment, run: &RankedRun<'_>, chunk: u32) -> Range<u32> {
    let (_, file) = run.entry(chunk);
    let chunk = run.chunk(chunk);
    let own = segment.files().blocks(file);
    if segment.packed().contains(file) {
        return own;
    }
    segment
        .blocks()
        .with_part_of(own, chunk.offset..chunk.offset + chunk.length)
}
