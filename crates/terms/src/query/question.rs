//! A question, understood: what its clauses stand for in a corpus, and what they count for.

use std::collections::BTreeMap;
use std::sync::Arc;

use roaring::RoaringBitmap;
use tantivy::schema::IndexRecordOption;

use crate::error::{Error, reading};
use crate::fields::Field;
use crate::language::Clause;
use crate::query::corpus::{Corpus, LiveRun};
use crate::query::highlight::Highlighter;
use crate::query::leaf::{FieldList, Leaf};
use crate::query::phrase::Phrase;
use crate::query::planner::{Node, Planned, Planner, Sort, Term};
use crate::query::ranking::{Ranking, Shares};
use crate::query::statistics::AskedStatistics;

/// Words that a prefix or a fuzzy word stands for, at most.
pub const DEFAULT_EXPANSIONS: usize = 256;

/// Words of a question, at most.
const DEFAULT_WORDS: usize = 1024;

/// How questions are understood.
#[derive(Clone, Debug)]
pub struct Options {
    /// What scores are made of.
    pub ranking: Ranking,
    /// Words that a prefix or a fuzzy word stands for, at most: the most frequent.
    pub max_expansions: usize,
    /// Words that a question has at most: a clause may have many.
    pub max_words: usize,
    /// What scores depend on, if more is asked than the corpus: of all that is, the corpus among it.
    pub statistics: Option<Arc<AskedStatistics>>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            ranking: Ranking::default(),
            max_expansions: DEFAULT_EXPANSIONS,
            max_words: DEFAULT_WORDS,
            statistics: None,
        }
    }
}

/// The chunks of each run that a clause stands for of which the terms know nothing: a path, a language, a regex, a
/// time, a level.
pub type Resolved = Vec<RoaringBitmap>;

/// A question about a corpus, to be asked of its runs one by one.
pub struct Question<'c, 'a> {
    pub(super) corpus: &'c Corpus<'a>,
    pub(super) ranking: Ranking,
    pub(super) root: Node,
    pub(super) leaves: Vec<Planned>,
    shares: [Shares; Field::ALL.len()],
    /// See [`Planner::wanted`].
    pub(super) wanted: Vec<String>,
}

impl<'c, 'a> Question<'c, 'a> {
    /// Understands a clause, on the threads of the caller's rayon pool. Only chunks `within` these match, if they are given. `stopped` says whether to give up; `resolve` gives the
    /// chunks of a path, a language or a regex.
    ///
    /// # Errors
    /// A damaged run, more words than allowed, a stop; those of `resolve`.
    pub fn new<E: From<Error>>(
        clause: &Clause,
        corpus: &'c Corpus<'a>,
        within: Option<Resolved>,
        options: &Options,
        stopped: &(dyn Fn() -> bool + Sync),
        resolve: impl FnMut(&Clause) -> Result<Resolved, E>,
    ) -> Result<Question<'c, 'a>, E> {
        let given = options.statistics.as_ref();
        let known = given.map_or(&corpus.statistics, |given| &given.corpus);
        let mut planner = Planner {
            corpus,
            known,
            options,
            stopped,
            resolve,
            words_left: options.max_words,
            leaves: Vec::new(),
            wanted: Vec::new(),
            span: 0..0,
        };
        let root = planner.plan(clause, within)?;
        if given.is_some_and(|given| given.leaves.len() != planner.leaves.len()) {
            return Err(Error::OtherQuestion.into());
        }
        Ok(Question {
            corpus,
            ranking: options.ranking.clone(),
            root,
            leaves: planner.leaves,
            wanted: planner.wanted,
            shares: Field::ALL.map(|field| Shares::of(field, &options.ranking, known)),
        })
    }

    /// What its scores depend on in this corpus.
    pub fn statistics(&self) -> AskedStatistics {
        let of_leaf = |planned: &Planned| match &planned.sort {
            Sort::Words {
                words, frequencies, ..
            }
            | Sort::Phrase { words, frequencies } => {
                words.iter().cloned().zip(frequencies.iter().copied()).collect()
            }
            Sort::Everything | Sort::Nothing | Sort::Given(_) => BTreeMap::new(),
        };
        AskedStatistics {
            corpus: self.corpus.statistics.clone(),
            leaves: self.leaves.iter().map(of_leaf).collect(),
        }
    }

    /// Whether a prefix or a fuzzy word stands for more words than it may.
    pub fn is_cut(&self) -> bool {
        self.leaves.iter().any(|leaf| leaf.is_cut)
    }

    /// Finds the words that it asks for in a text.
    pub fn highlighter(&self) -> Highlighter {
        let mut highlighter = Highlighter::default();
        for Planned { sort, weight, .. } in &self.leaves {
            match sort {
                Sort::Words { words, by_stem, .. } => words
                    .iter()
                    .for_each(|word| highlighter.add(word, *weight, *by_stem)),
                Sort::Phrase { words, .. } => words
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
            Sort::Words { terms, .. } => {
                let list = |term: &'q Term| {
                    Ok(FieldList {
                        list: live.list(term.field, &term.info)?,
                        field: live.run.field(term.field),
                        shares: &self.shares[term.field as usize],
                        factor: term.factor,
                    })
                };
                let lists = terms[run].iter().map(list).collect::<Result<_, Error>>()?;
                Leaf::Words { lists, weight }
            }
            Sort::Phrase { words, .. } => {
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
                    phrase: Phrase::new(words, &places, live.borders),
                    field,
                    shares: &self.shares[Field::Body as usize],
                    weight,
                }
            }
        })
    }
}
