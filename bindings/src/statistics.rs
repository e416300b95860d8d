//! What the scores of a query depend on, to be added up over several indexes.

use std::collections::BTreeMap;

use napi_derive::napi;
use quern_engine::{AskedStatistics, Code, Error, Frequencies, Lengths, Statistics};

/// Of one index, or of several together.
#[napi(object)]
pub struct NativeRankedStatistics {
    /// How many passages there are.
    pub chunks: f64,
    /// Of each field, how many passages have it, and how many words they have there.
    pub lengths: Vec<Vec<f64>>,
    /// Of each leaf of the query the words that it stands for.
    pub leaves: Vec<Vec<NativeLeafWord>>,
}

/// A word of a query, and how many passages have it, field by field.
#[napi(object)]
pub struct NativeLeafWord {
    pub word: String,
    pub counts: Vec<f64>,
}

impl From<AskedStatistics> for NativeRankedStatistics {
    fn from(AskedStatistics { corpus, leaves }: AskedStatistics) -> NativeRankedStatistics {
        let numbers = |counts: &[u64]| counts.iter().map(|&count| count as f64).collect::<Vec<_>>();
        let lengths = corpus.lengths.iter();
        let words = |words: BTreeMap<String, Frequencies>| {
            let word = |(word, counts): (String, Frequencies)| NativeLeafWord {
                word,
                counts: numbers(&counts),
            };
            words.into_iter().map(word).collect()
        };
        NativeRankedStatistics {
            chunks: corpus.chunks as f64,
            lengths: lengths.map(|of| numbers(&[of.texts, of.words])).collect(),
            leaves: leaves.into_iter().map(words).collect(),
        }
    }
}

impl TryFrom<NativeRankedStatistics> for AskedStatistics {
    type Error = Error;

    fn try_from(given: NativeRankedStatistics) -> Result<AskedStatistics, Error> {
        let lengths = given.lengths.iter().map(|counts| {
            let [texts, words] = whole(counts)?;
            Ok(Lengths { texts, words })
        });
        let lengths = lengths.collect::<Result<Vec<_>, Error>>()?;
        let [chunks] = whole(&[given.chunks])?;
        let leaf = |words: Vec<NativeLeafWord>| {
            let words = words.into_iter();
            words.map(|of| Ok((of.word, whole(&of.counts)?))).collect()
        };
        Ok(AskedStatistics {
            corpus: Statistics {
                chunks,
                lengths: lengths.try_into().map_err(|_| refused())?,
            },
            leaves: given.leaves.into_iter().map(leaf).collect::<Result<_, Error>>()?,
        })
    }
}

/// So many whole numbers.
fn whole<const N: usize>(numbers: &[f64]) -> Result<[u64; N], Error> {
    let is_whole = |number: &f64| *number >= 0.0 && number.fract() == 0.0;
    let found: Result<[f64; N], _> = numbers.try_into();
    match found {
        Ok(numbers) if numbers.iter().all(is_whole) => Ok(numbers.map(|number| number as u64)),
        _ => Err(refused()),
    }
}

fn refused() -> Error {
    Error::new(
        Code::InvalidOption,
        "statistics: give what index.statistics gives, or the sum of such that addStatistics gives",
    )
}
