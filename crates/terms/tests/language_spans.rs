//! Spans of time and levels: what is written, what is meant, what is refused.

use proptest::prelude::*;
use quern_terms::language::{Kind, Moment, Operator, Syntax, TimeSpan, parse};

/// The only clause of a query, read strictly.
fn read(query: &str) -> Kind {
    let syntax = Syntax {
        strict: true,
        ..Syntax::default()
    };
    let parsed = parse(query, &syntax).unwrap_or_else(|error| panic!("{query}: {error}"));
    parsed.clause.unwrap().kind
}

fn time(query: &str) -> TimeSpan {
    match read(query) {
        Kind::Time(span) => span,
        other => panic!("{query}: {other:?}"),
    }
}

#[test]
fn spans_have_one_canonical_form() {
    let rows = [
        (
            "time:2015-07-29",
            "time:[2015-07-29T00:00:00Z TO 2015-07-30T00:00:00Z}",
        ),
        (
            "time:2015-12",
            "time:[2015-12-01T00:00:00Z TO 2016-01-01T00:00:00Z}",
        ),
        (
            "time:2016-02",
            "time:[2016-02-01T00:00:00Z TO 2016-03-01T00:00:00Z}",
        ),
        ("time:2016", "time:[2016-01-01T00:00:00Z TO 2017-01-01T00:00:00Z}"),
        (
            "TIME:2015-07-29T17",
            "time:[2015-07-29T17:00:00Z TO 2015-07-29T18:00:00Z}",
        ),
        (
            "time:2015-07-29T17:41",
            "time:[2015-07-29T17:41:00Z TO 2015-07-29T17:42:00Z}",
        ),
        (
            "time:2015-07-29T17:41:59",
            "time:[2015-07-29T17:41:59Z TO 2015-07-29T17:42:00Z}",
        ),
        (
            "time:2015-07-29T17:41:44.7",
            "time:[2015-07-29T17:41:44.700Z TO 2015-07-29T17:41:44.800Z}",
        ),
        (
            "time:2015-07-29T17:41:44.747123",
            "time:[2015-07-29T17:41:44.747Z TO 2015-07-29T17:41:44.748Z}",
        ),
        (
            "time:2015-07-29T17:41:44,74Z",
            "time:[2015-07-29T17:41:44.740Z TO 2015-07-29T17:41:44.750Z}",
        ),
        (
            "time:2015-07-29T00:30+02:00",
            "time:[2015-07-28T22:30:00Z TO 2015-07-28T22:31:00Z}",
        ),
        (
            "time:2015-07-29T00-0530",
            "time:[2015-07-29T05:30:00Z TO 2015-07-29T06:30:00Z}",
        ),
        (
            "time:2015-07-29T00:00+01",
            "time:[2015-07-28T23:00:00Z TO 2015-07-28T23:01:00Z}",
        ),
        (
            "time:\"2015-07-29 17:41\"",
            "time:[2015-07-29T17:41:00Z TO 2015-07-29T17:42:00Z}",
        ),
        (
            "time:[2015 TO 2016]",
            "time:[2015-01-01T00:00:00Z TO 2017-01-01T00:00:00Z}",
        ),
        (
            "time:{2015 TO 2017}",
            "time:[2016-01-01T00:00:00Z TO 2017-01-01T00:00:00Z}",
        ),
        (
            "time:[2015-07-29T17:00 TO 2015-07-29 18:00}",
            "time:[2015-07-29T17:00:00Z TO 2015-07-29T18:00:00Z}",
        ),
        ("time:[ 2015  TO  * ]", "time:[2015-01-01T00:00:00Z TO *]"),
        ("time:>=2015", "time:[2015-01-01T00:00:00Z TO *]"),
        ("time:>2015", "time:[2016-01-01T00:00:00Z TO *]"),
        ("time:<=2015", "time:[* TO 2016-01-01T00:00:00Z}"),
        ("time:<2015", "time:[* TO 2015-01-01T00:00:00Z}"),
        ("time:*", "time:[* TO *]"),
        ("time:[now-2h TO now]", "time:[now-2h TO now]"),
        (
            "time:{now-120m TO now+1d}",
            "time:[now-7199999ms TO now+86399999ms]",
        ),
        ("time:>now-14d", "time:[now-1209599999ms TO *]"),
        ("time:>=now-14d", "time:[now-2w TO *]"),
        ("time:<=now-0s", "time:[* TO now]"),
        ("time:[2015 TO now-90s]", "time:[2015-01-01T00:00:00Z TO now-90s]"),
        ("level:error", "level:error"),
        ("level:WARNING", "level:warn"),
        ("level:>=warn", "level:>=warn"),
        ("level:>warn", "level:>=error"),
        ("level:>error", "level:fatal"),
        ("level:<info", "level:<=debug"),
        ("level:<=trace", "level:trace"),
        ("level:*", "level:>=trace"),
        ("level:[debug TO warn}", "level:[debug TO notice]"),
        ("level:\"error\"", "level:error"),
    ];
    for (query, canonical) in rows {
        let kind = read(query);
        assert_eq!(kind.to_string(), canonical, "{query}");
        assert_eq!(read(canonical), kind, "{query}");
    }
}

#[test]
fn now_is_when_the_query_is_asked() {
    assert_eq!(time("time:[now-2h TO now]").at(10_000_000), 2_800_000..10_000_001);
    assert_eq!(time("time:*").at(7), i64::MIN..i64::MAX);
    assert_eq!(time("time:>=now+1s").at(i64::MAX - 1), i64::MAX..i64::MAX);
    assert!(time("time:>=now").moves() && time("time:<now").moves());
    assert!(!time("time:2015").moves() && !time("time:*").moves());
}

