//! Making a state durable: what is in memory is joined into one segment on disk, and a manifest names what counts.

use std::path::Path;
use std::sync::Arc;

use quern_store::{Manifest, PartEntry, SegmentEntry};
use quern_walk::Cancel;
use roaring::RoaringBitmap;

use crate::build::Destination;
use crate::change::Writing;
use crate::change::merge::{Pace, live_blocks, merge};
use crate::change::refresh::refresh;
use crate::change::tiers::{self, Size};
use crate::engine::Engine;
use crate::error::Error;
use crate::progress::Progress;
use crate::snapshot::{LiveSegment, Snapshot};

/// Blocks that a commit copies at most to keep the number of segments down: about 64 MiB of text.
const MERGED_AT_ONCE: u32 = 4096;

/// How far a commit has come.
#[must_use]
pub(crate) enum Committed {
    /// What it wrote is there for good.
    Durably,
    /// It is in place, for whoever reads; it may not outlive a loss of power.
    Perhaps(Error),
}

impl Committed {
    /// For those who promise more than that it can be read.
    ///
    /// # Errors
    /// Why it may not last.
    pub fn durably(self) -> Result<(), Error> {
        match self {
            Committed::Durably => Ok(()),
            Committed::Perhaps(error) => Err(error),
        }
    }
}

