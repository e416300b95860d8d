//! Columns of numbers, packed in frames, read at random.
//!
//! A frame is 128 values: the smallest of them, and each one's distance to it in as many bits as the largest
//! distance needs (frame of reference: Goldstein, Ramakrishnan and Shaft, "Compressing relations and indexes",
//! ICDE 1998). Sizes, times, inodes and line counts of neighbouring files lie close together, so most columns take
//! two to five bytes a value; a column of equal values takes an eighth of a byte.
//!
//! Bytes: one 16-byte header a frame (base `u64`, offset of its data `u32`, width in bits `u8`, three zeros), the
//! packed data, 16 bytes of padding so that a value is always one unaligned 16-byte load. How many values there
//! are is known to the owner. Reads stay inside the bytes whatever those say.

use std::ops::{Range, RangeInclusive};
use std::sync::{Arc, OnceLock};

use crate::bytes::Bytes;
use crate::format::Fields;

/// Values in a frame.
const FRAME: usize = 128;
/// Values whose bounds are kept in memory once somebody has looked for some.
const GROUP: usize = 64 * FRAME;
/// Bytes of a frame's header.
const HEADER: usize = 16;
/// Bytes after the data, so that the last value can be loaded like any other.
const PADDING: usize = 16;

/// Packs a column, a frame at a time. Its buffers are kept when it is finished.
#[derive(Debug, Default)]
pub(crate) struct ColumnBuilder {
    frame: Vec<u64>,
    headers: Vec<u8>,
    data: Vec<u8>,
}

impl ColumnBuilder {
    pub(crate) fn push(&mut self, value: u64) {
        self.frame.push(value);
        if self.frame.len() == FRAME {
            self.pack();
        }
    }

    /// Bytes held in memory.
    pub(crate) fn memory(&self) -> usize {
        self.frame.capacity() * size_of::<u64>() + self.headers.capacity() + self.data.capacity()
    }

    /// The packed column; the builder is empty again.
    pub(crate) fn finish(&mut self) -> Vec<u8> {
        self.pack();
        let mut bytes = Vec::with_capacity(self.headers.len() + self.data.len() + PADDING);
        bytes.append(&mut self.headers);
        bytes.append(&mut self.data);
        bytes.resize(bytes.len() + PADDING, 0);
        bytes
    }

    fn pack(&mut self) {
        let Some(&base) = self.frame.iter().min() else {
            return;
        };
        let span = self.frame.iter().map(|value| value - base).max().unwrap_or(0);
        let width = u64::BITS - span.leading_zeros();
        let offset = u32::try_from(self.data.len()).expect("a column of one segment is below 4 GiB");
        self.headers.extend_from_slice(&base.to_le_bytes());
        self.headers.extend_from_slice(&offset.to_le_bytes());
        self.headers.extend_from_slice(&[width as u8, 0, 0, 0]);
        let (mut word, mut filled) = (0u128, 0);
        for value in self.frame.drain(..) {
            word |= u128::from(value - base) << filled;
            filled += width;
            while filled >= 8 {
                self.data.push(word as u8);
                word >>= 8;
                filled -= 8;
            }
        }
        if filled > 0 {
            self.data.push(word as u8);
        }
    }
}

/// A packed column.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    bytes: Bytes,
    len: usize,
    data: usize,
    /// Of each [`GROUP`] a number that none of its values is below, and one that none is above.
    groups: OnceLock<Arc<[(u64, u64)]>>,
}

impl Column {
    /// A column of `len` values, or `None` if the bytes cannot hold that many frames.
    pub(crate) fn parse(bytes: Bytes, len: usize) -> Option<Column> {
        let data = len.div_ceil(FRAME).checked_mul(HEADER)?;
        (data.checked_add(PADDING)? <= bytes.len()).then_some(Column {
            bytes,
            len,
            data,
            groups: OnceLock::new(),
        })
    }

    /// The value at `index`. Panics when `index` is not below the length, as a slice does.
    pub(crate) fn get(&self, index: usize) -> u64 {
        assert!(
            index < self.len,
            "{index} is not below the column's length, {}",
            self.len
        );
        self.load(index).unwrap_or(0)
    }

    /// Hands over the places among `indices` that have one of `values`, as ascending ranges. A frame of which all or none
    /// are in question is not looked into: its header bounds its values. Of many frames, not even the headers are read.
    pub(crate) fn find(
        &self,
        indices: Range<usize>,
        values: RangeInclusive<u64>,
        mut each: impl FnMut(Range<usize>),
    ) {
        let end = indices.end.min(self.len);
        let mut start = indices.start;
        let groups = (end.saturating_sub(start) > GROUP).then(|| self.groups());
        while start < end {
            if let Some(&(least, most)) = groups.and_then(|groups| groups.get(start / GROUP))
                && (least > *values.end() || most < *values.start())
            {
                start = end.min((start / GROUP + 1) * GROUP);
                continue;
            }
            let next = end.min((start / FRAME + 1) * FRAME);
            let (base, most) = self.bounds(start / FRAME);
            if values.contains(&base) && values.contains(&most) {
                each(start..next);
            } else if base <= *values.end() && most >= *values.start() {
                let found = (start..next).filter(|&index| values.contains(&self.get(index)));
                found.for_each(|index| each(index..index + 1));
            }
            start = next;
        }
    }

