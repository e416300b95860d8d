//! Each mistake: refused by the strict parser, made the best of by the forgiving one; and the limits of both.

#[path = "language/tree.rs"]
#[allow(dead_code, reason = "shared with tests that walk trees")]
mod tree;

use quern_terms::language::{Syntax, SyntaxErrorKind, parse};
use tree::shown;

fn strict() -> Syntax {
    Syntax {
        strict: true,
        ..Syntax::default()
    }
}

/// The text at fault and what the strict parser says about it.
#[track_caller]
fn refused(query: &str, syntax: &Syntax) -> (String, String) {
    let error = parse(query, syntax).expect_err(query);
    (query[error.span.clone()].to_owned(), error.to_string())
}

/// What the forgiving parser reads, with the text and the message of each note.
#[track_caller]
fn forgiven(query: &str) -> (String, Vec<(&str, String)>) {
    let parsed = parse(query, &Syntax::default()).expect(query);
    let notes = parsed.notes.into_iter();
    (
        parsed.clause.as_ref().map_or_else(String::new, shown),
        notes.map(|note| (&query[note.span], note.message)).collect(),
    )
}

struct Mistake {
    query: &'static str,
    at: &'static str,
    error: &'static str,
    note: &'static str,
    tree: &'static str,
}

const MISTAKES: [Mistake; 25] = [
    Mistake {
        query: r#"a "b c"#,
        at: "\"",
        error: r#"the quote is not closed: add a " at its end, or write \" for the character"#,
        note: "the quote is not closed: taken as closed at the end",
        tree: "[+(phrase 'b c') a]",
    },
    Mistake {
        query: r#"-path:"b c"#,
        at: "\"",
        error: r#"the quote is not closed: add a " at its end, or write \" for the character"#,
        note: "the quote is not closed: taken as closed at the end",
        tree: "[-(path 'b c')]",
    },
    Mistake {
        query: r#"-"" a"#,
        at: r#""""#,
        error: "the phrase is empty: write a phrase between the quotes, or remove them",
        note: "the phrase is empty: left out",
        tree: "a",
    },
    Mistake {
        query: r#""a b"~2"#,
        at: "~",
        error: "text follows a closing quote: put white space between them",
        note: "text follows a closing quote: taken as the next term",
        tree: "[+(phrase 'a b') ~2]",
    },
    Mistake {
        query: "x -(a OR b",
        at: "(",
        error: r"the parenthesis is not closed: add a ) at its end, or write \( for the character",
        note: "the parenthesis is not closed: taken as closed at the end",
        tree: "[x -a -b]",
    },
    Mistake {
        query: "a) b",
        at: ")",
        error: r"the parenthesis closes none: remove it, or write \) for the character",
        note: "the parenthesis closes none: left out",
        tree: "[a b]",
    },
    Mistake {
        query: "-( ) a",
        at: "( )",
        error: "the group is empty: write a term between the parentheses, or remove them",
        note: "the group is empty: left out",
        tree: "a",
    },
    Mistake {
        query: "/usr/lib x",
        at: "/",
        error: r"the regular expression is not closed: end it with a / before white space, or write \/ for the character",
        note: "the regular expression is not closed: taken as text",
        tree: "[/usr/lib x]",
    },
    Mistake {
        query: "/re/i",
        at: "/",
        error: r"the regular expression is not closed: end it with a / before white space, or write \/ for the character",
        note: "the regular expression is not closed: taken as text",
        tree: "/re/i",
    },
    Mistake {
        query: "AND a",
        at: "AND",
        error: "AND lacks a term: write a term on both sides, or quote the word",
        note: "AND lacks a term: left out",
        tree: "a",
    },
    Mistake {
        query: "(a OR) b",
        at: "OR",
        error: "OR lacks a term: write a term on both sides, or quote the word",
        note: "OR lacks a term: left out",
        tree: "[a b]",
    },
    Mistake {
        query: "a OR AND b",
        at: "AND",
        error: "AND lacks a term: write a term on both sides, or quote the word",
        note: "AND lacks a term: left out",
        tree: "[a b]",
    },
    Mistake {
        query: "a NOT",
        at: "NOT",
        error: r"NOT lacks a term: write one behind it, or \NOT for the word",
        note: "NOT lacks a term: left out",
        tree: "a",
    },
    Mistake {
        query: "(a NOT) OR b",
        at: "NOT",
        error: r"NOT lacks a term: write one behind it, or \NOT for the word",
        note: "NOT lacks a term: left out",
        tree: "[a b]",
    },
    Mistake {
        query: "a NOT OR b",
        at: "NOT",
        error: r"NOT lacks a term: write one behind it, or \NOT for the word",
        note: "NOT lacks a term: left out",
        tree: "[a b]",
    },
    Mistake {
        query: "é word~9",
        at: "~9",
        error: "a word cannot have 9 edits: write ~0, ~1 or ~2, or quote the text",
        note: "a word cannot have 9 edits: taken as text",
        tree: "[é word~9]",
    },
    Mistake {
        query: "symbol:word~0.8",
        at: "~0.8",
        error: "a word cannot have 0.8 edits: write ~0, ~1 or ~2, or quote the text",
        note: "a word cannot have 0.8 edits: taken as text",
        tree: "(symbol word~0.8)",
    },
    Mistake {
        query: "a +http://x",
        at: "http:",
        error: "there is no field `http`: use path:, lang:, symbol:, time: or level:, or quote the text",
        note: "there is no field `http`: taken as text",
        tree: "[+http://x a]",
    },
    Mistake {
        query: r#"foo:"a b""#,
        at: "foo:",
        error: "there is no field `foo`: use path:, lang:, symbol:, time: or level:, or quote the text",
        note: "there is no field `foo`: taken as text",
        tree: "[+(phrase 'a b') foo:]",
    },
    Mistake {
        query: "NOT Path: a",
        at: "Path:",
        error: "the field `path` has no value: write one right behind the colon, or quote the text",
        note: "the field `path` has no value: left out",
        tree: "a",
    },
    Mistake {
        query: "symbol:* a",
        at: "symbol:*",
        error: "the field `symbol` has no value: write one right behind the colon, or quote the text",
        note: "the field `symbol` has no value: left out",
        tree: "a",
    },
    Mistake {
        query: "a time:[2015 TO *",
        at: "[",
        error: "the span is not closed: add a ] or } at its end",
        note: "the span is not closed: taken as closed at the end",
        tree: "[+(time [2015-01-01T00:00:00Z TO *]) a]",
    },
    Mistake {
        query: "level:[warn TO error]a",
        at: "a",
        error: "text follows the end of a span: put white space between them",
        note: "text follows the end of a span: taken as the next term",
        tree: "[+(level [warn TO error]) a]",
    },
    Mistake {
        query: "Level: a",
        at: "Level:",
        error: "the field `level` has no value: write one right behind the colon, or quote the text",
        note: "the field `level` has no value: left out",
        tree: "a",
    },
    Mistake {
        query: r#"a -time:"""#,
        at: r#"time:"""#,
        error: "the field `time` has no value: write one right behind the colon, or quote the text",
        note: "the field `time` has no value: left out",
        tree: "a",
    },
];

