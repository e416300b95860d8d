//! What a question is asked of: runs, with what of them counts.

use roaring::RoaringBitmap;
use tantivy::postings::TermInfo;

use crate::error::{Error, reading};
use crate::fields::Field;
use crate::query::list::List;
use crate::query::phrase::Borders;
use crate::run::{Lengths, Run};

/// Runs that answer together.
pub struct Corpus<'a> {
    pub(super) runs: Vec<LiveRun<'a>>,
    pub(super) chunks: u64,
    lengths: [Lengths; Field::ALL.len()],
}

/// A run, and its chunks that no longer count.
#[derive(Clone, Copy)]
pub struct LiveRun<'a> {
    /// The run.
    pub run: &'a Run,
    /// Of its chunks.
    pub dead: &'a RoaringBitmap,
    /// How they follow each other.
    pub borders: &'a dyn Borders,
}

impl<'a> Corpus<'a> {
    /// Adds up what scores depend on, of what counts.
    pub fn new(runs: Vec<LiveRun<'a>>) -> Corpus<'a> {
        let live = |live: &LiveRun<'_>| u64::from(live.run.chunks()) - live.dead.len();
        Corpus {
            chunks: runs.iter().map(live).sum(),
            lengths: Field::ALL.map(|field| lengths(&runs, field)),
            runs,
        }
    }

    /// How many chunks count.
    pub fn chunks(&self) -> u64 {
        self.chunks
    }

    /// The average length of a field, of the chunks that have it.
    pub(super) fn average(&self, field: Field) -> f32 {
        let Lengths { texts, words } = self.lengths[field as usize];
        words as f32 / texts.max(1) as f32
    }

    /// How many chunks have a term in a field.
    pub(super) fn frequency(&self, field: Field, term: &[u8]) -> Result<u64, Error> {
        let mut sum = 0;
        for live in &self.runs {
            if let Some(info) = live.info(field, term)? {
                sum += live.frequency(field, &info)?;
            }
        }
        Ok(sum)
    }
}

impl LiveRun<'_> {
    pub(super) fn info(&self, field: Field, term: &[u8]) -> Result<Option<TermInfo>, Error> {
        self.run.field(field).index.terms().get(term).map_err(reading)
    }

    pub(super) fn list(&self, field: Field, info: &TermInfo) -> Result<List, Error> {
        let record = tantivy::schema::IndexRecordOption::WithFreqs;
        let blocks = self
            .run
            .field(field)
            .index
            .read_block_postings_from_terminfo(info, record);
        Ok(List::new(blocks.map_err(reading)?))
    }

    /// How many of the chunks that count have a term. The run's own number is of all.
    pub(super) fn frequency(&self, field: Field, info: &TermInfo) -> Result<u64, Error> {
        let mut frequency = u64::from(info.doc_freq);
        if !self.dead.is_empty() {
            let mut list = self.list(field, info)?;
            frequency -= self
                .dead
                .iter()
                .filter(|&chunk| list.seek(chunk) == chunk)
                .count() as u64;
        }
        Ok(frequency)
    }
}

fn lengths(runs: &[LiveRun<'_>], field: Field) -> Lengths {
    let mut sum = Lengths::default();
    for LiveRun { run, dead, .. } in runs {
        let field = run.field(field);
        let mut gone = Lengths::default();
        dead.iter()
            .for_each(|chunk| gone.add(field.norms.fieldnorm(chunk)));
        sum.texts += field.lengths.texts - gone.texts;
        sum.words += field.lengths.words - gone.words;
    }
    sum
}
