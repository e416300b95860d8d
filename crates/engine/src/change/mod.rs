//! Everything that changes an index: a refresh, changes in memory, commits, merges, and the thread behind them.

mod alarm;
mod apply;
mod commit;
mod growth;
mod keeper;
mod merge;
mod refresh;
mod tiers;
mod turn;
mod writing;

pub(crate) use alarm::Alarm;
pub use apply::{Applied, Change};
pub(crate) use apply::{apply, look, overlay_memory};
pub(crate) use commit::{compact, flush, name_part};
pub(crate) use growth::Growing;
pub(crate) use keeper::Keeper;
pub(crate) use refresh::refresh;
pub(crate) use turn::Turn;
pub(crate) use writing::Writing;
