//! The table of followed files, by identity and by path.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::Bound;
use std::sync::Arc;

use crate::follow::tail::{Identity, Standing, Tail};

/// Followed files, and which of them are to be read.
#[derive(Default)]
pub(super) struct Files {
    tails: HashMap<Identity, Tail>,
    /// Which file was last seen at a path.
    paths: BTreeMap<Arc<[u8]>, Identity>,
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

    /// The file at a path.
    pub fn at(&self, path: &[u8]) -> Option<&Identity> {
        self.paths.get(path)
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

    pub fn insert(&mut self, identity: Identity, tail: Tail) {
        self.paths.insert(Arc::clone(&tail.path), identity.clone());
        self.tails.insert(identity, tail);
    }

    /// A file has another path now.
    pub fn rename(&mut self, identity: &Identity, path: &Arc<[u8]>) {
        let Some(tail) = self.tails.get_mut(identity) else {
            return;
        };
        let before = std::mem::replace(&mut tail.path, Arc::clone(path));
        self.forget_path(&before, identity);
        self.paths.insert(Arc::clone(path), identity.clone());
    }

    /// Forgets a file.
    pub fn remove(&mut self, identity: &Identity) -> Option<Tail> {
        let tail = self.tails.remove(identity)?;
        self.forget_path(&tail.path, identity);
        Some(tail)
    }

    fn forget_path(&mut self, path: &[u8], identity: &Identity) {
        if self.paths.get(path) == Some(identity) {
            self.paths.remove(path);
        }
    }

    /// The files that wait because they say what this one says.
    pub fn copies_of(&self, original: &Identity) -> Vec<Identity> {
        let is_copy = |tail: &Tail| matches!(&tail.standing, Standing::Copy(of) if of == original);
        let copies = self.tails.iter().filter(|(_, tail)| is_copy(tail));
        copies.map(|(identity, _)| identity.clone()).collect()
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
