//! What is suggested, against a count over every chunk that is alive.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use quern_terms::{
    Bounds, ChunkText, DEFAULT_VISITS, Dictionary, Error, LiveRun, Run, StoredRun, Suggested, complete,
    merge, near, words,
};
use roaring::RoaringBitmap;

use crate::naive::{distance, folded};
use crate::{Joined, build, open};

/// How many chunks have each term of a dictionary; names by how they are compared, then by how they are written.
fn counts<'a>(
    chunks: impl Iterator<Item = &'a ChunkText>,
    dictionary: Dictionary,
) -> BTreeMap<(String, String), u64> {
    let mut counts = BTreeMap::new();
    for chunk in chunks {
        let of_chunk: BTreeSet<(String, String)> = match dictionary {
            Dictionary::Words => words(&chunk.body)
                .map(|range| folded(&chunk.body[range]))
                .map(|word| (word.clone(), word))
                .collect(),
            Dictionary::Names => (chunk.symbols.lines().map(str::trim))
                .filter(|name| !name.is_empty() && name.len() <= 128)
                .map(|name| (folded(name), name.to_owned()))
                .collect(),
        };
        of_chunk
            .into_iter()
            .for_each(|term| *counts.entry(term).or_default() += 1);
    }
    counts
}

/// How far the nearest beginning of a term is from a text.
fn to_beginning(text: &str, term: &str) -> usize {
    let ends = term.char_indices().map(|(end, _)| end).chain([term.len()]);
    ends.map(|end| distance(text, &term[..end]))
        .min()
        .unwrap_or(usize::MAX)
}

/// All that may be suggested, best first.
fn expected(
    counts: &BTreeMap<(String, String), u64>,
    most: u8,
    least: u64,
    edits: impl Fn(&str) -> usize,
) -> Vec<Suggested> {
    let mut all: Vec<(usize, u64, &(String, String))> = counts
        .iter()
        .map(|(term, &count)| (edits(&term.0), count, term))
        .collect();
    all.retain(|(edits, count, _)| *edits <= usize::from(most) && *count >= least);
    all.sort_by(|(a, more, one), (b, less, other)| a.cmp(b).then(less.cmp(more)).then(one.cmp(other)));
    let suggested = all.into_iter().map(|(edits, count, (_, text))| Suggested {
        text: text.clone(),
        count,
        edits: edits as u8,
    });
    suggested.collect()
}

fn allowed(letters: usize, given: Option<u8>) -> u8 {
    let by_length = match letters {
        0..=2 => 0,
        3..=7 => 1,
        _ => 2,
    };
    if (1..64).contains(&letters) {
        given.unwrap_or(by_length)
    } else {
        0
    }
}

fn check(
    runs: &[Run],
    dead: &[RoaringBitmap],
    counts: &BTreeMap<(String, String), u64>,
    dictionary: Dictionary,
    text: &str,
    bounds: &Bounds,
) -> Result<(), TestCaseError> {
    let none = Joined(Vec::new());
    let live: Vec<LiveRun<'_>> = runs
        .iter()
        .zip(dead)
        .map(|(run, dead)| LiveRun {
            run,
            dead,
            borders: &none,
        })
        .collect();
    let asked = folded(text);
    let letters = asked.chars().count();
    let most = allowed(letters, bounds.edits);
    let is_first_right = |term: &str| term.chars().next() == asked.chars().next();
    let begins = |term: &str| match term.starts_with(&asked) {
        true => 0,
        false if is_first_right(term) => to_beginning(&asked, term),
        false => usize::MAX,
    };
    let (found, is_cut) = complete(&live, dictionary, text, bounds, &|| false).unwrap();
    prop_assert!(!is_cut);
    same(
        &found,
        &expected(counts, most, bounds.least, begins),
        counts,
        bounds,
    )?;

    let other_than = |term: &str| match distance(&asked, term) {
        0 => usize::MAX,
        2 if !is_first_right(term) => usize::MAX,
        edits => edits,
    };
    let (found, is_cut) = near(&live, dictionary, text, bounds, &|| false).unwrap();
    prop_assert!(!is_cut);
    same(
        &found,
        &expected(counts, most, bounds.least, other_than),
        counts,
        bounds,
    )
}

