//! Plans of telling patterns, as text.

use quern_grams::plan::{PlanOptions, plan};
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

fn shown(pattern: &str) -> String {
    plan(&[hir(pattern)], &PlanOptions::default()).to_string()
}

#[track_caller]
fn check(table: &[(&str, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .map(|(pattern, expected)| (pattern, *expected, shown(pattern)))
        .filter(|(_, expected, found)| expected != found)
        .map(|(pattern, expected, found)| format!("{pattern}\n  expected {expected}\n  found    {found}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn literals_require_each_of_their_grams() {
    check(&[
        ("mutex_lock", "mut ute tex ex_ x_l _lo loc ock"),
        ("if", "everything"),
        ("", "everything"),
        ("aaaaaa", "aaa"),
        (r"kfree\(skb\)$", "kfr fre ree ee( e(s (sk skb kb) b)⏎"),
        (r"\bint\b", "int"),
        ("(st(ru)c)t", "str tru ruc uct"),
    ]);
}

#[test]
fn constants_require_capital_grams() {
    check(&[
        ("PM_RESUME", "PM_ M_R _RE RES ESU SUM UME"),
        ("E2BIG", "E2B 2BI BIG"),
        ("x2BIG", "x2b 2BI BIG"),
        ("(?i)pm_x|PM_X", "pm_ m_x"),
        ("TODO|FIXME|XXX", "FIX IXM XME | TOD ODO | XXX"),
    ]);
    let base_only = PlanOptions {
        capitals: false,
        high: false,
        ..PlanOptions::default()
    };
    assert_eq!(plan(&[hir("PM_Xé")], &base_only).to_string(), "pm_ m_x _x▸ x▸·");
}

#[test]
fn text_outside_ascii_requires_high_grams() {
    check(&[
        ("Müller", "#0cac #2e98 ·ll lle ler"),
        ("漢字", "#317e #009d #8d5a #ab4a"),
        ("[жЖ]", "everything"),
        ("x[жЖ]", "#9948 | #d259"),
        ("x[а-я]", "x▸·"),
        ("x[一-龥]", "x▸· ▸··"),
        (r"(?-u)[\xc3]\xbcx", "#9932"),
    ]);
}

#[test]
fn folded_letters_keep_their_characters_outside_ascii() {
    check(&[
        (
            "(?i)spinlock",
            "pin inl nlo loc ( spi | ▸·p ·pi ) ( ock | oc▸ c▸· #19d8 )",
        ),
        ("(?i-u)spinlock", "spi pin inl nlo loc ock"),
        (
            "(?i)жук",
            "( #7b9e #c492 | #8c68 #8e72 | #dd66 #5408 | #ee30 #1de8 ) \
             ( #49d9 #4cc1 | #49d9 #85d2 | #bf5e #82e1 | #bf5e #bbf2 )",
        ),
    ]);
}

#[test]
fn joints_are_required_across_classes_and_alternatives() {
    let errno = ('a'..='z')
        .map(|letter| format!("-e{letter}"))
        .collect::<Vec<_>>()
        .join(" | ");
    check(&[
        ("[ab]cd", "acd | bcd"),
        ("(foo|bar)+baz", "baz ( bar | foo ) ( arb rba | oob oba )"),
        ("(abc){2,5}", "abc bca cab"),
        ("https?://", "htt ttp :// ( tps ps: s:/ | tp: p:/ )"),
        (
            "return -E[A-Z]+;",
            &format!("ret etu tur urn rn␣ n␣- ␣-e ( {errno} )"),
        ),
        (
            r"struct\s+file_operations\s+\w+\s*=",
            "str tru ruc uct fil ile le_ e_o _op ope per era rat ati tio ion ons \
             ( ct␣ | ct▸ t▸· | ct⏎ ) ( ␣fi | ··f ·fi | ▸·f ·fi | ⏎fi ) ( ns␣ | ns▸ s▸· | ns⏎ )",
        ),
        (
            r"static\s+int\s+\w+_probe\(",
            "sta tat ati tic int _pr pro rob obe be( \
             ( ic␣ | ic▸ c▸· | ic⏎ ) ( ␣in | ··i ·in | ▸·i ·in | ⏎in ) ( nt␣ | nt▸ t▸· | nt⏎ )",
        ),
        (
            r"\w+_lock_irqsave\(&\w+->lock",
            "_lo loc ock ck_ k_i _ir irq rqs qsa sav ave ve( e(& ->l >lo",
        ),
    ]);
}

#[test]
fn what_need_not_be_there_is_not_required() {
    check(&[
        ("foo(bar)*baz", "foo baz"),
        ("foo.*bar", "foo bar"),
        ("(|foo)bar", "bar"),
        ("foo|foobar", "foo"),
        ("foo|.?", "everything"),
        ("[a&&b]", "nothing"),
        ("foo[a&&b]|bar", "bar"),
        ("(foo[a&&b])?bar", "bar"),
    ]);
    assert_eq!(plan(&[], &PlanOptions::default()).to_string(), "nothing");
}

#[test]
fn anchors_are_line_ends() {
    check(&[
        (
            "^static inline",
            "⏎st sta tat ati tic ic␣ c␣i ␣in inl nli lin ine",
        ),
        ("^$", "everything"),
        ("^a$", "⏎a⏎"),
        ("(^|x)foo", "foo ( xfo | ⏎fo )"),
        ("^*foo", "foo"),
        (r"foo\r?$", "foo oo⏎"),
        (r"foo\n^bar", "foo oo⏎ ⏎ba bar"),
        ("abc^def", "abc bc⏎ ⏎de def"),
    ]);
    let plain = PlanOptions {
        line_anchors: false,
        ..PlanOptions::default()
    };
    assert_eq!(plan(&[hir("^foo$")], &plain).to_string(), "foo");
}

#[test]
fn line_feeds_are_in_classes_only_if_lines_are_crossed() {
    let crossing = PlanOptions {
        crosses_lines: true,
        ..PlanOptions::default()
    };
    assert_eq!(
        plan(&[hir(r"foo[\n,]bar")], &crossing).to_string(),
        "foo bar ( oo, o,b ,ba | oo⏎ ⏎ba )"
    );
    assert_eq!(shown(r"foo[\n,]bar"), "foo oo, o,b ,ba bar");
}
