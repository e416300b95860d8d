//! Changes in memory: what is indexed here is searchable at once, and durable when it is flushed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use quern_store::Finished;
use quern_walk::{Cancel, WalkOptions};

use crate::build::{Destination, Ledger, Source, build};
use crate::change::commit::{Committed, commit, size};
use crate::change::merge::{Pace, merge};
use crate::change::refresh::{Work, refresh};
use crate::change::tiers;
use crate::change::writing::Writing;
use crate::engine::Engine;
use crate::error::{Code, Error};
use crate::progress::Progress;
use crate::query::{Scope, compare};
use crate::rules::Rules;
use crate::snapshot::{LiveSegment, Snapshot};

/// A change that its caller makes known. Paths are absolute, or relative to the root.
#[derive(Clone, Debug)]
pub enum Change {
    /// The file's text is this, whatever the disk says, until the path is looked at or removed.
    Give {
        /// The file; it need not exist.
        path: PathBuf,
        /// Its bytes, as a file would have them.
        text: Vec<u8>,
    },
    /// Look at the file, or at all of a folder, as the disk has it. What was given for it is dropped.
    Look {
        /// The file or folder.
        path: PathBuf,
    },
    /// The file, or all of a folder, is gone. If it is still on disk, the next refresh finds it again.
    Remove {
        /// The file or folder.
        path: PathBuf,
    },
}

/// What changes did to an index.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    /// The snapshot that has the changes.
    pub snapshot: String,
    /// Files that were indexed.
    pub indexed: u64,
    /// Files that no longer count.
    pub removed: u64,
    /// The first files that could not be read; every query looks at them directly.
    pub errors: Vec<Error>,
    /// All of them.
    pub error_count: u64,
}

/// Changes by stored path, in the order in which they are told: what is said of a folder replaces what was said of
/// anything in it before. So of all that was said of a file and of folders that it is in, the deepest came last and counts.
#[derive(Default)]
struct Wanted {
    /// What is said of a file or of all of a folder.
    paths: BTreeMap<Vec<u8>, Want>,
    /// What is said of one file, after anything in `paths`. Of what is below, it says nothing: a folder may have been removed for
    /// a file of its name.
    given: BTreeMap<Vec<u8>, Arc<[u8]>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Want {
    Looked,
    Removed,
}

impl Wanted {
    fn of(root: &Path, changes: Vec<Change>) -> Result<Wanted, Error> {
        let mut wanted = Wanted::default();
        for change in changes {
            match change {
                Change::Give { path, text } => {
                    wanted.given.insert(stored_below(root, &path)?, text.into());
                }
                Change::Look { path } => wanted.add(stored_below(root, &path)?, Want::Looked),
                Change::Remove { path } => wanted.add(stored_below(root, &path)?, Want::Removed),
            }
        }
        Ok(wanted)
    }

    fn add(&mut self, path: Vec<u8>, want: Want) {
        forget(&mut self.paths, &path);
        forget(&mut self.given, &path);
        self.paths.insert(path, want);
    }

    /// Whether the disk says what a file is: nothing else was said last of it, or of a folder that it is in.
    fn is_looked(&self, path: &[u8]) -> bool {
        let folders: Vec<&[u8]> = quern_paths::ancestors(path).collect();
        let mut deepest_first = std::iter::once(path).chain(folders.into_iter().rev());
        let want = deepest_first.find_map(|path| self.paths.get(path));
        !self.given.contains_key(path) && want != Some(&Want::Removed)
    }

    /// What to compare with the disk: also what a file of rules governed that is gone.
    fn looked<'a>(&'a self, current: &'a Snapshot, rules: &'a Rules) -> impl Iterator<Item = PathBuf> + 'a {
        let paths = self.paths.iter().map(|(path, want)| (current.native(path), want));
        let looked = paths.filter(|(path, want)| match want {
            Want::Looked => true,
            Want::Removed => rules.is_rule(path),
        });
        looked.map(|(path, _)| path)
    }

    /// Entries that go, whatever the disk has.
    fn dead(&self, current: &Snapshot) -> Vec<(u32, u32)> {
        let was_given = |&(number, file): &(u32, u32)| {
            let segment = &current.segments[number as usize].segment;
            segment.given().contains(file)
        };
        let mut dead = Vec::new();
        for (path, want) in &self.paths {
            match want {
                Want::Looked => dead.extend(current.at_or_below(path).into_iter().filter(was_given)),
                Want::Removed => dead.extend(current.at_or_below(path)),
            }
        }
        dead.extend(self.given.keys().flat_map(|path| current.find(path)));
        dead
    }
}

/// Takes away a path and what is below it.
fn forget<T>(map: &mut BTreeMap<Vec<u8>, T>, path: &[u8]) {
    map.remove(path);
    let start = [path, b"/"].concat();
    let below = map.range(start.clone()..).map(|(below, _)| below);
    let below: Vec<Vec<u8>> = below
        .take_while(|below| below.starts_with(&start))
        .cloned()
        .collect();
    below.iter().for_each(|below| {
        map.remove(below);
    });
}

/// The stored form of a path that a caller names.
fn stored_below(root: &Path, path: &Path) -> Result<Vec<u8>, Error> {
    let relative = path.strip_prefix(root).unwrap_or(path);
    quern_paths::to_stored(relative).map_err(|error| {
        let message = format!("{error}; give a path below the index's folder");
        Error::new(Code::InvalidOption, message).at(path)
    })
}

