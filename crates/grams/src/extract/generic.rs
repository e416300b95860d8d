//! The extraction algorithm, written once over [`Vector`].
//!
//! Every function is inlined into one that enables the vector's instruction set, hence the macro that makes a
//! kernel of them.

use std::ops::Range;

use super::vector::Vector;
use super::{BEFORE, BUCKET_WORDS, CHUNK, Listed, Scan, State, WORDS};
use crate::symbols::{BASE_KEYS, Gram, LINE_END, PLANE_KEYS};

/// Defines `kernel_unchecked`, the [`Kernel`](super::Kernel) over a vector type.
macro_rules! kernel {
    ($vector:ty, $name:literal, $features:literal) => {
        use std::ops::Range;

        use crate::extract::{Kernel, Listed, Scan, State, generic};

        #[target_feature(enable = $features)]
        unsafe fn scan(state: &mut State, text: &[u8]) -> Scan {
            // SAFETY: the features are enabled here.
            unsafe { generic::scan::<$vector>(state, text) }
        }

        #[target_feature(enable = $features)]
        unsafe fn capitals(state: &mut State, text: &[u8]) -> bool {
            // SAFETY: the features are enabled here.
            unsafe { generic::capitals::<$vector>(state, text) }
        }

        #[target_feature(enable = $features)]
        unsafe fn high(state: &mut State, text: &[u8]) -> bool {
            // SAFETY: the features are enabled here.
            unsafe { generic::high::<$vector>(state, text) }
        }

        #[target_feature(enable = $features)]
        unsafe fn list(state: &mut State, buckets: Range<usize>, listed: &mut Listed) {
            // SAFETY: the features are enabled here.
            unsafe {
                generic::list(state, buckets, listed, |words| {
                    <$vector>::nonzero_words(words)
                })
            }
        }

        /// The kernel, which may only be run where the processor has its instruction set.
        fn kernel_unchecked() -> Kernel {
            Kernel {
                name: $name,
                scan,
                capitals,
                high,
                list,
            }
        }
    };
}
pub(super) use kernel;

/// Sets the bits of the block's base grams.
#[inline(always)]
pub(super) unsafe fn scan<V: Vector>(state: &mut State, text: &[u8]) -> Scan {
    let mut found = Scan::default();
    state.symbols[..BEFORE].copy_from_slice(&[0, LINE_END, LINE_END]);
    let mut rest = text;
    while !rest.is_empty() {
        let used = rest.len().min(CHUNK);
        let (chunk, after) = rest.split_at(used);
        rest = after;
        let at = if used == CHUNK {
            chunk.as_ptr()
        } else {
            padded(&mut state.tail, chunk).as_ptr()
        };
        // SAFETY: `at` points to CHUNK bytes, and the caller vouches for the instruction set.
        unsafe {
            fold::<V>(at, used, &mut state.symbols, &mut found);
            mark::<V>(state, used);
        }
        state.symbols.copy_within(used..used + BEFORE, 0);
    }
    if state.symbols[BEFORE - 1] != LINE_END {
        state.symbols[BEFORE] = LINE_END;
        // SAFETY: the caller vouches for the instruction set.
        unsafe { mark::<V>(state, 1) };
    }
    found
}

/// `text`, which is shorter than a chunk, followed by zeros.
#[inline(always)]
fn padded<'a, const N: usize>(tail: &'a mut [u8; N], text: &[u8]) -> &'a [u8; N] {
    tail[..text.len()].copy_from_slice(text);
    tail[text.len()..].fill(0);
    tail
}

/// Folds a chunk to symbols and counts its newlines; past `used` its bytes are zeros.
#[inline(always)]
unsafe fn fold<V: Vector>(at: *const u8, used: usize, symbols: &mut [u8], found: &mut Scan) {
    // SAFETY: reads stay within the chunk and writes within `symbols`, which has room for a chunk and a vector.
    unsafe {
        let newline = V::splat(b'\n');
        let (mut newlines, mut all) = (V::splat(0), V::splat(0));
        let out = symbols.as_mut_ptr().add(BEFORE);
        let mut i = 0;
        while i < used {
            let bytes = V::load(at.add(i));
            bytes.symbols().store(out.add(i));
            newlines = newlines.minus(bytes.equal(newline));
            all = all.or(bytes);
            i += V::LANES;
        }
        found.newlines += newlines.sum();
        found.high |= all.high_bits() != 0;
    }
}

/// Sets the bits of the grams that end in the first `used` symbols of the chunk.
#[inline(always)]
unsafe fn mark<V: Vector>(state: &mut State, used: usize) {
    let State {
        words,
        symbols,
        indexes,
        ..
    } = state;
    // SAFETY: reads and writes pass `used` by less than a vector, and the arrays are a vector longer than a chunk.
    unsafe {
        let line_end = V::splat(LINE_END);
        let (from, to) = (symbols.as_ptr(), indexes.as_mut_ptr());
        let mut i = 0;
        while i < used {
            let before = V::load(from.add(i));
            let first = V::load(from.add(i + 1));
            let second = V::load(from.add(i + 2));
            let third = V::load(from.add(i + 3));
            let run = before
                .equal(first)
                .and(first.equal(second))
                .and(second.equal(third));
            V::store_indexes(
                first,
                second,
                run.or(second.equal(line_end)),
                WORDS as u16,
                to.add(i),
            );
            i += V::LANES;
        }
    }
    for (&index, &third) in indexes[..used].iter().zip(&symbols[BEFORE..]) {
        // SAFETY: symbols are below 64, so an index is below 4,096 or one of the spare words.
        unsafe { *words.get_unchecked_mut(index as usize) |= 1 << (third & 63) };
    }
}

