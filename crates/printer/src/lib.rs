//! What `quern grep` prints: everything that `rg` does between its flags and the bytes on standard output.
//!
//! The searching and the printing are `grep-searcher`'s and `grep-printer`'s, so that the bytes are ripgrep's by
//! construction; this crate is what ripgrep's own `core` is: which files, in which order, what separates them, what is
//! said about errors, what the totals count. A [`Run`] is made from a [`Request`] and pulled with [`Run::next`]. It
//! searches on a thread pool, yet its output is the same every time: that of `rg` with the files in the order of the
//! walk, or in the order asked for.
//!
//! An index takes part as a [`Prune`]: it names files that need not be read, and nothing in the output tells.

mod error;
mod feed;
mod haystack;
mod join;
mod page;
mod printer;
mod prune;
mod request;
mod run;
mod search;
mod separator;
mod settings;
mod stream;
mod totals;
mod worker;

pub use error::{Error, ErrorKind};
pub use haystack::searches_stdin;
pub use prune::Prune;
pub use request::{Mode, Output, Request, Sort, SortBy};
pub use run::{Chunk, Run, Summary};
pub use separator::{parse_path_separator, parse_separator};
