//! Fields of records, as they stand in a query.

use super::Kind;
use super::ends::Ends;
use super::error::{Mistakes, SyntaxError, SyntaxErrorKind as Wrong};
use super::lexer::{Lexer, Token};
use super::record::{FieldTest, NumberSpan};
use super::text::{self, ends_term, unescape};
use crate::words::fold_all;

impl Lexer<'_> {
    /// A field of records, if it can be one: `None`, and nothing is taken, if it is something else.
    pub(super) fn recorded(&mut self, mistakes: &mut Mistakes) -> Result<Option<Token>, SyntaxError> {
        let Some((written, length, is_marked)) = text::recorded(self.rest()) else {
            return Ok(None);
        };
        let (start, name) = (self.at, fold_all(written));
        if !is_marked && !self.names.has(&name) {
            self.at += length;
            if !self.is_number_span() {
                self.at = start;
                return Ok(None);
            }
            let (field, near) = (written.to_owned(), self.near(&name, mistakes));
            mistakes.add(Wrong::NoRecord { field, near }, start..self.at)?;
        } else {
            self.at += length;
        }
        if let Some(test) = self.test(mistakes)? {
            return Ok(Some(Token::Term(Kind::Field { name, test })));
        }
        let field = written.to_owned();
        mistakes.add(Wrong::EmptyField { field }, start..self.at)?;
        Ok(Some(Token::Nothing))
    }

    /// Names like one that there is not, if anybody is told.
    pub(super) fn near(&self, name: &str, mistakes: &Mistakes) -> Vec<String> {
        match mistakes.are_errors() {
            true => self.names.near(name),
            false => Vec::new(),
        }
    }

    /// Whether a span of numbers is here, and nothing else.
    fn is_number_span(&self) -> bool {
        let rest = self.rest();
        let length = match rest.as_bytes().first() {
            Some(b'>' | b'<') => text::word_length(rest),
            Some(b'[' | b'{') => match rest.find([']', '}']) {
                Some(end) if ends_term(&rest[end + 1..]) => end + 1,
                _ => return false,
            },
            _ => return false,
        };
        let value = self.at..self.at + length;
        let ends = Ends::read(self.query, value.clone());
        ends.is_some_and(|ends| NumberSpan::read(self.query, ends, value).is_ok())
    }

    /// What a field of records has to be; `None`: there is nothing.
    fn test(&mut self, mistakes: &mut Mistakes) -> Result<Option<FieldTest>, SyntaxError> {
        match self.rest().as_bytes().first() {
            Some(b'"') => {
                let text = self.between_quotes(mistakes)?;
                let is_prefix = self.rest().strip_prefix('*').is_some_and(ends_term);
                self.at += usize::from(is_prefix);
                self.check_end(Wrong::AfterQuote, mistakes)?;
                Ok((!text.is_empty()).then_some(match is_prefix {
                    true => FieldTest::Prefix(text),
                    false => FieldTest::Value(text),
                }))
            }
            Some(b'[' | b'{' | b'>' | b'<') => {
                let value = self.span_bytes(mistakes)?;
                let ends = self.ends(value.clone())?;
                let span = NumberSpan::read(self.query, ends, value)?;
                Ok(Some(FieldTest::Numbers(span)))
            }
            Some(b'(') => Ok(None),
            _ => {
                let word = self.take_word();
                Ok(match (word, text::split_star(word)) {
                    ("", _) => None,
                    ("*", _) => Some(FieldTest::Present),
                    (_, Some(start)) => Some(FieldTest::Prefix(unescape(start))),
                    _ => Some(FieldTest::Value(unescape(word))),
                })
            }
        }
    }
}
