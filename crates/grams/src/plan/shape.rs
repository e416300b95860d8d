//! The walk over a pattern's syntax tree.
//!
//! Recursion is as deep as the tree, which the parser's nest limit bounds (250 by default).

use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

use super::sequence::Sequence;
use super::strings::{Element, Strings};
use super::{PlanOptions, class, require};
use crate::query::Query;

/// The largest total length of a set of strings.
const MAX_ELEMENTS: usize = 4096;
/// A literal is taken in pieces of this many bytes.
const LITERAL_PIECE: usize = 256;
/// A repetition is spelled out up to this many copies.
const MAX_COPIES: u32 = 32;
/// A repetition with a range of counts is an exact set only up to this many strings.
const MAX_COUNTED: usize = 16;
/// Elements that one plan may write, over all sets: some 50 ms.
const MAX_WORK: usize = 1 << 18;
/// Grams that one plan may hold before it is simplified.
const MAX_RAW_GRAMS: usize = 1 << 16;

/// What is known of the texts that a piece of a pattern matches.
pub(super) enum Shape {
    /// Each is one of these strings.
    Exact(Strings),
    /// Each begins with one of `beginnings`, ends with one of `ends`, and requires `query`.
    Open {
        beginnings: Strings,
        ends: Strings,
        query: Query,
    },
}

impl Shape {
    /// Nothing is known.
    fn unknown() -> Shape {
        Shape::Open {
            beginnings: Strings::empty(),
            ends: Strings::empty(),
            query: Query::All,
        }
    }
}

/// Turns pieces of a pattern into shapes, within a budget of work.
pub(super) struct Planner<'a> {
    options: &'a PlanOptions,
    limit: usize,
    work_left: usize,
    grams_left: usize,
}

