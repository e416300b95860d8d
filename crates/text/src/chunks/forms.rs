//! Forms of definitions that some languages have for themselves.

use super::cursor::{Cursor, Symbols, add};
use super::syntax::Found;

fn definition(named: bool) -> Found {
    if named { Found::Definition } else { Found::Nothing }
}

/// Rust: `impl<T> Trait for Type`.
pub(super) fn rust(line: Cursor<'_>, symbols: &mut Symbols) -> Found {
    let mut at = line;
    if at.next_word() == b"unsafe" {
        at.word();
    }
    let word = at.word();
    if at.bytes(&word) != b"impl" {
        return Found::Nothing;
    }
    at.skip_bracket();
    let implemented = type_name(&mut at, symbols);
    if at.next_word() == b"for" {
        at.word();
        return definition(type_name(&mut at, symbols));
    }
    definition(implemented)
}

/// The last part of a path, its type arguments passed over.
fn type_name(at: &mut Cursor<'_>, symbols: &mut Symbols) -> bool {
    at.skip(b" !&");
    if at.eat(b"'") {
        at.word();
    }
    if at.next_word() == b"dyn" || at.next_word() == b"mut" {
        at.word();
    }
    let (_, name) = at.qualified();
    at.skip_bracket();
    add(symbols, at.line.text, name)
}

/// Go: `func (r *Type[K]) Name(`.
pub(super) fn go(line: Cursor<'_>, symbols: &mut Symbols) -> Found {
    let mut at = line;
    if at.line.indent > 0 || !at.eat(b"func (") {
        return Found::Nothing;
    }
    let mut receiver = at.word();
    at.skip(b" *");
    let word = at.word();
    if !word.is_empty() {
        receiver = word;
    }
    at.skip_bracket();
    if !at.eat(b")") {
        return Found::Nothing;
    }
    let name = at.word();
    let text = line.line.text;
    definition(add(symbols, text, receiver) | add(symbols, text, name))
}

/// Python: a constant of a module.
pub(super) fn python(line: Cursor<'_>, symbols: &mut Symbols) -> Found {
    let mut at = line;
    let name = at.word();
    at.skip_blanks();
    let spelled = at.bytes(&name);
    let assigns = at.peek() == b':' || at.rest().starts_with(b"= ");
    let is_constant = assigns && !spelled.iter().any(u8::is_ascii_lowercase);
    if line.line.indent > 0 || !is_constant || !add(symbols, line.line.text, name) {
        return Found::Nothing;
    }
    if line.line.opens() {
        Found::Definition
    } else {
        Found::Name
    }
}

/// Shells: `name() {`.
pub(super) fn shell(line: Cursor<'_>, symbols: &mut Symbols) -> Found {
    let mut at = line;
    let name = at.word();
    at.skip_blanks();
    definition(at.eat(b"()") && add(symbols, line.line.text, name))
}

/// Makefiles: `target: what it needs`.
pub(super) fn make(line: Cursor<'_>, symbols: &mut Symbols) -> Found {
    let mut at = line;
    let target = at.word();
    at.skip_blanks();
    let is_rule = at.eat(b":") && !matches!(at.peek(), b'=' | b':');
    definition(line.line.start == line.line.ink && is_rule && add(symbols, line.line.text, target))
}

/// Assembly: a label or one of the kernel's macros for it, at the start of a line.
pub(super) fn assembly(line: Cursor<'_>, symbols: &mut Symbols) -> Found {
    let mut at = line;
    let mut name = at.word();
    let word = at.bytes(&name);
    let is_macro = [&b"SYM_"[..], b"ENTRY", b"GLOBAL", b"WEAK", b"FUNC"];
    if at.peek() == b'(' && is_macro.iter().any(|start| word.starts_with(start)) {
        let ends = word.windows(4).any(|part| part == b"_END");
        at.eat(b"(");
        name = at.word();
        return definition(!ends && add(symbols, line.line.text, name));
    }
    let is_local = word.starts_with(b".") || word.starts_with(b"L");
    definition(line.line.indent == 0 && !is_local && at.eat(b":") && add(symbols, line.line.text, name))
}

/// Lua: `function owner:name(`, `name = function(`.
pub(super) fn lua(line: Cursor<'_>, symbols: &mut Symbols) -> Found {
    let mut at = line;
    if at.next_word() == b"local" {
        at.word();
    }
    if at.next_word() == b"function" {
        at.word();
        let named = at.name(symbols);
        let method = at.eat(b":") && at.name(symbols);
        return definition(named || method);
    }
    assigned(at, &[b"=", b"function"], symbols)
}

/// R: `name <- function(`.
pub(super) fn r(line: Cursor<'_>, symbols: &mut Symbols) -> Found {
    match assigned(line, &[b"<-", b"function"], symbols) {
        Found::Nothing => assigned(line, &[b"=", b"function"], symbols),
        found => found,
    }
}

