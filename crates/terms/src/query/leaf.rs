//! The leaves of a question, in one run.

use roaring::RoaringBitmap;
use tantivy::TERMINATED;

use crate::query::bits::Bits;
use crate::query::list::List;
use crate::query::phrase::Phrase;
use crate::query::ranking::{Ranking, Shares};
use crate::run::FieldReader;

/// With as many candidates or fewer, each is looked for by itself.
const FEW: u32 = 24;

/// A leaf, read forwards.
pub(super) enum Leaf<'a> {
    Everything,
    /// A word, or all that a pattern of words stands for.
    Words {
        lists: Vec<FieldList<'a>>,
        weight: f32,
    },
    Phrase {
        phrase: Phrase<'a>,
        field: &'a FieldReader,
        shares: &'a Shares,
        weight: f32,
    },
    Given(&'a RoaringBitmap),
    Nothing,
}

/// A term in a field.
pub(super) struct FieldList<'a> {
    pub list: List,
    pub field: &'a FieldReader,
    pub shares: &'a Shares,
    /// How much the term is what was asked for, up to 1.
    pub factor: f32,
}

/// Chunks that are looked at together, and what was found of them so far.
pub(super) struct Window {
    pub start: u32,
    pub end: u32,
    pub scores: Vec<f32>,
    /// How often the leaf that is being read comes; zeros before and after.
    pub frequencies: Vec<f32>,
}

impl Leaf<'_> {
    /// A chunk from `start` on before which none matches.
    pub fn next(&mut self, start: u32) -> u32 {
        match self {
            Leaf::Everything => start,
            Leaf::Nothing => TERMINATED,
            Leaf::Given(chunks) => chunks.range(start..).next().unwrap_or(TERMINATED),
            Leaf::Phrase { phrase, .. } => phrase.seek(start),
            Leaf::Words { lists, .. } => {
                let next = lists.iter_mut().map(|term| term.list.seek(start)).min();
                next.unwrap_or(TERMINATED)
            }
        }
    }

    /// The chunks of a window that match, at least those of the `candidates`. With a `ranking`, adds what it counts for.
    pub fn matches(
        &mut self,
        window: &mut Window,
        candidates: Option<&Bits>,
        ranking: Option<&Ranking>,
    ) -> Bits {
        let (start, end) = (window.start, window.end);
        let mut found = Bits::empty();
        match self {
            Leaf::Nothing => {}
            Leaf::Everything => return Bits::below(end - start),
            Leaf::Given(chunks) => chunks
                .range(start..end)
                .for_each(|chunk| found.insert(chunk - start)),
            Leaf::Words { lists, weight } => {
                let few = candidates.filter(|candidates| candidates.count() <= FEW);
                for term in lists {
                    term.collect(window, few, &mut found);
                }
                window.settle(&found, *weight, ranking);
            }
            Leaf::Phrase {
                phrase,
                field,
                shares,
                weight,
            } => {
                let mut chunk = phrase.seek(start);
                while chunk < end {
                    let is_candidate = candidates.is_none_or(|candidates| candidates.contains(chunk - start));
                    let frequency = if is_candidate { phrase.frequency(chunk) } else { 0 };
                    if frequency > 0 {
                        let share = shares.of_length(field.norms.fieldnorm_id(chunk));
                        window.frequencies[(chunk - start) as usize] += frequency as f32 * share;
                        found.insert(chunk - start);
                    }
                    chunk = phrase.seek(chunk + 1);
                }
                window.settle(&found, *weight, ranking);
            }
        }
        found
    }
}

impl FieldList<'_> {
    fn collect(&mut self, window: &mut Window, few: Option<&Bits>, found: &mut Bits) {
        let FieldList {
            list,
            field,
            shares,
            factor,
        } = self;
        let start = window.start;
        let mut add = |chunk: u32, frequency: u32| {
            let share = shares.of_length(field.norms.fieldnorm_id(chunk));
            window.frequencies[(chunk - start) as usize] += frequency as f32 * share * *factor;
            found.insert(chunk - start);
        };
        match few {
            None => {
                list.seek(start);
                list.up_to(window.end, add);
            }
            Some(few) => {
                for number in few.iter() {
                    if list.seek(start + number) == start + number {
                        add(start + number, list.frequency());
                    }
                }
            }
        }
    }
}

impl Window {
    /// Turns the frequencies of a leaf into its share of the scores, and leaves zeros.
    fn settle(&mut self, found: &Bits, weight: f32, ranking: Option<&Ranking>) {
        for number in found.iter() {
            let frequency = std::mem::take(&mut self.frequencies[number as usize]);
            if let Some(ranking) = ranking {
                self.scores[number as usize] += ranking.score(weight, frequency);
            }
        }
    }
}
