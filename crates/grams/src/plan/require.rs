//! What a set of strings requires of a block: grams.
//!
//! If a match holds one of the strings, the block holds all grams of that string, so the set requires an OR of
//! ANDs. Two forms of it are known. By *rows*: one alternative a string, after the grams that all strings share
//! are taken out; right for lists of words. By *columns*: for strings of one length, an AND over positions of the
//! OR of the grams there; weaker, but much smaller for what classes produce (`[0-9][0-9]x`), and the parts can be
//! weighed one by one.

use std::collections::{HashMap, HashSet};

use super::PlanOptions;
use super::strings::{Element, Strings};
use crate::query::Query;
use crate::symbols::{Gram, LINE_END};

/// Rows with fewer grams than this in all are never exchanged for columns.
const SMALL_ROWS: usize = 32;

/// The condition that a block holds one of these strings. `All` if one of them has no gram.
pub(super) fn any_of(strings: &Strings, options: &PlanOptions) -> Query {
    if strings.is_none() {
        return Query::None;
    }
    let mut rows: Vec<Vec<Gram>> = strings.iter().map(|string| grams(string, options)).collect();
    if rows.iter().any(Vec::is_empty) {
        return Query::All;
    }
    let mut parts = queries(take_common(&mut rows));
    if rows.iter().any(Vec::is_empty) {
        return Query::And(parts);
    }
    rows.sort_unstable();
    rows.dedup();
    let columns = columns(strings, options);
    let in_columns: usize = columns.iter().map(Vec::len).sum();
    let in_rows: usize = rows.iter().map(Vec::len).sum();
    if !columns.is_empty() && in_rows >= SMALL_ROWS && in_columns * 5 <= in_rows * 3 {
        parts.extend(columns.into_iter().map(|column| Query::Or(queries(column))));
    } else {
        parts.push(Query::Or(
            rows.into_iter().map(|row| Query::And(queries(row))).collect(),
        ));
    }
    Query::And(parts)
}

/// The distinct grams of a string in its order.
fn grams(string: &[Element], options: &PlanOptions) -> Vec<Gram> {
    let mut seen = HashSet::new();
    string
        .windows(3)
        .filter_map(|window| gram(window, options))
        .filter(|&gram| seen.insert(gram))
        .collect()
}

/// The most telling gram of three elements that is certain to be indexed.
///
/// A capital gram is in a block only together with the base gram of the same bytes, so it stands alone; so does a
/// high gram, whose base gram tells next to nothing.
fn gram(window: &[Element], options: &PlanOptions) -> Option<Gram> {
    let [first, second, third] = [window[0], window[1], window[2]];
    if second.symbol() == LINE_END {
        return None;
    }
    if let (Some(a), Some(b), Some(c)) = (first.exact(), second.exact(), third.exact()) {
        let capital = if options.capitals {
            Gram::capital(a, b, c)
        } else {
            None
        };
        let high = if options.high { Gram::high(a, b, c) } else { None };
        if let Some(gram) = capital.or(high) {
            return Some(gram);
        }
    }
    Some(Gram::base(first.symbol(), second.symbol(), third.symbol()))
}

/// Removes the grams that all rows have and gives them, in the order of the first row.
fn take_common(rows: &mut [Vec<Gram>]) -> Vec<Gram> {
    let mut counts: HashMap<Gram, usize> = HashMap::new();
    for gram in rows.iter().flatten() {
        *counts.entry(*gram).or_default() += 1;
    }
    let everywhere = |gram: &Gram| counts[gram] == rows.len();
    let common = rows[0].iter().copied().filter(everywhere).collect();
    let total = rows.len();
    for row in rows {
        row.retain(|gram| counts[gram] < total);
    }
    common
}

/// The distinct grams at each position where the strings differ and each has a gram; nothing unless all strings
/// have one length.
fn columns(strings: &Strings, options: &PlanOptions) -> Vec<Vec<Gram>> {
    let length = strings.iter().next().map_or(0, Vec::len);
    if strings.iter().any(|string| string.len() != length) {
        return Vec::new();
    }
    let column = |at: usize| -> Option<Vec<Gram>> {
        let found: Option<Vec<Gram>> = strings
            .iter()
            .map(|string| gram(&string[at..at + 3], options))
            .collect();
        let mut found = found?;
        found.sort_unstable();
        found.dedup();
        (found.len() > 1).then_some(found)
    };
    (0..length.saturating_sub(2)).filter_map(column).collect()
}

fn queries(grams: Vec<Gram>) -> Vec<Query> {
    grams.into_iter().map(Query::Gram).collect()
}
