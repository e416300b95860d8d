//! A merge against a builder that is given the same blocks.

#![allow(
    clippy::single_range_in_vec_init,
    reason = "one range of blocks is a list of ranges"
)]

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;

use proptest::prelude::*;

use super::{MergeError, MergeInput, merge};
use crate::directory::Directory;
use crate::symbols::Gram;
use crate::testing::{Full, Index};
use crate::{CorruptPage, ErrorKind, Grams, Planes, PostingBytes};

/// Some blocks, and which of them to keep.
type Input = (Vec<Vec<u8>>, Vec<bool>);

fn ranges(kept: &[bool]) -> Vec<Range<u32>> {
    let mut ranges: Vec<Range<u32>> = Vec::new();
    for id in (0..kept.len() as u32).filter(|&id| kept[id as usize]) {
        match ranges.last_mut() {
            Some(last) if last.end == id => last.end += 1,
            _ => ranges.push(id..id + 1),
        }
    }
    ranges
}

fn merged(inputs: &[Input], planes: Planes) -> Index {
    let indexes: Vec<Index> = inputs.iter().map(|(texts, _)| Index::of(texts, planes)).collect();
    merge_indexes(&indexes, inputs)
}

fn open(index: &Index) -> Grams<'_> {
    Grams::open(&index.directory, &index.postings).unwrap()
}

fn merge_indexes(indexes: &[Index], inputs: &[Input]) -> Index {
    let kept: Vec<_> = inputs.iter().map(|(_, kept)| ranges(kept)).collect();
    let grams: Vec<Grams<'_>> = indexes.iter().map(open).collect();
    let inputs: Vec<_> = grams
        .iter()
        .zip(&kept)
        .map(|(grams, kept)| MergeInput { grams, kept })
        .collect();
    let (mut directory, mut postings) = (Vec::new(), Vec::new());
    let stats = merge(&inputs, &mut directory, &mut postings).unwrap();
    Index {
        directory,
        postings,
        stats,
    }
}

fn rebuilt(inputs: &[Input], planes: Planes) -> Index {
    let kept = |(texts, kept): &'_ Input| {
        let pairs = texts.iter().zip(kept);
        pairs
            .filter(|(_, kept)| **kept)
            .map(|(text, _)| text.clone())
            .collect::<Vec<_>>()
    };
    let texts: Vec<_> = inputs.iter().flat_map(kept).collect();
    Index::of(&texts, planes)
}

/// The bytes and the ids of every list; those of a capital gram without a list are its base gram's.
fn lists(index: &Index) -> BTreeMap<Gram, (Vec<u8>, Vec<u32>)> {
    let grams = Grams::open(&index.directory, &index.postings).unwrap();
    let directory = Directory::parse(&index.directory).unwrap();
    let list = |found: Result<(Gram, Range<u64>), _>| {
        let (gram, range) = found.unwrap();
        let mut ids = Vec::new();
        grams
            .list_at(gram, range.clone())
            .unwrap()
            .decode(&mut ids)
            .unwrap();
        let bytes = index.postings[range.start as usize..range.end as usize].to_vec();
        (gram, (bytes, ids))
    };
    directory.lists().map(list).collect()
}

