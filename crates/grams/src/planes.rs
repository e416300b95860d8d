//! Which key ranges an index holds.

use crate::symbols::{BASE_KEYS, Gram, PLANE_KEYS};

/// Keys of one bucket: grams that share the bits above the lowest 12. Base grams share their first symbol.
pub(crate) const BUCKET_KEYS: usize = 1 << 12;
/// Buckets of the base grams.
pub(crate) const BASE_BUCKETS: usize = BASE_KEYS as usize / BUCKET_KEYS;
/// Buckets of the capital grams, and again of the high grams.
pub(crate) const PLANE_BUCKETS: usize = PLANE_KEYS as usize / BUCKET_KEYS;
/// Buckets of all keys.
pub(crate) const BUCKETS: usize = BASE_BUCKETS + 2 * PLANE_BUCKETS;

/// The kinds of gram that an index records beside the base grams. The default is both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planes {
    /// Capital grams: [`Gram::capital`].
    pub capitals: bool,
    /// High grams: [`Gram::high`].
    pub high: bool,
}

impl Default for Planes {
    fn default() -> Planes {
        Planes {
            capitals: true,
            high: true,
        }
    }
}

impl Planes {
    /// Whether the index would know of a block that holds `gram`. If not, the gram says nothing.
    pub const fn record(self, gram: Gram) -> bool {
        if gram.0 < BASE_KEYS {
            true
        } else if gram.0 < BASE_KEYS + PLANE_KEYS {
            self.capitals
        } else {
            self.high
        }
    }

    pub(crate) const fn to_bits(self) -> u32 {
        self.capitals as u32 | (self.high as u32) << 1
    }

    pub(crate) const fn from_bits(bits: u32) -> Option<Planes> {
        if bits > 3 {
            return None;
        }
        Some(Planes {
            capitals: bits & 1 != 0,
            high: bits & 2 != 0,
        })
    }
}
