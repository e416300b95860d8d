//! How spans are written behind `time:` and `level:`: `value`, `>=value`, `[from TO until}`, `*`.

use std::ops::Range;

/// Where a span begins and ends; `None`: on that side it is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ends {
    pub from: Option<End>,
    pub until: Option<End>,
}

/// One of the two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct End {
    /// Bytes of the query.
    pub text: Range<usize>,
    /// Whether the span has it in it.
    pub included: bool,
}

impl Ends {
    /// The ends of the span that is written in `value`, bytes of the query; `None`: in brackets there is no `TO` between two
    /// values, or no value behind a sign. A bracket that is missing at the end is taken as `]`.
    pub fn read(query: &str, value: Range<usize>) -> Option<Ends> {
        let text = &query[value.clone()];
        let open = match text.as_bytes().first()? {
            b'[' | b'{' => return Ends::in_brackets(query, value),
            b'>' | b'<' => 1 + usize::from(text[1..].starts_with('=')),
            _ => 0,
        };
        let written = value.start + open..value.end;
        if written.is_empty() {
            return None;
        }
        let end = |included| end(query, written.clone(), included);
        let included = open != 1;
        Some(match text.as_bytes()[0] {
            b'>' => Ends {
                from: end(included),
                until: None,
            },
            b'<' => Ends {
                from: None,
                until: end(included),
            },
            _ => Ends {
                from: end(true),
                until: end(true),
            },
        })
    }

    fn in_brackets(query: &str, value: Range<usize>) -> Option<Ends> {
        let text = &query[value.clone()];
        let closing = usize::from(text.ends_with([']', '}']));
        let inner = value.start + 1..value.end - closing;
        let to = inner.start + query[inner.clone()].find(" TO ")?;
        let (from, until) = (trimmed(query, inner.start..to), trimmed(query, to + 4..inner.end));
        (!from.is_empty() && !until.is_empty()).then(|| Ends {
            from: end(query, from, text.starts_with('[')),
            until: end(query, until, !text.ends_with('}')),
        })
    }
}

fn end(query: &str, text: Range<usize>, included: bool) -> Option<End> {
    (&query[text.clone()] != "*").then_some(End { text, included })
}

/// A part of the query without the white space around it.
fn trimmed(query: &str, part: Range<usize>) -> Range<usize> {
    let text = &query[part.clone()];
    let start = part.start + text.len() - text.trim_start().len();
    start..start + text.trim().len()
}
