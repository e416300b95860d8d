//! Evaluation against plain sets: blocks as sets of keys, queries as what they say.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{Blocks, CostModel, Grams, PostingBytes};
use crate::directory::Directory;
use crate::symbols::{BASE_KEYS, Gram, PLANE_KEYS};
use crate::testing::Index;
use crate::{Extractor, Planes, Query};

const EXACT: CostModel = CostModel {
    verify_ns_per_block: f64::INFINITY,
    decode_ns_per_posting: 1.6,
};

/// The grams that the index says each text has: its own, and capital grams whose base gram it has where more than
/// three of four texts with that have the capital gram.
fn keys(texts: &[Vec<u8>], planes: Planes) -> Vec<BTreeSet<u32>> {
    let mut extractor = Extractor::new(planes);
    let mut blocks: Vec<BTreeSet<u32>> = texts
        .iter()
        .map(|text| extractor.extract(text).keys().collect())
        .collect();
    let all: BTreeSet<u32> = blocks.iter().flatten().copied().collect();
    for key in all {
        let Some(base) = Gram(key).folded() else { continue };
        let with = |key: u32| blocks.iter().filter(|block| block.contains(&key)).count();
        if with(key) * 4 > with(base.0) * 3 {
            let same = blocks.iter_mut().filter(|block| block.contains(&base.0));
            same.for_each(|block| {
                block.insert(key);
            });
        }
    }
    blocks
}

fn holds(block: &BTreeSet<u32>, query: &Query, planes: Planes) -> bool {
    match query {
        Query::All => true,
        Query::None => false,
        Query::Gram(gram) => !planes.record(*gram) || block.contains(&gram.0),
        Query::And(parts) => parts.iter().all(|part| holds(block, part, planes)),
        Query::Or(parts) => parts.iter().any(|part| holds(block, part, planes)),
    }
}

fn ids(blocks: Blocks, count: usize) -> Vec<u32> {
    match blocks {
        Blocks::All => (0..count as u32).collect(),
        Blocks::Ids(ids) => ids,
    }
}

/// Texts over a few words, so that grams repeat.
fn texts() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let word = prop::sample::select(vec![
        &b"struct"[..],
        b"PM_RESUME",
        b"pm_resume",
        b"\n",
        b" ",
        b"x",
        b"\xD0\xBF\xD1\x80\xD0\xB8",
        b"\r\n",
        b"==",
        b"EINVAL",
    ]);
    let text = prop::collection::vec(word, 0..12).prop_map(|words| words.concat());
    prop::collection::vec(text, 0..80)
}

/// Queries over grams that some of the texts hold and some that none may hold.
fn queries() -> impl Strategy<Value = Query> {
    let window = prop::sample::select(
        b"struct PM_RESUME pm_resume \xD0\xBF\xD1\x80\xD0\xB8 EINVAL==x"
            .windows(3)
            .collect::<Vec<_>>(),
    );
    let gram = prop_oneof![
        (window, 0..3u8).prop_map(|(w, plane)| {
            let symbol = |byte: u8| crate::symbols::SYMBOLS[byte as usize];
            let base = Gram::base(symbol(w[0]), symbol(w[1]), symbol(w[2]));
            let raw = if plane == 1 {
                Gram::capital(w[0], w[1], w[2])
            } else {
                Gram::high(w[0], w[1], w[2])
            };
            raw.filter(|_| plane > 0).unwrap_or(base)
        }),
        any::<u32>().prop_map(|key| Gram(key % (BASE_KEYS + 2 * PLANE_KEYS))),
    ];
    let leaf = prop_oneof![12 => gram.prop_map(Query::Gram), 1 => Just(Query::All), 1 => Just(Query::None)];
    leaf.prop_recursive(3, 24, 5, |inner| {
        let parts = || prop::collection::vec(inner.clone(), 2..5);
        prop_oneof![parts().prop_map(Query::And), parts().prop_map(Query::Or)]
    })
}

