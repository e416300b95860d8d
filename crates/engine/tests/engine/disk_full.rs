//! A full disk: told by its code, and nothing that worked is lost.
//!
//! The store is on a real file system of 1 MiB.

use std::fs;
use std::path::Path;
use std::time::Duration;

use quern_engine::{Cancel, Change, Code, Freshness, OpenOptions, Progress};
use quern_testkit::Rng;
use tempfile::TempDir;

use crate::opened::{Opened, options, try_open};
use crate::small_disk::SmallDisk;

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
    small.store = disk.store();
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
    small.store = disk.store();
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

#[test]
fn a_flush_that_does_not_fit_keeps_the_change_and_succeeds_once_there_is_room() {
    let Some(disk) = SmallDisk::mount() else { return };
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("on-disk.txt"), "a needle\n").unwrap();
    let small = OpenOptions {
        store: disk.store(),
        flush_after: Duration::MAX,
        ..options(folder.path(), &folder)
    };
    let opened = Opened {
        index: try_open(small.clone()).unwrap(),
        store: TempDir::new().unwrap(),
    };
    let text = [b"another needle\n", noise(64 << 10).as_slice()].concat();
    let path = "given.txt".into();
    let cancel = Cancel::new();
    opened
        .index
        .apply(vec![Change::Give { path, text }], &cancel)
        .unwrap();
    let filler = disk.path().join("filler");
    fs::write(&filler, noise(2 << 20)).unwrap_err();
    let before = used(disk.path());
    let expected = ["given.txt:1:another needle", "on-disk.txt:1:a needle"];
    for _ in 0..3 {
        let error = opened.index.flush(&cancel).unwrap_err();
        assert_eq!(error.code, Code::DiskFull, "{error:?}");
        assert!(error.message.contains("free space"), "{error}");
        for freshness in [Freshness::Snapshot, Freshness::Verified] {
            assert_eq!(opened.lines("needle", freshness).0, expected, "{freshness:?}");
        }
        assert!(
            used(disk.path()) <= before,
            "a failed flush leaves nothing behind"
        );
    }
    fs::remove_file(filler).unwrap();
    assert!(opened.index.flush(&cancel).unwrap());
    opened.index.close().unwrap();
    let refresh = false;
    let index = try_open(OpenOptions { refresh, ..small }).unwrap();
    let store = TempDir::new().unwrap();
    let opened = Opened { index, store };
    assert_eq!(opened.lines("needle", Freshness::Snapshot).0, expected);
}
