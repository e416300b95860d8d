//! Evaluating a resolved query.

use super::resolve::{Estimated, Part};
use super::{Blocks, CostModel};
use crate::Error;
use crate::codec::{List, push_bits};

/// Nanoseconds to compare one candidate with a list.
const COMPARE_NS: f64 = 2.0;
/// Postings decoded at most for one candidate: a frame.
const FRAME: f64 = 128.0;
/// How much of the time that a part saves, if its blocks are independent of the candidates, it must cost at most.
/// Grams of one pattern are not independent, so a part usually removes fewer.
const TRUST: f64 = 0.5;

/// What parts are evaluated against.
pub(super) struct Evaluation<'a> {
    blocks: u32,
    cost: &'a CostModel,
}

impl<'a> Evaluation<'a> {
    /// An evaluation over a segment of `blocks` blocks.
    pub(super) fn new(blocks: u32, cost: &'a CostModel) -> Evaluation<'a> {
        Evaluation { blocks, cost }
    }

    /// The blocks of a part, or a superset where that is cheaper.
    pub(super) fn blocks(&self, part: &Estimated<'_>) -> Result<Blocks, Error> {
        let removed = self.blocks as f64 - part.blocks;
        if part.postings * self.cost.decode_ns_per_posting > removed * self.cost.verify_ns_per_block {
            return Ok(Blocks::All);
        }
        match &part.part {
            Part::All => Ok(Blocks::All),
            Part::None => Ok(Blocks::Ids(Vec::new())),
            Part::List(list) => self.list(list),
            Part::And(parts) => self.and(parts),
            Part::Or(parts) => self.or(parts),
        }
    }

    fn list(&self, list: &List<'_>) -> Result<Blocks, Error> {
        let mut ids = Vec::new();
        list.decode(&mut ids)?;
        Ok(Blocks::Ids(ids))
    }

    fn and(&self, parts: &[Estimated<'_>]) -> Result<Blocks, Error> {
        let mut parts = parts.iter();
        for first in parts.by_ref() {
            if let Blocks::Ids(mut ids) = self.blocks(first)? {
                for part in parts {
                    self.filter(part, &mut ids)?;
                }
                return Ok(Blocks::Ids(ids));
            }
        }
        Ok(Blocks::All)
    }

    fn or(&self, parts: &[Estimated<'_>]) -> Result<Blocks, Error> {
        match self.union(parts)? {
            Some(bits) => {
                let mut ids = Vec::new();
                for (word, first) in bits.into_iter().zip((0..).step_by(64)) {
                    push_bits(word, first, &mut ids);
                }
                Ok(Blocks::Ids(ids))
            }
            None => Ok(Blocks::All),
        }
    }

    /// A bit for each block of some part; none if that is all of them.
    fn union(&self, parts: &[Estimated<'_>]) -> Result<Option<Vec<u64>>, Error> {
        let mut bits = vec![0u64; self.blocks.div_ceil(64) as usize];
        for part in parts {
            if let Part::List(list) = &part.part {
                list.or_into(&mut bits)?;
                continue;
            }
            let Blocks::Ids(ids) = self.blocks(part)? else {
                return Ok(None);
            };
            for id in ids {
                bits[id as usize / 64] |= 1 << (id % 64);
            }
        }
        Ok(Some(bits))
    }

    /// Keeps the candidates that are blocks of a part, or more of them where that is cheaper.
    fn filter(&self, part: &Estimated<'_>, candidates: &mut Vec<u32>) -> Result<(), Error> {
        if candidates.is_empty() || !self.worth_filtering(part, candidates.len() as f64) {
            return Ok(());
        }
        match &part.part {
            Part::All => {}
            Part::None => candidates.clear(),
            Part::List(list) => list.filter(candidates)?,
            Part::And(parts) => {
                for part in parts {
                    self.filter(part, candidates)?;
                }
            }
            Part::Or(parts) => self.filter_or(parts, candidates)?,
        }
        Ok(())
    }

    fn filter_or(&self, parts: &[Estimated<'_>], candidates: &mut Vec<u32>) -> Result<(), Error> {
        let mut bits = vec![0u64; self.blocks.div_ceil(64) as usize];
        for part in parts {
            if let Part::List(list) = &part.part {
                list.or_into(&mut bits)?;
                continue;
            }
            let mut ids = candidates.clone();
            self.filter(part, &mut ids)?;
            for id in ids {
                bits[id as usize / 64] |= 1 << (id % 64);
            }
        }
        candidates.retain(|&id| bits[id as usize / 64] >> (id % 64) & 1 == 1);
        Ok(())
    }

    /// Whether filtering costs less than the verification that it saves.
    fn worth_filtering(&self, part: &Estimated<'_>, candidates: f64) -> bool {
        let postings = match part.part {
            Part::List(_) => part.postings.min(candidates * FRAME),
            _ => part.postings,
        };
        let cost = postings * self.cost.decode_ns_per_posting + candidates * COMPARE_NS;
        let removed = candidates * (1.0 - part.blocks / self.blocks as f64);
        let saved = removed * self.cost.verify_ns_per_block * TRUST;
        // Infinity times an estimate of zero: the smallest set is asked for.
        saved.is_nan() || saved >= cost
    }
}
