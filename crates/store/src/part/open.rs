//! Opening a part: map it, check its directory, find its sections.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use memmap2::Mmap;

use super::{CLOSING, HEADER, MAGIC, PAGE, PagedBytes, SECTION, Section, SectionId, TRAILER, header};
use crate::bytes::Bytes;
use crate::error::Error;
use crate::format::{Fields, check_prefix};
use crate::manifest::PartEntry;

/// A part that is mapped or in memory, with the pages that have been checked.
#[derive(Debug)]
pub(crate) struct Part {
    path: PathBuf,
    bytes: Bytes,
    /// Bytes before the directory.
    body: usize,
    sections: Vec<Section>,
    /// Where in `bytes` the pages' checksums start.
    checksums: usize,
    pages: u64,
    /// One bit for each page that matched its checksum.
    checked: Vec<AtomicU64>,
}

struct Directory {
    body: usize,
    sections: Vec<Section>,
    checksums: usize,
    pages: u64,
}

impl Part {
    /// Maps the part in `folder` that `entry` describes. Its directory is checked, its pages are not yet.
    pub(crate) fn open(folder: &Path, entry: &PartEntry) -> Result<Part, Error> {
        let path = folder.join(entry.kind.file_name());
        let bytes = map(&path, entry.length)?;
        Part::parse(path, bytes, entry)
    }

    /// As [`Part::open`] for a part that was written to memory; `folder` is where errors say that it is.
    pub(crate) fn in_memory(folder: &Path, entry: &PartEntry, bytes: Bytes) -> Result<Part, Error> {
        Part::parse(folder.join(entry.kind.file_name()), bytes, entry)
    }

