//! The text of what is shown: read from the files as they are now, where these are as they were indexed.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::ops::Range;

use quern_store::{ChunkKind, ChunkRecord};
use quern_text::{DEFAULT_WINDOW, Label, RecordCutter, TextReader};
use quern_walk::Cancel;

use crate::engine::Engine;
use crate::error::Error;
use crate::packed::Unpacked;
use crate::read::{self, read_exact_at};
use crate::search::fold::Region;
use crate::snapshot::{Snapshot, flags};

/// Bytes of a passage that are looked at for a snippet.
const PASSAGE: u64 = 64 << 10;

/// A file, and a place in its text.
type Place = ((u32, u32), Range<u64>);

/// Reads passages of one snapshot.
pub(super) struct Texts<'a> {
    engine: &'a Engine,
    snapshot: &'a Snapshot,
    /// What is shown next of files whose text is not their bytes.
    decoded: HashMap<Place, Vec<u8>>,
}

impl<'a> Texts<'a> {
    pub fn new(engine: &'a Engine, snapshot: &'a Snapshot) -> Texts<'a> {
        Texts {
            engine,
            snapshot,
            decoded: HashMap::new(),
        }
    }

    /// Decodes what is shown next of files whose text is not their bytes: each once, since all that comes before has to be
    /// decoded too.
    ///
    /// # Errors
    /// A store file that fails its checksum; a stop.
    pub fn decode(&mut self, regions: &[Region], cancel: &Cancel) -> Result<(), Error> {
        self.decoded.clear();
        let mut wanted: HashMap<(u32, u32), Vec<Range<u64>>> = HashMap::new();
        for Region { entry, chunk, .. } in regions {
            if self.is_decoded(*entry) {
                let ranges = wanted.entry(*entry).or_default();
                ranges.push(shown(chunk));
                if chunk.kind == ChunkKind::Record {
                    ranges.push(self.head(*entry));
                }
            }
        }
        for (entry, ranges) in wanted {
            let texts = self.decode_file(entry, &ranges, cancel)?;
            let places = ranges.into_iter().map(|range| (entry, range));
            self.decoded.extend(places.zip(texts));
        }
        Ok(())
    }

    /// The text of a passage, if its file is as it was indexed.
    ///
    /// # Errors
    /// A store file that fails its checksum.
    pub fn passage(&self, entry: (u32, u32), chunk: &ChunkRecord) -> Result<Option<Vec<u8>>, Error> {
        let range = shown(chunk);
        let is_whole = |text: &Vec<u8>| text.len() as u64 == range.end - range.start;
        Ok(self.text(entry, range.clone())?.filter(is_whole))
    }

    /// Where the text begins that decided of what kind the file is, and this text, if the file is as it was indexed.
    ///
    /// # Errors
    /// A store file that fails its checksum.
    pub fn deciding(&self, entry: (u32, u32)) -> Result<Option<(u64, Vec<u8>)>, Error> {
        let range = self.head(entry);
        let start = range.start;
        Ok(self.text(entry, range)?.map(|text| (start, text)))
    }

    fn head(&self, entry: (u32, u32)) -> Range<u64> {
        let segment = self.snapshot.segment(entry);
        let most = RecordCutter::DECIDING as u64;
        if segment.packed().contains(entry.1) {
            return 0..most;
        }
        let Range { start, end } = segment.text_range(entry.1);
        start..end.min(start + most)
    }

    fn is_decoded(&self, entry: (u32, u32)) -> bool {
        let segment = self.snapshot.segment(entry);
        let is_transcoded = segment.files().flags(entry.1) & flags::TRANSCODED != 0;
        is_transcoded || segment.packed().contains(entry.1)
    }

    fn text(&self, entry: (u32, u32), range: Range<u64>) -> Result<Option<Vec<u8>>, Error> {
        if self.is_decoded(entry) {
            return Ok(self.decoded.get(&(entry, range)).cloned());
        }
        let segment = self.snapshot.segment(entry);
        if segment.given().contains(entry.1) {
            let content = segment.given_text(entry.1)?;
            let text = content.get(range.start as usize..range.end as usize);
            return Ok(text.map(<[u8]>::to_vec));
        }
        let Some(file) = self.unchanged(entry) else {
            return Ok(None);
        };
        let text = read_exact_at(&file, range.start, (range.end - range.start) as usize);
        Ok(text.ok().map(|text| text.to_vec()))
    }

    /// The file, if it is as it was indexed.
    fn unchanged(&self, entry: (u32, u32)) -> Option<File> {
        let path = self.snapshot.native(&self.snapshot.segment(entry).path(entry.1));
        let (file, meta) = read::open(&path).ok()?;
        self.snapshot.is_unchanged(entry, &meta).then_some(file)
    }

    fn decode_file(
        &self,
        entry: (u32, u32),
        ranges: &[Range<u64>],
        cancel: &Cancel,
    ) -> Result<Vec<Vec<u8>>, Error> {
        let segment = self.snapshot.segment(entry);
        let given = match segment.given().contains(entry.1) {
            true => Some(segment.given_text(entry.1)?),
            false => None,
        };
        let source: Box<dyn Read + '_> = match &given {
            Some(content) => Box::new(&content[..]),
            None => match self.unchanged(entry) {
                Some(file) => Box::new(file),
                None => return Ok(Vec::new()),
            },
        };
        if segment.packed().contains(entry.1) {
            self.windows(Unpacked::new(source), ranges, cancel)
        } else {
            self.windows(source, ranges, cancel)
        }
    }

    /// What stands in some ranges of a text that is decoded from its start, as far as it can be.
    fn windows(
        &self,
        source: impl Read,
        ranges: &[Range<u64>],
        cancel: &Cancel,
    ) -> Result<Vec<Vec<u8>>, Error> {
        let mut texts = vec![Vec::new(); ranges.len()];
        let last = ranges.iter().map(|range| range.end).max().unwrap_or(0);
        let mut reader = TextReader::new(DEFAULT_WINDOW, self.engine.max_line);
        let Ok(mut windows) = reader.open(source, None, Label::Auto) else {
            return Ok(texts);
        };
        while let Ok(Some(window)) = windows.next() {
            cancel.check()?;
            let (start, end) = (window.offset, window.offset + window.text.len() as u64);
            for (range, text) in ranges.iter().zip(&mut texts) {
                let [from, to] =
                    [range.start, range.end].map(|place| (place.clamp(start, end) - start) as usize);
                text.extend_from_slice(&window.text[from..to]);
            }
            if end >= last {
                break;
            }
        }
        Ok(texts)
    }
}

/// The bytes of a passage that are looked at for a snippet.
fn shown(chunk: &ChunkRecord) -> Range<u64> {
    chunk.offset..chunk.offset + chunk.length.min(PASSAGE)
}
