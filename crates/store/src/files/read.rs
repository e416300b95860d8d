//! Reading a file table in place.

use std::ops::Range;

use super::lookup::Lookup;
use super::paths::Paths;
use super::{COLUMNS, FilePart, FileStat, Traits, number_to_time, unzigzag};
use crate::bundle;
use crate::bytes::Bytes;
use crate::column::Column;
use crate::format::Fields;

/// Bytes of one entry in the list of parts.
const PART: usize = 32;

/// The files of a segment, by id: 0 up to the number of files.
///
/// Every function that takes an id panics if it is not below [`FileTable::len`], as indexing a slice does.
#[derive(Clone, Debug)]
pub struct FileTable {
    len: usize,
    paths: Paths,
    lookup: Lookup,
    sizes: Column,
    mtimes: Column,
    ctimes: Column,
    inodes: Column,
    devices: Column,
    hashes: Column,
    traits: Column,
    lines: Column,
    first_blocks: Column,
    parts: Bytes,
}

impl FileTable {
    /// The table that [`FileTableBuilder::finish`](super::FileTableBuilder::finish) encoded, or `None` if the bytes
    /// are not one.
    pub fn parse(bytes: Bytes) -> Option<FileTable> {
        let runs: [Bytes; 7 + COLUMNS] = bundle::split(&bytes)?;
        let [
            head,
            paths,
            groups,
            buckets,
            ids,
            columns @ ..,
            first_blocks,
            parts,
        ] = runs;
        let len = Fields::new(&head).u32()? as usize;
        let [sizes, mtimes, ctimes, inodes, devices, hashes, traits, lines]: [Bytes; COLUMNS] = columns;
        parts.len().is_multiple_of(PART).then_some(())?;
        Some(FileTable {
            len,
            paths: Paths::parse(paths, groups, len)?,
            lookup: Lookup::parse(buckets, ids, len)?,
            sizes: Column::parse(sizes, len)?,
            mtimes: Column::parse(mtimes, len)?,
            ctimes: Column::parse(ctimes, len)?,
            inodes: Column::parse(inodes, len)?,
            devices: Column::parse(devices, len)?,
            hashes: Column::parse(hashes, len)?,
            traits: Column::parse(traits, len)?,
            lines: Column::parse(lines, len)?,
            first_blocks: Column::parse(first_blocks, len.checked_add(1)?)?,
            parts,
        })
    }

    /// How many files there are.
    pub fn len(&self) -> u32 {
        self.len as u32
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Puts the stored path of a file into `path`, whose old content is dropped.
    pub fn path(&self, file: u32, path: &mut Vec<u8>) {
        self.paths.get(file as usize, path);
    }

    /// Shows each file's id and stored path, in the order of ids. Much faster than asking for each.
    pub fn each_path(&self, visit: impl FnMut(u32, &[u8])) {
        self.paths.each(visit);
    }

    /// The files with this stored path, in ascending order: at most one, unless it was added twice.
    pub fn find<'a>(&'a self, path: &'a [u8]) -> impl Iterator<Item = u32> + 'a {
        let mut found = Vec::new();
        let known = self
            .lookup
            .candidates(path)
            .filter(|&file| (file as usize) < self.len);
        known.filter(move |&file| {
            self.path(file, &mut found);
            found == path
        })
    }

    /// Size and times when the file was read.
    pub fn stat(&self, file: u32) -> FileStat {
        let file = file as usize;
        let mtime_ns = number_to_time(self.mtimes.get(file));
        FileStat {
            size: self.sizes.get(file),
            mtime_ns,
            ctime_ns: mtime_ns.wrapping_add(unzigzag(self.ctimes.get(file))),
            inode: self.inodes.get(file),
            device: self.devices.get(file),
        }
    }

    /// The hash of its content.
    pub fn hash(&self, file: u32) -> u64 {
        self.hashes.get(file as usize)
    }

    /// How its content is decoded.
    pub fn encoding(&self, file: u32) -> u8 {
        self.traits(file).encoding
    }

    /// The marks that the engine gave it.
    pub fn flags(&self, file: u32) -> u8 {
        self.traits(file).flags
    }

    /// Its language's number.
    pub fn language(&self, file: u32) -> u16 {
        self.traits(file).language
    }

    /// Lines in the part of the file that this segment holds.
    pub fn lines(&self, file: u32) -> u64 {
        self.lines.get(file as usize)
    }

    /// The ids of its blocks.
    pub fn blocks(&self, file: u32) -> Range<u32> {
        self.first_blocks.get(file as usize) as u32..self.first_blocks.get(file as usize + 1) as u32
    }

    /// Which part of the file this is; `None` for a file that is whole.
    pub fn part(&self, file: u32) -> Option<FilePart> {
        assert!(
            (file as usize) < self.len,
            "{file} is not below the number of files, {}",
            self.len
        );
        let (parts, _) = self.parts.as_chunks::<PART>();
        let found = parts
            .binary_search_by_key(&Some(file), |part| Fields::new(part).u32())
            .ok()?;
        let mut fields = Fields::new(&parts[found]);
        let (_, index, last) = (fields.u32()?, fields.u32()?, fields.u64()? != 0);
        Some(FilePart {
            index,
            last,
            base_offset: fields.u64()?,
            base_line: fields.u64()?,
        })
    }

    /// The files of which this segment has a part only, and which part, by id.
    pub fn parts(&self) -> impl Iterator<Item = (u32, FilePart)> + '_ {
        let (parts, _) = self.parts.as_chunks::<PART>();
        let files = parts.iter().filter_map(|part| Fields::new(part).u32());
        let known = files.filter(|&file| (file as usize) < self.len);
        known.filter_map(|file| Some((file, self.part(file)?)))
    }

    fn traits(&self, file: u32) -> Traits {
        Traits::unpack(self.traits.get(file as usize))
    }
}
