//! From a query to its tokens: terms, signs, operators and parentheses.

use std::ops::Range;

use super::ends::Ends;
use super::error::{Mistakes, SyntaxError, SyntaxErrorKind as Wrong};
use super::group::Occurrence;
use super::record::FieldNames;
use super::spans::{LevelSpan, TimeSpan};
use super::text::{self, ends_term, find_unescaped, unescape, unquote};
use super::{Clause, Kind};
use crate::words::fold_all;

pub(super) enum Token {
    Open,
    Close,
    /// `+`, `-` or `NOT`.
    Sign(Occurrence),
    And,
    Or,
    Term(Kind),
    /// A mistake that stands for no term; a sign before it goes with it.
    Nothing,
}

#[derive(Clone, Copy)]
enum Field {
    Path,
    Language,
    Symbol,
    Time,
    Level,
}

impl Field {
    fn named(name: &str) -> Option<(Field, &'static str)> {
        [
            (Field::Path, "path"),
            (Field::Language, "lang"),
            (Field::Symbol, "symbol"),
            (Field::Time, "time"),
            (Field::Level, "level"),
        ]
        .into_iter()
        .find(|(_, field)| name.eq_ignore_ascii_case(field))
    }
}

pub(super) struct Lexer<'query> {
    pub(super) query: &'query str,
    pub(super) at: usize,
    /// A sign stands right before `at`: what follows is no operator.
    signed: bool,
    /// A slash that closes a regular expression may still follow.
    regexes: bool,
    /// Of the fields that records have.
    pub(super) names: &'query dyn FieldNames,
}

