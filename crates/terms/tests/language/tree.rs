//! Trees as text, for tables.

use quern_terms::language::{Clause, Kind};

/// `[+required optional -excluded]` for a group, `(kind text)` for other clauses, a word as it is.
pub fn shown(clause: &Clause) -> String {
    match &clause.kind {
        Kind::Everything => "*".to_owned(),
        Kind::Word(word) => text(word),
        Kind::Fuzzy { word, edits } => format!("(fuzzy {} {edits})", text(word)),
        Kind::Prefix(word) => format!("(prefix {})", text(word)),
        Kind::Phrase(phrase) => format!("(phrase {})", text(phrase)),
        Kind::Regex(regex) => format!("(regex {})", text(regex)),
        Kind::Path(glob) => format!("(path {})", text(glob)),
        Kind::Language(name) => format!("(lang {})", text(name)),
        Kind::Symbol(name) => format!("(symbol {})", shown(name)),
        Kind::Time(span) => format!("(time {span})"),
        Kind::Level(span) => format!("(level {span})"),
        Kind::Field { name, test } => format!("(field {name} {test})"),
        Kind::Group { all, any, none } => {
            let signed = |sign, clauses: &[Clause]| -> Vec<String> {
                clauses
                    .iter()
                    .map(|clause| format!("{sign}{}", shown(clause)))
                    .collect()
            };
            let terms = [signed("+", all), signed("", any), signed("-", none)].concat();
            format!("[{}]", terms.join(" "))
        }
    }
}

/// In quotes where it could be taken for something else.
fn text(text: &str) -> String {
    if text.contains(|c: char| c.is_whitespace() || "()[]\"\\+-*".contains(c)) {
        format!("'{text}'")
    } else {
        text.to_owned()
    }
}

/// A clause and those in it, from the outside in.
pub fn walk<'tree>(clause: &'tree Clause, visit: &mut dyn FnMut(&'tree Clause)) {
    visit(clause);
    match &clause.kind {
        Kind::Symbol(name) => walk(name, visit),
        Kind::Group { all, any, none } => {
            let inner = all.iter().chain(any).chain(none);
            inner.for_each(|clause| walk(clause, visit));
        }
        _ => {}
    }
}
