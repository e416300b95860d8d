//! Files that only grew, as logs do: what was indexed stays, and only the text behind it is read.
//!
//! What stays is still true if the file's first bytes have the hashes that they had when they were indexed. They are read
//! for that, which is a fraction of what indexing them costs, and through the handle through which the rest is read: what
//! is known of the file as a whole is what that handle saw. A line that was not complete belongs to the new part.

use std::fs::File;
use std::io;

use quern_text::Language;
use quern_walk::{Cancel, FileMeta};

use crate::racy::Text;
use crate::read::read_exact_at;

/// What of a file is indexed already.
pub(crate) struct Growth {
    /// Its parts; never empty.
    pub kept: Vec<Kept>,
    /// Where the last block of what is kept begins.
    pub last_block: u64,
    /// Which part comes next, and the line ends before.
    pub index: u32,
    pub lines: u64,
    /// Traits of the file that the new part takes over.
    pub flags: u8,
    pub language: Language,
    pub inode: u64,
    /// The kept text is taken to be as it was.
    pub is_assumed: bool,
}

/// A part that stays.
pub(crate) struct Kept {
    pub entry: (u32, u32),
    pub text: Text,
}

impl Growth {
    /// Where the new part begins; `None` if the file is not one that only grew.
    ///
    /// # Errors
    /// A file that cannot be read, a stop.
    pub fn resume(&self, file: &File, meta: &FileMeta, cancel: &Cancel) -> io::Result<Option<u64>> {
        let end = self.kept.last().map_or(0, |kept| kept.text.place.end);
        if meta.inode != self.inode || meta.size < end {
            return Ok(None);
        }
        let mut buffer = Vec::new();
        if !self.is_assumed {
            for kept in &self.kept {
                if !kept.text.is_in(file, &mut buffer, cancel)? {
                    return Ok(None);
                }
            }
        }
        let block = read_exact_at(file, self.last_block, (end - self.last_block) as usize)?;
        let complete = block
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |line_end| line_end + 1);
        let place = self.last_block + complete as u64;
        Ok((place > 0).then_some(place))
    }
}
