//! One posting list, read forwards.

use tantivy::TERMINATED;
use tantivy::postings::BlockSegmentPostings;

/// The chunks that have a term, and how often each has it.
pub(super) struct List {
    blocks: BlockSegmentPostings,
    /// In the current block.
    at: usize,
}

impl List {
    pub fn new(blocks: BlockSegmentPostings) -> List {
        List { blocks, at: 0 }
    }

    /// Goes on to the first chunk from `target` on, which is not before where it is; [`TERMINATED`] if there is none.
    pub fn seek(&mut self, target: u32) -> u32 {
        let here = self.chunk();
        if here >= target {
            return here;
        }
        self.at = self.blocks.seek(target);
        self.chunk()
    }

    /// How often the chunk that it is at has the term.
    pub fn frequency(&self) -> u32 {
        self.blocks.freq(self.at)
    }

    /// Gives every chunk from where it is up to `end`, with its frequency.
    pub fn up_to(&mut self, end: u32, mut each: impl FnMut(u32, u32)) {
        loop {
            let (chunks, frequencies) = (self.blocks.docs(), self.blocks.freqs());
            let rest = chunks.get(self.at..).unwrap_or_default();
            let count = match rest.last() {
                None => return,
                Some(&last) if last < end => rest.len(),
                Some(_) => rest.partition_point(|&chunk| chunk < end),
            };
            for (&chunk, &frequency) in rest[..count].iter().zip(&frequencies[self.at..]) {
                each(chunk, frequency);
            }
            self.at += count;
            if count < rest.len() {
                return;
            }
            self.blocks.advance();
            self.at = 0;
        }
    }

    fn chunk(&self) -> u32 {
        self.blocks.docs().get(self.at).copied().unwrap_or(TERMINATED)
    }
}
