//! What queries mean.

#[path = "language/tree.rs"]
mod tree;

use quern_terms::language::{Operator, Syntax, parse};
use tree::shown;

#[track_caller]
fn read(query: &str, syntax: &Syntax) -> String {
    let parsed = parse(query, syntax).unwrap_or_else(|error| panic!("{query}: {error}"));
    assert_eq!(parsed.notes, [], "{query}");
    parsed.clause.map_or_else(String::new, |clause| shown(&clause))
}

/// Both parsers read each query as the tree beside it.
#[track_caller]
fn table(operator: Operator, rows: &[(&str, &str)]) {
    for strict in [true, false] {
        let syntax = Syntax {
            operator,
            strict,
            ..Syntax::default()
        };
        for (query, tree) in rows {
            assert_eq!(read(query, &syntax), *tree, "{query} (strict: {strict})");
        }
    }
}

#[test]
fn terms() {
    table(
        Operator::Any,
        &[
            ("", ""),
            (" \t\n\u{3000}", ""),
            ("slab", "slab"),
            ("*", "*"),
            ("pref*", "(prefix pref)"),
            ("word~", "(fuzzy word 1)"),
            ("word~0", "(fuzzy word 0)"),
            ("word~1", "(fuzzy word 1)"),
            ("word~2", "(fuzzy word 2)"),
            (r#""slab allocator""#, "(phrase 'slab allocator')"),
            (r#""a \"b\" \\ \d""#, r#"(phrase 'a "b" \ \d')"#),
            ("/re/", "(regex re)"),
            (r"/a b\/c\d\\/", r"(regex 'a b/c\d\\')"),
            ("path:mm/*.c", "(path 'mm/*.c')"),
            ("PATH:x", "(path x)"),
            (r#"path:"with space/*""#, "(path 'with space/*')"),
            (r"path:src\*(1).c", r"(path 'src\*(1).c')"),
            ("lang:C++", "(lang 'C++')"),
            (r#"Lang:"Visual Basic""#, "(lang 'Visual Basic')"),
            (r"lang:Visual\ Basic", "(lang 'Visual Basic')"),
            ("symbol:kmalloc", "(symbol kmalloc)"),
            ("symbol:kmaloc~2", "(symbol (fuzzy kmaloc 2))"),
            ("symbol:kma*", "(symbol (prefix kma))"),
            (r#"symbol:"slab cache""#, "(symbol (phrase 'slab cache'))"),
            ("symbol:std::vec", "(symbol std::vec)"),
            ("symbol:AND", "(symbol AND)"),
        ],
    );
}

#[test]
fn signs_and_sequences() {
    table(
        Operator::Any,
        &[
            ("a b", "[a b]"),
            ("+a b -c NOT d", "[+a b -c -d]"),
            ("a~ b* symbol:c (d e)", "[(fuzzy a 1) (prefix b) (symbol c) d e]"),
            (
                r#"a "b c" /d/ path:e lang:f"#,
                "[+(phrase 'b c') +(regex d) +(path e) +(lang f) a]",
            ),
            (
                r#"-"b c" -/d/ -path:e NOT lang:f"#,
                "[-(phrase 'b c') -(regex d) -(path e) -(lang f)]",
            ),
            ("-a", "[-a]"),
            ("* -a", "[* -a]"),
            ("+a", "a"),
            ("+(a b) c", "[+[a b] c]"),
            ("-(a b) c", "[c -a -b]"),
            ("-(+a +b) c", "[c -[+a +b]]"),
            ("NOT(a)", "[-a]"),
            (r#"NOT"a b""#, "[-(phrase 'a b')]"),
            ("NOT NOT a b", "[+a b]"),
            ("NOT -a b", "[+a b]"),
            ("NOT +a b", "[b -a]"),
            ("NOT NOT NOT a", "[-a]"),
            ("-(-a)", "[-[-a]]"),
            ("-NOT b", "[b -NOT]"),
            ("+AND b", "[+AND b]"),
        ],
    );
}

#[test]
fn operators_bind_from_loose_to_tight() {
    table(
        Operator::Any,
        &[
            ("a AND b", "[+a +b]"),
            ("a OR b", "[a b]"),
            ("a b AND c", "[+[a b] +c]"),
            ("a b OR c", "[a b c]"),
            ("a AND b OR c", "[[+a +b] c]"),
            ("a OR b AND c", "[a [+b +c]]"),
            ("a AND (b OR c)", "[+a +[b c]]"),
            ("a AND(b)", "[+a +b]"),
            ("a AND NOT b", "[+a -b]"),
            ("a AND -b", "[+a -b]"),
            ("a OR -b", "[a [-b]]"),
            ("NOT a AND NOT b", "[-a -b]"),
            (r#""a b" OR path:c"#, "[(phrase 'a b') (path c)]"),
            ("a path:b OR path:c", "[[+(path b) a] (path c)]"),
            ("a and b or c not", "[a and b or c not]"),
        ],
    );
}

#[test]
fn groups_are_flat_where_it_means_the_same() {
    table(
        Operator::Any,
        &[
            ("((a))", "a"),
            ("(a b) (c OR d)", "[a b c d]"),
            ("a AND (b AND (c AND d))", "[+a +b +c +d]"),
            ("+x (a AND b)", "[+x [+a +b]]"),
            ("(+a b) AND (+c d -e)", "[+a +c b d -e]"),
            ("a AND (b -c)", "[+a +[b -c]]"),
            ("+(-a) +b", "[+b -a]"),
            ("+(-a) b", "[+[-a] b]"),
            ("+(-a) +(-b)", "[-a -b]"),
            ("+(-a) +(-b) c", "[+[-a] +[-b] c]"),
            ("(+(-a) b) AND c", "[+c b -a]"),
            ("(+(-a) b) AND (+(-c) d)", "[+[-a] +[-c] b d]"),
            ("(a -b) c", "[[a -b] c]"),
            (r#"("a b") c"#, "[(phrase 'a b') c]"),
        ],
    );
}

#[test]
fn with_all_terms_without_a_sign_are_required() {
    table(
        Operator::All,
        &[
            ("a b~ -c", "[+a +(fuzzy b 1) -c]"),
            ("a b OR c", "[[+a +b] c]"),
            ("a (b OR c)", "[+a +[b c]]"),
            ("a (b c)", "[+a +b +c]"),
            (r#"a "b c""#, "[+a +(phrase 'b c')]"),
        ],
    );
}

#[test]
fn code_is_text() {
    table(
        Operator::Any,
        &[
            ("foo::bar() x", "['foo::bar()' x]"),
            ("(run main()) x", "[run 'main()' x]"),
            ("kmalloc( x", "['kmalloc(' x]"),
            ("std::vec 12:30 :x", "[std::vec 12:30 :x]"),
            ("src/foo/bar // a / b", "[src/foo/bar // a / b]"),
            ("/* *ptr a*b", "[(prefix /) '*ptr' 'a*b']"),
            ("--flag ->next x += 1 - -", "['--flag' '->next' x '+=' 1 '-' '-']"),
            ("a-b c+d", "['a-b' 'c+d']"),
            ("~/foo HEAD~x a~~", "[~/foo HEAD~x (fuzzy a~ 1)]"),
            (r#"say"hi there"#, r#"['say"hi' there]"#),
            ("ANDROID NOTE a.OR", "[ANDROID NOTE a.OR]"),
            ("(a /usr/)b", "[[+(regex usr) a] b]"),
        ],
    );
}

#[test]
fn backslashes_in_words() {
    table(
        Operator::Any,
        &[
            (r"slab\ cache", "'slab cache'"),
            (r"\+a \-b \(c \)d", "['+a' '-b' '(c' ')d']"),
            (r"a\* a\~ a\\*", r"['a*' a~ (prefix 'a\')]"),
            (r#"\"a b\""#, r#"['"a' 'b"']"#),
            (r"foo\:bar \/a/", "[foo:bar /a/]"),
            (r"\AND \OR \NOT \ANDROID", r"[AND OR NOT '\ANDROID']"),
            (r"\d+ C\new \", r"['\d+' 'C\new' '\']"),
            (r"-\=a -\>b", "[-=a ->b]"),
        ],
    );
}

#[test]
fn spans_are_bytes_of_the_query() {
    let query = "é +(a \"b\" OR symbol:c) -x";
    let clause = parse(query, &Syntax::default()).unwrap().clause.unwrap();
    let mut spans = Vec::new();
    tree::walk(&clause, &mut |clause| spans.push(&query[clause.span.clone()]));
    assert_eq!(
        spans,
        [
            query,
            "(a \"b\" OR symbol:c)",
            "a \"b\"",
            "\"b\"",
            "a",
            "symbol:c",
            "c",
            "é",
            "x"
        ]
    );
}
