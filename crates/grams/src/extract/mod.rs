//! From the text of a block to its set of grams.
//!
//! The set is a bitmap over all keys (48 KiB, of which the base grams' 32 KiB are hot and fit the L1 cache). The base
//! key of a gram is built so that `key >> 6` is the number of a word of the bitmap, made of the first two symbols, and
//! `key & 63` the bit, the third symbol: vector instructions fold bytes to symbols and make the word numbers, then
//! a loop without tests or branches sets one bit a byte. Reading the bitmap gives the keys sorted and without
//! duplicates, and clears it for the next block.
//!
//! Two things keep that loop at its speed. A gram equal to the one before it (runs of blanks or dashes) would make
//! each store wait for the last, so it goes to one of several spare words instead; so do grams with a line end in
//! the middle, which no pattern within a line can use.
//!
//! The algorithm is written once, generic over a vector trait; a [`Kernel`] is one instance of it, chosen at
//! run time. The scalar kernel is the fallback where no instance fits.

#[cfg_attr(
    not(any(target_arch = "x86_64", target_arch = "aarch64")),
    allow(
        dead_code,
        unused_imports,
        unused_macros,
        reason = "only kernels over vectors use it"
    )
)]
mod generic;
mod scalar;
#[cfg_attr(
    not(any(target_arch = "x86_64", target_arch = "aarch64")),
    allow(dead_code, reason = "only kernels over vectors use it")
)]
mod vector;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(target_arch = "x86_64")]
mod ssse3;

#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::planes::{BASE_BUCKETS, BUCKET_KEYS, BUCKETS, PLANE_BUCKETS, Planes};
use crate::symbols::KEYS;

/// Words of the bitmap for one bucket.
const BUCKET_WORDS: usize = BUCKET_KEYS / 64;
/// Words of the bitmap over all keys; the spare words follow.
const WORDS: usize = KEYS as usize / 64;
/// Words that take the bits of grams that are not recorded, as many as a store of word numbers has lanes.
const SPARE: usize = 16;
/// Bytes that are folded before their bits are set.
const CHUNK: usize = 1024;
/// Symbols kept from the chunk before: the gram before a chunk's first gram.
const BEFORE: usize = 3;
/// Bytes of the widest vector.
const WIDEST: usize = 64;
/// Entries that listing may write past the last key.
const LIST_SLACK: usize = 8;

/// The working memory of an extractor: all that a kernel touches but the text.
#[repr(C, align(64))]
struct State {
    /// The set of keys, then the spare words.
    words: [u64; WORDS + SPARE],
    /// The last [`BEFORE`] symbols of the chunk before, then those of the chunk.
    symbols: [u8; BEFORE + CHUNK + WIDEST],
    /// For each symbol of the chunk the word of the gram that ends there.
    indexes: [u16; CHUNK + WIDEST],
    /// A copy of the end of the text, so that whole vectors can be read.
    tail: [u8; CHUNK],
}

/// What scanning a block found beside its base grams.
#[derive(Clone, Copy, Default)]
struct Scan {
    /// Number of `\n`.
    newlines: u64,
    /// Whether a byte is above 0x7F.
    high: bool,
}

/// One implementation of extraction. Which ones exist depends on the processor.
#[derive(Clone, Copy, Debug)]
pub struct Kernel {
    name: &'static str,
    scan: unsafe fn(&mut State, &[u8]) -> Scan,
    capitals: unsafe fn(&mut State, &[u8]) -> bool,
    high: unsafe fn(&mut State, &[u8]) -> bool,
    list: unsafe fn(&mut State, Range<usize>, &mut Listed),
}

impl Kernel {
    /// The kernels that this processor can run, fastest first. The last is the scalar one.
    pub fn available() -> Vec<Kernel> {
        let mut kernels = Vec::new();
        #[cfg(target_arch = "x86_64")]
        kernels.extend([avx2::kernel(), ssse3::kernel()].into_iter().flatten());
        #[cfg(target_arch = "aarch64")]
        kernels.push(neon::kernel());
        kernels.push(scalar::kernel());
        kernels
    }