    /// The first place among `indices` whose value is not before what is looked for; those before it are all first.
    pub(crate) fn partition_point(&self, indices: Range<u32>, is_before: impl Fn(u64) -> bool) -> u32 {
        let (mut low, mut high) = (indices.start, indices.end);
        while low < high {
            let middle = low.midpoint(high);
            if is_before(self.get(middle as usize)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    fn groups(&self) -> &[(u64, u64)] {
        self.groups.get_or_init(|| {
            let frames: Vec<(u64, u64)> = (0..self.len.div_ceil(FRAME))
                .map(|frame| self.bounds(frame))
                .collect();
            let join =
                |(least, most): (u64, u64), &(base, last): &(u64, u64)| (least.min(base), most.max(last));
            let groups = frames.chunks(GROUP / FRAME);
            groups
                .map(|group| group.iter().fold((u64::MAX, 0), join))
                .collect()
        })
    }

    /// A number that no value of a frame is below, and one that none is above.
    fn bounds(&self, frame: usize) -> (u64, u64) {
        let (base, _, width) = self.header(frame).unwrap_or_default();
        let most = u64::MAX.checked_shr(u64::BITS - width).unwrap_or(0);
        (base, base.saturating_add(most))
    }

    /// A frame's base, the offset of its data, and the bits of a value.
    fn header(&self, frame: usize) -> Option<(u64, u32, u32)> {
        let bytes: &[u8] = &self.bytes;
        let mut header = Fields::new(bytes.get(frame * HEADER..)?);
        Some((header.u64()?, header.u32()?, u32::from(header.u8()?.min(64))))
    }

    fn load(&self, index: usize) -> Option<u64> {
        let bytes: &[u8] = &self.bytes;
        let (base, offset, width) = self.header(index / FRAME)?;
        if width == 0 {
            return Some(base);
        }
        let bit = index % FRAME * width as usize;
        let at = self.data + offset as usize + bit / 8;
        let word = u128::from_le_bytes(*bytes.get(at..)?.first_chunk()?);
        let distance = (word >> (bit % 8)) as u64 & (u64::MAX >> (u64::BITS - width));
        Some(base.wrapping_add(distance))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn round_trip(values: &[u64]) -> Vec<u64> {
        let mut builder = ColumnBuilder::default();
        values.iter().for_each(|&value| builder.push(value));
        let column = Column::parse(builder.finish().into(), values.len()).unwrap();
        (0..values.len()).map(|index| column.get(index)).collect()
    }

    proptest! {
        #[test]
        fn values_come_back(
            values in prop::collection::vec((any::<u64>(), 0u32..64).prop_map(|(v, s)| v >> s), 0..700),
        ) {
            prop_assert_eq!(round_trip(&values), values);
        }

        #[test]
        fn values_are_found(
            steps in prop::collection::vec(0u64..6, 0..900),
            times in 1usize..40,
            ascends: bool,
            bounds in (0usize..1000, 0usize..1000),
            part in (0usize..1000, 0usize..1000),
        ) {
            // Thousandths of what there is, and a little more.
            let steps = steps.repeat(times);
            let of = |number: usize, thousandths: usize| number * thousandths / 950;
            let part = (of(steps.len(), part.0), of(steps.len(), part.1));
            let most = if ascends { steps.len() * 3 } else { 6 };
            let bounds = (of(most, bounds.0) as u64, of(most, bounds.1) as u64);
            let sum = |state: &mut u64, &step: &u64| { *state += if ascends { step } else { 0 }; Some(*state + step) };
            let values: Vec<u64> = steps.iter().scan(0, sum).collect();
            let mut builder = ColumnBuilder::default();
            values.iter().for_each(|&value| builder.push(value));
            let column = Column::parse(builder.finish().into(), values.len()).unwrap();
            let (part, bounds) = (part.0..part.1, bounds.0..=bounds.1);
            let mut found = Vec::new();
            column.find(part.clone(), bounds.clone(), |range| found.extend(range));
            let expected = part.filter(|&index| values.get(index).is_some_and(|value| bounds.contains(value)));
            prop_assert_eq!(found, expected.collect::<Vec<_>>());
        }

        #[test]
        fn any_bytes_are_safe_to_read(bytes in prop::collection::vec(any::<u8>(), 0..400), len in 0usize..400) {
            if let Some(column) = Column::parse(bytes.into(), len) {
                (0..len).for_each(|index| { column.get(index); });
                column.find(0..len + 1, 1 << 20..=1 << 60, drop);
            }
        }
    }

    #[test]
    fn extremes_share_a_frame() {
        let values: Vec<u64> = (0..300).map(|i| if i % 2 == 0 { 0 } else { u64::MAX }).collect();
        assert_eq!(round_trip(&values), values);
    }

    #[test]
    fn a_constant_column_costs_its_headers() {
        let mut builder = ColumnBuilder::default();
        (0..1280).for_each(|_| builder.push(u64::MAX - 3));
        assert_eq!(builder.finish().len(), 10 * HEADER + PADDING);
    }
}
