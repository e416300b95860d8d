//! The matcher against ripgrep's crates, put together by the testkit's oracle.

mod blocks;
mod convert;
mod counting;
mod differential;
mod limits;
mod patterns;
mod replacing;
