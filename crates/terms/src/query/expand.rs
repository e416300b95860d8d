//! The words that a prefix or a fuzzy word stands for.

use std::collections::HashMap;
use std::sync::LazyLock;

use levenshtein_automata::{DFA, Distance, LevenshteinAutomatonBuilder, SINK_STATE};
use tantivy_fst::Automaton;

use crate::error::{Error, reading};
use crate::fields::Field;
use crate::query::corpus::{Corpus, LiveRun};

/// By edits. Making one takes milliseconds.
static BUILDERS: LazyLock<[LevenshteinAutomatonBuilder; 3]> =
    LazyLock::new(|| [0, 1, 2].map(|edits| LevenshteinAutomatonBuilder::new(edits, true)));

/// A word of the corpus.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Expansion {
    pub word: String,
    /// How much it is what was asked for, up to 1.
    pub factor: f32,
}

/// The words that begin like this, the most frequent `most` of them in alphabetical order; and whether there are more.
pub(super) fn prefix(
    corpus: &Corpus<'_>,
    fields: &[Field],
    prefix: &str,
    most: usize,
) -> Result<(Vec<Expansion>, bool), Error> {
    let mut found = Found::default();
    for (live, &field) in pairs(corpus, fields) {
        let dictionary = live.run.field(field).index.terms();
        let mut stream = dictionary
            .range()
            .ge(prefix.as_bytes())
            .into_stream()
            .map_err(reading)?;
        while let Some((term, info)) = stream
            .next()
            .filter(|(term, _)| term.starts_with(prefix.as_bytes()))
        {
            found.add(term, live.frequency(field, info)?, 1.0);
        }
    }
    Ok(found.most_frequent(most))
}

/// The words within `edits` edits, at most 2 (letters left out, put in, replaced or swapped with their neighbour), as in [`prefix`].
pub(super) fn fuzzy(
    corpus: &Corpus<'_>,
    fields: &[Field],
    word: &str,
    edits: u8,
    most: usize,
) -> Result<(Vec<Expansion>, bool), Error> {
    let automaton = Near(BUILDERS[usize::from(edits)].build_dfa(word));
    let letters = word.chars().count().max(1) as f32;
    let mut found = Found::default();
    for (live, &field) in pairs(corpus, fields) {
        let dictionary = live.run.field(field).index.terms();
        let mut stream = dictionary.search(&automaton).into_stream().map_err(reading)?;
        while let Some((term, info)) = stream.next() {
            let distance = match automaton.0.eval(term) {
                Distance::Exact(distance) => f32::from(distance),
                Distance::AtLeast(_) => continue,
            };
            found.add(
                term,
                live.frequency(field, info)?,
                1.0 - distance / (letters + 1.0),
            );
        }
    }
    Ok(found.most_frequent(most))
}

/// Every run with every field.
fn pairs<'a, 'f>(
    corpus: &'f Corpus<'a>,
    fields: &'f [Field],
) -> impl Iterator<Item = (&'f LiveRun<'a>, &'f Field)> {
    let runs = corpus.runs.iter();
    runs.flat_map(move |live| fields.iter().map(move |field| (live, field)))
}

/// Terms, with how often they come and their factors.
#[derive(Default)]
struct Found(HashMap<Vec<u8>, (u64, f32)>);

impl Found {
    fn add(&mut self, term: &[u8], frequency: u64, factor: f32) {
        match self.0.get_mut(term) {
            Some((sum, _)) => *sum += frequency,
            None if frequency == 0 => {}
            None => drop(self.0.insert(term.to_vec(), (frequency, factor))),
        }
    }

    fn most_frequent(self, most: usize) -> (Vec<Expansion>, bool) {
        let mut found: Vec<(Vec<u8>, (u64, f32))> = self.0.into_iter().collect();
        let is_cut = found.len() > most;
        if is_cut {
            found.sort_by(|(a, (more, _)), (b, (less, _))| less.cmp(more).then_with(|| a.cmp(b)));
            found.truncate(most);
        }
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        let words = found.into_iter().map(|(term, (_, factor))| Expansion {
            word: String::from_utf8_lossy(&term).into_owned(),
            factor,
        });
        (words.collect(), is_cut)
    }
}

/// Words near another, for the dictionary.
struct Near(DFA);

impl Automaton for &Near {
    type State = u32;

    fn start(&self) -> u32 {
        self.0.initial_state()
    }

    fn is_match(&self, state: &u32) -> bool {
        matches!(self.0.distance(*state), Distance::Exact(_))
    }

    fn can_match(&self, state: &u32) -> bool {
        *state != SINK_STATE
    }

    fn accept(&self, state: &u32, byte: u8) -> u32 {
        self.0.transition(*state, byte)
    }
}
