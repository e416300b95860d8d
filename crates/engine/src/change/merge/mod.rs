//! Joining segments into one, without reading any file again.
//!
//! What counts of the inputs is taken over as it is, in their order: a merge makes no file fresher and asks nothing of the
//! disk but the segments themselves. It holds the tables of the new segment, four bytes for each block of the inputs, and
//! one list of the gram index at a time; the contents that were given are not copied before they are written.

mod pace;
#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::ops::Range;

use quern_grams::{MergeError, MergeInput};
use quern_store::{BlockTableBuilder, Bytes, FileRecord, FileTableBuilder, Finished, PartWriter};
use quern_walk::Cancel;

use crate::build::Destination;
use crate::error::Error;
use crate::ranked::merge_terms;
use crate::read::unless_stopped;
use crate::snapshot::LiveSegment;

pub(crate) use pace::Pace;

/// Joins the files of `inputs` that count into one segment; if none does, into one without files.
///
/// # Errors
/// `Corrupt` for an input that fails its checksums, a segment that cannot be written, a stop.
///
/// # Panics
/// If the files that count have more than [`quern_grams::MAX_BLOCKS`] blocks; see [`live_blocks`].
pub(crate) fn merge(
    inputs: &[&LiveSegment],
    to: Destination<'_>,
    pace: Pace,
    cancel: &Cancel,
) -> Result<Finished, Error> {
    let mut tables = Tables::default();
    let kept = inputs.iter().map(|live| tables.add(live, cancel));
    let kept = kept.collect::<Result<Vec<_>, _>>()?;
    let grams = inputs.iter().map(|live| live.segment.grams());
    let grams = grams.collect::<Result<Vec<_>, _>>()?;
    let lists: Vec<_> = grams
        .iter()
        .zip(&kept)
        .map(|(grams, kept)| MergeInput { grams, kept })
        .collect();
    let mut segment = to.segment()?;
    let mut directory = Vec::new();
    let mut postings = Paced {
        postings: segment.postings(),
        pace,
        cancel,
    };
    match quern_grams::merge(&lists, &mut directory, &mut postings) {
        Ok(_) => {}
        Err(MergeError::Input { input, error }) => return Err(inputs[input].segment.corrupt(&error)),
        Err(MergeError::Write(error)) => {
            cancel.check()?;
            return Err(segment.write_error(error).into());
        }
    }
    let Tables {
        mut files,
        mut blocks,
        given,
    } = tables;
    if let Some(terms) = merge_terms(inputs, cancel)? {
        terms.write(&mut segment)?;
    }
    let given: Vec<(u32, &[u8])> = given.iter().map(|(file, content)| (*file, &**content)).collect();
    Ok(segment.finish(&mut files, &mut blocks, &directory, &given)?)
}

/// The blocks of the files that count.
pub(crate) fn live_blocks(live: &LiveSegment) -> u32 {
    let files = live.segment.files();
    let dead: usize = live.dead.iter().map(|file| files.blocks(file).len()).sum();
    live.segment.blocks().len() - dead as u32
}

/// What the new segment says of its files.
#[derive(Default)]
struct Tables {
    files: FileTableBuilder,
    blocks: BlockTableBuilder,
    given: Vec<(u32, Bytes)>,
}

impl Tables {
    /// Adds the files of a segment that count, and gives their blocks.
    fn add(&mut self, live: &LiveSegment, cancel: &Cancel) -> Result<Vec<Range<u32>>, Error> {
        let mut kept: Vec<Range<u32>> = Vec::new();
        let mut outcome = Ok(());
        live.segment.files().each_path(|file, path| {
            if outcome.is_ok() && !live.dead.contains(file) {
                outcome = self.add_file(live, file, path, cancel);
                let own = live.segment.files().blocks(file);
                match kept.last_mut() {
                    Some(last) if last.end == own.start => last.end = own.end,
                    _ => kept.push(own),
                }
            }
        });
        outcome.map(|()| kept)
    }

    fn add_file(&mut self, live: &LiveSegment, file: u32, path: &[u8], cancel: &Cancel) -> Result<(), Error> {
        cancel.check()?;
        let (files, blocks) = (live.segment.files(), live.segment.blocks());
        let own = files.blocks(file);
        for block in own.clone() {
            let place = blocks.offset(block)..blocks.end(block);
            self.blocks.add(self.files.len(), place, blocks.first_line(block));
        }
        let id = self.files.add(&FileRecord {
            path,
            stat: files.stat(file),
            hash: files.hash(file),
            encoding: files.encoding(file),
            flags: files.flags(file),
            language: files.language(file),
            lines: files.lines(file),
            blocks: own.len() as u32,
            part: files.part(file),
        });
        if live.segment.given().contains(file) {
            self.given.push((id, live.segment.given_text(file)?));
        }
        Ok(())
    }
}

/// Postings that are written at a pace, and fail to be once the call is stopped.
struct Paced<'a> {
    postings: &'a mut PartWriter,
    pace: Pace,
    cancel: &'a Cancel,
}

impl Write for Paced<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pace.spend(bytes.len(), self.cancel);
        unless_stopped(self.cancel)?;
        self.postings.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.postings.flush()
    }
}
