//! What is refused and why; what the planner is told; which pattern a match came from.

use grep_matcher::Matcher;
use quern_matcher::{Case, ErrorKind, Pattern, PatternCache, PatternOptions};
use quern_testkit::{Flags, Rng, Shape, content, patterns};
use regex_automata::meta::Regex;

use crate::convert;

fn options(patterns: &[&str]) -> PatternOptions {
    PatternOptions {
        patterns: patterns.iter().map(|p| p.to_string()).collect(),
        ..PatternOptions::default()
    }
}

fn refused(options: &PatternOptions) -> (ErrorKind, String) {
    let error = Pattern::compile(options).unwrap_err();
    (error.kind().clone(), error.to_string())
}

#[test]
fn a_mistake_is_placed_in_its_pattern() {
    let (kind, message) = refused(&options(&["fine", "foo(bar"]));
    assert_eq!(
        kind,
        ErrorKind::Syntax {
            pattern: 1,
            offset: 3
        }
    );
    assert_eq!(
        message,
        "regex parse error:\n    foo(bar\n       ^\nerror: unclosed group"
    );
    let (kind, _) = refused(&options(&["日本[z-a]"]));
    assert_eq!(
        kind,
        ErrorKind::Syntax {
            pattern: 0,
            offset: 7
        }
    );
    let (kind, _) = refused(&options(&[r"a(?<n>b)", r"c(?<n>d)"]));
    assert_eq!(
        kind,
        ErrorKind::Syntax {
            pattern: 1,
            offset: 4
        }
    );
    let (kind, _) = refused(&options(&[r"\pÜ"]));
    assert!(matches!(kind, ErrorKind::Syntax { pattern: 0, .. }), "{kind:?}");
    let (kind, _) = refused(&options(&["(?=look)"]));
    assert!(
        matches!(
            kind,
            ErrorKind::Syntax {
                pattern: 0,
                offset: 0
            }
        ),
        "{kind:?}"
    );
    let (kind, _) = refused(&options(&[&"(".repeat(300)]));
    assert!(matches!(kind, ErrorKind::Syntax { pattern: 0, .. }), "{kind:?}");
}

#[test]
fn line_ends_and_nul_are_not_allowed() {
    for pattern in ["a\nb", r"a\nb", r"\n", r"(?i)A\x0A"] {
        assert_eq!(
            refused(&options(&[pattern])).0,
            ErrorKind::NotAllowed { literal: '\n' },
            "{pattern:?}"
        );
        assert!(
            Pattern::compile(&PatternOptions {
                multiline: true,
                ..options(&[pattern])
            })
            .is_ok()
        );
    }
    let crlf = PatternOptions {
        crlf: true,
        ..options(&[r"a\r"])
    };
    assert_eq!(refused(&crlf).0, ErrorKind::NotAllowed { literal: '\r' });
    assert_eq!(
        refused(&options(&[r"a\x00"])).0,
        ErrorKind::NotAllowed { literal: '\0' }
    );
    assert!(
        Pattern::compile(&PatternOptions {
            ban_nul: false,
            ..options(&[r"a\x00"])
        })
        .is_ok()
    );
    let null_data = PatternOptions {
        null_data: true,
        ..options(&[r"a\x00"])
    };
    assert_eq!(refused(&null_data).0, ErrorKind::NotAllowed { literal: '\0' });
    let error = Pattern::compile(&options(&["\n"])).unwrap_err();
    assert_eq!(error.to_string(), "the literal \"\\n\" is not allowed in a regex");
    assert!(error.suggestion().unwrap().contains("--multiline"));
}

#[test]
fn a_program_beyond_the_limit_is_refused() {
    let (kind, message) = refused(&options(&["((a{1000}){1000}){1000}"]));
    assert_eq!(kind, ErrorKind::TooLarge { limit: 100 << 20 });
    assert!(message.contains("104857600"), "{message}");
    let small = PatternOptions {
        size_limit: Some(10 << 20),
        ..options(&["(a{1000}){1000}"])
    };
    assert_eq!(refused(&small).0, ErrorKind::TooLarge { limit: 10 << 20 });
}

#[test]
fn no_patterns_match_nothing_and_an_empty_one_everything() {
    let none = Pattern::compile(&options(&[])).unwrap();
    assert!(none.hirs().is_empty());
    assert!(!none.matcher().is_match(b"").unwrap());
    let empty = Pattern::compile(&options(&[""])).unwrap();
    assert!(empty.matcher().is_match(b"").unwrap());
}

#[test]
fn patterns_that_only_stand_together_count_as_one() {
    let leaking = Pattern::compile(&options(&["a)(?i", "b"])).unwrap();
    assert_eq!(leaking.hirs().len(), 1);
    assert!(leaking.matcher().is_match(b"B").unwrap());
    assert!(
        Regex::builder()
            .build_from_hir(&leaking.hirs()[0])
            .unwrap()
            .is_match("B")
    );
    let comment = Pattern::compile(&options(&["(?x)a #", "\n(?:b)"])).unwrap();
    assert_eq!(comment.hirs().len(), 1);
    assert!(comment.matcher().is_match(b"ab").unwrap() && !comment.matcher().is_match(b"a").unwrap());
}

