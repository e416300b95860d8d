//! Ranked answers of an index that lives: after edits, flushes, merges and reopenings they are those of a fresh build.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use quern_engine::{
    Cancel, Change, Code, Freshness, Index, OpenOptions, Progress, SearchAnswer, SearchRequest,
    SuggestRequest, WatchOptions,
};
use quern_testkit::Rng;
use tempfile::TempDir;

use crate::opened::{Opened, options, try_open};

const WORDS: &[&str] = &[
    "alloc_page",
    "alloc_pages",
    "slab",
    "slabs",
    "cache",
    "kmemCache",
    "free",
    "lock",
    "unlock",
    "été",
    "struct",
];

fn text(rng: &mut Rng) -> String {
    let lines = 1 + rng.below(90);
    let line = |rng: &mut Rng| {
        let words: Vec<&str> = (0..rng.below(6)).map(|_| rng.pick(WORDS)).collect();
        words.join(" ")
    };
    let mut text = String::new();
    for number in 0..lines {
        if number % 30 == 7 {
            text.push_str(&format!("static int {}(void)\n{{\n", rng.pick(WORDS)));
        }
        text.push_str(&line(rng));
        text.push('\n');
    }
    text
}

fn search(index: &Index, query: &str) -> SearchAnswer {
    let request = SearchRequest {
        limit: 1000,
        fold: false,
        ..SearchRequest::new(query)
    };
    index.search(&request, &Cancel::new()).unwrap()
}

/// Path, line and score of every hit, in the order of their places.
fn found(answer: &SearchAnswer) -> Vec<(String, u64, f32)> {
    let mut found: Vec<_> = answer
        .hits
        .iter()
        .map(|hit| (String::from_utf8(hit.path.clone()).unwrap(), hit.line, hit.score))
        .collect();
    assert_eq!(found.len() as u64, answer.total);
    found.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    found
}

fn ranked(root: &Path) -> Opened {
    let opened = Opened::new(root);
    opened.index.rank(&Cancel::new()).unwrap();
    opened
}

const QUERIES: &[&str] = &[
    "slab",
    "alloc",
    "slab cache",
    "slab AND lock",
    "\"slab cache\"",
    "al*",
    "slub~",
    "symbol:alloc_page",
    "path:*.md free",
    "lang:c lock -free",
    "/^slab .*cache/ lock",
    "freeing",
];

fn as_fresh(index: &Index, root: &Path) {
    let fresh = ranked(root);
    for query in QUERIES {
        let (answer, expected) = (search(index, query), search(&fresh.index, query));
        assert!(answer.coverage.is_complete(), "{query}: {:?}", answer.coverage);
        let (found, expected) = (found(&answer), found(&expected));
        assert_eq!(found.len(), expected.len(), "{query}");
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!((&found.0, found.1), (&expected.0, expected.1), "{query}");
            assert!(
                (found.2 - expected.2).abs() <= 1e-4 * expected.2.max(1.0),
                "{query}: {found:?} {expected:?}"
            );
        }
    }
}

#[test]
fn after_changes_as_a_fresh_build() {
    let mut rng = Rng::new(5);
    let folder = TempDir::new().unwrap();
    let path = |number: usize| format!("f{number}.{}", ["c", "md", "txt"][number % 3]);
    for number in 0..20 {
        fs::write(folder.path().join(path(number)), text(&mut rng)).unwrap();
    }
    let mut opened = ranked(folder.path());
    let cancel = Cancel::new();
    for round in 0..40 {
        let name = path(rng.below(24));
        let file = folder.path().join(&name);
        if rng.one_in(5) {
            let _ = fs::remove_file(&file);
        } else {
            fs::write(&file, text(&mut rng)).unwrap();
        }
        opened = opened.live_on(&mut rng, &name);
        if round % 5 == 0 {
            opened.index.rank(&cancel).unwrap();
            as_fresh(&opened.index, folder.path());
        }
    }
    assert_eq!(opened.index.check(100, &cancel).unwrap().faults.len(), 0);
}

#[test]
fn what_is_given_is_found_at_once() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.txt"), "first words\n").unwrap();
    let opened = ranked(folder.path());
    let give = |text: &str| {
        let change = Change::Give {
            path: "a.txt".into(),
            text: text.into(),
        };
        opened.index.apply(vec![change], &Cancel::new()).unwrap();
    };
    give("other words\nand more\n");
    assert_eq!(search(&opened.index, "first").total, 0);
    let answer = search(&opened.index, "more");
    assert!(answer.coverage.is_complete());
    let snippet = answer.hits[0].snippet.as_ref().unwrap();
    assert_eq!((snippet.line, &*snippet.text), (1, "other words\nand more"));
    assert_eq!(&snippet.text[snippet.highlights[0].clone()], "more");
}

