//! Building a file table, one file after the other.

use super::lookup::LookupBuilder;
use super::paths::PathsBuilder;
use super::{COLUMNS, FilePart, FileRecord, Traits, time_to_number, zigzag};
use crate::bundle;
use crate::column::ColumnBuilder;

/// Collects the files of a segment. Its buffers are kept from one segment to the next.
#[derive(Debug, Default)]
pub struct FileTableBuilder {
    len: u32,
    blocks: u64,
    paths: PathsBuilder,
    lookup: LookupBuilder,
    /// In the order in which [`FileTableBuilder::add`] fills them and the table reads them.
    columns: [ColumnBuilder; COLUMNS],
    first_blocks: ColumnBuilder,
    parts: Vec<u8>,
}

impl FileTableBuilder {
    /// An empty builder.
    pub fn new() -> FileTableBuilder {
        FileTableBuilder::default()
    }

    /// Adds a file and gives its id: 0 for the first, then 1, ... Paths in sorted order take the least room.
    pub fn add(&mut self, file: &FileRecord<'_>) -> u32 {
        let FileRecord {
            path,
            stat,
            hash,
            encoding,
            flags,
            language,
            lines,
            blocks,
            part,
        } = *file;
        let id = self.len;
        self.paths.push(path);
        self.lookup.push(path, id);
        let values = [
            stat.size,
            time_to_number(stat.mtime_ns),
            zigzag(stat.ctime_ns.wrapping_sub(stat.mtime_ns)),
            stat.inode,
            stat.device,
            hash,
            Traits {
                encoding,
                flags,
                language,
            }
            .pack(),
            lines,
        ];
        self.columns
            .iter_mut()
            .zip(values)
            .for_each(|(column, value)| column.push(value));
        self.first_blocks.push(self.blocks);
        if let Some(part) = part {
            self.add_part(id, part);
        }
        self.blocks += u64::from(blocks);
        self.len += 1;
        id
    }

    /// Files added.
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Whether no file was added.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes held in memory.
    pub fn memory(&self) -> usize {
        let columns: usize = self.columns.iter().map(ColumnBuilder::memory).sum();
        self.paths.memory()
            + self.lookup.memory()
            + self.first_blocks.memory()
            + self.parts.capacity()
            + columns
    }

    /// The encoded table, which [`FileTable::parse`](super::FileTable::parse) reads; the builder is empty again.
    pub fn finish(&mut self) -> Vec<u8> {
        self.first_blocks.push(self.blocks);
        let mut runs = vec![self.len.to_le_bytes().to_vec()];
        runs.extend(self.paths.finish());
        runs.extend(self.lookup.finish());
        runs.extend(self.columns.iter_mut().map(ColumnBuilder::finish));
        runs.push(self.first_blocks.finish());
        runs.push(self.parts.clone());
        self.parts.clear();
        (self.len, self.blocks) = (0, 0);
        bundle::join(&runs)
    }

    fn add_part(&mut self, id: u32, part: FilePart) {
        self.parts.extend_from_slice(&id.to_le_bytes());
        self.parts.extend_from_slice(&part.index.to_le_bytes());
        self.parts.extend_from_slice(&u64::from(part.last).to_le_bytes());
        self.parts.extend_from_slice(&part.base_offset.to_le_bytes());
        self.parts.extend_from_slice(&part.base_line.to_le_bytes());
    }
}
