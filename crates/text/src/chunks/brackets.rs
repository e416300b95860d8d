//! Definitions that no keyword tells, but brackets: `int name(int x) {`, `name(x) {`.

use super::cursor::{Cursor, Symbols};
use super::syntax::Found;

/// Bytes below a parameter list in which its body must begin.
const AHEAD: usize = 800;

/// Words that stand before a bracket but define nothing.
const CONTROL: &[&[u8]] = &[
    b"if",
    b"else",
    b"for",
    b"foreach",
    b"while",
    b"do",
    b"switch",
    b"case",
    b"default",
    b"catch",
    b"try",
    b"return",
    b"throw",
    b"new",
    b"delete",
    b"await",
    b"yield",
    b"typeof",
    b"sizeof",
    b"goto",
    b"using",
    b"with",
    b"lock",
    b"synchronized",
    b"assert",
    b"defer",
    b"super",
    b"not",
    b"and",
    b"or",
    b"in",
    b"of",
    b"when",
    b"guard",
    b"import",
];

/// Whether `word` steers the flow, so that what follows is no definition.
pub(super) fn is_control(word: &[u8]) -> bool {
    CONTROL.contains(&word)
}

/// Where a parameter list leads that begins at `at`, on the bracket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ahead {
    Body,
    /// `=>`, `=` or a type.
    Other,
    /// The statement ends, or cannot be followed.
    End,
}

/// What follows the parameter list: a body, if `{` comes before a `;`. Lists of several lines are followed too.
pub(super) fn after_list(at: Cursor<'_>) -> Ahead {
    let below = at.below();
    let below = &below[..below.len().min(AHEAD)];
    let Some(close) = closing(below) else {
        return Ahead::End;
    };
    let rest = &below[close + 1..];
    let rest = &rest[..paragraph(rest)];
    match memchr::memchr3(b'{', b';', b'=', rest) {
        Some(i) if rest[i] == b'{' => Ahead::Body,
        Some(i) if rest[i] == b'=' => Ahead::Other,
        _ => Ahead::End,
    }
}

/// Where the bracket that `text` begins with is closed.
fn closing(text: &[u8]) -> Option<usize> {
    let mut depth = 0usize;
    for (i, &byte) in text.iter().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth <= 1 => return Some(i),
            b')' => depth -= 1,
            b';' | b'#' => return None,
            _ => {}
        }
    }
    None
}

/// Length of what comes before the first blank line.
fn paragraph(text: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', text)
        .find(|&end| matches!(text[end + 1..], [b'\n', ..] | [b'\r', b'\n', ..]))
        .unwrap_or(text.len())
}

/// `Type name(…)` with a body below, or a constructor's `Name(…)`: Java, C#, C++, Dart, Groovy.
pub(super) fn typed_method(line: Cursor<'_>, symbols: &mut Symbols) -> Found {
    let mut at = line;
    let mut words = 0;
    let name = loop {
        let before = at;
        let (_, word) = at.qualified();
        let spelled = at.bytes(&word);
        if spelled.is_empty() || is_control(spelled) {
            return Found::Nothing;
        }
        words += 1;
        at.skip_blanks();
        if at.peek() == b'<' && !at.skip_bracket() {
            return Found::Nothing;
        }
        if at.peek() == b'(' {
            if words == 1 && !is_class_name(spelled) {
                return Found::Nothing;
            }
            break before;
        }
        at.skip(b" \t*&?[]");
    };
    let ahead = after_list(at);
    let is_method = ahead == Ahead::Body || ahead == Ahead::Other && at.rest().ends_with(b";");
    let mut name = name;
    if is_method && name.name(symbols) {
        Found::Definition
    } else {
        Found::Nothing
    }
}

/// Whether a word is written like the name of a class: `Name`, not `NAME` or `name`.
fn is_class_name(word: &[u8]) -> bool {
    word[0].is_ascii_uppercase() && word.iter().any(u8::is_ascii_lowercase)
}
