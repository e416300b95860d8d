//! Every kernel against a set of windows.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{Extractor, Kernel};
use crate::planes::Planes;
use crate::symbols::{Gram, LINE_END, SYMBOLS};

fn naive(text: &[u8], planes: Planes) -> BTreeSet<u32> {
    let mut symbols = vec![LINE_END];
    symbols.extend(text.iter().map(|&byte| SYMBOLS[byte as usize]));
    if symbols[symbols.len() - 1] != LINE_END {
        symbols.push(LINE_END);
    }
    let mut keys = BTreeSet::new();
    let base = symbols.windows(3).filter(|w| w[1] != LINE_END);
    keys.extend(base.map(|w| Gram::base(w[0], w[1], w[2]).0));
    for w in text.windows(3) {
        keys.extend(
            Gram::capital(w[0], w[1], w[2])
                .filter(|_| planes.capitals)
                .map(|gram| gram.0),
        );
        let high = Gram::high(w[0], w[1], w[2]).filter(|_| planes.high && !w.contains(&b'\n'));
        keys.extend(high.map(|gram| gram.0));
    }
    keys
}

fn check(texts: &[Vec<u8>], planes: Planes) {
    for kernel in Kernel::available() {
        let mut extractor = Extractor::with_kernel(planes, kernel);
        for text in texts {
            let expected: Vec<u32> = naive(text, planes).into_iter().collect();
            let block = extractor.extract(text);
            let newlines = text.iter().filter(|&&byte| byte == b'\n').count() as u64;
            assert_eq!(block.newlines(), newlines, "{} newlines", kernel.name());
            assert!(
                block.keys().eq(expected.iter().copied()),
                "{} on {:?}",
                kernel.name(),
                text.as_slice()
            );
        }
    }
}

const BOTH: Planes = Planes {
    capitals: true,
    high: true,
};

/// Bytes among which every rule of extraction has something to do.
fn nasty() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        4 => prop::sample::select(b"aAbBzZ019_ \t-()\r\n\n".to_vec()),
        1 => any::<u8>(),
        1 => 0x80u8..,
    ];
    prop::collection::vec(byte, 0..3000)
}

/// Runs of one byte, around the lengths at which vectors and chunks end.
fn runs() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![prop::sample::select(b" A\n\r-\xC3\xA9".to_vec()), any::<u8>()];
    let length = prop_oneof![1usize..5, 14usize..18, 30usize..36, 62usize..67, 1020usize..1030];
    let run = (byte, length).prop_map(|(byte, length)| vec![byte; length]);
    prop::collection::vec(run, 0..8).prop_map(|runs| runs.concat())
}

proptest! {
    #[test]
    fn kernels_agree_with_windows(texts in prop::collection::vec(nasty(), 1..4)) {
        check(&texts, BOTH);
    }

    #[test]
    fn kernels_agree_on_runs(texts in prop::collection::vec(runs(), 1..4)) {
        check(&texts, BOTH);
    }

    #[test]
    fn a_plane_left_out_gives_no_keys(text in nasty(), capitals: bool, high: bool) {
        check(&[text], Planes { capitals, high });
    }
}

#[test]
fn every_single_byte() {
    let texts: Vec<Vec<u8>> = (0..=255).map(|byte| vec![byte]).collect();
    check(&texts, BOTH);
}

#[test]
fn every_pair_of_edge_bytes() {
    let edges = [
        0, b'\n', b'\r', b' ', b'A', b'Z', b'_', b'a', 0x7F, 0x80, 0xBF, 0xC0, 0xFF,
    ];
    let pairs = edges
        .iter()
        .flat_map(|&first| edges.iter().map(move |&second| vec![first, second]));
    check(&pairs.collect::<Vec<_>>(), BOTH);
}

#[test]
fn every_length_about_a_chunk() {
    let text: Vec<u8> = (0..2100u32)
        .map(|i| b"PM_resume \xC3\xA9\n"[(i * i % 13) as usize])
        .collect();
    let texts: Vec<Vec<u8>> = (0..140)
        .chain(1000..1100)
        .chain(2040..2100)
        .map(|end| text[..end].to_vec())
        .collect();
    check(&texts, BOTH);
}

#[test]
fn a_long_line() {
    let line: Vec<u8> = (0..200_000u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let line: Vec<u8> = line
        .into_iter()
        .map(|byte| if byte == b'\n' { b' ' } else { byte })
        .collect();
    check(&[line], BOTH);
}

#[test]
fn an_empty_block_has_no_grams() {
    check(&[Vec::new(), b"\n".to_vec(), b"\r\n".to_vec(), Vec::new()], BOTH);
}
