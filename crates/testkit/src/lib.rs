//! What the tests of all crates share; never shipped.
//!
//! - [`content`] and [`Tree`] make nasty files and folders, [`pattern`] and [`Flags::any`] queries that have a chance to
//!   match in them: all from a seed, so that a failure can be repeated.
//! - [`Oracle`] answers queries by searching whole files with ripgrep's crates, with no index and none of our own code;
//!   [`Rg`] asks an `rg` program.
//!
//! Nothing here depends on the crates under test.

mod content;
mod flags;
mod json;
mod oracle;
mod patterns;
mod rg;
mod rng;
mod rows;
mod tree;

pub use content::{Shape, content, sized};
pub use flags::{Case, Flags, Nul};
pub use oracle::Oracle;
pub use patterns::{pattern, patterns, snippet};
pub use rg::Rg;
pub use rng::Rng;
pub use rows::{FileRows, Kind, Row};
pub use tree::Tree;