    fn parse(path: PathBuf, bytes: Bytes, entry: &PartEntry) -> Result<Part, Error> {
        check_prefix(&bytes, MAGIC, &path)?;
        if bytes.get(..HEADER) != Some(header(entry.kind).as_slice()) {
            return Err(Error::corrupt(&path, "the header is damaged"));
        }
        let directory = directory(&bytes, entry);
        let directory = directory.ok_or_else(|| Error::corrupt(&path, "the directory is damaged"))?;
        let Directory {
            body,
            sections,
            checksums,
            pages,
        } = directory;
        let checked = (0..pages.div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        Ok(Part {
            path,
            bytes,
            body,
            sections,
            checksums,
            pages,
            checked,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes held in memory, not mapped.
    pub(crate) fn memory(&self) -> usize {
        self.bytes.memory()
    }

    pub(crate) fn pages(&self) -> u64 {
        self.pages
    }

    /// Checks every page; the first one that fails is the error.
    pub(crate) fn check(&self) -> Result<(), Error> {
        (0..self.pages).try_for_each(|page| self.check_page(page))
    }

    /// Compares a page with its checksum, whether or not that was done before.
    pub(crate) fn check_page(&self, page: u64) -> Result<(), Error> {
        if self.page_matches(page).unwrap_or(false) {
            self.checked[(page / 64) as usize].fetch_or(1 << (page % 64), Ordering::Relaxed);
            Ok(())
        } else {
            Err(Error::corrupt_page(&self.path, page))
        }
    }

    /// The bytes of a section, of a part whose pages were all checked.
    pub(crate) fn section(&self, id: SectionId) -> Result<Bytes, Error> {
        let section = self.find(id)?;
        let range = section.offset as usize..(section.offset + section.length) as usize;
        self.bytes
            .slice(range)
            .ok_or_else(|| Error::corrupt(&self.path, "a section is outside the file"))
    }

    /// A section whose pages are checked as they are touched.
    pub(crate) fn paged(self: &Arc<Part>, id: SectionId) -> Result<PagedBytes, Error> {
        let section = self.find(id)?;
        Ok(PagedBytes::new(Arc::clone(self), section.offset, section.length))
    }

    /// The bytes from `start` to `end` of the file, after their pages were checked.
    pub(super) fn read(&self, start: u64, end: u64) -> Result<&[u8], Error> {
        if start < end {
            for page in start / PAGE as u64..=(end - 1) / PAGE as u64 {
                if !self.is_checked(page) {
                    self.check_page(page)?;
                }
            }
        }
        let bytes = self.bytes.get(start as usize..end as usize);
        bytes.ok_or_else(|| Error::corrupt(&self.path, "a range is outside the file"))
    }

    /// As [`Part::read`], with a hold on the part.
    pub(super) fn share(&self, start: u64, end: u64) -> Result<Bytes, Error> {
        self.read(start, end)?;
        let bytes = self.bytes.slice(start as usize..end as usize);
        bytes.ok_or_else(|| Error::corrupt(&self.path, "a range is outside the file"))
    }

    fn is_checked(&self, page: u64) -> bool {
        let word = self.checked.get((page / 64) as usize);
        word.is_some_and(|word| word.load(Ordering::Relaxed) & (1 << (page % 64)) != 0)
    }

    fn page_matches(&self, page: u64) -> Option<bool> {
        let page = usize::try_from(page)
            .ok()
            .filter(|page| (*page as u64) < self.pages)?;
        let start = page * PAGE;
        let bytes = self.bytes.get(start..self.body.min(start + PAGE))?;
        let expected = Fields::new(self.bytes.get(self.checksums + page * 4..)?).u32()?;
        Some(crc32fast::hash(bytes) == expected)
    }

    fn find(&self, id: SectionId) -> Result<Section, Error> {
        let section = self.sections.iter().find(|section| section.id == id as u32);
        section
            .copied()
            .ok_or_else(|| Error::corrupt(&self.path, "a section is missing"))
    }
}

/// Maps the file at `path`, once it is known to be as long as the manifest says.
fn map(path: &Path, length: u64) -> Result<Bytes, Error> {
    let file = File::open(path).map_err(|error| Error::reading(path, error))?;
    let found = file
        .metadata()
        .map_err(|error| Error::reading(path, error))?
        .len();
    if found != length || found < (HEADER + TRAILER) as u64 {
        return Err(Error::corrupt(path, "the length is not what the manifest says"));
    }
    // SAFETY: a part is written under a name that is never used again, in a folder that is private to the user, and
    // is never changed afterwards; removing it leaves a mapping alive (Unix) or fails (Windows). Its values are
    // checked before use, and read so that other values could not lead outside the map.
    let map = unsafe { Mmap::map(&file) }.map_err(|error| Error::reading(path, error))?;
    if map.len() as u64 != length {
        return Err(Error::corrupt(path, "the length is not what the manifest says"));
    }
    Ok(Bytes::mapped(map))
}

/// The directory of a part, if it matches its checksum and the manifest's and describes these bytes.
fn directory(bytes: &[u8], entry: &PartEntry) -> Option<Directory> {
    let trailer = bytes.len().checked_sub(TRAILER)?;
    let mut fields = Fields::new(&bytes[trailer..]);
    let (body, sections, pages) = (fields.u64()?, fields.u32()?, fields.u32()?);
    let (kind, checksum) = (fields.u32()?, fields.u32()?);
    let body = usize::try_from(body).ok()?;
    let checksums = body.checked_add(usize::try_from(sections).ok()?.checked_mul(SECTION)?)?;
    let end = checksums.checked_add(usize::try_from(pages).ok()?.checked_mul(4)?)?;
    let sound = end == trailer
        && body >= HEADER
        && pages as usize == body.div_ceil(PAGE)
        && kind == u32::from(entry.kind.code())
        && checksum == entry.checksum
        && checksum == crc32fast::hash(bytes.get(body..trailer + 20)?)
        && fields.take(8)? == CLOSING;
    sound.then_some(())?;
    let mut fields = Fields::new(&bytes[body..checksums]);
    let sections = (0..sections)
        .map(|_| section(&mut fields, body as u64))
        .collect::<Option<_>>()?;
    Some(Directory {
        body,
        sections,
        checksums,
        pages: u64::from(pages),
    })
}

fn section(fields: &mut Fields<'_>, body: u64) -> Option<Section> {
    let id = u32::try_from(fields.u64()?).ok()?;
    let (offset, length) = (fields.u64()?, fields.u64()?);
    (offset.checked_add(length)? <= body).then_some(Section { id, offset, length })
}
