//! The text of one file's blocks, read so that it is certain to be what the index knows.
//!
//! Blocks come from the cache of hot content, or one by one from disk into it. Where the candidates of a query do not
//! fit into the cache, it is left alone, and neighbours are read at once.

use std::fs::File;
use std::ops::{Deref, Range};
use std::sync::Arc;

use quern_store::Bytes;
use quern_walk::FileMeta;

use crate::content::BlockKey;
use crate::query::candidates::SegmentBlocks;
use crate::query::verify::{Stale, Verification};
use crate::read::{self, read_exact_at};
use crate::snapshot::{OpenSegment, flags};

/// Bytes of a block (a single long line) that are not to be held along with others.
const LARGE_BLOCK: usize = 1 << 20;
/// Bytes of neighbouring blocks that are read at once, at most, unless a single block has more.
const RUN: u64 = 1 << 20;

/// The blocks of one file, from the cache or from disk.
pub(crate) struct Reading<'a> {
    verification: &'a Verification,
    /// What is known of the file: an entry of the snapshot, a part of one that is cut.
    entry: (u32, u32),
    segment: &'a OpenSegment,
    /// Where in the file the next part begins; what the index has of this one behind that is older.
    end: u64,
    /// What is in the cache is as old as its file's times, and those of a racy file prove nothing.
    caches: bool,
    /// Where blocks that are not cached are read to.
    buffer: &'a mut Vec<u8>,
    /// Opened when the first block has to be read.
    opened: Option<File>,
    /// Blocks that were read since the file was last seen to be what the index knows.
    unproven: Vec<(BlockKey, Arc<[u8]>)>,
}

/// The text of blocks.
pub(crate) enum Text<'a> {
    Cached(Arc<[u8]>),
    Read(&'a [u8]),
    /// A part of what was given to the index.
    Given(Bytes, Range<usize>),
}

impl Deref for Text<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Text::Cached(text) => text,
            Text::Read(text) => text,
            Text::Given(text, range) => &text[range.clone()],
        }
    }
}

impl<'a> Reading<'a> {
    pub fn new(verification: &'a Verification, entry: (u32, u32), buffer: &'a mut Vec<u8>) -> Reading<'a> {
        let snapshot = &verification.snapshot;
        Reading {
            verification,
            entry,
            segment: snapshot.segment(entry),
            end: snapshot.part(entry).map_or(u64::MAX, |part| part.end),
            caches: verification.caches && !snapshot.is_racy(entry),
            buffer,
            opened: None,
            unproven: Vec::new(),
        }
    }

    /// Goes on with another part of the same file.
    pub fn enter(&mut self, entry: (u32, u32)) {
        let snapshot = &self.verification.snapshot;
        self.entry = entry;
        self.segment = snapshot.segment(entry);
        self.end = snapshot.part(entry).map_or(u64::MAX, |part| part.end);
    }

    /// The next blocks to search as one text: one that the cache may have, or neighbours.
    pub fn run(&self, blocks: &SegmentBlocks, left: Range<u32>) -> Range<u32> {
        let table = self.segment.blocks();
        let first = blocks.get(left.start as usize);
        let mut end = first + 1;
        if !self.caches {
            let start = table.offset(first);
            let follows = |index: u32, block: u32| {
                blocks.get(index as usize) == block && table.end(block) - start <= RUN
            };
            while left.start + (end - first) < left.end && follows(left.start + (end - first), end) {
                end += 1;
            }
        }
        first..end
    }

    /// The text of neighbouring blocks, as far as it is this part's.
    pub fn text(&mut self, run: Range<u32>) -> Result<Text<'_>, Stale> {
        let (_, file) = self.entry;
        let table = self.segment.blocks();
        let end = table.end(run.end - 1);
        let place = table.offset(run.start)..end.min(self.end).max(table.offset(run.start));
        if self.segment.files().flags(file) & flags::GIVEN != 0 {
            let text = self.segment.given_text(file).map_err(Stale::Damaged)?;
            return Ok(Text::Given(text, place.start as usize..place.end as usize));
        }
        // The cache is shared with snapshots that have this block as a whole.
        let caches = self.caches && place.end == end;
        let key = BlockKey {
            segment: self.segment.number,
            block: run.start,
        };
        if let Some(text) = caches.then(|| self.verification.content.get(key)).flatten() {
            return Ok(Text::Cached(text));
        }
        if self.opened.is_none() {
            self.opened = Some(self.verification.known(self.entry)?);
        }
        let file = self.opened.as_ref().ok_or(Stale::Gone)?;
        let start = place.start;
        let length = (place.end - start) as usize;
        if !caches {
            if self.buffer.len() < length {
                self.buffer.resize(length, 0);
            }
            read::fill(file, &mut self.buffer[..length], start)?;
            return Ok(Text::Read(&self.buffer[..length]));
        }
        let text = read_exact_at(file, start, length)?;
        self.unproven.push((key, Arc::clone(&text)));
        if text.len() > LARGE_BLOCK {
            self.prove()?;
        }
        Ok(Text::Cached(text))
    }

    /// Sees to it that what was read is what the index knows; only then it may be cached.
    pub fn prove(&mut self) -> Result<(), Stale> {
        let Some(file) = &self.opened else {
            return Ok(());
        };
        let meta = FileMeta::from_metadata(&file.metadata()?);
        if !self.verification.snapshot.is_unchanged(self.entry, &meta) {
            let blocks = self.segment.files().blocks(self.entry.1);
            self.verification.content.forget(self.segment.number, blocks);
            return Err(Stale::Changed);
        }
        for (key, text) in self.unproven.drain(..) {
            self.verification.content.put(key, &text);
        }
        Ok(())
    }
}
