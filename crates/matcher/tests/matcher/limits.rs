//! A limit gives a clean beginning of the rows, and says where the rest begins.

use quern_matcher::{
    Collector, Columns, Extras, Limits, Pattern, PatternOptions, Place, SearchOptions, Searchers,
};

fn pattern(text: &str) -> Pattern {
    Pattern::compile(&PatternOptions {
        patterns: vec![text.to_owned()],
        ..PatternOptions::default()
    })
    .unwrap()
}

fn collect(
    pattern: &Pattern,
    options: &SearchOptions,
    limits: Limits,
    text: &str,
) -> (Columns, Option<Place>) {
    let extras = Extras {
        attribute: true,
        replace: Some(b"<$0>".to_vec()),
    };
    let mut collector = Collector::new(pattern, limits, extras);
    Searchers::new(options)
        .unwrap()
        .reader(pattern, text.as_bytes(), false, &mut collector)
        .unwrap();
    let truncated = collector.truncated();
    (collector.take(), truncated)
}

#[test]
fn every_limit_gives_a_prefix() {
    let text: String = (0..200)
        .map(|line| format!("{} foo foo {line}\n", "x".repeat(line % 37)))
        .collect();
    let text = text + "foo";
    let options = [
        SearchOptions::default(),
        SearchOptions {
            invert: true,
            ..SearchOptions::default()
        },
        SearchOptions {
            before: 1,
            after: 1,
            ..SearchOptions::default()
        },
        SearchOptions {
            passthru: true,
            ..SearchOptions::default()
        },
    ];
    for (options, pattern) in options
        .iter()
        .flat_map(|options| [(options, pattern("foo|5")), (options, pattern("9"))])
    {
        let (all, none) = collect(&pattern, options, Limits::default(), &text);
        assert_eq!(none, None);
        let by_rows = (0..all.rows() + 2).map(|rows| Limits {
            rows,
            ..Limits::default()
        });
        let by_bytes = (0..all.bytes() + 100).step_by(61).map(|bytes| Limits {
            bytes,
            ..Limits::default()
        });
        for limits in by_rows.chain(by_bytes) {
            let (some, truncated) = collect(&pattern, options, limits, &text);
            assert!(some.rows() <= limits.rows && some.bytes() <= limits.bytes);
            let mut prefix = Columns::default();
            prefix.append(&all, 0..some.rows());
            assert_eq!(some, prefix, "{limits:?}");
            let left_out = all.iter().skip(some.rows()).find(|row| row.line > 0);
            let place = left_out.map(|row| Place {
                line: row.line,
                offset: row.offset,
            });
            assert_eq!(truncated, place, "{limits:?}");
        }
    }
}

#[test]
fn matches_of_one_line_are_bounded_too() {
    let pattern = pattern("");
    let limits = Limits {
        bytes: 10_000,
        ..Limits::default()
    };
    let (none, truncated) = collect(&pattern, &SearchOptions::default(), limits, &"a".repeat(5000));
    assert_eq!((none.rows(), none.bytes(), truncated), (0, 0, Some(Place::START)));
}

#[test]
fn rows_can_be_put_together_again() {
    let pattern = pattern("o+");
    let (all, _) = collect(
        &pattern,
        &SearchOptions::default(),
        Limits::default(),
        "foo\nbar\no o\nno\n",
    );
    let mut parts = Columns::default();
    for row in 0..all.rows() {
        parts.append(&all, row..row + 1);
    }
    assert_eq!(parts, all);
    assert_eq!(all.row(1).ranges, [0, 1, 2, 3]);
    assert_eq!(all.row(1).replaced, Some(&b"<o> <o>"[..]));
    parts.truncate(1);
    assert_eq!((parts.rows(), parts.row(0).text), (1, &b"foo"[..]));
}
