//! A segment as its readers have it.

use std::path::Path;
use std::sync::Arc;

use super::folder;
use super::given::Given;
use super::terms::Terms;
use crate::blocks::BlockTable;
use crate::bytes::Bytes;
use crate::error::{Error, ErrorKind};
use crate::files::FileTable;
use crate::manifest::{PartEntry, SegmentEntry};
use crate::part::{PagedBytes, Part, PartKind, SectionId, WrittenPart};

/// A segment that is mapped, or in memory, and whose tables have been checked.
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
    given: Option<Given>,
    terms: Option<Terms>,
}

impl Segment {
    /// Opens the segment of the store in `dir` that `entry` describes.
    ///
    /// # Errors
    /// `Missing` if its files are not there, `Corrupt` if they are not the ones that the entry describes.
    pub fn open(dir: &Path, entry: &SegmentEntry) -> Result<Segment, Error> {
        let folder = folder(dir, &entry.name);
        let open = |kind| entry.part(kind).map(|part| Part::open(&folder, part));
        Segment::of_parts(entry, &folder, open)
    }

    /// Opens the segment that was written to memory as `written`.
    pub(super) fn in_memory(entry: &SegmentEntry, written: &[WrittenPart]) -> Result<Segment, Error> {
        let folder = Path::new(&entry.name);
        let open = |kind| {
            let part = written.iter().find(|part| part.entry.kind == kind)?;
            Some(Part::in_memory(folder, &part.entry, part.memory.clone()?))
        };
        Segment::of_parts(entry, folder, open)
    }

    fn of_parts(
        entry: &SegmentEntry,
        folder: &Path,
        open: impl Fn(PartKind) -> Option<Result<Part, Error>>,
    ) -> Result<Segment, Error> {
        let needed = |kind: PartKind| {
            let missing = || Err(Error::new(ErrorKind::Missing, &folder.join(kind.file_name())));
            open(kind).unwrap_or_else(missing)
        };
        let table = needed(PartKind::Table)?;
        table.check()?;
        let postings_part = Arc::new(needed(PartKind::Postings)?);
        let given = open(PartKind::Contents).transpose()?;
        let terms = open(PartKind::Terms).transpose()?;
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
            given: given.map(|part| Given::open(part, entry.files)).transpose()?,
            terms: terms.map(|part| Terms::open(part, entry.files)).transpose()?,
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

    /// The content of a file that was given with it instead of read from disk; `None` for every other file.
    ///
    /// # Errors
    /// `Corrupt`, with the page, if a page of the content does not match its checksum.
    pub fn given(&self, file: u32) -> Result<Option<Bytes>, Error> {
        self.given.as_ref().map_or(Ok(None), |given| given.content(file))
    }

    /// The files whose content was given, ascending.
    pub fn given_files(&self) -> &[u32] {
        self.given.as_ref().map_or(&[], Given::files)
    }

    /// What ranked search reads; `None` if that is not written yet.
    pub fn terms(&self) -> Option<&Terms> {
        self.terms.as_ref()
    }

    /// Bytes of its parts: on disk, or in memory.
    pub fn bytes(&self) -> u64 {
        self.entries.iter().map(|part| part.length).sum()
    }

    /// Bytes that it holds in memory; what is mapped does not count.
    pub fn memory(&self) -> usize {
        let parts: usize = self.parts().map(Part::memory).sum();
        parts + self.given.as_ref().map_or(0, Given::memory)
    }

    /// Its parts, the table first.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &Part> {
        let given = self.given.as_ref().map(Given::part);
        let terms = self.terms.as_ref().map(Terms::part);
        [&self.table, &*self.postings_part]
            .into_iter()
            .chain(given)
            .chain(terms)
    }

    /// Whether the files on disk that `entry` describes are the ones that are open here.
    pub(crate) fn is(&self, entry: &SegmentEntry) -> bool {
        self.name == entry.name && self.entries == entry.parts
    }
}
