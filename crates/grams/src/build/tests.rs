//! Segments: many blocks, reuse, budgets and failing writers. What a built index answers is tested with reading.

use std::collections::BTreeMap;

use super::invert::Inverter;
use super::streams::Streams;
use super::{BuildOptions, GramBuilder, MAX_BLOCKS};
use crate::planes::BUCKETS;
use crate::symbols::Gram;
use crate::testing::Full;
use crate::{Blocks, CostModel, Extractor, Grams, Planes, Query};

/// Text whose grams depend on `seed`.
fn text(seed: u32, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        b"etaoin shrdlu_(){};=ABCDEFGH\n\xC3\xA9"[state as usize % 31]
    };
    (0..length).map(|_| next()).collect()
}

fn finish(builder: &mut GramBuilder) -> (Vec<u8>, Vec<u8>) {
    let (mut directory, mut postings) = (Vec::new(), Vec::new());
    builder.finish(&mut directory, &mut postings).unwrap();
    (directory, postings)
}

#[test]
fn a_reused_builder_writes_the_same_bytes() {
    let mut reused = GramBuilder::new(BuildOptions::default());
    for segment in 0..4 {
        let mut fresh = GramBuilder::new(BuildOptions::default());
        for block in 0..40 * segment {
            let text = text(segment * 1000 + block, 3000);
            assert_eq!(reused.add_block(&text), fresh.add_block(&text));
        }
        assert_eq!(finish(&mut reused), finish(&mut fresh));
        assert_eq!(reused.blocks(), 0);
    }
}

#[test]
fn a_block_that_was_added_by_half_can_be_taken_back() {
    for blocks in [0, 1, 37, 90] {
        let mut builder = GramBuilder::new(BuildOptions::default());
        let mut clean = GramBuilder::new(BuildOptions::default());
        for block in 0..blocks {
            let text = text(block, 9000);
            builder.add_block(&text);
            clean.add_block(&text);
        }
        // A run cut short in one stream, none in those behind it.
        let text = text(1_000_000, 9000);
        let mut extractor = Extractor::new(Planes::default());
        builder.streams.push_half(&extractor.extract(&text), BUCKETS / 2);
        builder.truncate(blocks as usize);
        assert_eq!(builder.add_block(&text), clean.add_block(&text));
        assert_eq!(builder.blocks(), clean.blocks());
        assert_eq!(finish(&mut builder), finish(&mut clean));
    }
}

#[test]
fn few_and_many_postings_are_inverted_alike() {
    let mut extractor = Extractor::new(Planes::default());
    let mut streams = Streams::new();
    let texts: Vec<Vec<u8>> = (0..300).map(|block| text(block % 40, 700)).collect();
    for text in &texts {
        streams.push(&extractor.extract(text));
    }
    let naive = |bucket: usize| {
        let mut lists = BTreeMap::<usize, Vec<u16>>::new();
        for (block, run) in streams.streams()[bucket].runs().enumerate() {
            run.iter()
                .for_each(|&key| lists.entry(key.into()).or_default().push(block as u16));
        }
        lists
    };
    for bucket in 0..BUCKETS {
        let stream = &streams.streams()[bucket];
        let (mut sorted, mut counted) = (BTreeMap::new(), BTreeMap::new());
        let mut inverter = Inverter::new();
        inverter
            .by_sorting(stream, |key, blocks| {
                sorted.insert(key, blocks.to_vec());
                Ok(())
            })
            .unwrap();
        inverter
            .by_counting(stream, |key, blocks| {
                counted.insert(key, blocks.to_vec());
                Ok(())
            })
            .unwrap();
        assert_eq!(sorted, naive(bucket));
        assert_eq!(counted, sorted);
    }
}

#[test]
fn memory_stays_within_the_budget() {
    let budget = 12 << 20;
    let mut builder = GramBuilder::new(BuildOptions {
        budget,
        planes: Planes::default(),
    });
    for segment in 0..3 {
        while !builder.is_full() {
            builder.add_block(&text(builder.blocks() as u32 * 3 + segment, 16_384));
            assert!(
                builder.memory() <= budget,
                "{} bytes after {} blocks",
                builder.memory(),
                builder.blocks()
            );
        }
        assert!(builder.blocks() > 100);
        finish(&mut builder);
        assert!(builder.memory() <= budget && !builder.is_full());
    }
}

#[test]
fn a_tiny_budget_still_takes_a_block() {
    let mut builder = GramBuilder::new(BuildOptions {
        budget: 0,
        planes: Planes::default(),
    });
    assert!(!builder.is_full());
    builder.add_block(b"a line\n");
    assert!(builder.is_full());
    finish(&mut builder);
    assert!(!builder.is_full());
}

#[test]
fn a_full_segment_has_65536_blocks() {
    let mut builder = GramBuilder::new(BuildOptions {
        budget: usize::MAX,
        planes: Planes::default(),
    });
    let (mut common, mut rare) = (
        Extractor::new(Planes::default()),
        Extractor::new(Planes::default()),
    );
    let (common, rare) = (common.extract(b"common"), rare.extract(b"rare words"));
    for block in 0..MAX_BLOCKS {
        assert!(!builder.is_full());
        builder
            .streams
            .push(if block % 1000 == 999 { &rare } else { &common });
        builder.blocks += 1;
    }
    assert!(builder.is_full());
    let (directory, postings) = finish(&mut builder);
    let grams = Grams::open(&directory, &postings).unwrap();
    let rare = Query::Gram(Gram::base(17, 0, 17));
    let expected = (0..MAX_BLOCKS as u32)
        .filter(|block| block % 1000 == 999)
        .collect();
    assert_eq!(
        grams.candidates(&rare, &CostModel::default()).unwrap(),
        Blocks::Ids(expected)
    );
}

#[test]
fn two_small_files_take_little() {
    let mut builder = GramBuilder::new(BuildOptions::default());
    builder.add_block(b"fn main() {}\n");
    builder.add_block(b"fn other() {}\n");
    let (directory, postings) = finish(&mut builder);
    assert!(
        directory.len() + postings.len() < 1500,
        "{} and {}",
        directory.len(),
        postings.len()
    );
}

#[test]
fn an_empty_segment_is_an_index() {
    let (directory, postings) = finish(&mut GramBuilder::new(BuildOptions::default()));
    let grams = Grams::open(&directory, &postings).unwrap();
    assert_eq!(grams.blocks(), 0);
    let query = Query::Gram(Gram(0));
    assert_eq!(
        grams.candidates(&query, &CostModel::default()).unwrap(),
        Blocks::Ids(Vec::new())
    );
}

#[test]
fn a_failed_write_empties_the_builder() {
    let mut builder = GramBuilder::new(BuildOptions::default());
    builder.add_block(b"some text\n");
    let mut directory = Vec::new();
    assert!(builder.finish(&mut directory, &mut Full).is_err());
    assert!(directory.is_empty());
    builder.add_block(b"other\n");
    let mut fresh = GramBuilder::new(BuildOptions::default());
    fresh.add_block(b"other\n");
    assert_eq!(finish(&mut builder), finish(&mut fresh));
}
