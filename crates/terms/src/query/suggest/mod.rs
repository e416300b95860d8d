//! The terms that somebody may mean: those that begin as a text does, or nearly so, and those that are nearly a word.
//!
//! What counts is in how many chunks a term is that are alive, over all runs. All runs are looked through side by side
//! (`walk.rs`), the most frequent terms first, so that the others are never looked at.

mod beginning;
mod correct;
mod shape;
mod walk;

use crate::error::Error;
use crate::query::corpus::LiveRun;
use crate::query::suggest::shape::Shape;
use crate::query::suggest::walk::Walk;
use crate::weighted::Dictionary;
use crate::words::folded;

pub use beginning::Beginning;
pub use correct::corrections;

/// Letters from which on a text may have one edit, and two.
const EDITS_FROM: [usize; 2] = [3, 8];

/// Letters of a text that may have edits at all: an automaton for more takes milliseconds to make.
const LONGEST: usize = 64;

/// Transitions of the dictionaries that are looked at for one request, at most.
pub const DEFAULT_VISITS: u32 = 200_000;

/// What is suggested at most, and what for.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// At most so many terms.
    pub limit: usize,
    /// At most so many edits, 0 to 2; `None`: none below 3 letters, then one, from 8 letters on two.
    pub edits: Option<u8>,
    /// At most so many transitions of dictionaries are looked at.
    pub visits: u32,
    /// Only terms that so many chunks have: what leads to none of them is not looked at.
    pub least: u64,
}

/// A term that somebody may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggested {
    /// A folded word, or a name as it is written.
    pub text: String,
    /// The chunks that have it.
    pub count: u64,
    /// Letters left out, put in, replaced or swapped with the next, to get there.
    pub edits: u8,
}

/// The terms of a dictionary that begin as `text` does, whatever the case: the most frequent first, of equally frequent ones in
/// alphabetical order of their lower case. If there are fewer than asked for, those follow whose beginning is so many edits away, the first
/// letter being right. Also whether `visits` ended the search: then others may be as frequent as the last.
///
/// # Errors
/// A damaged run; a stop.
pub fn complete(
    runs: &[LiveRun<'_>],
    dictionary: Dictionary,
    text: &str,
    bounds: &Bounds,
    stopped: &(dyn Fn() -> bool + Sync),
) -> Result<(Vec<Suggested>, bool), Error> {
    let text = folded(text);
    if text.contains('\0') {
        return Ok((Vec::new(), false));
    }
    let shapes = (0..=most_edits(&text, bounds.edits)).map(|edits| Shape::beginning(&text, edits));
    suggested(runs, dictionary, shapes, bounds, stopped)
}

/// The words that are 1 edit away from `word`, or else 2: the most frequent first. As [`complete`] in all else, but that the
/// first letter may be wrong where that is the only edit. (Few mistakes are made there, and two edits from anywhere lead to most of a
/// dictionary: Lucene's `DirectSpellChecker` has the first letter right as well.)
///
/// # Errors
/// As [`complete`].
pub fn near(
    runs: &[LiveRun<'_>],
    dictionary: Dictionary,
    word: &str,
    bounds: &Bounds,
    stopped: &(dyn Fn() -> bool + Sync),
) -> Result<(Vec<Suggested>, bool), Error> {
    let word = folded(word);
    let shapes = (1..=most_edits(&word, bounds.edits)).map(|edits| Shape::whole(&word, edits));
    suggested(runs, dictionary, shapes, bounds, stopped)
}

fn most_edits(text: &str, given: Option<u8>) -> u8 {
    let letters = text.chars().take(LONGEST + 1).count();
    let by_length = EDITS_FROM.iter().filter(|&&from| letters >= from).count() as u8;
    match letters {
        0 | LONGEST.. => 0,
        _ => given.unwrap_or(by_length).min(EDITS_FROM.len() as u8),
    }
}

/// The best of each shape, one behind the other, until there are enough.
fn suggested(
    runs: &[LiveRun<'_>],
    dictionary: Dictionary,
    shapes: impl Iterator<Item = Shape>,
    bounds: &Bounds,
    stopped: &(dyn Fn() -> bool + Sync),
) -> Result<(Vec<Suggested>, bool), Error> {
    let (mut found, mut visits_left) = (Vec::new(), bounds.visits);
    for shape in shapes {
        let mut walk = Walk::new(runs, dictionary, &shape, (visits_left, bounds.least), stopped)?;
        while found.len() < bounds.limit {
            let Some((text, count)) = walk.next()? else { break };
            let edits = shape.edits();
            found.push(Suggested { text, count, edits });
        }
        if walk.is_cut() {
            return Ok((found, true));
        }
        visits_left = walk.visits_left();
        if found.len() >= bounds.limit {
            break;
        }
    }
    Ok((found, false))
}
