//! The text that is read, against grep-searcher, and its windows, against naive models.

use std::io::{self, Read};

use grep_matcher::{Match, Matcher, NoCaptures, NoError};
use grep_searcher::{Searcher, SearcherBuilder, Sink, SinkMatch};
use proptest::collection::vec;
use proptest::prelude::*;
use quern_text::{Encoding, ErrorKind, Label, TextReader, decode, resolve_encoding, sniff};

/// Matches every line.
struct Anything;

impl Matcher for Anything {
    type Captures = NoCaptures;
    type Error = NoError;

    fn find_at(&self, _: &[u8], at: usize) -> Result<Option<Match>, NoError> {
        Ok(Some(Match::zero(at)))
    }

    fn new_captures(&self) -> Result<NoCaptures, NoError> {
        Ok(NoCaptures::new())
    }
}

struct Lines(Vec<u8>);

impl Sink for Lines {
    type Error = io::Error;

    fn matched(&mut self, _: &Searcher, line: &SinkMatch<'_>) -> Result<bool, io::Error> {
        assert_eq!(line.absolute_byte_offset(), self.0.len() as u64);
        self.0.extend_from_slice(line.bytes());
        Ok(true)
    }
}

/// What grep-searcher takes for the text of a file under ripgrep's `-E label`.
fn searched(bytes: &[u8], label: &str) -> Vec<u8> {
    let mut builder = SearcherBuilder::new();
    match label {
        "auto" => {}
        "none" => drop(builder.bom_sniffing(false)),
        _ => drop(builder.encoding(Some(grep_searcher::Encoding::new(label).unwrap()))),
    }
    let mut lines = Lines(Vec::new());
    builder
        .build()
        .search_reader(Anything, bytes, &mut lines)
        .unwrap();
    lines.0
}

fn read_all(reader: &mut TextReader, source: impl Read, label: Label) -> Result<Vec<u8>, (Vec<u8>, u64)> {
    let mut text = Vec::new();
    let mut windows = reader.open(source, None, label).unwrap();
    loop {
        match windows.next() {
            Ok(Some(window)) => {
                assert_eq!(window.offset, text.len() as u64);
                assert!(text.is_empty() || text.ends_with(b"\n"));
                text.extend_from_slice(window.text);
            }
            Ok(None) => return Ok(text),
            Err(error) => match error.kind() {
                ErrorKind::LineTooLong { offset, .. } => return Err((text, *offset)),
                other => panic!("{other:?}"),
            },
        }
    }
}

/// Gives a few bytes a call, and is interrupted before each.
struct Trickle<'a> {
    rest: &'a [u8],
    step: usize,
    calls: usize,
}

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.calls += 1;
        if self.calls % 2 == 1 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let count = self.step.min(buffer.len());
        self.rest.read(&mut buffer[..count])
    }
}

fn trickle(rest: &[u8], step: usize) -> Trickle<'_> {
    Trickle { rest, step, calls: 0 }
}

fn file_bytes() -> impl Strategy<Value = Vec<u8>> {
    let mark = prop_oneof![
        Just(&b""[..]),
        Just(&b"\xEF\xBB\xBF"[..]),
        Just(&b"\xFF\xFE"[..]),
        Just(&b"\xFE\xFF"[..]),
        Just(&b"\xEF\xBB"[..]),
        Just(&b"\xFF\xFE\xFF\xFE"[..]),
        Just(&b"\xEF\xBB\xBF\xEF\xBB\xBF"[..]),
    ];
    let byte = prop_oneof![
        4 => Just(b'\n'), 4 => Just(b'a'), 4 => Just(0u8), 1 => Just(0xD8u8), 1 => Just(0xDCu8), 2 => any::<u8>(),
    ];
    (mark, vec(byte, 0..60)).prop_map(|(mark, rest)| [mark, &rest].concat())
}

