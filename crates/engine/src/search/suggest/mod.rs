//! Suggestions: words, symbols and paths that begin as somebody types.

mod meant;
mod paths;
mod request;

use std::sync::Arc;

use quern_terms::{Bounds, Dictionary, LiveRun, complete};
use quern_walk::Cancel;
use rayon::prelude::*;

use crate::engine::Engine;
use crate::error::Error;
use crate::search::{Gap, RankedCoverage};
use crate::snapshot::{Runs, Snapshot};

pub use request::{SuggestAnswer, SuggestKind, SuggestRequest, Suggestion};

/// Answers a request from a snapshot.
///
/// # Errors
/// A damaged store; a stop.
pub(crate) fn suggest(
    engine: &Engine,
    snapshot: &Arc<Snapshot>,
    request: &SuggestRequest,
    cancel: &Cancel,
) -> Result<SuggestAnswer, Error> {
    let needs_terms = request.needs_terms();
    let runs = needs_terms.then(|| snapshot.runs()).transpose()?;
    let corpus = runs.as_ref().map(Runs::corpus);
    let live = corpus.as_ref().map_or(&[][..], |corpus| corpus.runs());
    let text = request.text.trim_start();
    let of_kind = |&kind: &SuggestKind| match kind {
        SuggestKind::Path => Ok((paths::paths(snapshot, text, request, cancel)?, false)),
        SuggestKind::Word | SuggestKind::Symbol => terms(live, kind, text, request, cancel),
    };
    let threads = engine.pools.query.threads();
    let found = threads.install(|| {
        request
            .kinds
            .par_iter()
            .map(of_kind)
            .collect::<Result<Vec<_>, Error>>()
    });
    // Which stop it was is known here.
    cancel.check()?;
    let found = found?;
    let is_cut = found.iter().any(|(_, is_cut)| *is_cut);
    let mut coverage = RankedCoverage::of(snapshot);
    if !needs_terms {
        coverage.gaps.retain(|&gap| gap != Gap::Unranked);
    }
    Ok(SuggestAnswer {
        suggestions: found
            .into_iter()
            .flat_map(|(suggestions, _)| suggestions)
            .collect(),
        is_cut,
        coverage,
    })
}

fn terms(
    runs: &[LiveRun<'_>],
    kind: SuggestKind,
    text: &str,
    request: &SuggestRequest,
    cancel: &Cancel,
) -> Result<(Vec<Suggestion>, bool), Error> {
    let dictionary = match kind {
        SuggestKind::Symbol => Dictionary::Names,
        _ => Dictionary::Words,
    };
    let bounds = Bounds {
        limit: request.limit,
        edits: request.edits,
        visits: request.max_visits,
        least: 0,
    };
    let stopped = || cancel.check().is_err();
    let (found, is_cut) = complete(runs, dictionary, text, &bounds, &stopped)?;
    let suggestions = found.into_iter().map(|found| Suggestion {
        text: found.text,
        kind,
        count: found.count,
        edits: found.edits,
    });
    Ok((suggestions.collect(), is_cut))
}

impl SuggestRequest {
    /// Whether it asks for what only the terms know.
    pub fn needs_terms(&self) -> bool {
        self.kinds.iter().any(|kind| *kind != SuggestKind::Path)
    }
}
