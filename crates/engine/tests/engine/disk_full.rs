//! A full disk: told by its code, and nothing that worked is lost.
//!
//! The store is on a file system of 1 MiB, which only root can mount; elsewhere the test says that it is skipped.

use std::fs;
use std::path::Path;
use std::process::Command;

use quern_engine::{Cancel, Code, Freshness, Progress};
use quern_testkit::Rng;
use tempfile::TempDir;

use crate::opened::{Opened, options, try_open};

/// A small file system in memory, unmounted when dropped.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn mount() -> Option<SmallDisk> {
        let folder = TempDir::new().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m,mode=0700", "quern-test"])
            .arg(folder.path())
            .output();
        match mounted {
            Ok(output) if output.status.success() => Some(SmallDisk(folder)),
            Ok(output) => {
                println!(
                    "skipped: no small disk: {}",
                    String::from_utf8_lossy(&output.stderr).trim()
                );
                None
            }
            Err(error) => {
                println!("skipped: no small disk: {error}");
                None
            }
        }
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a store that is still mapped must not keep it.
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

/// Text with so many different grams that its index is larger than the disk.
fn noise(bytes: usize) -> Vec<u8> {
    let mut rng = Rng::new(1);
    let mut letter = || b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ \n"[rng.below(65)];
    (0..bytes).map(|_| letter()).collect()
}

fn used(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| match entry.metadata().unwrap() {
            meta if meta.is_dir() => used(&entry.path()),
            meta => meta.len(),
        })
        .sum()
}

#[test]
fn a_first_build_that_does_not_fit_leaves_nothing_behind() {
    let Some(disk) = SmallDisk::mount() else { return };
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("large.txt"), noise(8 << 20)).unwrap();
    let mut small = options(folder.path(), &folder);
    small.store = Some(disk.path().join("store"));
    let error = try_open(small.clone()).err().unwrap();
    assert_eq!(error.code, Code::DiskFull, "{error:?}");
    let left = used(disk.path());
    assert!(left < 64 << 10, "{left} bytes are left on the disk");
    fs::write(folder.path().join("large.txt"), "a needle\n").unwrap();
    let index = try_open(small).unwrap();
    assert_eq!(
        index.stats().unwrap().files,
        1,
        "with less to index there is space"
    );
}

#[test]
fn a_refresh_that_does_not_fit_leaves_the_generation_before_it() {
    let Some(disk) = SmallDisk::mount() else { return };
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("small.txt"), "a needle\n").unwrap();
    let mut small = options(folder.path(), &folder);
    small.store = Some(disk.path().join("store"));
    let opened = Opened {
        index: try_open(small.clone()).unwrap(),
        store: TempDir::new().unwrap(),
    };
    let before = used(disk.path());
    fs::write(folder.path().join("large.txt"), noise(8 << 20)).unwrap();
    let refresh = || opened.index.refresh(&Progress::default(), &Cancel::new());
    let error = refresh().err().unwrap();
    assert_eq!(error.code, Code::DiskFull, "{error:?}");
    let after = used(disk.path());
    assert!(after < before + (64 << 10), "{before} bytes became {after}");
    assert_eq!(
        opened.lines("needle", Freshness::Snapshot).0,
        ["small.txt:1:a needle"]
    );
    assert_eq!(
        opened.lines("needle", Freshness::Verified).0,
        ["small.txt:1:a needle"]
    );
    fs::write(folder.path().join("large.txt"), "another needle\n").unwrap();
    assert_eq!(refresh().unwrap().segments, 1);
    assert_eq!(opened.lines("needle", Freshness::Snapshot).0.len(), 2);
    opened.index.close().unwrap();
}
