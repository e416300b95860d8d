//! Where segments go.

use quern_store::{Finished, SegmentWriter, Writer};

use crate::error::Error;

/// Where segments are written to.
#[derive(Clone, Copy)]
pub(crate) enum Destination<'a> {
    /// A store, as long as nothing removes them before a commit names them.
    Store(&'a Writer),
    /// Memory: they are open at once, and gone with whoever holds them.
    Memory,
}

impl Destination<'_> {
    /// Begins a segment.
    pub fn segment(self) -> Result<SegmentWriter, Error> {
        let segment = match self {
            Destination::Store(writer) => writer.segment(),
            Destination::Memory => SegmentWriter::in_memory(),
        };
        Ok(segment?)
    }

    /// Removes a segment that will not be used after all.
    pub fn discard(self, finished: &Finished) {
        match self {
            Destination::Store(writer) => writer.discard(&finished.entry),
            Destination::Memory => {}
        }
    }
}
