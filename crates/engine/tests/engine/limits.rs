//! Limits cut answers where they say, and coverage says so.

use std::fs;
use std::time::Instant;

use quern_engine::{Cancel, Code, GrepRequest, Kind, Limit, SearchOptions, Wanted};
use tempfile::TempDir;

use crate::opened::Opened;

fn folder(files: usize, lines: usize) -> TempDir {
    let folder = TempDir::new().unwrap();
    for file in 0..files {
        let text: String = (0..lines)
            .map(|line| format!("needle {line} of {file}\n"))
            .collect();
        fs::write(folder.path().join(format!("{file:04}.txt")), text).unwrap();
    }
    folder
}

fn rows(opened: &Opened, request: GrepRequest) -> (usize, quern_engine::Coverage) {
    let mut cursor = opened.grep(request);
    let mut rows = 0;
    while let Some(batch) = cursor.next(10).unwrap() {
        rows += batch.rows.rows();
    }
    (rows, cursor.coverage())
}

#[test]
fn a_limit_on_rows_is_met_exactly() {
    let folder = folder(30, 10);
    let opened = Opened::new(folder.path());
    for limit in [1, 9, 10, 11, 299] {
        let (found, coverage) = rows(
            &opened,
            GrepRequest {
                limit: Some(limit),
                ..GrepRequest::new(["needle"])
            },
        );
        assert_eq!(found as u64, limit);
        assert_eq!((coverage.limit, coverage.complete), (Some(Limit::Rows), false));
    }
    let (found, coverage) = rows(
        &opened,
        GrepRequest {
            limit: Some(300),
            ..GrepRequest::new(["needle"])
        },
    );
    assert_eq!((found, coverage.limit, coverage.complete), (300, None, true));
}

#[test]
fn a_limit_counts_matches_and_keeps_their_context() {
    let folder = folder(1, 100);
    let opened = Opened::new(folder.path());
    let request = GrepRequest {
        search: SearchOptions {
            after: 2,
            ..SearchOptions::default()
        },
        limit: Some(2),
        ..GrepRequest::new(["needle [26]0 "])
    };
    let mut cursor = opened.grep(request);
    let batch = cursor.next(100).unwrap().unwrap();
    let matches = batch
        .rows
        .kind
        .iter()
        .filter(|&&kind| kind == Kind::Match as u8)
        .count();
    assert_eq!(matches, 2);
    assert!(batch.rows.rows() > 4);
}

#[test]
fn a_memory_limit_cuts_a_file_and_says_so() {
    let folder = folder(1, 20_000);
    let opened = Opened::new(folder.path());
    let (found, coverage) = rows(
        &opened,
        GrepRequest {
            memory: 64 << 10,
            ..GrepRequest::new(["needle"])
        },
    );
    assert!(found < 20_000);
    assert_eq!((coverage.limit, coverage.complete), (Some(Limit::Memory), false));
}

#[test]
fn a_memory_limit_that_only_many_files_pass_cuts_nothing() {
    let folder = folder(400, 50);
    let opened = Opened::new(folder.path());
    let (found, coverage) = rows(
        &opened,
        GrepRequest {
            memory: 64 << 10,
            ..GrepRequest::new(["needle"])
        },
    );
    assert_eq!((found, coverage.limit, coverage.complete), (20_000, None, true));
}

#[test]
fn files_and_counts_give_one_row_a_file() {
    let folder = folder(5, 7);
    let opened = Opened::new(folder.path());
    let files = GrepRequest {
        wanted: Wanted::Files,
        ..GrepRequest::new(["needle"])
    };
    assert_eq!(rows(&opened, files).0, 5);
    let counts = GrepRequest {
        wanted: Wanted::Counts,
        ..GrepRequest::new(["e"])
    };
    let batch = opened.grep(counts).next(100).unwrap().unwrap();
    assert_eq!((batch.rows.line[0], batch.rows.offset[0]), (7, 21));
}

#[test]
fn a_cancelled_or_late_query_fails_with_its_code() {
    let folder = folder(3, 3);
    let opened = Opened::new(folder.path());
    let cancel = Cancel::new();
    let mut cursor = opened
        .index
        .grep(GrepRequest::new(["needle"]), cancel.clone())
        .unwrap();
    cancel.cancel();
    assert_eq!(cursor.next(1).err().unwrap().code, Code::Aborted);
    let late = Cancel::with_deadline(Some(Instant::now()));
    let outcome = opened
        .index
        .grep(GrepRequest::new(["needle"]), late)
        .and_then(|mut cursor| cursor.next(1));
    assert_eq!(outcome.err().unwrap().code, Code::Timeout);
}

#[test]
fn a_closed_index_answers_nothing_more() {
    let folder = folder(3, 3);
    let opened = Opened::new(folder.path());
    let mut cursor = opened.grep(GrepRequest::new(["needle"]));
    opened.index.close().unwrap();
    assert_eq!(cursor.next(1).err().unwrap().code, Code::Closed);
    let again = opened.index.grep(GrepRequest::new(["needle"]), Cancel::new());
    assert_eq!(again.err().unwrap().code, Code::Closed);
    opened.index.close().unwrap();
}
