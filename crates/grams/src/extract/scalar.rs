//! Extraction without vector instructions, for processors that have no other kernel.

use std::ops::Range;

use super::{BUCKET_WORDS, Kernel, Listed, Scan, State, generic};
use crate::symbols::{Gram, LINE_END, SYMBOLS};

/// The kernel, which runs everywhere.
pub(super) fn kernel() -> Kernel {
    Kernel {
        name: "scalar",
        scan,
        capitals,
        high,
        list,
    }
}

fn scan(state: &mut State, text: &[u8]) -> Scan {
    let mut found = Scan::default();
    let (mut first, mut second) = (LINE_END, LINE_END);
    let mut set = |third: u8| {
        if second != LINE_END {
            mark(state, Gram::base(first, second, third));
        }
        (first, second) = (second, third);
    };
    let mut last = LINE_END;
    for &byte in text {
        found.newlines += (byte == b'\n') as u64;
        found.high |= byte >= 0x80;
        last = SYMBOLS[byte as usize];
        set(last);
    }
    if last != LINE_END {
        set(LINE_END);
    }
    found
}

fn capitals(state: &mut State, text: &[u8]) -> bool {
    let grams = text
        .windows(3)
        .filter_map(|window| Gram::capital(window[0], window[1], window[2]));
    mark_all(state, grams)
}

fn high(state: &mut State, text: &[u8]) -> bool {
    let windows = text.windows(3).filter(|window| !window.contains(&b'\n'));
    mark_all(
        state,
        windows.filter_map(|window| Gram::high(window[0], window[1], window[2])),
    )
}

fn list(state: &mut State, buckets: Range<usize>, listed: &mut Listed) {
    // SAFETY: no instruction set is needed.
    unsafe { generic::list(state, buckets, listed, nonzero_words) }
}

fn nonzero_words(words: &[u64; BUCKET_WORDS]) -> u64 {
    words
        .iter()
        .rev()
        .fold(0, |bits, &word| bits << 1 | (word != 0) as u64)
}

fn mark(state: &mut State, gram: Gram) {
    state.words[gram.0 as usize / 64] |= 1 << (gram.0 % 64);
}

fn mark_all(state: &mut State, grams: impl Iterator<Item = Gram>) -> bool {
    let mut any = false;
    for gram in grams {
        mark(state, gram);
        any = true;
    }
    any
}
