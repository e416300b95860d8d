//! Where a chunk ends, given what is known about each line.
//!
//! Chunks are cut one after another. From where one begins, the lines that it could have are looked at, and the best end
//! among them wins: where a passage begins that is no part of this one; else where a nested one begins; else a blank line
//! or one of little indentation.

/// What is known about a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// Offset of its first byte.
    pub(super) start: usize,
    /// Columns before its first byte that is not blank; a tab is four. At most 255.
    pub(super) indent: u8,
    pub(super) kind: Kind,
    /// A passage should begin here.
    pub(super) begins: bool,
}

/// How well a chunk could begin with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Blank,
    /// Belongs to the line below: a comment, an attribute, a decorator.
    Lead,
    /// Belongs to the lines above: it closes what they opened.
    Tail,
    Other,
}

/// How long chunks should be. All figures are lines.
#[derive(Debug)]
pub(super) struct Shape {
    /// Small passages are joined up to this.
    join: usize,
    /// No chunk is longer.
    most: usize,
    /// A shorter passage is joined even if the next is a long one.
    least: usize,
    /// A shorter passage never stands alone.
    alone: usize,
    /// What stands before the first passage of a text (imports, say) is a chunk of its own from this length on.
    preamble: usize,
}

impl Shape {
    pub(super) const CODE: Shape = Shape {
        join: NEAR,
        most: 40,
        least: 3,
        alone: 1,
        preamble: 5,
    };
    pub(super) const SECTIONS: Shape = Shape {
        join: 12,
        most: 40,
        least: 4,
        alone: 4,
        preamble: usize::MAX,
    };
    pub(super) const PLAIN: Shape = Shape {
        join: NEAR,
        most: 30,
        least: 1,
        alone: 1,
        preamble: usize::MAX,
    };
}

/// What is too long is cut near this line.
const NEAR: usize = 25;
/// Cuts before this line leave a chunk short.
const SHORT: usize = 12;
/// A shorter head of a passage keeps the first passage nested in it.
const HEAD: usize = 8;
/// No chunk of several lines has more bytes.
const BYTES: usize = 4 << 10;

/// The row at which the chunk that begins at `first` ends. `end` is where the last row does.
pub(super) fn cut(rows: &[Row], first: usize, end: usize, shape: &Shape) -> usize {
    let window = Window::new(rows, first, end, shape);
    window
        .after_preamble()
        .or_else(|| window.whole())
        .or_else(|| window.outer(shape.least))
        .or_else(|| window.outer(shape.alone))
        .or_else(|| window.nested())
        .unwrap_or_else(|| window.weak())
}

/// The rows that a chunk can have.
struct Window<'r> {
    rows: &'r [Row],
    first: usize,
    /// The furthest row at which the chunk can end: one past its last.
    last: usize,
    shape: &'r Shape,
}

impl<'r> Window<'r> {
    fn new(rows: &'r [Row], first: usize, end: usize, shape: &'r Shape) -> Window<'r> {
        let start = rows[first].start;
        let fits = |row: &usize| rows.get(*row).map_or(end, |row| row.start) - start <= BYTES;
        let most = rows.len().min(first + shape.most);
        let last = (first + 2..=most).take_while(fits).last();
        Window {
            rows,
            first,
            last: last.unwrap_or(first + 1),
            shape,
        }
    }

    /// Where the passages that begin in the window begin, after the first row.
    fn begins(&self) -> impl Iterator<Item = usize> {
        let rows = self.rows;
        (self.first + 1..=self.last).filter(move |&row| rows.get(row).is_some_and(|row| row.begins))
    }

    fn after_preamble(&self) -> Option<usize> {
        let at_top = self.first == 0 && !self.rows[0].begins;
        let next = at_top.then(|| self.begins().next())??;
        (next >= self.shape.preamble).then_some(next)
    }

    /// The end of the rows, if so few are left that nothing need be cut.
    fn whole(&self) -> Option<usize> {
        let left = self.rows.len() - self.first;
        (self.last == self.rows.len() && left <= self.shape.join).then_some(self.last)
    }

    /// Where a passage beside this one begins, or the rows end.
    fn outer(&self, least: usize) -> Option<usize> {
        let own = self.rows[self.first].indent;
        let ends = (self.last == self.rows.len()).then_some(self.last);
        let outer = self.begins().filter(|&row| self.rows[row].indent <= own);
        self.best(outer.chain(ends), least)
    }

    /// Where a passage in this one begins, the outermost of them.
    fn nested(&self) -> Option<usize> {
        let outermost = self.begins().map(|row| self.rows[row].indent).min()?;
        self.best(
            self.begins().filter(|&row| self.rows[row].indent == outermost),
            HEAD,
        )
    }

    /// The best of `cuts` that joins no more than it should, else the first of the others.
    fn best(&self, cuts: impl Iterator<Item = usize>, least: usize) -> Option<usize> {
        let length = |row: usize| row - self.first;
        let mut joined = None;
        for row in cuts.filter(|&row| length(row) >= least) {
            if length(row) > self.shape.join {
                return joined.map_or(Some(row), |(_, row)| Some(row));
            }
            let indent = self.rows.get(row).map_or(0, |row| row.indent);
            let key = (
                length(row) >= SHORT.min(self.shape.join / 2),
                self.rows[row - 1].kind == Kind::Blank,
                u8::MAX - indent,
            );
            if joined.is_none_or(|(best, _)| key >= best) {
                joined = Some((key, row));
            }
        }
        joined.map(|(_, row)| row)
    }

    /// The best place to cut what has no passages.
    fn weak(&self) -> usize {
        let fits = self.last - self.first;
        let earliest = self.first + SHORT.min(fits / 2).max(1);
        let cuts = earliest..=self.last.min(self.rows.len() - 1);
        let indents = cuts.clone().map(|row| &self.rows[row]);
        let least = indents
            .filter(|row| row.kind != Kind::Blank)
            .map(|row| row.indent)
            .min();
        cuts.min_by_key(|&row| self.cost(row, least.unwrap_or(0), NEAR.min(fits)))
            .unwrap_or(self.last)
    }

    /// How bad it is to cut before `row`: one for each line away from `near`, and for what is torn apart.
    fn cost(&self, row: usize, least_indent: u8, near: usize) -> usize {
        let Row { indent, kind, .. } = self.rows[row];
        let above = self.rows[row - 1].kind;
        let length = row - self.first;
        let distance = near.abs_diff(length) + length.saturating_sub(near) / 2;
        let depth = 2 * usize::from(indent.saturating_sub(least_indent));
        let torn = match (above, kind) {
            (_, Kind::Blank) => 40,
            (_, Kind::Tail) => 24,
            (Kind::Blank, _) => 0,
            (Kind::Lead, _) => 30,
            (_, Kind::Lead) => 6,
            _ => 10,
        };
        distance + depth.min(32) + torn
    }
}