fn planes() -> impl Strategy<Value = Planes> {
    any::<(bool, bool)>().prop_map(|(capitals, high)| Planes { capitals, high })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn full_evaluation_is_exact(
        texts in texts(),
        queries in prop::collection::vec(queries(), 1..8),
        planes in planes(),
    ) {
        let index = Index::of(&texts, planes);
        let grams = Grams::open(&index.directory, &index.postings).unwrap();
        let blocks = keys(&texts, planes);
        prop_assert_eq!(grams.blocks() as usize, texts.len());
        for query in queries {
            let expected: Vec<u32> =
                (0..texts.len()).filter(|&id| holds(&blocks[id], &query, planes)).map(|id| id as u32).collect();
            let found = ids(grams.candidates(&query, &EXACT).unwrap(), texts.len());
            prop_assert_eq!(found, expected, "{:?}", query);
        }
    }

    #[test]
    fn any_cost_gives_a_superset(texts in texts(), query in queries(), verify in 0.0f64..100.0, planes in planes()) {
        let index = Index::of(&texts, planes);
        let grams = Grams::open(&index.directory, &index.postings).unwrap();
        let blocks = keys(&texts, planes);
        let cost = CostModel { verify_ns_per_block: verify, ..CostModel::default() };
        let found = ids(grams.candidates(&query, &cost).unwrap(), texts.len());
        prop_assert!(found.is_sorted_by(|a, b| a < b));
        for id in (0..texts.len()).filter(|&id| holds(&blocks[id], &query, planes)) {
            prop_assert!(found.contains(&(id as u32)), "{} is missing", id);
        }
    }

    #[test]
    fn flipped_bytes_give_an_error_or_ids_in_range(
        texts in texts(),
        query in queries(),
        flips in prop::collection::vec((any::<bool>(), any::<prop::sample::Index>(), 1u8..), 1..6),
    ) {
        let mut index = Index::of(&texts, Planes::default());
        for (postings, at, xor) in flips {
            let bytes = if postings { &mut index.postings } else { &mut index.directory };
            if !bytes.is_empty() {
                *at.get_mut(bytes) ^= xor;
            }
        }
        let Ok(grams) = Grams::open(&index.directory, &index.postings) else { return Ok(()) };
        if let Ok(Blocks::Ids(ids)) = grams.candidates(&query, &EXACT) {
            prop_assert!(ids.is_sorted_by(|a, b| a < b));
            prop_assert!(ids.last().is_none_or(|&id| id < grams.blocks()));
        }
    }
}

#[test]
fn a_capital_gram_that_rules_out_little_goes_by_its_base_gram() {
    let candidates = |others: usize| {
        let mut texts = vec![b"PM_".to_vec(); 3];
        texts.extend(vec![b"pm_".to_vec(); others]);
        let index = Index::of(&texts, Planes::default());
        let grams = Grams::open(&index.directory, &index.postings).unwrap();
        let query = Query::Gram(Gram::capital(b'P', b'M', b'_').unwrap());
        ids(grams.candidates(&query, &EXACT).unwrap(), texts.len())
    };
    assert_eq!(candidates(0), [0, 1, 2]);
    assert_eq!(candidates(1), [0, 1, 2]);
    let index = Index::of(&[b"PM_ pm_".to_vec(), b"PM_".to_vec()], Planes::default());
    let lengths = |gram| {
        let range = Directory::parse(&index.directory)
            .unwrap()
            .find(gram)
            .unwrap()
            .unwrap();
        range.end - range.start
    };
    assert_eq!(lengths(Gram::capital(b'P', b'M', b'_').unwrap()), 0);
    assert!(lengths(Gram::base(15, 12, 36)) > 0);
}

#[test]
fn a_gram_of_a_plane_that_is_not_recorded_says_nothing() {
    let planes = Planes {
        capitals: false,
        high: false,
    };
    let index = Index::of(&[b"PM_RESUME".to_vec(), Vec::new()], planes);
    let grams = Grams::open(&index.directory, &index.postings).unwrap();
    let query = Query::Gram(Gram::capital(b'P', b'M', b'_').unwrap());
    assert_eq!(grams.candidates(&query, &EXACT).unwrap(), Blocks::All);
}

#[test]
fn memory_refuses_ranges_outside() {
    let bytes = vec![1u8, 2, 3];
    assert_eq!(bytes.bytes(1..3).unwrap(), &[2, 3]);
    assert_eq!(bytes.bytes(2..4).unwrap_err().page, 0);
    assert_eq!(bytes.bytes(70_000..u64::MAX).unwrap_err().page, 1);
}
