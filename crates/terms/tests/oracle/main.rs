//! Questions of random corpora against a search that looks at every chunk: which chunks match, and their scores.

mod naive;

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use quern_terms::language::{Clause, Kind, Syntax, parse};
use quern_terms::{
    ChunkText, Corpus, Error, LiveRun, Options, Question, Resolved, Run, RunBuilder, RunBytes, StoredRun,
    merge,
};
use roaring::RoaringBitmap;
use tantivy::directory::OwnedBytes;

use naive::Naive;

/// Runs in memory.
#[derive(Debug)]
struct Memory(OwnedBytes);

impl RunBytes for Memory {
    fn read(&self, range: std::ops::Range<u64>) -> std::io::Result<OwnedBytes> {
        Ok(self.0.slice(range.start as usize..range.end as usize))
    }
}

fn open(runs: &[StoredRun]) -> Vec<Run> {
    let (mut directory, mut bytes) = (Vec::new(), Vec::new());
    for run in runs {
        let written = run.write(&mut directory, |part| {
            bytes.extend_from_slice(part);
            Ok::<(), std::convert::Infallible>(())
        });
        let Ok(()) = written;
    }
    let bytes: Arc<dyn RunBytes> = Arc::new(Memory(OwnedBytes::new(bytes)));
    Run::open_all(&directory, &bytes).unwrap()
}

fn build(chunks: &[ChunkText]) -> StoredRun {
    let mut builder = RunBuilder::new(true).unwrap();
    for chunk in chunks {
        let words = builder.add(chunk.clone()).unwrap();
        assert_eq!(words as usize, quern_terms::words(&chunk.body).count());
    }
    builder.finish().unwrap()
}

/// The matching chunks with their scores, by number in the corpus; and the number of matches that was told.
fn ask(
    runs: &[Run],
    dead: &[RoaringBitmap],
    clause: &Clause,
    paths: &[Vec<Arc<str>>],
) -> BTreeMap<(u32, u32), f32> {
    let live = runs.iter().zip(dead).map(|(run, dead)| LiveRun { run, dead });
    let corpus = Corpus::new(live.collect());
    let resolve = |clause: &Clause| -> Result<Resolved, Error> {
        let Kind::Path(glob) = &clause.kind else {
            panic!("{clause:?}")
        };
        let of_run = |paths: &Vec<Arc<str>>| {
            let matching = (0..).zip(paths).filter(|(_, path)| naive::has_path(path, glob));
            matching.map(|(chunk, _)| chunk).collect()
        };
        Ok(paths.iter().map(of_run).collect())
    };
    let question = Question::new(clause, &corpus, &Options::default(), resolve).unwrap();
    let mut found = BTreeMap::new();
    for run in 0..runs.len() as u32 {
        let mut each = Vec::new();
        let hits = question
            .ask(run, usize::MAX, || Ok::<(), Error>(()), |chunk| each.push(chunk))
            .unwrap();
        assert_eq!(
            (hits.total, each.len()),
            (hits.best.len() as u64, hits.best.len())
        );
        assert!(hits.best.is_sorted_by(|a, b| a.score >= b.score));
        let few = question.ask(run, 3, || Ok::<(), Error>(()), |_| ()).unwrap();
        assert_eq!(
            (few.total, &few.best[..]),
            (hits.total, &hits.best[..hits.best.len().min(3)])
        );
        found.extend(hits.best.iter().map(|hit| ((hit.run, hit.chunk), hit.score)));
    }
    found
}

const VOCABULARY: &[&str] = &[
    "slab",
    "slabs",
    "kmem_cache_alloc",
    "allocate",
    "allocated",
    "getPage",
    "page",
    "Page",
    "free",
    "x",
    "été",
    "漢字",
    "freeing",
    "__init__",
];

fn text(words: impl Into<proptest::collection::SizeRange>) -> impl Strategy<Value = String> {
    let word = prop::sample::select(VOCABULARY);
    let gap = prop::sample::select(&[" ", ", ", "\n", "->", "."][..]);
    prop::collection::vec((word, gap), words)
        .prop_map(|words| words.iter().flat_map(|(word, gap)| [*word, *gap]).collect())
}

fn chunk() -> impl Strategy<Value = ChunkText> {
    let path = prop::sample::select(&["mm/slab.c", "mm/page_alloc.c", "docs/Free pages.md"][..]);
    (text(0..60), text(0..3), path, any::<bool>()).prop_map(|(body, symbols, path, is_prose)| ChunkText {
        body,
        symbols,
        path: path.into(),
        is_prose,
    })
}

