//! The table of followed files, by identity, by path and by the names that they had.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::Bound;
use std::sync::Arc;

use crate::follow::copies::originals;
use crate::follow::tail::{Identity, Tail};

/// Followed files, and which of them are to be read.
#[derive(Default)]
pub(super) struct Files {
    tails: HashMap<Identity, Tail>,
    /// Which file was last seen at a path.
    paths: BTreeMap<Arc<[u8]>, Identity>,
    /// Files by names that their texts had, but for what `paths` has.
    former: HashMap<Arc<[u8]>, Vec<Identity>>,
    /// In the order in which they are read.
    waiting: VecDeque<Identity>,
}

impl Files {
    pub fn get(&self, identity: &Identity) -> Option<&Tail> {
        self.tails.get(identity)
    }

    pub fn get_mut(&mut self, identity: &Identity) -> Option<&mut Tail> {
        self.tails.get_mut(identity)
    }

    /// The files at a path or below it; all, if it is empty.
    pub fn at_or_below(&self, path: &[u8]) -> Vec<Identity> {
        if path.is_empty() {
            return self.tails.keys().cloned().collect();
        }
        let folder = [path, b"/"].concat();
        let after: Bound<&[u8]> = Bound::Included(&folder);
        let below = self.paths.range::<[u8], _>((after, Bound::Unbounded));
        let below = below.take_while(|(path, _)| path.starts_with(&folder));
        let found = self.paths.get(path).into_iter();
        found
            .chain(below.map(|(_, identity)| identity))
            .cloned()
            .collect()
    }

    /// The files whose names, at present or before, the path was made from: the most likely first.
    pub fn originals(&self, path: &[u8]) -> Vec<Identity> {
        let mut found = Vec::new();
        for name in originals(path) {
            let former = self.former.get(name.as_slice()).into_iter().flatten();
            for identity in self.paths.get(name.as_slice()).into_iter().chain(former) {
                if !found.contains(identity) {
                    found.push(identity.clone());
                }
            }
        }
        found
    }

    pub fn insert(&mut self, identity: Identity, tail: Tail) {
        for name in tail.names.iter() {
            self.note_former(name, &identity);
        }
        self.take_path(&tail.path, &identity);
        self.tails.insert(identity, tail);
    }

    /// A file has another path now.
    pub fn rename(&mut self, identity: &Identity, path: &Arc<[u8]>) {
        let Some(tail) = self.tails.get_mut(identity) else {
            return;
        };
        let before = std::mem::replace(&mut tail.path, Arc::clone(path));
        let dropped = tail.names.add(&before);
        self.leave_path(&before, identity);
        self.note_former(&before, identity);
        if let Some(name) = dropped {
            self.forget_former(&name, identity);
        }
        self.take_path(path, identity);
    }

    /// Forgets a file.
    pub fn remove(&mut self, identity: &Identity) -> Option<Tail> {
        let tail = self.tails.remove(identity)?;
        self.leave_path(&tail.path, identity);
        for name in tail.names.iter() {
            self.forget_former(name, identity);
        }
        Some(tail)
    }

    /// Who had the path keeps it as a name: the system may not have told of its renaming yet.
    fn take_path(&mut self, path: &Arc<[u8]>, identity: &Identity) {
        let before = self.paths.insert(Arc::clone(path), identity.clone());
        if let Some(before) = before.filter(|before| before != identity) {
            self.note_former(path, &before);
        }
    }

    fn leave_path(&mut self, path: &[u8], identity: &Identity) {
        if self.paths.get(path) != Some(identity) {
            return self.forget_former(path, identity);
        }
        self.paths.remove(path);
        let is_there = |file: &&Identity| self.tails.get(file).is_some_and(|tail| *tail.path == *path);
        let former = self.former.get(path).map_or(&[][..], Vec::as_slice);
        if let Some(other) = former.iter().rev().find(is_there).cloned() {
            self.forget_former(path, &other);
            self.paths.insert(path.into(), other);
        }
    }

    fn note_former(&mut self, name: &Arc<[u8]>, identity: &Identity) {
        let files = self.former.entry(Arc::clone(name)).or_default();
        if !files.contains(identity) {
            files.push(identity.clone());
        }
    }

    fn forget_former(&mut self, name: &[u8], identity: &Identity) {
        if let Some(files) = self.former.get_mut(name) {
            files.retain(|file| file != identity);
            if files.is_empty() {
                self.former.remove(name);
            }
        }
    }

    /// Has a file read when it is its turn.
    pub fn wait(&mut self, identity: &Identity) {
        if let Some(tail) = self.tails.get_mut(identity)
            && !std::mem::replace(&mut tail.is_waiting, true)
        {
            self.waiting.push_back(identity.clone());
        }
    }

    /// The file whose turn it is.
    pub fn next_waiting(&mut self) -> Option<Identity> {
        while let Some(identity) = self.waiting.pop_front() {
            if let Some(tail) = self.tails.get_mut(&identity) {
                tail.is_waiting = false;
                return Some(identity);
            }
        }
        None
    }
}
