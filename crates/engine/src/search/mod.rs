//! Ranked search: the passages that answer a question best.

mod explain;
mod facets;
mod filters;
mod fold;
mod intervals;
mod mode;
mod request;
mod scope;
mod snippet;
mod suggest;
mod texts;
mod within;

use std::fmt::Display;
use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use quern_terms::language::{Clause, Note};
use quern_terms::{AskedStatistics, Corpus, Depth, FileFacts, Hit, Options, Question, RERANKED, Resolved};
use quern_walk::Cancel;
use rayon::prelude::*;

use crate::engine::Engine;
use crate::error::{Code, Error};
use crate::search::explain::advice;
use crate::search::facets::{Counts, Tally};
use crate::search::filters::Known;
use crate::search::fold::{Region, fold};
use crate::search::mode::{Understood, fallback, understood};
use crate::search::snippet::Snippets;
use crate::search::within::places;
use crate::snapshot::{Runs, Snapshot, now_ms};
use crate::stats::lap;

pub use explain::{Explanation, Phases};
pub use mode::{QueryMode, Taken};
pub(crate) use request::state_name;
pub use request::{
    Facet, FacetBy, FacetRequest, FacetValue, Gap, Interval, RankedCoverage, SearchAnswer, SearchHit,
    SearchRequest, Snippet,
};
pub use scope::Scope;
pub(crate) use suggest::suggest;
pub use suggest::{SuggestAnswer, SuggestKind, SuggestRequest, Suggestion};

/// Hits of which what has to be decoded is held at once.
const PAGE: usize = 1000;

/// A request that is being answered from a snapshot.
struct Search<'a> {
    engine: &'a Arc<Engine>,
    snapshot: &'a Arc<Snapshot>,
    runs: &'a Runs<'a>,
    request: &'a SearchRequest,
    /// What of the query says where and when to look; nothing if clauses hold for whole files.
    places: &'a [Clause],
    /// What `now` means, in milliseconds since 1970: the same for all of it.
    /// Those of this very query, if more is asked than this index.
    statistics: Option<&'a Arc<AskedStatistics>>,
    now: i64,
    known: &'a Known,
    cancel: &'a Cancel,
}

/// What all runs together answer.
struct Found {
    /// The best, as the terms alone order them.
    best: Vec<Hit>,
    total: u64,
    /// Of each facet that was asked for.
    counts: Vec<Counts>,
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
    let search = |request: &SearchRequest| answer(engine, snapshot, request, cancel, |_, _, _| Ok(true));
    or_fallback(request, search, |answer| answer)
}

/// Answers a request, and tells how.
///
/// # Errors
/// As [`search`].
pub(crate) fn explain(
    engine: &Arc<Engine>,
    snapshot: &Arc<Snapshot>,
    request: &SearchRequest,
    cancel: &Cancel,
) -> Result<Explanation, Error> {
    let explain = |request: &SearchRequest| {
        let (mut plan, mut said, mut runs) = (None, Vec::new(), 0);
        let answer = answer(engine, snapshot, request, cancel, |search, clause, question| {
            plan = Some(question.explain()?);
            said = advice(engine, clause, question)?;
            runs = search.runs.all().len();
            Ok(true)
        })?;
        Ok(Explanation {
            answer,
            plan,
            advice: said,
            segments: snapshot.segments.len(),
            runs,
        })
    };
    or_fallback(request, explain, |explanation| &mut explanation.answer)
}

/// What the scores of a request depend on; `None`: it asks for nothing.
///
/// # Errors
/// As [`search`].
pub(crate) fn statistics(
    engine: &Arc<Engine>,
    snapshot: &Arc<Snapshot>,
    request: &SearchRequest,
    cancel: &Cancel,
) -> Result<Option<AskedStatistics>, Error> {
    let mut statistics = None;
    answer(engine, snapshot, request, cancel, |_, _, question| {
        statistics = Some(question.statistics());
        Ok(false)
    })?;
    Ok(statistics)
}

