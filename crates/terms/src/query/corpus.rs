//! What a question is asked of: runs, with what of them counts.

use std::borrow::Cow;

use rayon::prelude::*;
use roaring::RoaringBitmap;
use tantivy::postings::TermInfo;

use crate::error::{Error, reading};
use crate::fields::Field;
use crate::query::expand::Place;
use crate::query::list::List;
use crate::query::phrase::Borders;
use crate::query::statistics::Statistics;
use crate::run::Run;

/// Runs that answer together.
pub struct Corpus<'a> {
    pub(super) runs: Vec<LiveRun<'a>>,
    pub(super) statistics: Statistics,
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
    /// Scores are by `statistics`: those of these runs, or of more that are asked elsewhere.
    pub fn new(runs: Vec<LiveRun<'a>>, statistics: Statistics) -> Corpus<'a> {
        Corpus { runs, statistics }
    }

    /// What it was made of.
    pub fn runs(&self) -> &[LiveRun<'a>] {
        &self.runs
    }

    /// How many chunks count.
    pub(super) fn chunks(&self) -> u64 {
        self.statistics.chunks
    }

    /// Where a word is in these fields, in the form that it has in each, and how many chunks have it there.
    pub(super) fn places<'w>(
        &self,
        fields: &[Field],
        form: impl Fn(Field) -> Cow<'w, str>,
    ) -> Result<Vec<(Place, u64)>, Error> {
        let forms: Vec<(Field, Cow<'_, str>)> = fields.iter().map(|&field| (field, form(field))).collect();
        let in_run = |(run, live): (usize, &LiveRun<'_>)| {
            let mut places = Vec::new();
            for (field, form) in &forms {
                if let Some(info) = live.info(*field, form.as_bytes())? {
                    let frequency = live.frequency(*field, &info)?;
                    let field = *field;
                    places.push((Place { run, field, info }, frequency));
                }
            }
            Ok(places)
        };
        let places = self.runs.par_iter().enumerate().map(in_run);
        let places: Vec<Vec<_>> = places.collect::<Result<_, Error>>()?;
        Ok(places.into_iter().flatten().collect())
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
