//! What a pattern requires of a block: a formula over grams.

use crate::symbols::Gram;

/// A necessary condition for a block to hold a match. Never stricter than the pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// Every block may match.
    All,
    /// No block can match.
    None,
    /// Blocks that hold this gram.
    Gram(Gram),
    /// Blocks that satisfy every part; at least two parts.
    And(Vec<Query>),
    /// Blocks that satisfy some part; at least two parts.
    Or(Vec<Query>),
}
