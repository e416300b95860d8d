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

/// Whether a look-behind finds the line feed before stray continuation bytes depends on where ripgrep's buffer begins,
/// and the last line without terminator is always in one of its own.
#[test]
fn a_word_boundary_after_half_a_character_at_the_start_of_a_line() {
    let word = Flags {
        word: true,
        ..Flags::default()
    };
    compare(b"a\n\xAA", "", &word);
    compare(b"a\n\xAA\n\xAA b\n\xAA", "", &word);
    let multiline = Flags {
        multiline: true,
        ..word
    };
    compare(b"a\n\x8C/* int", "", &multiline);
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

/// grep-searcher 0.1.17 panics on this search of the first file; the second has its answer all the same.
#[test]
fn a_panic_is_one_files_error() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("a.txt"), "a\nFoo\nb\nc\nd\n").unwrap();
    std::fs::write(folder.path().join("b.txt"), "x\n").unwrap();
    let opened = Opened::new(folder.path());
    let flags = Flags {
        multiline: true,
        invert: true,
        after: 1,
        max_count: Some(1),
        ..Flags::default()
    };
    let request = GrepRequest {
        search: convert::search_options(&flags),
        pattern: convert::pattern_options(&["Foo\\s".to_owned()], &flags),
        ..GrepRequest::new([""])
    };
    let (files, coverage) = opened.answer(request);
    assert_eq!(
        files.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(),
        ["b.txt"]
    );
    assert_eq!((coverage.error_count, coverage.complete), (1, false));
    assert_eq!(coverage.errors[0].code, quern_engine::Code::Internal);
}
