//! Immutable bytes that are shared: a range of a mapped file, or of memory.
//!
//! Tables are read in place. Whether they lie in a file's mapping or in memory is told apart here and nowhere else.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

use memmap2::Mmap;

/// A cheaply cloned, immutable run of bytes.
#[derive(Clone)]
pub struct Bytes {
    source: Source,
    range: Range<usize>,
}

#[derive(Clone)]
enum Source {
    Mapped(Arc<Mmap>),
    Owned(Arc<[u8]>),
}

impl Bytes {
    pub(crate) fn mapped(map: Mmap) -> Bytes {
        let range = 0..map.len();
        Bytes {
            source: Source::Mapped(Arc::new(map)),
            range,
        }
    }

    /// Bytes held in memory: of all that these are a range of.
    pub(crate) fn memory(&self) -> usize {
        match &self.source {
            Source::Mapped(_) => 0,
            Source::Owned(bytes) => bytes.len(),
        }
    }

    /// The bytes at `range` of these, or `None` if they do not reach that far.
    pub(crate) fn slice(&self, range: Range<usize>) -> Option<Bytes> {
        let start = self.range.start.checked_add(range.start)?;
        let end = self.range.start.checked_add(range.end)?;
        (start <= end && end <= self.range.end).then(|| Bytes {
            source: self.source.clone(),
            range: start..end,
        })
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.source {
            Source::Mapped(map) => &map[self.range.clone()],
            Source::Owned(bytes) => &bytes[self.range.clone()],
        }
    }
}

// SAFETY: mapped or on the heap, the bytes stay where they are when this is moved, and a clone shares them.
unsafe impl stable_deref_trait::CloneStableDeref for Bytes {}
// SAFETY: as above.
unsafe impl stable_deref_trait::StableDeref for Bytes {}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Bytes {
        Bytes {
            range: 0..bytes.len(),
            source: Source::Owned(bytes.into()),
        }
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bytes({} bytes)", self.range.len())
    }
}
