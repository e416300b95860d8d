//! What holds of any query and any tree.

#[path = "language/tree.rs"]
#[allow(dead_code, reason = "shared with tests that show trees")]
mod tree;

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use quern_terms::Number;
use quern_terms::language::{
    Clause, FieldNames, FieldTest, Kind, LevelSpan, Moment, NumberEnd, NumberSpan, Operator, Parsed, Syntax,
    SyntaxError, SyntaxErrorKind, TimeSpan, parse, parse_with,
};
use quern_text::Level;
use tree::walk;

const STRICT: Syntax = Syntax {
    operator: Operator::Any,
    strict: true,
    max_clauses: 1 << 20,
    max_depth: 64,
    max_bytes: 1 << 20,
};

fn clause(kind: Kind) -> Clause {
    Clause { kind, span: 0..0 }
}

fn without_spans(tree: &Clause) -> Clause {
    let each = |clauses: &[Clause]| clauses.iter().map(without_spans).collect();
    clause(match &tree.kind {
        Kind::Symbol(name) => Kind::Symbol(Box::new(without_spans(name))),
        Kind::Group { all, any, none } => Kind::Group {
            all: each(all),
            any: each(any),
            none: each(none),
        },
        kind => kind.clone(),
    })
}

/// Records have fields of these names.
struct Names;

impl FieldNames for Names {
    fn has(&self, name: &str) -> bool {
        ["foo", "a", "path", "a.b"].contains(&name)
    }

    fn near(&self, _: &str) -> Vec<String> {
        vec!["foo".to_owned()]
    }
}

/// A query, read about records.
fn read(query: &str, syntax: &Syntax) -> Result<Parsed, SyntaxError> {
    parse_with(query, syntax, &Names)
}

/// The strict reading of what the tree is written as.
fn read_back(tree: &Clause) -> Clause {
    let query = tree.to_string();
    let parsed = parse(&query, &STRICT).unwrap_or_else(|error| panic!("{query}: {error}"));
    assert_eq!(parsed.notes, []);
    without_spans(&parsed.clause.expect("a clause"))
}

/// Whether a text in which the given clauses match matches the tree; the meaning of groups, in one place.
fn matches(tree: &Clause, present: &BTreeSet<String>) -> bool {
    let holds = |clause: &Clause| matches(clause, present);
    match &tree.kind {
        Kind::Everything => true,
        Kind::Group { all, any, none } => {
            let optional = !all.is_empty() || any.is_empty() || any.iter().any(holds);
            all.iter().all(holds) && optional && !none.iter().any(holds)
        }
        kind => present.contains(&format!("{kind:?}")),
    }
}

/// The clauses that are no groups.
fn leaves(tree: &Clause) -> Vec<String> {
    let mut leaves = Vec::new();
    walk(tree, &mut |clause| {
        if !matches!(clause.kind, Kind::Group { .. }) {
            leaves.push(format!("{:?}", clause.kind));
        }
    });
    leaves.sort();
    leaves
}

/// Text of what means something to the language, and something else.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => "[a-c]",
        8 => "[\\\\\"()+*~:/=> -]",
        2 => proptest::sample::select(vec!["AND", "OR", "NOT", "path:", "lang:", "symbol:", "time:", "level:", "::", "~1", "\u{3000}"])
            .prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    vec(piece, 1..8).prop_map(|pieces| pieces.concat())
}

/// Text of an expression as a query can hold it: with its escapes complete, and none of them a slash's.
fn regex() -> impl Strategy<Value = String> {
    ("[a-c]", vec("[a-c/ )\"]|\\\\[a-c\\\\ ]", 0..6)).prop_map(|(first, rest)| first + &rest.concat())
}

fn word() -> impl Strategy<Value = Kind> {
    prop_oneof![
        text().prop_map(Kind::Word),
        proptest::sample::select(vec![
            "AND", "OR", "NOT", "\\AND", "AND x", "AND(", "*", "~", "a~1"
        ])
        .prop_map(|word| Kind::Word(word.to_owned())),
        (text(), 0u8..3).prop_map(|(word, edits)| Kind::Fuzzy { word, edits }),
        text().prop_map(Kind::Prefix),
        text().prop_map(Kind::Phrase),
    ]
}

