//! The segment that a worker is filling.

use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use quern_grams::{BuildOptions, GramBuilder, MAX_BLOCKS};
use quern_store::{BlockTableBuilder, FilePart, FileRecord, FileTableBuilder, Finished};
use quern_text::{DEFAULT_WINDOW, Window, has_nul};

use crate::build::file::FileInProgress;
use crate::build::large::Piece;
use crate::build::{Ledger, Plan};
use crate::error::{Error, contained};
use crate::packed;
use crate::ranked::{Passage, TermsBuilder};
use crate::snapshot::flags;
use crate::stats::lap;

/// What a segment's tables may take beside the grams.
const TABLES: usize = 6 << 20;

/// The segment being filled.
pub(super) struct SegmentInProgress {
    grams: GramBuilder,
    files: FileTableBuilder,
    blocks: BlockTableBuilder,
    /// Contents that were given, and the bytes of all.
    given: Vec<(u32, Arc<[u8]>)>,
    given_bytes: usize,
    /// What grams, given contents and terms may take together.
    budget: usize,
    /// If there are to be any.
    terms: Option<TermsBuilder>,
}

impl SegmentInProgress {
    /// An empty one that, with its reader's window, holds about `share` bytes.
    pub fn new(share: usize, plan: &Plan<'_>) -> SegmentInProgress {
        let budget = share.saturating_sub(TABLES + DEFAULT_WINDOW);
        SegmentInProgress {
            grams: GramBuilder::new(BuildOptions {
                budget,
                ..BuildOptions::default()
            }),
            files: FileTableBuilder::new(),
            blocks: BlockTableBuilder::new(),
            given: Vec::new(),
            given_bytes: 0,
            budget,
            terms: plan
                .terms
                .map(|limit| TermsBuilder::new(true, limit, plan.stamps)),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    pub fn is_full(&self) -> bool {
        self.grams.is_full()
            || self.files.memory() + self.blocks.memory() > TABLES
            || self.more() > 0 && self.grams.memory() + self.more() > self.budget
    }

    /// Bytes of what not every segment has: contents, terms.
    fn more(&self) -> usize {
        self.given_bytes + self.terms.as_ref().map_or(0, TermsBuilder::memory)
    }

    /// Whether the file's next block has to go to another segment. Each part of a given file keeps the whole content, so
    /// it is only cut where a segment cannot have more blocks.
    pub fn must_cut(&self, file: &FileInProgress<'_>) -> bool {
        match file.given {
            None => self.is_full(),
            Some(_) => self.grams.blocks() == MAX_BLOCKS,
        }
    }

    /// Adds a block of the file.
    ///
    /// # Errors
    /// A panic. The block is not added then, and what was added before is as it was.
    pub fn block(
        &mut self,
        file: &mut FileInProgress<'_>,
        window: &Window<'_>,
        range: Range<usize>,
    ) -> Result<(), Error> {
        let text = &window.text[range.clone()];
        let offsets = window.offset + range.start as u64..window.offset + range.end as u64;
        let added = contained(|| {
            let newlines = self.grams.add_block(text);
            #[cfg(test)]
            super::tests::fault(file.stored, text);
            file.hasher.update(text);
            if file.flags & flags::NUL == 0 && has_nul(text) {
                file.flags |= flags::NUL;
            }
            Ok(newlines)
        });
        let newlines = added.inspect_err(|_| self.grams.truncate(self.blocks.len() as usize))?;
        self.blocks
            .add(self.files.len(), offsets, file.base_line + file.lines + 1);
        file.lines += newlines;
        file.blocks += 1;
        Ok(())
    }

    /// Adds the chunks of blocks that were added, which begin behind `line` lines of the file, unless it is a compressed log.
    /// Terms at which our own code panics are given up; they are built later, without the file.
    pub fn rank(&mut self, file: &FileInProgress<'_>, window: &Window<'_>, range: Range<usize>, line: u64) {
        if !file.is_packed {
            let text = &window.text[range.clone()];
            let offset = window.offset + range.start as u64;
            self.add_terms(file, Window { text, offset }, line);
        }
    }

    /// Whether the text of the file that is recorded next is still to be decompressed.
    pub fn lacks_unpacked(&self, file: &FileInProgress<'_>) -> bool {
        file.is_packed && self.terms.is_some()
    }

    /// Adds the chunks of a compressed log, which begin behind `line` lines of its text. Terms that take more than there is
    /// for them are given up; they are built later.
    pub fn rank_unpacked(&mut self, file: &FileInProgress<'_>, window: Window<'_>, line: u64) {
        self.add_terms(file, window, line);
        if self.more() > self.budget {
            self.terms = None;
        }
    }

    /// Notes that not all of the file that is recorded next could be ranked.
    pub fn leave_unranked(&mut self) {
        if let Some(terms) = &mut self.terms {
            terms.leave_unranked(self.files.len());
        }
    }

    fn add_terms(&mut self, file: &FileInProgress<'_>, window: Window<'_>, line: u64) {
        let Some(terms) = &mut self.terms else { return };
        let passage = Passage {
            file: self.files.len(),
            path: &String::from_utf8_lossy(file.stored).into(),
            language: file.language,
            text: window.text,
            offset: window.offset,
            line,
            modified: file.stat.mtime_ns,
        };
        if contained(|| terms.add(passage)).is_err() {
            self.terms = None;
        }
    }

    /// Adds the file, or the part of it that this segment has.
    pub fn record(&mut self, file: &mut FileInProgress<'_>, last: bool) {
        let is_cut = !last || file.part > 0 || file.piece.is_some();
        let part = is_cut.then_some(FilePart {
            index: file.part,
            last: last && file.piece.is_none_or(Piece::is_last),
            base_offset: file.base_offset,
            base_line: file.base_line,
        });
        let id = self.files.add(&FileRecord {
            path: file.stored,
            stat: file.stat,
            hash: file.hasher.digest(),
            encoding: if file.is_packed {
                packed::ENCODING
            } else {
                file.encoding as u8
            },
            flags: file.flags | if part.is_some() { flags::CUT } else { 0 },
            language: file.language.number(),
            lines: file.lines,
            blocks: file.blocks,
            part,
        });
        if let Some(content) = file.given {
            self.given.push((id, Arc::clone(content)));
            self.given_bytes += content.len();
        }
    }

    pub fn write(&mut self, plan: &Plan<'_>, ledger: &mut Ledger) -> Result<Finished, Error> {
        let mut clock = Instant::now();
        let mut writer = plan.to.segment()?;
        let mut directory = Vec::new();
        if let Err(error) = self.grams.finish(&mut directory, writer.postings()) {
            return Err(writer.write_error(error).into());
        }
        if let Some(terms) = &mut self.terms {
            terms.write(&mut writer)?;
        }
        let given = std::mem::take(&mut self.given);
        self.given_bytes = 0;
        let contents: Vec<(u32, &[u8])> = given.iter().map(|(id, content)| (*id, &content[..])).collect();
        let finished = writer.finish(&mut self.files, &mut self.blocks, &directory, &contents)?;
        ledger.stages.write += lap(&mut clock).as_secs_f64();
        Ok(finished)
    }
}
