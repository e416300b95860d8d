//! From a query's tree to what has to be looked for, and where.

use std::collections::BTreeMap;
use std::ops::Range;

use roaring::RoaringBitmap;
use tantivy::postings::TermInfo;

use crate::error::Error;
use crate::fields::{Field, stem};
use crate::language::{Clause, Kind};
use crate::query::common::is_common;
use crate::query::corpus::Corpus;
use crate::query::expand::{self, Found, Place};
use crate::query::question::{Options, Resolved};
use crate::query::statistics::{Frequencies, Statistics, most};
use crate::words::{folded, words};

/// Where a word counts, unless a field is named.
const ANYWHERE: &[Field] = &Field::ALL;
/// Where the words count that a prefix or a fuzzy word stands for: their stems could be of others.
const UNSTEMMED: &[Field] = &[Field::Body, Field::Parts, Field::Symbols, Field::Path];
/// Where a word counts that is quoted: as it is written.
const AS_WRITTEN: &[Field] = &[Field::Body, Field::Symbols, Field::Path];
const SYMBOLS: &[Field] = &[Field::Symbols];

/// What has to match.
pub(super) enum Node {
    Leaf(usize),
    Group {
        all: Vec<Node>,
        any: Vec<Node>,
        none: Vec<Node>,
    },
}

/// A leaf, before it is opened in a run.
pub(super) struct Planned {
    pub sort: Sort,
    pub weight: f32,
    /// Chunks that match, at most.
    pub cost: u64,
    /// Where its clause is in the query.
    pub span: Range<usize>,
    /// It stands for more words than it may.
    pub is_cut: bool,
}

pub(super) enum Sort {
    Everything,
    Nothing,
    /// Words, whether their stems count too, and where they are, run by run.
    Words {
        words: Vec<String>,
        /// In how many chunks each of them is.
        frequencies: Vec<Frequencies>,
        by_stem: bool,
        terms: Vec<Vec<Term>>,
    },
    /// Words one behind the other, and in how many chunks each is.
    Phrase {
        words: Vec<String>,
        frequencies: Vec<Frequencies>,
    },
    Given(Resolved),
}

/// A term of one run.
pub(super) struct Term {
    pub field: Field,
    pub info: TermInfo,
    /// How much it is what was asked for, up to 1.
    pub factor: f32,
}

/// The form that a folded word has in a field.
pub(super) fn in_field(word: &str, field: Field) -> std::borrow::Cow<'_, str> {
    match field {
        Field::Stems => stem(word).into(),
        _ => word.into(),
    }
}

/// What a clause is there for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// It may match, and counts if it does.
    Wanted,
    /// It must match, or must not.
    Decisive,
}

pub(super) struct Planner<'p, 'c, 'a, R> {
    pub corpus: &'c Corpus<'a>,
    /// What weights are by.
    pub known: &'p Statistics,
    pub options: &'p Options,
    pub stopped: &'p (dyn Fn() -> bool + Sync),
    pub resolve: R,
    pub words_left: usize,
    pub leaves: Vec<Planned>,
    /// The stems of the words that are wanted as they stand.
    pub wanted: Vec<String>,
    /// Where the clause is that is being planned.
    pub span: Range<usize>,
}

