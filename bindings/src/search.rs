//! Ranked search: one request in, one answer out.

use std::sync::Arc;

use napi_derive::napi;
use quern_engine::language::{Note, Operator, Syntax};
use quern_engine::{
    AskedStatistics, ClauseScope, Code, Error, QueryMode, RankedCoverage, SearchAnswer, SearchHit,
    SearchRequest, Snippet, Taken,
};

use crate::explain::NativePhases;
use crate::facets::{NativeFacet, NativeFacetRequest};
use crate::request::{NativeTypeChange, named_freshness, type_changes};
use crate::statistics::NativeRankedStatistics;

/// A ranked question; what is absent has the engine's default.
#[napi(object)]
pub struct NativeSearchRequest {
    pub query: String,
    pub limit: Option<u32>,
    pub offset: Option<u32>,
    #[napi(ts_type = "'any' | 'all'")]
    pub operator: Option<String>,
    pub strict: Option<bool>,
    pub max_clauses: Option<u32>,
    pub max_depth: Option<u32>,
    /// Bytes.
    pub max_query_bytes: Option<f64>,
    pub max_expansions: Option<u32>,
    pub facets: Option<Vec<NativeFacetRequest>>,
    pub fold: Option<bool>,
    pub did_you_mean: Option<bool>,
    #[napi(ts_type = "'query' | 'words' | 'exact' | 'fuzzy' | 'regex' | 'auto'")]
    pub mode: Option<String>,
    #[napi(ts_type = "'chunk' | 'file'")]
    pub scope: Option<String>,
    /// Milliseconds since 1970: what `now` means in the query.
    pub now: Option<f64>,
    #[napi(ts_type = "'snapshot' | 'watched' | 'verified'")]
    pub freshness: Option<String>,
    pub globs: Option<Vec<String>>,
    pub iglobs: Option<Vec<String>>,
    pub types: Option<Vec<NativeTypeChange>>,
    pub statistics: Option<NativeRankedStatistics>,
}

impl NativeSearchRequest {
    pub fn request(self) -> Result<SearchRequest, Error> {
        let mut request = SearchRequest::new(self.query);
        let syntax = Syntax::default();
        request.syntax = Syntax {
            operator: match self.operator.as_deref() {
                None | Some("any") => Operator::Any,
                Some("all") => Operator::All,
                Some(other) => {
                    return Err(Error::new(
                        Code::InvalidOption,
                        format!("operator: '{other}' is neither 'any' nor 'all'"),
                    ));
                }
            },
            strict: self.strict.unwrap_or(syntax.strict),
            max_clauses: self.max_clauses.map_or(syntax.max_clauses, |most| most as usize),
            max_depth: self.max_depth.map_or(syntax.max_depth, |most| most as usize),
            max_bytes: self
                .max_query_bytes
                .map_or(syntax.max_bytes, |most| most as usize),
        };
        request.limit = self.limit.map_or(request.limit, |limit| limit as usize);
        request.offset = self.offset.map_or(request.offset, |offset| offset as usize);
        request.now = self.now.map(|now| now as i64);
        if let Some(most) = self.max_expansions {
            request.options.max_expansions = most as usize;
        }
        let statistics = self.statistics.map(AskedStatistics::try_from).transpose()?;
        request.options.statistics = statistics.map(Arc::new);
        request.mode = self.mode.map_or(Ok(request.mode), |name| mode(&name))?;
        request.scope = match self.scope.as_deref() {
            None | Some("chunk") => ClauseScope::Chunk,
            Some("file") => ClauseScope::File,
            Some(other) => {
                return Err(Error::new(
                    Code::InvalidOption,
                    format!("scope: '{other}' is neither 'chunk' nor 'file'"),
                ));
            }
        };
        request.did_you_mean = self.did_you_mean.unwrap_or(request.did_you_mean);
        request.fold = self.fold.unwrap_or(request.fold);
        request.globs = self.globs.unwrap_or_default();
        request.iglobs = self.iglobs.unwrap_or_default();
        request.types = type_changes(self.types)?;
        request.freshness = named_freshness(self.freshness.as_deref(), request.freshness)?;
        let facets = self.facets.into_iter().flatten();
        request.facets = facets
            .map(NativeFacetRequest::request)
            .collect::<Result<_, _>>()?;
        Ok(request)
    }
}

