//! What an index may hold, shared out between what builds, what is changed in memory, and what is cached.

use crate::build::SIZES;
use crate::error::{Code, Error};
use crate::options::{OpenOptions, Profile};

/// Upper bounds in bytes; together they are the index's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budgets {
    /// Of a build: its buffers.
    pub build: usize,
    /// Of the overlay: more is flushed.
    pub overlay: usize,
    /// Of the cache of file contents.
    pub cache: usize,
}

impl Budgets {
    /// What the options say for so many threads that build. Cache and overlay that nobody gave take a third and a sixth of
    /// what one worker leaves of the memory, and no more than the profile says.
    ///
    /// # Errors
    /// Options that leave too little to build with.
    pub fn of(options: &OpenOptions, threads: usize) -> Result<Budgets, Error> {
        let (build, most_overlay, most_cache) = match options.profile {
            Profile::Small => (64 << 20, 8 << 20, 32 << 20),
            Profile::Medium => (threads * (48 << 20), 32 << 20, 256 << 20),
            Profile::Large => (threads * (192 << 20), 128 << 20, 1 << 30),
        };
        let Some(memory) = options.memory else {
            return Ok(Budgets {
                build,
                overlay: options.overlay.unwrap_or(most_overlay),
                cache: options.cache.unwrap_or(most_cache),
            });
        };
        let least = SIZES.worker;
        let spare = memory.saturating_sub(least);
        let overlay = options.overlay.unwrap_or(most_overlay.min(spare / 6));
        let cache = options.cache.unwrap_or(most_cache.min(spare / 3));
        let build = memory.saturating_sub(overlay.saturating_add(cache));
        if build < least {
            let needed = least.saturating_add(overlay).saturating_add(cache);
            let message = format!(
                "memory is {memory} bytes; give {needed} or more: {least} to index with, {cache} for the cache and {overlay} \
                 for the overlay"
            );
            return Err(Error::new(Code::InvalidOption, message));
        }
        Ok(Budgets {
            build,
            overlay,
            cache,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(memory: Option<usize>, cache: Option<usize>, overlay: Option<usize>) -> OpenOptions {
        OpenOptions {
            memory,
            cache,
            overlay,
            ..OpenOptions::new("")
        }
    }

    const MIB: usize = 1 << 20;

    #[test]
    fn the_shares_are_the_memory() {
        for mib in [24, 25, 32, 100, 128, 500, 4096, 1 << 20] {
            let budgets = Budgets::of(&options(Some(mib * MIB), None, None), 2).unwrap();
            let Budgets {
                build,
                overlay,
                cache,
            } = budgets;
            assert_eq!(build + overlay + cache, mib * MIB);
            assert!(build >= SIZES.worker && cache <= 256 * MIB && overlay <= 32 * MIB);
        }
    }

    #[test]
    fn what_is_given_is_kept() {
        let given = options(None, Some(5), Some(6));
        let budgets = Budgets::of(&given, 3).unwrap();
        assert_eq!(
            budgets,
            Budgets {
                build: 144 * MIB,
                overlay: 6,
                cache: 5
            }
        );
        let given = options(Some(64 * MIB), Some(30 * MIB), Some(0));
        assert_eq!(Budgets::of(&given, 3).unwrap().build, 34 * MIB);
    }

    #[test]
    fn too_little_is_refused() {
        for (memory, cache, overlay) in [
            (MIB, None, None),
            (64 * MIB, Some(50 * MIB), None),
            (64 * MIB, None, Some(usize::MAX)),
        ] {
            let error = Budgets::of(&options(Some(memory), cache, overlay), 1).unwrap_err();
            assert_eq!(error.code, Code::InvalidOption);
            assert!(
                error.message.starts_with(&format!("memory is {memory} bytes")),
                "{error:?}"
            );
        }
    }
}
