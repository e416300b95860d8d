//! A bounded cache of compiled patterns.
//!
//! Compiling takes from microseconds to seconds, and a user types, pages and filters with the same pattern many times.

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::error::Error;
use crate::options::PatternOptions;
use crate::pattern::Pattern;

/// Compiled patterns by what they were compiled from, shared by all threads.
pub struct PatternCache {
    patterns: Cache<PatternOptions, Arc<Pattern>, ByBytes>,
}

#[derive(Clone)]
struct ByBytes {
    least: u64,
}

impl Weighter<PatternOptions, Arc<Pattern>> for ByBytes {
    fn weight(&self, _: &PatternOptions, pattern: &Arc<Pattern>) -> u64 {
        pattern.weight().max(self.least)
    }
}

impl PatternCache {
    /// A cache of at most `entries` patterns that take about `bytes` bytes together, by [`Pattern::weight`]. A
    /// pattern that is too large for it is compiled anew each time.
    pub fn new(entries: usize, bytes: u64) -> PatternCache {
        let least = (bytes / entries.max(1) as u64).max(1);
        PatternCache {
            patterns: Cache::with_weighter(entries, bytes, ByBytes { least }),
        }
    }

    /// The compiled pattern, from the cache if it is there. Threads that ask for the same one compile it once.
    ///
    /// # Errors
    /// Those of [`Pattern::compile`]; they are not cached.
    pub fn get(&self, options: &PatternOptions) -> Result<Arc<Pattern>, Error> {
        self.patterns
            .get_or_insert_with(options, || Pattern::compile(options).map(Arc::new))
    }

    /// Number of patterns held.
    pub fn len(&self) -> usize {
        self.patterns.len()
    }

    /// Whether no pattern is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