#[test]
fn the_strict_parser_refuses_them_where_they_are() {
    for Mistake { query, at, error, .. } in MISTAKES {
        assert_eq!(
            refused(query, &strict()),
            (at.to_owned(), error.to_owned()),
            "{query}"
        );
    }
}

#[test]
fn the_forgiving_parser_notes_them_where_they_are() {
    for Mistake {
        query,
        at,
        note,
        tree,
        ..
    } in MISTAKES
    {
        let expected = (tree.to_owned(), vec![(at, note.to_owned())]);
        assert_eq!(forgiven(query), expected, "{query}");
    }
}

#[test]
fn spans_tell_equal_text_apart() {
    let error = parse("(a) (b (c)", &strict()).unwrap_err();
    assert_eq!((error.span, error.kind), (4..5, SyntaxErrorKind::UnclosedGroup));
    let error = parse("a AND b AND", &strict()).unwrap_err();
    assert_eq!(error.span, 8..11);
}

#[test]
fn the_first_mistake_is_the_error() {
    assert_eq!(refused("foo:a b) word~9", &strict()).0, "foo:");
}

#[test]
fn notes_come_by_where_they_begin() {
    let (tree, notes) = forgiven(r#"( AND foo:a ( -lang: word~3 OR "x"#);
    let at: Vec<&str> = notes.iter().map(|(at, _)| *at).collect();
    assert_eq!(at, ["(", "AND", "foo:", "(", "lang:", "~3", "\""]);
    assert_eq!(tree, "[foo:a word~3 (phrase x)]");
}

#[test]
fn nothing_but_mistakes_is_empty() {
    for query in [
        "(",
        ")",
        "\"",
        "AND",
        "NOT",
        "()",
        "path:",
        "-symbol:*",
        "NOT NOT (",
    ] {
        let (tree, notes) = forgiven(query);
        assert_eq!(tree, "", "{query}");
        assert!(!notes.is_empty(), "{query}");
    }
}

#[test]
fn a_query_that_is_too_long() {
    for strict in [false, true] {
        let syntax = Syntax {
            strict,
            ..Syntax::default()
        };
        let query = "é".repeat(1 << 19);
        let error = parse(&query, &syntax).unwrap_err();
        assert_eq!(error.span, 65_536..query.len());
        assert_eq!(
            error.to_string(),
            "the query has more than 65536 bytes: shorten the query or raise maxQueryBytes"
        );
        let odd = Syntax {
            max_bytes: 3,
            ..syntax.clone()
        };
        assert_eq!(parse("ééé", &odd).unwrap_err().span, 2..6);
        assert!(parse(&query[..65_536], &syntax).is_ok());
    }
}

#[test]
fn too_many_clauses() {
    for strict in [false, true] {
        let syntax = Syntax {
            strict,
            ..Syntax::default()
        };
        let error = parse(&"a ".repeat(10_000), &syntax).unwrap_err();
        assert_eq!(error.span, 2048..2049);
        assert_eq!(
            error.to_string(),
            "the query has more than 1024 clauses: shorten the query or raise maxClauses"
        );
        assert!(parse(&"a ".repeat(1024), &syntax).is_ok());
    }
}

#[test]
fn parentheses_that_are_nested_too_deep() {
    for strict in [false, true] {
        let syntax = Syntax {
            strict,
            ..Syntax::default()
        };
        let nested = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
        let error = parse(&nested(65), &syntax).unwrap_err();
        assert_eq!(error.span, 64..65);
        assert_eq!(
            error.to_string(),
            "the query is nested deeper than 64 levels: nest less or raise maxDepth"
        );
        assert!(parse(&nested(64), &syntax).is_ok());
    }
}

/// Each pair of parentheses of these makes two groups of the tree.
fn staircase(levels: usize) -> String {
    let mut query = "z".to_owned();
    for _ in 0..levels {
        query = format!("a OR b AND c ({query} x)");
    }
    query
}

#[test]
fn trees_that_are_nested_too_deep() {
    for (levels, fits) in [(1, true), (31, true), (32, false), (60, false)] {
        match parse(&staircase(levels), &strict()) {
            Ok(parsed) => {
                assert!(fits, "{levels}");
                let written = parsed.clause.unwrap().to_string();
                assert!(parse(&written, &strict()).is_ok(), "{written}");
            }
            Err(error) => {
                assert!(!fits, "{levels}: {error}");
                assert_eq!(error.kind, SyntaxErrorKind::TooDeep { limit: 64 });
            }
        }
    }
}

#[test]
fn depth_is_bounded_whatever_is_asked_for() {
    let syntax = Syntax {
        max_depth: usize::MAX,
        max_bytes: usize::MAX,
        ..Syntax::default()
    };
    let error = parse(&"(".repeat(1 << 20), &syntax).unwrap_err();
    assert_eq!(error.kind, SyntaxErrorKind::TooDeep { limit: 256 });
}

#[test]
fn limits_of_nothing_allow_nothing() {
    let none = Syntax {
        max_clauses: 0,
        max_depth: 0,
        max_bytes: 0,
        ..Syntax::default()
    };
    assert_eq!(parse("", &none).unwrap().clause, None);
    let wide = Syntax {
        max_bytes: 9,
        ..none.clone()
    };
    let kind = |query| parse(query, &wide).unwrap_err().kind;
    assert_eq!(kind("a"), SyntaxErrorKind::TooManyClauses { limit: 0 });
    assert_eq!(kind("(a)"), SyntaxErrorKind::TooDeep { limit: 0 });
    assert_eq!(
        parse("a", &none).unwrap_err().kind,
        SyntaxErrorKind::TooLong { limit: 0 }
    );
}
