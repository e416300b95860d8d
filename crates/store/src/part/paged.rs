//! A section that is too large to check when it is opened.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::Part;
use crate::bytes::Bytes;
use crate::error::Error;

/// The bytes of a section whose pages are compared with their checksums when they are first touched.
///
/// Cheap to clone. Reading a page that was checked before costs one load and one bit test.
#[derive(Clone, Debug)]
pub struct PagedBytes {
    part: Arc<Part>,
    start: u64,
    length: u64,
}

impl PagedBytes {
    pub(super) fn new(part: Arc<Part>, start: u64, length: u64) -> PagedBytes {
        PagedBytes { part, start, length }
    }

    /// Bytes of the section.
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Whether the section has no bytes.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The file that the section is in.
    pub fn path(&self) -> &Path {
        self.part.path()
    }

    /// The bytes at `range` of the section.
    ///
    /// # Errors
    /// `Corrupt`, with the page, if a page of the range does not match its checksum; without one, if the range
    /// reaches past the end.
    pub fn bytes(&self, range: Range<u64>) -> Result<&[u8], Error> {
        let range = self.within(range)?;
        self.part.read(range.start, range.end)
    }

    /// As [`PagedBytes::bytes`], for bytes that outlive this.
    ///
    /// # Errors
    /// As [`PagedBytes::bytes`].
    pub fn shared(&self, range: Range<u64>) -> Result<Bytes, Error> {
        let range = self.within(range)?;
        self.part.share(range.start, range.end)
    }

    /// Where in the part a range of the section is.
    fn within(&self, range: Range<u64>) -> Result<Range<u64>, Error> {
        if range.start > range.end || range.end > self.length {
            return Err(Error::corrupt(self.path(), "a range is outside its section"));
        }
        Ok(self.start + range.start..self.start + range.end)
    }
}
