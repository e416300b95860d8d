//! Fields of records: which chunks of a run have them, which values they have, and which names there are.

use std::collections::BTreeSet;

use quern_text::MAX_NAME;
use roaring::RoaringBitmap;
use tantivy::postings::TermInfo;
use tantivy::schema::IndexRecordOption;

use crate::error::{Error, reading};
use crate::language::{FieldNames, FieldTest, NumberSpan};
use crate::query::corpus::{Corpus, LiveRun};
use crate::query::edits::Edits;
use crate::recorded::{Number, name_of, name_term, number_term, value_term};
use crate::run::Run;
use crate::words::fold_all;

/// Terms between two looks whether to stop.
const LOOK: u32 = 256;
/// By how many edits those are different, at most.
const NEAREST: u8 = 2;
/// Names that are proposed for one that there is not.
const NEAR: usize = 3;
/// Names that are compared with it, at most.
const COMPARED: usize = 10_000;

impl Run {
    /// The chunks of records of which a field, whose name is in lower case, is so. `stopped` says whether to give up.
    ///
    /// # Errors
    /// A damaged run; a stop.
    pub fn with_field(
        &self,
        name: &str,
        test: &FieldTest,
        stopped: &dyn Fn() -> bool,
    ) -> Result<RoaringBitmap, Error> {
        let mut found = RoaringBitmap::new();
        let mut add = |_: &[u8], info: &TermInfo| {
            self.each_with(info, |chunks| {
                found.extend(chunks);
                true
            })
        };
        match test {
            FieldTest::Present => self.exactly(&name_term(name), &mut add)?,
            FieldTest::Value(value) => self.exactly(&value_term(name, &fold_all(value)), &mut add)?,
            FieldTest::Prefix(start) => {
                self.from(&value_term(name, &fold_all(start)), stopped, &mut add)?;
            }
            FieldTest::Numbers(span) => {
                let [from, until] = bounds(span);
                let (from, until) = (number_term(name, from), number_term(name, until));
                let common = from.len() - size_of::<u64>();
                let last = (until >= from).then_some(&until[..]);
                if last.is_some() {
                    self.between(&from, &from[..common], last, stopped, &mut add)?;
                }
            }
        }
        Ok(found)
    }

    /// The values that a field has in some chunks, in lower case, and how many of these have each.
    ///
    /// # Errors
    /// A damaged run; a stop.
    pub fn field_values(
        &self,
        name: &str,
        among: &RoaringBitmap,
        stopped: &dyn Fn() -> bool,
        mut each: impl FnMut(&[u8], u64),
    ) -> Result<(), Error> {
        let start = value_term(&fold_all(name), "");
        self.from(&start, stopped, &mut |term, info| {
            let mut count = 0;
            self.each_with(info, |chunks| {
                count += chunks.filter(|&chunk| among.contains(chunk)).count() as u64;
                true
            })?;
            if count > 0 {
                each(&term[start.len()..], count);
            }
            Ok(())
        })
    }

    fn exactly(&self, term: &[u8], take: &mut Take<'_>) -> Result<(), Error> {
        match self.recorded.terms().get(term).map_err(reading)? {
            Some(info) => take(term, &info),
            None => Ok(()),
        }
    }

    /// Hands over the terms that begin so.
    fn from(&self, start: &[u8], stopped: &dyn Fn() -> bool, take: &mut Take<'_>) -> Result<(), Error> {
        self.between(start, start, None, stopped, take)
    }

    /// Hands over the terms from `first` to `last` that have `common` at their beginning.
    fn between(
        &self,
        first: &[u8],
        common: &[u8],
        last: Option<&[u8]>,
        stopped: &dyn Fn() -> bool,
        take: &mut Take<'_>,
    ) -> Result<(), Error> {
        let terms = self.recorded.terms().range().ge(first).into_stream();
        let mut terms = terms.map_err(reading)?;
        let mut seen = 0u32;
        while let Some((term, info)) = terms.next()
            && term.starts_with(common)
            && last.is_none_or(|last| term <= last)
        {
            if seen.is_multiple_of(LOOK) && stopped() {
                return Err(Error::Stopped);
            }
            seen += 1;
            take(term, info)?;
        }
        Ok(())
    }

    /// Hands over the chunks that have a term, some at a time, until it is told that these were enough.
    fn each_with(
        &self,
        info: &TermInfo,
        mut goes_on: impl FnMut(std::iter::Copied<std::slice::Iter<'_, u32>>) -> bool,
    ) -> Result<(), Error> {
        let postings = self
            .recorded
            .read_block_postings_from_terminfo(info, IndexRecordOption::Basic);
        let mut postings = postings.map_err(reading)?;
        while !postings.docs().is_empty() && goes_on(postings.docs().iter().copied()) {
            postings.advance();
        }
        Ok(())
    }
}

/// Takes a term that was found.
type Take<'t> = dyn FnMut(&[u8], &TermInfo) -> Result<(), Error> + 't;

/// The least and the greatest number of a span, which may be the one behind it and the one before.
fn bounds(span: &NumberSpan) -> [Number; 2] {
    let [least, greatest] = Number::ALL;
    [
        span.from.map_or(least, |end| match end.included {
            true => end.number,
            false => end.number.next(),
        }),
        span.until.map_or(greatest, |end| match end.included {
            true => end.number,
            false => end.number.previous(),
        }),
    ]
}

impl LiveRun<'_> {
    /// Whether a record that counts has a field of this name.
    fn has_field(&self, name: &str) -> Result<bool, Error> {
        let info = self.run.recorded.terms().get(name_term(name)).map_err(reading)?;
        let Some(info) = info else { return Ok(false) };
        let mut is_live = false;
        self.run.each_with(&info, |mut chunks| {
            is_live = chunks.any(|chunk| !self.dead.contains(chunk));
            !is_live
        })?;
        Ok(is_live)
    }

    fn field_names(&self) -> Result<Vec<String>, Error> {
        let mut names = Vec::new();
        self.run
            .from(&name_term(""), &|| false, &mut |term, _| {
                names.extend(name_of(term).map(str::to_owned));
                match names.len() {
                    COMPARED.. => Err(Error::Stopped),
                    _ => Ok(()),
                }
            })
            .or_else(|error| match error {
                Error::Stopped => Ok(()),
                error => Err(error),
            })?;
        Ok(names)
    }
}

/// A run that cannot be read has no names here: whoever asks it says so.
impl FieldNames for Corpus<'_> {
    fn has(&self, name: &str) -> bool {
        self.runs.iter().any(|live| live.has_field(name).unwrap_or(false))
    }

    fn near(&self, name: &str) -> Vec<String> {
        if name.len() > MAX_NAME + usize::from(NEAREST) {
            return Vec::new();
        }
        let close = Edits::of(name, NEAREST);
        let names = self
            .runs
            .iter()
            .flat_map(|live| live.field_names().unwrap_or_default());
        let near = names.filter_map(|known| Some((close.distance_of(known.as_bytes())?, known)));
        let near: BTreeSet<(u8, String)> = near.collect();
        let live = near.into_iter().filter(|(_, name)| self.has(name));
        live.take(NEAR).map(|(_, name)| name).collect()
    }
}
