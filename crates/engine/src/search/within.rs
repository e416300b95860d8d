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
    /// The blocks of each segment that may have something of the passages that the query's places admit; `None`: it names
    /// none. What a regular expression finds elsewhere is no answer.
    ///
    /// # Errors
    /// Those of the places.
    pub(super) fn blocks_within(&self) -> Result<Option<Vec<RoaringBitmap>>, Error> {
        let mut admitted: Option<Resolved> = self.chosen()?.cloned();
        for place in self.places {
            let chunks = self.resolve(place)?;
            admitted = Some(match admitted {
                None => chunks,
                Some(admitted) => admitted.iter().zip(&chunks).map(|(some, of)| some & of).collect(),
            });
        }
        let Some(admitted) = admitted else {
            return Ok(None);
        };
        let segments = &self.snapshot.segments;
        let mut blocks = vec![RoaringBitmap::new(); segments.len()];
        for (run, chunks) in self.runs.all().iter().zip(&admitted) {
            let segment = &segments[run.segment].segment;
            let mut chunks = chunks.iter();
            while let Some(chunks) = chunks.next_range() {
                let [first, last] =
                    [*chunks.start(), *chunks.end()].map(|chunk| blocks_of(segment, run, chunk));
                // The files between them lie between their blocks, as their passages do.
                blocks[run.segment].insert_range(first.start..last.end);
            }
        }
        Ok(Some(blocks))
    }
}

/// The blocks that a chunk has a part of.
fn blocks_of(segment: &OpenSegment, run: &RankedRun<'_>, chunk: u32) -> Range<u32> {
    let (_, file) = run.entry(chunk);
    let chunk = run.chunk(chunk);
    let bytes = chunk.offset..chunk.offset + chunk.length;
    segment.blocks().with_part_of(segment.files().blocks(file), bytes)
}
