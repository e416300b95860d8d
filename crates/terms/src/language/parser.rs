//! From tokens to a tree, with the open parentheses on a stack.

use std::mem::{replace, take};
use std::ops::Range;

use super::error::{Mistakes, SyntaxError, SyntaxErrorKind as Wrong};
use super::group::{Occurrence, Parts, deeper_than};
use super::lexer::{Lexer, Token};
use super::record::FieldNames;
use super::{Clause, Kind, Operator, Parsed, Syntax};

/// The deepest nesting that can be asked for, so that whoever walks a tree may recurse.
const DEEPEST: usize = 256;

/// `+`, `-` or `NOT` that waits for its term.
struct Sign {
    occurrence: Occurrence,
    span: Range<usize>,
}

/// The query, or what is in a pair of parentheses, as far as it was read.
#[derive(Default)]
struct Level {
    /// The opening parenthesis.
    open: Range<usize>,
    /// The sign before it.
    sign: Option<Sign>,
    /// What stands before the last `OR`, optional.
    alternatives: Parts,
    /// What stands behind that and before the last `AND`, required.
    conjuncts: Parts,
    /// What stands behind that.
    sequence: Parts,
    /// The operator before the sequence.
    operator: Option<(&'static str, Range<usize>)>,
}

impl Level {
    fn end_sequence(&mut self) {
        if let Some((clause, span)) = take(&mut self.sequence).into_clause() {
            self.conjuncts.add(Occurrence::Required, clause, span);
        }
    }

    fn end_conjunction(&mut self) {
        self.end_sequence();
        if let Some((clause, span)) = take(&mut self.conjuncts).into_clause() {
            self.alternatives.add(Occurrence::Optional, clause, span);
        }
    }

    fn into_clause(mut self) -> Option<Clause> {
        self.end_conjunction();
        self.alternatives.into_clause().map(|(clause, _)| clause)
    }
}

pub(super) struct Parser<'query> {
    lexer: Lexer<'query>,
    mistakes: Mistakes,
    /// What terms without a sign are.
    unsigned: Occurrence,
    max_clauses: usize,
    max_depth: usize,
    clauses: usize,
    /// The innermost level.
    level: Level,
    /// The levels around it, from the outside in.
    outer: Vec<Level>,
    sign: Option<Sign>,
}

