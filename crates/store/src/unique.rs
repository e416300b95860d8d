//! Names and numbers that nobody had before.
//!
//! A segment's name is never used again, because a reader (on Windows, a mapping that cannot be replaced) may still
//! hold the files that had it. The operating system's randomness comes through the standard library's hasher keys.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// A random number.
pub(crate) fn number() -> u64 {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u64(COUNT.fetch_add(1, Ordering::Relaxed));
    hasher.write_u32(process::id());
    hasher.write_i64(now_ns());
    hasher.finish()
}

/// A random name of 16 hexadecimal digits.
pub(crate) fn name() -> String {
    format!("{:016x}", number())
}

/// Nanoseconds since 1970.
pub(crate) fn now_ns() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_nanos()).unwrap_or(i64::MAX)
}