/// Writes what is in memory only. Gives whether there was anything.
///
/// # Errors
/// As [`commit`]; what was in memory still is.
pub(crate) fn flush(engine: &Engine, writing: &Writing<'_>, cancel: &Cancel) -> Result<bool, Error> {
    if !engine.is_unsaved() {
        return Ok(false);
    }
    match writing.current()? {
        Some(state) => commit(engine, writing, &state, Vec::new(), cancel)?.durably()?,
        // The store was removed.
        None => drop(refresh(engine, writing, &Progress::default(), cancel)?),
    }
    Ok(true)
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
) -> Result<Committed, Error> {
    Next::new(writing, state, entries).written(engine, |next| {
        next.join_overlay(state, cancel)?;
        let mut left = MERGED_AT_ONCE;
        loop {
            let chosen = tiers::choose(&sizes(&next.kept), left);
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
) -> Result<Committed, Error> {
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
pub(crate) fn compact(engine: &Engine, cancel: &Cancel) -> Result<bool, Error> {
    let mut done = engine.flush(cancel)?;
    let first = |sizes: &[Size]| tiers::groups(sizes).into_iter().next().unwrap_or_default();
    while merge_apart(engine, first, Pace::none, cancel)? {
        done = true;
    }
    Ok(done)
}

/// A merge that is worth its while, too large for a commit to do it in passing, at the pace of merges that nobody waits
/// for. Gives whether there was one.
///
/// # Errors
/// As [`commit`].
pub(crate) fn tidy(engine: &Engine, cancel: &Cancel) -> Result<bool, Error> {
    merge_apart(engine, worthwhile, || Pace::new(engine.merge_rate), cancel)
}

/// Whether there is nothing for [`tidy`] to do.
///
/// # Errors
/// An engine that has no state yet.
pub(crate) fn is_tidy(engine: &Engine) -> Result<bool, Error> {
    let state = engine.snapshot()?;
    Ok(worthwhile(&sizes(&kept(&state))).is_empty())
}

fn worthwhile(sizes: &[Size]) -> Vec<usize> {
    tiers::choose(sizes, u32::MAX)
}

/// Merges the segments that `choose` names while others may change the index: it takes a turn to begin and one to commit.
/// Gives whether a merge was committed.
fn merge_apart(
    engine: &Engine,
    choose: impl Fn(&[Size]) -> Vec<usize>,
    pace: impl Fn() -> Pace,
    cancel: &Cancel,
) -> Result<bool, Error> {
    // Mostly there is nothing to do, and no lock to be taken.
    let state = engine.snapshot()?;
    if choose(&sizes(&kept(&state))).is_empty() {
        return Ok(false);
    }
    let writing = Writing::begin(engine, cancel)?;
    let Some(state) = writing.current()? else {
        return Ok(false);
    };
    let segments = kept(&state);
    let chosen = choose(&sizes(&segments)).into_iter();
    let inputs: Vec<LiveSegment> = chosen.map(|place| segments[place].0.clone()).collect();
    if inputs.is_empty() {
        return Ok(false);
    }
    let pause = writing.pause();
    let joined = merge(
        &inputs.iter().collect::<Vec<_>>(),
        Destination::Store(pause.writer()),
        pace(),
        cancel,
    )?;
    let writing = pause
        .end(cancel)
        .inspect_err(|_| pause.writer().discard(&joined.entry))?;
    let Some(state) = writing.current()? else {
        return Ok(false);
    };
    let mut next = Next::new(&writing, &state, vec![joined.entry]);
    if !next.replaces(&inputs, &state) {
        // Others have merged or dropped them meanwhile.
        next.discard();
        return Ok(false);
    }
    next.written(engine, |next| next.join_overlay(&state, cancel))?
        .durably()?;
    Ok(true)
}

/// Commits a part that was added to the segment of this name.
///
/// # Errors
/// As [`commit`].
pub(crate) fn name_part(
    engine: &Engine,
    writing: &Writing<'_>,
    state: &Snapshot,
    name: &str,
    part: PartEntry,
    cancel: &Cancel,
) -> Result<(), Error> {
    let mut next = Next::new(writing, state, Vec::new());
    let kept = next.kept.iter_mut().filter(|(_, entry)| entry.name == name);
    kept.for_each(|(_, entry)| entry.parts.push(part));
    next.written(engine, |next| next.join_overlay(state, cancel))?
        .durably()
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
        Next {
            writing,
            kept: kept(state),
            added: entries,
        }
    }

    /// Puts it together and commits it; on failure discards what was added.
    fn written(
        mut self,
        engine: &Engine,
        put_together: impl FnOnce(&mut Next<'a>) -> Result<(), Error>,
    ) -> Result<Committed, Error> {
        let result = put_together(&mut self).and_then(|()| self.commit(&engine.root, engine.fingerprint));
        match &result {
            Ok(committed) => engine.adopt(matches!(committed, Committed::Durably)),
            Err(_) => self.discard(),
        }
        result
    }

    fn discard(&self) {
        let writer = self.writing.writer();
        self.added.iter().for_each(|entry| writer.discard(entry));
    }

    fn commit(&self, root: &Path, fingerprint: u64) -> Result<Committed, Error> {
        let kept = self.kept.iter().map(|(_, entry)| entry);
        let mut manifest = Manifest {
            root: root.as_os_str().as_encoded_bytes().to_vec(),
            options: fingerprint,
            segments: kept.chain(&self.added).cloned().collect(),
            ..Manifest::default()
        };
        match self.writing.writer().commit(&mut manifest) {
            Ok(()) => Ok(Committed::Durably),
            Err(error) if manifest.generation > 0 => Ok(Committed::Perhaps(error.into())),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes a segment that has the files of `inputs` that count.
    fn joined(&self, inputs: &[&LiveSegment], cancel: &Cancel) -> Result<SegmentEntry, Error> {
        let to = Destination::Store(self.writing.writer());
        Ok(merge(inputs, to, Pace::none(), cancel)?.entry)
    }

    fn join_overlay(&mut self, state: &Snapshot, cancel: &Cancel) -> Result<(), Error> {
        let inputs: Vec<&LiveSegment> = state.overlay().iter().collect();
        if !inputs.is_empty() {
            self.added.push(self.joined(&inputs, cancel)?);
        }
        Ok(())
    }

    /// Joins segments that stay into a new one. Gives the number of blocks that were copied.
    fn join(&mut self, places: &[usize], cancel: &Cancel) -> Result<u32, Error> {
        let inputs: Vec<&LiveSegment> = places.iter().map(|&place| &self.kept[place].0).collect();
        let blocks = inputs.iter().map(|live| live_blocks(live)).sum();
        let joined = self.joined(&inputs, cancel)?;
        self.added.push(joined);
        let mut place = 0;
        self.kept.retain(|_| {
            place += 1;
            places.binary_search(&(place - 1)).is_err()
        });
        Ok(blocks)
    }

    /// Has the one segment that was added stand for `inputs`, which it was merged from: what died in them since is dead in
    /// it. Gives false if one of them is no longer part of `state`.
    fn replaces(&mut self, inputs: &[LiveSegment], state: &Snapshot) -> bool {
        let mut first = 0;
        for input in inputs {
            let is_input = |live: &&LiveSegment| Arc::ptr_eq(&live.segment, &input.segment);
            let Some(now) = state.segments.iter().find(is_input) else {
                return false;
            };
            for file in &now.dead - &input.dead {
                let before = u64::from(file) - input.dead.rank(file);
                self.added[0].tombstones.insert((first + before) as u32);
            }
            first += input.live();
        }
        self.kept.retain(|(live, _)| {
            inputs
                .iter()
                .all(|input| !Arc::ptr_eq(&live.segment, &input.segment))
        });
        true
    }
}

/// The segments of the generation that count, as the next one names them.
fn kept(state: &Snapshot) -> Vec<(LiveSegment, SegmentEntry)> {
    let stored = state.segments.iter().zip(&state.stored.manifest.segments);
    let kept = stored.filter(|(live, _)| live.live() > 0).map(|(live, entry)| {
        let entry = SegmentEntry {
            tombstones: live.dead.clone(),
            ..entry.clone()
        };
        (live.clone(), entry)
    });
    kept.collect()
}

fn sizes(segments: &[(LiveSegment, SegmentEntry)]) -> Vec<Size> {
    segments.iter().map(|(live, _)| size(live)).collect()
}

/// What a segment takes, and what of it counts.
pub(super) fn size(live: &LiveSegment) -> Size {
    let segment = &*live.segment;
    let (blocks, live_blocks) = (segment.blocks().len(), live_blocks(live));
    let given =
        |files: &RoaringBitmap| -> u64 { files.iter().map(|file| segment.files().stat(file).size).sum() };
    let (all_given, live_given) = (given(segment.given()), given(&(segment.given() - &live.dead)));
    let index = segment.bytes().saturating_sub(all_given);
    let live_index = index * u64::from(live_blocks) / u64::from(blocks.max(1));
    Size {
        blocks,
        live: live_blocks,
        bytes: (index + all_given, live_index + live_given),
    }
}
