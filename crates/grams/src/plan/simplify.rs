//! Smaller queries with the same meaning.

use std::collections::HashSet;

use crate::query::Query;
use crate::symbols::{BASE_KEYS, Gram, PLANE_KEYS};

impl Query {
    /// Number of grams, counted with repetition.
    pub fn grams(&self) -> usize {
        match self {
            Query::All | Query::None => 0,
            Query::Gram(_) => 1,
            Query::And(parts) | Query::Or(parts) => parts.iter().map(Query::grams).sum(),
        }
    }
}

/// An equal query that is flat and has no part that another one implies: no gram twice, no gram below an AND that
/// requires it anyway, no alternative that is stricter than another. AND and OR have at least two parts.
pub(super) fn simplify(query: Query) -> Query {
    Simplifier {
        known: HashSet::new(),
    }
    .query(query)
}

struct Simplifier {
    /// Grams that the ANDs around the current part require, and what these imply.
    known: HashSet<Gram>,
}

impl Simplifier {
    fn query(&mut self, query: Query) -> Query {
        match query {
            Query::Gram(gram) if self.known.contains(&gram) => Query::All,
            Query::And(parts) => self.all_of(parts),
            Query::Or(parts) => self.any_of(parts),
            other => other,
        }
    }

    fn all_of(&mut self, parts: Vec<Query>) -> Query {
        let mut grams = Vec::new();
        let mut others = Vec::new();
        flatten_and(parts, &mut grams, &mut others);
        let implied: HashSet<Gram> = grams.iter().filter_map(|&gram| implied(gram)).collect();
        let mut added = Vec::new();
        grams.retain(|gram| !implied.contains(gram) && self.learn(*gram, &mut added));
        let mut seen = HashSet::new();
        let mut ors = Vec::new();
        let mut possible = true;
        for other in others {
            let (mut more, mut rest) = (Vec::new(), Vec::new());
            flatten_and(vec![self.query(other)], &mut more, &mut rest);
            more.retain(|gram| self.learn(*gram, &mut added));
            grams.extend(more);
            possible &= !rest.contains(&Query::None);
            ors.extend(rest.into_iter().filter(|or| seen.insert(signature(or))));
        }
        for gram in added {
            self.known.remove(&gram);
        }
        if !possible {
            return Query::None;
        }
        let mut parts: Vec<Query> = grams.into_iter().map(Query::Gram).collect();
        parts.extend(ors);
        and_of(parts)
    }

    /// Notes that a gram is required; false if that was known.
    fn learn(&mut self, gram: Gram, added: &mut Vec<Gram>) -> bool {
        if !self.known.insert(gram) {
            return false;
        }
        added.push(gram);
        added.extend(implied(gram).filter(|&base| self.known.insert(base)));
        true
    }

    fn any_of(&mut self, parts: Vec<Query>) -> Query {
        let mut flat = Vec::new();
        for part in parts {
            flatten_or(self.query(part), &mut flat);
        }
        if flat.contains(&Query::All) {
            return Query::All;
        }
        let plain: HashSet<Gram> = flat.iter().filter_map(as_gram).collect();
        let covered = |gram: Gram| implied(gram).is_some_and(|base| plain.contains(&base));
        let mut seen = HashSet::new();
        flat.retain(|part| {
            let stricter = match part {
                Query::Gram(gram) => covered(*gram),
                Query::And(parts) => parts
                    .iter()
                    .filter_map(as_gram)
                    .any(|gram| plain.contains(&gram) || covered(gram)),
                _ => false,
            };
            !stricter && seen.insert(signature(part))
        });
        match flat.len() {
            0 => Query::None,
            1 => flat.remove(0),
            _ => Query::Or(flat),
        }
    }
}

/// Sorts the parts of an AND and of the ANDs in it into grams and others; `All` disappears.
fn flatten_and(parts: Vec<Query>, grams: &mut Vec<Gram>, others: &mut Vec<Query>) {
    for part in parts {
        match part {
            Query::All => {}
            Query::Gram(gram) => grams.push(gram),
            Query::And(parts) => flatten_and(parts, grams, others),
            other => others.push(other),
        }
    }
}

/// Adds a query that is simple already to the parts of an OR; `None` disappears.
fn flatten_or(part: Query, parts: &mut Vec<Query>) {
    match part {
        Query::None => {}
        Query::Or(inner) => parts.extend(inner),
        other => parts.push(other),
    }
}

