//! The fields of records, as terms of a run.
//!
//! A record has up to three terms for each of its fields: that it has one of this name, which value, folded as words are, and
//! if that is a number, which. They begin with a byte that says which of these they are, so that those of one kind are
//! together in the dictionary; numbers are in their order.

use quern_text::{Fields, is_in_name};

use crate::words::fold_all;

/// A name follows.
const NAME: u8 = 0;
/// A name, a NUL and a value follow.
const VALUE: u8 = 1;
/// A name, a NUL and a number follow.
const NUMBER: u8 = 2;

/// The terms of a record's fields, one behind the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct FieldTerms {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl FieldTerms {
    pub fn of(fields: &Fields) -> FieldTerms {
        let mut terms = FieldTerms::default();
        for (name, value) in fields.iter() {
            let name = fold_all(name);
            // A few letters become two, of which one is a mark: no query could name those.
            if !name.chars().all(is_in_name) {
                continue;
            }
            terms.add(&name_term(&name));
            terms.add(&value_term(&name, &fold_all(value)));
            if let Some(number) = Number::of(value) {
                terms.add(&number_term(&name, number));
            }
        }
        terms
    }

    fn add(&mut self, term: &[u8]) {
        self.bytes.extend_from_slice(term);
        self.ends.push(self.bytes.len() as u32);
    }

    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let term = &self.bytes[start..end as usize];
            start = end as usize;
            term
        })
    }
}

/// What those have that have a field of this name.
pub(crate) fn name_term(name: &str) -> Vec<u8> {
    [&[NAME], name.as_bytes()].concat()
}

/// The name that a term stands for, if it is one of those.
pub(crate) fn name_of(term: &[u8]) -> Option<&str> {
    let name = term.strip_prefix(&[NAME])?;
    str::from_utf8(name).ok()
}

/// What those have that have a field of this name and value; a value's first bytes give the beginning of a term.
pub(crate) fn value_term(name: &str, value: &str) -> Vec<u8> {
    [&[VALUE], name.as_bytes(), &[0], value.as_bytes()].concat()
}

/// What those have of which a field of this name is a number.
pub(crate) fn number_term(name: &str, number: Number) -> Vec<u8> {
    [&[NUMBER], name.as_bytes(), &[0], &number.0.to_be_bytes()].concat()
}

/// A number. They are as exact as those of 64 bits with a floating point are, and none is infinite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(u64);

impl Number {
    /// The least and the greatest.
    pub(crate) const ALL: [Number; 2] = [Number(0), Number(u64::MAX)];

    /// The number that a text is, in decimal notation: `12`, `-0.5`, `1e9`.
    pub fn of(text: &str) -> Option<Number> {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let is_decimal = digits.starts_with(|c: char| c.is_ascii_digit());
        let value: f64 = is_decimal.then(|| text.parse().ok())??;
        value.is_finite().then(|| Number::from(value))
    }

    /// The one behind it.
    pub(crate) fn next(self) -> Number {
        Number(self.0.saturating_add(1))
    }

    /// The one before it.
    pub(crate) fn previous(self) -> Number {
        Number(self.0.saturating_sub(1))
    }

    fn value(self) -> f64 {
        f64::from_bits(match self.0 >> 63 {
            1 => self.0 ^ 1 << 63,
            _ => !self.0,
        })
    }
}

/// The total order of IEEE 754 on bits, but that there is one zero.
impl From<f64> for Number {
    fn from(value: f64) -> Number {
        let bits = (value + 0.0).to_bits();
        Number(match bits >> 63 {
            0 => bits | 1 << 63,
            _ => !bits,
        })
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.value())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_a_number() {
        for text in [
            "0",
            "-0",
            "12",
            "+3.50",
            "-1e-3",
            "1E5",
            "007",
            "9007199254740993",
        ] {
            let number = Number::of(text).unwrap();
            assert_eq!(number.value(), text.parse::<f64>().unwrap(), "{text}");
            assert_eq!(Number::of(&number.to_string()), Some(number));
        }
        for text in [
            "", "-", "x", "inf", "NaN", "-inf", "1e999", ".5", "1 ", "12ms", "0x10", "1.2.3", "--1",
        ] {
            assert_eq!(Number::of(text), None, "{text}");
        }
        assert_eq!(Number::of("-0"), Number::of("0"));
    }

    #[test]
    fn a_field_has_up_to_three_terms() {
        let fields: Fields = [("Status", "500"), ("user", "Ärger")].into_iter().collect();
        let terms = FieldTerms::of(&fields);
        let number = number_term("status", Number::from(500.0));
        let expected: [&[u8]; 5] = [
            b"\0status",
            b"\x01status\x00500",
            &number,
            b"\0user",
            "\u{1}user\0ärger".as_bytes(),
        ];
        assert_eq!(terms.iter().collect::<Vec<_>>(), expected);
        assert_eq!(name_of(b"\0status"), Some("status"));
        assert_eq!(name_of(&number), None);
    }

    proptest! {
        #[test]
        fn terms_of_numbers_are_in_their_order(a in any::<f64>(), b in any::<f64>()) {
            prop_assume!(a.is_finite() && b.is_finite());
            let (one, other) = (Number::from(a), Number::from(b));
            prop_assert_eq!(one.cmp(&other), a.partial_cmp(&b).unwrap());
            prop_assert_eq!(one.value(), a);
            let terms = [number_term("x", one), number_term("x", other)];
            prop_assert_eq!(terms[0].cmp(&terms[1]), one.cmp(&other));
        }
    }
}
