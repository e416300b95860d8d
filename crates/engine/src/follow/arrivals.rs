//! Files that nobody followed yet: from where they are read, and what becomes of those that may be copies.

use std::cmp::Reverse;
use std::fs::File;
use std::sync::Arc;
use std::time::{Duration, Instant};

use quern_walk::FileMeta;

use crate::error::{Error, Stage};
use crate::follow::copies::{Likeness, compare, originals};
use crate::follow::endings::Names;
use crate::follow::follower::{Follower, Presence};
use crate::follow::packed::Packed;
use crate::follow::tail::{HEAD, Identity, Mark, Standing, Tail, read_at};
use crate::packed::{has_packed_name, is_packed};

/// After so long a file that was not found is looked for again, if nothing happens before.
pub(super) const PATIENCE: Duration = Duration::from_millis(100);
/// Texts that are looked for in one compressed file, the newest that ended.
const LOOKED_FOR: usize = 8;

/// A file that a look found and nobody followed, or whose text is another than was read.
pub(super) struct Arrival {
    pub identity: Identity,
    pub path: Arc<[u8]>,
    /// Names that it had while nothing was read of it.
    pub names: Names,
    /// A glob that does not admit it does not matter: it was followed under another name.
    pub is_known: bool,
    /// It lies where the walk does not find it.
    pub is_outside: bool,
}

impl Arrival {
    pub fn new(identity: Identity, path: Arc<[u8]>) -> Arrival {
        Arrival {
            identity,
            path,
            names: Names::default(),
            is_known: false,
            is_outside: false,
        }
    }
}

/// What becomes of a new file.
enum Fate {
    /// It is read from its start or, if so much of it is also in another file, from there.
    New { position: u64 },
    /// It may be a copy of this file, which is still there or may be.
    Waits(Identity),
    /// It goes on where the text of this number ended.
    Continues(u64),
    /// The same, compressed.
    Unpacks(u64, Box<Packed>),
    /// It is compressed, and may be needed when a text ends, such as that of this file.
    WaitsPacked(Identity),
}

impl Follower {
    /// Begins to follow a file: from its start, unless it is a copy.
    pub fn take_in(&mut self, arrival: Arrival) {
        let Arrival { identity, path, .. } = arrival;
        if self.files.get(&identity).is_some() {
            return;
        }
        let Some((fate, size)) = self.fate(&identity, &path) else {
            return;
        };
        let mut tail = match fate {
            Fate::Continues(number) => match self.ended.take(number) {
                Some(ended) => Tail::continuing(path, ended),
                None => return,
            },
            Fate::Unpacks(number, packed) => match self.ended.take(number) {
                Some(ended) => Tail::unpacking(path, size, ended.names, packed),
                None => return,
            },
            Fate::WaitsPacked(original) => {
                self.copies.insert(identity.clone());
                Tail::new(path, size, Standing::Copy(original))
            }
            Fate::Waits(original) => {
                self.copies.insert(identity.clone());
                Tail::new(path, 0, Standing::Copy(original))
            }
            Fate::New { position } if arrival.is_known || self.filter.matches(&path) => {
                let names = arrival.names;
                let tail = Tail::new(path, position, Standing::Fresh { last: 0 });
                Tail { names, ..tail }
            }
            Fate::New { .. } => return,
        };
        (tail.is_outside, tail.decided) = (arrival.is_outside, size);
        self.files.insert(identity.clone(), tail);
        self.files.wait(&identity);
    }

