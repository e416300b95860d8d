//! Clauses that hold for a file as a whole, compared with a look at every file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use quern_engine::{Cancel, Change, ClauseScope, Index, SearchRequest};
use quern_testkit::Rng;
use tempfile::TempDir;

use crate::opened::Opened;

/// Whether a file with a path and a text answers.
type Holds = fn(&str, &str) -> bool;

/// Queries with what they say of a file, and whether a line of it may be in a hit.
const QUERIES: &[(&str, Holds)] = &[
    ("+red +green", |_, text| has(text, "red") && has(text, "green")),
    ("red green", |_, text| has(text, "red") || has(text, "green")),
    ("+red -blue", |_, text| has(text, "red") && !has(text, "blue")),
    ("-blue", |_, text| !has(text, "blue")),
    ("+(red OR green) +blue", |_, text| {
        (has(text, "red") || has(text, "green")) && has(text, "blue")
    }),
    ("path:sub/ red green", |path, text| {
        path.starts_with("sub/") && (has(text, "red") || has(text, "green"))
    }),
    ("path:sub/", |path, _| path.starts_with("sub/")),
    ("+red -(green AND blue)", |_, text| {
        has(text, "red") && !(has(text, "green") && has(text, "blue"))
    }),
    ("/^gr..n$/ +blue", |_, text| {
        has(text, "green") && has(text, "blue")
    }),
];

fn has(text: &str, word: &str) -> bool {
    text.lines().any(|line| line == word)
}

fn assert_holds(index: &Index, files: &BTreeMap<String, String>) {
    for (query, holds) in QUERIES {
        let request = SearchRequest {
            scope: ClauseScope::File,
            limit: 10_000,
            fold: false,
            ..SearchRequest::new(*query)
        };
        let answer = index.search(&request, &Cancel::new()).unwrap();
        assert_eq!(answer.hits.len() as u64, answer.total, "{query}");
        let found = answer.hits.iter();
        let found: BTreeSet<&str> = found.map(|hit| str::from_utf8(&hit.path).unwrap()).collect();
        let expected = files.iter().filter(|(path, text)| holds(path, text));
        let expected: BTreeSet<&str> = expected.map(|(path, _)| &path[..]).collect();
        assert_eq!(found, expected, "{query}");
    }
}

#[test]
fn clauses_hold_for_files_as_a_whole() {
    let mut rng = Rng::new(3);
    let folder = TempDir::new().unwrap();
    let text = |rng: &mut Rng| {
        let line = |rng: &mut Rng| match rng.below(60) {
            0 => "red\n",
            1 => "green\n",
            2 => "blue\n",
            _ => "hay\n",
        };
        (0..1 + rng.below(150)).map(|_| line(rng)).collect::<String>()
    };
    let mut files = BTreeMap::new();
    fs::create_dir(folder.path().join("sub")).unwrap();
    for number in 0..40 {
        let path = format!("{}f{number}.txt", if number % 3 == 0 { "sub/" } else { "" });
        files.insert(path.clone(), text(&mut rng));
        fs::write(folder.path().join(&path), &files[&path]).unwrap();
    }
    let opened = Opened::new(folder.path());
    let cancel = Cancel::new();
    opened.index.rank(&cancel).unwrap();
    assert_holds(&opened.index, &files);
    for _ in 0..10 {
        let path = format!("f{}.txt", rng.below(50));
        files.insert(path.clone(), text(&mut rng));
        let give = Change::Give {
            path: path.clone().into(),
            text: files[&path].clone().into_bytes(),
        };
        opened.index.apply(vec![give], &cancel).unwrap();
        assert_holds(&opened.index, &files);
    }
}