#[test]
fn smart_case_is_decided_over_all_patterns() {
    let smart = |patterns: &[&str]| {
        Pattern::compile(&PatternOptions {
            case: Case::Smart,
            ..options(patterns)
        })
        .unwrap()
    };
    assert!(smart(&["foo"]).matcher().is_match(b"FOO").unwrap());
    let mixed = smart(&["foo", "Bar"]);
    assert!(!mixed.matcher().is_match(b"FOO").unwrap());
    assert!(
        !Regex::builder()
            .build_from_hir(&mixed.hirs()[0])
            .unwrap()
            .is_match("FOO")
    );
}

/// The expressions, one by one, find a match in a line exactly when the matcher does, and the first of them that
/// matches at a place is the one a match there is attributed to.
#[test]
fn expressions_agree_with_the_matcher() {
    let mut attributed = [0u32; 3];
    for seed in 0..3000 {
        let mut rng = Rng::new(seed);
        let bytes = content(&mut rng, if seed % 2 == 0 { Shape::Broken } else { Shape::Ends });
        let flags = Flags {
            null_data: false,
            ..Flags::any(&mut rng)
        };
        let patterns = patterns(&mut rng, &bytes, &flags);
        let Ok(pattern) = Pattern::compile(&convert::pattern_options(&patterns, &flags)) else {
            continue;
        };
        let build = |hir| {
            Regex::builder()
                .configure(Regex::config().utf8_empty(false))
                .build_from_hir(hir)
                .unwrap()
        };
        let regexes: Vec<Regex> = pattern.hirs().iter().map(build).collect();
        for line in bytes.split(|&byte| byte == b'\n').take(40) {
            let line = if flags.crlf {
                line.strip_suffix(b"\r").unwrap_or(line)
            } else {
                line
            };
            let found = pattern.matcher().find(line).unwrap();
            let context = || {
                format!(
                    "seed {seed}, {patterns:?}, {flags:?}, {:?}",
                    String::from_utf8_lossy(line)
                )
            };
            assert_eq!(
                regexes.iter().any(|regex| regex.is_match(line)),
                found.is_some(),
                "{}",
                context()
            );
            let Some(found) = found else { continue };
            let at = |regex: &Regex| {
                let input = regex_automata::Input::new(line).range(found.start()..);
                regex
                    .find(input.anchored(regex_automata::Anchored::Yes))
                    .map(|m| m.range())
            };
            let which = pattern.which(line, found.start()..found.end()) as usize;
            let first = regexes.iter().position(|regex| at(regex).is_some());
            assert_eq!(first, Some(which), "{}", context());
            assert_eq!(
                at(&regexes[which]),
                Some(found.start()..found.end()),
                "{}",
                context()
            );
            attributed[which] += 1;
        }
    }
    assert!(attributed.iter().all(|&count| count > 50), "{attributed:?}");
}

/// With CRLF no match contains a carriage return, wherever it stands; so no expression may, or a match would be
/// attributed to a pattern that cannot have given it.
#[test]
fn expressions_do_not_match_line_ends() {
    let crlf = Pattern::compile(&PatternOptions {
        crlf: true,
        ..options(&[r"x[^a]+", r"x[^a]", "x"])
    })
    .unwrap();
    let regexes: Vec<Regex> = crlf
        .hirs()
        .iter()
        .map(|hir| Regex::builder().build_from_hir(hir).unwrap())
        .collect();
    assert!(!regexes[0].is_match("ax\ra") && regexes[2].is_match("ax\ra"));
    assert_eq!(crlf.matcher().find(b"ax\ra").unwrap().unwrap().end(), 2);
    assert_eq!(crlf.which(b"ax\ra", 1..2), 2);
    let lf = Pattern::compile(&options(&[r"[^a]"])).unwrap();
    assert!(
        !Regex::builder()
            .build_from_hir(&lf.hirs()[0])
            .unwrap()
            .is_match("\n")
    );
    let across = Pattern::compile(&PatternOptions {
        multiline: true,
        ..options(&[r"[^a]"])
    })
    .unwrap();
    assert!(
        Regex::builder()
            .build_from_hir(&across.hirs()[0])
            .unwrap()
            .is_match("\n")
    );
}

#[test]
fn the_cache_is_bounded_and_shares() {
    let cache = PatternCache::new(8, 1 << 20);
    let first = cache.get(&options(&["foo"])).unwrap();
    assert!(std::sync::Arc::ptr_eq(
        &first,
        &cache.get(&options(&["foo"])).unwrap()
    ));
    for index in 0..100 {
        cache.get(&options(&[&format!("foo{index}")])).unwrap();
    }
    assert!(cache.len() <= 8, "{}", cache.len());
    assert!(cache.get(&options(&["("])).is_err());
    let huge = options(&[r"\w{2000}"]);
    assert!(cache.get(&huge).is_ok() && cache.get(&huge).is_ok());
    assert!(cache.len() <= 8);
}
