//! Random folders, patterns and flags: the engine's rows against whole-file searches with ripgrep's crates.

use std::path::Path;

use quern_engine::{Freshness, GrepRequest};
use quern_matcher::Pattern;
use quern_testkit::{Flags, Oracle, Rng, Row, Shape, Tree, patterns, sized};

use crate::convert;
use crate::opened::Opened;

/// Questions asked of each folder.
const QUESTIONS: u64 = 40;

#[derive(Default)]
struct Tally {
    refused: u32,
    with_rows: u32,
}

/// The oracle's rows, keyed as the engine's. `None` where grep-printer itself fails.
fn expected(oracle: &Oracle, flags: &Flags, root: &Path) -> Vec<(String, Vec<Row>)> {
    let mut files: Vec<(String, Vec<Row>)> = oracle
        .search_tree(root)
        .into_iter()
        .map(|file| {
            let path = file
                .path
                .strip_prefix(root)
                .unwrap_or(&file.path)
                .to_string_lossy()
                .replace('\\', "/");
            (
                path,
                file.rows
                    .into_iter()
                    .map(|row| row.trimmed(flags.line_end()))
                    .collect(),
            )
        })
        .collect();
    files.sort_by(|(a, _), (b, _)| a.split('/').cmp(b.split('/')));
    files
}

fn question(rng: &mut Rng, tree: &Tree, opened: &Opened, tally: &mut Tally, seed: u64) {
    let files = tree.files();
    let sample = &files[rng.below(files.len())];
    let text = std::fs::read(tree.path().join(sample)).unwrap_or_default();
    let flags = Flags::any(rng);
    let patterns = patterns(rng, &text, &flags);
    let pattern = convert::pattern_options(&patterns, &flags);
    let (Ok(oracle), Ok(_)) = (Oracle::new(&patterns, &flags), Pattern::compile(&pattern)) else {
        tally.refused += 1;
        return;
    };
    let request = GrepRequest {
        pattern,
        search: convert::search_options(&flags),
        freshness: if rng.one_in(3) {
            Freshness::Verified
        } else {
            Freshness::Snapshot
        },
        ..GrepRequest::new([""])
    };
    let (rows, coverage) = opened.answer(request);
    let expected = expected(&oracle, &flags, tree.path());
    let context = || format!("seed {seed}, {patterns:?}, {flags:?}, {coverage:?}");
    tally.with_rows += u32::from(!expected.is_empty());
    let paths = |files: &[(String, Vec<Row>)]| files.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>();
    assert_eq!(paths(&rows), paths(&expected), "{}", context());
    for ((path, rows), (_, expected)) in rows.iter().zip(&expected) {
        assert_eq!(rows.len(), expected.len(), "rows of {path}: {}", context());
        for (row, expected) in rows.iter().zip(expected) {
            assert_eq!(row, expected, "in {path}: {}", context());
        }
    }
    assert!(coverage.complete, "{}", context());
}

fn folder(seed: u64, tally: &mut Tally) {
    let mut rng = Rng::new(seed);
    let mut tree = Tree::write(&mut rng, 14).unwrap();
    for number in 0..2 {
        // More than one block: the interesting offsets and line numbers are behind the first.
        let shape = Shape::any(&mut rng);
        let bytes = sized(&mut rng, shape, 1500);
        tree.put(Path::new(&format!("large-{number}.txt")), &bytes)
            .unwrap();
    }
    let opened = Opened::new(tree.path());
    for _ in 0..QUESTIONS {
        question(&mut rng, &tree, &opened, tally, seed);
    }
}

#[test]
fn rows_are_those_of_ripgrep() {
    let cases: u64 = std::env::var("QUERN_CASES").map_or(1_200, |cases| cases.parse().unwrap());
    let first: u64 = std::env::var("QUERN_SEED").map_or(0, |seed| seed.parse().unwrap());
    let mut tally = Tally::default();
    for seed in first..first + cases.div_ceil(QUESTIONS) {
        folder(seed, &mut tally);
    }
    let Tally { refused, with_rows } = tally;
    println!("{cases} cases: {with_rows} with rows, {refused} refused");
    assert!(u64::from(with_rows) > cases / 4);
}
