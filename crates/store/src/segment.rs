//! A segment: an immutable folder that answers for a set of files.
//!
//! It is written once, by a [`SegmentWriter`]: the postings as a stream while the grams are encoded, the tables when
//! the last file is in. It counts from the moment a commit names it. [`Segment`] is the same folder as a reader has
//! it: mapped, its tables checked, its postings checked page by page.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::blocks::{BlockTable, BlockTableBuilder};
use crate::bytes::Bytes;
use crate::error::{Error, ErrorKind};
use crate::files::{FileTable, FileTableBuilder};
use crate::manifest::{PartEntry, SegmentEntry};
use crate::part::{PagedBytes, Part, PartKind, PartWriter, SectionId};
use crate::writer::Pending;

/// The folder of a store that the segments are in.
pub(crate) const SEGMENTS: &str = "segments";

/// A segment that is being written. Dropped before it is finished, it removes what it wrote.
#[derive(Debug)]
pub struct SegmentWriter {
    pending: Pending,
    postings: PartWriter,
}

impl SegmentWriter {
    pub(crate) fn create(pending: Pending) -> Result<SegmentWriter, Error> {
        let mut postings = part_writer(&pending, PartKind::Postings)?;
        postings.begin(SectionId::Postings)?;
        Ok(SegmentWriter { pending, postings })
    }

    /// The name that the segment will have.
    pub fn name(&self) -> &str {
        self.pending.name()
    }

    /// Where the postings are written to, as a stream. An [`io::Error`] of it is explained by
    /// [`SegmentWriter::write_error`].
    pub fn postings(&mut self) -> &mut PartWriter {
        &mut self.postings
    }

    /// What a failure to write the postings means.
    pub fn write_error(&self, error: io::Error) -> Error {
        Error::writing(self.postings.path(), error)
    }

    /// Writes the tables, makes the segment durable and gives the entry that a manifest can name it by. The builders
    /// are empty again.
    ///
    /// # Errors
    /// `Full`, `ReadOnly` or `Io`; what was written is removed.
    pub fn finish(
        self,
        files: &mut FileTableBuilder,
        blocks: &mut BlockTableBuilder,
        gram_directory: &[u8],
    ) -> Result<SegmentEntry, Error> {
        let SegmentWriter { pending, postings } = self;
        let (file_count, block_count, text_bytes) = (files.len(), blocks.len(), blocks.text_bytes());
        let postings = postings.finish()?;
        let mut table = part_writer(&pending, PartKind::Table)?;
        table.section(SectionId::Files, &files.finish())?;
        table.section(SectionId::Blocks, &blocks.finish())?;
        table.section(SectionId::GramDirectory, gram_directory)?;
        let table = table.finish()?;
        let name = pending.finish()?;
        Ok(SegmentEntry {
            name,
            parts: vec![table, postings],
            files: file_count,
            blocks: block_count,
            text_bytes,
            tombstones: RoaringBitmap::new(),
        })
    }
}

fn part_writer(pending: &Pending, kind: PartKind) -> Result<PartWriter, Error> {
    PartWriter::create(pending.disk(), pending.folder().join(kind.file_name()), kind)
}

/// A segment that is mapped and whose tables have been checked.
#[derive(Debug)]
pub struct Segment {
    name: String,
    entries: Vec<PartEntry>,
    table: Part,
    files: FileTable,
    blocks: BlockTable,
    gram_directory: Bytes,
    postings_part: Arc<Part>,
    postings: PagedBytes,
}

impl Segment {
    /// Opens the segment of the store in `dir` that `entry` describes.
    ///
    /// # Errors
    /// `Missing` if its files are not there, `Corrupt` if they are not the ones that the entry describes.
    pub fn open(dir: &Path, entry: &SegmentEntry) -> Result<Segment, Error> {
        let folder = folder(dir, &entry.name);
        let table = open_part(&folder, entry, PartKind::Table)?;
        table.check()?;
        let postings_part = Arc::new(open_part(&folder, entry, PartKind::Postings)?);
        let files = FileTable::parse(table.section(SectionId::Files)?);
        let blocks = BlockTable::parse(table.section(SectionId::Blocks)?);
        let (Some(files), Some(blocks)) = (files, blocks) else {
            return Err(Error::corrupt(table.path(), "the tables do not parse"));
        };
        if files.len() != entry.files || blocks.len() != entry.blocks {
            return Err(Error::corrupt(
                table.path(),
                "the tables are not those that the manifest names",
            ));
        }
        Ok(Segment {
            name: entry.name.clone(),
            entries: entry.parts.clone(),
            files,
            blocks,
            gram_directory: table.section(SectionId::GramDirectory)?,
            table,
            postings: postings_part.paged(SectionId::Postings)?,
            postings_part,
        })
    }

    /// The name of its folder.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file table.
    pub fn files(&self) -> &FileTable {
        &self.files
    }

    /// The block table.
    pub fn blocks(&self) -> &BlockTable {
        &self.blocks
    }

    /// Where each gram's postings are, as the gram index encoded it.
    pub fn gram_directory(&self) -> &[u8] {
        &self.gram_directory
    }

    /// The postings of the grams.
    pub fn postings(&self) -> &PagedBytes {
        &self.postings
    }

    /// Bytes on disk.
    pub fn bytes(&self) -> u64 {
        self.entries.iter().map(|part| part.length).sum()
    }

    pub(crate) fn parts(&self) -> [&Part; 2] {
        [&self.table, &self.postings_part]
    }

    /// Whether the files on disk that `entry` describes are the ones that are open here.
    pub(crate) fn is(&self, entry: &SegmentEntry) -> bool {
        self.name == entry.name && self.entries == entry.parts
    }
}

pub(crate) fn folder(dir: &Path, name: &str) -> PathBuf {
    dir.join(SEGMENTS).join(name)
}

fn open_part(folder: &Path, entry: &SegmentEntry, kind: PartKind) -> Result<Part, Error> {
    match entry.part(kind) {
        Some(part) => Part::open(folder, part),
        None => Err(Error::new(ErrorKind::Missing, &folder.join(kind.file_name()))),
    }
}
