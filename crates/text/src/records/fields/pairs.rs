//! `key=value` pairs of a line, wherever they stand in it.

use super::{Fields, MAX_FIELDS};

/// Adds the pairs of a text. A key is a name behind white space or one of `,;[({<|`, a value goes on to white space or one of
/// `,;])}>`, or stands in quotes.
pub fn read(text: &[u8], fields: &mut Fields) {
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'=', &text[at..]) {
        let equals = at + found;
        let behind = &text[equals + 1..];
        // The key first: a value that is none may be as long as the line.
        let pair = key(&text[at..equals]).and_then(|key| Some((key, value(behind)?)));
        at = equals + 1;
        if let Some((key, (range, length))) = pair {
            fields.add(key, &behind[range]);
            at += length;
        }
        if fields.len() == MAX_FIELDS {
            break;
        }
    }
}

/// The key that a text ends with.
fn key(before: &[u8]) -> Option<&[u8]> {
    let letters = before.iter().rev().take_while(|&&byte| is_in_key(byte)).count();
    let (before, key) = before.split_at(before.len() - letters);
    let stands_free = before
        .last()
        .is_none_or(|byte| byte.is_ascii_whitespace() || b",;[({<|".contains(byte));
    (stands_free && key.first().is_some_and(|&byte| is_first(byte))).then_some(key)
}

fn is_first(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte == b'@'
}

fn is_in_key(byte: u8) -> bool {
    is_first(byte) || byte.is_ascii_digit() || matches!(byte, b'.' | b'-')
}

/// Where a value is at the beginning of a text, and where what is behind it begins; `None`: there is none that could be told
/// from the text around it.
fn value(text: &[u8]) -> Option<(std::ops::Range<usize>, usize)> {
    match text.first()? {
        b'"' => {
            let end = 1 + quote(&text[1..])?;
            Some((1..end, end + 1))
        }
        b'=' | b'~' | b'>' | b'[' | b'(' | b'{' | b'<' => None,
        _ => {
            let ends = |byte: &u8| byte.is_ascii_whitespace() || b",;])}>".contains(byte);
            let end = text.iter().position(ends).unwrap_or(text.len());
            (end > 0).then_some((0..end, end))
        }
    }
}

/// Where the next quote is that is not behind a backslash.
pub(super) fn quote(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fields(line: &str) -> Vec<String> {
        let mut fields = Fields::default();
        read(line.as_bytes(), &mut fields);
        fields
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect()
    }

    #[test]
    fn pairs_and_what_looks_like_some() {
        let rows: &[(&str, &[&str])] = &[
            ("a=1 b=\"x y\" c=", &["a=1", "b=x y"]),
            ("x: k8s.pod-1=a,b_2=c;@d=e", &["k8s.pod-1=a", "b_2=c", "@d=e"]),
            (
                " failure; logname= uid=0 rhost=218.188.2.4  user=root\r",
                &["uid=0", "rhost=218.188.2.4", "user=root"],
            ),
            (
                "<memory:0, vCores=4> {x=1} (y=2) [z=3]",
                &["vCores=4", "x=1", "y=2", "z=3"],
            ),
            ("GET /a?b=1&c=2 if a==b a=>b a=~b 1a=2 -a=3 a = 4 é=5", &[]),
            ("v=\"open a=b", &["a=b"]),
            (
                "v=\"a\\\"b\" w=http://x/?y=1&z=2",
                &["v=a\\\"b", "w=http://x/?y=1&z=2"],
            ),
            ("headroom=<memory:0, list=[1, 2] empty=\"\" z=1", &["z=1"]),
            ("=", &[]),
        ];
        for (line, expected) in rows {
            assert_eq!(fields(line), *expected, "{line}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_safe(line in r#"[ab= "\\,<é]{0,40}"#) {
            fields(&line);
        }
    }
}
