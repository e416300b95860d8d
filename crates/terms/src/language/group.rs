//! Groups, made flat where that changes neither what matches nor how it ranks.

use std::ops::Range;

use super::{Clause, Kind};

/// What a clause is to the group it is in.
#[derive(Clone, Copy)]
pub(super) enum Occurrence {
    Required,
    Optional,
    Excluded,
}

impl Kind {
    /// Whether a term of this kind is required without a sign.
    pub(super) fn is_required(&self) -> bool {
        matches!(self, Kind::Phrase(_) | Kind::Regex(_)) || self.is_place()
    }

    /// Whether a term of this kind says where or when, not what.
    pub fn is_place(&self) -> bool {
        use Kind::{Field, Language, Level, Path, Time};
        matches!(self, Path(_) | Language(_) | Time(_) | Level(_) | Field { .. })
    }
}

/// The clauses of a group that is being made.
#[derive(Default)]
pub(super) struct Parts {
    all: Vec<Clause>,
    any: Vec<Clause>,
    none: Vec<Clause>,
    /// From the first clause to the last, signs and parentheses included.
    span: Option<Range<usize>>,
}

impl Parts {
    /// Adds a clause behind the others, written in `span`. It must be flat itself.
    pub(super) fn add(&mut self, occurrence: Occurrence, clause: Clause, span: Range<usize>) {
        let start = self.span.take().map_or(span.start, |before| before.start);
        self.span = Some(start..span.end);
        match occurrence {
            Occurrence::Required => self.all.push(clause),
            Occurrence::Optional => self.any.push(clause),
            Occurrence::Excluded => self.none.push(clause),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.span.is_none()
    }

    /// The group, or its only clause, with the bytes that it is written in; nothing if it is empty.
    pub(super) fn into_clause(self) -> Option<(Clause, Range<usize>)> {
        let span = self.span?;
        let mut any = dissolved(self.any);
        let mut none = dissolved(self.none);
        let mut all = required(self.all, &mut any, &mut none);
        let clause = match (all.len(), any.len(), none.len()) {
            (1, 0, 0) => all.pop()?,
            (0, 1, 0) => any.pop()?,
            _ => Clause {
                kind: Kind::Group { all, any, none },
                span: span.clone(),
            },
        };
        Some((clause, span))
    }
}

/// Optional or excluded clauses, those of groups among them that hold only optional ones included.
fn dissolved(clauses: Vec<Clause>) -> Vec<Clause> {
    let mut flat = Vec::with_capacity(clauses.len());
    for clause in clauses {
        match clause.kind {
            Kind::Group { all, any, none } if all.is_empty() && none.is_empty() => flat.extend(any),
            _ => flat.push(clause),
        }
    }
    flat
}

/// Required clauses, without groups that require something themselves: what these hold besides joins `any` and
/// `none`. So do exclusions, unless optional clauses, with nothing required any more, would count as required.
fn required(clauses: Vec<Clause>, any: &mut Vec<Clause>, none: &mut Vec<Clause>) -> Vec<Clause> {
    let mut flat = Vec::with_capacity(clauses.len());
    for clause in clauses {
        match clause.kind {
            Kind::Group {
                all: inner,
                any: ranking,
                none: excluded,
            } if !inner.is_empty() => {
                flat.extend(inner);
                any.extend(ranking);
                none.extend(excluded);
            }
            _ => flat.push(clause),
        }
    }
    let (exclusions, flat): (Vec<Clause>, Vec<Clause>) = flat.into_iter().partition(only_excludes);
    if flat.is_empty() && !any.is_empty() {
        return exclusions;
    }
    for clause in exclusions {
        if let Kind::Group { none: excluded, .. } = clause.kind {
            none.extend(excluded);
        }
    }
    flat
}

fn only_excludes(clause: &Clause) -> bool {
    matches!(&clause.kind, Kind::Group { all, any, .. } if all.is_empty() && any.is_empty())
}

/// The first group of a tree that is nested deeper than `limit` groups.
pub(super) fn deeper_than(limit: usize, clause: &Clause) -> Option<&Clause> {
    let Kind::Group { all, any, none } = &clause.kind else {
        return None;
    };
    let Some(left) = limit.checked_sub(1) else {
        return Some(clause);
    };
    let mut inner = all.iter().chain(any).chain(none);
    inner.find_map(|clause| deeper_than(left, clause))
}
