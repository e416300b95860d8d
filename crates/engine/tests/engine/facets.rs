//! Facets count what a search of everything finds.

use std::collections::BTreeMap;
use std::fs;

use quern_engine::{Cancel, Change, FacetBy, FacetRequest, Index, SearchAnswer, SearchRequest};
use quern_testkit::Rng;
use tempfile::TempDir;

use crate::opened::Opened;

const BY: [FacetBy; 3] = [
    FacetBy::Language,
    FacetBy::Folder { depth: 1 },
    FacetBy::Folder { depth: 2 },
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

/// What a path counts for, naively.
fn value(by: FacetBy, path: &str) -> String {
    match by {
        FacetBy::Language => match path.rsplit('.').next().unwrap() {
            "c" => "c".into(),
            "md" => "markdown".into(),
            _ => "unknown".into(),
        },
        FacetBy::Folder { depth } => {
            let mut names: Vec<&str> = path.split('/').collect();
            names.pop();
            names.truncate(depth);
            if names.is_empty() {
                ".".into()
            } else {
                names.join("/")
            }
        }
    }
}

fn assert_counts(index: &Index, query: &str) {
    let all = search(index, query, 10_000, usize::MAX);
    assert_eq!(all.hits.len() as u64, all.total);
    for (facet, by) in all.facets.iter().zip(BY) {
        let mut expected: BTreeMap<String, u64> = BTreeMap::new();
        for hit in &all.hits {
            *expected
                .entry(value(by, str::from_utf8(&hit.path).unwrap()))
                .or_default() += 1;
        }
        let mut expected: Vec<(String, u64)> = expected.into_iter().collect();
        expected.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let found = facet
            .values
            .iter()
            .map(|value| (value.value.clone(), value.count));
        assert_eq!(found.collect::<Vec<_>>(), expected, "{query} by {by:?}");
        assert_eq!((facet.by, facet.more, facet.others), (by, 0, 0));
    }
    let few = search(index, query, 0, 2);
    assert_eq!((few.hits.len(), few.total), (0, all.total));
    for (few, all) in few.facets.iter().zip(&all.facets) {
        let shown = all.values.len().min(2);
        assert_eq!(few.values, all.values[..shown], "{query}");
        assert_eq!(few.more as usize, all.values.len() - shown);
        assert_eq!(
            few.others,
            all.values[shown..].iter().map(|value| value.count).sum::<u64>()
        );
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
    for _ in 0..30 {
        let file = folder.path().join(path(&mut rng));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text(&mut rng)).unwrap();
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