/// The best of what is expected; of names that differ in case only, in any order.
fn same(
    found: &[Suggested],
    expected: &[Suggested],
    counts: &BTreeMap<(String, String), u64>,
    bounds: &Bounds,
) -> Result<(), TestCaseError> {
    let place = |suggested: &Suggested| (suggested.edits, suggested.count, folded(&suggested.text));
    let best = expected.iter().take(bounds.limit).map(place);
    prop_assert_eq!(
        found.iter().map(place).collect::<Vec<_>>(),
        best.collect::<Vec<_>>(),
        "{:?}",
        bounds
    );
    let texts: BTreeSet<&str> = found.iter().map(|suggested| &*suggested.text).collect();
    prop_assert_eq!(texts.len(), found.len());
    for Suggested { text, count, .. } in found {
        prop_assert_eq!(counts.get(&(folded(text), text.clone())), Some(count));
    }
    Ok(())
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[abAé_]{1,4}",
        3 => "[ab]{6,10}",
        1 => "get(Page|page|Pages|_page)(Up|Down)?",
        1 => Just("ab".repeat(70)),
    ]
}

fn chunk() -> impl Strategy<Value = (ChunkText, bool)> {
    let name = prop_oneof![4 => word(), 1 => (word(), word()).prop_map(|(a, b)| format!("  {a} {b}\t"))];
    let body = prop::collection::vec(word(), 0..12).prop_map(|words| words.join(" "));
    let symbols = prop::collection::vec(name, 0..4).prop_map(|names| names.join("\n"));
    (body, symbols, prop::bool::weighted(0.25)).prop_map(|(body, symbols, dead)| {
        let path = "a/b.c".into();
        (
            ChunkText {
                body,
                symbols,
                path,
                is_prose: false,
                fields: quern_text::Fields::default(),
            },
            dead,
        )
    })
}

/// Some runs have so many chunks that they are written with what suggestions read.
fn run() -> impl Strategy<Value = Vec<(ChunkText, bool)>> {
    let many = prop_oneof![9 => Just(1), 1 => Just(300)];
    (prop::collection::vec(chunk(), 1..12), many).prop_map(|(chunks, least)| {
        chunks
            .iter()
            .cycle()
            .take(chunks.len().max(least))
            .cloned()
            .collect()
    })
}

fn asked() -> impl Strategy<Value = (String, Bounds)> {
    let text = prop_oneof![
        6 => word(),
        2 => "[abxé]{0,9}",
        1 => "get[Pp]ag[^\\x00]{0,3}",
        1 => (word(), word()).prop_map(|(a, b)| format!("{a} {b}")),
        1 => "\\PC{0,6}",
    ];
    let edits = prop_oneof![2 => Just(None), 1 => (0..3u8).prop_map(Some)];
    let least = prop_oneof![3 => Just(0), 1 => 1..5u64];
    (text, 0..9usize, edits, least).prop_map(|(text, limit, edits, least)| {
        let bounds = Bounds {
            limit,
            edits,
            visits: DEFAULT_VISITS,
            least,
        };
        (text, bounds)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        std::env::var("QUERN_CASES").map_or(200, |cases| cases.parse().unwrap())
    ))]

    #[test]
    fn as_a_count_over_every_chunk(
        runs in prop::collection::vec(run(), 1..5),
        questions in prop::collection::vec(asked(), 1..12),
    ) {
        let stored: Vec<StoredRun> = runs
            .iter()
            .map(|run| build(&run.iter().map(|(chunk, _)| chunk.clone()).collect::<Vec<_>>()))
            .collect();
        let open_runs = open(&stored);
        let dead: Vec<RoaringBitmap> = runs
            .iter()
            .map(|run| (0..).zip(run).filter(|(_, (_, dead))| *dead).map(|(chunk, _)| chunk).collect())
            .collect();
        let live = || runs.iter().flatten().filter(|(_, dead)| !dead).map(|(chunk, _)| chunk);
        let inputs: Vec<_> = open_runs.iter().zip(&dead).collect();
        let merged = merge(&inputs).unwrap().map(|run| open(&[run]));
        for dictionary in [Dictionary::Words, Dictionary::Names] {
            let counts = counts(live(), dictionary);
            for (text, bounds) in &questions {
                check(&open_runs, &dead, &counts, dictionary, text, bounds)?;
                if let Some(merged) = &merged {
                    check(merged, &[RoaringBitmap::new()], &counts, dictionary, text, bounds)?;
                }
            }
        }
    }
}

