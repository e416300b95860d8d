//! Code: a passage is a definition with what stands directly above it, its comment and its attributes.

use std::ops::Range;

use super::cursor::{Cursor, Symbols};
use super::passages::{Kind, Row};
use super::plain::{Line, lines};
use super::syntax::{Found, Syntax};

/// The rows of code; names of definitions go to `symbols`.
pub(super) fn rows(text: &[u8], part: Range<usize>, syntax: &Syntax, symbols: &mut Symbols) -> Vec<Row> {
    let mut reader = Reader {
        syntax,
        open: Open::Nothing,
        rows: Vec::with_capacity(part.len() / 32),
        lead: None,
    };
    for line in lines(text, part) {
        reader.read(&line, symbols);
    }
    reader.rows
}

struct Reader<'s> {
    syntax: &'s Syntax,
    open: Open,
    rows: Vec<Row>,
    /// The first of the lines directly above that belong to what comes.
    lead: Option<usize>,
}

/// What the lines above have begun.
#[derive(Clone, Copy)]
enum Open {
    Nothing,
    Comment,
    /// An attribute, until a line that is indented no more than this.
    Attribute(u8),
}

impl Reader<'_> {
    fn read(&mut self, line: &Line<'_>, symbols: &mut Symbols) {
        let found = self.look(line, symbols);
        let kind = match found {
            Found::Lead => Kind::Lead,
            Found::Nothing if is_tail(line) => Kind::Tail,
            _ => Kind::Other,
        };
        let number = self.rows.len();
        self.rows.push(line.row(kind));
        if found == Found::Lead {
            self.lead.get_or_insert(number);
            return;
        }
        let lead = self.lead.take();
        if found == Found::Definition {
            let above = lead.filter(|&row| self.rows[row].indent <= line.indent);
            self.rows[above.unwrap_or(number)].begins = true;
        }
    }

    fn look(&mut self, line: &Line<'_>, symbols: &mut Symbols) -> Found {
        match self.open {
            Open::Comment => return self.in_comment(line.ink()),
            Open::Attribute(indent) => {
                if !line.is_blank() {
                    if line.indent <= indent {
                        self.open = Open::Nothing;
                    }
                    return Found::Lead;
                }
                self.open = Open::Nothing;
            }
            Open::Nothing => {}
        }
        let ink = line.ink();
        let begins = |token: &&str| ink.starts_with(token.as_bytes());
        if ink.is_empty() {
            Found::Nothing
        } else if let Some((open, _)) = self.syntax.block.filter(|(open, _)| begins(open)) {
            self.in_comment(&ink[open.len()..])
        } else if self.syntax.comments.iter().any(begins) {
            Found::Lead
        } else if self.syntax.attributes.iter().any(begins) {
            if line.opens() {
                self.open = Open::Attribute(line.indent);
            }
            Found::Lead
        } else {
            self.syntax.scan(Cursor::new(*line, self.syntax.letters), symbols)
        }
    }

    /// A line of a comment, from behind what opens it.
    fn in_comment(&mut self, ink: &[u8]) -> Found {
        let close = self.syntax.block.map_or("", |(_, close)| close);
        let closes = memchr::memmem::find(ink, close.as_bytes()).is_some();
        self.open = if closes { Open::Nothing } else { Open::Comment };
        Found::Lead
    }
}

/// Whether the line closes what lines above have opened, or opens the body of what they name.
fn is_tail(line: &Line<'_>) -> bool {
    line.closes() || matches!(line.ink(), b"{" | b"end" | b"end;") || line.ink().starts_with(b"#endif")
}
