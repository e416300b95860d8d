//! Vectors of 16 bytes: AArch64, where NEON is always there.

use std::arch::aarch64::*;

use super::BUCKET_WORDS;
use super::vector::Vector;
use crate::symbols::{HIGH_CONTINUATION, SYMBOLS};

super::generic::kernel!(uint8x16_t, "neon", "neon");

/// The kernel, which every AArch64 processor can run.
pub(super) fn kernel() -> Kernel {
    kernel_unchecked()
}

/// The bit of each lane in a mask of eight.
const LANE_BITS: [u8; 8] = [1, 2, 4, 8, 16, 32, 64, 128];

impl Vector for uint8x16_t {
    const LANES: usize = 16;

    #[inline(always)]
    unsafe fn splat(byte: u8) -> Self {
        // SAFETY: NEON is part of AArch64.
        unsafe { vdupq_n_u8(byte) }
    }

    #[inline(always)]
    unsafe fn load(at: *const u8) -> Self {
        // SAFETY: the caller vouches for the pointer.
        unsafe { vld1q_u8(at) }
    }

    #[inline(always)]
    unsafe fn store(self, at: *mut u8) {
        // SAFETY: the caller vouches for the pointer.
        unsafe { vst1q_u8(at, self) }
    }

    #[inline(always)]
    unsafe fn and(self, other: Self) -> Self {
        // SAFETY: NEON is part of AArch64.
        unsafe { vandq_u8(self, other) }
    }

    #[inline(always)]
    unsafe fn or(self, other: Self) -> Self {
        // SAFETY: NEON is part of AArch64.
        unsafe { vorrq_u8(self, other) }
    }

    #[inline(always)]
    unsafe fn minus(self, other: Self) -> Self {
        // SAFETY: NEON is part of AArch64.
        unsafe { vsubq_u8(self, other) }
    }

    #[inline(always)]
    unsafe fn min(self, other: Self) -> Self {
        // SAFETY: NEON is part of AArch64.
        unsafe { vminq_u8(self, other) }
    }

    #[inline(always)]
    unsafe fn equal(self, other: Self) -> Self {
        // SAFETY: NEON is part of AArch64.
        unsafe { vceqq_u8(self, other) }
    }

    #[inline(always)]
    unsafe fn sum(self) -> u64 {
        // SAFETY: NEON is part of AArch64.
        unsafe { vaddlvq_u8(self) as u64 }
    }

    #[inline(always)]
    unsafe fn high_bits(self) -> u64 {
        // SAFETY: NEON is part of AArch64; LANE_BITS has eight bytes.
        unsafe {
            let lane_bits = vld1_u8(LANE_BITS.as_ptr());
            let set = vcltzq_s8(vreinterpretq_s8_u8(self));
            let bits = vandq_u8(set, vcombine_u8(lane_bits, lane_bits));
            vaddv_u8(vget_low_u8(bits)) as u64 | (vaddv_u8(vget_high_u8(bits)) as u64) << 8
        }
    }

    /// Two table lookups of 64 bytes: a lookup gives 0 past its table.
    #[inline(always)]
    unsafe fn symbols(self) -> Self {
        // SAFETY: NEON is part of AArch64; the table has 256 bytes.
        unsafe {
            let lower = vld1q_u8_x4(SYMBOLS.as_ptr());
            let upper = vld1q_u8_x4(SYMBOLS.as_ptr().add(64));
            let ascii = vqtbl4q_u8(lower, self);
            let ascii = vorrq_u8(ascii, vqtbl4q_u8(upper, vsubq_u8(self, vdupq_n_u8(64))));
            let lead = vandq_u8(vshrq_n_u8(self, 6), vdupq_n_u8(1));
            let high = vaddq_u8(vdupq_n_u8(HIGH_CONTINUATION), lead);
            vbslq_u8(vcltzq_s8(vreinterpretq_s8_u8(self)), high, ascii)
        }
    }

    #[inline(always)]
    unsafe fn store_indexes(first: Self, second: Self, skip: Self, spare: u16, at: *mut u16) {
        const LANES: [u16; 8] = [0, 1, 2, 3, 4, 5, 6, 7];
        // SAFETY: NEON is part of AArch64, and the caller vouches for the pointer.
        unsafe {
            let spare = vaddq_u16(vdupq_n_u16(spare), vld1q_u16(LANES.as_ptr()));
            let half = |first, second, skip, spare, at: *mut u16| {
                let index = vorrq_u16(vshll_n_u8(first, 6), vmovl_u8(second));
                let skip = vreinterpretq_u16_s16(vmovl_s8(vreinterpret_s8_u8(skip)));
                vst1q_u16(at, vbslq_u16(skip, spare, index));
            };
            half(
                vget_low_u8(first),
                vget_low_u8(second),
                vget_low_u8(skip),
                spare,
                at,
            );
            let spare = vaddq_u16(spare, vdupq_n_u16(8));
            half(
                vget_high_u8(first),
                vget_high_u8(second),
                vget_high_u8(skip),
                spare,
                at.add(8),
            );
        }
    }

    /// Eight words at a time: each is tested and narrowed to a byte.
    #[inline(always)]
    unsafe fn nonzero_words(words: &[u64; BUCKET_WORDS]) -> u64 {
        // SAFETY: NEON is part of AArch64, and the words are 64.
        unsafe {
            let lane_bits = vld1_u8(LANE_BITS.as_ptr());
            let two = |number: usize| {
                let pair = vld1q_u64(words.as_ptr().add(number));
                vmovn_u64(vtstq_u64(pair, pair))
            };
            let mut nonzero = 0u64;
            for eight in 0..8 {
                let number = eight * 8;
                let low = vmovn_u32(vcombine_u32(two(number), two(number + 2)));
                let high = vmovn_u32(vcombine_u32(two(number + 4), two(number + 6)));
                let bits = vand_u8(vmovn_u16(vcombine_u16(low, high)), lane_bits);
                nonzero |= (vaddv_u8(bits) as u64) << number;
            }
            nonzero
        }
    }
}
