//! The order of the best hits, refined by what their files say.
//!
//! BM25F looks at one passage at a time. A question is often about what a whole file deals with, of which some things tell
//! that no passage shows: that more of its passages answer well, that it is named as what was asked for, that somebody works on
//! it. These add to the score of the file's best passage alone, so that one file does not fill the first page. Passages of tests
//! and of what is not written by hand here count for less, unless the question is about tests: they have the words of
//! what they test.

use std::collections::HashMap;
use std::hash::Hash;

use quern_text::Role;

use crate::fields::stem;
use crate::query::best::Hit;
use crate::query::question::Question;
use crate::words::folded;

/// So many of the best hits are looked at.
pub const RERANKED: usize = 300;

const DAY_NS: f32 = 86_400e9;

/// Other passages, as good as the best of all, with which a file gets half of what it can get for them.
const HALF: f32 = 3.0;

/// What is known of a file, whatever is asked for.
pub struct FileFacts<P> {
    /// Its stored path.
    pub path: P,
    /// When it was modified, in nanoseconds since 1970.
    pub modified: i64,
}

/// What is known of a file's passages among the hits.
struct Passages<P> {
    /// The place of the best one.
    best: usize,
    /// How many others there are; one with half of the best score counts for a quarter.
    others: f32,
    /// What they count for.
    share: f32,
    facts: FileFacts<P>,
}

impl Question<'_, '_> {
    /// Refines the order of hits, which are sorted: of the first [`RERANKED`]. Needs one more to give the same scores wherever
    /// chunks of equal scores lie: then none of them is looked at of which some are left out.
    pub fn rerank<F: Copy + Eq + Hash, P: AsRef<[u8]>>(
        &self,
        hits: &mut [Hit],
        file: impl Fn(&Hit) -> F,
        facts: impl Fn(F) -> FileFacts<P>,
    ) {
        let behind = hits.get(RERANKED).map_or(0.0, |hit| hit.score);
        let count = hits.partition_point(|hit| hit.score > behind);
        let hits = &mut hits[..count];
        let Some(most) = hits.first().map(|hit| hit.score) else {
            return;
        };
        let mut files: HashMap<F, Passages<P>> = HashMap::new();
        for (best, hit) in hits.iter().enumerate() {
            let share = hit.score / most;
            files
                .entry(file(hit))
                .and_modify(|passages| passages.others += share * share)
                .or_insert_with(|| {
                    let facts = facts(file(hit));
                    Passages {
                        best,
                        others: 0.0,
                        share: self.share(Role::of(facts.path.as_ref())),
                        facts,
                    }
                });
        }
        // Not than now: the same question of the same state has the same answer.
        let newest = files.values().map(|of| of.facts.modified).max().unwrap_or(0);
        for Passages {
            best, others, facts, ..
        } in files.values()
        {
            let name = match self.names(facts.path.as_ref()) {
                true => self.ranking.name,
                false => 0.0,
            };
            let good = self.ranking.file * others / (others + HALF);
            let days = newest.saturating_sub(facts.modified) as f32 / DAY_NS;
            hits[*best].score += most * (name + good + self.ranking.recency(days));
        }
        for hit in &mut *hits {
            // Of what they are better than the first that is not looked at: else that would be before them.
            hit.score = behind + (hit.score - behind) * files[&file(hit)].share;
        }
        hits.sort_by(Hit::order);
    }

    /// What passages of files of this role count for.
    fn share(&self, role: Role) -> f32 {
        let asked_for: &[&str] = match role {
            Role::Product => &[],
            Role::Test => &["test", "spec", "mock", "fixtur"],
            Role::Vendored => &["vendor"],
            Role::Generated => &["generat"],
        };
        match self.wanted.iter().any(|wanted| asked_for.contains(&&**wanted)) {
            true => 1.0,
            false => self.ranking.role(role),
        }
    }

    /// Whether a file is named as a word that is wanted, in any form of it.
    fn names(&self, path: &[u8]) -> bool {
        if self.wanted.is_empty() {
            return false;
        }
        let name = String::from_utf8_lossy(base_name(path));
        self.wanted.contains(&stem(&folded(&name)))
    }
}

/// The name of a file, without its extension.
fn base_name(path: &[u8]) -> &[u8] {
    let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path);
    match name.iter().rposition(|&byte| byte == b'.') {
        None | Some(0) => name,
        Some(dot) => &name[..dot],
    }
}
