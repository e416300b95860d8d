//! Answering a grep: compile and plan, find candidates, verify them, hand rows out.

pub(crate) mod candidates;
pub(crate) mod compile;
mod cursor;
mod gather;
mod reading;
mod request;
mod start;
mod verified;
mod verify;
mod wave;

pub(crate) use compile::refused;
pub use cursor::Cursor;
pub use request::{DEFAULT_PATTERN_SIZE, DEFAULT_QUERY_MEMORY, GrepRequest, Wanted};
pub(crate) use start::{Context, path_filter, start};
pub(crate) use verified::{Comparison, Scope, compare, is_gap, skipped, stored, walk_error, walk_failed};
pub use wave::Batch;
