//! A question, understood: what its clauses stand for in a corpus, and what they count for.

use roaring::RoaringBitmap;
use tantivy::schema::IndexRecordOption;

use crate::error::{Error, reading};
use crate::fields::{Field, stem};
use crate::language::{Clause, Kind};
use crate::query::corpus::{Corpus, LiveRun};
use crate::query::expand::{self, Expansion};
use crate::query::highlight::Highlighter;
use crate::query::leaf::{FieldList, Leaf};
use crate::query::phrase::Phrase;
use crate::query::ranking::{Ranking, Shares};
use crate::words::{fold, words};

/// Words that a prefix or a fuzzy word stands for, at most.
pub const DEFAULT_EXPANSIONS: usize = 256;

/// Where a word counts, unless a field is named.
const ANYWHERE: &[Field] = &Field::ALL;
/// Where the words count that a prefix or a fuzzy word stands for: their stems could be of others.
const UNSTEMMED: &[Field] = &[Field::Body, Field::Parts, Field::Symbols, Field::Path];
/// Where a word counts that is quoted: as it is written.
const AS_WRITTEN: &[Field] = &[Field::Body, Field::Symbols, Field::Path];
const SYMBOLS: &[Field] = &[Field::Symbols];

/// How questions are understood.
#[derive(Clone, Debug)]
pub struct Options {
    /// What scores are made of.
    pub ranking: Ranking,
    /// Words that a prefix or a fuzzy word stands for, at most: the most frequent.
    pub max_expansions: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            ranking: Ranking::default(),
            max_expansions: DEFAULT_EXPANSIONS,
        }
    }
}

/// The chunks of each run that a clause stands for of which the terms know nothing: a path, a language, a regex.
pub type Resolved = Vec<RoaringBitmap>;

/// A question about a corpus, to be asked of its runs one by one.
pub struct Question<'c, 'a> {
    pub(super) corpus: &'c Corpus<'a>,
    pub(super) ranking: Ranking,
    pub(super) root: Node,
    leaves: Vec<Planned>,
    shares: [Shares; Field::ALL.len()],
    /// Whether a prefix or a fuzzy word stands for more words than it may.
    pub is_cut: bool,
}

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
struct Planned {
    sort: Sort,
    weight: f32,
    /// Chunks that match, at most.
    cost: u64,
}

enum Sort {
    Everything,
    Nothing,
    Words {
        words: Vec<Expansion>,
        fields: &'static [Field],
    },
    Phrase(Vec<String>),
    Given(Resolved),
}

impl<'c, 'a> Question<'c, 'a> {
    /// Understands a clause. `resolve` gives the chunks of a path, a language or a regex.
    ///
    /// # Errors
    /// A damaged run; those of `resolve`.
    pub fn new<E: From<Error>>(
        clause: &Clause,
        corpus: &'c Corpus<'a>,
        options: &Options,
        resolve: impl FnMut(&Clause) -> Result<Resolved, E>,
    ) -> Result<Question<'c, 'a>, E> {
        let mut planner = Planner {
            corpus,
            options,
            resolve,
            leaves: Vec::new(),
            is_cut: false,
        };
        let root = planner.node(clause, Use::Wanted)?;
        Ok(Question {
            corpus,
            ranking: options.ranking.clone(),
            root,
            leaves: planner.leaves,
            shares: Field::ALL.map(|field| Shares::of(field, &options.ranking, corpus)),
            is_cut: planner.is_cut,
        })
    }

    /// Finds the words that it asks for in a text.
    pub fn highlighter(&self) -> Highlighter {
        let mut highlighter = Highlighter::default();
        for Planned { sort, weight, .. } in &self.leaves {
            match sort {
                Sort::Words { words, fields } => {
                    let by_stem = fields.contains(&Field::Stems);
                    words
                        .iter()
                        .for_each(|expansion| highlighter.add(&expansion.word, *weight, by_stem));
                }
                Sort::Phrase(words) => words
                    .iter()
                    .for_each(|word| highlighter.add(word, *weight, false)),
                Sort::Everything | Sort::Nothing | Sort::Given(_) => {}
            }
        }
        highlighter
    }

    /// The leaves in a run.
    pub(super) fn open<'q>(&'q self, run: usize) -> Result<Vec<Leaf<'q>>, Error> {
        let live = &self.corpus.runs[run];
        self.leaves
            .iter()
            .map(|planned| self.leaf(planned, run, live))
            .collect()
    }

    fn leaf<'q>(&'q self, planned: &'q Planned, run: usize, live: &LiveRun<'a>) -> Result<Leaf<'q>, Error>
    where
        'a: 'q,
    {
        let weight = planned.weight;
        Ok(match &planned.sort {
            Sort::Everything => Leaf::Everything,
            Sort::Nothing => Leaf::Nothing,
            Sort::Given(chunks) => chunks.get(run).map_or(Leaf::Nothing, Leaf::Given),
            Sort::Words { words, fields } => {
                let mut lists = Vec::new();
                for (Expansion { word, factor }, &field) in words
                    .iter()
                    .flat_map(|word| fields.iter().map(move |field| (word, field)))
                {
                    if let Some(info) = live.info(field, in_field(word, field).as_bytes())? {
                        lists.push(FieldList {
                            list: live.list(field, &info)?,
                            field: live.run.field(field),
                            shares: &self.shares[field as usize],
                            factor: *factor,
                        });
                    }
                }
                Leaf::Words { lists, weight }
            }
            Sort::Phrase(words) => {
                let field = live.run.field(Field::Body);
                let mut places = Vec::new();
                for word in words {
                    let Some(info) = live.info(Field::Body, word.as_bytes())? else {
                        return Ok(Leaf::Nothing);
                    };
                    let record = IndexRecordOption::WithFreqsAndPositions;
                    places.push(
                        field
                            .index
                            .read_postings_from_terminfo(&info, record)
                            .map_err(reading)?,
                    );
                }
                Leaf::Phrase {
                    phrase: Phrase::new(places),
                    field,
                    shares: &self.shares[Field::Body as usize],
                    weight,
                }
            }
        })
    }
}