impl<E: From<Error>, R: FnMut(&Clause) -> Result<Resolved, E>> Planner<'_, '_, '_, R> {
    /// Plans a query, of which only chunks `within` these match.
    pub fn plan(&mut self, clause: &Clause, within: Option<Resolved>) -> Result<Node, E> {
        let node = self.node(clause, Use::Wanted)?;
        let Some(within) = within else {
            return Ok(node);
        };
        self.span = clause.span.clone();
        let within = self.given(within);
        let mut all = vec![within, node];
        all.sort_by_key(|node| self.cost(node));
        Ok(Node::Group {
            all,
            any: Vec::new(),
            none: Vec::new(),
        })
    }

    fn node(&mut self, clause: &Clause, used: Use) -> Result<Node, E> {
        self.span = clause.span.clone();
        match &clause.kind {
            Kind::Everything => Ok(self.put(Sort::Everything, 0.0, self.corpus.chunks())),
            Kind::Word(text) => Ok(self.text(text, ANYWHERE, used == Use::Wanted)?),
            Kind::Phrase(text) => Ok(self.text(text, AS_WRITTEN, false)?),
            Kind::Prefix(text) => self.prefix(text, UNSTEMMED),
            Kind::Fuzzy { word, edits } => self.fuzzy(word, *edits, UNSTEMMED),
            Kind::Symbol(inner) => match &inner.kind {
                Kind::Prefix(text) => self.prefix(text, SYMBOLS),
                Kind::Fuzzy { word, edits } => self.fuzzy(word, *edits, SYMBOLS),
                Kind::Word(text) | Kind::Phrase(text) => self.symbol(text),
                _ => Ok(self.put(Sort::Nothing, 0.0, 0)),
            },
            Kind::Regex(_)
            | Kind::Path(_)
            | Kind::Language(_)
            | Kind::Time(_)
            | Kind::Level(_)
            | Kind::Field { .. } => {
                let chunks = (self.resolve)(clause)?;
                Ok(self.given(chunks))
            }
            Kind::Group { all, any, none } => self.group(all, any, none, used),
        }
    }

    fn group(&mut self, all: &[Clause], any: &[Clause], none: &[Clause], used: Use) -> Result<Node, E> {
        let mut nodes = |clauses: &[Clause], used| {
            let nodes = clauses.iter().map(|clause| self.node(clause, used));
            nodes.collect::<Result<Vec<_>, E>>()
        };
        let any_use = if all.is_empty() { used } else { Use::Wanted };
        let only_filters = all.iter().all(|clause| clause.kind.is_place());
        let (mut all, mut any) = (nodes(all, Use::Decisive)?, nodes(any, any_use)?);
        let wanted = self.wanted.len();
        let none = none.iter().map(|clause| self.node(clause, Use::Decisive));
        let none = none.collect::<Result<Vec<_>, E>>()?;
        self.wanted.truncate(wanted);
        if only_filters && !all.is_empty() && !any.is_empty() {
            // Where to look is no answer by itself.
            let any = std::mem::take(&mut any);
            all.push(Node::Group {
                all: Vec::new(),
                any,
                none: Vec::new(),
            });
        }
        all.sort_by_key(|node| self.cost(node));
        Ok(Node::Group { all, any, none })
    }

    /// Chunks that match, at most.
    fn cost(&self, node: &Node) -> u64 {
        match node {
            Node::Leaf(leaf) => self.leaves[*leaf].cost,
            Node::Group { all, any, .. } if all.is_empty() => any.iter().map(|node| self.cost(node)).sum(),
            Node::Group { all, .. } => all.iter().map(|node| self.cost(node)).min().unwrap_or(0),
        }
    }

    fn put(&mut self, sort: Sort, weight: f32, cost: u64) -> Node {
        self.leaves.push(Planned {
            sort,
            weight,
            cost,
            span: self.span.clone(),
            is_cut: false,
        });
        Node::Leaf(self.leaves.len() - 1)
    }

    fn given(&mut self, chunks: Resolved) -> Node {
        let cost = chunks.iter().map(RoaringBitmap::len).sum();
        self.put(Sort::Given(chunks), 0.0, cost)
    }

    /// The words of a text, each of which takes time to look for.
    fn words_of(&mut self, text: &str) -> Result<Vec<String>, Error> {
        let mut all = Vec::new();
        for range in words(text) {
            self.take_word()?;
            all.push(folded(&text[range]));
        }
        Ok(all)
    }

    /// Words as they stand: one, several one behind the other, or, if they are `loose`, each for itself too.
    fn text(&mut self, text: &str, fields: &[Field], loose: bool) -> Result<Node, E> {
        let mut folded = self.words_of(text)?;
        match folded.len() {
            0 => Ok(self.put(Sort::Nothing, 0.0, 0)),
            1 => self.word(folded.remove(0), fields),
            _ => {
                let phrase = self.phrase(&folded)?;
                if !loose {
                    return Ok(phrase);
                }
                let mut any = vec![phrase];
                for word in folded {
                    any.push(self.word(word, fields)?);
                }
                Ok(Node::Group {
                    all: Vec::new(),
                    any,
                    none: Vec::new(),
                })
            }
        }
    }

    fn word(&mut self, word: String, fields: &[Field]) -> Result<Node, E> {
        let places = self.corpus.places(fields, |field| in_field(&word, field))?;
        let mut frequencies = [0; Field::ALL.len()];
        for (place, frequency) in &places {
            frequencies[place.field as usize] += frequency;
        }
        let found = Found {
            word,
            factor: 1.0,
            frequencies,
            places: places.into_iter().map(|(place, _)| place).collect(),
        };
        Ok(self.words(vec![found], fields.contains(&Field::Stems)))
    }

    /// Words of which one has to match.
    fn words(&mut self, found: Vec<Found>, by_stem: bool) -> Node {
        let mut terms: Vec<Vec<Term>> = self.corpus.runs.iter().map(|_| Vec::new()).collect();
        let (mut words, mut frequencies, mut cost) = (Vec::new(), Vec::new(), 0);
        for Found {
            word,
            factor,
            frequencies: of_word,
            places,
        } in found
        {
            words.push(word);
            frequencies.push(of_word);
            for Place { run, field, info } in places {
                cost += u64::from(info.doc_freq);
                terms[run].push(Term { field, info, factor });
            }
        }
        let all: u64 = match self.outside() {
            Some(words) => words.values().map(most).sum(),
            None => frequencies.iter().map(most).sum(),
        };
        let chunks = self.known.chunks;
        let mut weight = self.options.ranking.weight(all.min(chunks), chunks);
        if let ([word], true) = (&words[..], by_stem) {
            if is_common(word) {
                weight *= self.options.ranking.common;
            } else {
                self.wanted.push(stem(word));
            }
        }
        self.put(
            Sort::Words {
                words,
                frequencies,
                by_stem,
                terms,
            },
            weight,
            cost,
        )
    }

    fn phrase(&mut self, words: &[String]) -> Result<Node, E> {
        let (mut weight, mut cost) = (0.0, u64::MAX);
        let mut frequencies = Vec::new();
        for word in words {
            let mut of_word = Frequencies::default();
            let own = self.corpus.frequency(Field::Body, word.as_bytes())?;
            of_word[Field::Body as usize] = own;
            frequencies.push(of_word);
            let all = match self.outside() {
                Some(words) => words.get(word).map_or(own, most),
                None => own,
            };
            weight += self.options.ranking.weight(all, self.known.chunks);
            cost = cost.min(own);
        }
        let words = words.to_vec();
        Ok(self.put(Sort::Phrase { words, frequencies }, weight, cost))
    }

    /// What is known from outside of the leaf that is planned next.
    fn outside(&self) -> Option<&BTreeMap<String, Frequencies>> {
        self.options.statistics.as_ref()?.leaves.get(self.leaves.len())
    }

    /// A symbol: all words of its name.
    fn symbol(&mut self, text: &str) -> Result<Node, E> {
        let mut all = Vec::new();
        for word in self.words_of(text)? {
            all.push(self.word(word, SYMBOLS)?);
        }
        match all.len() {
            0 => Ok(self.put(Sort::Nothing, 0.0, 0)),
            1 => Ok(all.remove(0)),
            _ => Ok(Node::Group {
                all,
                any: Vec::new(),
                none: Vec::new(),
            }),
        }
    }

    /// Counts a word, each of which takes time to look for.
    fn take_word(&mut self) -> Result<(), Error> {
        let left = self.words_left.checked_sub(1);
        self.words_left = left.ok_or(Error::TooManyWords(self.options.max_words))?;
        if (self.stopped)() {
            Err(Error::Stopped)
        } else {
            Ok(())
        }
    }

    fn prefix(&mut self, text: &str, fields: &[Field]) -> Result<Node, E> {
        self.take_word()?;
        let expanded = expand::prefix(
            self.corpus,
            fields,
            &folded(text),
            self.options.max_expansions,
            self.stopped,
        )?;
        Ok(self.expanded(expanded))
    }

    fn fuzzy(&mut self, word: &str, edits: u8, fields: &[Field]) -> Result<Node, E> {
        self.take_word()?;
        let expanded = expand::fuzzy(
            self.corpus,
            fields,
            &folded(word),
            edits,
            self.options.max_expansions,
            self.stopped,
        )?;
        Ok(self.expanded(expanded))
    }

    fn expanded(&mut self, (words, is_cut): (Vec<Found>, bool)) -> Node {
        let node = self.words(words, false);
        if let Some(leaf) = self.leaves.last_mut() {
            leaf.is_cut = is_cut;
        }
        node
    }
}
