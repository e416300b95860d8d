//! Names as they are written, as terms.
//!
//! The term of a name is the name in lower case and, if it is not written so, a NUL and how it is written: `!` if all letters are
//! capital, else which are, six a character. So names are found whatever the case, those that differ in case only are told
//! apart, and the terms of similar names have as much in common as can be.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use crate::words::{MAX_WORD, fold};

/// How a name is written of which all letters are capital.
const CAPITALS: char = '!';
/// What stands before a name that is given in full: it has other letters than ASCII's that are not in lower case.
const IN_FULL: char = '=';
/// No letter is capital of six. With one bit for each that is, still ASCII.
const NONE_OF_SIX: u8 = 0x40;

/// The term of a name.
fn put_term(name: &str, term: &mut String) {
    fold(name, term);
    if term == name {
        return;
    }
    term.push('\0');
    if !name.is_ascii() {
        term.push(IN_FULL);
        term.push_str(name);
    } else if !name.bytes().any(|byte| byte.is_ascii_lowercase()) {
        term.push(CAPITALS);
    } else {
        let last = name.bytes().rposition(|byte| byte.is_ascii_uppercase());
        for six in name.as_bytes()[..last.map_or(0, |last| last + 1)].chunks(6) {
            let capitals = (0..).zip(six).filter(|(_, byte)| byte.is_ascii_uppercase());
            let bits = capitals.fold(NONE_OF_SIX, |bits, (place, _)| bits | 1 << place);
            // DEL stands for six capitals.
            term.push(char::from(bits));
        }
    }
}

/// The name that a term stands for; a term without NUL is one as it is.
pub(crate) fn as_written(term: &[u8]) -> String {
    let Some(nul) = term.iter().position(|&byte| byte == 0) else {
        return String::from_utf8_lossy(term).into_owned();
    };
    let (name, written) = (&term[..nul], &term[nul + 1..]);
    let mut name = name.to_vec();
    match written.split_first() {
        Some((&first, full)) if first == IN_FULL as u8 => name = full.to_vec(),
        Some((&first, _)) if first == CAPITALS as u8 => name.make_ascii_uppercase(),
        _ => {
            for (six, bits) in name.chunks_mut(6).zip(written) {
                let capital = (0..).zip(six).filter(|(place, _)| bits & 1 << place != 0);
                capital.for_each(|(_, byte)| byte.make_ascii_uppercase());
            }
        }
    }
    String::from_utf8_lossy(&name).into_owned()
}

/// One token a line. Longer lines than [`MAX_WORD`] are no names that anybody would type.
#[derive(Clone, Default)]
pub(crate) struct NameTokenizer {
    token: Token,
}

/// The names of a chunk.
pub(crate) struct NameTokens<'a> {
    token: &'a mut Token,
    lines: std::str::Lines<'a>,
}

impl Tokenizer for NameTokenizer {
    type TokenStream<'a> = NameTokens<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> NameTokens<'a> {
        self.token.reset();
        NameTokens {
            token: &mut self.token,
            lines: text.lines(),
        }
    }
}

impl TokenStream for NameTokens<'_> {
    fn advance(&mut self) -> bool {
        let mut names = self.lines.by_ref().map(str::trim);
        let Some(name) = names.find(|name| (1..=MAX_WORD).contains(&name.len())) else {
            return false;
        };
        put_term(name, &mut self.token.text);
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_as_they_were_written() {
        for (name, term) in [
            ("kmem_cache_alloc", "kmem_cache_alloc"),
            ("PM_RESUME", "pm_resume\0!"),
            ("Page", "page\0A"),
            ("parseHTTPHeader", "parsehttpheader\0`O"),
            ("ABCDEFg", "abcdefg\0\u{7F}"),
            ("été", "été"),
            ("Été", "été\0=Été"),
            ("X", "x\0!"),
            ("a B", "a b\0D"),
        ] {
            let mut found = String::new();
            put_term(name, &mut found);
            assert_eq!(found, term);
            assert_eq!(as_written(term.as_bytes()), name);
        }
    }
}