/// Zig: `pub const name = struct {`.
pub(super) fn zig(line: Cursor<'_>, symbols: &mut Symbols) -> Found {
    let mut at = line;
    if at.next_word() == b"test" {
        return Found::Definition;
    }
    if at.next_word() == b"pub" {
        at.word();
    }
    let word = at.word();
    let is_variable = matches!(at.bytes(&word), b"const" | b"var");
    if !is_variable || line.line.indent > 0 || !at.name(symbols) {
        return Found::Nothing;
    }
    if line.line.opens() {
        Found::Definition
    } else {
        Found::Name
    }
}

/// A name, then these tokens with blanks between them.
fn assigned(line: Cursor<'_>, tokens: &[&[u8]], symbols: &mut Symbols) -> Found {
    let mut name = line;
    let mut at = line;
    at.qualified();
    let follow = tokens.iter().all(|token| {
        at.skip_blanks();
        at.eat(token)
    });
    definition(follow && name.name(symbols))
}

/// Lisps: `(define (name …)`, `(defn name …)`.
pub(super) fn lisp(line: Cursor<'_>, symbols: &mut Symbols) -> Found {
    let mut at = line;
    if line.line.indent > 0 || !at.eat(b"(") {
        return Found::Nothing;
    }
    let word = at.word();
    let word = at.bytes(&word);
    if !word.starts_with(b"def") && word != b"ns" {
        return Found::Nothing;
    }
    at.skip(b" ('");
    while at.eat(b"^") {
        at.word();
        at.skip_blanks();
    }
    let name = at.word();
    definition(add(symbols, line.line.text, name))
}

/// Haskell and Elm: a signature, `name :: Type`.
pub(super) fn haskell(line: Cursor<'_>, symbols: &mut Symbols) -> Found {
    signature(line, &[b"::", b": "], symbols)
}

/// Erlang: the first line of a clause, `name(X) ->`; `-record(name, `.
pub(super) fn erlang(line: Cursor<'_>, symbols: &mut Symbols) -> Found {
    let mut at = line;
    if at.eat(b"-record(") || at.eat(b"-define(") || at.eat(b"-type ") {
        return if at.name(symbols) {
            Found::Name
        } else {
            Found::Nothing
        };
    }
    let is_clause = line.rest().ends_with(b"->") || memchr::memmem::find(line.rest(), b") -> ").is_some();
    if is_clause {
        signature(line, &[b"("], symbols)
    } else {
        Found::Nothing
    }
}

/// A name at the start of a line, and one of `tokens` behind it.
fn signature(line: Cursor<'_>, tokens: &[&[u8]], symbols: &mut Symbols) -> Found {
    let mut at = line;
    let name = at.word();
    at.skip_blanks();
    let signs = line.line.indent == 0 && tokens.iter().any(|token| at.eat(token));
    definition(signs && add(symbols, line.line.text, name))
}

/// Terraform: `resource "kind" "name" {`.
pub(super) fn terraform(line: Cursor<'_>, symbols: &mut Symbols) -> Found {
    let mut at = line;
    let word = at.word();
    if line.line.indent > 0 || word.is_empty() || !line.line.opens() {
        return Found::Nothing;
    }
    at.skip_blanks();
    while at.eat(b"\"") && at.name(symbols) {
        at.eat(b"\"");
        at.skip_blanks();
    }
    Found::Definition
}

/// SQL: `create or replace table if not exists owner.name`.
pub(super) fn sql(line: Cursor<'_>, symbols: &mut Symbols) -> Found {
    const FILL: &[&[u8]] = &[
        b"or",
        b"replace",
        b"temp",
        b"temporary",
        b"unique",
        b"unlogged",
        b"materialized",
        b"external",
        b"recursive",
        b"if",
        b"not",
        b"exists",
        b"table",
        b"view",
        b"function",
        b"procedure",
        b"trigger",
        b"index",
        b"type",
        b"schema",
        b"sequence",
        b"domain",
        b"concurrently",
        b"global",
        b"local",
        b"extension",
        b"virtual",
        b"database",
    ];
    let mut at = line;
    let word = at.word();
    if !at.bytes(&word).eq_ignore_ascii_case(b"create") {
        return Found::Nothing;
    }
    while FILL.iter().any(|fill| fill.eq_ignore_ascii_case(at.next_word())) {
        at.word();
    }
    at.skip(b" \"`");
    definition(at.name(symbols))
}

/// CMake: `function(name …)`.
pub(super) fn cmake(line: Cursor<'_>, symbols: &mut Symbols) -> Found {
    let mut at = line;
    let word = at.word();
    let word = at.bytes(&word);
    let defines = word.eq_ignore_ascii_case(b"function") || word.eq_ignore_ascii_case(b"macro");
    at.skip_blanks();
    definition(defines && at.eat(b"(") && at.name(symbols))
}
