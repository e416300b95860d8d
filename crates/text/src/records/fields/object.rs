//! Of a JSON object: its scalars, those of nested objects by their path. What is in an array, and `null`, is no field.

use std::borrow::Cow;

use super::{Fields, MAX_FIELDS, MAX_NAME, MAX_VALUE};
use crate::records::json::{Value, each_field};

/// Adds the fields of a line that is an object.
pub fn read(line: &[u8], fields: &mut Fields) {
    inside(line, &[], fields);
}

/// Each level makes the names longer, so the limit of these bounds the depth.
fn inside(object: &[u8], before: &[u8], fields: &mut Fields) {
    each_field(object, |key, value| {
        let key = unescaped(key);
        if key.is_empty() {
            return false;
        }
        let name = match before {
            [] => key,
            _ => [before, b".", &key].concat().into(),
        };
        if name.len() <= MAX_NAME {
            match value {
                Value::Text(text) if text.len() <= 6 * MAX_VALUE => fields.add(&name, &unescaped(text)),
                Value::Text(_) | Value::Bare(b"null") => {}
                Value::Bare(text) => fields.add(&name, text),
                Value::Nested(text) => inside(text, &name, fields),
            }
        }
        fields.len() == MAX_FIELDS
    });
}

/// What is meant between the quotes of a string (RFC 8259, section 7); an escape that there is not stays.
fn unescaped(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\\', text).is_none() {
        return text.into();
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = memchr::memchr(b'\\', rest) {
        plain.extend_from_slice(&rest[..place]);
        rest = &rest[place..];
        let simple = match rest.get(1) {
            Some(b'n') => Some(b'\n'),
            Some(b't') => Some(b'\t'),
            Some(b'r') => Some(b'\r'),
            Some(b'b') => Some(8),
            Some(b'f') => Some(12),
            Some(&sign @ (b'"' | b'\\' | b'/')) => Some(sign),
            _ => None,
        };
        let length = match (simple, character(rest)) {
            (Some(byte), _) => {
                plain.push(byte);
                2
            }
            (None, Some((letter, length))) => {
                plain.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                length
            }
            (None, None) => {
                plain.push(b'\\');
                1
            }
        };
        rest = &rest[length..];
    }
    plain.extend_from_slice(rest);
    plain.into()
}

/// The character that `\u00e9` or a pair of surrogates at the beginning of `text` stands for, and its bytes.
fn character(text: &[u8]) -> Option<(char, usize)> {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix(b"\\u")?;
        let digits = str::from_utf8(digits).ok()?;
        let are_digits = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        are_digits.then(|| u16::from_str_radix(digits, 16).ok())?
    };
    let first = unit(0)?;
    let units = [first, unit(6).unwrap_or(0)];
    let letter = char::decode_utf16(units).next()?;
    Some(match letter {
        Ok(letter) => (letter, 6 * letter.len_utf16()),
        Err(_) => (char::REPLACEMENT_CHARACTER, 6),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(line: &str) -> Vec<(String, String)> {
        let mut fields = Fields::default();
        read(line.as_bytes(), &mut fields);
        fields
            .iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect()
    }

    #[test]
    fn scalars_by_their_path() {
        let line = r#"{"ts":1,"a":"x\"y","b":12.5,"c":{"d":true,"e":{"f":"g"},"h":null},"i":[1],"j k":"","msg":"m"}"#;
        let expected = [("a", "x\"y"), ("b", "12.5"), ("c.d", "true"), ("c.e.f", "g")];
        assert_eq!(
            fields(line),
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }

    #[test]
    fn escapes() {
        for (written, meant) in [
            (r"a\n\t\r\b\f\/\\\u00e9", "a\n\t\r\u{8}\u{c}/\\é"),
            (r"\ud83d\ude00!", "😀!"),
            (r"\ud83dx", "\u{FFFD}x"),
            (r"\u12g4\x\", r"\u12g4\x\"),
            (r"\u00+9", r"\u00+9"),
        ] {
            assert_eq!(unescaped(written.as_bytes()), meant.as_bytes(), "{written}");
        }
    }

    #[test]
    fn deep_objects_end_where_names_do() {
        let depth = 10_000;
        let line = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        assert_eq!(fields(&line), []);
        let depth = 32;
        let line = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        assert_eq!(fields(&line), [(["a"; 32].join("."), "1".to_owned())]);
    }
}
