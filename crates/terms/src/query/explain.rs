//! How a question is answered: what stands for each clause, and how much has to be read.

use std::ops::Range;

use roaring::RoaringBitmap;

use crate::error::Error;
use crate::fields::Field;
use crate::query::planner::{Node, Planned, Sort};
use crate::query::question::Question;

/// A part of how a question is answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What is looked for.
    pub kind: StepKind,
    /// The words that are looked for, in alphabetical order but for those of a phrase.
    pub words: Vec<String>,
    /// Where its clause is in the query, in bytes; `None` for a group.
    pub span: Option<Range<usize>>,
    /// Chunks that match, at most.
    pub chunks: u64,
    /// Entries of posting lists that are read, at most: what the step costs.
    pub postings: u64,
    /// What a chunk gains by it, at most.
    pub weight: f32,
    /// Parts of which each has to match, the most selective first.
    pub all: Vec<Step>,
    /// Parts that add to the score; one has to match if there is nothing in `all`.
    pub any: Vec<Step>,
    /// Parts that must not match.
    pub none: Vec<Step>,
}

/// What a step looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// What its parts look for.
    Group,
    /// One of its words, in any field.
    Words,
    /// Its words, one behind the other.
    Phrase,
    /// Chunks that were chosen without the terms: by path, language, time, level, or a regular expression.
    Filter,
    /// Every chunk.
    Everything,
    /// No chunk: the clause has no word in it.
    Nothing,
}

impl Question<'_, '_> {
    /// How it is answered.
    ///
    /// # Errors
    /// A damaged run.
    pub fn explain(&self) -> Result<Step, Error> {
        self.step(&self.root)
    }

    fn step(&self, node: &Node) -> Result<Step, Error> {
        let (all, any, none) = match node {
            Node::Leaf(leaf) => return self.leaf_step(&self.leaves[*leaf]),
            Node::Group { all, any, none } => (self.steps(all)?, self.steps(any)?, self.steps(none)?),
        };
        let chunks = match (&all[..], &any[..]) {
            ([], []) => self.corpus.statistics.chunks,
            ([], any) => any.iter().map(|step| step.chunks).sum(),
            (all, _) => all.iter().map(|step| step.chunks).min().unwrap_or(0),
        };
        let parts = || all.iter().chain(&any).chain(&none);
        Ok(Step {
            kind: StepKind::Group,
            words: Vec::new(),
            span: None,
            chunks: chunks.min(self.corpus.statistics.chunks),
            postings: parts().map(|step| step.postings).sum(),
            weight: all.iter().chain(&any).map(|step| step.weight).sum(),
            all,
            any,
            none,
        })
    }

    fn steps(&self, nodes: &[Node]) -> Result<Vec<Step>, Error> {
        nodes.iter().map(|node| self.step(node)).collect()
    }

    fn leaf_step(&self, planned: &Planned) -> Result<Step, Error> {
        let (kind, words, postings) = match &planned.sort {
            Sort::Everything => (StepKind::Everything, Vec::new(), 0),
            Sort::Nothing => (StepKind::Nothing, Vec::new(), 0),
            Sort::Given(chunks) => {
                let count = chunks.iter().map(RoaringBitmap::len).sum();
                (StepKind::Filter, Vec::new(), count)
            }
            Sort::Words { words, .. } => (StepKind::Words, words.clone(), planned.cost),
            Sort::Phrase { words, .. } => {
                let mut postings = 0;
                for word in words {
                    postings += self.corpus.frequency(Field::Body, word.as_bytes())?;
                }
                (StepKind::Phrase, words.clone(), postings)
            }
        };
        Ok(Step {
            kind,
            words,
            span: Some(planned.span.clone()),
            chunks: planned.cost.min(self.corpus.statistics.chunks),
            postings,
            weight: planned.weight,
            all: Vec::new(),
            any: Vec::new(),
            none: Vec::new(),
        })
    }
}
