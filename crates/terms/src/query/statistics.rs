//! What scores depend on besides the chunk that is scored: how many chunks there are, how long, and how many have a word.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use crate::fields::Field;
use crate::run::{Lengths, Run};

/// In how many chunks a word is, field by field, in the order of [`Field::ALL`].
pub type Frequencies = [u64; Field::ALL.len()];

/// Of what counts in a corpus, whatever is asked for: added up over runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// How many chunks there are.
    pub chunks: u64,
    /// Of each field, in the order of [`Field::ALL`].
    pub lengths: [Lengths; Field::ALL.len()],
}

/// Of what a question is asked of, all that its scores depend on. Where parts of a collection are asked one by one, the
/// sum over all parts gives each the scores that it would have in the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AskedStatistics {
    /// Whatever is asked for.
    pub corpus: Statistics,
    /// The words that each leaf of the question stands for, in the order in which leaves are planned.
    pub leaves: Vec<BTreeMap<String, Frequencies>>,
}

impl Statistics {
    /// Adds those of a run, without its chunks that are dead.
    pub fn add(&mut self, run: &Run, dead: &RoaringBitmap) {
        self.chunks += u64::from(run.chunks()) - dead.len();
        for (field, sum) in Field::ALL.into_iter().zip(&mut self.lengths) {
            let field = run.field(field);
            let mut gone = Lengths::default();
            dead.iter()
                .for_each(|chunk| gone.add(field.norms.fieldnorm(chunk)));
            sum.texts += field.lengths.texts - gone.texts;
            sum.words += field.lengths.words - gone.words;
        }
    }

    /// The average length of a field, of the chunks that have it.
    pub(super) fn average(&self, field: Field) -> f32 {
        let Lengths { texts, words } = self.lengths[field as usize];
        words as f32 / texts.max(1) as f32
    }

    fn join(&mut self, other: &Statistics) {
        self.chunks += other.chunks;
        for (sum, other) in self.lengths.iter_mut().zip(&other.lengths) {
            sum.texts += other.texts;
            sum.words += other.words;
        }
    }
}

impl AskedStatistics {
    /// Adds those of another corpus, of which the same was asked. `false`: something else was, and nothing is added.
    pub fn join(&mut self, other: &AskedStatistics) -> bool {
        if self.leaves.len() != other.leaves.len() {
            return false;
        }
        self.corpus.join(&other.corpus);
        for (words, others) in self.leaves.iter_mut().zip(&other.leaves) {
            for (word, others) in others {
                let sums = words.entry(word.clone()).or_default();
                sums.iter_mut().zip(others).for_each(|(sum, other)| *sum += other);
            }
        }
        true
    }
}

/// The chunks that have a word, by the field in which most have it.
pub(super) fn most(frequencies: &Frequencies) -> u64 {
    frequencies.iter().copied().max().unwrap_or(0)
}