/// Checks that base and high lists are the builder's, and that capital lists lie between the truth and the base list.
fn assert_same(merged: &Index, rebuilt: &Index, inputs: &[Input]) {
    let (found, expected) = (lists(merged), lists(rebuilt));
    let plain = |lists: &BTreeMap<Gram, (Vec<u8>, Vec<u32>)>| {
        let plain = lists.iter().filter(|(gram, _)| gram.folded().is_none());
        plain
            .map(|(gram, list)| (*gram, list.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(plain(&found), plain(&expected));
    let mut extractor = crate::Extractor::new(Planes::default());
    let kept = inputs.iter().flat_map(|(texts, kept)| texts.iter().zip(kept));
    let kept = kept.filter(|(_, kept)| **kept);
    for (id, (text, _)) in (0..).zip(kept) {
        let block = extractor.extract(text);
        let capitals = block.keys().map(Gram);
        for gram in capitals.filter(|gram| gram.folded().is_some()) {
            assert!(found[&gram].1.contains(&id), "{gram:?} in {id}");
        }
    }
    for (gram, (bytes, ids)) in &found {
        if let Some(base) = gram.folded() {
            let base = &found[&base].1;
            assert!(ids.iter().all(|id| base.contains(id)), "{gram:?}");
            assert!(bytes.is_empty() || ids.len() * 4 <= base.len() * 3, "{gram:?}");
        }
    }
    assert_eq!(merged.stats.bytes, merged.postings.len() as u64);
    assert_eq!(merged.stats.lists, found.len() as u64);
}

fn texts() -> impl Strategy<Value = Vec<u8>> {
    let word = prop::sample::select(vec![
        &b"struct"[..],
        b"PM_RESUME",
        b"pm_resume",
        b"\n",
        b"x",
        b"\xD0\xBF\xD1\x80\xD0\xB8",
        b"==",
        b"EINVAL",
        b"einval",
    ]);
    prop::collection::vec(word, 0..8).prop_map(|words| words.concat())
}

fn inputs() -> impl Strategy<Value = Vec<Input>> {
    let blocks = prop::collection::vec((texts(), any::<bool>()), 0..60);
    let input = (blocks, 0..4u8).prop_map(|(blocks, keep)| {
        let (texts, mut kept): Input = blocks.into_iter().unzip();
        match keep {
            0 => kept.fill(false),
            1 => kept.fill(true),
            _ => {}
        }
        (texts, kept)
    });
    prop::collection::vec(input, 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_merge_is_what_a_builder_gives(inputs in inputs(), high: bool) {
        let planes = Planes { capitals: false, high };
        let without_inputs = inputs.is_empty();
        let expected = rebuilt(&inputs, if without_inputs { Planes::default() } else { planes });
        prop_assert!(merged(&inputs, planes) == expected);
    }

    #[test]
    fn capital_lists_have_every_block_that_they_should(inputs in inputs()) {
        let merged = merged(&inputs, Planes::default());
        assert_same(&merged, &rebuilt(&inputs, Planes::default()), &inputs);
    }

    #[test]
    fn a_merge_of_merges_is_one(inputs in inputs(), split in any::<prop::sample::Index>()) {
        let (left, right) = inputs.split_at(split.index(inputs.len() + 1));
        let both = [left, right].map(|inputs| merged(inputs, Planes::default()));
        let all: Vec<Input> = [left, right]
            .map(|inputs| {
                let kept = inputs.iter().flat_map(|(texts, kept)| texts.iter().zip(kept));
                let texts: Vec<_> = kept.filter(|(_, kept)| **kept).map(|(text, _)| text.clone()).collect();
                let kept = vec![true; texts.len()];
                (texts, kept)
            })
            .into();
        assert_same(&merge_indexes(&both, &all), &rebuilt(&all, Planes::default()), &all);
    }

    #[test]
    fn a_damaged_input_is_named_or_merged(
        inputs in inputs(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>(), any::<prop::sample::Index>(), 1u8..), 1..5),
    ) {
        let mut indexes: Vec<_> = inputs.iter().map(|(texts, _)| Index::of(texts, Planes::default())).collect();
        for (index, of_postings, at, xor) in damage {
            let Some(index) = (!indexes.is_empty()).then(|| index.get_mut(&mut indexes)) else { continue };
            let bytes = if of_postings { &mut index.postings } else { &mut index.directory };
            if !bytes.is_empty() {
                *at.get_mut(bytes) ^= xor;
            }
        }
        let grams: Option<Vec<_>> =
            indexes.iter().map(|index| Grams::open(&index.directory, &index.postings).ok()).collect();
        let Some(grams) = grams else { return Ok(()) };
        let whole: Vec<_> = grams.iter().map(|grams| [0..grams.blocks()]).collect();
        if grams.iter().map(|grams| grams.blocks() as usize).sum::<usize>() > crate::MAX_BLOCKS {
            return Ok(());
        }
        let inputs: Vec<_> =
            grams.iter().zip(&whole).map(|(grams, kept)| MergeInput { grams, kept }).collect();
        let mut directory = Vec::new();
        match merge(&inputs, &mut directory, &mut Vec::new()) {
            Ok(_) => prop_assert!(Directory::parse(&directory).is_ok()),
            Err(MergeError::Input { input, .. }) => prop_assert!(input < inputs.len() && directory.is_empty()),
            Err(MergeError::Write(error)) => prop_assert!(false, "{error}"),
        }
    }
}

/// Enough blocks for bitmaps and lists of several frames, and for those to lose that form.
#[test]
fn dense_and_long_lists_are_merged() {
    let text = |number: usize| {
        let every = |step: usize, word: &str| {
            if number.is_multiple_of(step) {
                word.to_string()
            } else {
                String::new()
            }
        };
        [
            "everywhere".to_string(),
            every(2, "half"),
            every(7, "some"),
            every(301, "rare"),
            format!("n{number}"),
        ]
        .concat()
        .into_bytes()
    };
    let input = |range: Range<usize>, drop: usize| {
        let kept = range.clone().map(|number| number % drop != 0).collect();
        (range.map(text).collect(), kept)
    };
    let planes = Planes {
        capitals: false,
        high: true,
    };
    for drops in [[usize::MAX; 3], [2, 3, 5], [1, usize::MAX, 1], [64, 1, 2]] {
        let [a, b, c] = drops;
        let inputs = [input(1..900, a), input(1..4000, b), input(1..70, c)];
        assert!(merged(&inputs, planes) == rebuilt(&inputs, planes), "{drops:?}");
    }
}

#[test]
fn the_output_has_the_planes_of_every_input() {
    let text = vec![b"PM_RESUME \xD0\xBF\xD1\x80".to_vec()];
    let all = Index::of(&text, Planes::default());
    let planes = Planes {
        capitals: false,
        high: true,
    };
    let some = Index::of(&text, planes);
    let inputs: [Input; 2] = [(text.clone(), vec![true]), (text, vec![true])];
    assert_eq!(merge_indexes(&[all, some], &inputs), rebuilt(&inputs, planes));
}

#[test]
fn a_corrupt_page_and_a_failed_write_are_told_apart() {
    struct Damaged;
    impl PostingBytes for Damaged {
        fn bytes(&self, _: Range<u64>) -> Result<&[u8], CorruptPage> {
            Err(CorruptPage { page: 7 })
        }
    }
    let index = Index::of(&[b"some text".to_vec()], Planes::default());
    let sound = Grams::open(&index.directory, &index.postings).unwrap();
    let damaged = Grams::open(&index.directory, &Damaged).unwrap();
    let [first, second] = [&sound, &damaged].map(|grams| MergeInput { grams, kept: &[0..1] });
    let mut directory = b"before".to_vec();
    match merge(&[first, second], &mut directory, &mut Vec::new()) {
        Err(MergeError::Input { input: 1, error }) => {
            assert_eq!(error.kind(), &ErrorKind::Page(CorruptPage { page: 7 }));
        }
        other => panic!("{other:?}"),
    }
    match merge(&[first], &mut directory, &mut Full) {
        Err(MergeError::Write(error)) => assert_eq!(error.kind(), io::ErrorKind::StorageFull),
        other => panic!("{other:?}"),
    }
    assert_eq!(directory, b"before");
}

#[test]
#[should_panic(expected = "ranges of blocks ascend")]
fn ranges_beyond_the_input_are_refused() {
    let index = Index::of(&[b"some text".to_vec()], Planes::default());
    let grams = Grams::open(&index.directory, &index.postings).unwrap();
    let input = MergeInput {
        grams: &grams,
        kept: &[0..2],
    };
    let _ = merge(&[input], &mut Vec::new(), &mut Vec::new());
}
