//! What a query may have meant whose words are not to be found.

use std::collections::HashMap;

use rayon::prelude::*;

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
    let mut wanted: Vec<(String, Scope)> = Vec::new();
    replace(&mut clause.clone(), &mut |word, scope| {
        let word = (folded(word), scope);
        let is_number = !word.0.chars().any(char::is_alphabetic);
        if !is_number && wanted.len() < MOST && !wanted.contains(&word) {
            wanted.push(word);
        }
        None
    });
    let others = wanted.into_par_iter().map(|(word, scope)| {
        let other = other(&word, scope, corpus, stopped)?;
        Ok(other.map(|other| ((word, scope), other)))
    });
    let others: Vec<_> = others.collect::<Result<_, Error>>()?;
    let others: HashMap<(String, Scope), Other> = others.into_iter().flatten().collect();
    let mut found: Vec<Clause> = Vec::new();
    for replaces_rare in [false, true] {
        let mut corrected = clause.clone();
        replace(&mut corrected, &mut |word, scope| {
            let other = others.get(&(folded(word), scope))?;
            (replaces_rare || other.is_for_none).then(|| other.word.clone())
        });
        if corrected != *clause && !found.contains(&corrected) {
            found.push(corrected);
        }
    }
    Ok(found)
}

/// Where words are looked for, and others for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Scope {
    Anywhere,
    Symbols,
}

impl Scope {
    fn fields(self) -> &'static [Field] {
        match self {
            Scope::Anywhere => &Field::ALL,
            Scope::Symbols => &[Field::Symbols],
        }
    }

    fn dictionary(self) -> Dictionary {
        match self {
            Scope::Anywhere => Dictionary::Words,
            Scope::Symbols => Dictionary::Names,
        }
    }
}

/// A word that may have been meant instead.
struct Other {
    word: String,
    /// Of one that no chunk has.
    is_for_none: bool,
}

fn other(
    word: &str,
    scope: Scope,
    corpus: &Corpus<'_>,
    stopped: &(dyn Fn() -> bool + Sync),
) -> Result<Option<Other>, Error> {
    let frequency = frequency(word, scope, corpus)?;
    let is_for_none = frequency == 0;
    let bounds = Bounds {
        limit: 1,
        edits: (!is_for_none).then_some(1),
        visits: DEFAULT_VISITS,
        least: (frequency * RARE).max(1),
    };
    let (near, _) = near(corpus.runs(), scope.dictionary(), word, &bounds, stopped)?;
    let best = near.into_iter().next();
    Ok(best.map(|best| Other {
        word: best.text,
        is_for_none,
    }))
}

/// In how many chunks a word is, in the field in which it is in most.
fn frequency(word: &str, scope: Scope, corpus: &Corpus<'_>) -> Result<u64, Error> {
    let mut most = 0;
    for &field in scope.fields() {
        let frequency = corpus.frequency(field, in_field(word, field).as_bytes())?;
        most = most.max(frequency);
    }
    Ok(most)
}

/// Replaces words of a query; `None`: one stays as it is.
fn replace(clause: &mut Clause, other: &mut dyn FnMut(&str, Scope) -> Option<String>) {
    match &mut clause.kind {
        Kind::Word(text) | Kind::Phrase(text) => replace_in(text, |word| other(word, Scope::Anywhere)),
        Kind::Symbol(inner) => {
            if let Kind::Word(text) | Kind::Phrase(text) = &mut inner.kind {
                replace_in(text, |word| other(word, Scope::Symbols));
            }
        }
        Kind::Group { all, any, .. } => {
            let wanted = all.iter_mut().chain(any);
            wanted.for_each(|clause| replace(clause, other));
        }
        _ => {}
    }
}

/// Replaces words of a text. All else in it stays.
fn replace_in(text: &mut String, mut other: impl FnMut(&str) -> Option<String>) {
    let mut written = String::new();
    let mut place = 0;
    for range in words(text) {
        written.push_str(&text[place..range.start]);
        let word = &text[range.clone()];
        match other(word) {
            Some(other) => written.push_str(&other),
            None => written.push_str(word),
        }
        place = range.end;
    }
    written.push_str(&text[place..]);
    *text = written;
}
