//! A search that looks at every chunk.

use std::collections::{BTreeSet, HashMap};

use quern_terms::language::{Clause, Kind};
use quern_terms::{ChunkText, Field, FieldRanking, Ranking, fold, parts, words};
use tantivy::fieldnorm::FieldNormReader;

/// The words of each field of each chunk.
pub struct Naive {
    chunks: Vec<[Vec<String>; 5]>,
    paths: Vec<String>,
    /// Whether the next chunk goes on where one ends.
    goes_on: Vec<bool>,
    ranking: Ranking,
    /// How many chunks have a term in a field.
    frequencies: HashMap<(Field, String), usize>,
    averages: [f32; 5],
}

pub fn folded(word: &str) -> String {
    let mut folded = String::new();
    fold(word, &mut folded);
    folded
}

fn stem(word: &str) -> String {
    frostem::Stemmer::new(frostem::Algorithm::English)
        .stem(word)
        .into_owned()
}

fn whole(text: &str) -> Vec<String> {
    words(text).map(|range| folded(&text[range])).collect()
}

fn parts_of(text: &str) -> Vec<String> {
    let of_word = |word: &str| parts(word).map(|part| folded(&word[part])).collect::<Vec<_>>();
    words(text).flat_map(|range| of_word(&text[range])).collect()
}

/// Whether a path lies in the folder that a glob of the tests names.
pub fn has_path(path: &str, glob: &str) -> bool {
    path.starts_with(glob)
}

