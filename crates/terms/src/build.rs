//! Building a run.

use std::sync::Arc;

use quern_text::Fields;
use tantivy::directory::RamDirectory;
use tantivy::schema::document::{ReferenceValue, ReferenceValueLeaf, Value};
use tantivy::schema::{self, Document};
use tantivy::store::Compressor;
use tantivy::{IndexBuilder, IndexSettings, SingleSegmentIndexWriter};

use crate::edges::Edges;
use crate::error::{Error, writing};
use crate::fields::{Field, SCHEMA, Seen, names, recorded, tokenizers};
use crate::recorded::FieldTerms;
use crate::stored::StoredRun;

/// Bytes that a run being built for a few chunks reserves.
const SMALL: usize = 64 << 10;
/// The same for many.
const LARGE: usize = 16 << 20;

/// What of a chunk is indexed.
#[derive(Clone, Debug)]
pub struct ChunkText {
    /// The passage.
    pub body: String,
    /// Names that it defines, or its headings, one a line.
    pub symbols: String,
    /// The stored path of its file.
    pub path: Arc<str>,
    /// Whether words are those of a natural language.
    pub is_prose: bool,
    /// What it says by name, if it is a record of a log.
    pub fields: Fields,
}

/// A chunk as the library takes it.
#[derive(Clone, Debug)]
struct Indexed {
    chunk: ChunkText,
    terms: FieldTerms,
}

/// Indexes chunks into a run.
pub struct RunBuilder {
    writer: SingleSegmentIndexWriter<Indexed>,
    directory: RamDirectory,
    seen: Arc<Seen>,
    chunks: u32,
}

impl RunBuilder {
    /// An empty one, for a file or two (`is_small`) or for thousands.
    ///
    /// # Errors
    /// None that the caller could help.
    pub fn new(is_small: bool) -> Result<RunBuilder, Error> {
        let directory = RamDirectory::create();
        let seen = Arc::default();
        let writer = builder(&seen)
            .single_segment_index_writer(directory.clone(), if is_small { SMALL } else { LARGE })
            .map_err(writing)?;
        Ok(RunBuilder {
            writer,
            directory,
            seen,
            chunks: 0,
        })
    }

    /// Adds a chunk; they are numbered from 0 in the order in which they come. Gives the words of its body, and what it
    /// begins and ends with.
    ///
    /// # Errors
    /// None that the caller could help.
    pub fn add(&mut self, chunk: ChunkText) -> Result<(u32, Edges), Error> {
        let before = self.seen.words();
        let terms = FieldTerms::of(&chunk.fields);
        let indexed = Indexed { chunk, terms };
        self.writer.add_document(indexed).map_err(writing)?;
        self.chunks += 1;
        Ok((self.seen.words().wrapping_sub(before), self.seen.edges()))
    }

    /// How many chunks there are.
    pub fn chunks(&self) -> u32 {
        self.chunks
    }

    /// Bytes held in memory. The finished run takes less.
    pub fn memory(&self) -> usize {
        self.writer.mem_usage()
    }

    /// # Errors
    /// None that the caller could help.
    pub fn finish(self) -> Result<StoredRun, Error> {
        self.stored(true)
    }

    /// The run, to be [joined](crate::join) with others: without what only a whole run needs.
    ///
    /// # Errors
    /// None that the caller could help.
    pub fn finish_part(self) -> Result<StoredRun, Error> {
        self.stored(false)
    }

    fn stored(self, weighted: bool) -> Result<StoredRun, Error> {
        let index = self.writer.finalize().map_err(writing)?;
        StoredRun::of(&index, &self.directory, self.chunks, weighted)
    }
}

/// What every run is made with. `seen` tells of the words of bodies.
fn builder(seen: &Arc<Seen>) -> IndexBuilder {
    IndexBuilder::new()
        .schema(SCHEMA.clone())
        .tokenizers(tokenizers(seen))
        .settings(settings())
}

/// Nothing is stored: no thread for compressing it, no buffer.
pub(crate) fn settings() -> IndexSettings {
    IndexSettings {
        docstore_compression: Compressor::None,
        docstore_compress_dedicated_thread: false,
        docstore_blocksize: 1,
        ..IndexSettings::default()
    }
}

/// A text or a term of a chunk, for the library.
#[derive(Clone, Debug)]
enum Part<'a> {
    Text(&'a str),
    Term(&'a [u8]),
}

impl<'a> Value<'a> for Part<'a> {
    type ArrayIter = std::iter::Empty<Self>;
    type ObjectIter = std::iter::Empty<(&'a str, Self)>;

    fn as_value(&self) -> ReferenceValue<'a, Self> {
        ReferenceValue::Leaf(match self {
            Part::Text(text) => ReferenceValueLeaf::Str(text),
            Part::Term(term) => ReferenceValueLeaf::Bytes(term),
        })
    }
}

impl Document for Indexed {
    type Value<'a> = Part<'a>;
    type FieldsValuesIter<'a> = std::vec::IntoIter<(schema::Field, Part<'a>)>;

    fn iter_fields_and_values(&self) -> Self::FieldsValuesIter<'_> {
        let chunk = &self.chunk;
        let texts = Field::ALL.into_iter().filter_map(|field| {
            let text = match field {
                Field::Body | Field::Parts => &*chunk.body,
                Field::Stems if chunk.is_prose => &*chunk.body,
                Field::Stems => return None,
                Field::Symbols => &*chunk.symbols,
                Field::Path => &*chunk.path,
            };
            Some((field.in_schema(), Part::Text(text)))
        });
        let texts = texts.chain([(names(), Part::Text(&chunk.symbols))]);
        let terms = self.terms.iter().map(|term| (recorded(), Part::Term(term)));
        texts.chain(terms).collect::<Vec<_>>().into_iter()
    }
}
