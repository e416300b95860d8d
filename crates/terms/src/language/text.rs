//! Words and quoted text: what ends them, what is escaped in them, and what else they could be read as.

use std::borrow::Cow;

use quern_text::{begins_name, is_in_name};

/// What `\` takes as text in a word, besides white space.
const ESCAPABLE: &str = "\\\"()+-*~:/=>";

/// Words that are operators where they stand alone.
const OPERATORS: [&str; 3] = ["AND", "OR", "NOT"];

/// The operator at the beginning of `text`, if it is a whole word.
pub(super) fn operator(text: &str) -> Option<&'static str> {
    let alone = |word: &str| {
        text.strip_prefix(word)
            .is_some_and(|rest| ends_term(rest) || rest.starts_with(['(', '"']))
    };
    OPERATORS.into_iter().find(|word| alone(word))
}

/// The name of a field, known or not, at the beginning of `text`.
pub(super) fn field(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    let (name, rest) = text.split_at(end);
    let is_field = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && rest.starts_with(':')
        && !rest.starts_with("::");
    is_field.then_some(name)
}

/// What is in front of the name of a record's field, if it could be taken for something else.
pub(super) const RECORDED: &str = "field.";

/// The name of a record's field at the beginning of `text`, known or not, with how many bytes it is written in, its colon
/// included; and whether it can be nothing else: it stands behind `field.`.
pub(super) fn recorded(text: &str) -> Option<(&str, usize, bool)> {
    let end = text.find(|c: char| !is_in_name(c))?;
    let (written, rest) = text.split_at(end);
    if !rest.starts_with(':') || rest.starts_with("::") {
        return None;
    }
    let is_marked = written
        .get(..RECORDED.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(RECORDED));
    let name = if is_marked {
        &written[RECORDED.len()..]
    } else {
        written
    };
    let is_address = !is_marked && rest.starts_with("://");
    (name.starts_with(begins_name) && !is_address).then_some((name, end + 1, is_marked))
}

/// Whether a term ends where `rest` begins.
pub(super) fn ends_term(rest: &str) -> bool {
    rest.chars().next().is_none_or(|c| c.is_whitespace() || c == ')')
}

/// Length in bytes of the word at the beginning of `text`, zero if there is none.
pub(super) fn word_length(text: &str) -> usize {
    let mut open = 0usize;
    let mut chars = text.char_indices();
    while let Some((index, c)) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            '(' => open += 1,
            ')' if open > 0 => open -= 1,
            ')' => return index,
            c if c.is_whitespace() => return index,
            _ => {}
        }
    }
    text.len()
}

/// Where in `text` the first byte is that is `wanted` and not behind a `\`. Only ASCII may be wanted.
pub(super) fn find_unescaped(text: &str, wanted: impl Fn(usize, u8) -> bool) -> Option<usize> {
    let mut bytes = text.bytes().enumerate();
    while let Some((index, byte)) = bytes.next() {
        if wanted(index, byte) {
            return Some(index);
        }
        if byte == b'\\' {
            bytes.next();
        }
    }
    None
}

/// Splits off what follows the last tilde, if that tilde is not escaped and nothing but a number follows.
pub(super) fn split_edits(word: &str) -> Option<(&str, &str)> {
    let (stem, edits) = word.rsplit_once('~')?;
    let is_number = edits.is_empty()
        || edits.starts_with(|c: char| c.is_ascii_digit())
            && edits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    (is_number && !stem.is_empty() && !escapes_next(stem)).then_some((stem, edits))
}

/// Splits off a star at the end that is not escaped.
pub(super) fn split_star(word: &str) -> Option<&str> {
    let stem = word.strip_suffix('*')?;
    (!stem.is_empty() && !escapes_next(stem)).then_some(stem)
}

/// Whether what follows `text` is escaped by the backslashes at its end.
fn escapes_next(text: &str) -> bool {
    text.bytes().rev().take_while(|&byte| byte == b'\\').count() % 2 == 1
}

/// A word as it is meant.
pub(super) fn unescape(word: &str) -> String {
    let word = match word.strip_prefix('\\') {
        Some(rest) if operator(rest).is_some() => rest,
        _ => word,
    };
    without_escapes(word, |c| c.is_whitespace() || ESCAPABLE.contains(c))
}

/// Text between quotes as it is meant.
pub(super) fn unquote(text: &str) -> String {
    without_escapes(text, |c| matches!(c, '"' | '\\'))
}

/// The text of a regular expression between its slashes.
pub(super) fn unslash(text: &str) -> String {
    let mut regex = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let next = if c == '\\' { chars.next() } else { None };
        if next != Some('/') {
            regex.push(c);
        }
        regex.extend(next);
    }
    regex
}

fn without_escapes(text: &str, escapable: impl Fn(char) -> bool) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let escaped = if c == '\\' {
            chars.next_if(|&next| escapable(next))
        } else {
            None
        };
        plain.push(escaped.unwrap_or(c));
    }
    plain
}

/// A word written so that [`unescape`] gives it back and nothing else is seen in it.
pub(super) fn escape(word: &str) -> String {
    let mut written = String::with_capacity(word.len());
    let mut previous = None;
    let mut chars = word.chars().peekable();
    while let Some(c) = chars.next() {
        let means_something = match c {
            '\\' | '"' | '(' | ')' | '*' | '~' => true,
            '+' | '-' | '/' | '=' | '>' => previous.is_none(),
            ':' => previous.is_none() || (previous != Some(':') && chars.peek() != Some(&':')),
            _ => c.is_whitespace(),
        };
        if means_something {
            written.push('\\');
        }
        written.push(c);
        previous = Some(c);
    }
    if operator(&written).is_some() {
        written.insert(0, '\\');
    }
    written
}

/// Text in quotes.
pub(super) fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}

/// The value of `path:` or `lang:`, in quotes where it needs them.
pub(super) fn value(text: &str) -> Cow<'_, str> {
    let special = |c: char| c.is_whitespace() || matches!(c, '"' | '\\' | '(' | ')' | ':');
    if text.contains(special) {
        Cow::Owned(quote(text))
    } else {
        Cow::Borrowed(text)
    }
}

/// The value of a record's field, in quotes where it needs them.
pub(super) fn bare_or_quoted(text: &str) -> Cow<'_, str> {
    let is_bare = !text.starts_with(':') && text.chars().all(|c| is_in_name(c) || matches!(c, '/' | ':'));
    match is_bare && !text.is_empty() {
        true => Cow::Borrowed(text),
        false => Cow::Owned(quote(text)),
    }
}

/// A regular expression between slashes.
pub(super) fn slash(regex: &str) -> String {
    let mut written = String::from("/");
    let mut chars = regex.chars();
    while let Some(c) = chars.next() {
        match c {
            '/' => written.push_str(r"\/"),
            '\\' => {
                written.push(c);
                written.extend(chars.next());
            }
            _ => written.push(c),
        }
    }
    written.push('/');
    written
}
