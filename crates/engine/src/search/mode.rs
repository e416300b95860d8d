//! What a query's text is taken as: the query language, or one kind of search for all of it.

use quern_matcher::SearchOptions;
use quern_terms::language::{
    Clause, FieldNames, Kind, Note, Parsed, SyntaxError, SyntaxErrorKind, parse_with,
};
use quern_terms::words;

use crate::engine::Engine;
use crate::error::Error;
use crate::query::GrepRequest;
use crate::search::refused;
use crate::search::request::{SearchAnswer, SearchRequest};

/// What a query's text is taken as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum QueryMode {
    /// The query language.
    #[default]
    Query,
    /// Words, whatever signs are between them.
    Words,
    /// The text itself, within a line. Its words rank.
    Exact,
    /// Words that may be misspelt.
    Fuzzy,
    /// A regular expression.
    Regex,
    /// What its shape suggests.
    Auto,
}

/// How a query was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Never [`QueryMode::Auto`].
    pub mode: QueryMode,
    /// Why, if that was left to us.
    pub why: Option<&'static str>,
}

/// Letters from which on a misspelt word may have one edit, and two.
const EDITS: [usize; 2] = [3, 6];

/// Parts of a text that only a regular expression has.
const REGEX_SIGNS: [&str; 14] = [
    ".*", ".+", ".?", "\\d", "\\w", "\\s", "\\b", "\\S", "\\W", "\\.", "(?", "[^", "]+", "]*",
];

/// What a query asks for.
pub(super) struct Understood {
    /// `None`: nothing.
    pub clause: Option<Clause>,
    pub notes: Vec<Note>,
    pub taken: Taken,
}

/// Finds out what is to be searched for, in records that have fields of these `names`.
///
/// # Errors
/// A query beyond a limit; a mistake in it, if it is to be strict.
pub(super) fn understood(
    engine: &Engine,
    request: &SearchRequest,
    names: &dyn FieldNames,
) -> Result<Understood, Error> {
    let taken = match request.mode {
        QueryMode::Auto => choice(engine, request, names),
        mode => Taken { mode, why: None },
    };
    if taken.mode == QueryMode::Query {
        let parsed = parse_with(&request.query, &request.syntax, names);
        let Parsed { clause, notes } = parsed.map_err(|error| refused(&error, &error.span))?;
        return Ok(Understood { clause, notes, taken });
    }
    let (bytes, limit) = (request.query.len(), request.syntax.max_bytes);
    if bytes > limit {
        let error = SyntaxError {
            kind: SyntaxErrorKind::TooLong { limit },
            span: 0..bytes,
        };
        return Err(refused(&error, &error.span));
    }
    let text = match request.mode {
        QueryMode::Auto => request.query.trim(),
        _ => &request.query,
    };
    Ok(Understood {
        clause: clause(taken.mode, text),
        notes: Vec::new(),
        taken,
    })
}

/// The mode to go on with if nothing was found.
pub(super) fn fallback(request: &SearchRequest, answer: &SearchAnswer) -> Option<Taken> {
    let was_words = request.mode == QueryMode::Auto && answer.taken.mode == QueryMode::Words;
    // The statistics are of the words.
    let may_go_on = was_words && request.options.statistics.is_none();
    (may_go_on && answer.total == 0 && !answer.query.is_empty()).then_some(Taken {
        mode: QueryMode::Fuzzy,
        why: Some("no passage has its words, so misspelt ones were looked for"),
    })
}

fn choice(engine: &Engine, request: &SearchRequest, names: &dyn FieldNames) -> Taken {
    let text = request.query.trim();
    let (mode, why) = if is_regex(engine, text) {
        (QueryMode::Regex, "it reads like a regular expression")
    } else if uses_language(request, names) {
        (QueryMode::Query, "it uses the query language")
    } else if text.split_whitespace().any(has_signs) {
        (QueryMode::Exact, "it has signs that words do not have")
    } else {
        (QueryMode::Words, "it is words")
    };
    Taken { mode, why: Some(why) }
}

fn is_regex(engine: &Engine, text: &str) -> bool {
    let anchored = text.len() > 1 && (text.starts_with('^') || text.ends_with('$'));
    let has_sign = REGEX_SIGNS.iter().any(|sign| text.contains(sign));
    (anchored || has_sign) && {
        let request = GrepRequest::new([text]);
        let compiled = engine
            .compiler
            .compile(&request.pattern, &SearchOptions::default());
        compiled.is_ok()
    }
}

/// Whether something of it is more than words in a row.
fn uses_language(request: &SearchRequest, names: &dyn FieldNames) -> bool {
    let parsed = parse_with(&request.query, &request.syntax, names);
    let is_word = |clause: &Clause| matches!(clause.kind, Kind::Word(_));
    parsed
        .ok()
        .and_then(|parsed| parsed.clause)
        .is_some_and(|clause| match &clause.kind {
            Kind::Group { all, any, none } => !(all.is_empty() && none.is_empty() && any.iter().all(is_word)),
            _ => !is_word(&clause),
        })
}

/// Whether a term has signs other than those of sentences.
fn has_signs(term: &str) -> bool {
    let inner = term.trim_matches(|sign: char| ".,;:!?'\"()".contains(sign));
    let is_plain = |sign: char| sign.is_alphanumeric() || "_-'’".contains(sign) || !sign.is_ascii();
    term.ends_with("()") || inner.is_empty() || !inner.chars().all(is_plain)
}

/// What a text means in a mode; `None`: there is nothing in it.
fn clause(mode: QueryMode, text: &str) -> Option<Clause> {
    if text.trim().is_empty() {
        return None;
    }
    let whole = |kind| Clause {
        kind,
        span: 0..text.len(),
    };
    let any = words(text).map(|span| {
        let word = text[span.clone()].to_owned();
        let kind = match edits(&word) {
            edits if mode == QueryMode::Fuzzy && edits > 0 => Kind::Fuzzy { word, edits },
            _ => Kind::Word(word),
        };
        Clause { kind, span }
    });
    let mut any: Vec<Clause> = any.collect();
    let all = match mode {
        QueryMode::Regex => return Some(whole(Kind::Regex(text.to_owned()))),
        QueryMode::Exact => {
            let lines = text.lines().filter(|line| !line.trim().is_empty());
            lines
                .map(|line| whole(Kind::Regex(regex_syntax::escape(line))))
                .collect()
        }
        _ if any.is_empty() => return Some(whole(Kind::Word(text.to_owned()))),
        _ if any.len() == 1 => return any.pop(),
        _ => Vec::new(),
    };
    let none = Vec::new();
    Some(whole(Kind::Group { all, any, none }))
}

fn edits(word: &str) -> u8 {
    let letters = word.chars().count();
    EDITS.iter().filter(|&&least| letters >= least).count() as u8
}
