//! Plans against ripgrep's own matcher: where a line matches, the naive gram set of its block satisfies the plan.
//!
//! Patterns are random, or mutations of real ones; texts are made of random samples of what the pattern may match,
//! cut up, mixed with noise and with the bytes that break things. `QUERN_PLAN_CASES` (pairs of a pattern and a text)
//! and `QUERN_PLAN_SEED` make longer runs.

#[path = "plan_sound/oracle.rs"]
mod oracle;
#[path = "plan_sound/patterns.rs"]
mod patterns;
#[path = "plan_sound/random.rs"]
mod random;
#[path = "plan_sound/texts.rs"]
mod texts;

use oracle::{Case, Flags, Lines};
use quern_grams::plan::PlanOptions;
use random::Random;

/// Texts that each pattern is tried on.
const TEXTS: usize = 12;

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Runs until `cases` pairs were compared; gives how many of them had a match under a plan that says something.
fn compare(seed: u64, cases: u64) -> u64 {
    let (mut done, mut telling, mut rounds) = (0, 0, 0);
    while done < cases {
        let mut random = Random::new(seed.wrapping_add(rounds));
        rounds += 1;
        assert!(rounds < cases + 1000, "hardly any pattern compiles");
        let Some(case) = Case::random(&mut random) else {
            continue;
        };
        for _ in 0..TEXTS {
            let text = texts::text(case.hirs(), &mut random);
            telling += u64::from(case.check(&text, &mut random));
            done += 1;
        }
    }
    telling
}

#[test]
fn plans_hold_where_lines_match() {
    let cases = from_environment("QUERN_PLAN_CASES").unwrap_or(20_000);
    let seed = from_environment("QUERN_PLAN_SEED").unwrap_or(1);
    let telling = compare(seed, cases);
    println!("{cases} cases, {telling} with a match under a plan that says something");
    assert!(
        telling * 20 > cases,
        "only {telling} of {cases} cases test anything"
    );
}

/// Anchors beside each kind of line end, in each mode: found or not found, the plan holds.
#[test]
fn anchors_hold_at_every_kind_of_line_end() {
    let patterns = [
        "^foo$",
        "foo$",
        "^foo",
        "o$",
        "^f",
        "(^|x)foo(x|$)",
        "(^|$)foo",
        "^*foo$*",
        "^?foo$?",
        "(^|)foo(|$)",
        "(^foo$)+",
        "^{2}foo${2}",
        "foo$\\s*^bar",
        "foo\\r$",
        "^\\rfoo",
        "foo\\r\\n^bar",
        "foo$\\nbar",
        "foo$\\r\\nbar",
        "foo\\r^bar",
        "foo$\\rbar",
        "o^b",
        "foo^$bar",
        "foo$^bar",
        "foo\\n$^\\nbar",
        "(?-m)^foo$",
        r"\Afoo",
        r"foo\z",
        r"\Afoo\z",
        "(?R)^foo$",
        "(?mR)foo$",
        "^$",
        "(?s)foo$.^bar",
        "(?s)^.foo.$",
        "[^a]foo[^a]",
        r"\sfoo\s",
        r"foo\s^bar",
        "é$",
        "^é",
        "A$",
        "^A_B$",
    ];
    let pieces = ["foo", "bar", "\n", "\r\n", "\r", "x", "é", "A_B", ""];
    let mut random = Random::new(7);
    let mut telling = 0;
    for pattern in patterns {
        for lines in [Lines::Within, Lines::Spanning, Lines::Nul] {
            for crlf in [false, true] {
                let flags = Flags {
                    lines,
                    crlf,
                    unicode: true,
                    ..Flags::default()
                };
                let options = PlanOptions {
                    line_anchors: lines != Lines::Nul,
                    crosses_lines: lines != Lines::Within,
                    ..PlanOptions::default()
                };
                let Some(case) = Case::new(vec![pattern.to_owned()], flags, options) else {
                    continue;
                };
                for number in 0..pieces.len().pow(3) {
                    let digit = |place: u32| pieces[number / pieces.len().pow(place) % pieces.len()];
                    let text = [digit(2), digit(1), digit(0)].concat();
                    telling += u64::from(case.check(text.as_bytes(), &mut random));
                }
            }
        }
    }
    assert!(telling > 2_000, "{telling}");
}