/// The form that a folded word has in a field.
fn in_field(word: &str, field: Field) -> std::borrow::Cow<'_, str> {
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

struct Planner<'p, 'c, 'a, R> {
    corpus: &'c Corpus<'a>,
    options: &'p Options,
    resolve: R,
    leaves: Vec<Planned>,
    is_cut: bool,
}

impl<E: From<Error>, R: FnMut(&Clause) -> Result<Resolved, E>> Planner<'_, '_, '_, R> {
    fn node(&mut self, clause: &Clause, used: Use) -> Result<Node, E> {
        match &clause.kind {
            Kind::Everything => Ok(self.put(Sort::Everything, 0.0, self.corpus.chunks)),
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
            Kind::Regex(_) | Kind::Path(_) | Kind::Language(_) => {
                let chunks = (self.resolve)(clause)?;
                let cost = chunks.iter().map(RoaringBitmap::len).sum();
                Ok(self.put(Sort::Given(chunks), 0.0, cost))
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
        let only_filters = all
            .iter()
            .all(|clause| matches!(clause.kind, Kind::Path(_) | Kind::Language(_)));
        let (mut all, mut any, none) = (
            nodes(all, Use::Decisive)?,
            nodes(any, any_use)?,
            nodes(none, Use::Decisive)?,
        );
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
        self.leaves.push(Planned { sort, weight, cost });
        Node::Leaf(self.leaves.len() - 1)
    }

    /// Words as they stand: one, several one behind the other, or, if they are `loose`, each for itself too.
    fn text(&mut self, text: &str, fields: &'static [Field], loose: bool) -> Result<Node, E> {
        let mut folded: Vec<String> = words(text)
            .map(|range| {
                let mut word = String::new();
                fold(&text[range], &mut word);
                word
            })
            .collect();
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

    fn word(&mut self, word: String, fields: &'static [Field]) -> Result<Node, E> {
        self.words(vec![Expansion { word, factor: 1.0 }], fields)
    }

    fn words(&mut self, words: Vec<Expansion>, fields: &'static [Field]) -> Result<Node, E> {
        let (mut all, mut cost) = (0, 0);
        for Expansion { word, .. } in &words {
            let mut most = 0;
            for &field in fields {
                let frequency = self.corpus.frequency(field, in_field(word, field).as_bytes())?;
                most = most.max(frequency);
                cost += frequency;
            }
            all += most;
        }
        let weight = self
            .options
            .ranking
            .weight(all.min(self.corpus.chunks), self.corpus.chunks);
        Ok(self.put(Sort::Words { words, fields }, weight, cost))
    }

    fn phrase(&mut self, words: &[String]) -> Result<Node, E> {
        let (mut weight, mut cost) = (0.0, u64::MAX);
        for word in words {
            let frequency = self.corpus.frequency(Field::Body, word.as_bytes())?;
            weight += self.options.ranking.weight(frequency, self.corpus.chunks);
            cost = cost.min(frequency);
        }
        Ok(self.put(Sort::Phrase(words.to_vec()), weight, cost))
    }

    /// A symbol: all words of its name.
    fn symbol(&mut self, text: &str) -> Result<Node, E> {
        let mut all = Vec::new();
        for range in words(text) {
            let mut word = String::new();
            fold(&text[range], &mut word);
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

    fn prefix(&mut self, text: &str, fields: &'static [Field]) -> Result<Node, E> {
        let mut prefix = String::new();
        fold(text, &mut prefix);
        let expanded = expand::prefix(self.corpus, fields, &prefix, self.options.max_expansions)?;
        self.expanded(expanded, fields)
    }

    fn fuzzy(&mut self, word: &str, edits: u8, fields: &'static [Field]) -> Result<Node, E> {
        let mut folded = String::new();
        fold(word, &mut folded);
        let expanded = expand::fuzzy(self.corpus, fields, &folded, edits, self.options.max_expansions)?;
        self.expanded(expanded, fields)
    }

    fn expanded(
        &mut self,
        (words, is_cut): (Vec<Expansion>, bool),
        fields: &'static [Field],
    ) -> Result<Node, E> {
        self.is_cut |= is_cut;
        self.words(words, fields)
    }
}
