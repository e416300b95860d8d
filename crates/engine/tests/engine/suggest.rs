//! Suggestions of an index that lives: words and symbols as those of a fresh build, paths as a list of the folder has them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use quern_engine::{
    Cancel, Change, Code, Index, Progress, SearchRequest, SuggestAnswer, SuggestKind, SuggestRequest,
    Suggestion,
};
use quern_testkit::Rng;
use tempfile::TempDir;

use crate::opened::Opened;

const WORDS: &[&str] = &[
    "alloc_page",
    "allocPages",
    "AllocPage",
    "slab",
    "Slab",
    "slabs",
    "kmemCache",
    "free",
    "unlock",
    "été",
];
const FOLDERS: &[&str] = &["", "mm/", "mm/slab/", "Slabs/mm/", "drivers/net/été/"];
const NAMES: &[&str] = &[
    "slab.c",
    "slabs.c",
    "Slab.md",
    "alloc_page.c",
    "page",
    "été.txt",
    "x",
];

fn text(rng: &mut Rng) -> String {
    let mut text = String::new();
    for _ in 0..1 + rng.below(4) {
        text.push_str(&format!("static int {}(void)\n{{\n", rng.pick(WORDS)));
        for _ in 0..rng.below(30) {
            text.push_str(&format!("{} {}\n", rng.pick(WORDS), rng.pick(WORDS)));
        }
        text.push_str("}\n\n");
    }
    text
}

fn suggest(index: &Index, text: &str, kinds: &[SuggestKind]) -> SuggestAnswer {
    let request = SuggestRequest {
        kinds: kinds.to_vec(),
        limit: 100,
        ..SuggestRequest::new(text)
    };
    index.suggest(&request, &Cancel::new()).unwrap()
}

fn texts(answer: &SuggestAnswer) -> Vec<&str> {
    answer
        .suggestions
        .iter()
        .map(|suggestion| &*suggestion.text)
        .collect()
}

/// Files and folders of the folder whose name begins so.
fn paths_in(root: &Path, text: &str) -> Vec<Suggestion> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let mut open = vec![root.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let path = path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .replace('\\', "/");
            for (slash, _) in path.match_indices('/') {
                *counts.entry(path[..=slash].to_owned()).or_default() += 1;
            }
            counts.insert(path, 1);
        }
    }
    let (folder, name) = text
        .rsplit_once('/')
        .map_or((None, text), |(folder, name)| (Some(folder), name));
    let is_meant = |path: &str| {
        let path = format!("/{}", path.trim_end_matches('/').to_lowercase());
        let (parent, own) = path.rsplit_once('/').unwrap();
        let is_in = folder.is_none_or(|folder| format!("{parent}/").ends_with(&format!("/{folder}/")));
        is_in && own.starts_with(name)
    };
    let own = |path: &str| {
        path.trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap()
            .to_lowercase()
    };
    let mut found: Vec<_> = counts.into_iter().filter(|(path, _)| is_meant(path)).collect();
    found.sort_by_key(|(path, _)| {
        let depth = path.trim_end_matches('/').matches('/').count();
        (own(path) != name, depth, path.clone())
    });
    let suggestion = |(text, count)| Suggestion {
        text,
        kind: SuggestKind::Path,
        count,
        edits: 0,
    };
    found.into_iter().map(suggestion).collect()
}

fn as_fresh(index: &Index, root: &Path) {
    let fresh = Opened::new(root);
    fresh.index.rank(&Cancel::new()).unwrap();
    for text in [
        "",
        "s",
        "Sla",
        "alloc",
        "allocpage",
        "alocp",
        "kmemcaceh",
        "é",
        "zzz",
    ] {
        for kind in [SuggestKind::Word, SuggestKind::Symbol] {
            let (answer, expected) = (
                suggest(index, text, &[kind]),
                suggest(&fresh.index, text, &[kind]),
            );
            assert!(
                answer.coverage.is_complete() && !answer.is_cut,
                "{text}: {:?}",
                answer.coverage
            );
            assert_eq!(answer.suggestions, expected.suggestions, "{text}");
        }
    }
    for text in [
        "",
        "s",
        "slab",
        "slab.c",
        "mm/",
        "mm/s",
        "slabs/mm/a",
        "net/é",
        "é",
        "zzz/",
    ] {
        let mut found = suggest(index, text, &[SuggestKind::Path]).suggestions;
        found.retain(|suggestion| suggestion.edits == 0);
        assert_eq!(found, paths_in(root, text), "{text}");
    }
}

#[test]
fn after_changes_as_a_fresh_build_and_a_list_of_the_folder() {
    let mut rng = Rng::new(11);
    let folder = TempDir::new().unwrap();
    for place in FOLDERS {
        fs::create_dir_all(folder.path().join(place)).unwrap();
    }
    let path = |rng: &mut Rng| format!("{}{}", rng.pick(FOLDERS), rng.pick(NAMES));
    for _ in 0..20 {
        fs::write(folder.path().join(path(&mut rng)), text(&mut rng)).unwrap();
    }
    let mut opened = Opened::new(folder.path());
    let cancel = Cancel::new();
    opened.index.rank(&cancel).unwrap();
    for round in 0..30 {
        let name = path(&mut rng);
        let file = folder.path().join(&name);
        if rng.one_in(4) {
            let _ = fs::remove_file(&file);
        } else {
            fs::write(&file, text(&mut rng)).unwrap();
        }
        let index = &opened.index;
        match rng.below(3) {
            0 => drop(index.refresh(&Progress::default(), &cancel).unwrap()),
            _ => drop(
                index
                    .apply(vec![Change::Look { path: name.into() }], &cancel)
                    .unwrap(),
            ),
        }
        match rng.below(8) {
            0 => drop(index.flush(&cancel).unwrap()),
            1 => drop(index.compact(&cancel).unwrap()),
            2 => opened = opened.again(|_| {}),
            _ => {}
        }
        if round % 5 == 4 {
            opened.index.rank(&cancel).unwrap();
            as_fresh(&opened.index, folder.path());
        }
    }
}

