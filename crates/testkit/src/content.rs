//! Files that break naive search engines.

use crate::rng::Rng;

/// What a file is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// A handful of bytes, many of them line ends.
    Tiny,
    /// Lines that look like a program.
    Code,
    /// Lines of words in several scripts.
    Prose,
    /// Words between bytes that are no UTF-8.
    Broken,
    /// LF, CRLF and lone CR, mixed.
    Ends,
    /// A NUL byte near the beginning.
    NulEarly,
    /// A NUL byte behind the first 64 KiB.
    NulLate,
    /// One line that is longer than a searcher's first buffer.
    LongLine,
    /// UTF-8 with a byte order mark.
    Utf8Bom,
    /// UTF-16, little-endian, with a byte order mark.
    Utf16Le,
    /// UTF-16, big-endian, with a byte order mark.
    Utf16Be,
    /// Words that NUL bytes end.
    NulRecords,
    /// Nothing.
    Empty,
}

impl Shape {
    /// All of them.
    pub const ALL: [Shape; 13] = [
        Shape::Tiny,
        Shape::Code,
        Shape::Prose,
        Shape::Broken,
        Shape::Ends,
        Shape::NulEarly,
        Shape::NulLate,
        Shape::LongLine,
        Shape::Utf8Bom,
        Shape::Utf16Le,
        Shape::Utf16Be,
        Shape::NulRecords,
        Shape::Empty,
    ];

    /// A random shape; the costly and the dull ones are rare.
    pub fn any(rng: &mut Rng) -> Shape {
        match rng.below(40) {
            0 => Shape::NulLate,
            1 => Shape::LongLine,
            2 => Shape::Empty,
            3..=8 => Shape::Tiny,
            9..=14 => Shape::Code,
            15..=20 => Shape::Prose,
            21..=25 => Shape::Broken,
            26..=30 => Shape::Ends,
            31 | 32 => Shape::NulEarly,
            33 | 34 => Shape::Utf8Bom,
            35 | 36 => Shape::Utf16Le,
            37 => Shape::Utf16Be,
            _ => Shape::NulRecords,
        }
    }

    /// Whether files of this shape have neither NUL nor byte order mark, so that they can be searched in pieces.
    pub fn is_plain(self) -> bool {
        matches!(
            self,
            Shape::Tiny
                | Shape::Code
                | Shape::Prose
                | Shape::Broken
                | Shape::Ends
                | Shape::LongLine
                | Shape::Empty
        )
    }
}

const WORDS: &[&str] = &[
    "foo",
    "Foo",
    "FOO",
    "bar",
    "baz_qux",
    "fileOperations",
    "struct",
    "return",
    "int",
    "let",
    "if",
    "x",
    "a",
    "0x1F",
    "42",
    "KB",
    "kelvin",
    "\u{212A}elvin",
    "\u{17F}tra\u{DF}e",
    "STRASSE",
    "s",
    "S",
    "cafe\u{301}",
    "caf\u{E9}",
    "CAF\u{C9}",
    "naïve",
    "日本語",
    "検索",
    "поиск",
    "ПОИСК",
    "Ελλάς",
    "ΕΛΛΑΣ",
    "😀",
    "e\u{301}\u{302}",
    "İstanbul",
    "ıd",
    "--",
    "->",
    "::",
    "(",
    ")",
    "{",
    "}",
    "[0]",
    "a.b",
    "$x",
    "^",
    "\\n",
    "\"str\"",
    "//",
    "/*",
    "*/",
    "é",
    "ö",
];

const SPACES: &[&str] = &[" ", " ", " ", "  ", "\t", "", "", "\u{A0}", "\u{85}", "\u{B}"];

/// A random file of this shape: a few hundred bytes, more where the shape needs it.
pub fn content(rng: &mut Rng, shape: Shape) -> Vec<u8> {
    let lines = if rng.one_in(12) {
        rng.below(150)
    } else {
        rng.below(12)
    };
    sized(rng, shape, lines)
}

