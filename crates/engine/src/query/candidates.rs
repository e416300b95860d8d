//! From a plan to the blocks and files that may match: one task a file.

use std::ops::Range;

use quern_grams::{Blocks, CostModel, Grams, Query};
use roaring::RoaringBitmap;

use crate::error::Error;
use crate::query::compile::{Compiled, Scope};
use crate::snapshot::{LiveSegment, OpenSegment, Snapshot, flags};

/// The candidate blocks of one segment.
pub(crate) enum SegmentBlocks {
    /// Every block.
    All(u32),
    /// These, ascending.
    Some(Vec<u32>),
}

impl SegmentBlocks {
    pub fn len(&self) -> usize {
        match self {
            SegmentBlocks::All(blocks) => *blocks as usize,
            SegmentBlocks::Some(blocks) => blocks.len(),
        }
    }

    pub fn get(&self, index: usize) -> u32 {
        match self {
            SegmentBlocks::All(_) => index as u32,
            SegmentBlocks::Some(blocks) => blocks[index],
        }
    }
}

/// A file of a segment that has to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub file: u32,
    /// Which of the segment's candidate blocks are this file's; empty: the whole file is searched.
    pub blocks: Range<u32>,
}

/// What is left of a segment.
pub(crate) struct SegmentCandidates {
    pub blocks: SegmentBlocks,
    pub files: Vec<Candidate>,
}

/// The candidates among the live files of a segment, or among those blocks of them that are `within`.
///
/// # Errors
/// A store file that fails its checksum.
pub(crate) fn candidates(
    snapshot: &Snapshot,
    number: usize,
    compiled: &Compiled,
    within: Option<&RoaringBitmap>,
) -> Result<SegmentCandidates, Error> {
    let live = &snapshot.segments[number];
    let segment = &*live.segment;
    match compiled.scope {
        Scope::Block => by_block(live, compiled, within),
        Scope::File => {
            let cut = snapshot.cut_files(number);
            let mut files = files_holding(segment, cut, &segment.grams()?, &compiled.query)?;
            files |= segment.opaque();
            if compiled.raw {
                files |= segment.transcoded();
            }
            files -= &live.dead;
            if let Some(within) = within {
                files &= files_of(segment, within);
            }
            let files = files
                .iter()
                .map(|file| Candidate { file, blocks: 0..0 })
                .collect();
            Ok(SegmentCandidates {
                blocks: SegmentBlocks::Some(Vec::new()),
                files,
            })
        }
    }
}

fn by_block(
    live: &LiveSegment,
    compiled: &Compiled,
    within: Option<&RoaringBitmap>,
) -> Result<SegmentCandidates, Error> {
    let segment = &*live.segment;
    let table = segment.blocks();
    let found = segment.grams()?.candidates(&compiled.query, &cost());
    let blocks = match found.map_err(|error| segment.corrupt(&error))? {
        Blocks::All => SegmentBlocks::All(table.len()),
        Blocks::Ids(ids) => SegmentBlocks::Some(ids),
    };
    let mut always = segment.opaque().clone();
    if compiled.anchored {
        always |= segment.with_nul();
    }
    if compiled.raw {
        always |= segment.transcoded();
    }
    let blocks = match (blocks, within) {
        (blocks, None) => blocks,
        (SegmentBlocks::All(_), Some(within)) => SegmentBlocks::Some(within.iter().collect()),
        (SegmentBlocks::Some(ids), Some(within)) => {
            SegmentBlocks::Some(ids.into_iter().filter(|&block| within.contains(block)).collect())
        }
    };
    if let Some(within) = within {
        always &= files_of(segment, within);
    }
    let mut files: Vec<Candidate> = always
        .iter()
        .map(|file| Candidate { file, blocks: 0..0 })
        .collect();
    let mut start = 0;
    while start < blocks.len() {
        let file = table.file(blocks.get(start));
        let mut end = start + 1;
        while end < blocks.len() && table.file(blocks.get(end)) == file {
            end += 1;
        }
        if !always.contains(file) {
            let whole = !compiled.by_block || segment.files().flags(file) & flags::NOT_BY_BLOCK != 0;
            files.push(Candidate {
                file,
                blocks: if whole { 0..0 } else { start as u32..end as u32 },
            });
        }
        start = end;
    }
    files.retain(|candidate| !live.dead.contains(candidate.file));
    files.sort_unstable_by_key(|candidate| candidate.file);
    Ok(SegmentCandidates { blocks, files })
}

/// The files that have one of the blocks.
fn files_of(segment: &OpenSegment, blocks: &RoaringBitmap) -> RoaringBitmap {
    blocks.iter().map(|block| segment.blocks().file(block)).collect()
}

/// Verification of a block costs microseconds, most of them for reading it: the planner need not squeeze out the last
/// false positive.
fn cost() -> CostModel {
    CostModel {
        verify_ns_per_block: 3000.0,
        ..CostModel::default()
    }
}

/// The files that hold, somewhere, each gram that the query asks for. A gram counts wherever in the file it is, since
/// the match may span blocks. A file that is `cut` holds grams that this segment cannot see.
pub(crate) fn files_holding(
    segment: &OpenSegment,
    cut: &RoaringBitmap,
    grams: &Grams<'_>,
    query: &Query,
) -> Result<RoaringBitmap, Error> {
    Ok(match query {
        Query::All => (0..segment.files().len()).collect(),
        Query::None => RoaringBitmap::new(),
        Query::Gram(_) => files_of_gram(segment, grams, query)? | cut,
        Query::And(parts) => {
            let mut files: Option<RoaringBitmap> = None;
            for part in parts {
                let holding = files_holding(segment, cut, grams, part)?;
                files = Some(files.map_or_else(|| holding.clone(), |files| files & &holding));
                if files.as_ref().is_some_and(RoaringBitmap::is_empty) {
                    break;
                }
            }
            files.unwrap_or_default()
        }
        Query::Or(parts) => {
            let mut files = RoaringBitmap::new();
            for part in parts {
                files |= files_holding(segment, cut, grams, part)?;
            }
            files
        }
    })
}

fn files_of_gram(segment: &OpenSegment, grams: &Grams<'_>, query: &Query) -> Result<RoaringBitmap, Error> {
    let all_lists = CostModel {
        verify_ns_per_block: f64::INFINITY,
        ..CostModel::default()
    };
    let table = segment.blocks();
    let mut files = RoaringBitmap::new();
    match grams
        .candidates(query, &all_lists)
        .map_err(|error| segment.corrupt(&error))?
    {
        Blocks::All => {
            files.insert_range(0..segment.files().len());
        }
        Blocks::Ids(ids) => files.extend(ids.into_iter().map(|block| table.file(block))),
    }
    Ok(files)
}