/// An AND of any number of parts.
pub(super) fn and_of(mut parts: Vec<Query>) -> Query {
    match parts.len() {
        0 => Query::All,
        1 => parts.remove(0),
        _ => Query::And(parts),
    }
}

/// The gram that a query is, if it is one.
pub(super) fn as_gram(query: &Query) -> Option<Gram> {
    match query {
        Query::Gram(gram) => Some(*gram),
        _ => None,
    }
}

/// The base gram that is in each block with this capital gram.
fn implied(gram: Gram) -> Option<Gram> {
    let key = gram.0.checked_sub(BASE_KEYS).filter(|&key| key < PLANE_KEYS)?;
    let digits = [key / (37 * 37), key / 37 % 37, key % 37].map(|digit| digit as u8);
    Some(Gram::base(digits[0], digits[1], digits[2]))
}

/// A query as numbers: equal for equal queries only.
fn signature(query: &Query) -> Vec<u32> {
    fn write(query: &Query, out: &mut Vec<u32>) {
        match query {
            Query::All => out.push(u32::MAX),
            Query::None => out.push(u32::MAX - 1),
            Query::Gram(gram) => out.push(gram.0),
            Query::And(parts) | Query::Or(parts) => {
                let kind = if matches!(query, Query::And(_)) {
                    u32::MAX - 2
                } else {
                    u32::MAX - 3
                };
                out.extend([kind, parts.len() as u32]);
                parts.iter().for_each(|part| write(part, out));
            }
        }
    }
    let mut out = Vec::new();
    write(query, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::plan::weaken::{bound, prune};

    /// Few base grams and the capital grams above them.
    fn gram() -> impl Strategy<Value = Gram> {
        (0..3u8, any::<bool>()).prop_map(
            |(letter, capital)| match Gram::capital(b'A', b'B', b'A' + letter) {
                Some(gram) if capital => gram,
                _ => Gram::base(0, 1, letter),
            },
        )
    }

    fn query() -> impl Strategy<Value = Query> {
        let leaf = prop_oneof![
            8 => gram().prop_map(Query::Gram),
            1 => Just(Query::All),
            1 => Just(Query::None),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Query::And),
                prop::collection::vec(inner, 0..4).prop_map(Query::Or),
            ]
        })
    }

    fn holds(query: &Query, block: &HashSet<Gram>) -> bool {
        match query {
            Query::All => true,
            Query::None => false,
            Query::Gram(gram) => block.contains(gram),
            Query::And(parts) => parts.iter().all(|part| holds(part, block)),
            Query::Or(parts) => parts.iter().any(|part| holds(part, block)),
        }
    }

    fn is_simple(query: &Query) -> bool {
        match query {
            Query::All | Query::None => false,
            Query::Gram(_) => true,
            Query::And(parts) => {
                parts.len() > 1 && parts.iter().all(|p| is_simple(p) && !matches!(p, Query::And(_)))
            }
            Query::Or(parts) => {
                parts.len() > 1 && parts.iter().all(|p| is_simple(p) && !matches!(p, Query::Or(_)))
            }
        }
    }

    proptest! {
        #[test]
        fn simplifying_keeps_the_meaning(query in query(), block in prop::collection::hash_set(gram(), 0..7)) {
            let block: HashSet<Gram> = block.iter().copied().chain(block.iter().copied().filter_map(implied)).collect();
            let simple = simplify(query.clone());
            prop_assert_eq!(holds(&query, &block), holds(&simple, &block), "{:?} -> {:?}", query, simple);
            prop_assert!(matches!(simple, Query::All | Query::None) || is_simple(&simple), "{:?}", simple);
            prop_assert!(simple.grams() <= query.grams());
        }

        #[test]
        fn weakening_is_bounded_and_never_stricter(
            query in query(),
            limit in 0..12usize,
            block in prop::collection::hash_set(gram(), 0..7),
        ) {
            let weak = bound(prune(simplify(query.clone())), limit);
            let block: HashSet<Gram> = block.iter().copied().chain(block.iter().copied().filter_map(implied)).collect();
            prop_assert!(weak.grams() <= limit);
            prop_assert!(!holds(&query, &block) || holds(&weak, &block), "{:?} -> {:?}", query, weak);
        }
    }
}
