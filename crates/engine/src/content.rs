//! The cache of hot content: blocks of text that recent queries verified.
//!
//! Verification is most of a query's time, and most of that is opening and reading files. A block in the cache was read
//! while its file was what the index knows, so it answers at freshness `snapshot` without touching the file, and at
//! `verified` once a stat has shown the file unchanged.

use std::ops::Range;
use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

/// A block: the number of its segment in this process, and its id there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct BlockKey {
    pub segment: u32,
    pub block: u32,
}

#[derive(Clone)]
struct Bytes;

impl Weighter<BlockKey, Arc<[u8]>> for Bytes {
    fn weight(&self, _: &BlockKey, text: &Arc<[u8]>) -> u64 {
        text.len() as u64 + ENTRY_OVERHEAD
    }
}

/// What an entry costs beside its text, about: key, pointers, the cache's own links, the allocation's header.
const ENTRY_OVERHEAD: u64 = 96;
const TYPICAL_BLOCK: usize = 16 << 10;

/// A bounded, concurrent cache of block texts.
pub(crate) struct ContentCache {
    blocks: Cache<BlockKey, Arc<[u8]>, Bytes>,
    capacity: usize,
}

impl ContentCache {
    /// Holds at most `capacity` bytes; 0 caches nothing.
    pub fn new(capacity: usize) -> ContentCache {
        let blocks = Cache::with_weighter(capacity / TYPICAL_BLOCK + 1, capacity as u64, Bytes);
        ContentCache { blocks, capacity }
    }

    pub fn get(&self, key: BlockKey) -> Option<Arc<[u8]>> {
        if self.capacity == 0 {
            None
        } else {
            self.blocks.get(&key)
        }
    }

    pub fn put(&self, key: BlockKey, text: &Arc<[u8]>) {
        if self.capacity > 0 {
            self.blocks.insert(key, Arc::clone(text));
        }
    }

    /// Drops blocks that turned out not to be what the index knows.
    pub fn forget(&self, segment: u32, blocks: Range<u32>) {
        for block in blocks {
            self.blocks.remove(&BlockKey { segment, block });
        }
    }

    /// Whether `bytes` of text, in `blocks` blocks, could all be held.
    pub fn has_room(&self, blocks: u64, bytes: u64) -> bool {
        bytes + blocks * ENTRY_OVERHEAD <= self.capacity as u64
    }

    /// Bytes held, about.
    pub fn bytes(&self) -> u64 {
        self.blocks.weight()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_within_its_capacity() {
        let cache = ContentCache::new(1 << 20);
        for block in 0..1000 {
            cache.put(BlockKey { segment: 0, block }, &Arc::from([b'x'; 10_000]));
        }
        assert!(cache.bytes() <= 1 << 20);
        assert!(cache.bytes() > 1 << 18);
    }

    #[test]
    fn without_capacity_nothing_is_kept() {
        let cache = ContentCache::new(0);
        let key = BlockKey { segment: 1, block: 1 };
        cache.put(key, &Arc::from(*b"text"));
        assert!(cache.get(key).is_none());
    }
}
