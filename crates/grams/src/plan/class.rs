//! Character classes as sets of strings.

use regex_syntax::hir::{Class, ClassBytes, ClassUnicode};

use super::strings::{Element, Strings};
use crate::symbols::{HIGH_CONTINUATION, HIGH_LEAD, SYMBOLS};

/// A class with more symbols than this says too little to be worth a set of strings.
const WIDE: usize = 48;
/// Up to this many characters outside ASCII, and bytes of one high symbol, keep their exact bytes.
const FEW: usize = 16;

/// What a class matches, or `None` if that is too much to list: more than `limit` strings, or most of all bytes.
///
/// A Unicode class matches whole UTF-8 sequences only, so its characters outside ASCII become their exact bytes if
/// they are few, and otherwise one string of high symbols for each length of a sequence. Without `line_feeds` the
/// match lies within a line, and the class loses its line feed.
pub(super) fn strings_of(class: &Class, line_feeds: bool, limit: usize) -> Option<Strings> {
    let mut strings = match class {
        Class::Unicode(class) => unicode(class, line_feeds),
        Class::Bytes(class) => bytes(class, line_feeds),
    };
    strings.sort_unstable();
    strings.dedup();
    (strings.len() <= limit.min(WIDE)).then(|| Strings::from_vec(strings))
}

fn unicode(class: &ClassUnicode, line_feeds: bool) -> Vec<Vec<Element>> {
    let mut ascii = [false; 256];
    let mut others = 0usize;
    for range in class.iter() {
        let (start, end) = (u32::from(range.start()), u32::from(range.end()));
        for byte in start..=end.min(0x7F) {
            ascii[byte as usize] = true;
        }
        others = others.saturating_add((end + 1).saturating_sub(start.max(0x80)) as usize);
    }
    let mut strings = grouped(&ascii, line_feeds);
    if others <= FEW {
        let chars = class.iter().flat_map(|range| range.start()..=range.end());
        strings.extend(chars.filter(|c| !c.is_ascii()).map(exact_utf8));
    } else {
        strings.extend(sequence_lengths(class).map(high_symbols));
    }
    strings
}

fn exact_utf8(char: char) -> Vec<Element> {
    char.encode_utf8(&mut [0; 4]).bytes().map(Element::byte).collect()
}

/// The lengths of the class's UTF-8 sequences, without 1.
fn sequence_lengths(class: &ClassUnicode) -> impl Iterator<Item = usize> + '_ {
    let spans = [
        (2, '\u{80}', '\u{7FF}'),
        (3, '\u{800}', '\u{FFFF}'),
        (4, '\u{10000}', char::MAX),
    ];
    spans.into_iter().filter_map(|(length, first, last)| {
        class
            .iter()
            .any(|range| range.start() <= last && first <= range.end())
            .then_some(length)
    })
}

fn high_symbols(length: usize) -> Vec<Element> {
    let mut string = vec![Element::any_of_symbol(HIGH_CONTINUATION); length];
    string[0] = Element::any_of_symbol(HIGH_LEAD);
    string
}

fn bytes(class: &ClassBytes, line_feeds: bool) -> Vec<Vec<Element>> {
    let mut members = [false; 256];
    for range in class.iter() {
        members[range.start() as usize..=range.end() as usize].fill(true);
    }
    grouped(&members, line_feeds)
}

/// Strings of one element: the byte itself where the class has one byte of a symbol (of high symbols: a few), and
/// the symbol where it has more.
fn grouped(members: &[bool; 256], line_feeds: bool) -> Vec<Vec<Element>> {
    let present = |byte: u8| members[byte as usize] && (line_feeds || byte != b'\n');
    let mut counts = [0usize; 64];
    for byte in (0..=255u8).filter(|&byte| present(byte)) {
        counts[SYMBOLS[byte as usize] as usize] += 1;
    }
    let element = |byte: u8| {
        let symbol = SYMBOLS[byte as usize];
        let exact = if byte.is_ascii() { 1 } else { FEW };
        if counts[symbol as usize] <= exact {
            Element::byte(byte)
        } else {
            Element::any_of_symbol(symbol)
        }
    };
    (0..=255u8)
        .filter(|&byte| present(byte))
        .map(|byte| vec![element(byte)])
        .collect()
}
