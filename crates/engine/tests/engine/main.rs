//! The engine through its public face: answers against ripgrep's crates, freshness, limits and bad input.

#[expect(dead_code, reason = "the matcher's tests use more of it")]
#[path = "../../../matcher/tests/matcher/convert.rs"]
mod convert;
mod cuts;
mod differential;
mod doubt;
mod faults;
mod freshness;
mod large;
mod limits;
mod opened;
mod stops;
