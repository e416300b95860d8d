//! Clauses that hold for a whole file: the files are found clause by clause, then passages are ranked within them.

use std::collections::HashSet;

use quern_terms::language::{Clause, Kind};
use quern_terms::{Corpus, Depth, Resolved};
use roaring::RoaringBitmap;

use crate::error::Error;
use crate::search::Search;

/// Where the clauses of a query have to hold together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scope {
    /// In one chunk.
    #[default]
    Chunk,
    /// In one file.
    File,
}

/// Files by their entries; of one that is cut, the newest.
type Files = HashSet<(u32, u32)>;

impl<'a> Search<'a> {
    /// The chunks of the files for which a clause holds, and what ranks them there: any part of it that is asked for.
    ///
    /// # Errors
    /// Those of asking.
    pub(super) fn in_files(&self, clause: &Clause, corpus: &Corpus<'a>) -> Result<(Clause, Resolved), Error> {
        let files = self.files(clause, corpus)?;
        Ok((loosened(clause), self.chunks_of(&files)?))
    }

    /// The chunks of files, run by run.
    fn chunks_of(&self, files: &Files) -> Result<Resolved, Error> {
        let mut of_segment = vec![RoaringBitmap::new(); self.snapshot.segments.len()];
        for &(segment, file) in files {
            of_segment[segment as usize].insert(file);
        }
        let mut resolved = Resolved::new();
        for (number, (live, mut entries)) in self.snapshot.segments.iter().zip(of_segment).enumerate() {
            let Some(terms) = live.segment.terms()? else {
                continue;
            };
            let cut = self.snapshot.cut_files(number).iter();
            entries.extend(cut.filter(|&file| files.contains(&self.snapshot.newest((number as u32, file)))));
            resolved.extend(terms.of_files(&entries));
        }
        Ok(resolved)
    }

    /// The files for which a clause holds.
    fn files(&self, clause: &Clause, corpus: &Corpus<'a>) -> Result<Files, Error> {
        let Kind::Group { all, any, none } = &clause.kind else {
            return self.files_with(clause, corpus);
        };
        let mut found: Option<Files> = None;
        for clause in all {
            let files = self.files(clause, corpus)?;
            found = Some(match found {
                None => files,
                Some(found) => &found & &files,
            });
        }
        // As in a chunk: where to look is no answer by itself.
        if all.iter().all(|clause| clause.kind.is_place()) && !any.is_empty() {
            let mut either = Files::new();
            for clause in any {
                either.extend(self.files(clause, corpus)?);
            }
            found = Some(match found {
                None => either,
                Some(found) => &found & &either,
            });
        }
        let everything = Clause {
            kind: Kind::Everything,
            span: clause.span.clone(),
        };
        let mut found = match found {
            Some(found) => found,
            None => self.files_with(&everything, corpus)?,
        };
        for clause in none {
            let files = self.files(clause, corpus)?;
            found.retain(|file| !files.contains(file));
        }
        Ok(found)
    }

    /// The files of which a chunk matches.
    fn files_with(&self, clause: &Clause, corpus: &Corpus<'a>) -> Result<Files, Error> {
        let question = self.question(clause, corpus, None)?;
        let counted = Depth::new(0);
        let entries = self.of_runs(|run| {
            let check = || self.cancel.check().map_err(Error::from);
            let mut entries: Vec<(u32, u32)> = Vec::new();
            question.ask(run, &counted, check, |chunk| {
                let entry = self.runs.get(run).entry(chunk);
                if entries.last() != Some(&entry) {
                    entries.push(entry);
                }
            })?;
            Ok(entries)
        })?;
        let entries = entries.into_iter().flatten();
        Ok(entries.map(|entry| self.snapshot.newest(entry)).collect())
    }
}

/// What of a clause a passage may answer by itself: all that is asked for, none of it required but where to look.
fn loosened(clause: &Clause) -> Clause {
    let Kind::Group { all, any, .. } = &clause.kind else {
        return clause.clone();
    };
    let (filters, others): (Vec<&Clause>, Vec<&Clause>) =
        all.iter().partition(|clause| clause.kind.is_place());
    let wanted = others.into_iter().chain(any).map(loosened).collect();
    Clause {
        kind: Kind::Group {
            all: filters.into_iter().cloned().collect(),
            any: wanted,
            none: Vec::new(),
        },
        span: clause.span.clone(),
    }
}
