//! Writing a part as a stream, one checked page at a time.

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{CLOSING, PAGE, PartKind, Section, SectionId, header};
use crate::bytes::Bytes;
use crate::disk::{Disk, DiskFile};
use crate::error::Error;
use crate::manifest::PartEntry;

/// Writes one part. What is written through [`Write`] goes to the section that was begun last.
///
/// One page is held in memory, and four bytes for each page written.
pub struct PartWriter {
    target: Target,
    path: PathBuf,
    kind: PartKind,
    page: Vec<u8>,
    checksums: Vec<u32>,
    sections: Vec<Section>,
    offset: u64,
    broken: bool,
}

/// Where pages go.
enum Target {
    File(Box<dyn DiskFile>),
    Memory(Vec<u8>),
}

/// A part that is complete.
#[derive(Debug)]
pub(crate) struct WrittenPart {
    pub(crate) entry: PartEntry,
    /// Its bytes, if it was written to memory.
    pub(crate) memory: Option<Bytes>,
}

impl PartWriter {
    pub(crate) fn create(disk: &dyn Disk, path: PathBuf, kind: PartKind) -> Result<PartWriter, Error> {
        let file = disk.create(&path).map_err(|error| Error::writing(&path, error))?;
        Ok(PartWriter::new(Target::File(file), path, kind))
    }

    /// A part in memory; `path` is where errors say that it is.
    pub(crate) fn in_memory(path: PathBuf, kind: PartKind) -> PartWriter {
        PartWriter::new(Target::Memory(Vec::new()), path, kind)
    }

    fn new(target: Target, path: PathBuf, kind: PartKind) -> PartWriter {
        let mut page = Vec::with_capacity(PAGE);
        page.extend_from_slice(&header(kind));
        let offset = page.len() as u64;
        PartWriter {
            target,
            path,
            kind,
            page,
            checksums: Vec::new(),
            sections: Vec::new(),
            offset,
            broken: false,
        }
    }

    /// Bytes written to the section so far.
    pub fn position(&self) -> u64 {
        self.sections
            .last()
            .map_or(0, |section| self.offset - section.offset)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn begin(&mut self, id: SectionId) -> Result<(), Error> {
        self.end_section();
        let padding = self.offset.next_multiple_of(8) - self.offset;
        let padded = self.write_all(&[0; 8][..padding as usize]);
        padded.map_err(|error| Error::writing(&self.path, error))?;
        self.sections.push(Section {
            id: id as u32,
            offset: self.offset,
            length: 0,
        });
        Ok(())
    }

    pub(crate) fn section(&mut self, id: SectionId, bytes: &[u8]) -> Result<(), Error> {
        self.begin(id)?;
        self.append(bytes)
    }

    /// Appends to the section that was begun last.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.write_all(bytes)
            .map_err(|error| Error::writing(&self.path, error))
    }

    /// Writes the directory and makes the file durable.
    pub(crate) fn finish(mut self) -> Result<WrittenPart, Error> {
        self.end_section();
        let entry = self.close().map_err(|error| Error::writing(&self.path, error))?;
        let memory = match self.target {
            Target::File(_) => None,
            Target::Memory(bytes) => Some(bytes.into()),
        };
        Ok(WrittenPart { entry, memory })
    }

    fn end_section(&mut self) {
        let offset = self.offset;
        if let Some(section) = self.sections.last_mut() {
            section.length = offset - section.offset;
        }
    }

    fn close(&mut self) -> io::Result<PartEntry> {
        self.write_page()?;
        let (directory, checksum) = self.directory();
        self.target.write_all(&directory)?;
        self.target.sync()?;
        Ok(PartEntry {
            kind: self.kind,
            length: self.offset + directory.len() as u64,
            checksum,
        })
    }

    fn directory(&self) -> (Vec<u8>, u32) {
        let mut out = Vec::new();
        for section in &self.sections {
            out.extend_from_slice(&u64::from(section.id).to_le_bytes());
            out.extend_from_slice(&section.offset.to_le_bytes());
            out.extend_from_slice(&section.length.to_le_bytes());
        }
        self.checksums
            .iter()
            .for_each(|checksum| out.extend_from_slice(&checksum.to_le_bytes()));
        out.extend_from_slice(&self.offset.to_le_bytes());
        for number in [
            self.sections.len() as u32,
            self.checksums.len() as u32,
            u32::from(self.kind.code()),
        ] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        let checksum = crc32fast::hash(&out);
        out.extend_from_slice(&checksum.to_le_bytes());
        out.extend_from_slice(CLOSING);
        (out, checksum)
    }

    fn write_page(&mut self) -> io::Result<()> {
        if self.broken {
            return Err(io::Error::other("an earlier write to this file failed"));
        }
        if self.page.is_empty() {
            return Ok(());
        }
        self.checksums.push(crc32fast::hash(&self.page));
        let written = self.target.write_all(&self.page);
        self.broken = written.is_err();
        self.page.clear();
        written
    }
}

impl Target {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Target::File(file) => file.write_all(bytes),
            Target::Memory(memory) => memory.write_all(bytes),
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        match self {
            Target::File(file) => file.sync(),
            Target::Memory(_) => Ok(()),
        }
    }
}

impl Write for PartWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.page.len() == PAGE {
            self.write_page()?;
        }
        let taken = bytes.len().min(PAGE - self.page.len());
        self.page.extend_from_slice(&bytes[..taken]);
        self.offset += taken as u64;
        Ok(taken)
    }

    /// Does nothing: whole pages are written as they fill, and the last one when the segment is finished.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for PartWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PartWriter({}, {} bytes)", self.path.display(), self.offset)
    }
}
