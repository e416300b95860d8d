//! What of a chunk is indexed, and how.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};

use frostem::{Algorithm, Stemmer};
use tantivy::schema::{self, BytesOptions, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};

use crate::edges::Edges;
use crate::names::NameTokenizer;
use crate::words::{Parts, Words, fold, parts, words};

/// A field of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// Every word.
    Body,
    /// The parts of words that are put together.
    Parts,
    /// The stems of the words, of prose only.
    Stems,
    /// Names that the chunk defines, or its headings, and their parts.
    Symbols,
    /// The words of the file's path, and their parts.
    Path,
}

impl Field {
    /// All of them, in the order of the schema.
    pub const ALL: [Field; 5] = [
        Field::Body,
        Field::Parts,
        Field::Stems,
        Field::Symbols,
        Field::Path,
    ];

    fn name(self) -> &'static str {
        match self {
            Field::Body => "body",
            Field::Parts => "parts",
            Field::Stems => "stems",
            Field::Symbols => "symbols",
            Field::Path => "path",
        }
    }

    pub(crate) fn in_schema(self) -> schema::Field {
        schema::Field::from_field_id(self as u32)
    }
}

/// Whole names, apart from the fields: they are suggested, never ranked. See [`NameTokenizer`].
pub(crate) fn names() -> schema::Field {
    schema::Field::from_field_id(Field::ALL.len() as u32)
}

/// The fields of records, as terms. See [`FieldTerms`](crate::recorded::FieldTerms).
pub(crate) fn recorded() -> schema::Field {
    schema::Field::from_field_id(Field::ALL.len() as u32 + 1)
}

/// The field of the names in the schema.
const NAMES: &str = "names";
/// That of the fields of records.
const RECORDED: &str = "recorded";

/// The schema of every run.
pub(crate) static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let mut schema = Schema::builder();
    for field in Field::ALL {
        let record = match field {
            Field::Body => IndexRecordOption::WithFreqsAndPositions,
            _ => IndexRecordOption::WithFreqs,
        };
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(field.name())
            .set_index_option(record);
        schema.add_text_field(
            field.name(),
            TextOptions::default().set_indexing_options(indexing),
        );
    }
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(NAMES)
        .set_index_option(IndexRecordOption::Basic)
        .set_fieldnorms(false);
    schema.add_text_field(NAMES, TextOptions::default().set_indexing_options(indexing));
    schema.add_bytes_field(RECORDED, BytesOptions::default().set_indexed());
    schema.build()
});

/// What the tokenizer of the bodies saw.
#[derive(Default)]
pub(crate) struct Seen {
    /// Words of all bodies.
    words: AtomicU32,
    /// [`Edges`] of the last body.
    edges: AtomicU32,
}

impl Seen {
    pub fn words(&self) -> u32 {
        self.words.load(Ordering::Relaxed)
    }

    pub fn edges(&self) -> Edges {
        Edges::from_number(self.edges.load(Ordering::Relaxed))
    }
}

/// The tokenizers of all fields. That of the bodies tells what it has `seen`.
pub(crate) fn tokenizers(seen: &Arc<Seen>) -> TokenizerManager {
    let tokenizers = TokenizerManager::new();
    for field in Field::ALL {
        let tokenizer = FieldTokenizer {
            field,
            seen: Arc::clone(seen),
            first: String::new(),
            stemmer: Stemmer::new(Algorithm::English),
            token: Token::default(),
        };
        tokenizers.register(field.name(), tokenizer);
    }
    tokenizers.register(NAMES, NameTokenizer::default());
    // The library wants one of this name for fields that are no text. It never asks it.
    tokenizers.register("default", NameTokenizer::default());
    tokenizers
}

/// The stem of a word that is folded.
pub(crate) fn stem(word: &str) -> String {
    Stemmer::new(Algorithm::English).stem(word).into_owned()
}

#[derive(Clone)]
struct FieldTokenizer {
    field: Field,
    seen: Arc<Seen>,
    /// The first word of a body.
    first: String,
    stemmer: Stemmer,
    token: Token,
}

/// The tokens of a text for one field.
struct FieldTokens<'a> {
    tokenizer: &'a mut FieldTokenizer,
    text: &'a str,
    words: Words<'a>,
    /// Of the word before, and where that is.
    parts: Option<(Parts<'a>, usize)>,
}

impl Tokenizer for FieldTokenizer {
    type TokenStream<'a> = FieldTokens<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> FieldTokens<'a> {
        self.token.reset();
        FieldTokens {
            tokenizer: self,
            text,
            words: words(text),
            parts: None,
        }
    }
}

impl FieldTokenizer {
    /// Tells of the words of a body, the last of which is the token.
    fn tell(&self) {
        let Token { position, text, .. } = &self.token;
        let words = position.wrapping_add(1) as u32;
        let edges = match words {
            0 => Edges::UNKNOWN,
            _ => Edges::of(&self.first, text),
        };
        self.seen.words.fetch_add(words, Ordering::Relaxed);
        self.seen.edges.store(edges.number(), Ordering::Relaxed);
    }
}

impl FieldTokens<'_> {
    /// The next word or part, as a range of the text.
    fn next(&mut self) -> Option<std::ops::Range<usize>> {
        let has_parts = matches!(self.tokenizer.field, Field::Parts | Field::Symbols | Field::Path);
        loop {
            if let Some((parts, start)) = &mut self.parts
                && let Some(part) = parts.next()
            {
                return Some(*start + part.start..*start + part.end);
            }
            let word = self.words.next()?;
            if has_parts {
                self.parts = Some((parts(&self.text[word.clone()]), word.start));
            }
            if self.tokenizer.field != Field::Parts {
                return Some(word);
            }
        }
    }
}

impl TokenStream for FieldTokens<'_> {
    fn advance(&mut self) -> bool {
        let Some(range) = self.next() else {
            if self.tokenizer.field == Field::Body {
                self.tokenizer.tell();
            }
            return false;
        };
        let token = &mut self.tokenizer.token;
        fold(&self.text[range], &mut token.text);
        if self.tokenizer.field == Field::Stems {
            let stem = self.tokenizer.stemmer.stem(&token.text);
            if *stem != token.text {
                token.text = stem.into_owned();
            }
        }
        token.position = token.position.wrapping_add(1);
        if token.position == 0 {
            self.tokenizer.first.clone_from(&token.text);
        }
        true
    }

    fn token(&self) -> &Token {
        &self.tokenizer.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.tokenizer.token
    }
}
