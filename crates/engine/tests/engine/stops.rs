//! Nothing that a file or another caller does makes a call wait for longer than it may.

use std::fs;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

#[cfg(unix)]
use quern_engine::Freshness;
use quern_engine::{Code, GrepRequest, Index, Pools, Progress, SearchOptions, Wanted};
use quern_walk::Cancel;
use tempfile::TempDir;

use crate::opened::{Opened, options};

/// A folder with one file in which counting every letter takes seconds.
fn slow() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(
        folder.path().join("slow.txt"),
        "a b c d e f g h\n".repeat(6 << 20),
    )
    .unwrap();
    folder
}

/// The question that takes so long, of blocks or of the whole file.
fn question(whole: bool) -> GrepRequest {
    GrepRequest {
        wanted: Wanted::Counts,
        search: SearchOptions {
            after: usize::from(whole),
            ..SearchOptions::default()
        },
        ..GrepRequest::new(["[a-z]"])
    }
}

#[test]
fn a_timeout_ends_the_search_of_one_large_file() {
    let folder = slow();
    let opened = Opened::new(folder.path());
    for whole in [false, true] {
        let start = Instant::now();
        let cancel = Cancel::with_deadline(Some(start + Duration::from_millis(100)));
        let outcome = opened.index.grep(question(whole), cancel).unwrap().next(1);
        assert_eq!(
            outcome.err().map(|error| error.code),
            Some(Code::Timeout),
            "{whole}"
        );
        assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    }
}

#[test]
fn a_query_that_closing_ends_says_so() {
    let folder = slow();
    let opened = Opened::new(folder.path());
    let mut cursor = opened.grep(question(true));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(100));
            opened.index.close().unwrap();
        });
        assert_eq!(cursor.next(1).err().map(|error| error.code), Some(Code::Closed));
    });
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_a_file_is_not_waited_for() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.txt");
    fs::write(&path, "needle\n").unwrap();
    let opened = Opened::new(folder.path());
    fs::remove_file(&path).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let (lines, coverage) = opened.lines("needle", Freshness::Snapshot);
        send.send((lines, coverage.files.removed)).unwrap();
    });
    let answer = receive.recv_timeout(Duration::from_secs(10));
    assert_eq!(answer, Ok((Vec::new(), 1)));
}

#[test]
fn many_first_opens_of_one_store_wait_for_one_build_and_not_for_each_other() {
    let folder = TempDir::new().unwrap();
    for file in 0..400 {
        let text = format!("needle {file}\n").repeat(2000);
        fs::write(folder.path().join(format!("{file}.txt")), text).unwrap();
    }
    let store = TempDir::new().unwrap();
    let pools = Pools::shared(&crate::opened::two_threads()).unwrap();
    let (send, receive) = mpsc::channel();
    for open in 0..6 {
        let (options, own, send) = (options(folder.path(), &store), Arc::clone(&pools), send.clone());
        pools.build.spawn(move || {
            let opened = Index::open(options, own, &Progress::default(), &Cancel::new());
            send.send(opened.map(|_| ())).unwrap();
        });
        std::thread::sleep(Duration::from_millis(10 * u64::from(open == 0)));
    }
    for _ in 0..6 {
        let opened = receive.recv_timeout(Duration::from_secs(60));
        opened.expect("an open hangs").unwrap();
    }
}
