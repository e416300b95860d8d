//! Damaged files: what is found is what was put, nothing crashes, and a damaged cache serves again.

mod support;

use std::fs;
use std::path::Path;

use quern_disk_cache::{Change, DiskCache, ErrorKind};
use quern_testkit::Rng;
use support::{change, get, keys};

const FILES: [&str; 5] = ["quern-cache", "data.mdb", "lock.mdb", "gate", "users"];

fn value(i: usize) -> Vec<u8> {
    let length = if i.is_multiple_of(7) { 9_000 } else { i * 3 % 300 };
    vec![i as u8; length]
}

/// A cache with pages of every kind: branches, leaves, large values and free ones.
fn fill(dir: &Path) {
    let cache = DiskCache::open(dir, Some(4 << 20)).unwrap();
    for i in 0..300_usize {
        let expires = i.is_multiple_of(5).then_some(1_000_000);
        let tags = [format!("tag {}", i % 3)];
        cache.change(
            Change::put(&format!("key {i}"), &value(i), expires, &tags),
            0,
            |_| (),
        );
    }
    change(&cache, Change::delete_matching("key 1?".to_owned()), 0).unwrap();
}

/// Everything that can be asked and done, with what is known to have been put.
fn use_all(dir: &Path) -> usize {
    let cache = DiskCache::open(dir, None).unwrap();
    let mut found = 0;
    for i in 0..300_usize {
        if let Some((bytes, expires, tags)) = get(&cache, &format!("key {i}"), 1) {
            assert_eq!(bytes, value(i));
            assert_eq!(expires, i.is_multiple_of(5).then_some(1_000_000));
            assert_eq!(tags, [format!("tag {}", i % 3)]);
            found += 1;
        }
    }
    keys(&cache);
    change(&cache, Change::delete_tagged(vec!["tag 1".to_owned()]), 1).unwrap();
    assert!((0..300).all(|i| i % 3 != 1 || get(&cache, &format!("key {i}"), 1).is_none()));
    for i in 0..40 {
        let put = Change::put(&format!("new {i}"), &value(i), None, &[]);
        cache.change(put, 2_000_000, |made| assert_eq!(made.unwrap(), 1));
    }
    change(&cache, Change::delete("another"), 2_000_000).unwrap();
    assert!((0..40).all(|i| get(&cache, &format!("new {i}"), 0).unwrap().0 == value(i)));
    change(&cache, Change::clear(), 1).unwrap();
    found
}

fn copy(from: &Path, to: &Path) {
    for name in FILES {
        fs::copy(from.join(name), to.join(name)).unwrap();
    }
}

#[test]
fn a_damaged_file_gives_no_wrong_value_and_no_crash() {
    let whole = tempfile::tempdir().unwrap();
    fill(whole.path());
    let mut rng = Rng::new(3);
    let (mut kept, rounds) = (0, 200);
    for round in 0..rounds {
        let dir = tempfile::tempdir().unwrap();
        copy(whole.path(), dir.path());
        let path = dir
            .path()
            .join(FILES[if round % 10 == 0 { rng.below(3) } else { 1 }]);
        let mut bytes = fs::read(&path).unwrap();
        match rng.below(8) {
            0 => bytes.truncate(rng.below(bytes.len())),
            1 => {
                let page = rng.below(bytes.len()) / 4096 * 4096;
                let end = bytes.len().min(page + 4096);
                bytes[page..end].fill(0);
            }
            2 => {
                // One page in the place of another.
                let last = bytes.len() / 4096;
                let (from, to) = (rng.below(last.max(1)) * 4096, rng.below(last.max(1)) * 4096);
                let end = bytes.len().min(from + 4096);
                let page = bytes[from..end].to_vec();
                bytes[to..to + page.len()].copy_from_slice(&page);
            }
            _ => {
                // Most bits of a page's head matter; of a value's, few pages have none.
                for _ in 0..1 + rng.below(3) {
                    let page = rng.below(bytes.len()) / 4096 * 4096;
                    let within = if rng.one_in(2) {
                        rng.below(200)
                    } else {
                        rng.below(4096)
                    };
                    let at = (page + within).min(bytes.len() - 1);
                    bytes[at] ^= 1 << rng.below(8);
                }
            }
        }
        fs::write(&path, bytes).unwrap();
        kept += usize::from(use_all(dir.path()) > 0);
    }
    assert!(kept > 0 && kept < rounds, "{kept} of {rounds} caches were kept");
}

#[test]
fn an_undamaged_cache_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path());
    assert_eq!(use_all(dir.path()), 290);
}

#[test]
fn what_is_of_another_version_begins_anew() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path());
    let header = dir.path().join("quern-cache");
    let mut bytes = fs::read(&header).unwrap();
    bytes[8] += 1;
    fs::write(&header, &bytes).unwrap();
    {
        let cache = DiskCache::open(dir.path(), None).unwrap();
        assert_eq!(cache.stats().unwrap().entries, 0);
        assert_eq!(
            cache.stats().unwrap().max_bytes,
            quern_disk_cache::DEFAULT_MAX_BYTES
        );
    }
    assert_eq!(
        DiskCache::open(dir.path(), Some(2 << 20))
            .unwrap()
            .stats()
            .unwrap()
            .max_bytes,
        2 << 20
    );
}

#[test]
fn a_cache_that_is_larger_than_was_asked_for_begins_anew() {
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path());
    let entries = |size| {
        DiskCache::open(dir.path(), size)
            .unwrap()
            .stats()
            .unwrap()
            .entries
    };
    assert_eq!(entries(Some(8 << 20)), 290);
    assert_eq!(entries(None), 290);
    assert_eq!(entries(Some(1 << 20)), 290);
    let large = DiskCache::open(dir.path(), Some(8 << 20)).unwrap();
    change(&large, Change::put("large", &[0; 1 << 19], None, &[]), 0).unwrap();
    change(&large, Change::put("large too", &[0; 1 << 19], None, &[]), 0).unwrap();
    drop(large);
    assert_eq!(entries(Some(1 << 20)), 0);
}

#[test]
fn another_folder_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("data.mdb"), "somebody's").unwrap();
    let error = DiskCache::open(dir.path(), None).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Foreign);
    assert_eq!(error.path(), dir.path());
    assert_eq!(fs::read(dir.path().join("data.mdb")).unwrap(), b"somebody's");
    let error = DiskCache::open(dir.path(), Some(1000)).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Size);
}