impl<'query> Lexer<'query> {
    pub(super) fn new(query: &'query str, names: &'query dyn FieldNames) -> Lexer<'query> {
        Lexer {
            query,
            at: 0,
            signed: false,
            regexes: true,
            names,
        }
    }

    /// The next token and its bytes.
    pub(super) fn next(
        &mut self,
        mistakes: &mut Mistakes,
    ) -> Result<Option<(Token, Range<usize>)>, SyntaxError> {
        self.at = self.query.len() - self.rest().trim_start().len();
        let start = self.at;
        let signed = std::mem::take(&mut self.signed);
        let token = match self.rest().as_bytes().first() {
            None => return Ok(None),
            Some(b'(') => self.one(Token::Open),
            Some(b')') => self.one(Token::Close),
            Some(b'+') if self.is_sign() => self.sign(Occurrence::Required),
            Some(b'-') if self.is_sign() => self.sign(Occurrence::Excluded),
            Some(b'"') => self.phrase(mistakes)?,
            Some(b'/') => self.slash(mistakes)?,
            Some(_) => match text::operator(self.rest()) {
                Some(operator) if !signed => self.operator(operator),
                _ => self.name_or_word(mistakes)?,
            },
        };
        Ok(Some((token, start..self.at)))
    }

    pub(super) fn rest(&self) -> &'query str {
        &self.query[self.at..]
    }

    fn one(&mut self, token: Token) -> Token {
        self.at += 1;
        token
    }

    fn is_sign(&self) -> bool {
        let behind = &self.rest()[1..];
        !ends_term(behind) && !behind.starts_with(['+', '-', '=', '>'])
    }

    fn sign(&mut self, occurrence: Occurrence) -> Token {
        self.signed = true;
        self.one(Token::Sign(occurrence))
    }

    fn operator(&mut self, operator: &str) -> Token {
        self.at += operator.len();
        match operator {
            "AND" => Token::And,
            "OR" => Token::Or,
            _ => Token::Sign(Occurrence::Excluded),
        }
    }

    fn phrase(&mut self, mistakes: &mut Mistakes) -> Result<Token, SyntaxError> {
        let start = self.at;
        let text = self.quoted(mistakes)?;
        if text.is_empty() {
            mistakes.add(Wrong::EmptyPhrase, start..self.at)?;
            return Ok(Token::Nothing);
        }
        Ok(Token::Term(Kind::Phrase(text)))
    }

    /// What is between the quote here and the next one, or the end. Behind it the term ends.
    fn quoted(&mut self, mistakes: &mut Mistakes) -> Result<String, SyntaxError> {
        let text = self.between_quotes(mistakes)?;
        self.check_end(Wrong::AfterQuote, mistakes)?;
        Ok(text)
    }

    pub(super) fn between_quotes(&mut self, mistakes: &mut Mistakes) -> Result<String, SyntaxError> {
        let open = self.at;
        let body = &self.rest()[1..];
        let Some(length) = find_unescaped(body, |_, byte| byte == b'"') else {
            self.at = self.query.len();
            mistakes.add(Wrong::UnclosedQuote, open..open + 1)?;
            return Ok(unquote(body));
        };
        self.at += length + 2;
        Ok(unquote(&body[..length]))
    }

    /// Notes what is `wrong` if no term ends here.
    pub(super) fn check_end(&self, wrong: Wrong, mistakes: &mut Mistakes) -> Result<(), SyntaxError> {
        if ends_term(self.rest()) {
            return Ok(());
        }
        let next = self.rest().chars().next().map_or(0, char::len_utf8);
        mistakes.add(wrong, self.at..self.at + next)
    }

    /// A regular expression, or a word that begins with a slash.
    fn slash(&mut self, mistakes: &mut Mistakes) -> Result<Token, SyntaxError> {
        let body = &self.rest()[1..];
        if ends_term(body) || body.starts_with(['/', '*']) {
            return self.word(mistakes);
        }
        let closes = |index: usize, byte| byte == b'/' && ends_term(&body[index + 1..]);
        if let Some(length) = self.regexes.then(|| find_unescaped(body, closes)).flatten() {
            self.at += length + 2;
            return Ok(Token::Term(Kind::Regex(text::unslash(&body[..length]))));
        }
        self.regexes = false;
        mistakes.add(Wrong::UnclosedRegex, self.at..self.at + 1)?;
        self.word(mistakes)
    }

    fn name_or_word(&mut self, mistakes: &mut Mistakes) -> Result<Token, SyntaxError> {
        let name = text::field(self.rest());
        if let Some((field, name)) = name.and_then(Field::named) {
            return self.field(field, name, mistakes);
        }
        if let Some(token) = self.recorded(mistakes)? {
            return Ok(token);
        }
        let Some(name) = name else {
            return self.word(mistakes);
        };
        let unknown = Wrong::UnknownField {
            field: name.to_owned(),
            near: self.near(&fold_all(name), mistakes),
        };
        let colon = self.at + name.len() + 1;
        mistakes.add(unknown, self.at..colon)?;
        if self.query[colon..].starts_with(['"', '(']) {
            let name = &self.query[self.at..colon];
            self.at = colon;
            return Ok(Token::Term(Kind::Word(name.to_owned())));
        }
        self.word(mistakes)
    }

    pub(super) fn ends(&self, value: Range<usize>) -> Result<Ends, SyntaxError> {
        Ends::read(self.query, value.clone()).ok_or(SyntaxError {
            span: value,
            kind: Wrong::Span,
        })
    }

    fn field(
        &mut self,
        field: Field,
        name: &'static str,
        mistakes: &mut Mistakes,
    ) -> Result<Token, SyntaxError> {
        let start = self.at;
        self.at += name.len() + 1;
        let value = self.at;
        let kind = if matches!(field, Field::Time | Field::Level) {
            self.span(field, mistakes)?
        } else if self.rest().starts_with('"') {
            let text = self.quoted(mistakes)?;
            (!text.is_empty()).then_some(match field {
                Field::Path => Kind::Path(text),
                Field::Language => Kind::Language(text),
                _ => self.symbol(Kind::Phrase(text), value),
            })
        } else {
            let word = self.take_word();
            (!word.is_empty() && !matches!((field, word), (Field::Symbol, "*"))).then_some(match field {
                Field::Path => Kind::Path(word.to_owned()),
                Field::Language => Kind::Language(unescape(word)),
                _ => self.symbol(classify(word, value, mistakes)?, value),
            })
        };
        if let Some(kind) = kind {
            return Ok(Token::Term(kind));
        }
        let field = name.to_owned();
        mistakes.add(Wrong::EmptyField { field }, start..self.at)?;
        Ok(Token::Nothing)
    }

    /// The span behind `time:` or `level:`; `None`: there is nothing.
    fn span(&mut self, field: Field, mistakes: &mut Mistakes) -> Result<Option<Kind>, SyntaxError> {
        let value = self.span_bytes(mistakes)?;
        if value.is_empty() {
            return Ok(None);
        }
        let ends = self.ends(value.clone())?;
        Ok(Some(match field {
            Field::Time => Kind::Time(TimeSpan::read(self.query, ends, value)?),
            _ => Kind::Level(LevelSpan::read(self.query, ends, value)?),
        }))
    }

    /// Takes a span in brackets, in quotes or as a word; gives its bytes without the quotes.
    pub(super) fn span_bytes(&mut self, mistakes: &mut Mistakes) -> Result<Range<usize>, SyntaxError> {
        let start = self.at;
        match self.rest().as_bytes().first() {
            Some(b'"') => {
                let length = self.rest()[1..].find('"').unwrap_or(self.rest().len() - 1);
                self.quoted(mistakes)?;
                Ok(start + 1..start + 1 + length)
            }
            Some(b'[' | b'{') => {
                let Some(length) = self.rest().find([']', '}']) else {
                    self.at = self.query.len();
                    mistakes.add(Wrong::UnclosedSpan, start..start + 1)?;
                    return Ok(start..self.at);
                };
                self.at += length + 1;
                self.check_end(Wrong::AfterSpan, mistakes)?;
                Ok(start..start + length + 1)
            }
            _ => {
                self.take_word();
                Ok(start..self.at)
            }
        }
    }

    fn symbol(&self, kind: Kind, start: usize) -> Kind {
        Kind::Symbol(Box::new(Clause {
            kind,
            span: start..self.at,
        }))
    }

    fn word(&mut self, mistakes: &mut Mistakes) -> Result<Token, SyntaxError> {
        let start = self.at;
        let word = self.take_word();
        Ok(Token::Term(classify(word, start, mistakes)?))
    }

    pub(super) fn take_word(&mut self) -> &'query str {
        let word = &self.rest()[..text::word_length(self.rest())];
        self.at += word.len();
        word
    }
}

/// What a word is by its end; it stands at `start` in the query.
fn classify(word: &str, start: usize, mistakes: &mut Mistakes) -> Result<Kind, SyntaxError> {
    if word == "*" {
        return Ok(Kind::Everything);
    }
    if let Some(stem) = text::split_star(word) {
        return Ok(Kind::Prefix(unescape(stem)));
    }
    let Some((stem, edits)) = text::split_edits(word) else {
        return Ok(Kind::Word(unescape(word)));
    };
    let number = match edits {
        "" | "1" => 1,
        "0" => 0,
        "2" => 2,
        _ => {
            let edits = edits.to_owned();
            mistakes.add(Wrong::Edits { edits }, start + stem.len()..start + word.len())?;
            return Ok(Kind::Word(unescape(word)));
        }
    };
    Ok(Kind::Fuzzy {
        word: unescape(stem),
        edits: number,
    })
}
