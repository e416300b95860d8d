//! A tree as a query.
//!
//! It is canonical: trees that differ in no more than spans are written alike, and the strict parser with
//! [`Operator::Any`](super::Operator::Any) reads the tree of a parsed query back from it, unless escapes make it longer
//! than `max_bytes`. So it can be the key of a cache, and show how a query was understood.

use std::fmt::{self, Display, Formatter};

use super::text::{RECORDED, escape, quote, slash, value};
use super::{Clause, Kind};

impl Display for Clause {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl Display for Kind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Everything => f.write_str("*"),
            Kind::Word(word) => f.write_str(&escape(word)),
            Kind::Fuzzy { word, edits } => write!(f, "{}~{edits}", escape(word)),
            Kind::Prefix(word) => write!(f, "{}*", escape(word)),
            Kind::Phrase(text) => f.write_str(&quote(text)),
            Kind::Regex(regex) => f.write_str(&slash(regex)),
            Kind::Path(glob) => write!(f, "path:{}", value(glob)),
            Kind::Language(name) => write!(f, "lang:{}", value(name)),
            Kind::Symbol(name) => write!(f, "symbol:{name}"),
            Kind::Time(span) => write!(f, "time:{span}"),
            Kind::Level(span) => write!(f, "level:{span}"),
            Kind::Field { name, test } => write!(f, "{RECORDED}{name}:{test}"),
            Kind::Group { all, any, none } => {
                let all = all.iter().map(Term::required);
                let any = any.iter().map(Term::optional);
                let none = none.iter().map(Term::excluded);
                for (index, term) in all.chain(any).chain(none).enumerate() {
                    let separator = if index == 0 { "" } else { " " };
                    write!(f, "{separator}{term}")?;
                }
                Ok(())
            }
        }
    }
}

/// A clause of a group.
struct Term<'tree> {
    sign: &'static str,
    parenthesized: bool,
    clause: &'tree Clause,
}

impl Term<'_> {
    fn signed<'tree>(sign: &'static str, clause: &'tree Clause) -> Term<'tree> {
        Term {
            sign,
            parenthesized: matches!(clause.kind, Kind::Group { .. }),
            clause,
        }
    }

    fn required(clause: &Clause) -> Term<'_> {
        Term::signed(if clause.kind.is_required() { "" } else { "+" }, clause)
    }

    fn optional(clause: &Clause) -> Term<'_> {
        let term = Term::signed("", clause);
        Term {
            parenthesized: term.parenthesized || clause.kind.is_required(),
            ..term
        }
    }

    fn excluded(clause: &Clause) -> Term<'_> {
        Term::signed("-", clause)
    }
}

impl Display for Term<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Term { sign, clause, .. } = self;
        match self.parenthesized {
            true => write!(f, "{sign}({clause})"),
            false => write!(f, "{sign}{clause}"),
        }
    }
}
