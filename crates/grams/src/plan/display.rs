//! A query as text, for tests and for people who ask why a search was slow.
//!
//! Tokens are separated by blanks: grams next to each other are required together, `|` separates alternatives,
//! and parentheses group. A base gram is its three symbols, each as one character that has it: letters in lower
//! case, `␣` blank, `⏎` line end, `▸` the first and `·` a further byte of a character outside ASCII; a merged
//! symbol shows as the first of its bytes (`|^~` as `|`, `!?@` as `!`, `+%` as `+`, quotes and controls as `'`).
//! A capital gram is three characters, at least two of them capitals. A high gram is its hash, `#9e37`.

use std::fmt::{self, Display, Formatter, Write};

use crate::query::Query;
use crate::symbols::{BASE_KEYS, Gram, PLANE_KEYS};

/// One character a symbol.
const NAMES: [char; 64] = [
    'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't', 'u',
    'v', 'w', 'x', 'y', 'z', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '_', '␣', '(', ')', '*', ',',
    ';', '=', '-', '>', '<', '.', '/', '"', '{', '}', '[', ']', '&', '#', ':', '|', '!', '+', '\'', '·', '▸',
    '⏎',
];

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Query::All => f.write_str("everything"),
            Query::None => f.write_str("nothing"),
            Query::Gram(gram) => write_gram(*gram, f),
            Query::And(parts) => separated(parts, " ", f),
            Query::Or(parts) => separated(parts, " | ", f),
        }
    }
}

fn separated(parts: &[Query], separator: &str, f: &mut Formatter<'_>) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(separator)?;
        }
        match part {
            Query::Or(_) => write!(f, "( {part} )")?,
            _ => write!(f, "{part}")?,
        }
    }
    Ok(())
}

fn write_gram(gram: Gram, f: &mut Formatter<'_>) -> fmt::Result {
    if gram.0 < BASE_KEYS {
        return [12, 6, 0]
            .iter()
            .try_for_each(|shift| f.write_char(NAMES[(gram.0 >> shift & 63) as usize]));
    }
    let key = gram.0 - BASE_KEYS;
    if key >= PLANE_KEYS {
        return write!(f, "#{:04x}", key - PLANE_KEYS);
    }
    let digits = [key / (37 * 37), key / 37 % 37, key % 37];
    digits
        .iter()
        .try_for_each(|&digit| f.write_char(NAMES[digit as usize % 64].to_ascii_uppercase()))
}
