//! C and what has grown from it. Where other languages have keywords, a definition is told by how the line goes on behind
//! its name: a body, a value, or nothing but a `;`.

use std::ops::Range;

use super::brackets::{Ahead, after_list, is_control, typed_method};
use super::cursor::{Cursor, Symbols, add};
use super::syntax::Found;

/// A line of C. Definitions begin at the start of the line.
pub(super) fn c(line: Cursor<'_>, symbols: &mut Symbols) -> Found {
    match line.peek() {
        b'#' => directive(line, symbols),
        _ if line.line.indent > 0 => Found::Nothing,
        b'}' => after_body(line, symbols),
        byte if byte.is_ascii_alphabetic() || byte == b'_' => declaration(line, symbols),
        _ => Found::Nothing,
    }
}

/// A line of C++: also what is indented, in a class or a namespace.
pub(super) fn cpp(line: Cursor<'_>, symbols: &mut Symbols) -> Found {
    if line.line.indent == 0 || line.peek() == b'#' {
        return c(line, symbols);
    }
    if AGGREGATES.contains(&line.next_word()) {
        return declaration(line, symbols);
    }
    typed_method(line, symbols)
}

/// A line of Objective-C.
pub(super) fn objective_c(line: Cursor<'_>, symbols: &mut Symbols) -> Found {
    let mut at = line;
    if at.eat(b"@interface") || at.eat(b"@implementation") || at.eat(b"@protocol") {
        return defined(at.name(symbols));
    }
    if line.line.indent == 0 && (at.eat(b"-") || at.eat(b"+")) {
        at.skip_blanks();
        return defined(at.skip_bracket() && at.name(symbols));
    }
    cpp(line, symbols)
}

const AGGREGATES: &[&[u8]] = &[b"struct", b"union", b"enum", b"class", b"namespace"];

fn defined(named: bool) -> Found {
    if named { Found::Definition } else { Found::Nothing }
}

fn directive(line: Cursor<'_>, symbols: &mut Symbols) -> Found {
    let mut at = line;
    at.skip(b"# \t");
    let word = at.word();
    match at.bytes(&word) {
        b"define" => {}
        b"if" | b"ifdef" | b"ifndef" | b"else" | b"elif" => return Found::Lead,
        _ => return Found::Nothing,
    }
    let name = at.word();
    match add(symbols, line.line.text, name) {
        true if line.line.opens() => Found::Definition,
        true => Found::Name,
        false => Found::Nothing,
    }
}

/// `} name;` names what the body above declares.
fn after_body(line: Cursor<'_>, symbols: &mut Symbols) -> Found {
    let mut at = line;
    at.eat(b"}");
    let name = at.word();
    at.skip_blanks();
    let names = matches!(at.peek(), b';' | b'[' | b'=' | b',') && !at.bytes(&name).starts_with(b"_");
    if names && add(symbols, line.line.text, name) {
        Found::Name
    } else {
        Found::Nothing
    }
}

/// The words of a declaration, up to a byte that tells what it is.
struct Words<'t> {
    at: Cursor<'t>,
    first: &'t [u8],
    count: usize,
    /// The name behind `struct` and the like, or the start of the line.
    aggregate: Option<Range<usize>>,
    owner: Range<usize>,
    last: Range<usize>,
}

impl<'t> Words<'t> {
    fn read(line: Cursor<'t>) -> Words<'t> {
        let mut words = Words {
            at: line,
            first: line.next_word(),
            count: 0,
            aggregate: None,
            owner: 0..0,
            last: 0..0,
        };
        loop {
            let (owner, word) = words.at.qualified();
            if word.is_empty() {
                break;
            }
            let above = words.at.bytes(&words.last);
            if AGGREGATES.contains(&above) && words.at.bytes(&word) != b"class" {
                words.aggregate = Some(word.clone());
            }
            words.count += 1;
            (words.owner, words.last) = (owner, word);
            words.skip_between();
        }
        words
    }

    /// Passes over what can stand between two words: stars, template arguments, attributes with arguments.
    fn skip_between(&mut self) {
        self.at.skip(b" \t*&");
        let attribute = self.at.bytes(&self.last).starts_with(b"__") && self.at.peek() == b'(';
        if attribute || self.at.peek() == b'<' {
            let before = self.at;
            let skipped = self.at.skip_bracket();
            let next = self.at.next_word();
            if !skipped || attribute && (next.is_empty() || next.starts_with(b"__")) {
                self.at = before;
            }
        }
        self.at.skip(b" \t*&");
    }
}

fn declaration(line: Cursor<'_>, symbols: &mut Symbols) -> Found {
    let words = Words::read(line);
    if is_control(words.first) || matches!(words.first, b"template" | b"public" | b"private" | b"protected") {
        let alone = words.first == b"template" && line.rest().ends_with(b">");
        return if alone { Found::Lead } else { Found::Nothing };
    }
    match words.at.peek() {
        b'(' => function(&words, symbols),
        b'{' | b':' => aggregate(&words, symbols),
        0 if words.aggregate.is_some() && next_opens(&words) => aggregate(&words, symbols),
        0 => Found::Lead,
        b'=' | b'[' => variable(&words, symbols, line.line.opens()),
        b';' => variable(&words, symbols, false),
        _ => Found::Nothing,
    }
}

/// Whether the line below opens a body.
fn next_opens(words: &Words<'_>) -> bool {
    let below = words.at.below();
    let next = memchr::memchr(b'\n', below).map_or(&[][..], |end| &below[end + 1..]);
    next.starts_with(b"{")
}

fn aggregate(words: &Words<'_>, symbols: &mut Symbols) -> Found {
    let text = words.at.line.text;
    if let Some(name) = &words.aggregate {
        add(symbols, text, name.clone());
        return Found::Definition;
    }
    // `struct {` and `typedef struct {` are named below.
    defined(AGGREGATES.contains(&words.at.bytes(&words.last)))
}

fn variable(words: &Words<'_>, symbols: &mut Symbols, opens: bool) -> Found {
    let declares_only = words.first == b"extern" || words.count == 2 && AGGREGATES.contains(&words.first);
    if words.count < 2 || declares_only || !add(symbols, words.at.line.text, words.last.clone()) {
        return Found::Nothing;
    }
    if opens { Found::Definition } else { Found::Name }
}

fn function(words: &Words<'_>, symbols: &mut Symbols) -> Found {
    let name = words.at.bytes(&words.last);
    if matches!(name, b"__attribute__" | b"__declspec" | b"alignas") {
        return Found::Lead;
    }
    if after_list(words.at) != Ahead::Body {
        return Found::Nothing;
    }
    let text = words.at.line.text;
    if words.count == 1 && name.iter().all(|byte| !byte.is_ascii_lowercase()) {
        return macro_call(words, symbols);
    }
    add(symbols, text, words.owner.clone());
    defined(add(symbols, text, words.last.clone()))
}

/// A macro that makes a definition of its arguments: `SYSCALL_DEFINE3(read, …)`, `TEST(Suite, Name)`.
fn macro_call(words: &Words<'_>, symbols: &mut Symbols) -> Found {
    let mut at = words.at;
    at.eat(b"(");
    let named = at.name(symbols);
    let is_test = words.first.starts_with(b"TEST");
    if is_test && at.eat(b",") {
        at.name(symbols);
    }
    defined(named)
}
