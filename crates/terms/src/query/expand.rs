//! The words that a prefix or a fuzzy word stands for.

use std::collections::HashMap;

use rayon::prelude::*;
use tantivy::postings::TermInfo;

use crate::error::{Error, reading};
use crate::fields::Field;
use crate::query::corpus::{Corpus, LiveRun};
use crate::query::edits::Edits;
use crate::query::statistics::Frequencies;
use crate::weighted::Dictionary;

/// Terms between two looks whether to stop.
const LOOK: u32 = 256;

/// The words that begin like this, the most frequent `most` of them in alphabetical order; and whether there are more.
pub(super) fn prefix(
    corpus: &Corpus<'_>,
    fields: &[Field],
    prefix: &str,
    most: usize,
    stopped: &(dyn Fn() -> bool + Sync),
) -> Result<(Vec<Found>, bool), Error> {
    let collected = collect(corpus, fields, stopped, |live, field, found| {
        let dictionary = live.run.field(field).index.terms();
        let stream = dictionary.range().ge(prefix.as_bytes()).into_stream();
        let mut stream = stream.map_err(reading)?;
        while let Some((term, info)) = stream.next()
            && term.starts_with(prefix.as_bytes())
        {
            found(term, info, 1.0)?;
        }
        Ok(())
    });
    Ok(collected?.most_frequent(most))
}

/// The words within `edits` edits, at most 2 (letters left out, put in, replaced or swapped with their neighbour), as in
/// [`prefix`].
pub(super) fn fuzzy(
    corpus: &Corpus<'_>,
    fields: &[Field],
    word: &str,
    edits: u8,
    most: usize,
    stopped: &(dyn Fn() -> bool + Sync),
) -> Result<(Vec<Found>, bool), Error> {
    let near = &Edits::of(word, edits);
    let letters = word.chars().count().max(1) as f32;
    let factor = |distance: u8| 1.0 - f32::from(distance) / (letters + 1.0);
    let collected = collect(corpus, fields, stopped, |live, field, found| {
        let terms = live.run.field(field).index.terms();
        if field == Field::Body {
            let weighted = live.run.weighted(Dictionary::Words)?;
            return near.each_near(weighted, &mut |term, distance| {
                let info = terms.get(term).map_err(reading)?;
                info.map_or(Ok(()), |info| found(term, &info, factor(distance)))
            });
        }
        let mut stream = terms.search(near).into_stream().map_err(reading)?;
        while let Some((term, info)) = stream.next() {
            if let Some(distance) = near.distance_of(term) {
                found(term, info, factor(distance))?;
            }
        }
        Ok(())
    });
    Ok(collected?.most_frequent(most))
}

/// Takes a term that was found, and how much it is what was asked for.
type Take<'t> = dyn FnMut(&[u8], &TermInfo, f32) -> Result<(), Error> + 't;

/// Looks through the dictionaries of all fields of all runs, side by side, for words that count.
fn collect(
    corpus: &Corpus<'_>,
    fields: &[Field],
    stopped: &(dyn Fn() -> bool + Sync),
    look: impl Fn(&LiveRun<'_>, Field, &mut Take<'_>) -> Result<(), Error> + Sync,
) -> Result<Collected, Error> {
    let runs = corpus.runs.iter().enumerate();
    let dictionaries: Vec<_> = runs
        .flat_map(|(run, live)| fields.iter().map(move |&field| (run, live, field)))
        .collect();
    let found = dictionaries.into_par_iter().map(|(run, live, field)| {
        let (mut words, mut seen) = (Vec::new(), 0u32);
        look(live, field, &mut |term, info, factor| {
            if seen.is_multiple_of(LOOK) && stopped() {
                return Err(Error::Stopped);
            }
            seen += 1;
            let frequency = live.frequency(field, info)?;
            if frequency > 0 {
                let place = Place {
                    run,
                    field,
                    info: info.clone(),
                };
                words.push((term.to_vec(), factor, frequency, place));
            }
            Ok(())
        })?;
        Ok(words)
    });
    let found: Vec<Vec<_>> = found.collect::<Result<_, Error>>()?;
    let mut collected = Collected::default();
    for (term, factor, frequency, place) in found.into_iter().flatten() {
        let word = collected.0.entry(term).or_default();
        word.factor = factor;
        word.frequencies[place.field as usize] += frequency;
        word.places.push(place);
    }
    Ok(collected)
}

/// A word of the corpus that was found.
pub(super) struct Found {
    pub word: String,
    /// How much it is what was asked for, up to 1.
    pub factor: f32,
    /// The chunks that have it.
    pub frequencies: Frequencies,
    pub places: Vec<Place>,
}

/// Where a term is: a run, a field, its list.
pub(super) struct Place {
    pub run: usize,
    pub field: Field,
    pub info: TermInfo,
}

#[derive(Default)]
struct Collected(HashMap<Vec<u8>, Word>);

#[derive(Default)]
struct Word {
    factor: f32,
    frequencies: Frequencies,
    places: Vec<Place>,
}

impl Collected {
    fn most_frequent(self, most: usize) -> (Vec<Found>, bool) {
        let mut words: Vec<(Vec<u8>, Word)> = self.0.into_iter().collect();
        let is_cut = words.len() > most;
        if is_cut {
            let sum = |word: &Word| word.frequencies.iter().sum::<u64>();
            words.sort_by(|(a, more), (b, less)| sum(less).cmp(&sum(more)).then_with(|| a.cmp(b)));
            words.truncate(most);
        }
        words.sort_by(|(a, _), (b, _)| a.cmp(b));
        let found = words.into_iter().map(|(term, word)| Found {
            word: String::from_utf8_lossy(&term).into_owned(),
            factor: word.factor,
            frequencies: word.frequencies,
            places: word.places,
        });
        (found.collect(), is_cut)
    }
}