    /// The name of its instruction set, in lower case, or `scalar`.
    pub fn name(&self) -> &'static str {
        self.name
    }
}

/// The keys of a block as a kernel lists them.
#[derive(Debug)]
struct Listed {
    /// Keys without their bucket, ascending within it; only the first `ends[last]` mean something.
    keys: Vec<u16>,
    /// Where each bucket ends in `keys`.
    ends: [u32; BUCKETS],
}

/// The grams of one block, by bucket.
pub struct BlockGrams<'a> {
    listed: &'a Listed,
    newlines: u64,
}

impl<'a> BlockGrams<'a> {
    /// Number of `\n` in the block.
    pub fn newlines(&self) -> u64 {
        self.newlines
    }

    /// Number of grams.
    #[expect(clippy::len_without_is_empty, reason = "nobody needs to know")]
    pub fn len(&self) -> usize {
        self.listed.ends[BUCKETS - 1] as usize
    }

    /// The key of every gram of the block, ascending.
    pub fn keys(&self) -> impl Iterator<Item = u32> + '_ {
        let base = |bucket: usize| (bucket * BUCKET_KEYS) as u32;
        (0..BUCKETS).flat_map(move |bucket| {
            self.bucket(bucket)
                .iter()
                .map(move |&key| base(bucket) + key as u32)
        })
    }

    /// The keys of one bucket relative to its first, ascending.
    pub(crate) fn bucket(&self, bucket: usize) -> &'a [u16] {
        let start = if bucket == 0 {
            0
        } else {
            self.listed.ends[bucket - 1]
        };
        &self.listed.keys[start as usize..self.listed.ends[bucket] as usize]
    }
}

/// Extracts the grams of one block after another, in working memory of its own (about 0.9 MB).
pub struct Extractor {
    state: Box<State>,
    listed: Listed,
    planes: Planes,
    kernel: Kernel,
}

impl Extractor {
    /// An extractor with the fastest kernel.
    pub fn new(planes: Planes) -> Extractor {
        Extractor::with_kernel(planes, Kernel::available()[0])
    }

    /// An extractor with one of the [available](Kernel::available) kernels.
    pub fn with_kernel(planes: Planes, kernel: Kernel) -> Extractor {
        let state = State {
            words: [0; WORDS + SPARE],
            symbols: [0; BEFORE + CHUNK + WIDEST],
            indexes: [0; CHUNK + WIDEST],
            tail: [0; CHUNK],
        };
        let listed = Listed {
            keys: vec![0; KEYS as usize + LIST_SLACK],
            ends: [0; BUCKETS],
        };
        Extractor {
            state: Box::new(state),
            listed,
            planes,
            kernel,
        }
    }

    /// The grams of a block of whole lines. A virtual line end opens the block, and closes it where the text does
    /// not end in one.
    pub fn extract(&mut self, text: &[u8]) -> BlockGrams<'_> {
        let Extractor {
            state,
            listed,
            planes,
            kernel,
        } = self;
        // SAFETY: a kernel is only made where the processor has its instructions.
        let scan = unsafe { (kernel.scan)(state, text) };
        // SAFETY: as above.
        let capitals = planes.capitals && unsafe { (kernel.capitals)(state, text) };
        // SAFETY: as above.
        let high = planes.high && scan.high && unsafe { (kernel.high)(state, text) };
        let first_high = BASE_BUCKETS + PLANE_BUCKETS;
        for (buckets, used) in [
            (0..BASE_BUCKETS, true),
            (BASE_BUCKETS..first_high, capitals),
            (first_high..BUCKETS, high),
        ] {
            if used {
                // SAFETY: as above; the keys of each bucket are listed once, so all fit `listed`.
                unsafe { (kernel.list)(state, buckets, listed) };
            } else {
                let end = listed.ends[buckets.start - 1];
                listed.ends[buckets].fill(end);
            }
        }
        BlockGrams {
            listed,
            newlines: scan.newlines,
        }
    }

    /// Bytes of working memory.
    pub fn memory(&self) -> usize {
        size_of::<State>() + self.listed.keys.capacity() * size_of::<u16>() + size_of::<Extractor>()
    }
}
