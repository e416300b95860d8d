//! Files that are larger than a segment, and lines that are larger than a block.

use std::fmt::Write;
use std::fs;

use quern_engine::{Freshness, GrepRequest, SearchOptions, Wanted};
use tempfile::TempDir;

use crate::opened::{Opened, options, try_open};

/// Text with many different grams, so that buffers fill quickly.
fn noise(lines: usize) -> String {
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut text = String::new();
    for line in 0..lines {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let _ = writeln!(
            text,
            "{line} {state:x} {:x} rare-{}",
            state.rotate_left(17),
            line % 9973
        );
    }
    text
}

#[test]
fn a_file_may_span_segments() {
    let folder = TempDir::new().unwrap();
    let text = noise(400_000);
    fs::write(folder.path().join("big.log"), &text).unwrap();
    fs::write(folder.path().join("small.txt"), "rare-77\n").unwrap();
    let store = TempDir::new().unwrap();
    let mut small = options(folder.path(), &store);
    small.memory = Some(24 << 20);
    let opened = Opened {
        index: try_open(small).unwrap(),
        store,
    };
    let stats = opened.index.stats().unwrap();
    assert!(stats.segments > 1, "{stats:?}");
    let expected: Vec<String> = text
        .lines()
        .enumerate()
        .filter(|(_, line)| line.ends_with("rare-77"))
        .map(|(number, line)| format!("big.log:{}:{line}", number + 1))
        .chain(["small.txt:1:rare-77".to_owned()])
        .collect();
    assert!(expected.len() > 40);
    for freshness in [Freshness::Snapshot, Freshness::Verified] {
        let (lines, coverage) = opened.lines("rare-77$", freshness);
        assert_eq!(lines, expected);
        assert!(coverage.complete);
    }
    let counts = GrepRequest {
        wanted: Wanted::Counts,
        sorted: true,
        ..GrepRequest::new(["rare-77$"])
    };
    let batch = opened.grep(counts).next(10).unwrap().unwrap();
    assert_eq!(batch.rows.line, [expected.len() as u64 - 1, 1]);
    let first = SearchOptions {
        max_count: Some(1),
        ..SearchOptions::default()
    };
    let (files, _) = opened.answer(GrepRequest {
        search: first,
        ..GrepRequest::new(["rare-77$"])
    });
    assert_eq!(
        files.iter().map(|(_, rows)| rows.len()).collect::<Vec<_>>(),
        [1, 1]
    );
}

#[test]
fn a_large_file_is_indexed_by_several_workers() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("big.log");
    let line = |number: usize| {
        format!(
            "{number} of the lines, as long as a line of a log may well be, rare-{}\n",
            number * 7919 % 100_003
        )
    };
    let text: String = (0..1_000_000).map(line).collect();
    assert!(text.len() > 64 << 20);
    fs::write(&path, &text).unwrap();
    let opened = Opened::new(folder.path());
    let build = opened.index.stats().unwrap().build.unwrap();
    assert_eq!((build.files, build.threads, build.error_count), (1, 2, 0));
    assert_eq!(opened.index.stats().unwrap().files, 1);
    let expected: Vec<String> = text
        .lines()
        .enumerate()
        .filter(|(_, line)| line.ends_with("rare-4711"))
        .map(|(number, line)| format!("big.log:{}:{line}", number + 1))
        .collect();
    assert!(expected.len() > 5);
    for freshness in [Freshness::Snapshot, Freshness::Verified] {
        assert_eq!(opened.lines("rare-4711$", freshness).0, expected);
    }
    fs::write(&path, "now just rare-4711\n").unwrap();
    for freshness in [Freshness::Snapshot, Freshness::Verified] {
        assert_eq!(
            opened.lines("rare-4711$", freshness).0,
            ["big.log:1:now just rare-4711"]
        );
    }
}

#[test]
fn a_changed_file_that_spans_segments_is_searched_once() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("big.log");
    fs::write(&path, noise(400_000)).unwrap();
    let store = TempDir::new().unwrap();
    let mut small = options(folder.path(), &store);
    small.memory = Some(24 << 20);
    let opened = Opened {
        index: try_open(small).unwrap(),
        store,
    };
    fs::write(&path, "now just rare-77\n").unwrap();
    for freshness in [Freshness::Snapshot, Freshness::Verified] {
        assert_eq!(
            opened.lines("rare-77$", freshness).0,
            ["big.log:1:now just rare-77"]
        );
    }
}

#[test]
fn a_line_may_be_longer_than_a_block_or_than_the_limit() {
    let folder = TempDir::new().unwrap();
    let long = "x".repeat(3 << 20);
    fs::write(
        folder.path().join("long.txt"),
        format!("first\n{long} needle {long}\nlast needle\n"),
    )
    .unwrap();
    let opened = Opened::new(folder.path());
    assert_eq!(opened.lines("needle", Freshness::Snapshot).0.len(), 2);
    let opened = opened.again(|options| options.max_line = 1 << 20);
    let (lines, coverage) = opened.lines("needle", Freshness::Snapshot);
    assert_eq!(lines.len(), 2, "a file that is not indexed is searched directly");
    assert!(coverage.complete);
    let build = opened.index.stats().unwrap().build;
    assert!(build.is_some());
}