const MODES: [(&str, QueryMode); 6] = [
    ("query", QueryMode::Query),
    ("words", QueryMode::Words),
    ("exact", QueryMode::Exact),
    ("fuzzy", QueryMode::Fuzzy),
    ("regex", QueryMode::Regex),
    ("auto", QueryMode::Auto),
];

fn mode(name: &str) -> Result<QueryMode, Error> {
    let found = MODES.iter().find(|(known, _)| *known == name);
    let unknown = || Error::new(Code::InvalidOption, format!("mode: '{name}' is none"));
    found.map(|(_, mode)| *mode).ok_or_else(unknown)
}

/// What the text of a query was taken as.
#[napi(object)]
pub struct NativeTaken {
    #[napi(ts_type = "'query' | 'words' | 'exact' | 'fuzzy' | 'regex'")]
    pub used: String,
    /// Why, where the mode is `auto`.
    pub why: Option<String>,
}

impl From<Taken> for NativeTaken {
    fn from(taken: Taken) -> NativeTaken {
        let name = MODES.iter().find(|(_, mode)| *mode == taken.mode);
        NativeTaken {
            used: name.map_or("query", |(name, _)| name).to_owned(),
            why: taken.why.map(str::to_owned),
        }
    }
}

/// What a ranked search gives.
#[napi(object)]
pub struct NativeSearchAnswer {
    /// The query as it was understood.
    pub query: String,
    pub hits: Vec<NativeHit>,
    /// Passages that match.
    pub total: f64,
    /// In the order in which they were asked for.
    pub facets: Vec<NativeFacet>,
    pub notes: Vec<NativeNote>,
    pub mode: NativeTaken,
    /// If nothing matches: a query that is near and has hits.
    pub did_you_mean: Option<String>,
    pub phases: NativePhases,
    pub coverage: NativeRankedCoverage,
}

/// A passage that answers.
#[napi(object)]
pub struct NativeHit {
    pub path: String,
    /// The first line of the passage, from 1.
    pub line: f64,
    /// Where the passage is in the file's text, in bytes.
    pub start: f64,
    pub end: f64,
    pub score: f64,
    /// The same passage in copies of the file.
    pub copies: Vec<NativeCopy>,
    /// Milliseconds since 1970: when a record of a log was written.
    pub time: Option<f64>,
    #[napi(ts_type = "'trace' | 'debug' | 'info' | 'notice' | 'warn' | 'error' | 'fatal'")]
    pub level: Option<String>,
    /// What the record says by name.
    pub fields: Vec<NativeField>,
    /// Absent if the file has changed since it was indexed, or cannot be read.
    pub snippet: Option<NativeSnippet>,
}

/// A field of a record, as it is written.
#[napi(object)]
pub struct NativeField {
    pub name: String,
    pub value: String,
}

/// A passage in a copy of a file.
#[napi(object)]
pub struct NativeCopy {
    pub path: String,
    pub line: f64,
}

/// The lines of a passage that say most.
#[napi(object)]
pub struct NativeSnippet {
    /// The first line, from 1.
    pub line: f64,
    pub text: String,
    /// Start and end of each word that was asked for, in UTF-16 units of the text, in pairs.
    pub highlights: Vec<u32>,
}

/// What of a query was taken differently from how it was written.
#[napi(object)]
pub struct NativeNote {
    /// Bytes of the query.
    pub start: u32,
    pub end: u32,
    pub message: String,
}

#[napi(object)]
pub struct NativeRankedCoverage {
    pub generation: f64,
    pub snapshot: String,
    /// Milliseconds since 1970: when the snapshot was taken.
    pub taken_at: f64,
    #[napi(ts_type = "'snapshot' | 'watched' | 'verified'")]
    pub freshness: String,
    /// Whether all indexed files took part, and all words that a prefix or a fuzzy word stands for.
    pub complete: bool,
    /// Why not all files took part.
    #[napi(ts_type = "('unranked' | 'changed' | 'compressed' | 'otherOptions')[]")]
    pub gaps: Vec<String>,
    /// Files in the snapshot.
    pub indexed: f64,
    /// Of these, files that are ranked already.
    pub ranked: f64,
    /// Files of hits that have changed since they were indexed.
    pub changed: f64,
    #[napi(ts_type = "'maxExpansions' | 'maxVisits'")]
    pub limit: Option<String>,
    /// Names the state that was asked, if the same question of that state always has this answer.
    pub lasting_state: Option<String>,
}

