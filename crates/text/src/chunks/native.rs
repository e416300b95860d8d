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

/// Words that say how something is compiled, not what it is called; most are the kernel's.
#[rustfmt::skip]
const ATTRIBUTES: &[&[u8]] = &[
    b"__attribute__", b"__declspec", b"alignas", b"__init", b"__exit", b"__initdata", b"__initconst", b"__exitdata",
    b"__packed", b"__weak", b"__read_mostly", b"__ro_after_init", b"__maybe_unused", b"__used", b"__aligned",
    b"__section", b"__visible", b"__printf", b"__scanf", b"__acquires", b"__releases", b"__must_hold", b"__percpu",
    b"__cacheline_aligned", b"__cacheline_aligned_in_smp", b"____cacheline_aligned", b"____cacheline_aligned_in_smp",
    b"__refdata", b"__user", b"__iomem", b"__rcu", b"__force", b"__net_init", b"__net_exit", b"__net_initdata",
    b"__always_inline", b"__no_sanitize_address", b"noinline", b"final", b"const",
];

fn is_attribute(word: &[u8]) -> bool {
    ATTRIBUTES.contains(&word)
}

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
            let spelled = words.at.bytes(&word);
            words.at.skip(BETWEEN);
            if is_attribute(spelled) && (words.at.peek() != b'(' || words.skip_arguments()) {
                continue;
            }
            let above = words.at.bytes(&words.last);
            if AGGREGATES.contains(&above) && spelled != b"class" {
                words.aggregate = Some(word.clone());
            }
            words.count += 1;
            (words.owner, words.last) = (owner, word);
            if words.at.peek() == b'<' && words.at.skip_bracket() {
                words.at.skip(BETWEEN);
            }
        }
        words
    }

    /// Passes over the arguments of an attribute, if something follows them.
    fn skip_arguments(&mut self) -> bool {
        let mut behind = self.at;
        let skips = behind.skip_bracket();
        behind.skip(BETWEEN);
        if skips && behind.peek() != 0 {
            self.at = behind;
        }
        skips && behind.peek() != 0
    }
}

/// What can stand between the words of a declaration.
const BETWEEN: &[u8] = b" \t*&";

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
    let names = words.count > 1 && !AGGREGATES.contains(&words.at.bytes(&words.last));
    if !names || declares_only || !add(symbols, words.at.line.text, words.last.clone()) {
        return Found::Nothing;
    }
    if opens { Found::Definition } else { Found::Name }
}

fn function(words: &Words<'_>, symbols: &mut Symbols) -> Found {
    let name = words.at.bytes(&words.last);
    if is_attribute(name) {
        return Found::Lead;
    }
    let text = words.at.line.text;
    let mut pointer = words.at;
    if pointer.eat(b"(*") {
        let name = pointer.word();
        return if add(symbols, text, name) {
            Found::Name
        } else {
            Found::Nothing
        };
    }
    let shouts = name.iter().all(|byte| !byte.is_ascii_lowercase());
    let has_body = after_list(words.at) == Ahead::Body;
    if shouts && (has_body && words.count == 1 || defines(name)) {
        return macro_call(words, symbols, has_body);
    }
    if !has_body {
        return Found::Nothing;
    }
    add(symbols, text, words.owner.clone());
    defined(add(symbols, text, words.last.clone()))
}

/// Whether a macro of this name makes a definition without a body.
fn defines(name: &[u8]) -> bool {
    let makes: [&[u8]; 6] = [
        b"DEFINE_MUTEX",
        b"DEFINE_SPINLOCK",
        b"DEFINE_EVENT",
        b"TRACE_EVENT",
        b"DECLARE_EVENT_CLASS",
        b"LIST_HEAD",
    ];
    makes.contains(&name)
}

/// A macro that makes a definition of its arguments: `SYSCALL_DEFINE3(read, …)`, `TEST(Suite, Name)`.
fn macro_call(words: &Words<'_>, symbols: &mut Symbols, has_body: bool) -> Found {
    let mut at = words.at;
    at.eat(b"(");
    let named = at.name(symbols);
    let has_two = words.first.starts_with(b"TEST") || words.first == b"DEFINE_EVENT";
    if has_two && at.eat(b",") {
        at.name(symbols);
    }
    let ends = words.at.rest().ends_with(b";");
    if named && ends && !has_body {
        Found::Name
    } else {
        defined(named)
    }
}
