//! Searching a file block by block gives what searching the file gives, wherever that is promised.

use proptest::prelude::*;
use quern_matcher::{Collector, Columns, Extras, Limits, Pattern, Place, SearchOptions, Searchers};
use quern_testkit::{Case, Flags, Rng, Shape, content, patterns};

use crate::convert;

/// The rows of `content`, held in memory as a whole.
fn at_once(pattern: &Pattern, options: &SearchOptions, content: &[u8]) -> Columns {
    let mut collector = Collector::new(pattern, Limits::default(), Extras::default());
    let mut searcher = options.searcher(false).unwrap();
    searcher
        .search_slice(pattern.matcher(), content, &mut collector)
        .unwrap();
    collector.take()
}

/// The rows of `content` in blocks that end at every line end whose offset `cut` accepts.
fn by_block(
    pattern: &Pattern,
    options: &SearchOptions,
    content: &[u8],
    mut cut: impl FnMut(usize) -> bool,
) -> Columns {
    let mut collector = Collector::new(pattern, Limits::default(), Extras::default());
    let mut searchers = Searchers::new(options).unwrap();
    let mut allowance = searchers.allowance();
    let (mut place, mut start) = (Place::START, 0);
    for end in 1..=content.len() {
        if end == content.len() || (content[end - 1] == b'\n' && cut(end)) {
            let text = &content[start..end];
            searchers
                .block(pattern, text, place, &mut allowance, &mut collector)
                .unwrap();
            place.line += text.iter().filter(|&&byte| byte == b'\n').count() as u64;
            place.offset += text.len() as u64;
            start = end;
        }
    }
    collector.take()
}

fn compare(seed: u64) -> Option<bool> {
    let mut rng = Rng::new(seed);
    let shapes: Vec<Shape> = Shape::ALL.into_iter().filter(|shape| shape.is_plain()).collect();
    let shape = rng.pick(&shapes);
    let bytes = content(&mut rng, shape);
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        return None;
    }
    let flags = Flags::any(&mut rng);
    let patterns = patterns(&mut rng, &bytes, &flags);
    let pattern = Pattern::compile(&convert::pattern_options(&patterns, &flags)).ok()?;
    let options = convert::search_options(&flags);
    if !pattern.by_block(&options) {
        return None;
    }
    let expected = at_once(&pattern, &options, &bytes);
    if pattern.needs_whole(&bytes, 0) {
        return None;
    }
    let every = rng.below(4) + 1;
    let found = by_block(&pattern, &options, &bytes, |_| rng.one_in(every));
    let context = format!("seed {seed}, {shape:?}, {patterns:?}, {flags:?}");
    assert_eq!(convert::rows(&found), convert::rows(&expected), "{context}");
    Some(!expected.is_empty())
}

#[test]
fn blocks_give_the_rows_of_the_file() {
    let compared: Vec<bool> = (0..6000).filter_map(compare).collect();
    let with_rows = compared.iter().filter(|&&rows| rows).count();
    println!("{} compared, {with_rows} with rows", compared.len());
    assert!(compared.len() > 1500 && with_rows > 700);
}

proptest! {
    /// Raw bytes, small patterns: what the generator of files would not think of.
    #[test]
    fn blocks_of_any_bytes(
        content in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(b'a'), 1u8..=255], 0..60),
        pattern in prop_oneof!["[ab^$.*\\\\b\\\\B]{0,6}", "\\^?\\PC{0,3}\\$?", Just("^$".to_owned()), Just(r"\s*".to_owned())],
        (crlf, invert, word, max) in (any::<bool>(), any::<bool>(), any::<bool>(), proptest::option::of(1u64..4)),
        seed in any::<u64>(),
    ) {
        let marks: [&[u8]; 3] = [b"\xEF\xBB\xBF", b"\xFF\xFE", b"\xFE\xFF"];
        prop_assume!(!marks.iter().any(|mark| content.starts_with(mark)));
        let flags = Flags { crlf, invert, word, max_count: max, case: Case::Insensitive, ..Flags::default() };
        let options = convert::search_options(&flags);
        let Ok(pattern) = Pattern::compile(&convert::pattern_options(&[pattern], &flags)) else { return Ok(()) };
        if !pattern.by_block(&options) {
            return Ok(());
        }
        prop_assume!(!pattern.needs_whole(&content, 0));
        let expected = at_once(&pattern, &options, &content);
        let mut rng = Rng::new(seed);
        let every = rng.below(4) + 1;
        let found = by_block(&pattern, &options, &content, |_| rng.one_in(every));
        prop_assert_eq!(found, expected);
    }
}

/// Behind "\n", a stray continuation byte is looked past by a word boundary; at the start of a text it is not.
#[test]
fn a_broken_character_at_the_start_of_a_line_needs_the_whole_file() {
    let flags = Flags {
        word: true,
        ..Flags::default()
    };
    let pattern = Pattern::compile(&convert::pattern_options(&[String::new()], &flags)).unwrap();
    let options = convert::search_options(&flags);
    assert_eq!(
        at_once(&pattern, &options, b"\n\x80\r\n").row(1).ranges,
        [1, 1, 2, 2]
    );
    assert_eq!(at_once(&pattern, &options, b"\x80\r\n").row(0).ranges, [2, 2]);
    assert!(pattern.needs_whole(b"\n\x80\r\n", 0));
    assert!(pattern.needs_whole(b"\x80\r\n", 1));
    assert!(!pattern.needs_whole(b"\x80\n\xC3\xA9", 0));
    let plain = Pattern::compile(&convert::pattern_options(&["a".to_owned()], &Flags::default())).unwrap();
    assert!(!plain.needs_whole(b"\n\x80", 1));
}

#[test]
fn what_depends_on_other_lines_is_refused() {
    let compile = |text: &str, flags: &Flags| {
        Pattern::compile(&convert::pattern_options(&[text.to_owned()], flags)).unwrap()
    };
    let plain = Flags::default();
    let refused = [
        (
            "foo",
            Flags {
                before: 1,
                ..plain.clone()
            },
        ),
        (
            "foo",
            Flags {
                after: 1,
                ..plain.clone()
            },
        ),
        (
            "foo",
            Flags {
                passthru: true,
                ..plain.clone()
            },
        ),
        (
            "foo",
            Flags {
                stop_on_nonmatch: true,
                ..plain.clone()
            },
        ),
        (
            "foo",
            Flags {
                null_data: true,
                ..plain.clone()
            },
        ),
        (
            "foo",
            Flags {
                encoding: Some("latin1".to_owned()),
                ..plain.clone()
            },
        ),
        (
            r"foo\nbar",
            Flags {
                multiline: true,
                ..plain.clone()
            },
        ),
        (r"\Afoo", plain.clone()),
        ("(?-m:^)foo", plain.clone()),
    ];
    for (text, flags) in &refused {
        assert!(
            !compile(text, flags).by_block(&convert::search_options(flags)),
            "{text} {flags:?}"
        );
    }
    let allowed = [
        ("^foo$", plain.clone()),
        (
            "foo",
            Flags {
                invert: true,
                max_count: Some(2),
                crlf: true,
                ..plain.clone()
            },
        ),
        (
            "foo",
            Flags {
                multiline: true,
                ..plain.clone()
            },
        ),
        (
            "foo",
            Flags {
                encoding: Some("none".to_owned()),
                ..plain.clone()
            },
        ),
    ];
    for (text, flags) in &allowed {
        assert!(
            compile(text, flags).by_block(&convert::search_options(flags)),
            "{text} {flags:?}"
        );
    }
}
