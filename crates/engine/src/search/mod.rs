//! Ranked search: the passages that answer a question best.

mod filters;
mod request;
mod snippet;

use std::fmt::Display;
use std::ops::Range;
use std::sync::Arc;

use quern_store::{ChunkRecord, ChunkTable};
use quern_terms::language::{Clause, Note, Parsed, parse};
use quern_terms::{Borders, Corpus, Hit, LiveRun, Options, Question, RERANKED};
use quern_walk::Cancel;
use rayon::prelude::*;
use roaring::RoaringBitmap;

use crate::engine::Engine;
use crate::error::{Code, Error, Stage};
use crate::ranked::failed;
use crate::search::filters::Filters;
use crate::search::snippet::Snippets;
use crate::snapshot::{LiveSegment, Snapshot};

pub use request::{RankedCoverage, SearchAnswer, SearchHit, SearchRequest, Snippet};

/// The runs of a snapshot.
struct Runs<'a> {
    /// Of each, its segment's place, and its place in the segment.
    places: Vec<(usize, usize)>,
    live: Vec<LiveRun<'a>>,
}

/// What a run does not say of its chunks.
struct Known<'a> {
    table: &'a ChunkTable,
    /// Its chunks in the table.
    chunks: Range<u32>,
    /// Those that no longer count.
    dead: RoaringBitmap,
}

impl Known<'_> {
    fn chunk(&self, chunk: u32) -> ChunkRecord {
        self.table.get(self.chunks.start + chunk)
    }
}

impl Borders for Known<'_> {
    fn words(&self, chunk: u32) -> u32 {
        self.chunk(chunk).words
    }

    fn goes_on(&self, chunk: u32) -> bool {
        if self.chunks.start + chunk + 1 >= self.chunks.end {
            return false;
        }
        let (before, next) = (self.chunk(chunk), self.chunk(chunk + 1));
        before.file == next.file && before.offset + before.length == next.offset
    }
}

/// Answers a request from a snapshot.
///
/// # Errors
/// A query that is refused; a damaged store; a stop.
pub(crate) fn search(
    engine: &Arc<Engine>,
    snapshot: &Arc<Snapshot>,
    request: &SearchRequest,
    cancel: &Cancel,
) -> Result<SearchAnswer, Error> {
    let parsed = parse(&request.query, &request.syntax);
    let parsed = parsed.map_err(|error| refused(&error, &error.span))?;
    let Parsed { clause, notes } = parsed;
    let mut answer = SearchAnswer::empty(snapshot, notes);
    let Some(clause) = clause else {
        return Ok(answer);
    };
    answer.query = clause.to_string();
    let known = snapshot
        .segments
        .iter()
        .map(known)
        .collect::<Result<Vec<_>, _>>()?;
    let runs = Runs::of(snapshot, &known)?;
    let corpus = Corpus::new(runs.live.clone());
    let mut filters = Filters::new(engine, snapshot, &runs.places, cancel);
    let asked = request.offset.saturating_add(request.limit);
    let depth = asked.max(RERANKED + 1);
    let threads = engine.pools.query.threads();
    let options = Options {
        max_words: request.syntax.max_clauses,
        ..request.options.clone()
    };
    let stopped = || cancel.check().is_err();
    let question = threads.install(|| {
        let resolve = |clause: &Clause| filters.resolve(clause);
        Question::new(&clause, &corpus, &options, &stopped, resolve)
    });
    // Which stop it was is known here.
    cancel.check()?;
    let question = question?;
    answer.expansions_cut = question.is_cut;
    let ask = |run: usize| {
        let check = || cancel.check().map_err(Error::from);
        question.ask(run as u32, depth, check, |_| ())
    };
    let answers: Vec<_> = threads.install(|| {
        let runs = (0..runs.live.len()).into_par_iter();
        runs.map(ask).collect::<Result<_, Error>>()
    })?;
    let mut best: Vec<Hit> = Vec::new();
    for hits in answers {
        answer.total += hits.total;
        best.extend(hits.best);
    }
    best.sort_by(Hit::order);
    let file = |hit: &Hit| {
        let (segment, place) = runs.places[hit.run as usize];
        (segment as u32, known[segment][place].chunk(hit.chunk).file)
    };
    question.rerank(&mut best, file, |entry| snapshot.segment(entry).path(entry.1));
    let mut snippets = Snippets::new(engine, snapshot, question.highlighter());
    for hit in best.iter().skip(request.offset).take(request.limit) {
        cancel.check()?;
        let (segment, place) = runs.places[hit.run as usize];
        let chunk = known[segment][place].chunk(hit.chunk);
        let entry = (segment as u32, chunk.file);
        answer.hits.push(snippets.hit(entry, chunk, hit.score)?);
    }
    answer.coverage.changed = snippets.changed();
    Ok(answer)
}

/// What is known of the runs of a segment.
fn known(live: &LiveSegment) -> Result<Vec<Known<'_>>, Error> {
    let Some(terms) = live.segment.terms()? else {
        return Ok(Vec::new());
    };
    let dead = terms.of_files(&live.dead).into_iter().enumerate();
    let known = dead.map(|(run, dead)| Known {
        table: &terms.table,
        chunks: terms.chunks(run),
        dead,
    });
    Ok(known.collect())
}

impl<'a> Runs<'a> {
    fn of(snapshot: &'a Snapshot, known: &'a [Vec<Known<'a>>]) -> Result<Runs<'a>, Error> {
        let mut runs = Runs {
            places: Vec::new(),
            live: Vec::new(),
        };
        for (number, (live, known)) in snapshot.segments.iter().zip(known).enumerate() {
            let Some(terms) = live.segment.terms()? else {
                continue;
            };
            for (place, (run, known)) in terms.runs.iter().zip(known).enumerate() {
                runs.places.push((number, place));
                runs.live.push(LiveRun {
                    run,
                    dead: &known.dead,
                    borders: known,
                });
            }
        }
        Ok(runs)
    }
}

/// What is wrong with a query, and where.
fn refused(reason: impl Display, span: &Range<usize>) -> Error {
    Error::new(
        Code::InvalidQuery,
        format!("{reason} (at {} of the query)", span.start),
    )
}

impl From<quern_terms::Error> for Error {
    fn from(error: quern_terms::Error) -> Error {
        failed(error).during(Stage::Open)
    }
}

impl SearchAnswer {
    fn empty(snapshot: &Snapshot, notes: Vec<Note>) -> SearchAnswer {
        SearchAnswer {
            query: String::new(),
            hits: Vec::new(),
            total: 0,
            notes,
            expansions_cut: false,
            coverage: RankedCoverage::of(snapshot),
        }
    }
}
