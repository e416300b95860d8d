//! The terms of a segment, open.

use std::ops::Range;
use std::sync::Arc;

use quern_store::{ChunkTable, PagedBytes, Terms};
use quern_terms::{Run, RunBytes, RunSlice};
use roaring::RoaringBitmap;

use crate::error::Error;
use crate::ranked::builder::failed;

/// With fewer files than one for so many chunks, each is looked for by itself.
const FEW: u64 = 64;

/// The runs of a segment.
pub(crate) struct OpenTerms {
    /// The chunks of all runs.
    pub table: ChunkTable,
    pub runs: Vec<Run>,
    /// The number of each run's first chunk.
    firsts: Vec<u32>,
}

/// A part of a store, as the runs read it.
#[derive(Debug)]
struct Stored(PagedBytes);

impl RunBytes for Stored {
    fn read(&self, range: Range<u64>) -> std::io::Result<RunSlice> {
        let bytes = self.0.shared(range).map_err(std::io::Error::other)?;
        Ok(RunSlice::new(bytes))
    }
}

impl OpenTerms {
    /// # Errors
    /// Bytes that fail their checksums or do not parse.
    pub fn new(terms: &Terms) -> Result<OpenTerms, Error> {
        let bytes: Arc<dyn RunBytes> = Arc::new(Stored(terms.runs().clone()));
        let at_fault = |error| failed(error).at(terms.runs().path());
        let runs = Run::open_all(terms.directory(), &bytes).map_err(at_fault)?;
        let (mut firsts, mut next) = (Vec::new(), 0);
        for run in &runs {
            firsts.push(next);
            next += run.chunks();
        }
        if next != terms.chunks().len() {
            return Err(at_fault(quern_terms::Error::Corrupt(
                "the chunks are not those of the runs".to_owned(),
            )));
        }
        Ok(OpenTerms {
            table: terms.chunks().clone(),
            runs,
            firsts,
        })
    }

    /// The chunks of a run, numbered as in the table.
    pub fn chunks(&self, run: usize) -> Range<u32> {
        let first = self.firsts[run];
        first..first + self.runs[run].chunks()
    }

    /// The chunks of some files, by run, numbered from the run's first.
    pub fn of_files(&self, files: &RoaringBitmap) -> Vec<RoaringBitmap> {
        let of_run = |run: usize| {
            let own = self.chunks(run);
            if files.len() > u64::from(own.end - own.start) / FEW {
                let inside = own
                    .clone()
                    .filter(|&chunk| files.contains(self.table.file(chunk)));
                return inside.map(|chunk| chunk - own.start).collect();
            }
            let mut chunks = RoaringBitmap::new();
            for file in files {
                let found = self.table.of_file(own.clone(), file);
                chunks.insert_range(found.start - own.start..found.end - own.start);
            }
            chunks
        };
        (0..self.runs.len()).map(of_run).collect()
    }
}
