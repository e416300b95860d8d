//! Contents that were given instead of read from disk, such as an editor's unsaved buffer.
//!
//! Nobody else may have them, so a segment keeps them: the part `contents` has the section of the files, 16 bytes each
//! (id `u32`, four zeros, where the content ends `u64`), ascending by id, then the contents one after the other.

use std::sync::Arc;

use crate::bytes::Bytes;
use crate::error::Error;
use crate::format::Fields;
use crate::part::{PagedBytes, Part, PartWriter, SectionId};

/// Bytes of a file in the section of the files.
const FILE: usize = 16;

/// Writes the sections of `contents`, of a segment of `files` files.
pub(super) fn write(part: &mut PartWriter, contents: &[(u32, &[u8])], files: u32) -> Result<(), Error> {
    assert!(
        contents.is_sorted_by(|a, b| a.0 < b.0) && contents.last().is_none_or(|last| last.0 < files),
        "contents come in the order of the segment's files"
    );
    let mut index = Vec::with_capacity(contents.len() * FILE);
    let mut end = 0u64;
    for (file, content) in contents {
        end += content.len() as u64;
        index.extend_from_slice(&u64::from(*file).to_le_bytes());
        index.extend_from_slice(&end.to_le_bytes());
    }
    part.section(SectionId::GivenFiles, &index)?;
    part.begin(SectionId::Contents)?;
    contents.iter().try_for_each(|(_, content)| part.append(content))
}

/// The contents of a segment, checked page by page.
#[derive(Debug)]
pub(super) struct Given {
    part: Arc<Part>,
    files: Vec<u32>,
    /// Where the content of each file ends.
    ends: Vec<u64>,
    contents: PagedBytes,
}

impl Given {
    /// Reads the section of the files, of a segment that has `files` of them.
    pub(super) fn open(part: Part, files: u32) -> Result<Given, Error> {
        let part = Arc::new(part);
        let index = part.paged(SectionId::GivenFiles)?;
        let contents = part.paged(SectionId::Contents)?;
        let index = parse(index.bytes(0..index.len())?);
        let sound = |(ids, ends): &(Vec<u32>, Vec<u64>)| {
            ids.is_sorted_by(|a, b| a < b)
                && ids.last().is_some_and(|&last| last < files)
                && ends.is_sorted()
                && ends.last() == Some(&contents.len())
        };
        let Some((files, ends)) = index.filter(sound) else {
            return Err(Error::corrupt(
                part.path(),
                "the contents are not those of its files",
            ));
        };
        Ok(Given {
            part,
            files,
            ends,
            contents,
        })
    }

    pub(super) fn part(&self) -> &Part {
        &self.part
    }

    pub(super) fn files(&self) -> &[u32] {
        &self.files
    }

    pub(super) fn content(&self, file: u32) -> Result<Option<Bytes>, Error> {
        let Ok(found) = self.files.binary_search(&file) else {
            return Ok(None);
        };
        let start = found.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.contents.shared(start..self.ends[found]).map(Some)
    }

    pub(super) fn memory(&self) -> usize {
        self.files.capacity() * size_of::<u32>() + self.ends.capacity() * size_of::<u64>()
    }
}

fn parse(index: &[u8]) -> Option<(Vec<u32>, Vec<u64>)> {
    let (files, rest) = index.as_chunks::<FILE>();
    rest.is_empty().then_some(())?;
    let file = |bytes: &[u8; FILE]| {
        let mut fields = Fields::new(bytes);
        Some((u32::try_from(fields.u64()?).ok()?, fields.u64()?))
    };
    files.iter().map(file).collect()
}