fn moment() -> impl Strategy<Value = Moment> {
    prop_oneof![
        (-62_167_219_200_000i64..253_370_764_800_000).prop_map(Moment::At),
        (0i64..40_000_000).prop_map(|minutes| Moment::At(minutes * 60_000)),
        (
            -1_000_000i64..1_000_000,
            prop::sample::select(vec![1i64, 1000, 3_600_000])
        )
            .prop_map(|(number, unit)| Moment::Now(number * unit)),
    ]
}

/// A span that does not end before it begins.
fn time_span() -> impl Strategy<Value = TimeSpan> {
    (prop::option::of(moment()), prop::option::of(moment())).prop_map(|(from, until)| {
        let is_backward = match (from, until) {
            (Some(Moment::At(from)), Some(Moment::At(until))) => from > until,
            (Some(Moment::Now(from)), Some(Moment::Now(until))) => from > until,
            _ => false,
        };
        if is_backward {
            TimeSpan {
                from: until,
                until: from,
            }
        } else {
            TimeSpan { from, until }
        }
    })
}

fn number_end() -> impl Strategy<Value = NumberEnd> {
    let number = prop_oneof![
        any::<f64>().prop_filter("finite", |number| number.is_finite()),
        (-5i32..5).prop_map(f64::from),
    ];
    (number, any::<bool>()).prop_map(|(number, included)| NumberEnd {
        number: Number::from(number),
        included,
    })
}

fn field_test() -> impl Strategy<Value = FieldTest> {
    let numbers = (prop::option::of(number_end()), prop::option::of(number_end()));
    prop_oneof![
        Just(FieldTest::Present),
        text().prop_map(FieldTest::Value),
        text().prop_map(FieldTest::Prefix),
        numbers.prop_map(|(from, until)| {
            let is_backward =
                matches!((from, until), (Some(from), Some(until)) if from.number > until.number);
            let (from, until) = if is_backward { (until, from) } else { (from, until) };
            FieldTest::Numbers(NumberSpan { from, until })
        }),
    ]
}

fn leaf() -> impl Strategy<Value = Clause> {
    prop_oneof![
        Just(Kind::Everything),
        word(),
        regex().prop_map(Kind::Regex),
        text().prop_map(Kind::Path),
        text().prop_map(Kind::Language),
        ("[a-z@_][a-z.@-]{0,3}", field_test()).prop_map(|(name, test)| Kind::Field { name, test }),
        word().prop_map(|kind| Kind::Symbol(Box::new(clause(kind)))),
        time_span().prop_map(Kind::Time),
        (1u8..8, 1u8..8).prop_map(|(a, b)| Kind::Level(LevelSpan {
            from: Level::from_number(a.min(b)).unwrap(),
            to: Level::from_number(a.max(b)).unwrap(),
        })),
    ]
    .prop_map(clause)
}

/// Trees as code may build them: groups of any shape, flat or not.
fn nested(leaf: impl Strategy<Value = Clause> + 'static) -> impl Strategy<Value = Clause> {
    leaf.prop_recursive(4, 24, 6, |inner| {
        let side = || vec(inner.clone(), 0..3);
        (side(), side(), side())
            .prop_filter("no clause", |(all, any, none)| {
                all.len() + any.len() + none.len() > 0
            })
            .prop_map(|(all, any, none)| clause(Kind::Group { all, any, none }))
    })
}

/// Few different clauses, so that they meet.
fn letter() -> impl Strategy<Value = Clause> {
    prop_oneof![
        "[a-d]".prop_map(Kind::Word),
        "[ef]".prop_map(Kind::Phrase),
        Just(Kind::Everything),
    ]
    .prop_map(clause)
}

