//! The terms of a segment: what ranked search reads of it.
//!
//! They may be written with the segment, or be added to it when it is committed already. The part `terms` has the runs one
//! behind the other, their directory, the chunk table, and the files of which no chunks are known (a Roaring bitmap in
//! its portable format).

use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::bytes::Bytes;
use crate::chunks::{ChunkTable, ChunkTableBuilder};
use crate::error::Error;
use crate::manifest::PartEntry;
use crate::part::{PagedBytes, Part, PartWriter, SectionId, WrittenPart};
use crate::writer::Addition;

/// Writes the terms of a segment: the bytes of its runs as a stream, then the tables.
#[derive(Debug)]
pub struct TermsWriter {
    part: PartWriter,
    /// The committed segment that they are added to.
    addition: Option<Addition>,
}

impl TermsWriter {
    pub(crate) fn new(mut part: PartWriter, addition: Option<Addition>) -> Result<TermsWriter, Error> {
        part.begin(SectionId::Runs)?;
        Ok(TermsWriter { part, addition })
    }

    /// Appends bytes of the runs.
    ///
    /// # Errors
    /// `Full`, `ReadOnly` or `Io`.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.part.append(bytes)
    }

    pub(super) fn tables(
        mut self,
        directory: &[u8],
        chunks: &mut ChunkTableBuilder,
        unranked: &RoaringBitmap,
    ) -> Result<WrittenPart, Error> {
        self.part.section(SectionId::RunDirectory, directory)?;
        self.part.section(SectionId::Chunks, &chunks.finish())?;
        let mut bytes = Vec::new();
        unranked
            .serialize_into(&mut bytes)
            .expect("memory takes what is written to it");
        self.part.section(SectionId::Unranked, &bytes)?;
        self.part.finish()
    }

    /// Writes the tables of terms that are added to a committed segment, and makes them durable. They count once a commit
    /// names the entry in place of the segment's.
    ///
    /// # Errors
    /// As [`TermsWriter::append`].
    ///
    /// # Panics
    /// If they are those of a segment that is itself being written.
    pub fn add(
        mut self,
        directory: &[u8],
        chunks: &mut ChunkTableBuilder,
        unranked: &RoaringBitmap,
    ) -> Result<PartEntry, Error> {
        let addition = self
            .addition
            .take()
            .expect("terms of a segment that is being written end with it");
        let entry = self.tables(directory, chunks, unranked)?.entry;
        addition.finish()?;
        Ok(entry)
    }
}

/// The terms of a segment, their tables checked, the runs page by page.
#[derive(Debug)]
pub struct Terms {
    part: Arc<Part>,
    chunks: ChunkTable,
    directory: Bytes,
    runs: PagedBytes,
    unranked: RoaringBitmap,
}

impl Terms {
    /// Reads the tables, of a segment of `files` files.
    pub(super) fn open(part: Part, files: u32) -> Result<Terms, Error> {
        let part = Arc::new(part);
        let table = |id| {
            let section = part.paged(id)?;
            section.shared(0..section.len())
        };
        let chunks = ChunkTable::parse(table(SectionId::Chunks)?);
        let unranked = RoaringBitmap::deserialize_from(&*table(SectionId::Unranked)?).ok();
        let is_sound = |chunks: &ChunkTable| (0..chunks.len()).all(|chunk| chunks.file(chunk) < files);
        let (Some(chunks), Some(unranked)) = (chunks.filter(is_sound), unranked) else {
            return Err(Error::corrupt(
                part.path(),
                "the chunks are not those of its files",
            ));
        };
        Ok(Terms {
            chunks,
            directory: table(SectionId::RunDirectory)?,
            runs: part.paged(SectionId::Runs)?,
            unranked,
            part,
        })
    }

    pub(crate) fn part(&self) -> &Part {
        &self.part
    }

    /// The chunks of all runs.
    pub fn chunks(&self) -> &ChunkTable {
        &self.chunks
    }

    /// What the runs are, as whoever built them encoded it.
    pub fn directory(&self) -> &[u8] {
        &self.directory
    }

    /// The bytes of the runs.
    pub fn runs(&self) -> &PagedBytes {
        &self.runs
    }

    /// Files that had changed before their chunks could be read: nothing is known of them here.
    pub fn unranked(&self) -> &RoaringBitmap {
        &self.unranked
    }
}
