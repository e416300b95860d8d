//! Files that somebody works with: what was edited or found last. When many files change at once, theirs are indexed first.

use quick_cache::sync::Cache;

/// How many files are remembered.
const FILES: usize = 1024;
/// How many of one answer, or of one batch of changes: whoever gets more does not work with each of them.
const AT_ONCE: usize = 32;

/// Stored paths, those that were used least recently forgotten first.
pub(crate) struct Recent(Cache<Box<[u8]>, ()>);

impl Default for Recent {
    fn default() -> Recent {
        Recent(Cache::new(FILES))
    }
}

impl Recent {
    /// Remembers the first of these.
    pub fn note(&self, paths: impl Iterator<Item: AsRef<[u8]>>) {
        for path in paths.take(AT_ONCE) {
            self.0.insert(path.as_ref().into(), ());
        }
    }

    /// Remembers these, if they are few.
    pub fn note_few(&self, paths: impl Iterator<Item: AsRef<[u8]>>) {
        let paths: Vec<_> = paths.take(AT_ONCE + 1).collect();
        if paths.len() <= AT_ONCE {
            self.note(paths.into_iter());
        }
    }

    pub fn has(&self, path: &[u8]) -> bool {
        self.0.get(path).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_is_remembered_and_no_more_than_that() {
        let recent = Recent::default();
        recent.note([&b"a"[..], b"b"].into_iter());
        assert!(recent.has(b"a") && recent.has(b"b") && !recent.has(b"c"));
        let names: Vec<Vec<u8>> = (0..100).map(|number: u32| number.to_string().into()).collect();
        recent.note_few(names.iter().map(Vec::as_slice));
        assert!(!recent.has(b"0"));
        recent.note(names.iter().map(Vec::as_slice));
        assert!(recent.has(b"31") && !recent.has(b"32"));
        let many: Vec<Vec<u8>> = (0..10_000)
            .map(|number: u32| format!("x{number}").into())
            .collect();
        many.chunks(AT_ONCE)
            .for_each(|some| recent.note(some.iter().map(Vec::as_slice)));
        assert!(many.iter().filter(|path| recent.has(path)).count() <= FILES);
    }
}
