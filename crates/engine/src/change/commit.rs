//! Making a state durable: what is in memory is joined into one segment on disk, and a manifest names what counts.

use std::path::Path;

use quern_store::{Manifest, SegmentEntry};
use quern_walk::Cancel;

use crate::build::Destination;
use crate::change::Writing;
use crate::change::merge::{live_blocks, merge};
use crate::change::tiers::{self, Size};
use crate::engine::Engine;
use crate::error::Error;
use crate::snapshot::{LiveSegment, Snapshot};

/// Blocks that a commit copies at most to keep the number of segments down: about 64 MiB of text.
const MERGED_AT_ONCE: u32 = 4096;

/// Writes what is in memory only. Gives whether there was anything.
///
/// # Errors
/// As [`commit`]; what was in memory still is.
pub(crate) fn flush(engine: &Engine, writing: &Writing<'_>, cancel: &Cancel) -> Result<bool, Error> {
    match writing.current()? {
        Some(state) if state.has_overlay() => {
            commit(engine, writing, &state, Vec::new(), cancel)?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// Makes `state` together with new segments the next generation.
///
/// # Errors
/// A store that cannot be written, a stop. The generation before still stands, and `entries` are discarded.
pub(crate) fn commit(
    engine: &Engine,
    writing: &Writing<'_>,
    state: &Snapshot,
    entries: Vec<SegmentEntry>,
    cancel: &Cancel,
) -> Result<(), Error> {
    Next::new(writing, state, entries).written(engine, |next| {
        next.join_overlay(state, cancel)?;
        let mut left = MERGED_AT_ONCE;
        loop {
            let chosen = tiers::choose(&next.sizes(), left);
            if chosen.is_empty() {
                return Ok(());
            }
            left -= next.join(&chosen, cancel)?;
        }
    })
}

/// The first generation of a store, or one that takes over nothing.
///
/// # Errors
/// As [`commit`].
pub(crate) fn commit_first(
    engine: &Engine,
    writing: &Writing<'_>,
    entries: Vec<SegmentEntry>,
) -> Result<(), Error> {
    let next = Next {
        writing,
        kept: Vec::new(),
        added: entries,
    };
    next.written(engine, |_| Ok(()))
}

/// Joins segments as far as that makes them fewer, and drops from all of them what no longer counts. Gives whether there
/// was anything to do.
///
/// # Errors
/// As [`commit`].
pub(crate) fn compact(engine: &Engine, writing: &Writing<'_>, cancel: &Cancel) -> Result<bool, Error> {
    let Some(state) = writing.current()? else {
        return Ok(false);
    };
    let next = Next::new(writing, &state, Vec::new());
    let groups = tiers::groups(&next.sizes());
    if groups.is_empty() && !state.has_overlay() {
        return Ok(false);
    }
    next.written(engine, |next| {
        next.join_overlay(&state, cancel)?;
        next.join_groups(&groups, cancel)
    })?;
    Ok(true)
}

/// A merge that is worth its while, too large for a commit to do it in passing. Gives whether there was one.
///
/// # Errors
/// As [`commit`].
pub(crate) fn tidy(engine: &Engine, writing: &Writing<'_>, cancel: &Cancel) -> Result<bool, Error> {
    let Some(state) = writing.current()? else {
        return Ok(false);
    };
    let next = Next::new(writing, &state, Vec::new());
    let chosen = tiers::choose(&next.sizes(), u32::MAX);
    if chosen.is_empty() {
        return Ok(false);
    }
    next.written(engine, |next| {
        next.join_overlay(&state, cancel)?;
        next.join(&chosen, cancel).map(|_| ())
    })?;
    Ok(true)
}

/// The next generation while it is put together.
struct Next<'a> {
    writing: &'a Writing<'a>,
    /// Segments that stay, with their tombstones.
    kept: Vec<(LiveSegment, SegmentEntry)>,
    /// New ones, durable, which no manifest names yet.
    added: Vec<SegmentEntry>,
}

impl<'a> Next<'a> {
    fn new(writing: &'a Writing<'a>, state: &Snapshot, entries: Vec<SegmentEntry>) -> Next<'a> {
        let stored = state.segments.iter().zip(&state.stored.manifest.segments);
        let kept = stored.filter(|(live, _)| live.live() > 0).map(|(live, entry)| {
            let entry = SegmentEntry {
                tombstones: live.dead.clone(),
                ..entry.clone()
            };
            (live.clone(), entry)
        });
        Next {
            writing,
            kept: kept.collect(),
            added: entries,
        }
    }

    /// Puts it together and commits it; on failure discards what was added.
    fn written(
        mut self,
        engine: &Engine,
        put_together: impl FnOnce(&mut Next<'a>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let result = put_together(&mut self).and_then(|()| self.commit(&engine.root, engine.fingerprint));
        if result.is_err() {
            let writer = self.writing.writer();
            self.added.iter().for_each(|entry| writer.discard(entry));
            return result;
        }
        engine.adopt()
    }

    fn commit(&self, root: &Path, fingerprint: u64) -> Result<(), Error> {
        let kept = self.kept.iter().map(|(_, entry)| entry);
        let mut manifest = Manifest {
            root: root.as_os_str().as_encoded_bytes().to_vec(),
            options: fingerprint,
            segments: kept.chain(&self.added).cloned().collect(),
            ..Manifest::default()
        };
        Ok(self.writing.writer().commit(&mut manifest)?)
    }

    fn sizes(&self) -> Vec<Size> {
        let size = |(live, entry): &(LiveSegment, SegmentEntry)| Size {
            blocks: entry.blocks,
            live: live_blocks(live),
        };
        self.kept.iter().map(size).collect()
    }

    fn join_overlay(&mut self, state: &Snapshot, cancel: &Cancel) -> Result<(), Error> {
        let inputs: Vec<&LiveSegment> = state.overlay().iter().collect();
        if !inputs.is_empty() {
            let joined = merge(&inputs, Destination::Store(self.writing.writer()), cancel)?;
            self.added.push(joined.entry);
        }
        Ok(())
    }

    /// Joins segments that stay into a new one. Gives the number of blocks that were copied.
    fn join(&mut self, places: &[usize], cancel: &Cancel) -> Result<u32, Error> {
        let inputs: Vec<&LiveSegment> = places.iter().map(|&place| &self.kept[place].0).collect();
        let blocks = inputs.iter().map(|live| live_blocks(live)).sum();
        let joined = merge(&inputs, Destination::Store(self.writing.writer()), cancel)?;
        self.added.push(joined.entry);
        let mut place = 0;
        self.kept.retain(|_| {
            place += 1;
            places.binary_search(&(place - 1)).is_err()
        });
        Ok(blocks)
    }

    fn join_groups(&mut self, groups: &[Vec<usize>], cancel: &Cancel) -> Result<(), Error> {
        let mut joined: Vec<usize> = Vec::new();
        for group in groups {
            // Places move up as segments before them are taken out.
            let shifted = |&place: &usize| place - joined.iter().filter(|&&gone| gone < place).count();
            let places: Vec<usize> = group.iter().map(shifted).collect();
            self.join(&places, cancel)?;
            joined.extend(group);
        }
        Ok(())
    }
}
