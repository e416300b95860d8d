//! Bad input gets its own error, and nothing that worked is lost.

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use quern_engine::{Code, Freshness, GrepRequest, OpenOptions};
use quern_testkit::Rng;
use quern_walk::Cancel;
use tempfile::TempDir;

use crate::opened::{Opened, options, try_open};

fn code_of(root: &Path) -> Code {
    let store = TempDir::new().unwrap();
    try_open(options(root, &store)).err().unwrap().code
}

#[test]
fn a_root_that_is_no_folder() {
    let folder = TempDir::new().unwrap();
    assert_eq!(code_of(&folder.path().join("missing")), Code::NotFound);
    fs::write(folder.path().join("file"), "text").unwrap();
    assert_eq!(code_of(&folder.path().join("file")), Code::NotAFolder);
}

#[test]
fn a_pattern_that_does_not_parse_or_is_too_large() {
    let folder = TempDir::new().unwrap();
    let opened = Opened::new(folder.path());
    let refused = |pattern: &str| {
        opened
            .index
            .grep(GrepRequest::new([pattern]), Cancel::new())
            .err()
            .unwrap()
    };
    assert_eq!(
        (refused("a(b").code, refused("a(b").place),
        (Code::InvalidPattern, Some((0, 1)))
    );
    assert_eq!(refused("(a{1000}){1000}").code, Code::PatternTooLarge);
    let glob = GrepRequest {
        globs: vec!["a{".into()],
        ..GrepRequest::new(["a"])
    };
    assert_eq!(
        opened.index.grep(glob, Cancel::new()).err().unwrap().code,
        Code::InvalidOption
    );
}

#[cfg(unix)]
#[test]
fn loops_of_links_and_unreadable_files_are_told_and_passed_over() {
    let folder = TempDir::new().unwrap();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).unwrap();
    fs::write(folder.path().join("good.txt"), "needle\n").unwrap();
    let store = TempDir::new().unwrap();
    let mut following = options(folder.path(), &store);
    following.walk.follow = true;
    let index = try_open(following).unwrap();
    let build = index.stats().unwrap().build.unwrap();
    assert!(build.error_count > 0);
    let opened = Opened { index, store };
    assert_eq!(
        opened.lines("needle", Freshness::Snapshot).0,
        ["good.txt:1:needle"]
    );
}

#[test]
fn a_store_that_another_writer_holds() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.txt"), "needle\n").unwrap();
    let opened = Opened::new(folder.path());
    let store = quern_store::Store::new(opened.store.path().join("store"));
    let writer = store.try_lock_writer().unwrap();
    let error = opened
        .index
        .refresh(&quern_engine::Progress::default(), &Cancel::new())
        .err()
        .unwrap();
    assert_eq!((error.code, error.pid), (Code::Locked, Some(std::process::id())));
    let opened = opened.again(|_| ());
    assert_eq!(
        opened.lines("needle", Freshness::Verified).0.len(),
        1,
        "an open never fails for a lock"
    );
    drop(writer);
}

/// Every file of a store with its bytes.
fn files_of(dir: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_of(&path));
        } else {
            let bytes = fs::read(&path).unwrap();
            files.push((path, bytes));
        }
    }
    files
}

#[test]
fn a_flipped_bit_is_detected_or_harmless() {
    let folder = TempDir::new().unwrap();
    for file in 0..40 {
        let text: String = (0..60)
            .map(|line| format!("word{} line {line} of {file}\n", line * file))
            .collect();
        fs::write(folder.path().join(format!("{file}.txt")), text).unwrap();
    }
    let opened = Opened::new(folder.path());
    let patterns = ["word120 ", "line 7 of", "of 3$", "[0-9]{4}", "absent-gram"];
    let expected: Vec<_> = patterns
        .iter()
        .map(|p| opened.lines(p, Freshness::Snapshot).0)
        .collect();
    opened.index.close().unwrap();
    let dir = opened.store.path().join("store");
    let whole = files_of(&dir);
    let mut rng = Rng::new(7);
    let flips = std::env::var("QUERN_FLIPS").map_or(400, |flips| flips.parse().unwrap());
    let mut detected = 0;
    for _ in 0..flips {
        let (path, bytes) = &whole[rng.below(whole.len())];
        if bytes.is_empty() {
            continue;
        }
        let mut damaged = bytes.clone();
        if rng.one_in(8) {
            damaged.truncate(rng.below(bytes.len()));
        } else {
            damaged[rng.below(bytes.len())] ^= 1 << rng.below(8);
        }
        fs::write(path, &damaged).unwrap();
        detected += u32::from(!same_answers(folder.path(), &dir, &patterns, &expected));
        fs::write(path, bytes).unwrap();
    }
    assert!(detected > flips / 4, "{detected} of {flips}");
}

/// Whether every answer is right; false if damage was reported instead. Panics at a wrong answer.
fn same_answers(root: &Path, store: &Path, patterns: &[&str], expected: &[Vec<String>]) -> bool {
    let refresh = false;
    let options = OpenOptions {
        store: Some(store.to_path_buf()),
        refresh,
        ..OpenOptions::new(root)
    };
    let index = match try_open(options) {
        Ok(index) => index,
        Err(error) => {
            assert!(
                matches!(error.code, Code::Corrupt | Code::NewerFormat),
                "{error:?}"
            );
            return false;
        }
    };
    for (pattern, expected) in patterns.iter().zip(expected) {
        let mut cursor = match index.grep(
            GrepRequest {
                sorted: true,
                ..GrepRequest::new([*pattern])
            },
            Cancel::new(),
        ) {
            Ok(cursor) => cursor,
            Err(error) => {
                assert_eq!(error.code, Code::Corrupt, "{error:?}");
                return false;
            }
        };
        let mut rows = 0;
        while let Some(batch) = cursor.next(1000).unwrap() {
            rows += batch.rows.rows();
        }
        assert_eq!(rows, expected.len(), "{pattern}");
    }
    true
}

#[test]
fn a_check_finds_what_is_damaged() {
    let folder = TempDir::new().unwrap();
    for file in 0..20 {
        let path = folder.path().join(format!("{file}.txt"));
        fs::write(&path, "some words that are in a file\n".repeat(50)).unwrap();
        let old = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(old)
            .unwrap();
    }
    let opened = Opened::new(folder.path());
    let report = opened.index.check(10, &Cancel::new()).unwrap();
    assert!(report.faults.is_empty() && report.files == 20, "{report:?}");
    let (path, bytes) = files_of(&opened.store.path().join("store"))
        .into_iter()
        .find(|(path, _)| path.file_name().is_some_and(|name| name == "postings"))
        .unwrap();
    // In place: Windows does not let a mapped file be truncated.
    let middle = bytes.len() / 2;
    let mut file = fs::File::options().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(middle as u64)).unwrap();
    file.write_all(&[bytes[middle] ^ 1]).unwrap();
    let report = opened.index.check(0, &Cancel::new()).unwrap();
    assert_eq!(report.faults[0].code, Code::Corrupt);
}
