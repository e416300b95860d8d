//! How definitions look in a language, as a table that one scanner reads.

use super::cursor::{Cursor, Symbols};

/// What a line is found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    /// Belongs to the definition below it.
    Lead,
    /// Names something that is too small for a passage.
    Name,
    /// Begins a definition.
    Definition,
}

/// A family of languages. Each list may be empty.
#[derive(Debug)]
pub(super) struct Syntax {
    /// What lines of comment begin with.
    pub(super) comments: &'static [&'static str],
    /// The brackets of a comment that can have several lines.
    pub(super) block: Option<(&'static str, &'static str)>,
    /// What lines begin with that belong to the definition below: attributes, decorators.
    pub(super) attributes: &'static [&'static str],
    /// Bytes that names have beside letters, digits and `_`.
    pub(super) letters: &'static [u8],
    /// Words that can stand before a keyword.
    pub(super) modifiers: &'static [&'static str],
    /// Keywords that begin a definition; its name follows.
    pub(super) definitions: &'static [&'static str],
    /// Keywords of small things: only one that opens a bracket at the end of its line begins a passage.
    pub(super) names: &'static [&'static str],
    /// Whether small things count only at the start of a line.
    pub(super) top: bool,
    /// One of these must follow the name, unless this is empty.
    pub(super) follows: &'static [u8],
    /// Whether keywords can be written in capitals.
    pub(super) any_case: bool,
    /// Lines without such a keyword.
    pub(super) other: fn(Cursor<'_>, &mut Symbols) -> Found,
}

/// No definitions at all; what other families start from.
pub(super) const BARE: Syntax = Syntax {
    comments: &[],
    block: None,
    attributes: &[],
    letters: &[],
    modifiers: &[],
    definitions: &[],
    names: &[],
    top: false,
    follows: &[],
    any_case: false,
    other: |_, _| Found::Nothing,
};

/// What a word before a name is, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Keyword {
    Modifier,
    Name,
    Definition,
}

impl Syntax {
    /// What the line at `start` is found to be; names go to `symbols`.
    pub(super) fn scan(&self, start: Cursor<'_>, symbols: &mut Symbols) -> Found {
        let (keyword, name) = self.keywords(start);
        if keyword == Keyword::Modifier || !self.name(name, symbols) {
            return (self.other)(start, symbols);
        }
        if keyword == Keyword::Definition || start.line.opens() {
            Found::Definition
        } else {
            Found::Name
        }
    }

    /// The strongest of the keywords that the line begins with, and where the name is.
    fn keywords<'t>(&self, start: Cursor<'t>) -> (Keyword, Cursor<'t>) {
        let mut at = start;
        let mut strongest = Keyword::Modifier;
        loop {
            let before = at;
            let word = at.word();
            let Some(keyword) = self.keyword(at.bytes(&word), start.line.indent) else {
                return (strongest, before);
            };
            strongest = strongest.max(keyword);
            if keyword > Keyword::Modifier && !self.leads_on(at) {
                return (strongest, at);
            }
            at.skip_bracket();
            at.skip_blanks();
            at.skip_string();
        }
    }

    fn keyword(&self, word: &[u8], indent: u8) -> Option<Keyword> {
        if self.has(self.definitions, word) {
            Some(Keyword::Definition)
        } else if (!self.top || indent == 0) && self.has(self.names, word) {
            Some(Keyword::Name)
        } else {
            self.has(self.modifiers, word).then_some(Keyword::Modifier)
        }
    }

    /// Whether another keyword follows, and is no name itself: what follows it would be the name.
    fn leads_on(&self, mut at: Cursor<'_>) -> bool {
        let word = at.word();
        let is_keyword = self.keyword(at.bytes(&word), at.line.indent).is_some();
        at.skip_blanks();
        is_keyword && (at.is_letter(at.peek()) || at.peek() == b'"')
    }

    /// The name behind keywords, for which there may be type parameters, or a mark such as PHP's `&`.
    fn name(&self, mut at: Cursor<'_>, symbols: &mut Symbols) -> bool {
        at.skip(b"!*& \t");
        if at.peek() == b'<' {
            at.skip_bracket();
        }
        let known = symbols.len();
        let named = at.name(symbols);
        at.skip_blanks();
        let follows = self.follows.is_empty() || self.follows.contains(&at.peek());
        if !follows {
            symbols.truncate(known);
        }
        named && follows
    }

    fn has(&self, list: &[&str], word: &[u8]) -> bool {
        list.iter().any(|keyword| {
            keyword.as_bytes() == word || self.any_case && keyword.as_bytes().eq_ignore_ascii_case(word)
        })
    }
}
