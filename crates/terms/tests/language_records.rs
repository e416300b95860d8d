//! Fields of records in queries: what is one, what is text, and what is refused.

#[path = "language/tree.rs"]
#[allow(dead_code, reason = "shared with tests that walk trees")]
mod tree;

use quern_terms::language::{FieldNames, Syntax, parse_with};
use tree::shown;

/// Records have fields of these names.
struct Names;

impl FieldNames for Names {
    fn has(&self, name: &str) -> bool {
        ["status", "user", "http.url", "@id", "url", "größe", "level"].contains(&name)
    }

    fn near(&self, name: &str) -> Vec<String> {
        match name {
            "statsu" => vec!["status".to_owned(), "user".to_owned()],
            _ => Vec::new(),
        }
    }
}

/// What both parsers read, without a note of the forgiving one.
#[track_caller]
fn read(query: &str) -> String {
    let [strict, forgiving] = [true, false].map(|strict| {
        let syntax = Syntax {
            strict,
            ..Syntax::default()
        };
        parse_with(query, &syntax, &Names).unwrap_or_else(|error| panic!("{query}: {error}"))
    });
    assert_eq!(strict, forgiving, "{query}");
    strict.clause.as_ref().map_or_else(String::new, shown)
}

#[test]
fn fields_that_records_have() {
    for (query, tree) in [
        ("status:500", "(field status 500)"),
        ("STATUS:500 x", "[+(field status 500) x]"),
        ("-user:alice +url:/a:b", "[+(field url /a:b) -(field user alice)]"),
        ("user:\"Alice \\\"B\\\"\"", "(field user \"Alice \\\"B\\\"\")"),
        ("user:al*", "(field user al*)"),
        ("user:\"al b\"*", "(field user \"al b\"*)"),
        (r"user:a\*", "(field user \"a*\")"),
        ("user:*", "(field user *)"),
        (
            "http.url:x @id:1 größe:2",
            "[+(field http.url x) +(field @id 1) +(field größe 2)]",
        ),
        ("status:>=500", "(field status >=500)"),
        (
            "status:>5e2 status:<-0.50",
            "[+(field status >500) +(field status <-0.5)]",
        ),
        ("status:[1 TO 5}", "(field status [1 TO 5})"),
        ("status:{* TO 5]", "(field status <=5)"),
        ("status:[* TO *]", "(field status [* TO *])"),
        ("status:-5", "(field status -5)"),
        ("user:AND", "(field user AND)"),
        (
            "(status:500 OR status:404) x",
            "[(field status 500) (field status 404) x]",
        ),
    ] {
        assert_eq!(read(query), tree, "{query}");
    }
}

#[test]
fn what_a_name_in_front_of_it_decides() {
    for (query, tree) in [
        ("field.path:/tmp", "(field path /tmp)"),
        ("Field.Level:x level:warn", "[+(field level x) +(level warn)]"),
        ("field.nowhere:x", "(field nowhere x)"),
        ("field.http://x", "(field http //x)"),
        ("field.field.x:1", "(field field.x 1)"),
    ] {
        assert_eq!(read(query), tree, "{query}");
    }
}

#[test]
fn what_is_text() {
    for query in [
        "std::vec",
        "status::x",
        "12:30",
        "http://x",
        "url://x",
        "a.b:c",
        "main.rs:12",
        "foo-bar:x",
        "x:",
        "field.:1",
        r"status\:500",
        "\"status:500\"",
        "café:x",
        "é",
        "status",
    ] {
        let forgiving = parse_with(query, &Syntax::default(), &Names).unwrap();
        let tree = forgiving.clause.as_ref().map_or_else(String::new, shown);
        assert!(!tree.contains("(field"), "{query}: {tree}");
    }
    for query in [
        "TODO:fix",
        "foo:[a",
        "foo:[1,2]",
        "foo:>x",
        "foo:<",
        "foo:[1 TO 2]x",
        "foo:{a TO b}",
        "foo:(a b)",
    ] {
        let forgiving = parse_with(query, &Syntax::default(), &Names).unwrap();
        let tree = forgiving.clause.as_ref().map_or_else(String::new, shown);
        assert!(!tree.contains("(field"), "{query}: {tree}");
        assert!(forgiving.notes[0].message.contains("taken as text"), "{query}");
    }
}

#[test]
fn mistakes() {
    for (query, error, note, tree) in [
        (
            "statsu:500",
            "there is no field `statsu`: did you mean status: or user:?",
            "there is no field `statsu`: taken as text",
            "statsu:500",
        ),
        (
            "statsu:>=500",
            "no record has a field `statsu`: did you mean status: or user:?",
            "no record has a field `statsu`: it finds nothing",
            "(field statsu >=500)",
        ),
        (
            "other:[1 TO 2] x",
            "no record has a field `other`: use the name of a field that records have",
            "no record has a field `other`: it finds nothing",
            "[+(field other [1 TO 2]) x]",
        ),
        (
            "user:",
            "the field `user` has no value: write one right behind the colon, or quote the text",
            "the field `user` has no value: left out",
            "",
        ),
        (
            "user:(a b)",
            "the field `user` has no value: write one right behind the colon, or quote the text",
            "the field `user` has no value: left out",
            "[a b]",
        ),
        (
            "user:\"a\"x",
            "text follows a closing quote: put white space between them",
            "text follows a closing quote: taken as the next term",
            "[+(field user a) x]",
        ),
        (
            "status:[1 TO 2]x",
            "text follows the end of a span: put white space between them",
            "text follows the end of a span: taken as the next term",
            "[+(field status [1 TO 2]) x]",
        ),
    ] {
        let strict = Syntax {
            strict: true,
            ..Syntax::default()
        };
        let refused = parse_with(query, &strict, &Names).expect_err(query);
        assert_eq!(refused.to_string(), error, "{query}");
        let forgiven = parse_with(query, &Syntax::default(), &Names).unwrap();
        assert_eq!(forgiven.notes[0].message, note, "{query}");
        assert_eq!(
            forgiven.clause.as_ref().map_or_else(String::new, shown),
            tree,
            "{query}"
        );
    }
}

#[test]
fn spans_that_are_none_are_refused() {
    for (query, at, error) in [
        (
            "user:>=alice",
            "alice",
            "'alice' is no number: write a number such as 500 or -0.5, or quote the text with its sign",
        ),
        (
            "status:[1 TO x]",
            "x",
            "'x' is no number: write a number such as 500 or -0.5, or quote the text with its sign",
        ),
        (
            "field.x:[1,2]",
            "[1,2]",
            "the span has no two ends: write [A TO B], where * leaves an end open, or >=A, >A, <=B, <B",
        ),
        (
            "status:>",
            ">",
            "the span has no two ends: write [A TO B], where * leaves an end open, or >=A, >A, <=B, <B",
        ),
        (
            "status:[5 TO 1]",
            "[5 TO 1]",
            "the span ends before it begins: write the earlier time, the lesser level or the smaller number first",
        ),
    ] {
        let refused = parse_with(query, &Syntax::default(), &Names).expect_err(query);
        assert_eq!(
            (&query[refused.span.clone()], &*refused.to_string()),
            (at, error),
            "{query}"
        );
    }
}
