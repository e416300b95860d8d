//! Plans of patterns that are made to be large: within the bound, and still saying something where they can.

use quern_grams::plan::{MAX_GRAMS, PlanOptions, plan};
use quern_grams::query::Query;
use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;

fn hir(pattern: &str) -> Hir {
    ParserBuilder::new()
        .utf8(false)
        .multi_line(true)
        .build()
        .parse(pattern)
        .unwrap()
}

#[track_caller]
fn planned(patterns: &[String]) -> Query {
    let hirs: Vec<Hir> = patterns.iter().map(|pattern| hir(pattern)).collect();
    let query = plan(&hirs, &PlanOptions::default());
    assert!(query.grams() <= MAX_GRAMS, "{} grams", query.grams());
    query
}

/// `count` words that share little.
fn words(count: usize) -> Vec<String> {
    (0..count as u64)
        .map(|n| format!("{:010x}", (n + 1).wrapping_mul(0x9E37_79B9_7F4A) & 0xFF_FFFF_FFFF))
        .collect()
}

#[test]
fn a_long_literal_keeps_as_many_grams_as_fit() {
    let text: String = words(20_000).concat();
    let query = planned(&[text]);
    assert_eq!(query.grams(), MAX_GRAMS);
}

#[test]
fn many_words_keep_fewer_grams_each() {
    for count in [200, 300, 1000, 4000] {
        let Query::Or(parts) = planned(&words(count)) else {
            panic!("{count} words give no OR")
        };
        assert_eq!(parts.len(), count);
        let Query::Or(parts) = planned(&[words(count).join("|")]) else {
            panic!("{count} words give no OR")
        };
        assert_eq!(parts.len(), count);
    }
}

#[test]
fn too_many_words_require_nothing() {
    assert_eq!(planned(&words(20_000)), Query::All);
    assert_eq!(planned(&[words(10_000).join("|")]), Query::All);
}

#[test]
fn wide_classes_in_a_row_require_nothing() {
    for pattern in [
        r"\w{100}",
        r"(\w{10}){10}",
        r"(\w+\s?){50}",
        r"[^a]{1000}",
        r".*.*.*.*",
        r"\pL{100}",
    ] {
        assert_eq!(planned(&[pattern.to_owned()]), Query::All, "{pattern}");
    }
}

#[test]
fn words_stand_out_from_wide_classes() {
    for pattern in [
        r"\w{100}spinlock",
        r"(spinlock\w{10}){10}",
        r"[a-z]{50}spinlock",
        r"(?:[a-f][0-9]){40}spinlock",
    ] {
        let query = planned(&[pattern.to_owned()]);
        let Query::And(parts) = &query else {
            panic!("{pattern}: {query}")
        };
        let required = planned(&["spinlock".to_owned()]);
        let Query::And(word) = &required else {
            panic!("{required}")
        };
        assert!(word.iter().all(|gram| parts.contains(gram)), "{pattern}: {query}");
    }
}

#[test]
fn sets_that_would_explode_are_cut() {
    let patterns = [
        "[a-p]".repeat(500),
        "(?:[a-p]|x[0-9])".repeat(500),
        "(?i)".to_owned() + &"sk".repeat(500),
        "(?:foo|bar|[a-z])?".repeat(300),
        "(?:a|b|[c-z]{2,9}){2,9}".repeat(100),
        format!("{}a{}", "(?:".repeat(80), "|[bc]d){1,3}".repeat(80)),
        format!("{}a{}", "(".repeat(80), "[bc])+".repeat(80)),
    ];
    for pattern in patterns {
        planned(&[pattern]);
    }
}

#[test]
fn a_small_set_limit_weakens() {
    let hirs = [hir("[ab][cd]efg|[0-9]hij")];
    for set_limit in [0, 1, 2, 3, 10] {
        let query = plan(
            &hirs,
            &PlanOptions {
                set_limit,
                ..PlanOptions::default()
            },
        );
        assert_ne!(query, Query::None, "{set_limit}");
    }
}
