//! Which words of a text a question asked for.

use std::collections::HashMap;
use std::ops::Range;

use crate::fields::stem;
use crate::words::{fold, parts, words};

/// The words that a question asks for, with what each counts for.
#[derive(Clone, Debug, Default)]
pub struct Highlighter {
    words: HashMap<String, f32>,
    stems: HashMap<String, f32>,
}

/// A word of a text that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Highlight {
    /// Bytes of the text.
    pub range: Range<usize>,
    /// What finding the word counts for.
    pub weight: f32,
}

impl Highlighter {
    pub(super) fn add(&mut self, word: &str, weight: f32, by_stem: bool) {
        let add = |words: &mut HashMap<String, f32>, word: &str| {
            let known = words.entry(word.to_owned()).or_insert(weight);
            *known = known.max(weight);
        };
        add(&mut self.words, word);
        if by_stem {
            add(&mut self.stems, &stem(word));
        }
    }

    /// The words of a text that were asked for, ascending; of a word that is put together only the parts, if only they were.
    pub fn find(&self, text: &str) -> Vec<Highlight> {
        let mut found = Vec::new();
        let mut folded = String::new();
        for range in words(text) {
            fold(&text[range.clone()], &mut folded);
            let by_stem = || self.stems.get(&stem(&folded));
            if let Some(&weight) = self.words.get(&folded).or_else(by_stem) {
                found.push(Highlight { range, weight });
                continue;
            }
            for part in parts(&text[range.clone()]) {
                let part = range.start + part.start..range.start + part.end;
                fold(&text[part.clone()], &mut folded);
                if let Some(&weight) = self.words.get(&folded) {
                    found.push(Highlight { range: part, weight });
                }
            }
        }
        found
    }
}
