//! Weaker queries that are cheaper to ask.

use super::simplify::{and_of, as_gram};
use crate::query::Query;
use crate::symbols::BASE_KEYS;

/// An OR with more alternatives than this is wide.
const WIDE: usize = 32;
/// An alternative with at most this many grams is thin.
const THIN: usize = 3;

/// Drops from each AND the wide ORs of thin alternatives: what a class before or after a word requires is in nearly
/// every block, and its many lists cost more than they save. If an AND has nothing else, the narrowest stays.
pub(super) fn prune(query: Query) -> Query {
    match query {
        Query::And(parts) => {
            let (mut wide, mut kept): (Vec<Query>, Vec<Query>) =
                parts.into_iter().map(prune).partition(is_wide);
            wide.sort_by_key(|or| std::cmp::Reverse(or.grams()));
            if kept.is_empty() {
                kept.extend(wide.pop());
            }
            and_of(kept)
        }
        Query::Or(parts) => Query::Or(parts.into_iter().map(prune).collect()),
        other => other,
    }
}

fn is_wide(query: &Query) -> bool {
    matches!(query, Query::Or(parts) if parts.len() > WIDE && parts.iter().all(|part| part.grams() <= THIN))
}

/// A query of at most `limit` grams that holds wherever this one does; `All` if there is no other.
pub(super) fn bound(query: Query, limit: usize) -> Query {
    if query.grams() <= limit {
        return query;
    }
    match query {
        Query::And(parts) => bound_and(parts, limit),
        Query::Or(parts) => bound_or(parts, limit),
        _ => Query::All,
    }
}

/// Keeps grams first, from all over the pattern, then the smallest other parts.
fn bound_and(parts: Vec<Query>, limit: usize) -> Query {
    let (grams, mut others): (Vec<Query>, Vec<Query>) = parts.into_iter().partition(|p| as_gram(p).is_some());
    let mut kept = spread(grams, limit);
    let mut left = limit - kept.len();
    others.sort_by_cached_key(Query::grams);
    for other in others {
        let part = bound(other, left);
        left -= part.grams();
        if part != Query::All {
            kept.push(part);
        }
    }
    and_of(kept)
}

/// At most `count` grams: those that are not base grams first, then evenly spaced ones.
fn spread(grams: Vec<Query>, count: usize) -> Vec<Query> {
    let is_base = |part: &Query| as_gram(part).is_some_and(|gram| gram.0 < BASE_KEYS);
    let (base, telling): (Vec<Query>, Vec<Query>) = grams.into_iter().partition(is_base);
    let mut kept = evenly(telling, count);
    kept.extend(evenly(base, count - kept.len()));
    kept
}

fn evenly(parts: Vec<Query>, count: usize) -> Vec<Query> {
    match parts.len() {
        total if total <= count => parts,
        total => (0..count)
            .map(|index| parts[index * total / count].clone())
            .collect(),
    }
}

/// Shares the limit among the alternatives; each needs a gram at least.
fn bound_or(mut parts: Vec<Query>, limit: usize) -> Query {
    parts.sort_by_cached_key(Query::grams);
    let mut left = limit;
    let mut kept = Vec::with_capacity(parts.len());
    let total = parts.len();
    for (index, part) in parts.into_iter().enumerate() {
        let part = bound(part, left / (total - index));
        if part == Query::All {
            return Query::All;
        }
        left -= part.grams();
        kept.push(part);
    }
    Query::Or(kept)
}
