//! Looking at what may have changed: which followed files grew, were renamed or are gone, and which files are new.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use quern_walk::{FileMeta, Found, WalkReport, walk, walk_only};
use quern_watch::Changes;

use crate::error::Error;
use crate::follow::arrivals::{Arrival, PATIENCE};
use crate::follow::follower::Follower;
use crate::follow::tail::{Identity, Standing, Tail};
use crate::query::{Scope, is_gap, stored, walk_error, walk_failed};

/// Errors that are kept.
const KEPT_ERRORS: usize = 100;

impl Follower {
    /// Looks at what the watcher saw. Gives whether there was anything.
    ///
    /// # Errors
    /// A stop.
    pub fn look(&mut self) -> Result<bool, Error> {
        let Some(batch) = self.watcher.take() else {
            let is_due = self.again.is_some_and(|again| again <= Instant::now());
            if is_due {
                self.look_at(&Changes::Paths(Vec::new()))?;
            }
            return Ok(is_due);
        };
        match self.look_at(batch.changes()) {
            Ok(()) => {
                self.watcher.finish(batch);
                Ok(true)
            }
            Err(error) => {
                self.watcher.retry(batch);
                Err(error)
            }
        }
    }

    fn look_at(&mut self, changes: &Changes) -> Result<(), Error> {
        self.looks += 1;
        self.ended.age(self.looks);
        let named: Vec<&Path> = match changes {
            Changes::Paths(paths) => paths.iter().map(|change| change.path.as_path()).collect(),
            Changes::Everything { .. } => Vec::new(),
        };
        let scope = match changes {
            Changes::Paths(_) => self.rules.scope(named.iter().copied()),
            Changes::Everything { .. } => Scope::Everything,
        };
        let found = self.walk_again(&scope)?;
        let mut expected = std::mem::take(&mut self.missing);
        expected.extend(self.followed_in(&scope));
        let mut seen = HashSet::new();
        let mut arrivals = Vec::new();
        for file in found {
            let (Some(path), Some(meta)) = (stored(&self.root, &file.path), file.meta) else {
                continue;
            };
            let path = path.into();
            let identity = Identity::of(&meta, &path);
            if self.files.get(&identity).is_none() {
                arrivals.push((meta, Arrival::new(identity, path)));
            } else if seen.insert(identity.clone())
                && let Some(arrival) = self.find_again(&identity, &path, &meta, &scope)
            {
                arrivals.push((meta, arrival));
            }
        }
        expected.retain(|identity| !seen.contains(identity));
        self.look_for(&expected, &named);
        // Only now it is known where the originals are. Those that are new have the shorter names; of their copies the older ones
        // come first, as they may have to be told by their lengths.
        arrivals.sort_by_cached_key(|(meta, arrival)| (arrival.path.len(), meta.mtime_ns));
        for (_, arrival) in arrivals {
            self.take_in(arrival);
        }
        self.decide(|identity| seen.contains(identity));
        self.again = (!self.missing.is_empty()).then(|| Instant::now() + PATIENCE);
        Ok(())
    }

    fn walk_again(&mut self, scope: &Scope) -> Result<Vec<Found>, Error> {
        let (found, report) = match scope {
            Scope::Everything => walk(std::slice::from_ref(&self.root), &self.walk, &self.cancel),
            Scope::Paths(paths) => walk_only(&self.root, &self.walk, paths, &self.cancel),
        }
        .map_err(walk_failed)?;
        self.watcher.add_folders(&report.folders);
        self.note_walk(&report);
        Ok(found)
    }

    fn followed_in(&self, scope: &Scope) -> Vec<Identity> {
        let below = |path: &Path| match path == self.root {
            true => self.files.at_or_below(b""),
            false => stored(&self.root, path).map_or_else(Vec::new, |path| self.files.at_or_below(&path)),
        };
        match scope {
            Scope::Everything => self.files.at_or_below(b""),
            Scope::Paths(paths) => paths.iter().flat_map(|path| below(path)).collect(),
        }
    }