/// Carries a request out, and if it chose its mode and nothing was found, once more in the mode that comes next.
fn or_fallback<A>(
    request: &SearchRequest,
    carry_out: impl Fn(&SearchRequest) -> Result<A, Error>,
    answer: impl Fn(&mut A) -> &mut SearchAnswer,
) -> Result<A, Error> {
    let mut first = carry_out(request)?;
    let Some(taken) = fallback(request, answer(&mut first)) else {
        return Ok(first);
    };
    let moves = answer(&mut first).coverage.moves;
    let mut second = carry_out(&SearchRequest {
        mode: taken.mode,
        ..request.clone()
    })?;
    let last = answer(&mut second);
    last.taken = taken;
    // That the first found nothing may be due to when it was asked.
    last.coverage.moves |= moves;
    Ok(second)
}

/// `look` sees what was made of the query, if it is not empty, and says whether to ask it.
fn answer(
    engine: &Arc<Engine>,
    snapshot: &Arc<Snapshot>,
    request: &SearchRequest,
    cancel: &Cancel,
    look: impl FnOnce(&Search<'_>, &Clause, &Question<'_, '_>) -> Result<bool, Error>,
) -> Result<SearchAnswer, Error> {
    let mut clock = Instant::now();
    let runs = &snapshot.runs()?;
    let corpus = runs.corpus();
    let opening = lap(&mut clock);
    let Understood { clause, notes, taken } = understood(engine, request, &corpus)?;
    let mut answer = SearchAnswer::empty(snapshot, notes, request, taken);
    let Some(clause) = clause else {
        return Ok(answer);
    };
    answer.query = clause.to_string();
    answer.phases.parse = lap(&mut clock);
    let places = match request.scope {
        Scope::Chunk => places(&clause),
        Scope::File => Vec::new(),
    };
    let search = Search {
        engine,
        snapshot,
        runs,
        request,
        places: &places,
        statistics: request.options.statistics.as_ref(),
        now: request.now.unwrap_or_else(now_ms),
        known: &Known::default(),
        cancel,
    };
    let question = search.scoped(&clause, &corpus)?;
    answer.expansions_cut = search.known.is_cut();
    answer.coverage.gaps.extend(search.known.gaps());
    answer.phases.plan = opening + lap(&mut clock);
    if !look(&search, &clause, &question)? {
        return Ok(answer);
    }
    lap(&mut clock);
    search.ask(&question, &mut answer, &mut clock)?;
    let goes_on = fallback(request, &answer).is_some();
    if answer.total == 0 && request.did_you_mean && !goes_on {
        answer.did_you_mean = Search {
            statistics: None,
            ..search
        }
        .meant(&clause, &corpus)?;
    }
    answer.coverage.moves = search.known.moves();
    Ok(answer)
}

impl<'a> Search<'a> {
    /// Understands what is asked for, in the scope that is asked for.
    fn scoped<'c>(&self, clause: &Clause, corpus: &'c Corpus<'a>) -> Result<Question<'c, 'a>, Error> {
        match self.request.scope {
            Scope::Chunk => self.question(clause, corpus, None),
            Scope::File => {
                let (loosened, within) = self.in_files(clause, corpus)?;
                self.question(&loosened, corpus, Some(within))
            }
        }
    }

    /// Understands a clause, of chunks `within` these if they are given, else of those of the files that are chosen.
    fn question<'c>(
        &self,
        clause: &Clause,
        corpus: &'c Corpus<'a>,
        within: Option<Resolved>,
    ) -> Result<Question<'c, 'a>, Error> {
        let options = Options {
            max_words: self.request.syntax.max_clauses,
            statistics: self.statistics.cloned(),
            ..self.request.options.clone()
        };
        let within = match within {
            Some(within) => Some(within),
            None => self.chosen()?.cloned(),
        };
        let stopped = || self.cancel.check().is_err();
        let question = self.engine.pools.query.threads().install(|| {
            let resolve = |clause: &Clause| self.resolve(clause);
            Question::new(clause, corpus, within, &options, &stopped, resolve)
        });
        // Which stop it was is known here.
        self.cancel.check()?;
        let question = question?;
        self.known.add_cut(question.is_cut());
        Ok(question)
    }

    /// Asks all runs, and shows the best. Asks for more of them if too many are joined or folded.
    fn ask(
        &self,
        question: &Question<'_, '_>,
        answer: &mut SearchAnswer,
        clock: &mut Instant,
    ) -> Result<(), Error> {
        let SearchRequest { offset, limit, .. } = self.request;
        let (wanted, mut depth) = match offset.saturating_add(*limit) {
            _ if *limit == 0 => (0, 0),
            wanted => (wanted, wanted.max(RERANKED + 1)),
        };
        loop {
            let found = self.found(question, depth)?;
            answer.phases.postings += lap(clock);
            let regions = self.regions(question, found.best);
            answer.phases.rank += lap(clock);
            if regions.len() < wanted && depth as u64 <= found.total {
                depth = depth.saturating_mul(4);
                continue;
            }
            answer.total = found.total;
            let facets = found.counts.into_iter().zip(&self.request.facets);
            answer.facets = facets.map(|(counts, facet)| counts.facet(facet)).collect();
            self.show(&regions, question, answer)?;
            answer.phases.snippet = lap(clock);
            return Ok(());
        }
    }

    /// What each run answers; they are asked side by side.
    fn of_runs<T: Send>(&self, ask: impl Fn(u32) -> Result<T, Error> + Send + Sync) -> Result<Vec<T>, Error> {
        let runs = 0..self.runs.all().len() as u32;
        let threads = self.engine.pools.query.threads();
        threads.install(|| runs.into_par_iter().map(ask).collect())
    }

    /// What all runs together answer.
    fn found(&self, question: &Question<'_, '_>, depth: usize) -> Result<Found, Error> {
        let facets = &self.request.facets;
        let wanted = Depth::new(depth);
        let ask = |run: u32| {
            let check = || self.cancel.check().map_err(Error::from);
            let mut tally = Tally::new(self.runs.get(run), facets);
            let hits = question.ask(run, &wanted, check, |chunk| {
                if !facets.is_empty() {
                    tally.add(chunk);
                }
            })?;
            let counts = tally.counts(self.snapshot, facets, &|| self.cancel.check().is_err());
            // Which stop it was is known here.
            self.cancel.check()?;
            Ok((hits, counts?))
        };
        let mut found = Found {
            best: Vec::new(),
            total: 0,
            counts: vec![Counts::default(); facets.len()],
        };
        for (hits, counts) in self.of_runs(ask)? {
            found.total += hits.total;
            found.best.extend(hits.best);
            for (sum, counts) in found.counts.iter_mut().zip(counts) {
                sum.join(counts);
            }
        }
        Hit::keep_best(&mut found.best, depth);
        Ok(found)
    }

    /// The best hits in the order in which they are shown, without those that are shown with a better one.
    fn regions(&self, question: &Question<'_, '_>, mut best: Vec<Hit>) -> Vec<Region> {
        let entry = |hit: &Hit| self.runs.get(hit.run).entry(hit.chunk);
        question.rerank(&mut best, entry, |entry| {
            let segment = self.snapshot.segment(entry);
            FileFacts {
                path: segment.path(entry.1),
                modified: segment.files().stat(entry.1).mtime_ns,
            }
        });
        if self.request.fold {
            return fold(self.snapshot, self.runs, &best);
        }
        best.iter().map(|hit| Region::of(self.runs, hit)).collect()
    }

    /// Cuts what is to be shown.
    fn show(
        &self,
        regions: &[Region],
        question: &Question<'_, '_>,
        answer: &mut SearchAnswer,
    ) -> Result<(), Error> {
        let mut snippets = Snippets::new(self.engine, self.snapshot, question.highlighter());
        let from = self.request.offset.min(regions.len());
        let to = from + self.request.limit.min(regions.len() - from);
        for page in regions[from..to].chunks(PAGE) {
            snippets.prepare(page, self.cancel)?;
            for region in page {
                self.cancel.check()?;
                answer.hits.push(snippets.hit(region)?);
            }
        }
        answer.coverage.changed = snippets.changed();
        Ok(())
    }
}

/// What is wrong with a query, and where.
fn refused(reason: impl Display, span: &Range<usize>) -> Error {
    Error::new(
        Code::InvalidQuery,
        format!("{reason} (at {} of the query)", span.start),
    )
}

impl SearchAnswer {
    fn empty(snapshot: &Snapshot, notes: Vec<Note>, request: &SearchRequest, taken: Taken) -> SearchAnswer {
        let facets = request.facets.iter();
        SearchAnswer {
            query: String::new(),
            hits: Vec::new(),
            total: 0,
            facets: facets.map(|facet| Counts::default().facet(facet)).collect(),
            notes,
            taken,
            did_you_mean: None,
            expansions_cut: false,
            phases: Phases::default(),
            coverage: RankedCoverage::of(snapshot),
        }
    }
}
