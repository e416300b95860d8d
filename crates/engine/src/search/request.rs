//! What a ranked search asks for, and what it gives.

use std::ops::Range;

use quern_terms::Options;
use quern_terms::language::{Note, Syntax};
use quern_text::{Fields, Level};
use quern_walk::TypeChange;

use crate::coverage::Freshness;
use crate::engine::Fresh;
use crate::search::explain::Phases;
use crate::search::mode::{QueryMode, Taken};
use crate::search::scope::Scope;
use crate::snapshot::Snapshot;

/// One question to [`Index::search`](crate::Index::search).
#[derive(Clone, Debug)]
pub struct SearchRequest {
    /// In the query language.
    pub query: String,
    /// What its text is taken as.
    pub mode: QueryMode,
    /// Where its clauses have to hold together.
    pub scope: Scope,
    /// How it is read.
    pub syntax: Syntax,
    /// How it is understood.
    pub options: Options,
    /// Only files that these globs admit (`-g`), whatever the query says.
    pub globs: Vec<String>,
    /// The same without regard to case.
    pub iglobs: Vec<String>,
    /// Only files of these types.
    pub types: Vec<TypeChange>,
    /// At most this many hits.
    pub limit: usize,
    /// So many of the best are left out.
    pub offset: usize,
    /// How all that matches is to be counted.
    pub facets: Vec<FacetRequest>,
    /// What `now` means in the query, in milliseconds since 1970; `None`: when it is asked.
    pub now: Option<i64>,
    /// Whether to look for near words if nothing matches: that takes as long as a misspelt word.
    pub did_you_mean: bool,
    /// Neighbouring passages are one hit, and so are copies of one passage. Otherwise each chunk is a hit.
    pub fold: bool,
    /// How fresh the answer has to be. What has changed is indexed first.
    pub freshness: Freshness,
}

/// What to count of all chunks that match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacetRequest {
    /// By what.
    pub by: FacetBy,
    /// So many values at most: the most frequent, or the latest times.
    pub limit: usize,
}

/// A part of the calendar, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "their names say it")]
pub enum Interval {
    Minute,
    Hour,
    Day,
    /// From Monday on.
    Week,
    Month,
    Year,
}

/// What chunks are counted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FacetBy {
    /// The file's language.
    Language,
    /// The folder that the file is in: its first `depth` names.
    Folder {
        /// At least 1.
        depth: usize,
    },
    /// The level of a record of a log.
    Level,
    /// When a record of a log was written.
    Time {
        /// How long what is counted together lasts.
        interval: Interval,
    },
    /// The value of a field of a record of a log, in lower case. A record that has several of them counts for each.
    Field {
        /// Of the field, in any case.
        name: String,
    },
}

impl SearchRequest {
    /// The ten best passages for a query.
    pub fn new(query: impl Into<String>) -> SearchRequest {
        SearchRequest {
            query: query.into(),
            mode: QueryMode::default(),
            scope: Scope::default(),
            syntax: Syntax::default(),
            options: Options::default(),
            globs: Vec::new(),
            iglobs: Vec::new(),
            types: Vec::new(),
            limit: 10,
            offset: 0,
            facets: Vec::new(),
            did_you_mean: true,
            fold: true,
            now: None,
            freshness: Freshness::Snapshot,
        }
    }
}

/// What a ranked search gives.
#[derive(Clone, Debug)]
pub struct SearchAnswer {
    /// The query as it was understood, in canonical form.
    pub query: String,
    /// The best first.
    pub hits: Vec<SearchHit>,
    /// Chunks that match.
    pub total: u64,
    /// One for each that was asked for, in that order.
    pub facets: Vec<Facet>,
    /// What of the query was taken differently from how it was written.
    pub notes: Vec<Note>,
    /// What the query's text was taken as.
    pub taken: Taken,
    /// If nothing matches: the query with near words instead of some, which has hits; in canonical form.
    pub did_you_mean: Option<String>,
    /// A prefix or fuzzy word stands for more words than it may: only the most frequent were searched for.
    pub expansions_cut: bool,
    /// How long each part took.
    pub phases: Phases,
    /// What the answer covers.
    pub coverage: RankedCoverage,
}

/// How all chunks that match spread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facet {
    /// By what they were counted.
    pub by: FacetBy,
    /// The most frequent first; of equals, in alphabetical order. Times in their order.
    pub values: Vec<FacetValue>,
    /// How many other values there are.
    pub more: u64,
    /// How many chunks have one of those.
    pub others: u64,
}

/// A value, and how many chunks that match have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacetValue {
    /// A language's or a level's name; a field's value; a folder, relative to the root, `.` for the root itself; when an interval begins, in ISO
    /// 8601.
    pub value: String,
    /// Of chunks.
    pub count: u64,
}