const LABELS: [&str; 9] = [
    "auto",
    "none",
    "utf-8",
    "latin1",
    "utf-16le",
    "utf-16be",
    "shift_jis",
    "gb18030",
    "iso-2022-jp",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn text_is_what_grep_searcher_searches(
        bytes in file_bytes(),
        label in proptest::sample::select(&LABELS[..]),
        window in 1usize..80,
        step in 1usize..8,
    ) {
        let resolved = resolve_encoding(label).unwrap();
        let expected = searched(&bytes, label);
        let mut decoded = Vec::new();
        decode(resolved, &bytes[..]).read_to_end(&mut decoded).unwrap();
        prop_assert_eq!(&decoded, &expected);
        let mut reader = TextReader::new(window, 1 << 20);
        prop_assert_eq!(read_all(&mut reader, &bytes[..], resolved), Ok(expected.clone()));
        prop_assert_eq!(read_all(&mut reader, trickle(&bytes, step), resolved), Ok(expected));
    }

    #[test]
    fn the_mark_decides_what_is_verbatim(bytes in file_bytes()) {
        let encoding = sniff(&bytes);
        prop_assert_eq!(sniff(&bytes[..bytes.len().min(3)]), encoding);
        if encoding.is_verbatim() {
            prop_assert_eq!(searched(&bytes, "auto"), &bytes[encoding.mark_len()..]);
        }
        let mut reader = TextReader::new(64, 64);
        let windows = reader.open(&bytes[..], None, Label::Auto).unwrap();
        prop_assert_eq!(windows.encoding(), encoding);
        prop_assert_eq!(Encoding::from_u8(encoding as u8), Some(encoding));
    }

    #[test]
    fn only_lines_beyond_the_limit_fail(
        lines in vec(0usize..50, 0..8),
        ends in any::<bool>(),
        wide in any::<bool>(),
        window in 1usize..60,
        max_line in 3usize..50,
        step in 1usize..40,
    ) {
        let mut text = lines.iter().map(|&length| "x".repeat(length)).collect::<Vec<_>>().join("\n");
        if ends {
            text.push('\n');
        }
        let mut bytes = text.clone().into_bytes();
        if wide {
            bytes = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            bytes.splice(0..0, *b"\xFF\xFE");
        }
        let too_long = text.split_inclusive('\n').scan(0, |end, line| {
            *end += line.len();
            Some((*end - line.len(), line.len()))
        }).find(|(_, length)| *length > max_line);
        let mut reader = TextReader::new(window, max_line);
        match read_all(&mut reader, trickle(&bytes, step), Label::Auto) {
            Ok(read) => {
                prop_assert_eq!(too_long, None);
                prop_assert_eq!(read, text.as_bytes());
            }
            Err((read, offset)) => {
                prop_assert_eq!(Some(offset), too_long.map(|(start, _)| start as u64));
                prop_assert!(text.as_bytes().starts_with(&read));
            }
        }
    }
}

/// Counts the reads.
struct Counted<'a>(&'a [u8], &'a std::cell::Cell<usize>);

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1.set(self.1.get() + 1);
        self.0.read(buffer)
    }
}

#[test]
fn a_small_file_costs_one_read() {
    let calls = std::cell::Cell::new(0);
    let mut reader = TextReader::default();
    let text = b"one\ntwo\n";
    let mut windows = reader.open(Counted(text, &calls), Some(8), Label::Auto).unwrap();
    assert_eq!(windows.next().unwrap().unwrap().text, text);
    assert!(windows.next().unwrap().is_none());
    assert_eq!(calls.get(), 1);
}

#[test]
fn a_wrong_size_changes_nothing() {
    let text = b"one\ntwo\nthree";
    for (window, size) in (3..20).flat_map(|window| (0..20).map(move |size| (window, size))) {
        let mut reader = TextReader::new(window, 64);
        let mut windows = reader.open(&text[..], Some(size), Label::Auto).unwrap();
        let mut read = Vec::new();
        while let Some(window) = windows.next().unwrap() {
            read.extend_from_slice(window.text);
        }
        assert_eq!(read, text, "window {window}, size {size}");
    }
}

#[test]
fn a_reader_goes_on_after_a_long_line() {
    let mut reader = TextReader::new(16, 1 << 20);
    let long = [vec![b'x'; 100_000], b"\nshort\n".to_vec()].concat();
    assert_eq!(read_all(&mut reader, &long[..], Label::Auto).unwrap(), long);
    assert_eq!(read_all(&mut reader, &b"a\nb"[..], Label::Auto).unwrap(), b"a\nb");
    let mut windows = reader
        .open(
            &b"0123456789\n0123456789\n0123456789\n01234"[..],
            None,
            Label::Auto,
        )
        .unwrap();
    assert_eq!(
        windows.next().unwrap().unwrap().text,
        b"0123456789\n",
        "the buffer is small again"
    );
}

/// The decoder by itself drops what it still has to say when a signal comes at the end of the file.
#[test]
fn an_interruption_at_the_end_loses_nothing() {
    let bytes = b"\xFF\xFEa\0b";
    for step in 1..6 {
        let mut text = String::new();
        decode(Label::Auto, trickle(bytes, step))
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, "a\u{FFFD}");
    }
}

/// The decoder by itself drops the rest of a last character that is read in parts.
#[test]
fn a_last_character_can_be_read_in_parts() {
    let mut text = decode(Label::Auto, &b"\xFF\xFE\xAC\x20\x0A"[..]);
    let mut read = Vec::new();
    let mut byte = [0];
    while text.read(&mut byte).unwrap() > 0 {
        read.extend(byte);
    }
    assert_eq!(read, "\u{20AC}\u{FFFD}".as_bytes());
}

#[test]
fn labels_are_ripgreps() {
    assert_eq!(resolve_encoding("auto").unwrap(), Label::Auto);
    assert_eq!(resolve_encoding("none").unwrap(), Label::None);
    assert_eq!(
        resolve_encoding("Latin1").unwrap(),
        Label::Named(encoding_rs::WINDOWS_1252)
    );
    for unknown in ["", "AUTO", "utf-7", "replacement"] {
        let error = resolve_encoding(unknown).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::UnknownEncoding(label) if label == unknown));
        assert!(grep_searcher::Encoding::new(unknown).is_err());
    }
}
