//! Words that are a few edits away from another, byte by byte: letters left out, put in, replaced or swapped with the next.

use std::sync::LazyLock;

use levenshtein_automata::{DFA, Distance, LevenshteinAutomatonBuilder, SINK_STATE};
use tantivy_fst::Automaton;

use crate::weighted::{Place, Weighted};

/// By edits. Making one takes milliseconds.
static BUILDERS: LazyLock<[LevenshteinAutomatonBuilder; 3]> =
    LazyLock::new(|| [0, 1, 2].map(|edits| LevenshteinAutomatonBuilder::new(edits, true)));

/// The bytes of UTF-8 by what they may stand for: a letter of one byte, a byte within a letter, the first of two, three, four.
const CLASSES: [std::ops::RangeInclusive<u8>; 5] =
    [0x01..=0x7F, 0x80..=0xBF, 0xC2..=0xDF, 0xE0..=0xEF, 0xF0..=0xF4];

/// Takes a term, and how many edits away it is.
type Visit<'v, E> = dyn FnMut(&[u8], u8) -> Result<(), E> + 'v;

/// Compares words with one, up to so many edits. A state says how far that has come.
pub(super) struct Edits {
    dfa: DFA,
    /// The bytes of the word, each once, and NUL, which ends names.
    own: Vec<u8>,
    /// A byte of each class that the word does not have; `None`: it has all of one.
    others: Option<Vec<u8>>,
}

impl Edits {
    /// At most 2 edits.
    pub fn of(word: &str, edits: u8) -> Edits {
        let mut own = [word.as_bytes(), &[0]].concat();
        own.sort_unstable();
        own.dedup();
        let mut classes = CLASSES.into_iter();
        let others = classes.try_fold(Vec::new(), |mut others, mut class| {
            others.push(class.find(|byte| !own.contains(byte))?);
            Some(others)
        });
        Edits {
            dfa: BUILDERS[usize::from(edits)].build_dfa(word),
            own,
            others,
        }
    }

    pub fn start(&self) -> u32 {
        self.dfa.initial_state()
    }

    /// The state behind one more byte; `None`: whatever follows is too far away.
    pub fn over(&self, state: u32, byte: u8) -> Option<u32> {
        let state = self.dfa.transition(state, byte);
        (state != SINK_STATE).then_some(state)
    }

    /// How many edits away a word is that ends here; `None`: too many, or it ends within a letter.
    pub fn distance(&self, state: u32) -> Option<u8> {
        match self.dfa.distance(state) {
            Distance::Exact(distance) => Some(distance),
            Distance::AtLeast(_) => None,
        }
    }

    /// How many edits away a whole word is; `None`: too many.
    pub fn distance_of(&self, word: &[u8]) -> Option<u8> {
        let mut bytes = word.iter();
        let end = bytes.try_fold(self.start(), |state, &byte| self.over(state, byte))?;
        self.distance(end)
    }

    /// The bytes that [`Edits::over`] allows at most, if these are few: where no edit is left, only the word goes on. They are looked
    /// for at a node of a dictionary, instead of comparing whatever the node leads to.
    pub fn few(&self, state: u32) -> Option<&[u8]> {
        let is_other = |&byte: &u8| self.over(state, byte).is_some();
        let others = self.others.as_ref()?;
        (!others.iter().any(is_other)).then_some(&self.own)
    }

    /// The terms that are within the edits, in the order in which they are found, and how far away each is.
    pub fn each_near<E>(&self, terms: &Weighted, visit: &mut Visit<'_, E>) -> Result<(), E> {
        self.each_behind(terms, terms.root(), self.start(), &mut Vec::new(), visit)
    }

    fn each_behind<E>(
        &self,
        terms: &Weighted,
        place: Place,
        state: u32,
        term: &mut Vec<u8>,
        visit: &mut Visit<'_, E>,
    ) -> Result<(), E> {
        if let Some(distance) = self.distance(state)
            && terms.here(place).is_some()
        {
            visit(term, distance)?;
        }
        let mut next = Vec::new();
        match self.few(state) {
            Some(bytes) => next.extend(bytes.iter().filter_map(|&byte| {
                let state = self.over(state, byte)?;
                Some((byte, terms.follow(place, byte)?, state))
            })),
            None => terms.each(place, |byte, place| {
                if let Some(state) = self.over(state, byte) {
                    next.push((byte, place, state));
                }
            }),
        }
        for (byte, place, state) in next {
            term.push(byte);
            self.each_behind(terms, place, state, term, visit)?;
            term.pop();
        }
        Ok(())
    }
}

/// For dictionaries that are not [`Weighted`].
impl Automaton for &Edits {
    type State = u32;

    fn start(&self) -> u32 {
        self.dfa.initial_state()
    }

    fn is_match(&self, state: &u32) -> bool {
        self.distance(*state).is_some()
    }

    fn can_match(&self, state: &u32) -> bool {
        *state != SINK_STATE
    }

    fn accept(&self, state: &u32, byte: u8) -> u32 {
        self.dfa.transition(*state, byte)
    }
}
