//! Joining runs, and dropping from them what no longer counts.

use roaring::RoaringBitmap;
use tantivy::directory::OwnedBytes;
use tantivy::directory::RamDirectory;
use tantivy::fastfield::{AliveBitSet, write_alive_bitset};
use tantivy::indexer::merge_filtered_segments;

use crate::build::settings;
use crate::error::{Error, writing};
use crate::run::Run;
use crate::stored::StoredRun;

/// A run with the chunks of all `inputs` that count, in their order. `None`: there are none. The chunks named with a run do
/// not count.
///
/// # Errors
/// An input whose bytes are damaged.
pub fn merge(inputs: &[(&Run, &RoaringBitmap)]) -> Result<Option<StoredRun>, Error> {
    let live = |(run, dead): &(&Run, &RoaringBitmap)| run.chunks() - dead.len() as u32;
    let inputs: Vec<_> = inputs.iter().filter(|input| live(input) > 0).collect();
    let chunks = inputs.iter().map(|input| live(input)).sum();
    if inputs.is_empty() {
        return Ok(None);
    }
    let segments: Vec<_> = inputs.iter().map(|(run, _)| run.segment.clone()).collect();
    let alive = inputs.iter().map(|(run, dead)| alive(run.chunks(), dead));
    let alive = alive.collect::<Result<_, Error>>()?;
    let directory = RamDirectory::create();
    let index = merge_filtered_segments(&segments, settings(), alive, directory.clone());
    StoredRun::of(&index.map_err(writing)?, &directory, chunks, true).map(Some)
}

/// One run with the chunks of all `runs`, in their order.
///
/// # Errors
/// None that the caller could help.
pub fn join(runs: &[StoredRun]) -> Result<Option<StoredRun>, Error> {
    let open = runs
        .iter()
        .map(StoredRun::open)
        .collect::<Result<Vec<_>, Error>>()?;
    let none = RoaringBitmap::new();
    let inputs: Vec<_> = open.iter().map(|run| (run, &none)).collect();
    merge(&inputs)
}

fn alive(chunks: u32, dead: &RoaringBitmap) -> Result<Option<AliveBitSet>, Error> {
    if dead.is_empty() {
        return Ok(None);
    }
    let mut alive = tantivy::BitSet::with_max_value_and_full(chunks);
    dead.iter().for_each(|chunk| alive.remove(chunk));
    let mut bytes = Vec::new();
    write_alive_bitset(&alive, &mut bytes).map_err(writing)?;
    Ok(Some(AliveBitSet::open(OwnedBytes::new(bytes))))
}