/// A passage that answers, or several that follow each other.
#[derive(Clone, Debug)]
pub struct SearchHit {
    /// The file's stored path.
    pub path: Vec<u8>,
    /// The first line of the passage, from 1.
    pub line: u64,
    /// Where the passage is in the file's text, in bytes.
    pub range: Range<u64>,
    /// Comparable within an answer.
    pub score: f32,
    /// Other files that have the same passage, and its first line there.
    pub copies: Vec<(Vec<u8>, u64)>,
    /// When it was logged, in milliseconds since 1970, if it is a record of a log.
    pub time: Option<i64>,
    /// The level of the record, if it has one.
    pub level: Option<Level>,
    /// What the first line of the record says by name; none if the file has changed since.
    pub fields: Fields,
    /// What to show of it; `None`: the file has changed since it was indexed, or cannot be read.
    pub snippet: Option<Snippet>,
}

/// The lines of a passage that say most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snippet {
    /// The first line, from 1.
    pub line: u64,
    /// Whole lines; bytes that are no UTF-8 are replaced.
    pub text: String,
    /// Bytes of the text that were asked for, ascending.
    pub highlights: Vec<Range<usize>>,
}

/// What a ranked answer covers.
#[derive(Clone, Debug)]
pub struct RankedCoverage {
    /// The generation of the snapshot.
    pub generation: u64,
    /// The snapshot's id.
    pub snapshot: String,
    /// When the snapshot was taken, in milliseconds since 1970.
    pub taken_at_ms: f64,
    /// How fresh the snapshot was.
    pub freshness: Freshness,
    /// Files in the snapshot.
    pub indexed: u64,
    /// Of these, files whose terms are built.
    pub ranked: u64,
    /// Files of hits that have changed since they were indexed.
    pub changed: u64,
    /// Why something may be missing, each once and in order.
    pub gaps: Vec<Gap>,
    /// The query asks for times from now on, and nobody said when now is.
    pub moves: bool,
}

/// Why something may be missing in a ranked answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// Files have no terms: these are not built yet, or cannot be.
    Unranked,
    /// A file in which a regular expression was to be searched has changed since it was indexed, or cannot be read.
    Changed,
    /// Regular expressions are not searched in compressed logs, and there are some.
    Compressed,
    /// The store holds other files than the options ask for.
    OtherOptions,
}

impl Gap {
    /// Its name in answers.
    pub fn name(self) -> &'static str {
        match self {
            Gap::Unranked => "unranked",
            Gap::Changed => "changed",
            Gap::Compressed => "compressed",
            Gap::OtherOptions => "otherOptions",
        }
    }
}

impl RankedCoverage {
    pub(in crate::search) fn of(snapshot: &Snapshot) -> RankedCoverage {
        let unranked = snapshot
            .segments
            .iter()
            .map(|live| match live.segment.segment.terms() {
                Some(terms) => terms.unranked().difference_len(&live.dead),
                None => live.live(),
            });
        let indexed = snapshot.live_files();
        let unranked = unranked.sum();
        RankedCoverage {
            generation: snapshot.generation,
            snapshot: snapshot.id.clone(),
            taken_at_ms: snapshot.taken_at_ms,
            freshness: Freshness::Snapshot,
            indexed,
            ranked: indexed.saturating_sub(unranked),
            changed: 0,
            gaps: if unranked > 0 {
                vec![Gap::Unranked]
            } else {
                Vec::new()
            },
            moves: false,
        }
    }

    /// Takes over how fresh the state was, and whether it held what the options ask for.
    pub(crate) fn add(&mut self, fresh: &Fresh) {
        self.freshness = fresh.freshness;
        if fresh.is_other {
            self.gaps.push(Gap::OtherOptions);
        }
    }

    /// Whether every file that is indexed took part, as it was indexed.
    pub fn is_complete(&self) -> bool {
        self.gaps.is_empty()
    }

    /// Names the state that was asked, if the same question of that state is always answered so at
    /// [`Freshness::Snapshot`]; see [`Index::state`](crate::Index::state).
    pub fn lasting_state(&self) -> Option<String> {
        let is_lasting =
            self.freshness == Freshness::Snapshot && self.is_complete() && self.changed == 0 && !self.moves;
        is_lasting.then(|| state_name(&self.snapshot, self.taken_at_ms))
    }
}

/// Names a state for ever: the id of a snapshot alone comes back when a store is put back from a copy.
pub(crate) fn state_name(snapshot: &str, taken_at_ms: f64) -> String {
    format!("{snapshot}@{taken_at_ms}")
}