/// A random file of this shape with about this many lines (where the shape has lines).
pub fn sized(rng: &mut Rng, shape: Shape, lines: usize) -> Vec<u8> {
    match shape {
        Shape::Empty => Vec::new(),
        Shape::Tiny => tiny(rng),
        Shape::Code => code(rng, lines),
        Shape::Prose => text(rng, lines, &["\n"]),
        Shape::Ends => text(
            rng,
            lines,
            &["\n", "\r\n", "\r\n", "\r", "\n\n", "\r\r\n", "\n\r"],
        ),
        Shape::NulRecords => text(rng, lines, &["\0", "\0", "\n"]),
        Shape::Broken => broken(rng, lines),
        Shape::NulEarly => with_nul(rng, lines),
        Shape::NulLate => {
            let mut bytes = text(rng, 3000, &["\n"]);
            bytes.extend_from_slice(&with_nul(rng, lines));
            bytes
        }
        Shape::LongLine => long_line(rng, lines),
        Shape::Utf8Bom => [b"\xEF\xBB\xBF".to_vec(), text(rng, lines, &["\n"])].concat(),
        Shape::Utf16Le => utf16(rng, lines, u16::to_le_bytes),
        Shape::Utf16Be => utf16(rng, lines, u16::to_be_bytes),
    }
}

fn words(rng: &mut Rng, most: usize) -> String {
    let mut line = String::new();
    for _ in 0..rng.below(most + 1) {
        line.push_str(rng.pick(WORDS));
        line.push_str(rng.pick(SPACES));
    }
    line
}

fn text(rng: &mut Rng, lines: usize, ends: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for line in 0..lines {
        bytes.extend_from_slice(words(rng, 8).as_bytes());
        if line + 1 < lines || !rng.one_in(3) {
            bytes.extend_from_slice(rng.pick(ends).as_bytes());
        }
    }
    bytes
}

fn tiny(rng: &mut Rng) -> Vec<u8> {
    (0..rng.below(24))
        .map(|_| rng.pick(b"ab aB\n\n\r.k\xE2\xC3_"))
        .collect()
}

fn code(rng: &mut Rng, lines: usize) -> Vec<u8> {
    let mut bytes = String::new();
    for _ in 0..lines {
        let (a, b, c) = (rng.pick(WORDS), rng.pick(WORDS), rng.below(100));
        let line = match rng.below(6) {
            0 => format!("static int {a}({b} *x, size_t n{c})\n{{\n"),
            1 => format!("    if ({a} == {c}) return {b};\n"),
            2 => format!("#define {a}_{b} {c}\n"),
            3 => format!("\t{a}.{b}[{c}] = \"{b}\"; // {a} {a}\n"),
            4 => "\n".to_owned(),
            _ => format!("}} /* {} */\n", words(rng, 5)),
        };
        bytes.push_str(&line);
    }
    if rng.one_in(4) {
        bytes.pop();
    }
    bytes.into_bytes()
}

fn broken(rng: &mut Rng, lines: usize) -> Vec<u8> {
    let mut bytes = text(rng, lines, &["\n", "\n", "\r\n"]);
    for _ in 0..rng.below(8) {
        let at = rng.below(bytes.len() + 1);
        let junk = (0..rng.below(4)).map(|_| match rng.below(3) {
            0 => 0x80 | (rng.next() as u8),
            1 => rng.pick(b"\xE2\xF0\xC3\xED\xFF\xFE\xC0"),
            _ => 1 + (rng.next() % 255) as u8,
        });
        let junk: Vec<u8> = junk.collect();
        bytes.splice(at..at, junk);
    }
    // A file that happens to begin with a byte order mark is another shape.
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") || bytes.starts_with(b"\xEF\xBB\xBF")
    {
        bytes.insert(0, b'x');
    }
    bytes
}

fn with_nul(rng: &mut Rng, lines: usize) -> Vec<u8> {
    let mut bytes = text(rng, lines, &["\n"]);
    let at = rng.below(bytes.len() + 1);
    bytes.insert(at, 0);
    bytes
}

fn long_line(rng: &mut Rng, lines: usize) -> Vec<u8> {
    let mut bytes = text(rng, lines, &["\n"]);
    let length = 60_000 + rng.below(90_000);
    let unit = words(rng, 30) + "x";
    let mut line = unit.repeat(length / unit.len() + 1);
    line.push_str(rng.pick(WORDS));
    bytes.extend_from_slice(line.as_bytes());
    bytes.push(b'\n');
    bytes.extend_from_slice(&text(rng, lines, &["\n"]));
    bytes
}

fn utf16(rng: &mut Rng, lines: usize, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let text = String::from_utf8(text(rng, lines, &["\n", "\r\n"])).expect("the words are UTF-8");
    let mut bytes = order(0xFEFF).to_vec();
    bytes.extend(text.encode_utf16().flat_map(order));
    match rng.below(6) {
        0 => bytes.push(b'x'),
        1 => bytes.extend(order(0xD800)),
        _ => {}
    }
    bytes
}
