//! Bringing a store up to date: what changed is indexed into new segments, what it replaces is tombstoned.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Instant;

use quern_store::Finished;
use quern_walk::{Cancel, WalkOptions, walk};

use crate::build::{Destination, Ledger, Plan, Source, build};
use crate::change::commit::{commit, commit_first};
use crate::change::growth::Found;
use crate::change::writing::Writing;
use crate::engine::{Engine, checked_root, have_same_stamps};
use crate::error::Error;
use crate::progress::{Phase, Progress};
use crate::query::{Comparison, Scope, compare, skipped, stored, walk_error, walk_failed};
use crate::snapshot::Snapshot;
use crate::stats::BuildStats;

/// Text, in bytes, and files that are indexed in memory at once; more goes to disk directly.
const SMALL: u64 = 16 << 20;
const SMALL_FILES: usize = 4096;
/// Bytes that a run of terms holds at most while so much is indexed.
const SMALL_RUN: usize = 8 << 20;

/// What there is to do.
#[derive(Default)]
pub(super) struct Work {
    /// What to index.
    pub sources: Vec<Source>,
    /// Bytes of it, as far as that is known.
    pub bytes: u64,
    /// Entries that no longer count.
    pub tombstones: Vec<(u32, u32)>,
    /// How many of them are of files that are gone.
    pub removed: u64,
    /// Failures of the walk.
    pub errors: Vec<Error>,
    pub skipped: Vec<(&'static str, u64)>,
}

/// Refreshes; without a generation, or in a store that was removed, this is the first build.
///
/// # Errors
/// A root that is gone; a store that cannot be written; a stop; more failing files than allowed.
pub(crate) fn refresh(
    engine: &Engine,
    writing: &Writing<'_>,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<BuildStats, Error> {
    let started = Instant::now();
    checked_root(&engine.root)?;
    let mut ledger = Ledger::default();
    progress.enter(Phase::Walk);
    let current = writing.current()?;
    let mut work = match &current {
        None => everything(engine, cancel)?,
        Some(snapshot) => Work::of(
            snapshot,
            compare(snapshot, &engine.walk, &Scope::Everything, cancel)?,
            engine,
        ),
    };
    work.errors.drain(..).for_each(|error| ledger.fail(error));
    ledger.stages.walk = started.elapsed().as_secs_f64();
    let to = Destination::Store(writing.writer());
    let plan = work.plan(engine, to, progress, cancel);
    let finished = build(&plan, &mut ledger)?;
    work.tombstones.append(&mut ledger.outdated);
    let entries: Vec<_> = finished.into_iter().map(|Finished { entry, .. }| entry).collect();
    let segments = entries.len() as u64;
    let clock = Instant::now();
    match &current {
        None => {
            progress.enter(Phase::Write);
            commit_first(engine, writing, entries)?.durably()?;
        }
        Some(state) => {
            let is_ours = state.stored.manifest.options == engine.fingerprint;
            if !is_ours || !entries.is_empty() || !work.tombstones.is_empty() || engine.is_unsaved() {
                progress.enter(Phase::Write);
                commit(
                    engine,
                    writing,
                    &state.after(&work.tombstones, []),
                    entries,
                    cancel,
                )?
                .durably()?;
            }
        }
    }
    ledger.stages.commit = clock.elapsed().as_secs_f64();
    let stats = BuildStats {
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
    };
    engine.record(stats.clone());
    Ok(stats)
}

/// All files of the folder. What was given to an index whose store was removed is indexed again.
fn everything(engine: &Engine, cancel: &Cancel) -> Result<Work, Error> {
    let options = WalkOptions {
        stat: false,
        ..engine.walk.clone()
    };
    let (found, report) = walk(std::slice::from_ref(&engine.root), &options, cancel).map_err(walk_failed)?;
    let all = found.len();
    let given = engine.given()?;
    let mut sources: Vec<Source> = found
        .into_iter()
        .filter_map(|file| {
            let stored = stored(&engine.root, &file.path)?;
            Some(Source::Disk {
                path: file.path,
                stored,
                growth: None,
            })
        })
        .collect();
    let unnameable = (all - sources.len()) as u64;
    sources.retain(|source| !given.contains_key(source.stored()));
    let given = given.into_iter();
    sources.extend(given.map(|(stored, content)| Source::Given { stored, content }));
    Ok(Work {
        sources,
        errors: report.errors.iter().map(walk_error).collect(),
        skipped: skipped(&report, unnameable),
        ..Work::default()
    })
}

impl Work {
    /// Whether the disk need not be waited for to have it indexed.
    pub fn is_small(&self) -> bool {
        self.bytes <= SMALL && self.sources.len() <= SMALL_FILES
    }

    /// How it is to be indexed. What is small is ranked at once.
    pub fn plan<'a>(
        &'a self,
        engine: &'a Engine,
        to: Destination<'a>,
        progress: &'a Progress,
        cancel: &'a Cancel,
    ) -> Plan<'a> {
        Plan {
            terms: (self.is_small() && engine.is_ranked()).then_some(SMALL_RUN),
            ..engine.plan(&self.sources, to, progress, cancel)
        }
    }

    /// What makes a snapshot agree with the folder it was compared with.
    pub fn of(snapshot: &Snapshot, comparison: Comparison, engine: &Engine) -> Work {
        let growing = &engine.growing;
        let mut doubtful = comparison.doubtful(snapshot);
        doubtful.extend(comparison.assumed(snapshot, &growing.append_only));
        let has_stamps = have_same_stamps(snapshot.stored.manifest.options, engine.fingerprint);
        let logs = match has_stamps {
            true => HashSet::new(),
            false => comparison.logs(snapshot),
        };
        doubtful.extend(&logs);
        let doubtful = doubtful.into_iter().map(|entry| {
            let stat = snapshot.segment(entry).files().stat(entry.1);
            let found = Found {
                size: stat.size,
                inode: stat.inode,
                has_changed: false,
                is_anew: logs.contains(&entry),
            };
            (snapshot.segment(entry).path(entry.1), found)
        });
        let changed = comparison.changed.into_iter().map(|(path, meta)| {
            let found = Found {
                size: meta.size,
                inode: meta.inode,
                has_changed: true,
                is_anew: !has_stamps,
            };
            (path, found)
        });
        let known: BTreeMap<Vec<u8>, Found> = doubtful.chain(changed).collect();
        // A file that is cut over several entries is read as a whole, unless it only grew: all its parts go.
        let again: Vec<_> = known.keys().flat_map(|path| snapshot.find(path)).collect();
        let mut tombstones: BTreeSet<(u32, u32)> = again.into_iter().collect();
        tombstones.extend(&comparison.removed);
        tombstones.extend(&comparison.outdated);
        let mut bytes = comparison.bytes;
        let mut sources = Vec::new();
        for (path, found) in known {
            let (source, unread) = growing.source(snapshot, path, found);
            bytes += unread;
            for entry in source.kept() {
                tombstones.remove(&entry);
            }
            sources.push(source);
        }
        sources.extend(comparison.added.into_iter().map(|stored| Source::Disk {
            path: snapshot.native(&stored),
            stored,
            growth: None,
        }));
        sources.sort_unstable_by(|a, b| a.stored().cmp(b.stored()));
        Work {
            sources,
            bytes,
            tombstones: tombstones.into_iter().collect(),
            removed: comparison.removed.len() as u64,
            errors: comparison.errors.iter().map(walk_error).collect(),
            skipped: comparison.skipped,
        }
    }
}
