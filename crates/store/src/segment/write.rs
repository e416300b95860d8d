//! Writing a segment, to a store's folder or to memory.

use std::io;
use std::path::Path;

use roaring::RoaringBitmap;

use super::terms::TermsWriter;
use super::{Segment, given};
use crate::blocks::BlockTableBuilder;
use crate::chunks::ChunkTableBuilder;
use crate::error::Error;
use crate::files::FileTableBuilder;
use crate::manifest::SegmentEntry;
use crate::part::{PartKind, PartWriter, SectionId, WrittenPart};
use crate::unique;
use crate::writer::Pending;

/// A segment that is being written. Dropped before it is finished, it removes what it wrote.
#[derive(Debug)]
pub struct SegmentWriter {
    place: Place,
    postings: PartWriter,
    terms: Option<WrittenPart>,
}

/// Where a segment is written to.
#[derive(Debug)]
enum Place {
    Store(Pending),
    /// The segment's name.
    Memory(String),
}

/// What [`SegmentWriter::finish`] wrote.
#[derive(Debug)]
pub struct Finished {
    /// What a manifest can name it by. A segment in memory has an entry too, but nothing on disk that could be
    /// committed.
    pub entry: SegmentEntry,
    /// The segment, open, if it was written to memory.
    pub memory: Option<Segment>,
}

impl SegmentWriter {
    pub(crate) fn create(pending: Pending) -> Result<SegmentWriter, Error> {
        SegmentWriter::new(Place::Store(pending))
    }

    /// Begins a segment that stays in memory.
    ///
    /// # Errors
    /// None today: the signature is that of [`Writer::segment`](crate::Writer::segment).
    pub fn in_memory() -> Result<SegmentWriter, Error> {
        SegmentWriter::new(Place::Memory(unique::name()))
    }

    fn new(place: Place) -> Result<SegmentWriter, Error> {
        let mut postings = place.part(PartKind::Postings)?;
        postings.begin(SectionId::Postings)?;
        Ok(SegmentWriter {
            place,
            postings,
            terms: None,
        })
    }

    /// The name that the segment will have.
    pub fn name(&self) -> &str {
        match &self.place {
            Place::Store(pending) => pending.name(),
            Place::Memory(name) => name,
        }
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

    /// Writes the terms: `write` hands the bytes of all runs to what it is given, and gives their directory.
    ///
    /// # Errors
    /// Those of `write`; `Full`, `ReadOnly` or `Io`.
    pub fn terms<E: From<Error>>(
        &mut self,
        chunks: &mut ChunkTableBuilder,
        unranked: &RoaringBitmap,
        write: impl FnOnce(&mut TermsWriter) -> Result<Vec<u8>, E>,
    ) -> Result<(), E> {
        let mut terms = TermsWriter::new(self.place.part(PartKind::Terms)?, None)?;
        let directory = write(&mut terms)?;
        self.terms = Some(terms.tables(&directory, chunks, unranked)?);
        Ok(())
    }

    /// Writes the tables, makes the segment durable (unless it stays in memory) and gives the entry that a manifest
    /// can name it by. `contents` are bytes of files whose text was given instead of read from disk, with the files'
    /// ids. The builders are empty again.
    ///
    /// # Errors
    /// `Full`, `ReadOnly` or `Io`; what was written is removed.
    ///
    /// # Panics
    /// If the ids of `contents` do not ascend, or are not below the number of files.
    pub fn finish(
        self,
        files: &mut FileTableBuilder,
        blocks: &mut BlockTableBuilder,
        gram_directory: &[u8],
        contents: &[(u32, &[u8])],
    ) -> Result<Finished, Error> {
        let SegmentWriter {
            place,
            postings,
            terms,
        } = self;
        let (file_count, block_count, text_bytes) = (files.len(), blocks.len(), blocks.text_bytes());
        let postings = postings.finish()?;
        let mut table = place.part(PartKind::Table)?;
        table.section(SectionId::Files, &files.finish())?;
        table.section(SectionId::Blocks, &blocks.finish())?;
        table.section(SectionId::GramDirectory, gram_directory)?;
        let mut written = vec![table.finish()?, postings];
        if !contents.is_empty() {
            let mut part = place.part(PartKind::Contents)?;
            given::write(&mut part, contents, file_count)?;
            written.push(part.finish()?);
        }
        written.extend(terms);
        let entry = |name| SegmentEntry {
            name,
            parts: written.iter().map(|part| part.entry).collect(),
            files: file_count,
            blocks: block_count,
            text_bytes,
            tombstones: RoaringBitmap::new(),
        };
        match place {
            Place::Store(pending) => Ok(Finished {
                entry: entry(pending.finish()?),
                memory: None,
            }),
            Place::Memory(name) => {
                let entry = entry(name);
                let memory = Some(Segment::in_memory(&entry, &written)?);
                Ok(Finished { entry, memory })
            }
        }
    }
}

impl Place {
    fn part(&self, kind: PartKind) -> Result<PartWriter, Error> {
        match self {
            Place::Store(pending) => {
                PartWriter::create(pending.disk(), pending.folder().join(kind.file_name()), kind)
            }
            Place::Memory(name) => Ok(PartWriter::in_memory(
                Path::new(name).join(kind.file_name()),
                kind,
            )),
        }
    }
}