    /// A followed file is there, perhaps under another name. If it is another text, it is given as a new one.
    fn find_again(
        &mut self,
        identity: &Identity,
        path: &Arc<[u8]>,
        meta: &FileMeta,
        scope: &Scope,
    ) -> Option<Arrival> {
        let tail = self.files.get(identity)?;
        let position = tail.mark.position;
        let is_renamed = tail.path != *path;
        // An event may mean that a file of the same length says something else.
        let is_changed = matches!(scope, Scope::Paths(_)) || meta.size > position;
        let is_shorter = meta.size < position;
        if (is_renamed || is_changed || is_shorter) && self.is_another(tail, path, meta.size) {
            let arrival = self.end(identity)?;
            return Some(Arrival {
                path: Arc::clone(path),
                is_known: position == 0 || !is_renamed,
                is_outside: false,
                ..arrival
            });
        }
        if is_renamed {
            self.files.rename(identity, path);
        }
        let tail = self.files.get_mut(identity)?;
        (tail.is_outside, tail.is_missing) = (false, false);
        match tail.standing {
            // A compressed one was seen with this length.
            Standing::Copy(_) if meta.size != position => self.released.push(identity.clone()),
            Standing::Copy(_) => {}
            // The rest of a compressed one is behind its bytes.
            _ if is_changed || tail.packed.is_some() => self.files.wait(identity),
            _ => {}
        }
        None
    }

    /// Whether a followed file, found at a path, has to be taken for a new one. It may have the number of one that is gone, or the
    /// name; if nothing was read of it, nothing is lost.
    fn is_another(&self, tail: &Tail, path: &[u8], size: u64) -> bool {
        let is_renamed = *tail.path != *path;
        let has_read = || {
            let (mut file, _) = crate::read::open(&self.path(path)).ok()?;
            tail.mark.is_in(&mut file, size).ok()
        };
        match tail.standing {
            Standing::Copy(_) => false,
            Standing::Binary => size < tail.mark.position || is_renamed && size > tail.mark.position,
            _ if tail.mark.position == 0 => true,
            // The text is compared when it is read on.
            _ if !is_renamed => size < tail.mark.position,
            _ => !has_read().unwrap_or(true),
        }
    }

    /// Decides about followed files that the walk should have found. `named`: the paths that the watcher told of.
    fn look_for(&mut self, lost: &[Identity], named: &[&Path]) {
        let mut already = HashSet::new();
        for identity in lost {
            let Some(tail) = self.files.get(identity) else {
                continue;
            };
            let (path, is_outside) = (Arc::clone(&tail.path), tail.is_outside);
            if !already.insert(identity) {
                continue;
            }
            match self.stat(&self.path(&path)) {
                Ok(metadata) if metadata.is_file() && is_it(&metadata, &path, identity) => {
                    if is_outside {
                        self.files.wait(identity);
                    } else {
                        // It does not belong to the folder any more.
                        self.end(identity);
                    }
                }
                Err(error) if error.kind() != ErrorKind::NotFound => {}
                _ => self.look_elsewhere(identity, named),
            }
        }
    }

    /// A followed file is no longer where it was. What the walk does not find, as `a.log.1` where that is ignored, is read on.
    fn look_elsewhere(&mut self, identity: &Identity, named: &[&Path]) {
        let place = named.iter().find_map(|path| {
            let stored = Arc::from(stored(&self.root, path)?);
            let metadata = self.stat(path).ok().filter(std::fs::Metadata::is_file)?;
            is_it(&metadata, &stored, identity).then_some(stored)
        });
        if let Some(path) = place {
            self.files.rename(identity, &path);
            if let Some(tail) = self.files.get_mut(identity) {
                (tail.is_outside, tail.is_missing) = (true, false);
            }
            self.files.wait(identity);
        } else if let Some(tail) = self.files.get_mut(identity) {
            // The system tells of a renaming in two events, of which the second may be still to come.
            if std::mem::replace(&mut tail.is_missing, true) {
                self.end(identity);
            } else {
                self.missing.push(identity.clone());
            }
        }
    }

    /// Keeps what went wrong, once.
    pub fn note(&mut self, error: Error) {
        let is_known = |known: &Error| known.path == error.path && known.message == error.message;
        if self.errors.len() < KEPT_ERRORS && !self.errors.iter().any(is_known) {
            self.errors.push(error);
        }
    }

    pub fn note_walk(&mut self, report: &WalkReport) {
        for error in report.errors.iter().filter(|error| is_gap(error)) {
            self.note(walk_error(error));
        }
    }
}

fn is_it(metadata: &std::fs::Metadata, path: &Arc<[u8]>, identity: &Identity) -> bool {
    Identity::of(&FileMeta::from_metadata(metadata), path) == *identity
}