    /// Of all that a new file may go on with, it is what it has most of; with its size. `None`: it is not there any more.
    fn fate(&mut self, identity: &Identity, path: &[u8]) -> Option<(Fate, u64)> {
        let mut originals = self.files.originals(path);
        // Two files never wait for each other.
        originals.retain(|original| original != identity && self.original(original) != Some(identity));
        for original in &originals {
            self.look_whether_anew(original);
        }
        let new = Fate::New { position: 0 };
        let (mut file, meta) = self.open_arrival(identity, path)?;
        let ended = self.ended.originals(path);
        let mut head = Vec::new();
        if read_at(&mut file, 0, HEAD, &mut head).is_ok() && is_packed(path, &head) {
            let unpacks = self.unpacks(identity, path, &ended);
            let fate = unpacks.or_else(|| self.waits_for_any(originals));
            return Some((fate.unwrap_or(new), meta.size));
        }
        let (sealed, unsealed): (Vec<_>, Vec<_>) = ended.into_iter().partition(|(_, mark)| mark.is_sealed());
        let mut is_in = |mark: Mark| mark.is_in(&mut file, meta.size).unwrap_or(false);
        let sealed = sealed.into_iter().filter(|(_, mark)| is_in(*mark));
        let mut fates: Vec<_> = sealed
            .map(|(number, mark)| (mark.position, Fate::Continues(number)))
            .collect();
        let likely = originals
            .iter()
            .filter_map(|original| self.likeness((&mut file, meta), original));
        fates.extend(likely);
        // Nothing was read of these but their lengths.
        let unsealed = unsealed
            .into_iter()
            .filter(|(_, mark)| mark.position <= meta.size);
        let unsealed = || unsealed.map(|(number, _)| Fate::Continues(number)).next();
        let best = fates.into_iter().max_by_key(|(bytes, _)| *bytes);
        let fate = best.map(|(_, fate)| fate).or_else(unsealed);
        Some((fate.unwrap_or(new), meta.size))
    }

    /// A compressed file that has what was read of a text that ended: the one that was read furthest.
    fn unpacks(&mut self, identity: &Identity, path: &[u8], ended: &[(u64, Mark)]) -> Option<Fate> {
        let mut sealed: Vec<_> = ended
            .iter()
            .filter(|(_, mark)| mark.is_sealed())
            .take(LOOKED_FOR)
            .collect();
        sealed.sort_by_key(|(_, mark)| Reverse(mark.position));
        for &(number, mark) in sealed {
            let (file, _) = self.open_arrival(identity, path)?;
            match Packed::new(file).after(mark, &self.cancel) {
                Ok(Some(packed)) => return Some(Fate::Unpacks(number, Box::new(packed))),
                Ok(None) => {}
                Err(error) => self.note(Error::io(&error, &self.path(path), Stage::Read)),
            }
        }
        None
    }

    /// Has the next look decide whether a file is gone.
    fn miss(&mut self, identity: &Identity) {
        if !self.missing.contains(identity) {
            self.missing.push(identity.clone());
            self.again.get_or_insert_with(|| Instant::now() + PATIENCE);
        }
    }

    /// A compressed file may be needed when one of these ends; first of all one that has gone already.
    fn waits_for_any(&mut self, originals: Vec<Identity>) -> Option<Fate> {
        let is_gone = |original: &&Identity| matches!(self.presence(original), Presence::Gone);
        let gone = originals.iter().find(is_gone).cloned();
        gone.iter().for_each(|gone| self.miss(gone));
        let first = gone.or_else(|| originals.into_iter().next())?;
        Some(Fate::WaitsPacked(first))
    }

    /// A new file and its size, if it is still there.
    fn open_arrival(&self, identity: &Identity, path: &[u8]) -> Option<(File, FileMeta)> {
        let (file, meta) = crate::read::open(&self.path(path)).ok()?;
        (Identity::of(&meta, &path.into()) == *identity).then_some((file, meta))
    }

    /// What a file is to a followed one from whose name its own was made, and how many bytes say so; `None`: nothing.
    fn likeness(&mut self, copy: (&mut File, FileMeta), original: &Identity) -> Option<(u64, Fate)> {
        let (copy, size) = (copy.0, copy.1.size);
        let mark = self.files.get(original)?.mark;
        let waits = |bytes| Some((bytes, Fate::Waits(original.clone())));
        let presence = self.presence(original);
        if matches!(presence, Presence::Gone) {
            self.miss(original);
        }
        match presence {
            Presence::Unreadable => None,
            // Renamed or gone: the system has still to tell.
            Presence::Gone if !mark.is_sealed() || size < mark.position => waits(0),
            Presence::Gone => match mark.is_in(copy, size).ok()? {
                true => waits(mark.position),
                false => None,
            },
            // Truncated at this moment.
            Presence::There(_, whole) if whole < mark.position => waits(0),
            Presence::There(mut file, whole) => match compare((copy, size), (&mut file, whole)).ok()? {
                Likeness::Other => None,
                Likeness::Same(common) => waits(common),
                Likeness::Longer(common) => Some((common, Fate::New { position: common })),
            },
        }
    }

