//! Questions of random corpora against a search that looks at every chunk: which chunks match, and their scores.

mod naive;
mod suggest;

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use quern_terms::language::{Clause, Kind, Syntax, parse};
use quern_terms::{
    AskedStatistics, Borders, ChunkText, Corpus, Depth, Edges, Error, Hit, LiveRun, Options, Question,
    Resolved, Run, RunBuilder, RunBytes, Statistics, StoredRun, merge,
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
        let (words, _) = builder.add(chunk.clone()).unwrap();
        assert_eq!(words as usize, quern_terms::words(&chunk.body).count());
    }
    builder.finish().unwrap()
}

/// The chunks of a run: their words, whether the next goes on where they end, and what they begin and end with.
struct Joined(Vec<(u32, bool, Edges)>);

impl Joined {
    fn of(chunks: &[(&ChunkText, bool)]) -> Joined {
        let mut builder = RunBuilder::new(true).unwrap();
        let mut joined = |(chunk, goes_on): &(&ChunkText, bool)| {
            let (words, edges) = builder.add((*chunk).clone()).unwrap();
            (words, *goes_on, edges)
        };
        Joined(chunks.iter().map(&mut joined).collect())
    }
}

impl Borders for Joined {
    fn words(&self, chunk: u32) -> u32 {
        self.0[chunk as usize].0
    }

    fn goes_on(&self, chunk: u32) -> bool {
        self.0[chunk as usize].1
    }

    fn edges(&self, chunk: u32) -> Edges {
        self.0[chunk as usize].2
    }
}

fn corpus<'a>(runs: &'a [Run], dead: &'a [RoaringBitmap], joined: &'a [Joined]) -> Corpus<'a> {
    let live = runs.iter().zip(dead).zip(joined);
    let live = live.map(|((run, dead), borders)| LiveRun { run, dead, borders });
    let mut statistics = Statistics::default();
    for (run, dead) in runs.iter().zip(dead) {
        statistics.add(run, dead);
    }
    Corpus::new(live.collect(), statistics)
}

/// What `ask` gives, if each run is asked by itself, with the statistics of all.
fn ask_apart(
    runs: &[Run],
    dead: &[RoaringBitmap],
    joined: &[Joined],
    clause: &Clause,
    paths: &[Vec<Arc<str>>],
) -> BTreeMap<(u32, u32), f32> {
    let corpora: Vec<Corpus<'_>> = (0..runs.len())
        .map(|run| corpus(&runs[run..=run], &dead[run..=run], &joined[run..=run]))
        .collect();
    let question = |run: usize, statistics: Option<Arc<AskedStatistics>>| {
        let options = Options {
            statistics,
            ..Options::default()
        };
        let resolve = |clause: &Clause| Ok::<_, Error>(of_paths(clause, &paths[run..=run]));
        Question::new(clause, &corpora[run], None, &options, &|| false, resolve).unwrap()
    };
    let mut statistics = question(0, None).statistics();
    for run in 1..runs.len() {
        assert!(statistics.join(&question(run, None).statistics()));
    }
    let statistics = Some(Arc::new(statistics));
    let mut found = BTreeMap::new();
    for run in 0..runs.len() {
        let question = question(run, statistics.clone());
        let all = question.ask(0, &Depth::new(usize::MAX), || Ok::<(), Error>(()), |_| ());
        let hits = all.unwrap().best.into_iter();
        found.extend(hits.map(|hit| ((run as u32, hit.chunk), hit.score)));
    }
    found
}

/// The chunks of each run that a clause stands for which asks for a path.
fn of_paths(clause: &Clause, paths: &[Vec<Arc<str>>]) -> Resolved {
    let Kind::Path(glob) = &clause.kind else {
        panic!("{clause:?}")
    };
    let of_run = |paths: &Vec<Arc<str>>| {
        let matching = (0..).zip(paths).filter(|(_, path)| naive::has_path(path, glob));
        matching.map(|(chunk, _)| chunk).collect()
    };
    paths.iter().map(of_run).collect()
}

/// The matching chunks with their scores, by number in the corpus; and the number of matches that was told.
fn ask(
    runs: &[Run],
    dead: &[RoaringBitmap],
    joined: &[Joined],
    clause: &Clause,
    paths: &[Vec<Arc<str>>],
) -> BTreeMap<(u32, u32), f32> {
    let corpus = corpus(runs, dead, joined);
    let resolve = |clause: &Clause| Ok::<_, Error>(of_paths(clause, paths));
    let question = Question::new(clause, &corpus, None, &Options::default(), &|| false, resolve).unwrap();
    let mut found = BTreeMap::new();
    for run in 0..runs.len() as u32 {
        let mut each = Vec::new();
        let hits = question
            .ask(
                run,
                &Depth::new(usize::MAX),
                || Ok::<(), Error>(()),
                |chunk| each.push(chunk),
            )
            .unwrap();
        assert_eq!(
            (hits.total, each.len()),
            (hits.best.len() as u64, hits.best.len())
        );
        assert!(hits.best.is_sorted_by(|a, b| a.score >= b.score));
        let mut counted = Vec::new();
        let none = question
            .ask(
                run,
                &Depth::new(0),
                || Ok::<(), Error>(()),
                |chunk| counted.push(chunk),
            )
            .unwrap();
        assert_eq!((none.total, none.best.len(), &counted), (hits.total, 0, &each));
        let few = question
            .ask(run, &Depth::new(3), || Ok::<(), Error>(()), |_| ())
            .unwrap();
        assert_eq!(
            (few.total, &few.best[..]),
            (hits.total, &hits.best[..hits.best.len().min(3)])
        );
        found.extend(hits.best.iter().map(|hit| ((hit.run, hit.chunk), hit.score)));
    }
    assert_best_of_all(&question, runs.len() as u32, &found);
    found
}

