//! What grep-regex makes of patterns before it compiles them.
//!
//! grep-regex keeps its intermediate representation to itself, but the gram planner and the attribution of matches
//! need it, one for each pattern. This module repeats its construction (`grep_regex::config`): the same flags, the
//! same rule for smart case over all patterns together, the same removal of line terminators, the same anchors around
//! `-w` and `-x`. Tests hold it against the matcher itself.
//!
//! grep-regex joins patterns as text, `(?:first)|(?:second)`. Strange patterns become legal that way (`a)|(?:b`), or
//! leak their flags into the next one (`a)(?i`). Patterns are therefore taken apart only if each of them stands on its
//! own, bare and inside a group; otherwise they count as one.

use regex_syntax::ast::{self, Ast};
use regex_syntax::hir::translate::TranslatorBuilder;
use regex_syntax::hir::{Hir, Look};

use crate::options::{Case, PatternOptions};
use crate::strip;

/// grep-regex's bound on the depth of nested groups.
const NEST_LIMIT: u32 = 250;

/// One expression for each pattern, or a single one for all where they cannot be told apart.
///
/// The patterns must have been accepted by grep-regex.
pub(crate) fn hirs(options: &PatternOptions) -> Vec<Hir> {
    let whole = if literal(options) {
        Some(
            options
                .patterns
                .iter()
                .map(|pattern| Hir::literal(pattern.as_bytes()))
                .collect(),
        )
    } else {
        regexes(options)
    };
    // An empty expression matches everywhere: the widest answer, should the two parsers ever disagree.
    let hirs = whole.unwrap_or_else(|| vec![Hir::empty()]);
    hirs.into_iter().map(|hir| bounded(hir, options)).collect()
}

/// The patterns joined into one, as grep-regex joins them.
pub(crate) fn joined(options: &PatternOptions) -> String {
    options
        .patterns
        .iter()
        .map(|pattern| grouped(pattern, options))
        .collect::<Vec<_>>()
        .join("|")
}

/// Parses as grep-regex does.
#[allow(
    clippy::result_large_err,
    reason = "regex-syntax's own error, met once a query"
)]
pub(crate) fn parse(pattern: &str) -> Result<Ast, ast::Error> {
    ast::parse::ParserBuilder::new()
        .nest_limit(NEST_LIMIT)
        .build()
        .parse(pattern)
}

/// Translates as grep-regex does, letter case given.
pub(crate) fn translate(
    pattern: &str,
    ast: &Ast,
    insensitive: bool,
    options: &PatternOptions,
) -> Result<Hir, regex_syntax::hir::Error> {
    TranslatorBuilder::new()
        .utf8(false)
        .case_insensitive(insensitive)
        .multi_line(true)
        .dot_matches_new_line(options.multiline && options.multiline_dotall)
        .crlf(options.ends_crlf())
        .unicode(options.unicode)
        .build()
        .translate(pattern, ast)
}

/// Whether letter case is ignored in `ast`, which stands for all patterns together.
pub(crate) fn ignores_case(ast: &Ast, options: &PatternOptions) -> bool {
    match options.case {
        Case::Sensitive => false,
        Case::Insensitive => true,
        Case::Smart => {
            let mut letters = Letters::default();
            letters.visit(ast);
            letters.literal && !letters.uppercase
        }
    }
}

fn regexes(options: &PatternOptions) -> Option<Vec<Hir>> {
    let joined = joined(options);
    let ast = parse(&joined).ok()?;
    let insensitive = ignores_case(&ast, options);
    let stripped = |hir| match options.line_end() {
        Some(bytes) => strip::without(hir, bytes),
        None => hir,
    };
    if options
        .patterns
        .iter()
        .all(|pattern| stands_alone(pattern, options))
    {
        let each = options.patterns.iter().map(|pattern| {
            let group = grouped(pattern, options);
            translate(&group, &parse(&group).ok()?, insensitive, options)
                .ok()
                .map(stripped)
        });
        return each.collect();
    }
    Some(vec![stripped(
        translate(&joined, &ast, insensitive, options).ok()?,
    )])
}

fn grouped(pattern: &str, options: &PatternOptions) -> String {
    if options.fixed_strings {
        format!("(?:{})", regex_syntax::escape(pattern))
    } else {
        format!("(?:{pattern})")
    }
}

fn stands_alone(pattern: &str, options: &PatternOptions) -> bool {
    options.fixed_strings || (parse(pattern).is_ok() && parse(&format!("(?:{pattern})")).is_ok())
}

/// Whether grep-regex takes the patterns for plain literals, without parsing them.
fn literal(options: &PatternOptions) -> bool {
    let plain = |pattern: &String| {
        let ends = options.line_end().unwrap_or_default();
        (options.fixed_strings || !pattern.chars().any(regex_syntax::is_meta_character))
            && !pattern.bytes().any(|byte| ends.contains(&byte))
    };
    options.case == Case::Sensitive && options.patterns.iter().all(plain)
}

fn bounded(hir: Hir, options: &PatternOptions) -> Hir {
    let (start, end) = if options.line {
        if options.ends_crlf() {
            (Look::StartCRLF, Look::EndCRLF)
        } else {
            (Look::StartLF, Look::EndLF)
        }
    } else if !options.word {
        return hir;
    } else if options.unicode {
        (Look::WordStartHalfUnicode, Look::WordEndHalfUnicode)
    } else {
        (Look::WordStartHalfAscii, Look::WordEndHalfAscii)
    };
    Hir::concat(vec![Hir::look(start), hir, Hir::look(end)])
}

/// What smart case looks at: literals written out in a pattern, those of classes included, escapes such as `\w` or
/// `\pL` not.
#[derive(Default)]
struct Letters {
    literal: bool,
    uppercase: bool,
}

impl Letters {
    fn visit(&mut self, ast: &Ast) {
        match ast {
            Ast::Empty(_) | Ast::Flags(_) | Ast::Dot(_) | Ast::Assertion(_) => {}
            Ast::ClassUnicode(_) | Ast::ClassPerl(_) => {}
            Ast::Literal(literal) => self.literal(literal),
            Ast::ClassBracketed(class) => self.class(&class.kind),
            Ast::Repetition(repetition) => self.visit(&repetition.ast),
            Ast::Group(group) => self.visit(&group.ast),
            Ast::Alternation(alternation) => alternation.asts.iter().for_each(|ast| self.visit(ast)),
            Ast::Concat(concat) => concat.asts.iter().for_each(|ast| self.visit(ast)),
        }
    }

    fn class(&mut self, class: &ast::ClassSet) {
        match class {
            ast::ClassSet::Item(item) => self.item(item),
            ast::ClassSet::BinaryOp(both) => {
                self.class(&both.lhs);
                self.class(&both.rhs);
            }
        }
    }

    fn item(&mut self, item: &ast::ClassSetItem) {
        use ast::ClassSetItem as Item;
        match item {
            Item::Empty(_) | Item::Ascii(_) | Item::Unicode(_) | Item::Perl(_) => {}
            Item::Literal(literal) => self.literal(literal),
            Item::Range(range) => {
                self.literal(&range.start);
                self.literal(&range.end);
            }
            Item::Bracketed(class) => self.class(&class.kind),
            Item::Union(union) => union.items.iter().for_each(|item| self.item(item)),
        }
    }

    fn literal(&mut self, literal: &ast::Literal) {
        self.literal = true;
        self.uppercase |= literal.c.is_uppercase();
    }
}