impl Naive {
    pub fn new<'a>(chunks: impl Iterator<Item = (&'a ChunkText, bool)>) -> Naive {
        let mut naive = Naive {
            chunks: Vec::new(),
            paths: Vec::new(),
            goes_on: Vec::new(),
            ranking: Ranking::default(),
            frequencies: HashMap::new(),
            averages: [0.0; 5],
        };
        for (chunk, goes_on) in chunks {
            let ChunkText {
                body,
                symbols,
                path,
                is_prose,
                ..
            } = chunk;
            let stems = if *is_prose {
                whole(body).iter().map(|word| stem(word)).collect()
            } else {
                Vec::new()
            };
            let both = |text: &str| [whole(text), parts_of(text)].concat();
            naive
                .chunks
                .push([whole(body), parts_of(body), stems, both(symbols), both(path)]);
            naive.paths.push(path.to_string());
            naive.goes_on.push(goes_on);
        }
        for field in Field::ALL {
            let texts = || naive.chunks.iter().map(|chunk| &chunk[field as usize]);
            let lengths: Vec<f32> = texts()
                .map(|text| length(text))
                .filter(|&length| length > 0.0)
                .collect();
            naive.averages[field as usize] =
                (lengths.iter().sum::<f32>() / lengths.len().max(1) as f32).max(1.0);
            for text in texts() {
                for term in text.iter().collect::<BTreeSet<_>>() {
                    *naive.frequencies.entry((field, term.clone())).or_default() += 1;
                }
            }
        }
        naive
    }

    /// The score of each chunk that matches.
    pub fn ask(&self, clause: &Clause) -> Vec<Option<f32>> {
        (0..self.chunks.len())
            .map(|chunk| self.score(clause, chunk, true))
            .collect()
    }

    /// `wanted`: the clause may match, and several words of one term count each for itself.
    fn score(&self, clause: &Clause, chunk: usize, wanted: bool) -> Option<f32> {
        let all_fields = &Field::ALL[..];
        let unstemmed = &[Field::Body, Field::Parts, Field::Symbols, Field::Path][..];
        let written = &[Field::Body, Field::Symbols, Field::Path][..];
        match &clause.kind {
            Kind::Everything => Some(0.0),
            Kind::Word(text) => self.text(&whole(text), chunk, all_fields, wanted),
            Kind::Phrase(text) => self.text(&whole(text), chunk, written, false),
            Kind::Prefix(text) => self.any(self.prefixed(text, unstemmed), chunk, unstemmed),
            Kind::Fuzzy { word, edits } => self.any(self.near(word, *edits, unstemmed), chunk, unstemmed),
            Kind::Symbol(inner) => match &inner.kind {
                Kind::Prefix(text) => {
                    self.any(self.prefixed(text, &[Field::Symbols]), chunk, &[Field::Symbols])
                }
                Kind::Fuzzy { word, edits } => self.any(
                    self.near(word, *edits, &[Field::Symbols]),
                    chunk,
                    &[Field::Symbols],
                ),
                Kind::Word(text) | Kind::Phrase(text) => {
                    let scores = whole(text)
                        .into_iter()
                        .map(|word| self.any(vec![(word, 1.0)], chunk, &[Field::Symbols]));
                    scores
                        .collect::<Option<Vec<f32>>>()
                        .map(|scores| scores.iter().sum())
                }
                _ => None,
            },
            Kind::Path(glob) => has_path(&self.paths[chunk], glob).then_some(0.0),
            Kind::Regex(_) | Kind::Language(_) | Kind::Time(_) | Kind::Level(_) | Kind::Field { .. } => {
                panic!("not in the tests")
            }
            Kind::Group { all, any, none } => {
                let any_wanted = wanted || !all.is_empty();
                let required: Option<Vec<f32>> = all
                    .iter()
                    .map(|clause| self.score(clause, chunk, false))
                    .collect();
                let optional: Vec<f32> = any
                    .iter()
                    .filter_map(|clause| self.score(clause, chunk, any_wanted))
                    .collect();
                let excluded = none
                    .iter()
                    .any(|clause| self.score(clause, chunk, false).is_some());
                let only_filters = all.iter().all(|clause| matches!(clause.kind, Kind::Path(_)));
                if excluded || only_filters && !any.is_empty() && optional.is_empty() {
                    return None;
                }
                Some(required?.iter().chain(&optional).sum())
            }
        }
    }

    fn text(&self, text: &[String], chunk: usize, fields: &[Field], loose: bool) -> Option<f32> {
        match text {
            [] => None,
            [word] => self.any(vec![(word.clone(), 1.0)], chunk, fields),
            several => {
                let phrase = self.phrase(several, chunk);
                let single = several.iter().filter(|_| loose);
                let single = single.filter_map(|word| self.any(vec![(word.clone(), 1.0)], chunk, fields));
                let scores: Vec<f32> = phrase.into_iter().chain(single).collect();
                (!scores.is_empty()).then(|| scores.iter().sum())
            }
        }
    }

    fn phrase(&self, words: &[String], chunk: usize) -> Option<f32> {
        let body = |chunk: usize| &self.chunks[chunk][Field::Body as usize];
        let whole = body(chunk)
            .windows(words.len())
            .filter(|window| *window == words)
            .count();
        let over = (1..words.len()).filter(|&here| {
            self.goes_on[chunk]
                && body(chunk).ends_with(&words[..here])
                && body(chunk + 1).starts_with(&words[here..])
        });
        let count = whole + over.count();
        let weights = words
            .iter()
            .map(|word| self.weight(self.frequency(Field::Body, word)));
        (count > 0).then(|| self.saturated(weights.sum(), count as f32 * self.share(Field::Body, chunk)))
    }

    fn any(&self, expansions: Vec<(String, f32)>, chunk: usize, fields: &[Field]) -> Option<f32> {
        let (mut frequency, mut found, mut sum) = (0.0, false, 0);
        for (word, factor) in &expansions {
            let mut most = 0;
            for &field in fields {
                let term = if field == Field::Stems {
                    stem(word)
                } else {
                    word.clone()
                };
                most = most.max(self.frequency(field, &term));
                let count = self.chunks[chunk][field as usize]
                    .iter()
                    .filter(|word| **word == term)
                    .count();
                found |= count > 0;
                frequency += count as f32 * factor * self.share(field, chunk);
            }
            sum += most;
        }
        found.then(|| self.saturated(self.weight(sum.min(self.chunks.len())), frequency))
    }

    fn terms(&self, fields: &[Field]) -> BTreeSet<&String> {
        let fields = fields.iter();
        fields
            .flat_map(|&wanted| self.frequencies.keys().filter(move |(field, _)| *field == wanted))
            .map(|(_, term)| term)
            .collect()
    }

    fn prefixed(&self, prefix: &str, fields: &[Field]) -> Vec<(String, f32)> {
        let prefix = folded(prefix);
        let terms = self
            .terms(fields)
            .into_iter()
            .filter(|term| term.starts_with(&prefix));
        terms.map(|term| (term.clone(), 1.0)).collect()
    }

    fn near(&self, word: &str, edits: u8, fields: &[Field]) -> Vec<(String, f32)> {
        let word = folded(word);
        let letters = word.chars().count() as f32;
        let near = self.terms(fields).into_iter().filter_map(|term| {
            let distance = distance(&word, term);
            (distance <= usize::from(edits)).then(|| (term.clone(), 1.0 - distance as f32 / (letters + 1.0)))
        });
        near.collect()
    }

    fn frequency(&self, field: Field, term: &str) -> usize {
        self.frequencies
            .get(&(field, term.to_owned()))
            .copied()
            .unwrap_or(0)
    }

    fn weight(&self, frequency: usize) -> f32 {
        let (frequency, chunks) = (frequency as f32, self.chunks.len() as f32);
        (1.0 + (chunks - frequency + 0.5) / (frequency + 0.5)).ln() * (self.ranking.k1 + 1.0)
    }

    fn share(&self, field: Field, chunk: usize) -> f32 {
        let FieldRanking { weight, b } = self.ranking.fields[field as usize];
        weight / (1.0 - b + b * length(&self.chunks[chunk][field as usize]) / self.averages[field as usize])
    }

    fn saturated(&self, weight: f32, frequency: f32) -> f32 {
        weight * frequency / (self.ranking.k1 + frequency)
    }
}

/// A length as a run keeps it.
fn length(text: &[String]) -> f32 {
    FieldNormReader::id_to_fieldnorm(FieldNormReader::fieldnorm_to_id(text.len() as u32)) as f32
}

/// The optimal string alignment distance: edits of single letters, and swaps of neighbours.
pub fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[i][j] = match (i, j) {
                (0, _) => j,
                (_, 0) => i,
                _ => {
                    let replaced = table[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                    let mut best = replaced.min(table[i - 1][j] + 1).min(table[i][j - 1] + 1);
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        best = best.min(table[i - 2][j - 2] + 1);
                    }
                    best
                }
            };
        }
    }
    table[a.len()][b.len()]
}
