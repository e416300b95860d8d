//! The fields of a record: names and values that its first line gives.
//!
//! Of an object they are its scalars ([`object`]), elsewhere `key=value` pairs ([`pairs`]), what an access log has in its
//! columns ([`access`]), and who wrote the record ([`head`]). The time stamp is no field, and neither is the message: its
//! words are found as words.

mod access;
mod head;
mod object;
mod pairs;

pub(super) use access::read as read_access;
pub(super) use head::{Before, read as read_head};
pub(super) use object::read as read_object;
pub(super) use pairs::read as read_pairs;

/// Fields of a record that are kept: the first.
pub const MAX_FIELDS: usize = 32;
/// Bytes that the name of a field has at most.
pub const MAX_NAME: usize = 64;
/// Bytes that the value of a field has at most.
pub const MAX_VALUE: usize = 256;

/// Names under which records have their message, or their time.
const NO_FIELDS: &[&str] = &[
    "msg",
    "message",
    "@m",
    "time",
    "timestamp",
    "ts",
    "@timestamp",
    "datetime",
    "t",
    "@t",
];

/// The fields of a record, in the order in which they are written. A name may be there several times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// Names and values, one behind the other.
    text: String,
    /// Where each name ends, and its value.
    ends: Vec<(u32, u32)>,
}

impl Fields {
    /// The names and values, as they are written.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut start = 0;
        self.ends.iter().map(move |&(name, value)| {
            let (name, value) = (name as usize, value as usize);
            let field = (&self.text[start..name], &self.text[name..value]);
            start = value;
            field
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Adds a field. A name keeps its letters, digits, `_`, `.`, `-` and `@`, other characters become `_`; it begins with a
    /// letter, `_` or `@`. What has another name, no value, or is beyond a limit, is no field.
    pub fn add(&mut self, name: &[u8], value: &[u8]) {
        let value = value.trim_ascii();
        let fits = (1..=MAX_NAME).contains(&name.len()) && (1..=MAX_VALUE).contains(&value.len());
        if !fits || self.ends.len() == MAX_FIELDS {
            return;
        }
        let before = self.text.len();
        for letter in String::from_utf8_lossy(name).chars() {
            self.text.push(if is_in_name(letter) { letter } else { '_' });
        }
        let written = &self.text[before..];
        if !written.starts_with(begins_name)
            || NO_FIELDS.iter().any(|name| name.eq_ignore_ascii_case(written))
        {
            self.text.truncate(before);
            return;
        }
        let end = self.text.len();
        self.text.push_str(&String::from_utf8_lossy(value));
        self.ends.push((end as u32, self.text.len() as u32));
    }
}

impl<N: AsRef<str>, V: AsRef<str>> FromIterator<(N, V)> for Fields {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(all: I) -> Fields {
        let mut fields = Fields::default();
        for (name, value) in all {
            fields.add(name.as_ref().as_bytes(), value.as_ref().as_bytes());
        }
        fields
    }
}

/// Whether a letter can be in the name of a field.
pub fn is_in_name(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '.' | '-' | '@')
}

/// Whether a name of a field can begin with a letter.
pub fn begins_name(letter: char) -> bool {
    letter.is_alphabetic() || matches!(letter, '_' | '@')
}

/// The words of a text between blanks.
fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&byte| byte == b' ').filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_the_limits_is_no_field() {
        let mut fields = Fields::default();
        for (name, value) in [
            ("", "x"),
            ("a", " "),
            ("4xx", "x"),
            ("msg", "x"),
            ("@t", "x"),
            ("Message", "x"),
            (&"n".repeat(MAX_NAME + 1), "x"),
            ("a", &"v".repeat(MAX_VALUE + 1)),
        ] {
            fields.add(name.as_bytes(), value.as_bytes());
        }
        assert!(fields.is_empty());
        fields.add(b"kubernetes.io/name", b" x y\r");
        fields.add("größe".as_bytes(), b"\xFF");
        fields.add("n".repeat(MAX_NAME).as_bytes(), "v".repeat(MAX_VALUE).as_bytes());
        let found: Vec<(&str, &str)> = fields.iter().collect();
        assert_eq!(found[..2], [("kubernetes.io_name", "x y"), ("größe", "\u{FFFD}")]);
        assert_eq!((found[2].0.len(), found[2].1.len()), (MAX_NAME, MAX_VALUE));
        (0..99).for_each(|_| fields.add(b"a", b"b"));
        assert_eq!(fields.len(), MAX_FIELDS);
    }
}