fn chunks(bodies: &[&str]) -> Vec<ChunkText> {
    let chunk = |body: &&str| ChunkText {
        body: (*body).to_owned(),
        symbols: String::new(),
        path: "a".into(),
        is_prose: false,
        fields: quern_text::Fields::default(),
    };
    bodies.iter().map(chunk).collect()
}

/// Asks for words of chunks that are all alive.
fn complete_in(
    runs: &[Run],
    text: &str,
    bounds: &Bounds,
    stopped: bool,
) -> Result<(Vec<Suggested>, bool), Error> {
    let (dead, none) = (RoaringBitmap::new(), Joined(Vec::new()));
    let live: Vec<_> = (runs.iter())
        .map(|run| LiveRun {
            run,
            dead: &dead,
            borders: &none,
        })
        .collect();
    complete(&live, Dictionary::Words, text, bounds, &|| stopped)
}

#[test]
fn a_bound_is_kept_and_told_and_the_most_frequent_come_first() {
    let all: Vec<String> = (0..2000).map(|number| format!("w{number:x} wood")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let runs = open(&[build(&chunks(&all[..1000])), build(&chunks(&all[1000..]))]);
    let mut bounds = Bounds {
        limit: 1,
        edits: None,
        visits: 100,
        least: 0,
    };
    let (best, is_cut) = complete_in(&runs, "w", &bounds, false).unwrap();
    assert_eq!(
        (best[0].text.as_str(), best[0].count, is_cut),
        ("wood", 2000, false)
    );
    bounds.limit = 1000;
    let (some, is_cut) = complete_in(&runs, "w", &bounds, false).unwrap();
    assert!(
        is_cut && some[..][..1] == best[..] && some.len() < 200,
        "{}",
        some.len()
    );
    bounds.visits = DEFAULT_VISITS;
    let (all, is_cut) = complete_in(&runs, "w", &bounds, false).unwrap();
    assert!(!is_cut && all.len() == 1000 && all.starts_with(&some));
}

#[test]
fn a_stop_ends_it() {
    let runs = open(&[build(&chunks(&["slab", "slabs"]))]);
    let bounds = Bounds {
        limit: 9,
        edits: None,
        visits: DEFAULT_VISITS,
        least: 0,
    };
    let stopped = complete_in(&runs, "s", &bounds, true);
    assert!(matches!(stopped, Err(Error::Stopped)));
}

#[test]
fn odd_texts_have_bounded_answers() {
    let runs = open(&[build(&chunks(&["slab alloc", "slab 漢字 été"]))]);
    let bounds = Bounds {
        limit: 3,
        edits: None,
        visits: DEFAULT_VISITS,
        least: 0,
    };
    let texts = |text: &str| -> Vec<String> {
        let (found, is_cut) = complete_in(&runs, text, &bounds, false).unwrap();
        assert!(!is_cut);
        found.into_iter().map(|suggested| suggested.text).collect()
    };
    assert_eq!(texts(""), ["slab", "alloc", "été"]);
    assert_eq!(texts("É"), ["été"]);
    assert_eq!(texts("漢"), ["漢"]);
    assert_eq!(texts("slba"), ["slab"]);
    for nothing in [
        "*",
        "😀",
        "\0",
        "slab\0",
        &"slab".repeat(250_000),
        &"é".repeat(63),
    ] {
        assert_eq!(texts(nothing), [""; 0], "{nothing:.9}");
    }
}
