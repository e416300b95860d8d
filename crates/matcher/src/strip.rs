//! Taking the line terminator out of a regular expression.
//!
//! A line-oriented match never contains a line terminator. grep-regex guarantees that by removing the terminator from
//! every class; the planner and the attribution of matches must see the same language, so it is done here once more,
//! after the rule of grep-regex's `strip_from_match`.

use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, ClassUnicode, ClassUnicodeRange, Hir, HirKind};

/// `hir` without the ASCII bytes `bytes` in its classes. A literal that contains one is left alone: grep-regex
/// refuses such a pattern before this is asked.
pub(crate) fn without(hir: Hir, bytes: &[u8]) -> Hir {
    match hir.into_kind() {
        HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) => Hir::literal(literal.0),
        HirKind::Look(look) => Hir::look(look),
        HirKind::Class(class) => Hir::class(class_without(class, bytes)),
        HirKind::Repetition(mut repetition) => {
            repetition.sub = Box::new(without(*repetition.sub, bytes));
            Hir::repetition(repetition)
        }
        HirKind::Capture(mut capture) => {
            capture.sub = Box::new(without(*capture.sub, bytes));
            Hir::capture(capture)
        }
        HirKind::Concat(parts) => Hir::concat(each_without(parts, bytes)),
        HirKind::Alternation(parts) => Hir::alternation(each_without(parts, bytes)),
    }
}

fn each_without(parts: Vec<Hir>, bytes: &[u8]) -> Vec<Hir> {
    parts.into_iter().map(|part| without(part, bytes)).collect()
}

fn class_without(mut class: Class, bytes: &[u8]) -> Class {
    match &mut class {
        Class::Unicode(class) => {
            let ranges = bytes.iter().map(|&b| ClassUnicodeRange::new(b.into(), b.into()));
            class.difference(&ClassUnicode::new(ranges));
        }
        Class::Bytes(class) => {
            class.difference(&ClassBytes::new(
                bytes.iter().map(|&b| ClassBytesRange::new(b, b)),
            ));
        }
    }
    class
}
