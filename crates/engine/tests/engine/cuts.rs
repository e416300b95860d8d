//! An answer that a limit cut never looks whole.

use std::fs;

use quern_engine::{GrepRequest, Limit, SearchOptions};
use tempfile::TempDir;

use crate::opened::Opened;

fn folder(files: usize, lines: usize) -> TempDir {
    let folder = TempDir::new().unwrap();
    for file in 0..files {
        fs::write(
            folder.path().join(format!("{file}.txt")),
            "a needle in hay\n".repeat(lines),
        )
        .unwrap();
    }
    folder
}

#[test]
fn a_limit_that_ends_with_a_block_cuts_too() {
    let folder = folder(1, 3000);
    let opened = Opened::new(folder.path());
    for limit in 0..3000 {
        let mut cursor = opened.grep(GrepRequest {
            limit: Some(limit),
            ..GrepRequest::new(["needle"])
        });
        let rows = cursor
            .next(usize::MAX)
            .unwrap()
            .map_or(0, |batch| batch.rows.rows());
        let coverage = cursor.coverage();
        assert_eq!(
            (rows as u64, coverage.limit, coverage.complete),
            (limit, Some(Limit::Rows), false)
        );
    }
}

#[test]
fn a_batch_stays_within_the_memory_of_its_query() {
    let folder = folder(40, 1000);
    let opened = Opened::new(folder.path());
    let memory = 200 << 10;
    let mut cursor = opened.grep(GrepRequest {
        memory,
        ..GrepRequest::new(["needle"])
    });
    let mut rows = 0;
    while let Some(batch) = cursor.next(usize::MAX).unwrap() {
        assert!(batch.rows.bytes() <= 2 * memory, "{}", batch.rows.bytes());
        rows += batch.rows.rows();
    }
    assert_eq!(rows, 40_000);
}

#[test]
fn what_does_not_fit_into_the_memory_of_a_query_is_an_error_of_its_file() {
    let folder = TempDir::new().unwrap();
    fs::write(
        folder.path().join("large.txt"),
        "a needle\nin hay\n".repeat(1 << 17),
    )
    .unwrap();
    fs::write(folder.path().join("small.txt"), "a needle\nin hay\n").unwrap();
    let opened = Opened::new(folder.path());
    let mut cursor = opened.grep(GrepRequest {
        memory: 1 << 20,
        search: SearchOptions {
            multiline: true,
            ..SearchOptions::default()
        },
        pattern: quern_engine::PatternOptions {
            patterns: vec!["needle\nin".into()],
            multiline: true,
            ..quern_engine::PatternOptions::default()
        },
        ..GrepRequest::new([""])
    });
    let batch = cursor.next(usize::MAX).unwrap().unwrap();
    assert_eq!(batch.path, b"small.txt");
    let coverage = cursor.coverage();
    assert_eq!((coverage.complete, coverage.error_count), (false, 1));
    let path = coverage.errors[0].path.clone().unwrap();
    assert!(path.ends_with("large.txt"));
}
