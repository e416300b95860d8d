//! Looking at what may have changed: which followed files grew, were renamed or are gone, and which files are new.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use quern_walk::{FileMeta, Found, WalkReport, walk, walk_only};
use quern_watch::Changes;

use crate::error::Error;
use crate::follow::arrivals::Arrival;
use crate::follow::follower::Follower;
use crate::follow::tail::{Identity, Mark, Standing};
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
            return Ok(false);
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
        let looks = self.looks;
        self.ended.retain(|(_, look)| look + 1 >= looks);
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
            let Some(tail) = self.files.get(&identity) else {
                arrivals.push(Arrival::new(identity, path, meta.size));
                continue;
            };
            let was_read = tail.mark.position > 0;
            if !seen.insert(identity.clone()) {
                continue;
            }
            if self.is_another(&identity, &path, meta.size) {
                self.forget(&identity);
                arrivals.push(Arrival {
                    is_known: !was_read,
                    ..Arrival::new(identity, path, meta.size)
                });
            } else {
                self.find_again(&identity, &path, &meta, &scope);
            }
        }
        expected.retain(|identity| !seen.contains(identity));
        self.look_for(&expected, &named);
        // Only now it is known where the originals are.
        for identity in &seen {
            self.look_at_copy(identity);
        }
        for identity in std::mem::take(&mut self.undecided) {
            self.decide(identity);
        }
        for arrival in arrivals {
            self.take_in(arrival);
        }
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

    /// Whether a file of another name has the number of one that is gone: it does not have what was read of that.
    fn is_another(&self, identity: &Identity, path: &Arc<[u8]>, size: u64) -> bool {
        let Some(tail) = self.files.get(identity).filter(|tail| tail.path != *path) else {
            return false;
        };
        let Mark { position, seal } = tail.mark;
        let is_whole = || {
            let (mut file, _) = crate::read::open(&self.path(path)).ok()?;
            seal.is_whole(&mut file, position).ok()
        };
        match seal.bytes {
            // Nothing is lost if it is the same.
            0 if position == 0 || tail.standing == Standing::Binary => true,
            0 => size < position,
            _ => size < position || !is_whole().unwrap_or(true),
        }
    }

    /// A followed file is there, perhaps under another name.
    fn find_again(&mut self, identity: &Identity, path: &Arc<[u8]>, meta: &FileMeta, scope: &Scope) {
        if self.files.get(identity).is_some_and(|tail| tail.path != *path) {
            self.files.rename(identity, path);
            self.look_whether_anew(identity);
        }
        let Some(tail) = self.files.get_mut(identity) else {
            return;
        };
        (tail.is_outside, tail.is_missing) = (false, false);
        if matches!(tail.standing, Standing::Copy(_) | Standing::Undecided) {
            return;
        }
        let is_shorter = meta.size < tail.mark.position;
        // An event may mean that a file of the same length says something else.
        let is_named = matches!(scope, Scope::Paths(_));
        if is_shorter {
            self.begin_anew(identity);
        } else if is_named || meta.size > tail.mark.position {
            self.files.wait(identity);
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
                        self.forget(identity);
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
                self.forget(identity);
            } else {
                self.ended.push((tail.mark, self.looks));
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
