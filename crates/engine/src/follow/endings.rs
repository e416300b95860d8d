//! What is remembered of texts that ended: of files that went, or began anew.
//!
//! Between two looks a log can be rotated several times, by renaming and by copying. Where its text has gone is told by what
//! was read of it, not by the order of events: whatever file has that, and a name that was made from one of the text's, goes on
//! where the text ended.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::follow::copies::originals;
use crate::follow::tail::Mark;

/// Names of one text that are kept. Rotation leads from name to name.
const KEPT_NAMES: usize = 16;
/// Texts that are remembered.
const KEPT: usize = 4096;
/// For so many looks a text is remembered that only its length tells from others.
const LOOKS: u64 = 2;

/// The names of a text, the oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(Vec<Arc<[u8]>>);

impl Names {
    pub fn iter(&self) -> impl Iterator<Item = &Arc<[u8]>> {
        self.0.iter()
    }

    /// Adds a name. Gives the one that is dropped for it: never the first, from which the others were made.
    pub fn add(&mut self, name: &Arc<[u8]>) -> Option<Arc<[u8]>> {
        if self.0.contains(name) {
            return None;
        }
        let dropped = (self.0.len() == KEPT_NAMES).then(|| self.0.remove(1));
        self.0.push(Arc::clone(name));
        dropped
    }
}

/// A text that ended.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    pub names: Names,
    /// How far it was read.
    pub mark: Mark,
}

/// Texts that ended, and whose rest may be found in another file. The newest are kept.
#[derive(Default)]
pub(super) struct Endings {
    texts: BTreeMap<u64, (Ended, u64)>,
    named: HashMap<Arc<[u8]>, Vec<u64>>,
    next: u64,
}

impl Endings {
    /// Remembers a text that ended in this look.
    pub fn add(&mut self, ended: Ended, look: u64) {
        if self.texts.len() == KEPT
            && let Some((&oldest, _)) = self.texts.first_key_value()
        {
            self.take(oldest);
        }
        let number = self.next;
        self.next += 1;
        for name in ended.names.iter() {
            self.named.entry(Arc::clone(name)).or_default().push(number);
        }
        self.texts.insert(number, (ended, look));
    }

    /// The texts from whose names the path was made, by number, the newest first.
    pub fn originals(&self, path: &[u8]) -> Vec<(u64, Mark)> {
        if self.texts.is_empty() {
            return Vec::new();
        }
        let named = originals(path)
            .into_iter()
            .filter_map(|name| self.named.get(name.as_slice()));
        let mut numbers: Vec<u64> = named.flatten().copied().collect();
        numbers.sort_unstable_by(|a, b| b.cmp(a));
        numbers.dedup();
        let mark = |number| Some((number, self.texts.get(&number)?.0.mark));
        numbers.into_iter().filter_map(mark).collect()
    }

    /// Gives the text to who goes on with it.
    pub fn take(&mut self, number: u64) -> Option<Ended> {
        let (ended, _) = self.texts.remove(&number)?;
        for name in ended.names.iter() {
            if let Some(numbers) = self.named.get_mut(name) {
                numbers.retain(|&of| of != number);
                if numbers.is_empty() {
                    self.named.remove(name);
                }
            }
        }
        Some(ended)
    }

    /// Forgets what could be mistaken for another text by now.
    pub fn age(&mut self, look: u64) {
        let is_old = |(ended, of): &(Ended, u64)| !ended.mark.is_sealed() && of + LOOKS < look;
        let old = self.texts.iter().filter(|(_, text)| is_old(text));
        for number in old.map(|(&number, _)| number).collect::<Vec<_>>() {
            self.take(number);
        }
    }
}
