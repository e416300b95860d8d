//! The part of a file's metadata that tells whether it is still the one that was indexed.

use std::fs::Metadata;

/// Size, times and identity of a file. Times are in nanoseconds since 1970, before it negative, and stop at the ends of
/// `i64` (the years 1677 and 2262).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FileMeta {
    /// Length in bytes.
    pub size: u64,
    /// When the content was last written.
    pub mtime_ns: i64,
    /// When the content or the inode last changed; 0 on Windows.
    pub ctime_ns: i64,
    /// The file's number in its file system; 0 on Windows.
    pub inode: u64,
    /// The file system's number; 0 on Windows.
    pub device: u64,
}

impl FileMeta {
    /// What `metadata` says. No system call.
    #[cfg(unix)]
    pub fn from_metadata(metadata: &Metadata) -> FileMeta {
        use std::os::unix::fs::MetadataExt;
        FileMeta {
            size: metadata.len(),
            mtime_ns: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            ctime_ns: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
            inode: metadata.ino(),
            device: metadata.dev(),
        }
    }

    /// What `metadata` says. No system call.
    #[cfg(windows)]
    pub fn from_metadata(metadata: &Metadata) -> FileMeta {
        use std::os::windows::fs::MetadataExt;
        FileMeta {
            size: metadata.len(),
            mtime_ns: from_filetime(metadata.last_write_time()),
            ..FileMeta::default()
        }
    }
}

#[cfg_attr(
    all(windows, not(test)),
    expect(dead_code, reason = "Unix gives seconds and nanoseconds")
)]
fn nanoseconds(seconds: i64, nanoseconds: i64) -> i64 {
    seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds)
}

/// Windows counts in 100 ns since 1601.
#[cfg_attr(
    not(any(windows, test)),
    expect(dead_code, reason = "only Windows has such times")
)]
fn from_filetime(intervals: u64) -> i64 {
    const UNIX_EPOCH: i128 = 116_444_736_000_000_000;
    let nanoseconds = (i128::from(intervals) - UNIX_EPOCH) * 100;
    nanoseconds.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{FileMeta, from_filetime, nanoseconds};

    #[test]
    fn times_stop_at_the_ends() {
        assert_eq!(nanoseconds(i64::MAX, 0), i64::MAX);
        assert_eq!(nanoseconds(-1, 500_000_000), -500_000_000);
        assert_eq!(from_filetime(0), i64::MIN);
        assert_eq!(from_filetime(u64::MAX), i64::MAX);
        assert_eq!(from_filetime(116_444_736_000_000_001), 100);
    }

    #[test]
    fn a_real_file() {
        let mut file = tempfile::tempfile().unwrap();
        std::io::Write::write_all(&mut file, b"12345").unwrap();
        let before = SystemTime::UNIX_EPOCH - Duration::new(5, 200);
        file.set_modified(before).unwrap();
        let meta = FileMeta::from_metadata(&file.metadata().unwrap());
        assert_eq!((meta.size, meta.mtime_ns), (5, -5_000_000_200));
        assert_eq!(meta.inode != 0, cfg!(unix));
    }
}
