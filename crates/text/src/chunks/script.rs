//! JavaScript and TypeScript. Functions are values there: a definition is a name, and behind it something that reads
//! like a function or a class.

use super::brackets::is_control;
use super::cursor::{Cursor, Symbols, add};
use super::syntax::Found;

/// Bytes below a name in which its function must begin.
const AHEAD: usize = 1000;

/// A line that begins with none of the keywords for functions, classes and types.
pub(super) fn script(line: Cursor<'_>, symbols: &mut Symbols) -> Found {
    let start = past_modifiers(line);
    let mut at = start;
    let word = at.word();
    match at.bytes(&word) {
        b"const" | b"let" | b"var" => variable(at, symbols),
        b"function" if start.at > line.at => Found::Definition,
        b"" if start.peek() == b'*' || start.peek() == b'#' => member(start, symbols),
        word if is_control(word) => Found::Nothing,
        _ => member(start, symbols),
    }
}

const MODIFIERS: &[&[u8]] = &[
    b"export",
    b"default",
    b"declare",
    b"async",
    b"public",
    b"private",
    b"protected",
    b"static",
    b"readonly",
    b"override",
    b"abstract",
    b"get",
    b"set",
    b"accessor",
];

/// Behind the words that only describe what follows.
fn past_modifiers<'t>(line: Cursor<'t>) -> Cursor<'t> {
    let mut at = line;
    loop {
        let before = at;
        let word = at.word();
        let describes = MODIFIERS.contains(&at.bytes(&word));
        at.skip_blanks();
        if !describes || !(at.is_letter(at.peek()) || matches!(at.peek(), b'*' | b'#')) {
            return before;
        }
    }
}

/// `const name = …`: at the start of a line whatever it is, further in only functions.
fn variable(mut at: Cursor<'_>, symbols: &mut Symbols) -> Found {
    let name = at.word();
    let value = value(at);
    let is_function = value.is_some_and(is_function);
    if !is_function && at.line.indent > 0 || !add(symbols, at.line.text, name) {
        return Found::Nothing;
    }
    if is_function || at.line.opens() {
        Found::Definition
    } else {
        Found::Name
    }
}

/// Behind the `=` that follows, or the type and the `=`.
fn value(mut at: Cursor<'_>) -> Option<Cursor<'_>> {
    at.skip_blanks();
    if at.eat(b":") {
        let equals = memchr::memmem::find(at.rest(), b" = ")?;
        at.at += equals + 1;
    }
    let assigns = at.eat(b"=") && !matches!(at.peek(), b'=' | b'>');
    at.skip_blanks();
    assigns.then_some(at)
}

/// Whether `at` begins a function or a class.
fn is_function(mut at: Cursor<'_>) -> bool {
    if at.next_word() == b"async" {
        at.word();
        at.skip_blanks();
    }
    let before = at;
    let word = at.word();
    match at.bytes(&word) {
        b"function" | b"class" => true,
        b"" => {
            at = before;
            at.skip_bracket();
            at.peek() == b'(' && is_arrow(at) || before.peek() == b'(' && is_arrow(before)
        }
        _ => {
            at.skip_blanks();
            at.rest().starts_with(b"=>")
        }
    }
}

/// Whether `=>` stands behind the parameter list at `at`.
fn is_arrow(at: Cursor<'_>) -> bool {
    let mut behind = at;
    if behind.skip_bracket() {
        return memchr::memmem::find(behind.rest(), b"=>").is_some_and(|arrow| {
            let between = &behind.rest()[..arrow];
            between.iter().all(|&byte| byte != b'(' && byte != b';')
        });
    }
    last_of_list(at).is_some_and(|closing| memchr::memmem::find(closing, b"=>").is_some())
}

/// Behind the bracket that closes a list of several lines: it stands where the line with the list begins.
fn last_of_list(at: Cursor<'_>) -> Option<&[u8]> {
    let line = at.line;
    if !line.opens() {
        return None;
    }
    let indent = line.ink - line.start;
    let below = &line.text[line.end..];
    let mut lines = below[..below.len().min(AHEAD)].split(|&byte| byte == b'\n');
    lines.next();
    let next =
        lines.find(|next| next.iter().take_while(|byte| byte.is_ascii_whitespace()).count() <= indent)?;
    let closing = next.trim_ascii();
    closing.strip_prefix(b")")
}

/// What has no keyword: `name(…) {`, `name: function`, `owner.name = function`, `exports.name = …`.
fn member(start: Cursor<'_>, symbols: &mut Symbols) -> Found {
    let mut at = start;
    at.skip(b"*#[ ");
    let name_at = at;
    let (_, name) = at.qualified();
    if name.is_empty() {
        return Found::Nothing;
    }
    at.skip(b"?! \t]");
    let is_path = !at.line.text[name_at.at..name.start].is_empty();
    match at.peek() {
        b'=' => assigned(name_at, at, symbols),
        b'(' | b'<' if !is_path => method(name_at, at, symbols),
        b':' if !is_path && is_property(at) => named(add(symbols, at.line.text, name), Found::Definition),
        _ => Found::Nothing,
    }
}

/// Whether a function or a class stands behind the `:`, or behind a type and a `=`.
fn is_property(at: Cursor<'_>) -> bool {
    let mut property = at;
    property.eat(b":");
    property.skip_blanks();
    at.line.opens() && is_function(property) || value(at).is_some_and(is_function)
}

fn named(is_named: bool, found: Found) -> Found {
    if is_named { found } else { Found::Nothing }
}

fn assigned(mut name: Cursor<'_>, at: Cursor<'_>, symbols: &mut Symbols) -> Found {
    let Some(value) = value(at) else {
        return Found::Nothing;
    };
    let path = name.rest();
    if path.starts_with(b"module.exports ") {
        return exported(value, symbols);
    }
    let is_export = path.starts_with(b"exports.") || path.starts_with(b"module.exports.");
    let is_type = memchr::memmem::find(&path[..at.at - name.at], b".prototype").is_some();
    if is_function(value) || (is_export || is_type) && at.line.opens() {
        named(name.name(symbols), Found::Definition)
    } else {
        named(is_export && name.name(symbols), Found::Name)
    }
}

/// `module.exports = function name`: a definition, with a name or without.
fn exported(value: Cursor<'_>, symbols: &mut Symbols) -> Found {
    let mut at = value;
    let word = at.word();
    if matches!(at.bytes(&word), b"function" | b"class") {
        at.skip(b"* ");
        at.name(symbols);
        return Found::Definition;
    }
    named(is_function(value) || at.line.opens(), Found::Definition)
}

/// `name(…) {` in a class or an object; in a type, which has no body, only a name.
fn method(mut name: Cursor<'_>, mut at: Cursor<'_>, symbols: &mut Symbols) -> Found {
    if at.line.indent == 0 || at.peek() == b'<' && !at.skip_bracket() || at.peek() != b'(' {
        return Found::Nothing;
    }
    let mut behind = at;
    let rest = if behind.skip_bracket() {
        behind.rest().trim_ascii()
    } else {
        last_of_list(at).unwrap_or_default()
    };
    let found = match rest {
        [b'{'] | [b'{', .., b'}'] | [b':', .., b'{'] => Found::Definition,
        [b' ', b'{'] => Found::Definition,
        [b':', b' ', .., b';'] => Found::Name,
        _ => return Found::Nothing,
    };
    named(name.name(symbols), found)
}
