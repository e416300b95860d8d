//! Reads the words of a line.

use std::ops::Range;

use super::plain::Line;

/// Names that a text defines, ascending.
pub(super) type Symbols = Vec<Range<usize>>;

/// A place in a line of code.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'t> {
    pub(super) line: Line<'t>,
    pub(super) at: usize,
    /// Where reading ends, whatever the line's length.
    limit: usize,
    /// Bytes that names have beside letters, digits and `_`.
    letters: &'static [u8],
}

/// Bytes of a line that are read: definitions are told from their first words.
const WIDEST: usize = 500;

/// Owners that say nothing: `this.name`, `exports.name`.
const NOBODY: &[&[u8]] = &[b"this", b"self", b"exports", b"module", b"prototype"];

impl<'t> Cursor<'t> {
    pub(super) fn new(line: Line<'t>, letters: &'static [u8]) -> Cursor<'t> {
        Cursor {
            line,
            at: line.ink,
            limit: line.end.min(line.ink + WIDEST),
            letters,
        }
    }

    /// What is left of the line.
    pub(super) fn rest(&self) -> &'t [u8] {
        &self.line.text[self.at..self.limit]
    }

    /// What is left of the text.
    pub(super) fn below(&self) -> &'t [u8] {
        &self.line.text[self.at..]
    }

    /// The next byte; 0 at the end of the line.
    pub(super) fn peek(&self) -> u8 {
        self.rest().first().copied().unwrap_or(0)
    }

    pub(super) fn bytes(&self, range: &Range<usize>) -> &'t [u8] {
        &self.line.text[range.clone()]
    }

    pub(super) fn skip_blanks(&mut self) {
        self.skip(b" \t");
    }

    /// Passes over these bytes.
    pub(super) fn skip(&mut self, bytes: &[u8]) {
        while bytes.contains(&self.peek()) {
            self.at += 1;
        }
    }

    /// Passes over `token` if it is next.
    pub(super) fn eat(&mut self, token: &[u8]) -> bool {
        let eats = self.rest().starts_with(token);
        self.at += if eats { token.len() } else { 0 };
        eats
    }

    /// The word that is next, perhaps empty, and the blanks before it.
    pub(super) fn word(&mut self) -> Range<usize> {
        self.skip_blanks();
        let start = self.at;
        while self.is_letter(self.peek()) {
            self.at += 1;
        }
        start..self.at
    }

    /// The word that is next, without going there.
    pub(super) fn next_word(mut self) -> &'t [u8] {
        let word = self.word();
        self.bytes(&word)
    }

    pub(super) fn is_letter(&self, byte: u8) -> bool {
        byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80 || self.letters.contains(&byte)
    }

    /// Passes over a bracket that is next and all up to the one that closes it. False if that is not on the line, or none
    /// is next.
    pub(super) fn skip_bracket(&mut self) -> bool {
        let (open, close) = match self.peek() {
            b'(' => (b'(', b')'),
            b'<' => (b'<', b'>'),
            b'[' => (b'[', b']'),
            _ => return false,
        };
        let mut depth = 0;
        for (i, &byte) in self.rest().iter().enumerate() {
            depth += usize::from(byte == open);
            if byte == close && !(close == b'>' && matches!(self.line.text[self.at + i - 1], b'-' | b'=')) {
                depth -= 1;
            }
            if depth == 0 {
                self.at += i + 1;
                return true;
            }
        }
        false
    }

    /// Passes over a string that is next.
    pub(super) fn skip_string(&mut self) {
        let quote = self.peek();
        if matches!(quote, b'"' | b'\'')
            && let Some(length) = memchr::memchr(quote, &self.rest()[1..])
        {
            self.at += length + 2;
        }
    }

    /// The parts of the name that is next: `Owner::name`, `owner.prototype.name`. Its last part, and the part before that
    /// unless it says nothing. Both are empty if there is no name.
    pub(super) fn qualified(&mut self) -> (Range<usize>, Range<usize>) {
        self.skip_blanks();
        self.eat(b"~");
        let mut owner = 0..0;
        let mut last = self.word();
        while !last.is_empty() {
            let ahead = *self;
            if !(self.eat(b"::") || self.eat(b".")) || !(self.is_letter(self.peek()) || self.peek() == b'~') {
                *self = ahead;
                break;
            }
            self.eat(b"~");
            if !NOBODY.contains(&self.bytes(&last)) {
                owner = last;
            }
            last = self.word();
        }
        if self.bytes(&last) == b"prototype" && !owner.is_empty() {
            return (0..0, owner);
        }
        (owner, last)
    }

    /// Adds the name that is next, its owner before it. False if there is none.
    pub(super) fn name(&mut self, symbols: &mut Symbols) -> bool {
        let (owner, name) = self.qualified();
        add(symbols, self.line.text, owner) | add(symbols, self.line.text, name)
    }
}

/// Adds a name, unless it is empty, a number or `_`, or stands before one that is known already.
pub(super) fn add(symbols: &mut Symbols, text: &[u8], name: Range<usize>) -> bool {
    let tells = match &text[name.clone()] {
        [] | b"_" => false,
        [first, ..] => !first.is_ascii_digit(),
    };
    let adds = tells && symbols.last().is_none_or(|last| last.end <= name.start);
    if adds {
        symbols.push(name);
    }
    adds
}
