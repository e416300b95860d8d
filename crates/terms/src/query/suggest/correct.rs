//! What a query may have meant whose words are not to be found.

use crate::error::Error;
use crate::fields::Field;
use crate::language::{Clause, Kind};
use crate::query::corpus::Corpus;
use crate::query::planner::in_field;
use crate::query::suggest::{Bounds, DEFAULT_VISITS, near};
use crate::weighted::Dictionary;
use crate::words::{folded, words};

/// Words of a query that are replaced at most: for each the dictionaries are looked through.
const MOST: usize = 16;

/// A word that is so many times less frequent than a near one may be a mistake, too.
const RARE: u64 = 20;

/// Queries like this one, with words replaced by near ones, in the order in which they should be asked: first with other words
/// for those that no chunk has; then also for those that are rare next to a word one edit away. Words that are excluded,
/// prefixes, misspelt words and what is no word stay as they are.
///
/// # Errors
/// A damaged run; a stop.
pub fn corrections(
    clause: &Clause,
    corpus: &Corpus<'_>,
    stopped: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<Clause>, Error> {
    let mut found: Vec<Clause> = Vec::new();
    for replaces_rare in [false, true] {
        let mut corrector = Corrector {
            corpus,
            replaces_rare,
            left: MOST,
            stopped,
        };
        let mut corrected = clause.clone();
        corrector.clause(&mut corrected)?;
        if corrected != *clause && !found.contains(&corrected) {
            found.push(corrected);
        }
    }
    Ok(found)
}

struct Corrector<'c, 'a> {
    corpus: &'c Corpus<'a>,
    replaces_rare: bool,
    left: usize,
    stopped: &'c (dyn Fn() -> bool + Sync),
}

/// Where words are looked for, and where others for them.
#[derive(Clone, Copy)]
struct Scope {
    fields: &'static [Field],
    dictionary: Dictionary,
}

const ANYWHERE: Scope = Scope {
    fields: &Field::ALL,
    dictionary: Dictionary::Words,
};
const SYMBOLS: Scope = Scope {
    fields: &[Field::Symbols],
    dictionary: Dictionary::Names,
};

impl Corrector<'_, '_> {
    fn clause(&mut self, clause: &mut Clause) -> Result<(), Error> {
        match &mut clause.kind {
            Kind::Word(text) | Kind::Phrase(text) => self.text(text, ANYWHERE),
            Kind::Symbol(inner) => match &mut inner.kind {
                Kind::Word(text) | Kind::Phrase(text) => self.text(text, SYMBOLS),
                _ => Ok(()),
            },
            Kind::Group { all, any, .. } => {
                let mut wanted = all.iter_mut().chain(any);
                wanted.try_for_each(|clause| self.clause(clause))
            }
            _ => Ok(()),
        }
    }

    /// Replaces words of a text. All else in it stays.
    fn text(&mut self, text: &mut String, scope: Scope) -> Result<(), Error> {
        let mut written = String::new();
        let mut place = 0;
        for range in words(text) {
            written.push_str(&text[place..range.start]);
            let word = &text[range.clone()];
            match self.other(word, scope)? {
                Some(other) => written.push_str(&other),
                None => written.push_str(word),
            }
            place = range.end;
        }
        written.push_str(&text[place..]);
        *text = written;
        Ok(())
    }

    /// The word that may have been meant instead.
    fn other(&mut self, word: &str, scope: Scope) -> Result<Option<String>, Error> {
        let is_number = !word.chars().any(char::is_alphabetic);
        if is_number || self.left == 0 {
            return Ok(None);
        }
        let frequency = self.frequency(&folded(word), scope.fields)?;
        let (edits, least) = match (frequency, self.replaces_rare) {
            (0, _) => (None, 1),
            (rare, true) => (Some(1), rare * RARE),
            (_, false) => return Ok(None),
        };
        self.left -= 1;
        let bounds = Bounds {
            limit: 1,
            edits,
            visits: DEFAULT_VISITS,
            least,
        };
        let (near, _) = near(self.corpus.runs(), scope.dictionary, word, &bounds, self.stopped)?;
        Ok(near.into_iter().next().map(|best| best.text))
    }

    /// In how many chunks a word is, in the field in which it is in most.
    fn frequency(&self, word: &str, fields: &[Field]) -> Result<u64, Error> {
        let mut most = 0;
        for &field in fields {
            let frequency = self.corpus.frequency(field, in_field(word, field).as_bytes())?;
            most = most.max(frequency);
        }
        Ok(most)
    }
}
