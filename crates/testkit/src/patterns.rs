//! Patterns that have a chance to match: grown from a grammar, or made from a piece of the text by small changes.

use bstr::ByteSlice;

use crate::flags::Flags;
use crate::rng::Rng;

const ATOMS: &[&str] = &[
    "a",
    "b",
    "foo",
    "Foo",
    "k",
    "K",
    "s",
    "\u{17F}",
    "\u{212A}",
    "é",
    "日",
    "п",
    "_",
    " ",
    "x",
    "0",
    ".",
    r"\w",
    r"\W",
    r"\d",
    r"\s",
    r"\S",
    "[a-z]",
    "[A-Z0-9_]",
    "[^a]",
    "[^\\w\\s]",
    r"\pL",
    r"\p{Cyrillic}",
    r"\p{Greek}",
    "[é-ö]",
    r"\.",
    r"\(",
    r"\{",
    "::",
    "-",
    "(?i:foo)",
    "(?i)k",
    "(?-u:\\w)",
    r"\x41",
    "[[:alpha:]]",
    r"\t",
    "(?s:.)",
];

const LOOKS: &[&str] = &[
    "^",
    "$",
    r"\b",
    r"\B",
    r"\A",
    r"\z",
    r"\b{start}",
    r"\b{end-half}",
    "(?-m:^)",
    "(?-u:\\b)",
];

const ENDS: &[&str] = &[r"\n", r"\r", r"\r\n", "\n", r"\x00", r"[\n]", r"[^\n]", r"\n+"];

const REPEATS: &[&str] = &["?", "*", "+", "*?", "+?", "{2}", "{1,3}", "{0,2}?", "{2,}"];

/// One to three patterns for a search in `text`.
pub fn patterns(rng: &mut Rng, text: &[u8], flags: &Flags) -> Vec<String> {
    let count = if rng.one_in(5) { 2 + rng.below(2) } else { 1 };
    (0..count).map(|_| pattern(rng, text, flags)).collect()
}

/// One pattern for a search in `text`. It may be one that is refused.
pub fn pattern(rng: &mut Rng, text: &[u8], flags: &Flags) -> String {
    let literal = snippet(rng, text);
    match rng.below(8) {
        0..=2 => literal_pattern(rng, &literal, flags),
        3 | 4 => mutated(rng, &literal),
        5 if !literal.is_empty() => format!("{}{}", regex_syntax::escape(&literal), expression(rng, 1)),
        _ => expression(rng, 3),
    }
}

/// A short piece of one line of `text`, or rarely of two lines, as far as it is UTF-8.
pub fn snippet(rng: &mut Rng, text: &[u8]) -> String {
    if text.is_empty() {
        return "foo".to_owned();
    }
    let start = rng.below(text.len());
    let most = if rng.one_in(6) { 40 } else { 8 };
    let most = 1 + rng.below(most);
    let piece = &text[start..text.len().min(start + most)];
    let end = if rng.one_in(12) {
        None
    } else {
        piece.find_byteset("\n\r\0")
    };
    let piece = &piece[..end.unwrap_or(piece.len())];
    piece.chunks_utf8()
}

trait ChunksUtf8 {
    fn chunks_utf8(&self) -> String;
}

impl ChunksUtf8 for [u8] {
    /// The longest stretch of valid UTF-8.
    fn chunks_utf8(&self) -> String {
        let longest = self
            .utf8_chunks()
            .map(|chunk| chunk.valid())
            .max_by_key(|valid| valid.len());
        longest.unwrap_or_default().to_owned()
    }
}

fn literal_pattern(rng: &mut Rng, literal: &str, flags: &Flags) -> String {
    let cased = match rng.below(5) {
        0 => literal.to_uppercase(),
        1 => literal.to_lowercase(),
        _ => literal.to_owned(),
    };
    if flags.fixed_strings {
        cased
    } else {
        regex_syntax::escape(&cased)
    }
}

/// `literal` with a few characters widened, repeated, dropped or made optional.
fn mutated(rng: &mut Rng, literal: &str) -> String {
    let mut pattern = String::new();
    for c in literal.chars() {
        let kept = regex_syntax::escape(&c.to_string());
        match rng.below(14) {
            0 => pattern.push('.'),
            1 => pattern.push_str(&format!("{kept}+")),
            2 => {}
            3 => pattern.push_str(&format!("(?:{kept})?")),
            4 => pattern.push_str(&format!("[{}]", regex_syntax::escape(&format!("{c}z")))),
            5 => pattern.push_str(r"\w*"),
            _ => pattern.push_str(&kept),
        }
    }
    match rng.below(6) {
        0 => format!("^{pattern}"),
        1 => format!("{pattern}$"),
        2 => format!(r"\b{pattern}\b"),
        3 => format!("{pattern}|{}", rng.pick(ATOMS)),
        _ => pattern,
    }
}

fn expression(rng: &mut Rng, depth: usize) -> String {
    let mut pattern = String::new();
    for _ in 0..1 + rng.below(3) {
        let part = match rng.below(12) {
            0 => rng.pick(LOOKS).to_owned(),
            1 if rng.one_in(3) => rng.pick(ENDS).to_owned(),
            2 | 3 if depth > 0 => format!("({})", expression(rng, depth - 1)),
            4 if depth > 0 => format!(
                "(?:{}|{})",
                expression(rng, depth - 1),
                expression(rng, depth - 1)
            ),
            5 if depth > 0 => format!("(?P<n{depth}>{})", expression(rng, 0)),
            _ => rng.pick(ATOMS).to_owned(),
        };
        pattern.push_str(&part);
        if rng.one_in(4) && !LOOKS.contains(&part.as_str()) {
            pattern.push_str(rng.pick(REPEATS));
        }
    }
    if rng.one_in(10) {
        format!("{pattern}|{}", rng.pick(ATOMS))
    } else {
        pattern
    }
}