fn of_files(files: &[(&str, &str)]) -> (TempDir, Opened) {
    let folder = TempDir::new().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let opened = Opened::new(folder.path());
    opened.index.rank(&Cancel::new()).unwrap();
    (folder, opened)
}

#[test]
fn kinds_come_in_the_order_in_which_they_are_asked_for() {
    let (_folder, opened) = of_files(&[(
        "parser/parse.ts",
        "export function parseHeader() {\n  return parsers\n}\n",
    )]);
    let all = suggest(&opened.index, "  parse", &SuggestKind::ALL);
    let kinds: Vec<_> = all
        .suggestions
        .iter()
        .map(|found| (found.kind.name(), &*found.text))
        .collect();
    let expected = [
        ("symbol", "parseHeader"),
        ("word", "parseheader"),
        ("word", "parsers"),
        ("path", "parser/"),
        ("path", "parser/parse.ts"),
    ];
    assert_eq!(kinds, expected);
    let two = suggest(&opened.index, "parse", &[SuggestKind::Path, SuggestKind::Symbol]);
    assert_eq!(texts(&two), ["parser/", "parser/parse.ts", "parseHeader"]);
}

#[test]
fn paths_may_be_misspelt_and_a_slash_in_front_means_the_root() {
    let (_folder, opened) = of_files(&[
        ("mm/slab.c", ""),
        ("arch/mm/slub.c", ""),
        ("arch/mm/tlb.c", ""),
        ("README.md", ""),
    ]);
    let paths = |text: &str| {
        let answer = suggest(&opened.index, text, &[SuggestKind::Path]);
        assert!(answer.coverage.is_complete() && !answer.is_cut);
        answer
            .suggestions
            .into_iter()
            .map(|found| (found.text, found.edits))
            .collect::<Vec<_>>()
    };
    let found = |expected: &[(&str, u8)]| {
        expected
            .iter()
            .map(|&(text, edits)| (text.to_owned(), edits))
            .collect::<Vec<_>>()
    };
    assert_eq!(paths("slab"), found(&[("mm/slab.c", 0), ("arch/mm/slub.c", 1)]));
    assert_eq!(paths("mm/slba"), found(&[("mm/slab.c", 1)]));
    assert_eq!(paths("/mm/"), found(&[("mm/slab.c", 0)]));
    assert_eq!(paths("/arch/mm/s"), found(&[("arch/mm/slub.c", 0)]));
    assert_eq!(paths("/a"), found(&[("arch/", 0)]));
    assert_eq!(paths("raedm"), found(&[("README.md", 1)]));
    assert_eq!(paths("h/mm/s"), []);
}

#[test]
fn without_terms_there_are_paths_and_a_stop_ends_it() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.txt"), "words\n").unwrap();
    let opened = Opened::new(folder.path());
    let paths = suggest(&opened.index, "a", &[SuggestKind::Path]);
    assert_eq!(
        (texts(&paths), paths.coverage.is_complete()),
        (vec!["a.txt"], true)
    );
    let words = suggest(&opened.index, "wor", &[SuggestKind::Word]);
    assert_eq!(words.coverage.is_complete(), words.suggestions.len() == 1);
    let stopped = Cancel::new();
    stopped.cancel();
    let error = opened
        .index
        .suggest(&SuggestRequest::new("w"), &stopped)
        .err()
        .unwrap();
    assert_eq!(error.code, Code::Aborted);
    opened.index.close().unwrap();
    let error = opened
        .index
        .suggest(&SuggestRequest::new("w"), &Cancel::new())
        .err()
        .unwrap();
    assert_eq!(error.code, Code::Closed);
}

#[test]
fn a_query_without_hits_says_what_may_have_been_meant() {
    let often = "receive a buffer\n".repeat(40) + &"filler\n".repeat(40);
    let text = format!("{}\nrecieve\n", often.repeat(30));
    let code = "int parseHeader(void)\n{\n  return 2024;\n}\n";
    let (_folder, opened) = of_files(&[("a.txt", &text), ("b.c", code)]);
    let meant = |query: &str| {
        let answer = opened
            .index
            .search(&SearchRequest::new(query), &Cancel::new())
            .unwrap();
        if let Some(other) = &answer.did_you_mean {
            assert_eq!(answer.total, 0);
            let again = opened
                .index
                .search(&SearchRequest::new(other), &Cancel::new())
                .unwrap();
            assert!(again.total > 0 && again.query == *other, "{other}");
        }
        answer.did_you_mean
    };
    for (query, expected) in [
        ("bufer", Some("buffer")),
        ("+recieve +bufer -fillr", Some("+receive +buffer -fillr")),
        ("+recieve +buffer", Some("+receive +buffer")),
        ("\"recieve a bufer\"", Some("\"receive a buffer\"")),
        ("bufer.recive()", Some("buffer.receive\\(\\)")),
        ("symbol:parseHeadr", Some("symbol:parseHeader")),
        ("symbol:\"parseHaeder\"", Some("symbol:\"parseHeader\"")),
        ("+bufer +path:b.c", None),
        ("buffer", None),
        ("+buffer +zzzzzz", None),
        ("2025", None),
        ("bufer~0 zz* symbol:zz*", None),
        ("", None),
    ] {
        assert_eq!(meant(query).as_deref(), expected, "{query}");
    }
}
