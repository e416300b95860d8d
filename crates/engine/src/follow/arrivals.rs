//! Files that nobody followed yet: from where they are read, and what becomes of those that may be copies.

use std::sync::Arc;

use crate::follow::copies::{Likeness, compare, originals};
use crate::follow::follower::Follower;
use crate::follow::tail::{Identity, Mark, Standing, Tail};

/// A file that a look found and nobody followed.
pub(super) struct Arrival {
    pub identity: Identity,
    pub path: Arc<[u8]>,
    pub size: u64,
    /// A glob that does not admit it does not matter: it was followed under another name.
    pub is_known: bool,
}

impl Arrival {
    pub fn new(identity: Identity, path: Arc<[u8]>, size: u64) -> Arrival {
        Arrival {
            identity,
            path,
            size,
            is_known: false,
        }
    }
}

impl Follower {
    /// Begins to follow a file: from its start, unless it is a copy.
    pub fn take_in(&mut self, arrival: Arrival) {
        let Arrival {
            identity,
            path,
            size,
            is_known,
        } = arrival;
        if self.files.get(&identity).is_some() {
            return;
        }
        let fresh = Tail::new(Arc::clone(&path), 0, Standing::Fresh { last: 0 });
        let tail = match self.copied_from(&identity, &path, size) {
            Some(tail) => tail,
            None if is_known || self.filter.matches(&path) => fresh,
            None => return,
        };
        if tail.standing == Standing::Undecided {
            self.undecided.push(identity.clone());
        }
        self.files.insert(identity.clone(), tail);
        self.files.wait(&identity);
    }

    /// Takes in once more what was too short.
    pub fn decide(&mut self, identity: Identity) {
        let is_undecided = |tail: &&Tail| tail.standing == Standing::Undecided;
        let Some(tail) = self.files.get(&identity).filter(is_undecided) else {
            return;
        };
        let path = Arc::clone(&tail.path);
        let Some((_, size)) = self.open(&identity) else {
            return self.undecided.push(identity);
        };
        self.files.remove(&identity);
        self.take_in(Arrival::new(identity, path, size));
    }

    /// A new file as the copy of a followed one, if it is one.
    fn copied_from(&mut self, identity: &Identity, path: &Arc<[u8]>, size: u64) -> Option<Tail> {
        for name in originals(path) {
            let Some(original) = self.files.at(&name).filter(|&at| at != identity).cloned() else {
                continue;
            };
            self.look_whether_anew(&original);
            if let Some(position) = self.position_before(&original, path, size) {
                return Some(Tail::new(Arc::clone(path), position, Standing::Fresh { last: 0 }));
            }
            match self.likeness(path, identity, &original) {
                Some(Likeness::Same) => {
                    return Some(Tail::new(Arc::clone(path), 0, Standing::Copy(original)));
                }
                Some(Likeness::Short) => return Some(Tail::new(Arc::clone(path), 0, Standing::Undecided)),
                Some(Likeness::Longer(common)) if common > 0 => {
                    return Some(Tail::new(Arc::clone(path), common, Standing::Fresh { last: 0 }));
                }
                _ => {}
            }
        }
        // The original may have been renamed since, or be gone.
        let ended = self.ended.iter().map(|(mark, _)| mark);
        let sealed = ended.filter(|mark| mark.seal.bytes > 0 && mark.position <= size);
        let original = sealed.copied().find(|mark| self.has_read(path, *mark))?;
        let position = original.position;
        Some(Tail::new(Arc::clone(path), position, Standing::Fresh { last: 0 }))
    }

    /// How far the original had been read before it began anew, if the new file has what was read.
    fn position_before(&self, original: &Identity, path: &[u8], size: u64) -> Option<u64> {
        let (Mark { position, seal }, look) = *self.files.get(original)?.before.as_deref()?;
        if size < position {
            return None;
        }
        let is_copy = match seal.bytes {
            // Nothing was read. Copying and truncating are one step for who rotates a log.
            0 => position > 0 && look + 1 >= self.looks,
            _ => self.has_read(path, Mark { position, seal }),
        };
        is_copy.then_some(position)
    }

    /// Whether the file at a path has what was read of another.
    fn has_read(&self, path: &[u8], Mark { position, seal }: Mark) -> bool {
        let file = crate::read::open(&self.path(path));
        file.and_then(|(mut file, _)| seal.is_whole(&mut file, position))
            .unwrap_or(false)
    }

    /// Reads a file's size and seal: of one that begins anew its copies are no longer copies.
    pub fn look_whether_anew(&mut self, identity: &Identity) {
        let Some((mut file, size)) = self.open(identity) else {
            return;
        };
        let is_anew = self.files.get(identity).is_some_and(|tail| {
            let Mark { position, seal } = tail.mark;
            size < position || seal.bytes > 0 && !seal.is_whole(&mut file, position).unwrap_or(true)
        });
        if is_anew {
            self.begin_anew(identity);
        }
    }

    fn likeness(&mut self, path: &[u8], identity: &Identity, original: &Identity) -> Option<Likeness> {
        let (mut copy, meta) = crate::read::open(&self.path(path)).ok()?;
        if Identity::of(&meta, &path.into()) != *identity {
            return None;
        }
        let (mut file, size) = self.open(original)?;
        if size < self.files.get(original)?.mark.position {
            return None;
        }
        compare((&mut copy, meta.size), (&mut file, size)).ok()
    }

    /// What was a copy may have become a file of its own.
    pub fn look_at_copy(&mut self, identity: &Identity) {
        let original = |tail: &Tail| match &tail.standing {
            Standing::Copy(original) => Some(original.clone()),
            _ => None,
        };
        let Some(original) = self.files.get(identity).and_then(original) else {
            return;
        };
        self.look_whether_anew(&original);
        let is_copy = |tail: &&Tail| matches!(tail.standing, Standing::Copy(_));
        let Some(tail) = self.files.get(identity).filter(is_copy) else {
            return;
        };
        let path = Arc::clone(&tail.path);
        match self.likeness(&path, identity, &original) {
            None | Some(Likeness::Same) => {}
            Some(_) => {
                let size = self.open(identity).map_or(0, |(_, size)| size);
                self.files.remove(identity);
                let identity = identity.clone();
                self.take_in(Arrival::new(identity, path, size));
            }
        }
    }
}