/// Runs that are asked together, in whatever order, give the best of all.
fn assert_best_of_all(question: &Question<'_, '_>, runs: u32, found: &BTreeMap<(u32, u32), f32>) {
    let all = found.iter();
    let all = all.map(|(&(run, chunk), &score)| Hit { run, chunk, score });
    for depth in [1, 2, 5, 30] {
        let mut expected: Vec<Hit> = all.clone().collect();
        expected.sort_by(Hit::order);
        expected.truncate(depth);
        let wanted = Depth::new(depth);
        let ask = |run| question.ask(run, &wanted, || Ok::<(), Error>(()), |_| ());
        let hits = (0..runs).rev().map(|run| ask(run).unwrap());
        let mut best: Vec<Hit> = hits.flat_map(|hits| hits.best).collect();
        Hit::keep_best(&mut best, depth);
        assert_eq!(best, expected);
    }
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
        fields: quern_text::Fields::default(),
    })
}

/// A chunk of a random file.
#[derive(Clone, Debug)]
struct Placed {
    chunk: ChunkText,
    dead: bool,
    goes_on: bool,
}

fn placed() -> impl Strategy<Value = Placed> {
    let flags = (prop::bool::weighted(0.2), prop::bool::weighted(0.4));
    (chunk(), flags).prop_map(|(chunk, (dead, goes_on))| Placed { chunk, dead, goes_on })
}

/// The last chunk goes on nowhere, and all chunks of a file count or none does.
fn of_files(mut run: Vec<Placed>) -> Vec<Placed> {
    if let Some(last) = run.last_mut() {
        last.goes_on = false;
    }
    for next in 1..run.len() {
        if run[next - 1].goes_on {
            run[next].dead = run[next - 1].dead;
        }
    }
    run
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
        runs in prop::collection::vec(prop::collection::vec(placed(), 1..12), 1..4),
        queries in prop::collection::vec(clause(), 1..8),
    ) {
        let runs: Vec<Vec<Placed>> = runs.into_iter().map(of_files).collect();
        let stored: Vec<StoredRun> = runs
            .iter()
            .map(|run| build(&run.iter().map(|placed| placed.chunk.clone()).collect::<Vec<_>>()))
            .collect();
        let open_runs = open(&stored);
        let dead: Vec<RoaringBitmap> = runs
            .iter()
            .map(|run| (0..).zip(run).filter(|(_, placed)| placed.dead).map(|(chunk, _)| chunk).collect())
            .collect();
        let paths: Vec<Vec<Arc<str>>> =
            runs.iter().map(|run| run.iter().map(|placed| Arc::clone(&placed.chunk.path)).collect()).collect();
        let joined: Vec<Joined> = runs
            .iter()
            .map(|run| Joined::of(&run.iter().map(|placed| (&placed.chunk, placed.goes_on)).collect::<Vec<_>>()))
            .collect();
        let live: Vec<((u32, u32), &Placed)> = (0..)
            .zip(&runs)
            .flat_map(|(run, chunks)| (0..).zip(chunks).map(move |(chunk, placed)| ((run, chunk), placed)))
            .filter(|(_, placed)| !placed.dead)
            .collect();
        let live_chunks: Vec<_> = live.iter().map(|(_, placed)| (&placed.chunk, placed.goes_on)).collect();
        let naive = Naive::new(live_chunks.iter().copied());
        let inputs: Vec<_> = open_runs.iter().zip(&dead).collect();
        let merged = merge(&inputs).unwrap().map(|run| open(&[run]));
        prop_assert_eq!(merged.is_some(), !live.is_empty());
        let live_paths = vec![live_chunks.iter().map(|(chunk, _)| Arc::clone(&chunk.path)).collect::<Vec<_>>()];
        let live_joined = [Joined::of(&live_chunks)];
        for query in &queries {
            let Some(clause) = parse(query, &Syntax::default()).unwrap().clause else { continue };
            let expected: Vec<Option<f32>> = naive.ask(&clause);
            let found = ask(&open_runs, &dead, &joined, &clause, &paths);
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
            let found = ask_apart(&open_runs, &dead, &joined, &clause, &paths);
            same(found, &|number| live[number].0)?;
            if let Some(merged) = &merged {
                let found = ask(merged, &[RoaringBitmap::new()], &live_joined, &clause, &live_paths);
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
            fields: quern_text::Fields::default(),
        }
    };
    let chunks: Vec<ChunkText> = (0..10_000).map(chunk).collect();
    let runs = open(&[build(&chunks[..9000]), build(&chunks[9000..])]);
    let dead = [(100..5000).step_by(2).collect(), RoaringBitmap::new()];
    let live: Vec<(u32, &ChunkText)> = (0..)
        .zip(&chunks)
        .filter(|(number, _)| !dead[0].contains(*number))
        .collect();
    let naive = Naive::new(live.iter().map(|(_, chunk)| (*chunk, false)));
    let joined = [&chunks[..9000], &chunks[9000..]]
        .map(|run| Joined::of(&run.iter().map(|chunk| (chunk, false)).collect::<Vec<_>>()));
    for query in [
        "rare common",
        "rare AND third",
        "\"rare word\" -third",
        "third OR rare",
        "common AND \"third common\"",
    ] {
        let clause = parse(query, &Syntax::default()).unwrap().clause.unwrap();
        let found = ask(&runs, &dead, &joined, &clause, &[]);
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