#[test]
fn before_terms_are_built_the_coverage_says_so() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.txt"), "some words\n").unwrap();
    let opened = Opened::new(folder.path());
    let answer = search(&opened.index, "words");
    if answer.total == 0 {
        assert!(!answer.coverage.is_complete());
        assert_eq!((answer.coverage.indexed, answer.coverage.ranked), (1, 0));
    }
    opened.index.rank(&Cancel::new()).unwrap();
    let answer = search(&opened.index, "words");
    assert_eq!((answer.total, answer.coverage.ranked), (1, 1));
    // Once somebody has asked, it stays so.
    let opened = opened.again(|_| {});
    assert_eq!(search(&opened.index, "words").total, 1);
}

#[test]
fn what_replaces_everything_before_anybody_searches_is_ranked_too() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.txt");
    fs::write(&path, "slab\n").unwrap();
    let opened = Opened::new(folder.path());
    fs::write(&path, "slab and cache\n").unwrap();
    let look = Change::Look { path: "a.txt".into() };
    opened.index.apply(vec![look], &Cancel::new()).unwrap();
    opened.index.rank(&Cancel::new()).unwrap();
    let answer = search(&opened.index, "cache");
    assert_eq!((answer.total, answer.coverage.is_complete()), (1, true));
}

#[test]
fn a_changed_file_is_told_and_has_no_snippet() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.txt"), "some words\n").unwrap();
    let opened = ranked(folder.path());
    fs::write(folder.path().join("a.txt"), "quite other words\n").unwrap();
    let answer = search(&opened.index, "some");
    assert_eq!((answer.total, answer.coverage.changed), (1, 1));
    assert_eq!(answer.hits[0].snippet, None);
}

/// How many passages have a word, in an answer of this freshness.
fn fresh(index: &Index, word: &str, freshness: Freshness) -> u64 {
    let request = SearchRequest {
        freshness,
        ..SearchRequest::new(word)
    };
    let answer = index.search(&request, &Cancel::new()).unwrap();
    assert!(answer.coverage.is_complete());
    assert_eq!(answer.coverage.freshness, freshness);
    answer.total
}

#[test]
fn a_verified_answer_has_what_has_just_changed() {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("a.txt", "some words\n");
    write("b.txt", "some words\n");
    let Opened { index, store } = ranked(folder.path());
    write("a.txt", "quite others\n");
    write("c.txt", "others\n");
    fs::remove_file(folder.path().join("b.txt")).unwrap();
    assert_eq!(fresh(&index, "words", Freshness::Snapshot), 2);
    assert_eq!(fresh(&index, "others", Freshness::Verified), 2);
    assert_eq!(fresh(&index, "words", Freshness::Snapshot), 0);
    write("d.txt", "othello\n");
    let request = SuggestRequest {
        freshness: Freshness::Verified,
        ..SuggestRequest::new("othe")
    };
    let suggested = index.suggest(&request, &Cancel::new()).unwrap();
    let suggested: Vec<_> = suggested.suggestions.iter().map(|found| &*found.text).collect();
    assert_eq!(suggested, ["others", "othello"]);
    drop(store);
}

#[test]
fn a_watched_answer_has_what_the_system_told_of() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.txt"), "some words\n").unwrap();
    let opened = ranked(folder.path());
    let request = SearchRequest {
        freshness: Freshness::Watched,
        ..SearchRequest::new("words")
    };
    let refused = opened.index.search(&request, &Cancel::new()).unwrap_err();
    assert_eq!(refused.code, Code::InvalidOption);
    // Whoever polls compares all of it in each query.
    let options = WatchOptions {
        poll: Some(true),
        ..WatchOptions::default()
    };
    let _watch = opened.index.watch(&options, &Cancel::new()).unwrap();
    fs::write(folder.path().join("a.txt"), "quite others\n").unwrap();
    assert_eq!(fresh(&opened.index, "words", Freshness::Watched), 0);
    assert_eq!(fresh(&opened.index, "others", Freshness::Watched), 1);
}

#[test]
fn other_options_than_those_of_the_store_are_answered_by() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.txt"), "some words\n").unwrap();
    fs::write(folder.path().join(".b.txt"), "some words\n").unwrap();
    let opened = ranked(folder.path());
    assert_eq!(fresh(&opened.index, "words", Freshness::Snapshot), 1);
    let opened = opened.again(|options: &mut OpenOptions| {
        options.walk.hidden = true;
        options.refresh = false;
    });
    opened.index.rank(&Cancel::new()).unwrap();
    let answer = search(&opened.index, "words");
    assert_eq!(
        (answer.total, answer.coverage.freshness),
        (2, Freshness::Verified)
    );
    assert_eq!(fresh(&opened.index, "words", Freshness::Snapshot), 2);
}

