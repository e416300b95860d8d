//! Differences from ripgrep that were found by chance, each by its name.

use quern_engine::{GrepRequest, Wanted};
use quern_testkit::{Flags, Oracle};
use tempfile::TempDir;

use crate::convert;
use crate::opened::Opened;

fn compare(bytes: &[u8], pattern: &str, flags: &Flags) {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("a.txt"), bytes).unwrap();
    let opened = Opened::new(folder.path());
    let patterns = [pattern.to_owned()];
    let oracle = Oracle::new(&patterns, flags).unwrap();
    let request = GrepRequest {
        pattern: convert::pattern_options(&patterns, flags),
        search: convert::search_options(flags),
        ..GrepRequest::new([""])
    };
    let expected = oracle.search(bytes, false).unwrap().rows;
    let expected: Vec<_> = expected
        .into_iter()
        .map(|row| row.trimmed(flags.line_end()))
        .collect();
    let rows = opened
        .answer(request.clone())
        .0
        .into_iter()
        .flat_map(|(_, rows)| rows);
    assert_eq!(rows.collect::<Vec<_>>(), expected);
    let counts = GrepRequest {
        wanted: Wanted::Counts,
        ..request
    };
    let rows = opened.answer(counts).0.into_iter().flat_map(|(_, rows)| rows);
    let counts: Vec<_> = rows.map(|row| (row.line, row.offset)).collect();
    let expected = Some(oracle.counts(bytes, false)).filter(|(lines, _)| *lines > 0);
    assert_eq!(counts, Vec::from_iter(expected));
}

/// Half a character at the end of UTF-16 becomes a replacement character, which ripgrep's decoder may cut.
#[test]
fn utf16_that_ends_inside_a_character_multiline() {
    let flags = Flags {
        multiline: true,
        ..Flags::default()
    };
    compare(b"\xFE\xFF\0c\0a\0f\0\xE9\0\nx", "", &flags);
    compare(b"\xFE\xFF\0c\0a\0f\0\xE9\0\nx", "caf\u{E9}\n\u{FFFD}", &flags);
}
