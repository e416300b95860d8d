//! Vectors of 32 bytes: x86-64 with AVX2 (and the bit instructions that come with it).

use std::arch::x86_64::*;

use super::BUCKET_WORDS;
use super::vector::Vector;
use crate::symbols::{HIGH_CONTINUATION, SYMBOLS};

super::generic::kernel!(__m256i, "avx2", "avx2,bmi1,bmi2,popcnt,lzcnt");

/// The kernel, if this processor can run it.
pub(super) fn kernel() -> Option<Kernel> {
    let can = is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("popcnt")
        && is_x86_feature_detected!("lzcnt");
    can.then(kernel_unchecked)
}

impl Vector for __m256i {
    const LANES: usize = 32;

    #[inline(always)]
    unsafe fn splat(byte: u8) -> Self {
        // SAFETY: the caller vouches for AVX2.
        unsafe { _mm256_set1_epi8(byte as i8) }
    }

    #[inline(always)]
    unsafe fn load(at: *const u8) -> Self {
        // SAFETY: the caller vouches for AVX2 and for the pointer.
        unsafe { _mm256_loadu_si256(at.cast()) }
    }

    #[inline(always)]
    unsafe fn store(self, at: *mut u8) {
        // SAFETY: the caller vouches for AVX2 and for the pointer.
        unsafe { _mm256_storeu_si256(at.cast(), self) }
    }

    #[inline(always)]
    unsafe fn and(self, other: Self) -> Self {
        // SAFETY: the caller vouches for AVX2.
        unsafe { _mm256_and_si256(self, other) }
    }

    #[inline(always)]
    unsafe fn or(self, other: Self) -> Self {
        // SAFETY: the caller vouches for AVX2.
        unsafe { _mm256_or_si256(self, other) }
    }

    #[inline(always)]
    unsafe fn minus(self, other: Self) -> Self {
        // SAFETY: the caller vouches for AVX2.
        unsafe { _mm256_sub_epi8(self, other) }
    }

    #[inline(always)]
    unsafe fn min(self, other: Self) -> Self {
        // SAFETY: the caller vouches for AVX2.
        unsafe { _mm256_min_epu8(self, other) }
    }

    #[inline(always)]
    unsafe fn equal(self, other: Self) -> Self {
        // SAFETY: the caller vouches for AVX2.
        unsafe { _mm256_cmpeq_epi8(self, other) }
    }

    #[inline(always)]
    unsafe fn sum(self) -> u64 {
        // SAFETY: the caller vouches for AVX2.
        unsafe {
            let sums = _mm256_sad_epu8(self, _mm256_setzero_si256());
            let sums = _mm_add_epi64(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
            _mm_cvtsi128_si64(sums) as u64 + _mm_extract_epi64(sums, 1) as u64
        }
    }

    #[inline(always)]
    unsafe fn high_bits(self) -> u64 {
        // SAFETY: the caller vouches for AVX2.
        unsafe { _mm256_movemask_epi8(self) as u32 as u64 }
    }

    /// One shuffle for each of the eight rows of 16 ASCII bytes: `adds` keeps the highest bit clear, and so the
    /// shuffle's result, only for the row whose number the byte has in its upper half.
    #[inline(always)]
    unsafe fn symbols(self) -> Self {
        // SAFETY: the caller vouches for AVX2; rows lie within the table.
        unsafe {
            let keep_row = _mm256_set1_epi8(0x70);
            let sixteen = _mm256_set1_epi8(16);
            let mut from_row = self;
            let mut symbols = _mm256_setzero_si256();
            for row in 0..8 {
                let table =
                    _mm256_broadcastsi128_si256(_mm_loadu_si128(SYMBOLS.as_ptr().add(row * 16).cast()));
                let picked = _mm256_shuffle_epi8(table, _mm256_adds_epu8(from_row, keep_row));
                symbols = _mm256_or_si256(symbols, picked);
                from_row = _mm256_sub_epi8(from_row, sixteen);
            }
            let lead = _mm256_and_si256(_mm256_srli_epi16(self, 6), _mm256_set1_epi8(1));
            let high = _mm256_add_epi8(_mm256_set1_epi8(HIGH_CONTINUATION as i8), lead);
            _mm256_blendv_epi8(symbols, high, self)
        }
    }

    #[inline(always)]
    unsafe fn store_indexes(first: Self, second: Self, skip: Self, spare: u16, at: *mut u16) {
        // SAFETY: the caller vouches for AVX2 and for the pointer.
        unsafe {
            let lanes = _mm256_setr_epi16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
            let spare = _mm256_add_epi16(_mm256_set1_epi16(spare as i16), lanes);
            let half = |first, second, skip, at: *mut u16| {
                let first = _mm256_slli_epi16(_mm256_cvtepu8_epi16(first), 6);
                let index = _mm256_or_si256(first, _mm256_cvtepu8_epi16(second));
                let index = _mm256_blendv_epi8(index, spare, _mm256_cvtepi8_epi16(skip));
                _mm256_storeu_si256(at.cast(), index);
            };
            let low = |v| _mm256_castsi256_si128(v);
            let high = |v| _mm256_extracti128_si256(v, 1);
            half(low(first), low(second), low(skip), at);
            half(high(first), high(second), high(skip), at.add(16));
        }
    }

    #[inline(always)]
    unsafe fn nonzero_words(words: &[u64; BUCKET_WORDS]) -> u64 {
        // SAFETY: the caller vouches for AVX2.
        unsafe {
            let mut zero = 0u64;
            for group in 0..16 {
                let four = _mm256_loadu_si256(words.as_ptr().add(group * 4).cast());
                let equal = _mm256_cmpeq_epi64(four, _mm256_setzero_si256());
                zero |= (_mm256_movemask_pd(_mm256_castsi256_pd(equal)) as u64) << (group * 4);
            }
            !zero
        }
    }
}
