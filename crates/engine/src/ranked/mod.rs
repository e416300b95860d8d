//! Ranked terms of segments: built with a segment in memory, behind the grams of one on disk, and merged with the segments.
//!
//! Terms are built only once somebody has asked for ranked answers: whoever only greps pays neither their time nor their
//! space. What has no terms yet is missing in ranked answers, whose coverage says so; grep never needs them.

mod behind;
mod builder;
mod in_order;
mod merge;
mod open;

pub(crate) use behind::rank_next;
pub(crate) use builder::{Passage, TermsBuilder, record_cutter};
pub(crate) use merge::merge_terms;
pub(crate) use open::OpenTerms;
