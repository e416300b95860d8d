//! Vectors of 16 bytes: x86-64 with SSSE3, for processors without AVX2.

use std::arch::x86_64::*;

use super::BUCKET_WORDS;
use super::vector::Vector;
use crate::symbols::{HIGH_CONTINUATION, SYMBOLS};

super::generic::kernel!(__m128i, "ssse3", "ssse3,popcnt");

/// The kernel, if this processor can run it.
pub(super) fn kernel() -> Option<Kernel> {
    (is_x86_feature_detected!("ssse3") && is_x86_feature_detected!("popcnt")).then(kernel_unchecked)
}

/// `yes` where the highest bit of each byte of `mask` is set, given that its bytes are 0 or 0xFF.
#[inline(always)]
unsafe fn choose(mask: __m128i, yes: __m128i, no: __m128i) -> __m128i {
    // SAFETY: SSE2 is part of x86-64.
    unsafe { _mm_or_si128(_mm_and_si128(mask, yes), _mm_andnot_si128(mask, no)) }
}

impl Vector for __m128i {
    const LANES: usize = 16;

    #[inline(always)]
    unsafe fn splat(byte: u8) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_set1_epi8(byte as i8) }
    }

    #[inline(always)]
    unsafe fn load(at: *const u8) -> Self {
        // SAFETY: the caller vouches for the pointer.
        unsafe { _mm_loadu_si128(at.cast()) }
    }

    #[inline(always)]
    unsafe fn store(self, at: *mut u8) {
        // SAFETY: the caller vouches for the pointer.
        unsafe { _mm_storeu_si128(at.cast(), self) }
    }

    #[inline(always)]
    unsafe fn and(self, other: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_and_si128(self, other) }
    }

    #[inline(always)]
    unsafe fn or(self, other: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_or_si128(self, other) }
    }

    #[inline(always)]
    unsafe fn minus(self, other: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_sub_epi8(self, other) }
    }

    #[inline(always)]
    unsafe fn min(self, other: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_min_epu8(self, other) }
    }

    #[inline(always)]
    unsafe fn equal(self, other: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_cmpeq_epi8(self, other) }
    }

    #[inline(always)]
    unsafe fn sum(self) -> u64 {
        // SAFETY: SSE2 is part of x86-64.
        unsafe {
            let sums = _mm_sad_epu8(self, _mm_setzero_si128());
            _mm_cvtsi128_si64(_mm_add_epi64(sums, _mm_unpackhi_epi64(sums, sums))) as u64
        }
    }

    #[inline(always)]
    unsafe fn high_bits(self) -> u64 {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_movemask_epi8(self) as u32 as u64 }
    }

    /// As in the AVX2 vector: one shuffle for each row of 16 ASCII bytes.
    #[inline(always)]
    unsafe fn symbols(self) -> Self {
        // SAFETY: the caller vouches for SSSE3; rows lie within the table.
        unsafe {
            let keep_row = _mm_set1_epi8(0x70);
            let sixteen = _mm_set1_epi8(16);
            let mut from_row = self;
            let mut symbols = _mm_setzero_si128();
            for row in 0..8 {
                let table = _mm_loadu_si128(SYMBOLS.as_ptr().add(row * 16).cast());
                symbols = _mm_or_si128(
                    symbols,
                    _mm_shuffle_epi8(table, _mm_adds_epu8(from_row, keep_row)),
                );
                from_row = _mm_sub_epi8(from_row, sixteen);
            }
            let lead = _mm_and_si128(_mm_srli_epi16(self, 6), _mm_set1_epi8(1));
            let high = _mm_add_epi8(_mm_set1_epi8(HIGH_CONTINUATION as i8), lead);
            choose(_mm_cmplt_epi8(self, _mm_setzero_si128()), high, symbols)
        }
    }

    #[inline(always)]
    unsafe fn store_indexes(first: Self, second: Self, skip: Self, spare: u16, at: *mut u16) {
        // SAFETY: SSE2 is part of x86-64, and the caller vouches for the pointer.
        unsafe {
            let zero = _mm_setzero_si128();
            let lanes = _mm_setr_epi16(0, 1, 2, 3, 4, 5, 6, 7);
            let spare = _mm_add_epi16(_mm_set1_epi16(spare as i16), lanes);
            let index = |first, second| _mm_or_si128(_mm_slli_epi16(first, 6), second);
            let low = index(_mm_unpacklo_epi8(first, zero), _mm_unpacklo_epi8(second, zero));
            let high = index(_mm_unpackhi_epi8(first, zero), _mm_unpackhi_epi8(second, zero));
            let spare_high = _mm_add_epi16(spare, _mm_set1_epi16(8));
            _mm_storeu_si128(at.cast(), choose(_mm_unpacklo_epi8(skip, skip), spare, low));
            _mm_storeu_si128(
                at.add(8).cast(),
                choose(_mm_unpackhi_epi8(skip, skip), spare_high, high),
            );
        }
    }

    /// Without a compare of 64-bit lanes: 32-bit halves are compared and packed to a byte each, so that two bits of
    /// a mask belong to a word.
    #[inline(always)]
    unsafe fn nonzero_words(words: &[u64; BUCKET_WORDS]) -> u64 {
        let zero_halves = |group: usize| {
            // SAFETY: SSE2 is part of x86-64, and the words are 64.
            unsafe {
                let halves = _mm_loadu_si128(words.as_ptr().add(group * 2).cast());
                _mm_cmpeq_epi32(halves, _mm_setzero_si128())
            }
        };
        let mut nonzero = 0u64;
        for eight in 0..8 {
            let group = eight * 4;
            // SAFETY: SSE2 is part of x86-64.
            let zeros = unsafe {
                let low = _mm_packs_epi32(zero_halves(group), zero_halves(group + 1));
                let high = _mm_packs_epi32(zero_halves(group + 2), zero_halves(group + 3));
                _mm_movemask_epi8(_mm_packs_epi16(low, high)) as u32
            };
            let set = !(zeros & zeros >> 1) & 0x5555;
            nonzero |= (every_second_bit(set) as u64) << (eight * 8);
        }
        nonzero
    }
}

/// Bits 0, 2, 4 .. 14 of `bits`, which has no others, as bits 0 to 7.
#[inline(always)]
const fn every_second_bit(bits: u32) -> u32 {
    let bits = (bits | bits >> 1) & 0x3333;
    let bits = (bits | bits >> 2) & 0x0F0F;
    (bits | bits >> 4) & 0xFF
}
