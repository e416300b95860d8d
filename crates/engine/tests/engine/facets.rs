//! Facets count what a search of everything finds.

use std::collections::BTreeMap;
use std::fs;

use quern_engine::{
    Cancel, Change, FacetBy, FacetRequest, FacetValue, Index, Interval, SearchAnswer, SearchHit,
    SearchRequest,
};
use quern_testkit::Rng;
use tempfile::TempDir;

use crate::opened::Opened;

const BY: [FacetBy; 5] = [
    FacetBy::Language,
    FacetBy::Folder { depth: 1 },
    FacetBy::Folder { depth: 2 },
    FacetBy::Level,
    FacetBy::Time {
        interval: Interval::Hour,
    },
];

const QUERIES: &[&str] = &[
    "slab",
    "slab lock",
    "+slab -lock",
    "path:net/",
    "*",
    "nowhere",
    "/^slab/",
];

fn search(index: &Index, query: &str, limit: usize, values: usize) -> SearchAnswer {
    let request = SearchRequest {
        limit,
        facets: BY.map(|by| FacetRequest { by, limit: values }).to_vec(),
        fold: false,
        ..SearchRequest::new(query)
    };
    index.search(&request, &Cancel::new()).unwrap()
}

/// What a hit counts for, naively.
fn value(by: &FacetBy, hit: &SearchHit) -> Option<String> {
    let path = str::from_utf8(&hit.path).unwrap();
    Some(match by {
        FacetBy::Field { .. } => return None,
        FacetBy::Level => hit.level?.name().into(),
        FacetBy::Time { .. } => {
            let hours = hit.time? / 3_600_000;
            format!("2015-07-{:02}T{:02}:00:00Z", 1 + hours / 24 - DAYS, hours % 24)
        }
        FacetBy::Language => match path.rsplit('.').next().unwrap() {
            "c" => "c".into(),
            "md" => "markdown".into(),
            "log" => "log".into(),
            _ => "unknown".into(),
        },
        FacetBy::Folder { depth } => {
            let mut names: Vec<&str> = path.split('/').collect();
            names.pop();
            names.truncate(*depth);
            if names.is_empty() {
                ".".into()
            } else {
                names.join("/")
            }
        }
    })
}

/// The days from 1970 to July 2015.
const DAYS: i64 = 16_617;

fn assert_counts(index: &Index, query: &str) {
    let all = search(index, query, 10_000, usize::MAX);
    assert_eq!(all.hits.len() as u64, all.total);
    for (facet, by) in all.facets.iter().zip(BY) {
        let mut expected: BTreeMap<String, u64> = BTreeMap::new();
        for value in all.hits.iter().filter_map(|hit| value(&by, hit)) {
            *expected.entry(value).or_default() += 1;
        }
        let mut expected: Vec<(String, u64)> = expected.into_iter().collect();
        if !matches!(by, FacetBy::Time { .. }) {
            expected.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        }
        let found = facet
            .values
            .iter()
            .map(|value| (value.value.clone(), value.count));
        assert_eq!(found.collect::<Vec<_>>(), expected, "{query} by {by:?}");
        assert_eq!((&facet.by, facet.more, facet.others), (&by, 0, 0));
    }
    let few = search(index, query, 0, 2);
    assert_eq!((few.hits.len(), few.total), (0, all.total));
    for (few, all) in few.facets.iter().zip(&all.facets) {
        let most = all.values.len().min(2);
        let shown = match all.by {
            FacetBy::Time { .. } => all.values.len() - most..all.values.len(),
            _ => 0..most,
        };
        assert_eq!(few.values, all.values[shown], "{query}");
        assert_eq!(few.more as usize, all.values.len() - most);
        let count = |values: &[FacetValue]| values.iter().map(|value| value.count).sum::<u64>();
        assert_eq!(few.others, count(&all.values) - count(&few.values));
    }
}

#[test]
fn facets_count_all_that_matches() {
    let mut rng = Rng::new(11);
    let folder = TempDir::new().unwrap();
    let text = |rng: &mut Rng| {
        let line = |rng: &mut Rng| format!("{}\n", rng.pick(&["slab", "lock", "slab lock", "free", ""]));
        (0..rng.below(150)).map(|_| line(rng)).collect::<String>()
    };
    let path = |rng: &mut Rng| {
        let place = rng.pick(&["", "mm/", "net/", "net/core/", "net/core/deep/", "net/ipv4/"]);
        format!("{place}f{}.{}", rng.below(8), rng.pick(&["c", "md", "xyz"]))
    };
    let log = |rng: &mut Rng| {
        let record = |rng: &mut Rng| {
            let (day, hour, minute) = (1 + rng.below(3), rng.below(24), rng.below(60));
            let level = rng.pick(&["INFO", "WARN", "ERROR"]);
            let words = rng.pick(&["slab", "lock", "slab lock"]);
            let trace = rng.pick(&["", "\n  at slab.free"]);
            format!("2015-07-0{day}T{hour:02}:{minute:02}:00Z {level} {words}{trace}\n")
        };
        (0..5 + rng.below(100)).map(|_| record(rng)).collect::<String>()
    };
    for number in 0..36 {
        let path = match number % 6 {
            0 => format!("var/{number}.log"),
            _ => path(&mut rng),
        };
        let file = folder.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let text = if number % 6 == 0 {
            log(&mut rng)
        } else {
            text(&mut rng)
        };
        fs::write(file, text).unwrap();
    }
    let opened = Opened::new(folder.path());
    let cancel = Cancel::new();
    opened.index.rank(&cancel).unwrap();
    for round in 0..12 {
        let give = Change::Give {
            path: path(&mut rng).into(),
            text: text(&mut rng).into_bytes(),
        };
        opened.index.apply(vec![give], &cancel).unwrap();
        if round % 4 == 1 {
            opened.index.flush(&cancel).unwrap();
        }
        if round % 6 == 5 {
            opened.index.compact(&cancel).unwrap();
            opened.index.rank(&cancel).unwrap();
        }
        QUERIES
            .iter()
            .for_each(|query| assert_counts(&opened.index, query));
    }
}