fn clause() -> impl Strategy<Value = String> {
    let word = || prop::sample::select(VOCABULARY).prop_map(str::to_owned);
    let leaf = prop_oneof![
        6 => word(),
        2 => text(2..4).prop_map(|text| format!("\"{}\"", text.replace('"', ""))),
        1 => (word(), 1..4usize).prop_map(|(word, letters)| {
            format!("{}*", word.chars().take(letters).collect::<String>())
        }),
        1 => (word(), 0..3u8).prop_map(|(word, edits)| format!("{word}~{edits}")),
        1 => word().prop_map(|word| format!("symbol:{word}")),
        1 => Just("path:mm/".to_owned()),
        1 => Just("getPage.free".to_owned()),
        1 => Just("*".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let sign = prop::sample::select(&["", "", "+", "-"][..]);
        let terms = prop::collection::vec((sign, inner.clone()), 1..4).prop_map(|terms| {
            let terms: Vec<String> = terms.iter().map(|(sign, term)| format!("{sign}{term}")).collect();
            format!("({})", terms.join(" "))
        });
        let both = (
            inner.clone(),
            inner,
            prop::sample::select(&["AND", "OR", "AND NOT"][..]),
        );
        prop_oneof![terms, both.prop_map(|(a, b, with)| format!("({a} {with} {b})"))]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        std::env::var("QUERN_CASES").map_or(400, |cases| cases.parse().unwrap())
    ))]

    #[test]
    fn as_a_search_of_every_chunk(
        runs in prop::collection::vec(prop::collection::vec((chunk(), prop::bool::weighted(0.2)), 1..12), 1..4),
        queries in prop::collection::vec(clause(), 1..8),
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
        let paths: Vec<Vec<Arc<str>>> =
            runs.iter().map(|run| run.iter().map(|(chunk, _)| Arc::clone(&chunk.path)).collect()).collect();
        let live: Vec<((u32, u32), &ChunkText)> = (0..)
            .zip(&runs)
            .flat_map(|(run, chunks)| (0..).zip(chunks).map(move |(chunk, text)| ((run, chunk), text)))
            .filter(|(_, (_, dead))| !dead)
            .map(|(place, (text, _))| (place, text))
            .collect();
        let naive = Naive::new(live.iter().map(|(_, text)| *text));
        let inputs: Vec<_> = open_runs.iter().zip(&dead).collect();
        let merged = merge(&inputs).unwrap().map(|run| open(&[run]));
        prop_assert_eq!(merged.is_some(), !live.is_empty());
        let live_paths = vec![live.iter().map(|(_, chunk)| Arc::clone(&chunk.path)).collect::<Vec<_>>()];
        for query in &queries {
            let Some(clause) = parse(query, &Syntax::default()).unwrap().clause else { continue };
            let expected: Vec<Option<f32>> = naive.ask(&clause);
            let found = ask(&open_runs, &dead, &clause, &paths);
            let same = |found: BTreeMap<(u32, u32), f32>, place: &dyn Fn(usize) -> (u32, u32)| {
                let expected: BTreeMap<(u32, u32), f32> = expected
                    .iter()
                    .enumerate()
                    .filter_map(|(number, score)| Some((place(number), (*score)?)))
                    .collect();
                prop_assert_eq!(
                    found.keys().collect::<Vec<_>>(),
                    expected.keys().collect::<Vec<_>>(),
                    "{}", query
                );
                for (place, score) in found {
                    let error = (score - expected[&place]).abs() / expected[&place].max(1.0);
                    prop_assert!(error < 1e-4, "{query}: {score} for {place:?}, not {}", expected[&place]);
                }
                Ok(())
            };
            same(found, &|number| live[number].0)?;
            if let Some(merged) = &merged {
                let found = ask(merged, &[RoaringBitmap::new()], &clause, &live_paths);
                same(found, &|number| (0, number as u32))?;
            }
        }
    }
}

/// More chunks than a window, of few words: lists with several blocks, few candidates among many.
#[test]
fn many_chunks() {
    let chunk = |number: u32| {
        let mut body = String::from("common ");
        if number.is_multiple_of(3) {
            body.push_str("third common ");
        }
        if number.is_multiple_of(1009) {
            body.push_str("rare word ");
        }
        body.push_str(&"filler ".repeat((number % 7) as usize));
        ChunkText {
            body,
            symbols: String::new(),
            path: "a/b.c".into(),
            is_prose: false,
        }
    };
    let chunks: Vec<ChunkText> = (0..10_000).map(chunk).collect();
    let runs = open(&[build(&chunks[..9000]), build(&chunks[9000..])]);
    let dead = [(100..5000).step_by(2).collect(), RoaringBitmap::new()];
    let live: Vec<(u32, &ChunkText)> = (0..)
        .zip(&chunks)
        .filter(|(number, _)| !dead[0].contains(*number))
        .collect();
    let naive = Naive::new(live.iter().map(|(_, chunk)| *chunk));
    for query in [
        "rare common",
        "rare AND third",
        "\"rare word\" -third",
        "third OR rare",
        "common AND \"third common\"",
    ] {
        let clause = parse(query, &Syntax::default()).unwrap().clause.unwrap();
        let found = ask(&runs, &dead, &clause, &[]);
        let expected: BTreeMap<(u32, u32), f32> = live
            .iter()
            .zip(naive.ask(&clause))
            .filter_map(|((number, _), score)| Some(((number / 9000, number % 9000), score?)))
            .collect();
        assert_eq!(found.len(), expected.len(), "{query}");
        for (place, score) in found {
            assert!((score - expected[&place]).abs() < 1e-3, "{query}: {place:?}");
        }
    }
}
