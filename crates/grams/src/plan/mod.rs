//! From a pattern to the grams that it requires: the planner.
//!
//! The method is Russ Cox's (*Regular Expression Matching with a Trigram Index*, 2012): walk the pattern bottom-up
//! and keep, for each piece, the set of strings that it may match while that is small, or else sets of its
//! possible beginnings and ends together with what it requires so far; where pieces meet, ends are crossed with
//! beginnings, so that the grams over the joint are required too.
//!
//! The one promise is soundness: a block that holds a match satisfies the query. It rests on one sentence: three
//! consecutive elements of a string that a match goes through are three consecutive symbols of a block, with line
//! ends at its edges, unless the one in the middle is a line end; such grams are never required. This gives:
//!
//! - *Anchors* may stand for a line end. `^` and `$` hold next to one (or next to the block's edge, where there is
//!   a virtual one). A string may then show one line end as two (`\n^a`), but of any three elements around such
//!   a pair the middle one is a line end. Where an anchor meets something else (`a^b`), nothing can match.
//! - *Matches that span blocks* need no care: blocks are cut after line feeds only, so a gram that is cut has a line
//!   feed in the middle, or has one first and is found behind the virtual line end of the next block.
//!
//! Everything is bounded: the number of strings in a set and their length, the work of one plan, and the size of
//! its query. What exceeds a bound is weakened, never refused.

mod class;
mod display;
mod require;
mod sequence;
mod shape;
mod simplify;
mod strings;
mod weaken;

use regex_syntax::hir::Hir;

use crate::query::Query;
use shape::Planner;

/// How patterns are planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanOptions {
    /// Anchors may be taken as line ends. Right if a haystack begins and ends where a line does and its lines end
    /// with LF, CRLF or CR; wrong for lines that end with NUL, or if NUL is turned into a line end while
    /// searching. Default: true.
    pub line_anchors: bool,
    /// The largest set of strings that is kept. More makes plans larger, and slower to make and to evaluate.
    /// Default: 256.
    pub set_limit: usize,
    /// The index has capital grams. Default: true.
    pub capitals: bool,
    /// The index has high grams. Default: true.
    pub high: bool,
    /// A match may hold line feeds, and the query is asked of whole files: of the union of their blocks, gram by
    /// gram. Otherwise it is asked of one block and a match lies within a line. Default: false.
    pub crosses_lines: bool,
}

impl Default for PlanOptions {
    fn default() -> PlanOptions {
        PlanOptions {
            line_anchors: true,
            set_limit: 256,
            capitals: true,
            high: true,
            crosses_lines: false,
        }
    }
}

/// The largest number of grams in a query, counted with repetition.
pub const MAX_GRAMS: usize = 4096;

/// What a block must satisfy to hold a match of any of the patterns; never stricter than the patterns.
///
/// The patterns must be parsed under the flags that they are searched with, or under ones that match more. No
/// pattern at all gives [`Query::None`]. The query holds at most [`MAX_GRAMS`] grams.
pub fn plan(hirs: &[Hir], options: &PlanOptions) -> Query {
    let mut planner = Planner::new(options);
    let shape = planner.alternation(hirs);
    let query = planner.requirement(shape);
    weaken::bound(weaken::prune(simplify::simplify(query)), MAX_GRAMS)
}