impl<'a> Planner<'a> {
    pub(super) fn new(options: &'a PlanOptions) -> Planner<'a> {
        let limit = options.set_limit.max(1);
        Planner {
            options,
            limit,
            work_left: MAX_WORK,
            grams_left: MAX_RAW_GRAMS,
        }
    }

    /// What a shape requires of a block.
    pub(super) fn requirement(&mut self, shape: Shape) -> Query {
        match shape {
            Shape::Exact(strings) => self.require(&strings),
            Shape::Open { query, .. } => query,
        }
    }

    /// That a block holds one of these strings; `All` once the budget is used up.
    pub(super) fn require(&mut self, strings: &Strings) -> Query {
        if !self.spend(strings.elements()) {
            return Query::All;
        }
        let query = require::any_of(strings, self.options);
        match self.grams_left.checked_sub(query.grams()) {
            Some(left) => {
                self.grams_left = left;
                query
            }
            None => Query::All,
        }
    }

    /// The cross product, unless that exceeds the bounds of a set.
    pub(super) fn cross(&mut self, before: &Strings, after: &Strings) -> Option<Strings> {
        let elements =
            before.len().saturating_mul(after.elements()) + after.len().saturating_mul(before.elements());
        let fits = before.len() * after.len() <= self.limit && elements <= MAX_ELEMENTS;
        (fits && self.spend(elements + before.len() * after.len())).then(|| before.cross(after))
    }

    /// Whether the budget of work is used up: everything that follows is unknown.
    pub(super) fn is_exhausted(&self) -> bool {
        self.work_left == 0
    }

    fn spend(&mut self, work: usize) -> bool {
        let left = self.work_left.checked_sub(work);
        self.work_left = left.unwrap_or(0);
        left.is_some()
    }

    fn shape(&mut self, hir: &Hir) -> Shape {
        if !self.spend(1) {
            return Shape::unknown();
        }
        match hir.kind() {
            HirKind::Empty => Shape::Exact(Strings::empty()),
            HirKind::Literal(literal) => self.literal(&literal.0),
            HirKind::Class(class) => self.class(class),
            HirKind::Look(look) => Shape::Exact(self.look(*look)),
            HirKind::Capture(capture) => self.shape(&capture.sub),
            HirKind::Repetition(repetition) => self.repetition(repetition),
            HirKind::Concat(parts) => self.concat(parts),
            HirKind::Alternation(parts) => self.alternation(parts),
        }
    }

    fn literal(&mut self, bytes: &[u8]) -> Shape {
        if bytes.len() <= LITERAL_PIECE {
            return Shape::Exact(Strings::literal(bytes));
        }
        let mut sequence = Sequence::new();
        for piece in bytes.chunks(LITERAL_PIECE) {
            if self.is_exhausted() {
                sequence.push(Shape::unknown(), self);
                break;
            }
            sequence.push(Shape::Exact(Strings::literal(piece)), self);
        }
        sequence.finish(self)
    }

    fn class(&mut self, class: &Class) -> Shape {
        let ranges = match class {
            Class::Unicode(class) => class.ranges().len(),
            Class::Bytes(class) => class.ranges().len(),
        };
        if !self.spend(ranges) {
            return Shape::unknown();
        }
        class::strings_of(class, self.options.crosses_lines, self.limit)
            .map_or_else(Shape::unknown, Shape::Exact)
    }

    /// Anchors are line ends if the options say so; everything else is no condition on symbols.
    fn look(&self, look: Look) -> Strings {
        match look {
            Look::Start | Look::End | Look::StartLF | Look::EndLF | Look::StartCRLF | Look::EndCRLF
                if self.options.line_anchors =>
            {
                Strings::one(vec![Element::LINE_END])
            }
            _ => Strings::empty(),
        }
    }

    fn concat(&mut self, parts: &[Hir]) -> Shape {
        let mut sequence = Sequence::new();
        for part in parts {
            let shape = self.shape(part);
            sequence.push(shape, self);
            if self.is_exhausted() {
                sequence.push(Shape::unknown(), self);
                break;
            }
        }
        sequence.finish(self)
    }

    fn repetition(&mut self, repetition: &Repetition) -> Shape {
        let (min, max) = (repetition.min, repetition.max);
        match self.shape(&repetition.sub) {
            shape if (min, max) == (1, Some(1)) => shape,
            Shape::Exact(once) => self
                .counted(&once, min, max)
                .unwrap_or_else(|| self.repeated(once, min)),
            Shape::Open { .. } if min == 0 => Shape::unknown(),
            Shape::Open {
                beginnings,
                ends,
                query,
            } => {
                let joint = if min > 1 {
                    self.cross(&ends, &beginnings)
                } else {
                    None
                };
                let joint = joint.map_or(Query::All, |joint| self.require(&joint));
                Shape::Open {
                    beginnings,
                    ends,
                    query: Query::And(vec![query, joint]),
                }
            }
        }
    }

    /// All strings of `min` to `max` copies, if these are few.
    fn counted(&mut self, once: &Strings, min: u32, max: Option<u32>) -> Option<Shape> {
        if once.is_none() {
            return Some(Shape::Exact(if min == 0 {
                Strings::empty()
            } else {
                Strings::none()
            }));
        }
        let max = max.filter(|&max| max <= MAX_COPIES)?;
        let limit = if min == max || max == 1 {
            self.limit
        } else {
            MAX_COUNTED
        };
        let mut copies = Strings::empty();
        let mut all = if min == 0 {
            Strings::empty()
        } else {
            Strings::none()
        };
        for count in 1..=max {
            copies = self.cross(&copies, once)?;
            if count >= min {
                all = all.union(copies.clone());
            }
            if all.len() > limit {
                return None;
            }
        }
        Some(Shape::Exact(all))
    }

    /// `min` copies or more, by as many of them as fit a set.
    fn repeated(&mut self, once: Strings, min: u32) -> Shape {
        if min == 0 {
            return Shape::unknown();
        }
        let mut copies = once.clone();
        for _ in 1..min.min(MAX_COPIES) {
            match self.cross(&copies, &once) {
                Some(more) => copies = more,
                None => break,
            }
        }
        let query = self.require(&copies);
        Shape::Open {
            beginnings: copies.beginnings(2),
            ends: copies.ends(2),
            query,
        }
    }

    /// Any of the parts. Exact parts are joined in sets as large as allowed before they become queries.
    pub(super) fn alternation(&mut self, parts: &[Hir]) -> Shape {
        let mut union = Union::default();
        for part in parts {
            if self.is_exhausted() {
                return Shape::unknown();
            }
            let shape = self.shape(part);
            union.add(shape, self);
        }
        union.finish(self)
    }

    /// Cuts a set of beginnings (`cut` is [`Strings::beginnings`]) or ends until it is within the limit.
    fn cut_to_limit(&self, strings: Vec<Vec<Element>>, cut: impl Fn(&Strings, usize) -> Strings) -> Strings {
        let mut strings = cut(&Strings::from_vec(strings), 2);
        if strings.len() > self.limit {
            strings = cut(&strings, 1);
        }
        if strings.len() > self.limit {
            Strings::empty()
        } else {
            strings
        }
    }
}

/// Alternatives met so far.
#[derive(Default)]
struct Union {
    exact: Vec<Vec<Element>>,
    exact_elements: usize,
    beginnings: Vec<Vec<Element>>,
    ends: Vec<Vec<Element>>,
    queries: Vec<Query>,
}

impl Union {
    fn add(&mut self, shape: Shape, planner: &mut Planner) {
        match shape {
            Shape::Exact(strings) => {
                if self.exact.len() + strings.len() > planner.limit
                    || self.exact_elements + strings.elements() > MAX_ELEMENTS
                {
                    self.close_exact(planner);
                }
                self.exact_elements += strings.elements();
                self.exact.extend(strings.into_vec());
            }
            Shape::Open {
                query: Query::None, ..
            } => {}
            Shape::Open {
                beginnings,
                ends,
                query,
            } => self.add_open(beginnings, ends, query, planner),
        }
    }

    fn add_open(&mut self, beginnings: Strings, ends: Strings, query: Query, planner: &Planner) {
        self.beginnings.extend(beginnings.into_vec());
        self.ends.extend(ends.into_vec());
        self.queries.push(query);
        if self.beginnings.len().max(self.ends.len()) > 2 * planner.limit {
            let beginnings = std::mem::take(&mut self.beginnings);
            self.beginnings = planner.cut_to_limit(beginnings, Strings::beginnings).into_vec();
            let ends = std::mem::take(&mut self.ends);
            self.ends = planner.cut_to_limit(ends, Strings::ends).into_vec();
        }
    }

    /// Makes a query of the exact strings.
    fn close_exact(&mut self, planner: &mut Planner) {
        if self.exact.is_empty() {
            return;
        }
        self.exact_elements = 0;
        let strings = Strings::from_vec(std::mem::take(&mut self.exact));
        let query = planner.require(&strings);
        self.add_open(strings.beginnings(2), strings.ends(2), query, planner);
    }

    fn finish(mut self, planner: &mut Planner) -> Shape {
        if self.queries.is_empty() {
            return Shape::Exact(Strings::from_vec(self.exact));
        }
        self.close_exact(planner);
        Shape::Open {
            beginnings: planner.cut_to_limit(self.beginnings, Strings::beginnings),
            ends: planner.cut_to_limit(self.ends, Strings::ends),
            query: Query::Or(self.queries),
        }
    }
}