impl NativeRankedCoverage {
    /// `limit`: the one that cut the answer.
    pub fn of(coverage: RankedCoverage, limit: Option<&str>) -> NativeRankedCoverage {
        NativeRankedCoverage {
            complete: coverage.is_complete() && limit.is_none(),
            gaps: coverage.gaps.iter().map(|gap| gap.name().to_owned()).collect(),
            lasting_state: coverage.lasting_state(),
            generation: coverage.generation as f64,
            snapshot: coverage.snapshot,
            taken_at: coverage.taken_at_ms,
            freshness: coverage.freshness.name().to_owned(),
            indexed: coverage.indexed as f64,
            ranked: coverage.ranked as f64,
            changed: coverage.changed as f64,
            limit: limit.map(str::to_owned),
        }
    }

    /// `is_cut`: a prefix or a fuzzy word stands for more words than it may.
    pub fn of_search(coverage: RankedCoverage, is_cut: bool) -> NativeRankedCoverage {
        NativeRankedCoverage::of(coverage, is_cut.then_some("maxExpansions"))
    }
}

impl From<SearchAnswer> for NativeSearchAnswer {
    fn from(answer: SearchAnswer) -> NativeSearchAnswer {
        let SearchAnswer {
            query,
            hits,
            total,
            facets,
            notes,
            taken,
            did_you_mean,
            expansions_cut,
            coverage,
            phases,
        } = answer;
        NativeSearchAnswer {
            query,
            hits: hits.into_iter().map(NativeHit::from).collect(),
            total: total as f64,
            facets: facets.into_iter().map(NativeFacet::from).collect(),
            notes: notes.into_iter().map(NativeNote::from).collect(),
            mode: taken.into(),
            did_you_mean,
            phases: phases.into(),
            coverage: NativeRankedCoverage::of_search(coverage, expansions_cut),
        }
    }
}

impl From<Note> for NativeNote {
    fn from(note: Note) -> NativeNote {
        NativeNote {
            start: note.span.start as u32,
            end: note.span.end as u32,
            message: note.message,
        }
    }
}

impl From<SearchHit> for NativeHit {
    fn from(hit: SearchHit) -> NativeHit {
        NativeHit {
            path: String::from_utf8_lossy(&hit.path).into_owned(),
            line: hit.line as f64,
            start: hit.range.start as f64,
            end: hit.range.end as f64,
            score: f64::from(hit.score),
            copies: hit.copies.into_iter().map(NativeCopy::from).collect(),
            time: hit.time.map(|time| time as f64),
            level: hit.level.map(|level| level.name().to_owned()),
            fields: hit.fields.iter().map(NativeField::from).collect(),
            snippet: hit.snippet.map(NativeSnippet::from),
        }
    }
}

impl From<(&str, &str)> for NativeField {
    fn from((name, value): (&str, &str)) -> NativeField {
        NativeField {
            name: name.to_owned(),
            value: value.to_owned(),
        }
    }
}

impl From<(Vec<u8>, u64)> for NativeCopy {
    fn from((path, line): (Vec<u8>, u64)) -> NativeCopy {
        NativeCopy {
            path: String::from_utf8_lossy(&path).into_owned(),
            line: line as f64,
        }
    }
}

impl From<Snippet> for NativeSnippet {
    fn from(snippet: Snippet) -> NativeSnippet {
        let Snippet {
            line,
            text,
            highlights,
        } = snippet;
        let (mut units, mut place) = (0, 0);
        let mut in_units = |end: usize| {
            units += text[place..end].encode_utf16().count() as u32;
            place = end;
            units
        };
        let ends = highlights.iter().flat_map(|range| [range.start, range.end]);
        let highlights = ends.map(&mut in_units).collect();
        NativeSnippet {
            line: line as f64,
            highlights,
            text,
        }
    }
}
