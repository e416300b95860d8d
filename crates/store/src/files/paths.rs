//! Front-coded paths: each says how many bytes it shares with the one before it, and gives the rest.
//!
//! Every sixteenth path is whole, so any path is at most fifteen steps from one (Witten, Moffat and Bell, "Managing
//! Gigabytes", section 4.1). Paths are best added in sorted order, but need not be.
//!
//! Bytes: for the first path of a group its length and itself; for each other the shared length, the rest's length,
//! the rest. Lengths are LEB128. A column says where each group starts.

use crate::bytes::Bytes;
use crate::column::{Column, ColumnBuilder};
use crate::format::{Fields, put_varint};

/// Paths in a group.
const GROUP: usize = 16;

#[derive(Debug, Default)]
pub(super) struct PathsBuilder {
    data: Vec<u8>,
    starts: ColumnBuilder,
    previous: Vec<u8>,
    len: usize,
}

impl PathsBuilder {
    pub(super) fn push(&mut self, path: &[u8]) {
        let mut shared = 0;
        if self.len.is_multiple_of(GROUP) {
            self.starts.push(self.data.len() as u64);
        } else {
            shared = self.previous.iter().zip(path).take_while(|(a, b)| a == b).count();
            put_varint(&mut self.data, shared as u32);
        }
        put_varint(&mut self.data, (path.len() - shared) as u32);
        self.data.extend_from_slice(&path[shared..]);
        self.previous.truncate(shared);
        self.previous.extend_from_slice(&path[shared..]);
        self.len += 1;
    }

    pub(super) fn memory(&self) -> usize {
        self.data.capacity() + self.previous.capacity() + self.starts.memory()
    }

    /// The paths and the starts of the groups; the builder is empty again.
    pub(super) fn finish(&mut self) -> [Vec<u8>; 2] {
        self.len = 0;
        self.previous.clear();
        let data = self.data.clone();
        self.data.clear();
        [data, self.starts.finish()]
    }
}

#[derive(Clone, Debug)]
pub(super) struct Paths {
    data: Bytes,
    starts: Column,
    len: usize,
}

impl Paths {
    pub(super) fn parse(data: Bytes, starts: Bytes, len: usize) -> Option<Paths> {
        Some(Paths {
            data,
            starts: Column::parse(starts, len.div_ceil(GROUP))?,
            len,
        })
    }

    /// Puts the path at `index` into `path`. Bytes that are not what was written give an empty path.
    pub(super) fn get(&self, index: usize, path: &mut Vec<u8>) {
        path.clear();
        assert!(
            index < self.len,
            "{index} is not below the number of files, {}",
            self.len
        );
        let steps = index % GROUP + 1;
        let mut fields = self.group(index / GROUP);
        if (0..steps)
            .try_for_each(|step| next(&mut fields, step == 0, path))
            .is_none()
        {
            path.clear();
        }
    }

    /// Shows each path with its index, in order, at a fraction of the cost of asking for each.
    pub(super) fn each(&self, mut visit: impl FnMut(u32, &[u8])) {
        let mut path = Vec::new();
        let mut fields = Fields::new(&[]);
        for index in 0..self.len {
            if index.is_multiple_of(GROUP) {
                fields = self.group(index / GROUP);
            }
            if next(&mut fields, index.is_multiple_of(GROUP), &mut path).is_none() {
                path.clear();
            }
            visit(index as u32, &path);
        }
    }

    fn group(&self, group: usize) -> Fields<'_> {
        let start = usize::try_from(self.starts.get(group)).unwrap_or(usize::MAX);
        Fields::new(self.data.get(start..).unwrap_or_default())
    }
}

/// Turns the path before into the next one.
fn next(fields: &mut Fields<'_>, first: bool, path: &mut Vec<u8>) -> Option<()> {
    let shared = if first { 0 } else { fields.varint()? as usize };
    let rest = fields.varint()? as usize;
    (shared <= path.len()).then_some(())?;
    path.truncate(shared);
    path.extend_from_slice(fields.take(rest)?);
    Some(())
}