#[test]
fn a_query_that_is_refused_says_where() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.txt"), "some words\n").unwrap();
    let opened = ranked(folder.path());
    for query in ["lang:klingon", "path:[", "/(/"] {
        let error = opened
            .index
            .search(&SearchRequest::new(query), &Cancel::new())
            .err()
            .unwrap();
        assert!(
            matches!(error.code, Code::InvalidQuery | Code::InvalidPattern),
            "{query}: {error:?}"
        );
    }
    let long = SearchRequest::new("a.".repeat(2000));
    let error = opened.index.search(&long, &Cancel::new()).err().unwrap();
    assert!(
        error.code == Code::InvalidQuery && error.message.contains("maxClauses"),
        "{error:?}"
    );
    let stopped = Cancel::new();
    stopped.cancel();
    let error = opened
        .index
        .search(&SearchRequest::new("w* x~2"), &stopped)
        .err()
        .unwrap();
    assert_eq!(error.code, Code::Aborted);
    let mut strict = SearchRequest::new("\"open");
    strict.syntax.strict = true;
    let error = opened.index.search(&strict, &Cancel::new()).err().unwrap();
    assert_eq!(error.code, Code::InvalidQuery);
    assert_eq!(search(&opened.index, "\"some").total, 1, "people are forgiven");
}

#[test]
fn two_opens_share_what_is_ranked() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.txt"), "some words\n").unwrap();
    let opened = ranked(folder.path());
    let other = try_open(options(folder.path(), &opened.store)).unwrap();
    assert_eq!(search(&other, "words").total, 1);
}

/// Bytes of the terms of a closed index are changed one by one: an answer is right, or an error that names the damage.
#[test]
fn damaged_terms_are_told() {
    let folder = TempDir::new().unwrap();
    let mut rng = Rng::new(3);
    for number in 0..30 {
        fs::write(folder.path().join(format!("{number}.c")), text(&mut rng)).unwrap();
    }
    let opened = ranked(folder.path());
    let expected: Vec<_> = QUERIES
        .iter()
        .map(|query| found(&search(&opened.index, query)))
        .collect();
    opened.index.close().unwrap();
    let segments = opened.store.path().join("store/segments");
    let segment = fs::read_dir(segments).unwrap().next().unwrap().unwrap().path();
    let path = segment.join("terms");
    let whole = fs::read(&path).unwrap();
    let mut detected = 0;
    for _ in 0..150 {
        let mut damaged = whole.clone();
        damaged[rng.below(whole.len())] ^= 1 << rng.below(8);
        fs::write(&path, &damaged).unwrap();
        let asked = quern_engine::contained(|| {
            let options = quern_engine::OpenOptions {
                refresh: false,
                ..options(folder.path(), &opened.store)
            };
            let index = try_open(options)?;
            for (query, expected) in QUERIES.iter().zip(&expected) {
                let request = SearchRequest {
                    limit: 1000,
                    fold: false,
                    ..SearchRequest::new(*query)
                };
                assert_eq!(&found(&index.search(&request, &Cancel::new())?), expected);
            }
            Ok(())
        });
        if let Err(error) = asked {
            assert_eq!(error.code, Code::Corrupt, "{error:?}");
            detected += 1;
        }
    }
    assert!(detected > 75, "{detected}");
}

#[test]
fn a_phrase_over_the_end_of_a_passage_is_found_where_it_begins() {
    let folder = TempDir::new().unwrap();
    let lines: String = (1..=200)
        .map(|line| format!("begin{line} some words end{line}\n"))
        .collect();
    fs::write(folder.path().join("a.txt"), lines).unwrap();
    let opened = ranked(folder.path());
    assert!(search(&opened.index, "*").total > 4);
    for line in 1..200 {
        let answer = search(&opened.index, &format!("\"end{line} begin{}\"", line + 1));
        assert_eq!(answer.total, 1, "{line}");
        assert!(
            (answer.hits[0].line..answer.hits[0].line + 40).contains(&line),
            "{line}"
        );
    }
}

#[test]
fn terms_are_built_while_segments_come_and_go() {
    let folder = TempDir::new().unwrap();
    let mut rng = Rng::new(8);
    let path = |number: usize| format!("f{number}.c");
    for number in 0..30 {
        fs::write(folder.path().join(path(number)), text(&mut rng)).unwrap();
    }
    let opened = Opened::new(folder.path());
    let done = AtomicBool::new(false);
    let cancel = Cancel::new();
    std::thread::scope(|scope| {
        let ranking = scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                opened.index.rank(&cancel).unwrap();
            }
        });
        for _ in 0..60 {
            let name = path(rng.below(40));
            fs::write(folder.path().join(&name), text(&mut rng)).unwrap();
            match rng.below(4) {
                0 => drop(opened.index.compact(&cancel).unwrap()),
                1 => drop(opened.index.refresh(&Progress::default(), &cancel).unwrap()),
                _ => {
                    let look = Change::Look { path: name.into() };
                    opened.index.apply(vec![look], &cancel).unwrap();
                    opened.index.flush(&cancel).unwrap();
                }
            }
            search(&opened.index, "slab cache");
            if ranking.is_finished() {
                break;
            }
        }
        done.store(true, Ordering::Relaxed);
        ranking.join().unwrap();
    });
    opened.index.refresh(&Progress::default(), &cancel).unwrap();
    opened.index.rank(&cancel).unwrap();
    as_fresh(&opened.index, folder.path());
    assert_eq!(opened.index.check(100, &cancel).unwrap().faults.len(), 0);
}