/// Queries of what the language is made of.
fn query() -> impl Strategy<Value = String> {
    let piece = proptest::sample::select(vec![
        "a",
        "b~",
        "c*",
        "*",
        "\"d e\"",
        "/f/",
        "path:g",
        "lang:h",
        "symbol:i",
        "(",
        ")",
        " ",
        " ",
        " ",
        "+",
        "-",
        " NOT ",
        " AND ",
        " OR ",
        "foo:",
        "\"",
        "/",
        "\\",
        "é",
        "~3",
        "path:",
        "time:2015",
        "time:>=now-1h",
        "level:",
        "level:[warn",
        " TO ",
        "*]",
        "}",
        ">error",
        "foo:*",
        "Foo:a",
        "a.b:",
        "field.",
        "field.path:a*",
        "foo:>=5",
        "bar:<-0.5",
        "foo:[1",
        "5}",
        "::",
    ]);
    vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Whether a query is refused for a time, a level or a number that there is not: no other mistake is an error.
fn is_no_span(error: &SyntaxError) -> bool {
    use SyntaxErrorKind::{Backward, Level, Number, Span, Time};
    matches!(
        error.kind,
        Time { .. } | Level { .. } | Number { .. } | Span | Backward
    )
}

fn check_spans(query: &str) {
    for operator in [Operator::Any, Operator::All] {
        let syntax = Syntax {
            operator,
            ..Syntax::default()
        };
        let parsed = match read(query, &syntax) {
            Ok(parsed) => parsed,
            Err(error) => return assert!(is_no_span(&error), "{error}"),
        };
        for note in &parsed.notes {
            assert!(query.get(note.span.clone()).is_some_and(|text| !text.is_empty()));
        }
        let Some(tree) = parsed.clause else { continue };
        walk(&tree, &mut |outer| {
            assert!(query.get(outer.span.clone()).is_some_and(|text| !text.is_empty()));
            walk(outer, &mut |inner| {
                assert!(outer.span.start <= inner.span.start && inner.span.end <= outer.span.end);
            });
        });
        assert_eq!(read_back(&tree), without_spans(&tree));
    }
}

/// Each subset of the clauses of two trees.
fn presences(tree: &Clause) -> Vec<BTreeSet<String>> {
    let mut names = leaves(tree);
    names.dedup();
    (0u32..1 << names.len())
        .map(|bits| {
            let chosen = names
                .iter()
                .enumerate()
                .filter(|(index, _)| bits >> index & 1 == 1);
            chosen.map(|(_, name)| name.clone()).collect()
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_string_is_a_query(text in any::<String>()) {
        check_spans(&text);
    }

    #[test]
    fn any_string_of_the_language_is_a_query(query in query()) {
        check_spans(&query);
    }

    #[test]
    fn what_the_strict_parser_accepts_both_read_alike(query in query()) {
        let forgiving = match read(&query, &Syntax { strict: false, ..STRICT }) {
            Ok(forgiving) => forgiving,
            Err(error) => {
                prop_assert!(is_no_span(&error) && read(&query, &STRICT).is_err(), "{}", error);
                return Ok(());
            }
        };
        match read(&query, &STRICT) {
            Ok(strict) => prop_assert_eq!(strict, forgiving),
            Err(error) => {
                prop_assert!(query.get(error.span.clone()).is_some_and(|text| !text.is_empty()));
                prop_assert!(forgiving.notes.iter().any(|note| note.span == error.span));
            }
        }
    }

    #[test]
    fn clauses_are_read_back(leaf in leaf()) {
        prop_assert_eq!(read_back(&leaf), leaf);
    }

    #[test]
    fn trees_are_read_back(tree in nested(leaf())) {
        let flat = read_back(&tree);
        prop_assert_eq!(leaves(&flat), leaves(&tree));
        prop_assert_eq!(read_back(&flat), flat);
    }

    #[test]
    fn flat_groups_mean_the_same(tree in nested(letter())) {
        let flat = read_back(&tree);
        for present in presences(&tree) {
            prop_assert_eq!(matches(&flat, &present), matches(&tree, &present), "{} with {:?}", tree, present);
        }
    }
}
