//! Lines that are a JSON object: its keys and values.

/// A value of an object's first level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'t> {
    /// What is between the quotes, escapes as they are written.
    Text(&'t [u8]),
    /// A number or a word.
    Bare(&'t [u8]),
    /// An array or an object, with its brackets.
    Nested(&'t [u8]),
}

/// Hands the keys of an object and their values to `each`, until that says that it has enough or the line is no object any
/// more.
pub(super) fn each_field<'t>(line: &'t [u8], mut each: impl FnMut(&'t [u8], Value<'t>) -> bool) {
    let mut at = Scanner { text: line, at: 0 };
    if !at.eat(b'{') {
        return;
    }
    loop {
        let Some(key) = at.string() else { return };
        if !at.eat(b':') {
            return;
        }
        let Some(value) = at.value() else { return };
        if each(key, value) || !at.eat(b',') {
            return;
        }
    }
}

struct Scanner<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Scanner<'t> {
    fn peek(&mut self) -> u8 {
        let rest = &self.text[self.at..];
        self.at += rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.text.get(self.at).copied().unwrap_or(0)
    }

    fn eat(&mut self, byte: u8) -> bool {
        let eats = self.peek() == byte;
        self.at += usize::from(eats);
        eats
    }

    /// What is between the quotes.
    fn string(&mut self) -> Option<&'t [u8]> {
        if !self.eat(b'"') {
            return None;
        }
        let start = self.at;
        loop {
            self.at += memchr::memchr2(b'"', b'\\', &self.text[self.at..])?;
            if self.text[self.at] == b'"' {
                self.at += 1;
                return Some(&self.text[start..self.at - 1]);
            }
            self.at = (self.at + 2).min(self.text.len());
        }
    }

    fn value(&mut self) -> Option<Value<'t>> {
        match self.peek() {
            b'"' => self.string().map(Value::Text),
            b'{' | b'[' => {
                let start = self.at;
                self.nested()?;
                Some(Value::Nested(&self.text[start..self.at]))
            }
            _ => {
                let start = self.at;
                let length = memchr::memchr3(b',', b'}', b']', &self.text[start..])?;
                self.at += length;
                Some(Value::Bare(self.text[start..self.at].trim_ascii_end()))
            }
        }
    }

    /// Goes behind an array or object.
    fn nested(&mut self) -> Option<()> {
        let mut depth = 0usize;
        loop {
            match self.text.get(self.at)? {
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                b'"' => {
                    self.string()?;
                    continue;
                }
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Some(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fields(line: &str) -> Vec<(String, String)> {
        let mut found = Vec::new();
        each_field(line.as_bytes(), |key, value| {
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            found.push((
                text(key),
                match value {
                    Value::Text(bytes) => format!("\"{}\"", text(bytes)),
                    Value::Bare(bytes) => text(bytes),
                    Value::Nested(_) => "…".to_owned(),
                },
            ));
            false
        });
        found
    }

    #[test]
    fn keys_of_the_first_level() {
        let line = r#"{"a":"x\"},","b" : 12 ,"c":{"a":[1,"]"]},"d":[{}],"e":null}"#;
        let found = fields(line);
        let shown: Vec<(&str, &str)> = found.iter().map(|(key, value)| (&**key, &**value)).collect();
        assert_eq!(
            shown,
            [
                ("a", r#""x\"},""#),
                ("b", "12"),
                ("c", "…"),
                ("d", "…"),
                ("e", "null")
            ]
        );
    }

    #[test]
    fn what_is_no_object_ends_where_it_goes_wrong() {
        for (line, count) in [
            ("", 0),
            ("{}", 0),
            ("[1]", 0),
            (r#"{"a"1}"#, 0),
            (r#"{"a":1 "b":2}"#, 1),
            (r#"{"a":1,"b":{"#, 1),
            (r#"{"a":1,"b":"x\"#, 1),
            (r#"{"a":1,"b":2"#, 1),
        ] {
            assert_eq!(fields(line).len(), count, "{line}");
        }
    }

    #[test]
    fn enough_is_enough() {
        let mut seen = 0;
        each_field(br#"{"a":1,"b":2}"#, |_, _| {
            seen += 1;
            true
        });
        assert_eq!(seen, 1);
    }

    proptest! {
        #[test]
        fn any_bytes_are_safe(line in r#"[{}\[\]",:\\ a1]{0,40}"#) {
            fields(&line);
        }
    }
}
