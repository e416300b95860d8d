//! What of a query costs time for nothing, and what could be asked instead.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::fields::stem;
use crate::language::{Clause, Kind};
use crate::query::planner::Sort;
use crate::query::question::Question;
use crate::words::folded;

/// A fuzzy word that stands for more words than this is worth a word.
const MANY: usize = 64;

/// Something about a query that its author may want to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// Where the clause is that it is about, in bytes of the query.
    pub span: Range<usize>,
    /// What about it.
    pub message: String,
    /// What could be asked instead, in canonical form.
    pub query: Option<String>,
}

/// How a clause is used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Required,
    Optional,
    Excluded,
}

/// What a clause came to.
#[derive(Clone, Copy, Default)]
struct Outcome {
    chunks: u64,
    words: usize,
    is_cut: bool,
    has_words: bool,
}

impl Question<'_, '_> {
    /// What its author may want to know, in the order of the query. `clause` is what the question was made from.
    pub fn advice(&self, clause: &Clause) -> Vec<Advice> {
        let mut adviser = Adviser {
            whole: clause,
            outcomes: self.outcomes(),
            advice: Vec::new(),
        };
        adviser.visit(clause, Role::Optional);
        adviser.advice.sort_by_key(|advice| advice.span.start);
        adviser.advice
    }

    fn outcomes(&self) -> HashMap<(usize, usize), Outcome> {
        let mut outcomes: HashMap<_, Outcome> = HashMap::new();
        for leaf in &self.leaves {
            let outcome = outcomes.entry((leaf.span.start, leaf.span.end)).or_default();
            outcome.chunks = outcome.chunks.max(leaf.cost);
            outcome.is_cut |= leaf.is_cut;
            outcome.has_words |= !matches!(leaf.sort, Sort::Nothing);
            if let Sort::Words { words, .. } = &leaf.sort {
                outcome.words = outcome.words.max(words.len());
            }
        }
        outcomes
    }
}

struct Adviser<'a> {
    whole: &'a Clause,
    /// By the span of the clause.
    outcomes: HashMap<(usize, usize), Outcome>,
    advice: Vec<Advice>,
}

impl Adviser<'_> {
    fn visit(&mut self, clause: &Clause, role: Role) {
        let Kind::Group { all, any, none } = &clause.kind else {
            return self.leaf(clause, role);
        };
        let any_role = match all.is_empty() {
            true => role,
            false => Role::Optional,
        };
        let none_role = Role::Excluded;
        for (clauses, role) in [(all, Role::Required), (any, any_role), (none, none_role)] {
            self.twice(clauses);
            clauses.iter().for_each(|clause| self.visit(clause, role));
        }
        self.covered(all);
    }

    fn leaf(&mut self, clause: &Clause, role: Role) {
        let Range { start, end } = clause.span;
        let Some(&outcome) = self.outcomes.get(&(start, end)) else {
            return;
        };
        if !outcome.has_words {
            self.say(
                clause,
                format!("{clause} has neither letters nor digits; signs are found by a regular expression in slashes"),
                None,
            );
        } else if outcome.chunks == 0 {
            let message = match role {
                Role::Required => format!("{clause} is required, and nowhere"),
                Role::Optional => format!("{clause} is nowhere"),
                Role::Excluded => format!("{clause} is nowhere: to exclude it changes nothing"),
            };
            self.say(clause, message, without(self.whole, &clause.span));
        } else if outcome.is_cut {
            let message = format!(
                "{clause} stands for more words than are searched for; with more letters it is complete"
            );
            self.say(clause, message, None);
        } else if let Kind::Fuzzy { word, edits: 2 } = &clause.kind
            && outcome.words > MANY
        {
            let fewer = Clause {
                kind: Kind::Fuzzy {
                    word: word.clone(),
                    edits: 1,
                },
                span: clause.span.clone(),
            };
            let message = format!("{clause} stands for {} words; {fewer} costs less", outcome.words);
            self.say(clause, message, replaced(self.whole, &clause.span, Some(&fewer)));
        }
    }

    /// Clauses that are written twice.
    fn twice(&mut self, clauses: &[Clause]) {
        let mut seen = HashSet::new();
        for clause in clauses {
            if !seen.insert(clause.to_string()) {
                let message = format!("{clause} is there twice");
                self.say(clause, message, without(self.whole, &clause.span));
            }
        }
    }

    /// Prefixes that hold wherever another clause does that is required, too.
    fn covered(&mut self, all: &[Clause]) {
        for clause in all {
            let Kind::Prefix(prefix) = &clause.kind else {
                continue;
            };
            let covers = |other: &&Clause| match &other.kind {
                Kind::Word(word) => stem(&folded(word)).starts_with(&folded(prefix)),
                Kind::Prefix(longer) => longer.len() > prefix.len() && longer.starts_with(prefix),
                _ => false,
            };
            if let Some(other) = all.iter().find(covers) {
                let message = format!("where {other} is, {clause} is, too");
                self.say(clause, message, without(self.whole, &clause.span));
            }
        }
    }

    fn say(&mut self, clause: &Clause, message: String, query: Option<String>) {
        self.advice.push(Advice {
            span: clause.span.clone(),
            message,
            query,
        });
    }
}

/// The query without the clause that is written there; `None`: nothing would be left.
fn without(whole: &Clause, span: &Range<usize>) -> Option<String> {
    replaced(whole, span, None)
}

fn replaced(whole: &Clause, span: &Range<usize>, by: Option<&Clause>) -> Option<String> {
    rebuilt(whole, span, by).map(|clause| clause.to_string())
}

fn rebuilt(clause: &Clause, span: &Range<usize>, by: Option<&Clause>) -> Option<Clause> {
    let Kind::Group { all, any, none } = &clause.kind else {
        return match clause.span == *span {
            true => by.cloned(),
            false => Some(clause.clone()),
        };
    };
    let keep = |clauses: &[Clause]| -> Vec<Clause> {
        let kept = clauses.iter().filter_map(|clause| rebuilt(clause, span, by));
        kept.collect()
    };
    let (all, any, none) = (keep(all), keep(any), keep(none));
    if all.is_empty() && any.is_empty() && none.is_empty() {
        return None;
    }
    Some(Clause {
        kind: Kind::Group { all, any, none },
        span: clause.span.clone(),
    })
}
