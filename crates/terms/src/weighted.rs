//! The terms of a run by how frequent they are: a finite-state transducer from a term to the chunks of the run that do *not*
//! have it.
//!
//! Outputs add up along a path, and each transition carries the least of all outputs behind it. So at any node it is known
//! how frequent the most frequent term behind it is, and the most frequent terms with a given beginning are found without
//! looking at the others (the suggester of Lucene, `WFSTCompletionLookup`, does it this way).

use tantivy::directory::OwnedBytes;
use tantivy::termdict::TermDictionary;
use tantivy::{Index, SegmentReader, schema};
use tantivy_fst::raw::{Builder, Fst};

use crate::error::{Error, writing};
use crate::fields::{Field, names};

/// With fewer chunks than these a run is written without: an edit would take notably longer, and such a transducer is made as
/// fast as it is read.
const STORED_FROM: u32 = 256;

/// Terms of which the most frequent can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dictionary {
    /// The words of the bodies, folded: a word is compared without regard to case, and mostly written in several.
    Words,
    /// Whole names of definitions, and headings, as they are written.
    Names,
}

impl Dictionary {
    pub(crate) const ALL: [Dictionary; 2] = [Dictionary::Words, Dictionary::Names];

    /// The name of its file in a run.
    pub(crate) fn file(self) -> &'static str {
        match self {
            Dictionary::Words => "words.fst",
            Dictionary::Names => "names.fst",
        }
    }

    fn field(self) -> schema::Field {
        match self {
            Dictionary::Words => Field::Body.in_schema(),
            Dictionary::Names => names(),
        }
    }
}

/// The transducers that a run of so many chunks is written with.
pub(crate) fn stored(index: &Index, chunks: u32) -> Result<Vec<(Dictionary, Vec<u8>)>, Error> {
    let mut written = Vec::new();
    if chunks < STORED_FROM {
        return Ok(written);
    }
    for segment in index.searchable_segments().map_err(writing)? {
        let reader = SegmentReader::open(&segment).map_err(writing)?;
        for dictionary in Dictionary::ALL {
            let field = reader.inverted_index(dictionary.field()).map_err(writing)?;
            written.push((dictionary, encode(field.terms(), chunks)?));
        }
    }
    Ok(written)
}

/// The transducer of some terms of a run of so many chunks.
pub(crate) fn encode(terms: &TermDictionary, chunks: u32) -> Result<Vec<u8>, Error> {
    let mut builder = Builder::memory();
    let mut stream = terms.stream().map_err(writing)?;
    while let Some((term, info)) = stream.next() {
        let others = chunks.saturating_sub(info.doc_freq);
        builder.insert(term, u64::from(others)).map_err(unwritten)?;
    }
    builder.into_inner().map_err(unwritten)
}

fn unwritten(error: tantivy_fst::Error) -> Error {
    Error::Internal(error.to_string())
}

/// The transducer of a run, open.
pub(crate) struct Weighted {
    fst: Fst<OwnedBytes>,
    chunks: u64,
}

/// A node, and how it was reached.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    address: usize,
    /// The outputs on the way.
    output: u64,
}

impl Weighted {
    pub fn open(bytes: OwnedBytes, chunks: u32) -> Result<Weighted, Error> {
        let fst = Fst::new(bytes).map_err(|error| Error::Corrupt(error.to_string()))?;
        let chunks = u64::from(chunks);
        Ok(Weighted { fst, chunks })
    }

    pub fn root(&self) -> Place {
        Place {
            address: self.fst.root().addr(),
            output: 0,
        }
    }

    /// Where a byte leads to.
    pub fn follow(&self, place: Place, byte: u8) -> Option<Place> {
        let node = self.fst.node(place.address);
        let transition = node.transition(node.find_input(byte)?);
        Some(place.over(transition.addr, transition.out.value()))
    }

    /// All bytes that lead on, and where to.
    pub fn each(&self, place: Place, mut visit: impl FnMut(u8, Place)) {
        for transition in self.fst.node(place.address).transitions() {
            visit(
                transition.inp,
                place.over(transition.addr, transition.out.value()),
            );
        }
    }

    /// How many chunks have the most frequent term behind a node.
    pub fn most(&self, place: Place) -> u64 {
        self.chunks.saturating_sub(place.output)
    }

    /// How many chunks have the term that ends here, if one does.
    pub fn here(&self, place: Place) -> Option<u64> {
        let node = self.fst.node(place.address);
        let output = place.output.saturating_add(node.final_output().value());
        node.is_final().then(|| self.chunks.saturating_sub(output))
    }
}

impl Place {
    fn over(self, address: usize, output: u64) -> Place {
        let output = self.output.saturating_add(output);
        Place { address, output }
    }
}
