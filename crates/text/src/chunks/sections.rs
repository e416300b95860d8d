//! Documents: a passage is a section, from its heading on.

use std::ops::Range;

use bstr::ByteSlice;

use super::cursor::Symbols;
use super::passages::{Kind, Row, Shape};
use super::plain::{Line, lines};

/// How headings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Markup {
    /// `## Heading`, or a line below that is nothing but `=` or `-`. Not in fenced code.
    Markdown,
    /// reStructuredText: a line below, perhaps one above too, that is nothing but one mark of punctuation.
    Underlined,
    /// `== Heading`. Not in listings.
    Asciidoc,
    /// `<h2>Heading</h2>`
    Html,
    /// `\section{Heading}`
    Tex,
    /// `[heading]`; `[[item]]` begins a section too, but does not name it.
    Table,
    /// This byte, once or more, then a blank: `** Heading`.
    Marked(u8),
    /// This and a digit, then a blank: `=head1 Heading`.
    Command(&'static str),
}

impl Markup {
    /// How long its chunks should be.
    pub(super) fn shape(self) -> Shape {
        match self {
            Markup::Table => Shape::CODE,
            _ => Shape::SECTIONS,
        }
    }
}

/// The rows of a document; the texts of headings go to `symbols`.
pub(super) fn rows(text: &[u8], part: Range<usize>, markup: Markup, symbols: &mut Symbols) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::with_capacity(part.len() / 32);
    let mut fence = None;
    let mut above = [None, None];
    for line in lines(text, part) {
        let number = rows.len();
        rows.push(line.row(if line.closes() { Kind::Tail } else { Kind::Other }));
        if is_fenced(&line, &mut fence, markup) {
            above = [None, None];
        } else if let Some(title) = heading(&line, markup) {
            rows[number].begins = true;
            symbols.extend((!title.is_empty()).then_some(title));
            above = [None, None];
        } else if let Some((title, lines)) = underlined(&line, &above, markup) {
            rows[number + 1 - lines].begins = true;
            symbols.push(title);
            above = [None, None];
        } else {
            above = [above[1], Some(line)];
        }
    }
    rows
}

/// Whether the line is in a block of code or delimits one; `fence` is what opened the block.
fn is_fenced(line: &Line<'_>, fence: &mut Option<[u8; 3]>, markup: Markup) -> bool {
    let ink = line.ink();
    let fences: &[&[u8; 3]] = match markup {
        Markup::Markdown => &[b"```", b"~~~"],
        Markup::Asciidoc => &[b"---", b"..."],
        _ => return false,
    };
    let token = fences.iter().find(|token| ink.starts_with(&token[..]));
    let is_bare = ink.iter().all(|byte| ink.first() == Some(byte));
    match (*fence, token) {
        (None, None) => return false,
        (None, Some(&&token)) => {
            if markup == Markup::Asciidoc && !(is_bare && ink.len() > 3) {
                return false;
            }
            *fence = Some(token);
        }
        (Some(open), Some(&&token)) if open == token && is_bare => *fence = None,
        (Some(_), _) => {}
    }
    true
}

/// The text of the heading that the line is, perhaps empty.
fn heading(line: &Line<'_>, markup: Markup) -> Option<Range<usize>> {
    let ink = line.ink();
    let (from, to) = match markup {
        Markup::Markdown if line.indent < 4 => marked(ink, b'#').filter(|(level, _)| *level <= 6)?,
        Markup::Asciidoc => marked(ink, b'=')?,
        Markup::Marked(mark) if line.indent == 0 => marked(ink, mark)?,
        Markup::Html => html(ink)?,
        Markup::Tex => tex(ink)?,
        Markup::Table if line.indent == 0 => table(ink)?,
        Markup::Command(command) => {
            let rest = ink.strip_prefix(command.as_bytes())?;
            matches!(rest, [b'0'..=b'9', b' ', ..]).then_some((command.len() + 2, ink.len()))?
        }
        _ => return None,
    };
    let title = ink[from..to].trim();
    let from = from + ink[from..to].find(title).unwrap_or(0);
    Some(line.ink + from..line.ink + from + title.len())
}

/// Where the heading behind a run of `mark` begins and ends. The run may be repeated behind it, after a blank.
fn marked(ink: &[u8], mark: u8) -> Option<(usize, usize)> {
    let level = ink.iter().take_while(|&&byte| byte == mark).count();
    let rest = &ink[level..];
    let is_heading = level > 0 && matches!(rest, [] | [b' ' | b'\t', ..]);
    let repeated = rest.iter().rev().take_while(|&&byte| byte == mark).count();
    let bare = &rest[..rest.len() - repeated];
    let closed = matches!(bare, [.., b' ' | b'\t']);
    is_heading.then_some((level, if closed { level + bare.len() } else { ink.len() }))
}

/// `<h1>` to `<h6>` at the start of the line: the first text in it that is no tag.
fn html(ink: &[u8]) -> Option<(usize, usize)> {
    let [b'<', b'h' | b'H', b'1'..=b'6', b' ' | b'>', ..] = ink else {
        return None;
    };
    let mut from = 0;
    while ink.get(from) == Some(&b'<') {
        from += ink[from..].find_byte(b'>')? + 1;
    }
    let length = ink[from..].find_byte(b'<').unwrap_or(ink.len() - from);
    Some((from, from + length))
}

fn table(ink: &[u8]) -> Option<(usize, usize)> {
    let name = ink.strip_prefix(b"[")?;
    let close = name.find_byte(b']').filter(|&close| close > 0)?;
    Some(if name[0] == b'[' { (0, 0) } else { (1, close + 1) })
}

fn tex(ink: &[u8]) -> Option<(usize, usize)> {
    let command = ink.strip_prefix(b"\\")?;
    let open = command.find_byte(b'{')?;
    let name = command[..open].strip_suffix(b"*").unwrap_or(&command[..open]);
    let is_heading = [
        &b"part"[..],
        b"chapter",
        b"section",
        b"subsection",
        b"subsubsection",
    ]
    .contains(&name);
    let close = command
        .find_byte(b'}')
        .filter(|&close| close > open && is_heading)?;
    Some((open + 2, close + 1))
}

/// The title above a line of marks, and how many lines the heading has. A title stands behind a blank line, or has such a
/// line above it too.
fn underlined(
    line: &Line<'_>,
    above: &[Option<Line<'_>>; 2],
    markup: Markup,
) -> Option<(Range<usize>, usize)> {
    let mark = mark(line)?;
    let [before, title] = above;
    let title = title.filter(|title| !title.is_blank() && title.ink() != line.ink())?;
    let overlined = before.is_some_and(|before| before.ink() == line.ink());
    let stands_alone = before.is_none_or(|before| before.is_blank());
    let is_title = match markup {
        Markup::Markdown => stands_alone && matches!(mark, b'=' | b'-') && title.indent < 4,
        Markup::Underlined => {
            (stands_alone && title.indent == 0 || overlined)
                && line.ink().len() >= title.ink().chars().count()
        }
        _ => false,
    };
    is_title.then_some((title.ink..title.end, if overlined { 3 } else { 2 }))
}

/// The mark of punctuation that the line is a run of, three or more.
fn mark(line: &Line<'_>) -> Option<u8> {
    let (&first, rest) = line.ink().split_first()?;
    let is_run = rest.len() >= 2 && rest.iter().all(|&byte| byte == first);
    (is_run && line.indent == 0 && first.is_ascii_punctuation()).then_some(first)
}
