//! A store that may not be written answers, and says so to whoever wants to write it.

use std::fs;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use quern_engine::{
    Applied, Cancel, Change, Code, Error, Freshness, Index, OpenOptions, Progress, SearchRequest,
};
use tempfile::TempDir;

use crate::faulty::{Fault, FaultyDisk, fresh};
use crate::opened::{lines, options, try_open};
#[cfg(target_os = "linux")]
use crate::small_disk::SmallDisk;

/// A disk that lets nothing be written, wherever the tests run.
fn read_only_disk() -> FaultyDisk {
    let refused = Fault::Error(ErrorKind::ReadOnlyFilesystem);
    FaultyDisk::with((1..10_000).map(|call| (call, refused)).collect::<Vec<_>>())
}

/// A folder with an index, and an edit that this has not seen.
fn edited_folder(store: &OpenOptions) {
    let folder = &store.root;
    fs::write(folder.join("a.txt"), "needle one\n").unwrap();
    fs::write(folder.join("b.txt"), "needle two\n").unwrap();
    try_open(store.clone()).unwrap().close().unwrap();
    fs::remove_file(folder.join("a.txt")).unwrap();
    fs::write(folder.join("c.txt"), "needle three\n").unwrap();
}

fn found(index: &Index, freshness: Freshness) -> Vec<String> {
    let (lines, coverage) = lines(index, "needle", freshness);
    assert!(coverage.complete, "{coverage:?}");
    lines
}

fn assert_refused<T>(result: Result<T, Error>) {
    let error = result.err().expect("refused");
    assert_eq!(error.code, Code::Permission, "{error:?}");
    assert!(error.path.is_some(), "{error:?}");
    assert!(error.message.contains("put the store elsewhere"), "{error}");
}

fn give(index: &Index, path: &str) -> Result<Applied, Error> {
    let change = Change::Give {
        path: path.into(),
        text: b"needle given\n".to_vec(),
    };
    index.apply(vec![change], &Cancel::new())
}

/// The folder's options with a store on a disk that may be written.
fn on_healthy_disk(folder: &TempDir, store: &TempDir) -> OpenOptions {
    OpenOptions {
        flush_after: Duration::MAX,
        ..options(folder.path(), store)
    }
}

const OLD: &[&str] = &["b.txt:1:needle two"];
const NEW: &[&str] = &["b.txt:1:needle two", "c.txt:1:needle three"];
const WITH_GIVEN: &[&str] = &["b.txt:1:needle given", "c.txt:1:needle three"];

#[test]
fn a_change_that_cannot_be_written_is_kept_until_it_can() {
    let [folder, store] = [fresh(), fresh()];
    let healthy = on_healthy_disk(&folder, &store);
    edited_folder(&healthy);
    let disk = read_only_disk();
    let index = try_open(OpenOptions {
        disk: Arc::new(disk.clone()),
        ..healthy.clone()
    });
    let index = index.expect("an open never fails because a store may not be written");
    let cancel = Cancel::new();
    assert_eq!(found(&index, Freshness::Snapshot), OLD);
    assert_eq!(found(&index, Freshness::Verified), NEW);
    assert_refused(index.refresh(&Progress::default(), &cancel));
    give(&index, "b.txt").unwrap();
    for _ in 0..2 {
        assert_refused(index.flush(&cancel));
        assert_refused(index.refresh(&Progress::default(), &cancel));
        assert_eq!(found(&index, Freshness::Snapshot), ["b.txt:1:needle given"]);
        assert_eq!(found(&index, Freshness::Verified), WITH_GIVEN);
        assert!(index.check(10, &cancel).unwrap().faults.is_empty());
    }
    disk.heal();
    assert!(index.flush(&cancel).unwrap());
    index.close().unwrap();
    let index = try_open(healthy).unwrap();
    assert_eq!(found(&index, Freshness::Snapshot), WITH_GIVEN);
}

#[test]
fn a_ranked_question_writes_only_what_has_changed() {
    let [folder, store] = [fresh(), fresh()];
    let cancel = Cancel::new();
    let healthy = on_healthy_disk(&folder, &store);
    let index = try_open(healthy.clone()).unwrap();
    index.rank(&cancel).unwrap();
    index.close().unwrap();
    let mut read_only = OpenOptions {
        disk: Arc::new(read_only_disk()),
        refresh: false,
        ..healthy
    };
    let request = |freshness| SearchRequest {
        freshness,
        ..SearchRequest::new("needle")
    };
    let index = try_open(read_only.clone()).unwrap();
    let answer = index.search(&request(Freshness::Verified), &cancel).unwrap();
    assert_eq!(
        (answer.total, answer.coverage.freshness),
        (0, Freshness::Verified)
    );
    assert!(answer.coverage.is_complete());
    fs::write(folder.path().join("a.txt"), "needle\n").unwrap();
    // What is new is kept in memory.
    let answer = index.search(&request(Freshness::Verified), &cancel).unwrap();
    assert_eq!((answer.total, answer.coverage.is_complete()), (1, true));
    assert_refused(index.close());
    // A store of other files answers as it is, and says that this is not all.
    read_only.walk.hidden = true;
    let index = try_open(read_only).unwrap();
    assert_refused(index.search(&request(Freshness::Verified), &cancel));
    let answer = index.search(&request(Freshness::Snapshot), &cancel).unwrap();
    assert_eq!(
        (answer.total, answer.coverage.freshness),
        (0, Freshness::Snapshot)
    );
    assert!(!answer.coverage.is_complete());
}

#[test]
fn a_first_build_that_may_not_be_written_says_so() {
    let [folder, store] = [fresh(), fresh()];
    let refused = try_open(OpenOptions {
        disk: Arc::new(read_only_disk()),
        ..on_healthy_disk(&folder, &store)
    });
    assert_refused(refused);
}

#[cfg(target_os = "linux")]
#[test]
fn a_store_on_a_read_only_file_system_answers_and_is_left_alone() {
    let Some(disk) = SmallDisk::mount() else { return };
    let folder = fresh();
    let small = OpenOptions {
        store: disk.store(),
        ..on_healthy_disk(&folder, &folder)
    };
    disk.set_read_only(true);
    assert_refused(try_open(small.clone()));
    disk.set_read_only(false);
    edited_folder(&small);
    disk.set_read_only(true);
    let index = try_open(small.clone()).unwrap();
    let cancel = Cancel::new();
    for _ in 0..2 {
        assert_eq!(found(&index, Freshness::Snapshot), OLD);
        assert_eq!(found(&index, Freshness::Verified), NEW);
        assert!(index.check(10, &cancel).unwrap().faults.is_empty());
        assert_refused(index.refresh(&Progress::default(), &cancel));
        assert_refused(give(&index, "b.txt"));
        assert!(!index.flush(&cancel).unwrap(), "nothing was applied");
        assert!(!index.compact(&cancel).unwrap(), "there is one segment");
    }
    disk.set_read_only(false);
    give(&index, "b.txt").unwrap();
    index.close().unwrap();
    disk.set_read_only(true);
    let index = try_open(small).unwrap();
    assert_eq!(found(&index, Freshness::Snapshot), ["b.txt:1:needle given"]);
    assert_eq!(found(&index, Freshness::Verified), WITH_GIVEN);
}