#[test]
fn spans_are_required_without_a_sign() {
    let all = |query: &str| read(query).to_string();
    assert_eq!(
        all("a time:2015 b"),
        "time:[2015-01-01T00:00:00Z TO 2016-01-01T00:00:00Z} a b"
    );
    assert_eq!(all("-level:debug a"), "a -level:debug");
    assert_eq!(all("NOT level:<info"), "-level:<=debug");
    assert_eq!(
        all("(level:error OR time:>=now-1h) a"),
        "(level:error) (time:[now-1h TO *]) a"
    );
}

/// The text at fault, and what both parsers say about it.
fn refused(query: &str) -> (String, String) {
    let read = |strict| {
        let syntax = Syntax {
            strict,
            operator: Operator::All,
            ..Syntax::default()
        };
        let error = parse(query, &syntax).expect_err(query);
        (query[error.span.clone()].to_owned(), error.to_string())
    };
    assert_eq!(read(true), read(false));
    read(true)
}

#[test]
fn what_there_is_not_is_refused_where_it_is() {
    let time = "write 2015-07-29, 2015-07-29T17:41, now or now-2h, or quote the text with its colon";
    let rows = [
        ("a time:10 b", "10", "it is written as no time is"),
        (
            "time:[2015 TO 2015-13]",
            "2015-13",
            "its month is none of 01 to 12",
        ),
        ("time:2015-02-29", "2015-02-29", "there is no such day"),
        (
            "time:2015-02-28T24",
            "2015-02-28T24",
            "its hour is none of 00 to 23",
        ),
        (
            "time:2015-02-28T23:60",
            "2015-02-28T23:60",
            "its minute is none of 00 to 59",
        ),
        (
            "time:2015-02-28T23:59:60",
            "2015-02-28T23:59:60",
            "its second is none of 00 to 59",
        ),
        (
            "time:2015-02-28T23:59:59.",
            "2015-02-28T23:59:59.",
            "a fraction has one to nine digits",
        ),
        (
            "time:2015-02-28T23+15:00",
            "2015-02-28T23+15:00",
            "its zone is none of -14:00 to +14:00",
        ),
        (
            "time:2015-02-28T23+14:60",
            "2015-02-28T23+14:60",
            "its zone is none of -14:00 to +14:00",
        ),
        ("time:2015-02-28x", "2015-02-28x", "it is written as no time is"),
        ("time:2015-2", "2015-2", "it is written as no time is"),
        ("time:é", "é", "it is written as no time is"),
        ("time:9999", "9999", "its year is none of 0000 to 9998"),
        (
            "time:0000-01-01T00+01",
            "0000-01-01T00+01",
            "its year is none of 0000 to 9998",
        ),
        (
            "time:>=now-2",
            "now-2",
            "behind `now`, w, d, h, m, s and ms are units",
        ),
        ("time:now-h", "now-h", "it is written as no time is"),
        ("time:now2h", "now2h", "it is written as no time is"),
        (
            "time:now-99999999999999999999w",
            "now-99999999999999999999w",
            "that is too far from now",
        ),
        (
            "time:now-999999999999999999w",
            "now-999999999999999999w",
            "that is too far from now",
        ),
    ];
    for (query, at, reason) in rows {
        let message = format!("'{at}' is no time, {reason}: {time}");
        assert_eq!(refused(query), (at.to_owned(), message), "{query}");
    }
    let levels = "use trace, debug, info, notice, warn, error or fatal";
    assert_eq!(
        refused("level:loud"),
        ("loud".to_owned(), format!("'loud' is no level: {levels}"))
    );
    let backward = "the span ends before it begins: write the earlier time, the lesser level or the smaller number first";
    for (query, at) in [
        ("time:[2016 TO 2015]", "[2016 TO 2015]"),
        ("time:{2015 TO 2015}", "{2015 TO 2015}"),
        ("time:[now TO now-1h]", "[now TO now-1h]"),
        ("a level:[error TO warn]", "[error TO warn]"),
        ("level:>fatal", ">fatal"),
        ("level:<trace", "<trace"),
    ] {
        assert_eq!(refused(query), (at.to_owned(), backward.to_owned()), "{query}");
    }
    let ends = "the span has no two ends: write [A TO B], where * leaves an end open, or >=A, >A, <=B, <B";
    for (query, at) in [
        ("time:[2015]", "[2015]"),
        ("time:[ TO 2015]", "[ TO 2015]"),
        ("time:>=", ">="),
        ("level:[", "["),
    ] {
        let syntax = Syntax::default();
        let error = parse(query, &syntax).expect_err(query);
        assert_eq!(
            (&query[error.span.clone()], error.to_string()),
            (at, ends.to_owned()),
            "{query}"
        );
    }
}

/// A moment whose year can be written.
fn millis() -> impl Strategy<Value = i64> {
    -62_167_219_200_000i64..253_370_764_800_000
}

proptest! {
    /// A unit is what of its text is the beginning.
    #[test]
    fn a_unit_is_all_that_begins_so(at in millis(), length in prop::sample::select(vec![4usize, 7, 10, 13, 16, 19, 21, 22, 23])) {
        let shown = |at: i64| {
            let shown = Moment::At(at).to_string().replace('Z', "");
            if shown.len() == 19 { shown + ".000" } else { shown }
        };
        let text = shown(at)[..length].to_owned();
        let span = time(&format!("time:{text}"));
        let (Some(Moment::At(from)), Some(Moment::At(until))) = (span.from, span.until) else {
            panic!("{text}");
        };
        prop_assert!((from..until).contains(&at));
        prop_assert!(shown(from).starts_with(&text) && shown(until - 1).starts_with(&text));
        prop_assert!(!shown(from - 1).starts_with(&text) && !shown(until).starts_with(&text));
    }
}
