//! Reading a whole store to see whether it is sound.

use std::path::Path;

use crate::error::Error;
use crate::segment::Segment;
use crate::store::Store;

/// What a check found.
#[derive(Debug, Default)]
pub struct Check {
    /// The generation that was checked; 0 if nothing was committed.
    pub generation: u64,
    /// Segments that it names.
    pub segments: u64,
    /// Pages of 64 KiB that matched their checksums.
    pub pages: u64,
    /// Everything that is wrong.
    pub damage: Vec<Error>,
}

impl Store {
    /// Compares every page of every part of the current generation with its checksum, and the tables with each
    /// other. Goes on after damage.
    ///
    /// # Errors
    /// As [`Store::manifest`]: without a manifest there is nothing to check by.
    pub fn check(&self) -> Result<Check, Error> {
        let mut check = Check::default();
        let Some(manifest) = self.manifest()? else {
            return Ok(check);
        };
        check.generation = manifest.generation;
        check.segments = manifest.segments.len() as u64;
        for entry in &manifest.segments {
            match Segment::open(self.dir(), entry) {
                Ok(segment) => segment.check(&mut check),
                Err(error) => check.damage.push(error),
            }
        }
        Ok(check)
    }
}

impl Segment {
    /// Compares every page with its checksum and the tables with each other, and adds what it finds to `check`.
    pub fn check(&self, check: &mut Check) {
        for part in self.parts() {
            for page in 0..part.pages() {
                match part.check_page(page) {
                    Ok(()) => check.pages += 1,
                    Err(error) => check.damage.push(error),
                }
            }
        }
        if let Some(table) = self.parts().next() {
            check.damage.extend(self.check_files(table.path()));
            check.damage.extend(self.check_blocks(table.path()));
            check.damage.extend(self.check_chunks(table.path()));
        }
    }

    fn check_files(&self, path: &Path) -> Option<Error> {
        let files = self.files();
        let mut sound = true;
        files.each_path(|file, stored| {
            sound &= !stored.is_empty() && files.find(stored).any(|found| found == file);
        });
        (!sound).then(|| Error::corrupt(path, "a file is not found by its path"))
    }

    fn check_chunks(&self, path: &Path) -> Option<Error> {
        let chunks = self.terms()?.chunks();
        let sound = (1..chunks.len()).all(|number| {
            let (before, chunk) = (chunks.get(number - 1), chunks.get(number));
            chunk.file != before.file || chunk.offset == before.offset + before.length
        });
        (!sound).then(|| Error::corrupt(path, "the chunks of a file do not follow each other"))
    }

    fn check_blocks(&self, path: &Path) -> Option<Error> {
        let (files, blocks) = (self.files(), self.blocks());
        let mut next = 0;
        let follows = |file| {
            let range = files.blocks(file);
            let starts = range.start == next && range.end >= next && range.end <= blocks.len();
            next = range.end;
            starts && range.into_iter().all(|block| blocks.file(block) == file)
        };
        let sound = (0..files.len()).all(follows) && next == blocks.len();
        (!sound).then(|| Error::corrupt(path, "the blocks are not those of the files"))
    }
}