/// Applies changes, all of them or, on an error, none.
///
/// # Errors
/// A path that is refused; [`Code::Locked`]; a stop; a store that cannot be written, for large changes.
pub(crate) fn apply(engine: &Engine, changes: Vec<Change>, cancel: &Cancel) -> Result<Applied, Error> {
    let wanted = Wanted::of(&engine.root, changes)?;
    if engine.watching.is_on() {
        let paths = wanted.paths.keys().chain(wanted.given.keys());
        engine.recent.note_few(paths);
    }
    let writing = Writing::begin(engine, cancel)?;
    let current = current_or_built(engine, &writing, cancel)?;
    let dead = wanted.dead(&current);
    let base = match dead.is_empty() {
        true => Arc::clone(&current),
        false => Arc::new(current.after(&dead, [])),
    };
    let mut work = Work::default();
    let rules = Rules::new(&engine.root, &engine.walk);
    let looked: Vec<PathBuf> = wanted.looked(&current, &rules).collect();
    if !looked.is_empty() {
        let scope = rules.scope(looked.iter().map(PathBuf::as_path));
        let compared = compare(&base, &engine.walk, &scope, cancel)?;
        work = Work::of(&base, compared, engine);
        // Of a file below a folder that is looked at, something else may have been said since.
        work.sources.retain(|source| wanted.is_looked(source.stored()));
    }
    for (stored, content) in wanted.given {
        work.bytes += content.len() as u64;
        work.sources.push(Source::Given { stored, content });
    }
    put(engine, &writing, &current, &base, work, cancel)
}

/// Compares a part of the folder, and indexes what is not as it was.
///
/// # Errors
/// As [`apply`].
pub(crate) fn look(
    engine: &Engine,
    scope: &Scope,
    cancel: &Cancel,
) -> Result<(Applied, Vec<PathBuf>), Error> {
    let writing = Writing::begin(engine, cancel)?;
    let current = current_or_built(engine, &writing, cancel)?;
    let walk = WalkOptions {
        folders: true,
        ..engine.walk.clone()
    };
    let mut compared = compare(&current, &walk, scope, cancel)?;
    let folders = std::mem::take(&mut compared.folders);
    let work = Work::of(&current, compared, engine);
    let applied = put(engine, &writing, &current, &current, work, cancel)?;
    Ok((applied, folders))
}

/// The state to change: of an index that was made with the same options.
fn current_or_built(engine: &Engine, writing: &Writing<'_>, cancel: &Cancel) -> Result<Arc<Snapshot>, Error> {
    if let Some(current) = writing.current()?
        && current.stored.manifest.options == engine.fingerprint
    {
        return Ok(current);
    }
    refresh(engine, writing, &Progress::default(), cancel)?;
    engine.snapshot()
}

/// Indexes what there is to do, beside the entries of `base`, and makes the result the state that queries see. `current`
/// is that before.
fn put(
    engine: &Engine,
    writing: &Writing<'_>,
    current: &Snapshot,
    base: &Snapshot,
    mut work: Work,
    cancel: &Cancel,
) -> Result<Applied, Error> {
    let is_new = |source: &&Source| current.find(source.stored()).next().is_none();
    let new = work.sources.iter().filter(is_new).count() as u64;
    let mut ledger = Ledger::default();
    work.errors.drain(..).for_each(|error| ledger.fail(error));
    let to = match work.is_small() {
        true => Destination::Memory,
        false => Destination::Store(writing.writer()),
    };
    let progress = Progress::default();
    let plan = work.plan(engine, to, &progress, cancel);
    let finished = build(&plan, &mut ledger)?;
    work.tombstones.append(&mut ledger.outdated);
    let mut entries = Vec::new();
    let mut added = Vec::new();
    for Finished { entry, memory } in finished {
        match memory {
            Some(segment) => added.push(segment),
            None => entries.push(entry),
        }
    }
    let has_changed = !added.is_empty() || !work.tombstones.is_empty() || base.sequence != current.sequence;
    let next = base.after(&work.tombstones, added);
    let next = match entries.is_empty() && has_changed {
        true => joined(next, cancel)?,
        false => next,
    };
    if !entries.is_empty() || has_changed && overlay_memory(&next) > engine.overlay {
        // Whether it is durable matters to the next flush only.
        match commit(engine, writing, &next, entries, cancel)? {
            Committed::Durably | Committed::Perhaps(_) => {}
        }
    } else if has_changed {
        engine.publish(next);
    }
    let after = engine.snapshot()?;
    Ok(Applied {
        snapshot: after.id.clone(),
        indexed: work.sources.len() as u64,
        removed: (current.live_files() + new).saturating_sub(after.live_files()),
        errors: ledger.errors,
        error_count: ledger.error_count,
    })
}

/// The same state with fewer segments in memory, if they are many.
fn joined(state: Snapshot, cancel: &Cancel) -> Result<Snapshot, Error> {
    let overlay = state.overlay();
    let chosen = tiers::choose(&overlay.iter().map(size).collect::<Vec<_>>(), u32::MAX);
    if chosen.is_empty() {
        return Ok(state);
    }
    let inputs: Vec<&LiveSegment> = chosen.iter().map(|&place| &overlay[place]).collect();
    let joined = merge(&inputs, Destination::Memory, Pace::none(), cancel)?;
    let first = state.stored.segments.len();
    let mut segments = state.segments.clone();
    for place in chosen.into_iter().rev() {
        segments.remove(first + place);
    }
    segments.extend(joined.memory.map(LiveSegment::new));
    Ok(state.with(segments))
}

/// Bytes that the overlay takes.
pub(crate) fn overlay_memory(state: &Snapshot) -> usize {
    state.overlay().iter().map(|live| live.segment.memory()).sum()
}
