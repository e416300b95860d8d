//! A run, open for queries.

use std::sync::{Arc, OnceLock};

use tantivy::directory::OwnedBytes;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::index::InvertedIndexReader;
use tantivy::{Segment, SegmentReader};

use crate::error::{Error, reading};
use crate::fields::{Field, names, recorded};
use crate::stored::{RunBytes, StoredFiles, entries};
use crate::weighted::{Dictionary, Weighted, encode};

/// An immutable index of chunks, numbered from 0.
pub struct Run {
    chunks: u32,
    bytes: u64,
    pub(crate) segment: Segment,
    fields: [FieldReader; Field::ALL.len()],
    /// Of the names.
    names: Arc<InvertedIndexReader>,
    /// Of the fields of records.
    pub(crate) recorded: Arc<InvertedIndexReader>,
    /// Opened when first asked for, by [`Dictionary`].
    weighted: [OnceLock<Weighted>; Dictionary::ALL.len()],
    files: StoredFiles,
}

/// One field of a run.
pub(crate) struct FieldReader {
    pub index: Arc<InvertedIndexReader>,
    pub norms: FieldNormReader,
    /// Of all chunks that have the field.
    pub lengths: Lengths,
}

/// How long texts are, by the length that a run keeps of each: exact up to 40 words, then rounded down by less than an
/// eighth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lengths {
    /// Of how many texts.
    pub texts: u64,
    /// Words of them all.
    pub words: u64,
}

impl Lengths {
    pub(crate) fn add(&mut self, words: u32) {
        self.texts += u64::from(words > 0);
        self.words += u64::from(words);
    }
}

impl Run {
    /// Opens the runs that a directory names, whose bytes are in `bytes`.
    ///
    /// # Errors
    /// Bytes that do not parse.
    pub fn open_all(directory: &[u8], bytes: &Arc<dyn RunBytes>) -> Result<Vec<Run>, Error> {
        let entries = entries(directory, bytes);
        let entries = entries.ok_or_else(|| Error::Corrupt("their directory does not parse".to_owned()))?;
        entries
            .into_iter()
            .map(|(chunks, files)| Run::open(chunks, &files))
            .collect()
    }

    pub(crate) fn open(chunks: u32, files: &StoredFiles) -> Result<Run, Error> {
        let segments = files.open()?.searchable_segments().map_err(reading)?;
        let [segment] = &segments[..] else {
            return Err(Error::Corrupt("a run is one segment".to_owned()));
        };
        let reader = SegmentReader::open(segment).map_err(reading)?;
        if reader.max_doc() != chunks {
            return Err(Error::Corrupt(
                "a run has other chunks than its directory says".to_owned(),
            ));
        }
        let field = |field: Field| {
            let index = reader.inverted_index(field.in_schema()).map_err(reading)?;
            let norms = reader
                .fieldnorms_readers()
                .get_field(field.in_schema())
                .map_err(reading)?;
            let norms = norms.unwrap_or_else(|| FieldNormReader::constant(chunks, 0));
            let mut lengths = Lengths::default();
            (0..chunks).for_each(|chunk| lengths.add(norms.fieldnorm(chunk)));
            Ok(FieldReader {
                index,
                norms,
                lengths,
            })
        };
        let [body, parts, stems, symbols, path] = Field::ALL;
        Ok(Run {
            chunks,
            bytes: files.bytes(),
            fields: [
                field(body)?,
                field(parts)?,
                field(stems)?,
                field(symbols)?,
                field(path)?,
            ],
            names: reader.inverted_index(names()).map_err(reading)?,
            recorded: reader.inverted_index(recorded()).map_err(reading)?,
            weighted: Default::default(),
            files: files.clone(),
            segment: segment.clone(),
        })
    }

    /// How many chunks it has.
    pub fn chunks(&self) -> u32 {
        self.chunks
    }

    /// Bytes that it takes where it is stored.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What has the postings of a dictionary's terms.
    pub(crate) fn index(&self, dictionary: Dictionary) -> &InvertedIndexReader {
        match dictionary {
            Dictionary::Words => &self.field(Field::Body).index,
            Dictionary::Names => &self.names,
        }
    }

    /// The terms of a dictionary by how frequent they are.
    ///
    /// # Errors
    /// Bytes that do not parse.
    pub(crate) fn weighted(&self, dictionary: Dictionary) -> Result<&Weighted, Error> {
        let slot = &self.weighted[dictionary as usize];
        if let Some(open) = slot.get() {
            return Ok(open);
        }
        let bytes = match self.files.read(dictionary.file())? {
            Some(bytes) => bytes,
            None => OwnedBytes::new(encode(self.index(dictionary).terms(), self.chunks)?),
        };
        let opened = Weighted::open(bytes, self.chunks)?;
        Ok(slot.get_or_init(|| opened))
    }

    pub(crate) fn field(&self, field: Field) -> &FieldReader {
        &self.fields[field as usize]
    }
}
