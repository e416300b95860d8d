//! Finite sets of strings: what a piece of a pattern may match, when that is few enough to list.
//!
//! A string is a sequence of [`Element`]s. An element is a byte that is known exactly, or only the symbol of a byte:
//! `[aA]` is one symbol, `A` is one byte. Exact bytes are what capital and high grams need, symbols are what keeps
//! sets small when case is ignored.

use crate::symbols::{LINE_END, SYMBOLS};

/// One position of a string: an exact byte, or a symbol.
///
/// Bytes whose symbol is the line end are not told apart: no gram but a base gram may hold one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Element(u16);

/// Values from here on are symbols, values below are bytes.
const FIRST_SYMBOL: u16 = 256;

impl Element {
    /// A line end: CR, LF, or the virtual one that opens and closes a block.
    pub(super) const LINE_END: Element = Element(FIRST_SYMBOL + LINE_END as u16);

    /// Exactly this byte.
    pub(super) fn byte(byte: u8) -> Element {
        match SYMBOLS[byte as usize] {
            LINE_END => Element::LINE_END,
            _ => Element(byte.into()),
        }
    }

    /// Some byte of this symbol.
    pub(super) fn any_of_symbol(symbol: u8) -> Element {
        Element(FIRST_SYMBOL + u16::from(symbol))
    }

    /// The symbol at this position.
    pub(super) fn symbol(self) -> u8 {
        match self.exact() {
            Some(byte) => SYMBOLS[byte as usize],
            None => (self.0 - FIRST_SYMBOL) as u8,
        }
    }

    /// The byte at this position, if it is known.
    pub(super) fn exact(self) -> Option<u8> {
        u8::try_from(self.0).ok()
    }
}

/// A set of strings, sorted and without duplicates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Strings(Vec<Vec<Element>>);

impl Strings {
    /// No string: what a pattern that cannot match matches.
    pub(super) fn none() -> Strings {
        Strings(Vec::new())
    }

    /// The empty string alone. As a set of beginnings or ends it says nothing.
    pub(super) fn empty() -> Strings {
        Strings(vec![Vec::new()])
    }

    /// One string.
    pub(super) fn one(string: Vec<Element>) -> Strings {
        Strings(vec![string])
    }

    /// These bytes, exactly.
    pub(super) fn literal(bytes: &[u8]) -> Strings {
        Strings::one(bytes.iter().map(|&byte| Element::byte(byte)).collect())
    }

    /// The set of these strings.
    pub(super) fn from_vec(mut strings: Vec<Vec<Element>>) -> Strings {
        strings.sort_unstable();
        strings.dedup();
        Strings(strings)
    }

    /// Number of strings.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no string at all (the empty string is one).
    pub(super) fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// Total length of all strings.
    pub(super) fn elements(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }

    /// The strings in order.
    pub(super) fn iter(&self) -> std::slice::Iter<'_, Vec<Element>> {
        self.0.iter()
    }

    /// The strings in order, owned.
    pub(super) fn into_vec(self) -> Vec<Vec<Element>> {
        self.0
    }

    /// Each string of this set followed by each string of the other.
    pub(super) fn cross(&self, after: &Strings) -> Strings {
        let pairs = self
            .0
            .iter()
            .flat_map(|x| after.0.iter().map(move |y| [x.as_slice(), y].concat()));
        Strings::from_vec(pairs.collect())
    }

    /// The strings of both sets.
    pub(super) fn union(mut self, other: Strings) -> Strings {
        self.0.extend(other.0);
        Strings::from_vec(self.0)
    }

    /// The strings cut to their first `length` elements.
    pub(super) fn beginnings(&self, length: usize) -> Strings {
        Strings::from_vec(self.0.iter().map(|x| x[..x.len().min(length)].to_vec()).collect())
    }

    /// The strings cut to their last `length` elements.
    pub(super) fn ends(&self, length: usize) -> Strings {
        Strings::from_vec(
            self.0
                .iter()
                .map(|x| x[x.len().saturating_sub(length)..].to_vec())
                .collect(),
        )
    }
}
