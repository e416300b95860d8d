//! The engine through its public face: answers against ripgrep's crates, freshness, limits and bad input.

#[expect(dead_code, reason = "the matcher's tests use more of it")]
#[path = "../../../matcher/tests/matcher/convert.rs"]
mod convert;
mod cuts;
mod differential;
#[cfg(target_os = "linux")]
mod disk_full;
mod doubt;
mod durability;
mod facets;
mod faults;
#[path = "../../../store/tests/faulty/mod.rs"]
mod faulty;
mod fields;
mod folder;
mod following;
mod freshness;
mod grown;
mod large;
mod limits;
mod merging;
mod opened;
mod packed;
mod ranked;
mod read_only;
mod records;
mod regex_suite;
mod regressions;
mod scope;
#[cfg(target_os = "linux")]
mod small_disk;
mod stops;
mod suggest;
mod threads;
#[cfg(target_os = "linux")]
mod watching;
mod within;
