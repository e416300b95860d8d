//! A regular expression that the query looks for in some places only finds what it finds anywhere, in those places.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use quern_engine::{Cancel, Index, Progress, SearchRequest};
use quern_testkit::Rng;
use tempfile::TempDir;

use crate::opened::Opened;

const PLACES: &[&str] = &[
    "path:*.log",
    "path:deep/",
    "lang:c",
    "lang:rust path:*.rs",
    "level:error",
    "level:>=info path:a.log",
    "time:[2015-07-29T00:10 TO 2015-07-29T00:11}",
    "time:2015-07-29T01 level:warn",
    "time:2016",
    "time:2016-01-01",
];
const PATTERNS: &[&str] = &[
    "/blk_[0-9]*7\\b/",
    "/line 1.*5$/",
    "/^[^ ]+ ERROR.*3$/",
    "/nowhere/",
];

/// Lines of a log, or of code.
fn lines(rng: &mut Rng, is_log: bool, count: usize) -> String {
    let mut text = String::new();
    for line in 0..count {
        let number = rng.below(1000);
        if is_log && !rng.one_in(9) {
            let [hour, minute, second] = [line / 3600 % 3, line / 60 % 60, line % 60];
            let level = rng.pick(&["INFO", "WARN", "ERROR", "DEBUG"]);
            text.push_str(&format!("2015-07-29T{hour:02}:{minute:02}:{second:02}Z {level} "));
        }
        text.push_str(&format!("line {line} of block blk_{number}\n"));
    }
    text
}

/// Path and line of every passage that answers.
fn found(index: &Index, query: &str) -> BTreeSet<(Vec<u8>, u64)> {
    let request = SearchRequest {
        limit: 1_000_000,
        fold: false,
        ..SearchRequest::new(query)
    };
    let answer = index.search(&request, &Cancel::new()).unwrap();
    assert!(answer.coverage.is_complete(), "{query}: {:?}", answer.coverage);
    answer.hits.into_iter().map(|hit| (hit.path, hit.line)).collect()
}

fn append(path: &Path, text: &str) {
    let mut file = OpenOptions::new().append(true).create(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

#[test]
fn places_narrow_what_a_regular_expression_finds_and_nothing_else() {
    let rng = &mut Rng::new(1);
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("deep")).unwrap();
    let names = ["a.log", "b.c", "c.rs", "deep/d.log", "deep/e.c", "f.md"];
    let write = |rng: &mut Rng, name: &str, count: usize| {
        let text = lines(rng, name.ends_with(".log"), count);
        append(&folder.path().join(name), &text);
    };
    // Two records of several blocks each, one behind the other.
    for day in 1..3 {
        let frames: String = (0..1700)
            .map(|frame| format!("    line {frame} of the stack blk_{day}7\n"))
            .collect();
        append(
            &folder.path().join("a.log"),
            &format!("2016-01-0{day}T00:00:00Z ERROR failed\n{frames}"),
        );
    }
    for name in names {
        let count = if name == "a.log" { 3000 } else { 200 };
        write(rng, name, count);
    }
    let opened = Opened::new(folder.path());
    opened.index.rank(&Cancel::new()).unwrap();
    for round in 0..2 {
        let alone = |query: &&str| found(&opened.index, query);
        let in_places: Vec<_> = PLACES.iter().map(alone).collect();
        let of_patterns: Vec<_> = PATTERNS.iter().map(alone).collect();
        let mut not_empty = 0;
        for (place, in_place) in PLACES.iter().zip(&in_places) {
            for (pattern, of_pattern) in PATTERNS.iter().zip(&of_patterns) {
                let both = found(&opened.index, &format!("{place} {pattern}"));
                assert_eq!(both, in_place & of_pattern, "{place} {pattern}, round {round}");
                not_empty += usize::from(!both.is_empty());
            }
        }
        assert!(not_empty > PLACES.len(), "{not_empty}");
        for name in names {
            if rng.one_in(2) {
                write(rng, name, 200);
            }
        }
        opened
            .index
            .refresh(&Progress::default(), &Cancel::new())
            .unwrap();
        opened.index.rank(&Cancel::new()).unwrap();
    }
}
