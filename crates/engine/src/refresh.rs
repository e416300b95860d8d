//! Bringing a store up to date: what changed is indexed into new segments, what it replaces is tombstoned.

use std::time::Instant;

use quern_store::{Manifest, SegmentEntry, Writer};
use quern_walk::{Cancel, WalkOptions, walk};

use crate::build::{Destination, Ledger, Plan, Source, build};
use crate::engine::Engine;
use crate::error::Error;
use crate::progress::{Phase, Progress};
use crate::query::{compare, skipped, stored, walk_error, walk_failed};
use crate::snapshot::Snapshot;
use crate::stats::BuildStats;

/// A segment with fewer blocks is small.
const SMALL: u32 = 256;
/// With more small segments than this, their files are indexed again into one.
const SMALL_SEGMENTS: usize = 16;

/// What a refresh has to do.
struct Work {
    files: Vec<Source>,
    tombstones: Vec<(u32, u32)>,
    removed: u64,
    skipped: Vec<(&'static str, u64)>,
}

/// Refreshes; without a current generation this is the first build.
pub(crate) fn refresh(
    engine: &Engine,
    current: Option<&Snapshot>,
    writer: &Writer,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<BuildStats, Error> {
    let started = Instant::now();
    let mut ledger = Ledger::default();
    progress.enter(Phase::Walk);
    let work = match current {
        None => everything(engine, &mut ledger, cancel)?,
        Some(snapshot) => differences(engine, snapshot, &mut ledger, cancel)?,
    };
    ledger.stages.walk = started.elapsed().as_secs_f64();
    let plan = Plan {
        root: &engine.root,
        files: &work.files,
        to: Destination::Store(writer),
        threads: engine.pools.build.size(),
        progress,
        cancel,
        memory: engine.memory,
        max_errors: engine.max_errors,
        max_line: engine.max_line,
    };
    let entries: Vec<_> = build(&plan, &mut ledger)?
        .into_iter()
        .map(|finished| finished.entry)
        .collect();
    let segments = entries.len() as u64;
    let commit = Instant::now();
    let is_ours = current.is_some_and(|current| current.stored.manifest.options == engine.fingerprint);
    if !is_ours || !entries.is_empty() || !work.tombstones.is_empty() {
        progress.enter(Phase::Write);
        let mut manifest = next_manifest(engine, current, entries, &work.tombstones);
        writer.commit(&mut manifest)?;
    }
    ledger.stages.commit = commit.elapsed().as_secs_f64();
    Ok(BuildStats {
        files: ledger.files,
        bytes: ledger.bytes,
        removed: work.removed,
        segments,
        seconds: started.elapsed().as_secs_f64(),
        threads: ledger.threads.max(1),
        stages: ledger.stages,
        skipped: work.skipped,
        errors: ledger.errors,
        error_count: ledger.error_count,
    })
}

fn everything(engine: &Engine, ledger: &mut Ledger, cancel: &Cancel) -> Result<Work, Error> {
    let options = WalkOptions {
        stat: false,
        ..engine.walk.clone()
    };
    let (found, report) = walk(std::slice::from_ref(&engine.root), &options, cancel).map_err(walk_failed)?;
    report
        .errors
        .iter()
        .map(walk_error)
        .for_each(|error| ledger.fail(error));
    let all = found.len();
    let files: Vec<_> = found
        .into_iter()
        .filter_map(|file| {
            let stored = stored(&engine.root, &file.path)?;
            Some(Source::Disk {
                path: file.path,
                stored,
            })
        })
        .collect();
    let unnameable = (all - files.len()) as u64;
    Ok(Work {
        files,
        tombstones: Vec::new(),
        removed: 0,
        skipped: skipped(&report, unnameable),
    })
}

fn differences(
    engine: &Engine,
    snapshot: &Snapshot,
    ledger: &mut Ledger,
    cancel: &Cancel,
) -> Result<Work, Error> {
    let comparison = compare(snapshot, &engine.walk, cancel)?;
    let mut again = comparison.doubtful(snapshot);
    again.extend(in_small_segments(snapshot, &comparison.unchanged));
    again.sort_unstable();
    again.dedup();
    let mut paths: Vec<Vec<u8>> = again
        .iter()
        .map(|&(number, file)| snapshot.segments[number as usize].segment.path(file))
        .collect();
    // A file that is cut over several segments is read as a whole: all its parts go.
    let mut tombstones: Vec<(u32, u32)> = paths.iter().flat_map(|path| snapshot.find(path)).collect();
    tombstones.extend(&comparison.removed);
    tombstones.extend(&comparison.outdated);
    paths.extend(comparison.changed);
    paths.extend(comparison.added);
    paths.sort_unstable();
    paths.dedup();
    comparison
        .errors
        .iter()
        .map(walk_error)
        .for_each(|error| ledger.fail(error));
    let files = paths
        .into_iter()
        .map(|stored| Source::Disk {
            path: snapshot.native(&stored),
            stored,
        })
        .collect();
    Ok(Work {
        files,
        tombstones,
        removed: comparison.removed.len() as u64,
        skipped: comparison.skipped,
    })
}

/// The unchanged files of small segments, once there are too many of those: a cheap way to keep their number down.
fn in_small_segments(snapshot: &Snapshot, unchanged: &[roaring::RoaringBitmap]) -> Vec<(u32, u32)> {
    let small = |number: &usize| snapshot.segments[*number].segment.blocks().len() < SMALL;
    let segments: Vec<usize> = (0..snapshot.segments.len()).filter(small).collect();
    if segments.len() <= SMALL_SEGMENTS {
        return Vec::new();
    }
    segments
        .into_iter()
        .flat_map(|number| unchanged[number].iter().map(move |file| (number as u32, file)))
        .collect()
}

fn next_manifest(
    engine: &Engine,
    current: Option<&Snapshot>,
    entries: Vec<SegmentEntry>,
    tombstones: &[(u32, u32)],
) -> Manifest {
    let mut segments = current.map_or_else(Vec::new, |snapshot| snapshot.stored.manifest.segments.clone());
    for &(number, file) in tombstones {
        segments[number as usize].tombstones.insert(file);
    }
    segments.retain(|entry| entry.tombstones.len() < u64::from(entry.files));
    segments.extend(entries);
    Manifest {
        root: engine.root.as_os_str().as_encoded_bytes().to_vec(),
        options: engine.fingerprint,
        segments,
        ..Manifest::default()
    }
}