/// Sets the bits of the block's capital grams; false if it has none.
#[inline(always)]
pub(super) unsafe fn capitals<V: Vector>(state: &mut State, text: &[u8]) -> bool {
    let mut found = false;
    // SAFETY: the caller vouches for the instruction set.
    let upper = |bytes: V| unsafe {
        let from_a = bytes.minus(V::splat(b'A'));
        from_a.min(V::splat(25)).equal(from_a)
    };
    let words = &mut state.words[BASE_KEYS as usize / 64..];
    let set = |[first, second, third]: [u8; 3]| {
        let digit = |byte: u8| DIGITS[byte as usize];
        let key = (digit(first) * 37 + digit(second)) * 37 + digit(third);
        words[(key % PLANE_KEYS) as usize / 64] |= ((key < NO_DIGIT) as u64) << (key % 64);
        found = true;
    };
    // SAFETY: as above.
    unsafe { windows_of_two::<V>(text, upper, set) };
    found
}

/// What a byte counts for in a capital gram; see [`Gram::capital`].
static DIGITS: [u32; 256] = digits();
/// What other bytes count for: a number that is above the sum of all else, and leaves room for any three.
const NO_DIGIT: u32 = 1 << 20;

const fn digits() -> [u32; 256] {
    let mut digits = [NO_DIGIT; 256];
    let mut byte = 0;
    while byte < 256 {
        // As the last byte of a gram whose other bytes count 0, each counts for itself.
        if let Some(gram) = Gram::capital(b'A', b'A', byte as u8) {
            digits[byte] = gram.0 - BASE_KEYS;
        }
        byte += 1;
    }
    digits
}

/// Sets the bits of the block's high grams; false if it has none.
#[inline(always)]
pub(super) unsafe fn high<V: Vector>(state: &mut State, text: &[u8]) -> bool {
    let mut found = false;
    let set = |window: [u8; 3]| {
        if let (Some(gram), false) = (
            Gram::high(window[0], window[1], window[2]),
            window.contains(&b'\n'),
        ) {
            state.words[gram.0 as usize / 64] |= 1 << (gram.0 % 64);
            found = true;
        }
    };
    // SAFETY: the caller vouches for the instruction set.
    unsafe { windows_of_two::<V>(text, |bytes| bytes, set) };
    found
}

/// Calls `set` with every three bytes in a row of which at least two have the highest bit set after `class`.
#[inline(always)]
unsafe fn windows_of_two<V: Vector>(text: &[u8], class: impl Fn(V) -> V, mut set: impl FnMut([u8; 3])) {
    const PIECE: usize = 64;
    let mut tail = [0; PIECE];
    let mut previous = 0u64;
    let mut complete = !0b11u64;
    for (number, piece) in text.chunks(PIECE).enumerate() {
        let at = if piece.len() == PIECE {
            piece.as_ptr()
        } else {
            padded(&mut tail, piece).as_ptr()
        };
        let mut last = 0u64;
        let mut lane = 0;
        while lane < PIECE {
            // SAFETY: `at` points to PIECE bytes, and the caller vouches for the instruction set.
            last |= unsafe { class(V::load(at.add(lane))).high_bits() } << lane;
            lane += V::LANES;
        }
        let middle = last << 1 | previous >> 63;
        let first = last << 2 | previous >> 62;
        let mut windows = (last & middle) | (last & first) | (middle & first);
        windows &= complete & u64::MAX >> (PIECE - piece.len());
        complete = u64::MAX;
        previous = last;
        while windows != 0 {
            let end = number * PIECE + windows.trailing_zeros() as usize;
            set([text[end - 2], text[end - 1], text[end]]);
            windows &= windows - 1;
        }
    }
}

/// Appends the keys of `buckets` to those listed before, and clears them.
///
/// Most words hold few keys: four are written without asking, and the rest two by two.
#[inline(always)]
pub(super) unsafe fn list(
    state: &mut State,
    buckets: Range<usize>,
    listed: &mut Listed,
    nonzero_words: impl Fn(&[u64; BUCKET_WORDS]) -> u64,
) {
    let (words, _) = state.words.as_chunks_mut::<BUCKET_WORDS>();
    let mut count = if buckets.start == 0 {
        0
    } else {
        listed.ends[buckets.start - 1] as usize
    };
    for bucket in buckets {
        let words = &mut words[bucket];
        let mut used = nonzero_words(words);
        while used != 0 {
            let number = used.trailing_zeros() as usize;
            used &= used - 1;
            // SAFETY: the number is below 64. The keys listed are distinct, so `count` is at most the number of
            // keys, and writes pass it by less than LIST_SLACK.
            unsafe {
                let word = std::mem::take(words.get_unchecked_mut(number));
                write_bits(word, (number * 64) as u16, listed.keys.as_mut_ptr().add(count));
                count += word.count_ones() as usize;
            }
        }
        listed.ends[bucket] = count as u32;
    }
}

/// Writes `base` plus the number of each set bit of `word`, and at most four entries more.
#[inline(always)]
unsafe fn write_bits(mut word: u64, base: u16, out: *mut u16) {
    let mut written = 0;
    // SAFETY: the caller vouches for `out`.
    unsafe {
        while written < 4 {
            out.add(written).write(base | (word.trailing_zeros() & 63) as u16);
            word &= word.wrapping_sub(1);
            written += 1;
        }
        while word != 0 {
            out.add(written).write(base | word.trailing_zeros() as u16);
            word &= word - 1;
            out.add(written + 1)
                .write(base | (word.trailing_zeros() & 63) as u16);
            word &= word.wrapping_sub(1);
            written += 2;
        }
    }
}
