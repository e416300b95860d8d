//! What the extraction algorithm needs of a vector of bytes.

use super::BUCKET_WORDS;

/// A vector of [`Vector::LANES`] bytes.
///
/// # Safety
///
/// Every function may only be called where the processor has the instruction set of the implementation, and is
/// inlined into a function that enables it. Pointers need no alignment.
pub(super) trait Vector: Copy {
    /// Number of bytes; a divisor of 64.
    const LANES: usize;

    /// All lanes equal to `byte`.
    unsafe fn splat(byte: u8) -> Self;
    /// Reads [`Vector::LANES`] bytes.
    unsafe fn load(at: *const u8) -> Self;
    /// Writes [`Vector::LANES`] bytes.
    unsafe fn store(self, at: *mut u8);
    /// Bitwise and.
    unsafe fn and(self, other: Self) -> Self;
    /// Bitwise or.
    unsafe fn or(self, other: Self) -> Self;
    /// Wrapping difference of each lane.
    unsafe fn minus(self, other: Self) -> Self;
    /// The smaller of two unsigned lanes.
    unsafe fn min(self, other: Self) -> Self;
    /// 0xFF where lanes are equal, else 0.
    unsafe fn equal(self, other: Self) -> Self;
    /// The sum of all lanes.
    unsafe fn sum(self) -> u64;
    /// The highest bit of each lane; lane 0 gives bit 0.
    unsafe fn high_bits(self) -> u64;
    /// The [symbol](crate::symbols::SYMBOLS) of each byte.
    unsafe fn symbols(self) -> Self;
    /// Writes [`Vector::LANES`] word numbers, `first << 6 | second`; where a lane of `skip` is 0xFF, a number from
    /// `spare..spare + 16` instead, different for neighbours.
    unsafe fn store_indexes(first: Self, second: Self, skip: Self, spare: u16, at: *mut u16);
    /// Bit i of the result is set if word i is not zero.
    unsafe fn nonzero_words(words: &[u64; BUCKET_WORDS]) -> u64;
}
