//! Posting lists against plain sets, and against bytes that no encoder wrote.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{Encoder, List, read_varint, write_varint};

fn encode(ids: &[u16], blocks: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    Encoder::new(blocks).encode(ids, &mut bytes);
    bytes
}

fn decode(bytes: &[u8], blocks: usize) -> Result<Vec<u32>, crate::Error> {
    let mut ids = Vec::new();
    List::parse(bytes, blocks as u32)?.decode(&mut ids)?;
    Ok(ids)
}

/// A number of blocks and ids below it: even, clustered, dense or almost all.
fn lists() -> impl Strategy<Value = (usize, Vec<u16>)> {
    let blocks = prop_oneof![
        1usize..9,
        60usize..70,
        500usize..600,
        1usize..=65_536,
        Just(65_536usize)
    ];
    blocks.prop_flat_map(|blocks| {
        let any = prop::collection::btree_set(0..blocks as u32, 1..=blocks.min(700));
        let runs = prop::collection::vec((0..blocks as u32, 1u32..400), 1..20).prop_map(move |runs| {
            let ids = runs
                .into_iter()
                .flat_map(|(start, length)| start..start.saturating_add(length));
            ids.filter(|&id| id < blocks as u32).collect::<BTreeSet<u32>>()
        });
        let holes = prop::collection::btree_set(0..blocks as u32, 0..5).prop_map(move |holes| {
            let ids: BTreeSet<u32> = (0..blocks as u32).filter(|id| !holes.contains(id)).collect();
            if ids.is_empty() { BTreeSet::from([0]) } else { ids }
        });
        let ids = prop_oneof![any, runs, holes];
        ids.prop_map(move |ids| (blocks, ids.into_iter().map(|id| id as u16).collect()))
    })
}

proptest! {
    #[test]
    fn decoding_gives_back_the_ids((blocks, ids) in lists()) {
        let bytes = encode(&ids, blocks);
        prop_assert_eq!(decode(&bytes, blocks).unwrap(), ids.iter().map(|&id| id as u32).collect::<Vec<_>>());
        prop_assert_eq!(List::parse(&bytes, blocks as u32).unwrap().count() as usize, ids.len());
    }

    #[test]
    fn filtering_is_intersection((blocks, ids) in lists(), seed in prop::collection::btree_set(0u32..65_536, 0..500)) {
        let list: BTreeSet<u32> = ids.iter().map(|&id| id as u32).collect();
        let near = list.iter().step_by(3).map(|id| (id + 1) % blocks as u32);
        let candidates: BTreeSet<u32> =
            seed.iter().map(|id| id % blocks as u32).chain(list.iter().copied().step_by(2)).chain(near).collect();
        let bytes = encode(&ids, blocks);
        let mut kept: Vec<u32> = candidates.iter().copied().collect();
        List::parse(&bytes, blocks as u32).unwrap().filter(&mut kept).unwrap();
        prop_assert_eq!(kept, candidates.intersection(&list).copied().collect::<Vec<_>>());
    }

    #[test]
    fn or_into_is_union((blocks, ids) in lists(), before in prop::collection::vec(any::<u64>(), 1024)) {
        let mut bits = before[..blocks.div_ceil(64)].to_vec();
        let mut expected = bits.clone();
        for &id in &ids {
            expected[id as usize / 64] |= 1 << (id % 64);
        }
        List::parse(&encode(&ids, blocks), blocks as u32).unwrap().or_into(&mut bits).unwrap();
        prop_assert_eq!(bits, expected);
    }

    #[test]
    fn flipped_bytes_give_an_error_or_ids_in_range(
        (blocks, ids) in lists(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = encode(&ids, blocks);
        for (at, xor) in flips {
            *at.get_mut(&mut bytes) ^= xor;
        }
        for bytes in [&bytes[..], &bytes[..cut.index(bytes.len())]] {
            survives(bytes, blocks);
        }
    }

    #[test]
    fn any_bytes_give_an_error_or_ids_in_range(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        blocks in 1usize..=65_536,
    ) {
        survives(&bytes, blocks);
    }

    #[test]
    fn varints_are_read_back(value: u32, tail: u8) {
        let mut bytes = Vec::new();
        write_varint(value, &mut bytes);
        bytes.push(tail);
        let mut rest = &bytes[..];
        prop_assert_eq!(read_varint(&mut rest), Some(value));
        prop_assert_eq!(rest, &[tail]);
    }
}

/// Every way to read these bytes ends in an error or in ascending ids below `blocks`.
fn survives(bytes: &[u8], blocks: usize) {
    let Ok(list) = List::parse(bytes, blocks as u32) else {
        return;
    };
    let mut ids = Vec::new();
    if list.decode(&mut ids).is_ok() {
        assert!(ids.is_sorted_by(|a, b| a < b) && ids.last().is_none_or(|&id| (id as usize) < blocks));
    }
    let mut candidates: Vec<u32> = (0..blocks as u32).step_by(7).collect();
    if list.filter(&mut candidates).is_ok() {
        assert!(candidates.is_sorted_by(|a, b| a < b));
    }
    let _ = list.or_into(&mut vec![0; blocks.div_ceil(64)]);
}

#[test]
fn the_longest_gap_fits_a_frame() {
    for ids in [
        vec![0, 65_535],
        vec![65_534, 65_535],
        vec![1, 2, 65_535],
        (65_400..=65_535).collect(),
    ] {
        let expected: Vec<u32> = ids.iter().map(|&id| id as u32).collect();
        assert_eq!(decode(&encode(&ids, 65_536), 65_536).unwrap(), expected);
    }
}

#[test]
fn a_varint_that_passes_32_bits_is_refused() {
    assert_eq!(read_varint(&mut &[0xFF, 0xFF, 0xFF, 0xFF, 0x1F][..]), None);
    assert_eq!(read_varint(&mut &[0x80; 9][..]), None);
    assert_eq!(
        read_varint(&mut &[0xFF, 0xFF, 0xFF, 0xFF, 0x0F][..]),
        Some(u32::MAX)
    );
}