    /// Decides again about a file of which nothing was read, if it has `size` bytes now and had others when that was decided: a copy
    /// may have been written to its place. Gives whether it did.
    pub fn decide_before_reading(&mut self, identity: &Identity, size: u64) -> bool {
        let is_changed = |tail: &Tail| {
            let is_read = matches!(tail.standing, Standing::Fresh { .. } | Standing::Text);
            is_read && tail.mark.position == 0 && tail.decided != size
        };
        let Some(tail) = self.files.get(identity).filter(|tail| is_changed(tail)) else {
            return false;
        };
        let path = Arc::clone(&tail.path);
        if self.files.originals(&path).is_empty() && self.ended.originals(&path).is_empty() {
            return false;
        }
        self.begin_anew(identity);
        self.decide(|_| false);
        true
    }

    /// Has a file begin anew that does not have what was read of it.
    fn look_whether_anew(&mut self, identity: &Identity) {
        let Some((mut file, size)) = self.open(identity) else {
            return;
        };
        let is_anew = |tail: &Tail| !tail.mark.is_in(&mut file, size).unwrap_or(true);
        if self.files.get(identity).is_some_and(is_anew) {
            self.begin_anew(identity);
        }
    }

    /// A file has another text than was read: it is a new one. What copies have of the other is decided by
    /// [`decide`](Follower::decide).
    pub fn begin_anew(&mut self, identity: &Identity) {
        if let Some(arrival) = self.end(identity) {
            self.take_in(arrival);
        }
    }

    /// The text of a followed file has ended. Gives the file as what it may be now: another text of the same name.
    pub fn end(&mut self, identity: &Identity) -> Option<Arrival> {
        let tail = self.files.remove(identity)?;
        self.copies.remove(identity);
        let mut names = Names::default();
        if tail.mark.position == 0 {
            names = tail.names.clone();
            names.add(&tail.path);
        }
        let arrival = Arrival {
            names,
            is_known: true,
            is_outside: tail.is_outside,
            ..Arrival::new(identity.clone(), Arc::clone(&tail.path))
        };
        self.released.extend(self.copies_of(&tail, identity));
        if let Some(ended) = tail.ended() {
            self.ended.add(ended, self.looks);
        }
        Some(arrival)
    }

    /// The files that wait because they may say what this one says: compressed ones wait for any whose name led to theirs.
    fn copies_of(&self, tail: &Tail, identity: &Identity) -> Vec<Identity> {
        let is_packed_copy = |copy: &Tail| {
            has_packed_name(&copy.path) && originals(&copy.path).iter().any(|name| tail.had_name(name))
        };
        let is_copy = |copy: &&Identity| {
            self.original(copy) == Some(identity) || self.files.get(copy).is_some_and(is_packed_copy)
        };
        self.copies.iter().filter(is_copy).cloned().collect()
    }

    fn original(&self, copy: &Identity) -> Option<&Identity> {
        match &self.files.get(copy)?.standing {
            Standing::Copy(original) => Some(original),
            _ => None,
        }
    }

    /// Decides again about copies of which something has changed: those that were released, and where `is_seen` says so of them
    /// or their originals.
    pub fn decide(&mut self, is_seen: impl Fn(&Identity) -> bool) {
        let has_changed = |copy: &&Identity| match (self.files.get(copy), self.original(copy)) {
            (Some(_), Some(original)) if self.files.get(original).is_none() => true,
            // It is decompressed only if there is a reason.
            (Some(tail), Some(_)) if has_packed_name(&tail.path) => false,
            (Some(_), Some(original)) => is_seen(copy) || is_seen(original),
            _ => true,
        };
        let mut changed: Vec<Identity> = self.copies.iter().filter(has_changed).cloned().collect();
        loop {
            changed.append(&mut self.released);
            let Some(copy) = changed.pop() else {
                return;
            };
            if !self.copies.remove(&copy) {
                continue;
            }
            if let Some(tail) = self.files.remove(&copy) {
                self.take_in(Arrival {
                    is_outside: tail.is_outside,
                    ..Arrival::new(copy, tail.path)
                });
            }
        }
    }
}
