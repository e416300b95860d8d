//! From grams to their posting lists, and how many blocks each part leaves.

use super::Grams;
use crate::codec::List;
use crate::symbols::Gram;
use crate::{Error, Query};

/// A query whose grams are found in a segment.
#[derive(Debug)]
pub(super) enum Part<'a> {
    /// Every block.
    All,
    /// No block.
    None,
    /// The blocks of a list.
    List(List<'a>),
    /// Blocks of every part, the fewest first.
    And(Vec<Estimated<'a>>),
    /// Blocks of some part.
    Or(Vec<Estimated<'a>>),
}

/// A part with what is known before it is evaluated.
#[derive(Debug)]
pub(super) struct Estimated<'a> {
    pub(super) part: Part<'a>,
    /// How many blocks it leaves. Exact for a list, an upper bound for an AND; for an OR as if its parts
    /// were independent.
    pub(super) blocks: f64,
    /// How many postings it takes to evaluate it on its own.
    pub(super) postings: f64,
}

/// Finds the lists of `query`. The result has no `All` or `None` inside, and no AND or OR of fewer than two parts.
pub(super) fn resolve<'a>(grams: &'a Grams<'a>, query: &Query) -> Result<Estimated<'a>, Error> {
    let all = grams.blocks() as f64;
    let part = match query {
        Query::All => Part::All,
        Query::None => Part::None,
        Query::Gram(gram) => list(grams, *gram)?,
        Query::And(parts) => {
            let mut kept = Vec::with_capacity(parts.len());
            for part in parts {
                let part = resolve(grams, part)?;
                match part.part {
                    Part::All => {}
                    Part::None => return Ok(Estimated::new(Part::None, all)),
                    _ => kept.push(part),
                }
            }
            and(kept)
        }
        Query::Or(parts) => {
            let mut kept = Vec::with_capacity(parts.len());
            for part in parts {
                let part = resolve(grams, part)?;
                match part.part {
                    Part::All => return Ok(Estimated::new(Part::All, all)),
                    Part::None => {}
                    _ => kept.push(part),
                }
            }
            or(kept)
        }
    };
    Ok(Estimated::new(part, all))
}

fn list<'a>(grams: &'a Grams<'a>, gram: Gram) -> Result<Part<'a>, Error> {
    if !grams.directory.planes().record(gram) {
        return Ok(Part::All);
    }
    Ok(grams.list(gram)?.map_or(Part::None, Part::List))
}

fn and(mut parts: Vec<Estimated<'_>>) -> Part<'_> {
    parts.sort_by(|a, b| a.blocks.total_cmp(&b.blocks));
    one_of(parts, Part::All, Part::And)
}

fn or(parts: Vec<Estimated<'_>>) -> Part<'_> {
    one_of(parts, Part::None, Part::Or)
}

/// The only part, or a formula of several.
fn one_of<'a>(
    mut parts: Vec<Estimated<'a>>,
    empty: Part<'a>,
    formula: impl FnOnce(Vec<Estimated<'a>>) -> Part<'a>,
) -> Part<'a> {
    match parts.len() {
        0 => empty,
        1 => parts.remove(0).part,
        _ => formula(parts),
    }
}

impl<'a> Estimated<'a> {
    /// `all` is the number of blocks of the segment.
    fn new(part: Part<'a>, all: f64) -> Estimated<'a> {
        let (blocks, postings) = match &part {
            Part::All => (all, 0.0),
            Part::None => (0.0, 0.0),
            Part::List(list) => (list.count() as f64, list.count() as f64),
            // After the first part only what its blocks touch is decoded.
            Part::And(parts) => (parts[0].blocks, parts[0].postings * 2.5),
            Part::Or(parts) => {
                let missed = parts.iter().map(|part| 1.0 - part.blocks / all).product::<f64>();
                ((1.0 - missed) * all, parts.iter().map(|part| part.postings).sum())
            }
        };
        Estimated {
            part,
            blocks,
            postings,
        }
    }
}
