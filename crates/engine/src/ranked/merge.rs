//! Joining the terms of segments that are merged.

use quern_store::{ChunkRecord, ChunkTableBuilder, SegmentWriter};
use quern_terms::{Run, StoredRun, merge};
use quern_walk::Cancel;
use roaring::RoaringBitmap;

use crate::error::Error;
use crate::ranked::builder::{append, failed};
use crate::snapshot::LiveSegment;

/// Bytes of runs that are joined into one at most. It is held in memory until it is written.
const JOINED: u64 = 64 << 20;

/// The terms of a merged segment.
pub(crate) struct MergedTerms {
    runs: Vec<StoredRun>,
    chunks: ChunkTableBuilder,
    unranked: RoaringBitmap,
}

/// Joins the terms of segments; `None`: one of them has none.
///
/// # Errors
/// An input that is damaged; a stop.
pub(crate) fn merge_terms(inputs: &[&LiveSegment], cancel: &Cancel) -> Result<Option<MergedTerms>, Error> {
    let mut merged = MergedTerms {
        runs: Vec::new(),
        chunks: ChunkTableBuilder::new(),
        unranked: RoaringBitmap::new(),
    };
    let mut runs: Vec<(&Run, RoaringBitmap)> = Vec::new();
    let mut first = 0;
    for live in inputs {
        let segment = &*live.segment;
        let (Some(stored), Some(open)) = (segment.segment.terms(), segment.terms()?) else {
            return Ok(None);
        };
        let place = |file: u32| first + file - live.dead.rank(file) as u32;
        merged
            .unranked
            .extend((stored.unranked() - &live.dead).iter().map(place));
        let dead = open.of_files(&live.dead);
        for ((number, run), dead) in open.runs.iter().enumerate().zip(dead) {
            for chunk in open.chunks(number) {
                let record = open.table.get(chunk);
                if !live.dead.contains(record.file) {
                    let file = place(record.file);
                    merged.chunks.add(&ChunkRecord { file, ..record });
                }
            }
            runs.push((run, dead));
        }
        first += live.live() as u32;
    }
    let mut rest = &runs[..];
    while !rest.is_empty() {
        cancel.check()?;
        let mut bytes = 0;
        let fits = |(run, _): &&(&Run, RoaringBitmap)| {
            bytes += run.bytes();
            bytes <= JOINED
        };
        let (joined, others) = rest.split_at(rest.iter().take_while(fits).count().max(1));
        let inputs: Vec<_> = joined.iter().map(|(run, dead)| (*run, dead)).collect();
        merged.runs.extend(merge(&inputs).map_err(failed)?);
        rest = others;
    }
    Ok(Some(merged))
}

impl MergedTerms {
    /// Writes them with their segment.
    ///
    /// # Errors
    /// A store that cannot be written.
    pub fn write(mut self, segment: &mut SegmentWriter) -> Result<(), Error> {
        segment.terms(&mut self.chunks, &self.unranked, |terms| {
            append(&self.runs, terms)
        })
    }
}