impl<'query> Parser<'query> {
    pub(super) fn new(
        query: &'query str,
        syntax: &Syntax,
        names: &'query dyn FieldNames,
    ) -> Result<Parser<'query>, SyntaxError> {
        let limit = syntax.max_bytes;
        if query.len() > limit {
            let end = (0..=limit).rev().find(|&at| query.is_char_boundary(at));
            return Err(SyntaxError {
                span: end.unwrap_or(0)..query.len(),
                kind: Wrong::TooLong { limit },
            });
        }
        Ok(Parser {
            lexer: Lexer::new(query, names),
            mistakes: Mistakes::new(syntax.strict),
            unsigned: match syntax.operator {
                Operator::Any => Occurrence::Optional,
                Operator::All => Occurrence::Required,
            },
            max_clauses: syntax.max_clauses,
            max_depth: syntax.max_depth.min(DEEPEST),
            clauses: 0,
            level: Level::default(),
            outer: Vec::new(),
            sign: None,
        })
    }

    pub(super) fn parse(mut self) -> Result<Parsed, SyntaxError> {
        let mut end = 0;
        while let Some((token, span)) = self.lexer.next(&mut self.mistakes)? {
            end = span.end;
            match token {
                Token::Open => self.open(span)?,
                Token::Close => self.close(span)?,
                Token::Sign(occurrence) => self.sign(occurrence, span),
                Token::And => self.operator("AND", span)?,
                Token::Or => self.operator("OR", span)?,
                Token::Term(kind) => self.term(kind, span)?,
                Token::Nothing => self.sign = None,
            }
        }
        self.check_dangling()?;
        while !self.outer.is_empty() {
            self.mistakes.add(Wrong::UnclosedGroup, self.level.open.clone())?;
            self.close(end..end)?;
        }
        let clause = self.level.into_clause();
        let limit = self.max_depth;
        if let Some(deep) = clause.as_ref().and_then(|clause| deeper_than(limit, clause)) {
            self.mistakes.add(Wrong::TooDeep { limit }, deep.span.clone())?;
        }
        Ok(Parsed {
            clause,
            notes: self.mistakes.into_notes(),
        })
    }

    fn open(&mut self, span: Range<usize>) -> Result<(), SyntaxError> {
        let limit = self.max_depth;
        if self.outer.len() == limit {
            self.mistakes.add(Wrong::TooDeep { limit }, span.clone())?;
        }
        let inner = Level {
            open: span,
            sign: self.sign.take(),
            ..Level::default()
        };
        self.outer.push(replace(&mut self.level, inner));
        Ok(())
    }

    fn close(&mut self, span: Range<usize>) -> Result<(), SyntaxError> {
        if self.outer.is_empty() {
            return self.mistakes.add(Wrong::UnopenedGroup, span);
        }
        self.check_dangling()?;
        let outer = self.outer.pop().unwrap_or_default();
        let mut inner = replace(&mut self.level, outer);
        let span = inner.open.start..span.end;
        self.sign = inner.sign.take();
        let Some(mut clause) = inner.into_clause() else {
            self.sign = None;
            return self.mistakes.add(Wrong::EmptyGroup, span);
        };
        if matches!(clause.kind, Kind::Group { .. }) {
            clause.span = span.clone();
        }
        self.add(self.unsigned, clause, span);
        Ok(())
    }

    /// Only `NOT` stands before another sign.
    fn sign(&mut self, occurrence: Occurrence, span: Range<usize>) {
        use Occurrence::{Excluded, Required};
        let (occurrence, start) = match self.sign.take() {
            None => (occurrence, span.start),
            Some(before) => match (before.occurrence, occurrence) {
                (Excluded, Excluded) => (Required, before.span.start),
                _ => (Excluded, before.span.start),
            },
        };
        let span = start..span.end;
        self.sign = Some(Sign { occurrence, span });
    }

    fn operator(&mut self, operator: &'static str, span: Range<usize>) -> Result<(), SyntaxError> {
        self.check_sign()?;
        if self.level.sequence.is_empty() {
            return self.mistakes.add(Wrong::Dangling { operator }, span);
        }
        match operator {
            "AND" => self.level.end_sequence(),
            _ => self.level.end_conjunction(),
        }
        self.level.operator = Some((operator, span));
        Ok(())
    }

    fn term(&mut self, kind: Kind, span: Range<usize>) -> Result<(), SyntaxError> {
        let limit = self.max_clauses;
        self.clauses += 1;
        if self.clauses > limit {
            self.mistakes.add(Wrong::TooManyClauses { limit }, span.clone())?;
        }
        let unsigned = match kind.is_required() {
            true => Occurrence::Required,
            false => self.unsigned,
        };
        let clause = Clause {
            kind,
            span: span.clone(),
        };
        self.add(unsigned, clause, span);
        Ok(())
    }

    /// Adds a clause under its sign, if there is one.
    fn add(&mut self, unsigned: Occurrence, clause: Clause, span: Range<usize>) {
        let (occurrence, start) = match self.sign.take() {
            Some(sign) => (sign.occurrence, sign.span.start),
            None => (unsigned, span.start),
        };
        self.level.sequence.add(occurrence, clause, start..span.end);
        self.level.operator = None;
    }

    /// Nothing may wait for a term where a level ends.
    fn check_dangling(&mut self) -> Result<(), SyntaxError> {
        self.check_sign()?;
        match self.level.operator.take() {
            Some((operator, span)) => self.mistakes.add(Wrong::Dangling { operator }, span),
            None => Ok(()),
        }
    }

    /// `+` and `-` stand right before a term, only `NOT` can lack one.
    fn check_sign(&mut self) -> Result<(), SyntaxError> {
        match self.sign.take() {
            Some(Sign { span, .. }) => self.mistakes.add(Wrong::Dangling { operator: "NOT" }, span),
            None => Ok(()),
        }
    }
}
