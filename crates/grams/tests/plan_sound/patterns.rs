//! Random patterns: from a grammar, and real ones with some characters changed.

use crate::random::Random;

const LITERALS: &[&str] = &[
    "a",
    "b",
    "s",
    "k",
    "K",
    "S",
    "x",
    "foo",
    "bar",
    "PM_",
    "RESUME",
    "pm_resume",
    "E",
    "TODO",
    "fooBAR",
    "A1_",
    "_",
    "0",
    "42",
    "-",
    "->",
    "::",
    " ",
    "  ",
    "/",
    "=",
    "ü",
    "ß",
    "ſ",
    "\u{212A}",
    "é",
    "e\u{301}",
    "漢",
    "字",
    "漢字",
    "п",
    "Привет",
    "ж",
    "😀",
    "\\(",
    "\\)",
    "\\.",
    "\\t",
    "\\r",
    "\\\"",
    ",",
    ";",
    "\\x7f",
    "\\x{e9}",
    "\\x{2028}",
    "\\x{85}",
    "ı",
    "İ",
    "ςσ",
];
const CLASSES: &[&str] = &[
    "[ab]",
    "[aA]",
    "[A-Z]",
    "[a-z]",
    "[0-9]",
    "[A-Z0-9_]",
    "[^a]",
    "[^\\x00-\\x7f]",
    "[é-ü]",
    "[а-я]",
    "[жЖ]",
    "[ſs]",
    "[sS]",
    "[kK]",
    "\\w",
    "\\W",
    "\\s",
    "\\S",
    "\\d",
    "\\D",
    ".",
    "\\p{Greek}",
    "\\p{Lu}",
    "[[:alpha:]]",
    "[\\r\\t ]",
    "[\\x80-\\x{7ff}]",
    "(?-u:\\xC3)",
    "(?-u:[\\x80-\\xFF])",
    "(?-u:.)",
    "(?-u:\\w)",
    "(?-u:[^a])",
    "(?-u:\\xE6\\xBC\\xA2)",
    "[^\\r]",
    "[\\r\\n]",
    "[ \\n]",
    "\\R",
    "[漢字]",
    "[一-龥]",
    "[あ-ん]",
    "[😀-🙏]",
    "[а-яА-Я一-龥]",
    "[a&&b]",
    "[\\x00-\\x1f]",
    "[|^~]",
    "(?-u:[\\x80\\x81])",
    "(?s:.)",
    "(?R:.)",
];
const LOOKS: &[&str] = &[
    "^",
    "$",
    "\\A",
    "\\z",
    "\\b",
    "\\B",
    "(?m:^)",
    "(?m:$)",
    "(?-m:^)",
    "(?-m:$)",
    "(?R)",
    "(?mR:^)",
    "(?mR:$)",
    "\\b{start}",
    "\\b{end}",
    "\\b{start-half}",
    "\\b{end-half}",
];
const REPEATS: &[&str] = &[
    "*", "+", "?", "??", "*?", "{2}", "{3}", "{0}", "{0,1}", "{1,3}", "{2,5}", "{2,}", "{0,2}", "{7}",
];
const FLAGS: &[&str] = &[
    "i", "s", "m", "-m", "-u", "x", "i-u", "U", "R", "mR", "-i", "ims", "u",
];
const REAL: &[&str] = &[
    r"struct\s+file_operations\s+\w+\s*=",
    r"static\s+int\s+\w+_probe\(",
    "TODO|FIXME|XXX",
    "^static inline",
    "(?i)spinlock",
    "return -E[A-Z]+;",
    "[ab]cd",
    "Müller",
    "PM_RESUME",
    r"\bkfree\(skb\)$",
    "(?i)error.*failed",
    "漢字|Привет",
    "(?i)привет",
    r"foo_?bar|baz[0-9]+qux",
    r"https?://[^\s/]+/",
    r"^\s*#\s*define\s+[A-Z_]+",
    r"(?i)kelvin|mass",
    r"^$",
    r"^\s+$",
    r"(^|,)[^,]*(,|$)",
    r"[A-Z]{4,}_[0-9]{5,}",
    r"\w+_lock_irqsave\(&\w+->lock",
    r"(?i)mississippi_task",
    r"a^b|c$d",
    r"foo\r?$",
    r"(?-u)\xC3\xBCx",
    r"[0-9]{1,3}(\.[0-9]{1,3}){3}",
    r"(foo|bar)+baz$",
];

/// A pattern, which need not compile.
pub fn pattern(random: &mut Random) -> String {
    if random.one_in(4) {
        mutated(random)
    } else {
        alternation(random, 3)
    }
}

fn alternation(random: &mut Random, depth: usize) -> String {
    let count = [1, 1, 1, 2, 2, 3][random.below(6)];
    (0..count)
        .map(|_| concat(random, depth))
        .collect::<Vec<_>>()
        .join("|")
}

fn concat(random: &mut Random, depth: usize) -> String {
    let count = random.below(6);
    (0..count).map(|_| repeated(random, depth)).collect()
}

fn repeated(random: &mut Random, depth: usize) -> String {
    let mut piece = atom(random, depth);
    if random.one_in(4) {
        if piece.chars().count() > 1 && random.one_in(2) {
            piece = format!("(?:{piece})");
        }
        piece.push_str(random.pick(REPEATS));
    }
    piece
}

fn atom(random: &mut Random, depth: usize) -> String {
    match random.below(if depth == 0 { 12 } else { 16 }) {
        0..=6 => random.pick(LITERALS).to_owned(),
        7..=9 => random.pick(CLASSES).to_owned(),
        10 => random.pick(LOOKS).to_owned(),
        11 if random.one_in(4) => format!("(?{})", random.pick(FLAGS)),
        11 => (0..3).map(|_| random.pick(LITERALS)).collect(),
        12 => format!("(?{}:{})", random.pick(FLAGS), alternation(random, depth - 1)),
        13 => format!("({})", alternation(random, depth - 1)),
        _ => format!("(?:{})", alternation(random, depth - 1)),
    }
}

/// A real pattern with a few pieces removed, doubled or put in.
fn mutated(random: &mut Random) -> String {
    let mut chars: Vec<char> = random.pick(REAL).chars().collect();
    for _ in 0..random.below(4) {
        let at = random.below(chars.len() + 1);
        match random.below(4) {
            0 if at < chars.len() => drop(chars.remove(at)),
            1 if at < chars.len() => chars.insert(at, chars[at]),
            2 => drop(chars.splice(at..at, random.pick(LOOKS).chars())),
            _ => drop(chars.splice(at..at, repeated(random, 1).chars())),
        }
    }
    chars.into_iter().collect()
}
