//! How a ranked query was answered, what that took, and what could be asked instead.

use std::time::Duration;

use quern_grams::Query;
use quern_matcher::SearchOptions;
use quern_terms::language::{Clause, Kind};
use quern_terms::{Advice, Question, Step};

use crate::engine::Engine;
use crate::error::Error;
use crate::query::GrepRequest;
use crate::search::request::SearchAnswer;

/// How a ranked query was answered.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The answer itself.
    pub answer: SearchAnswer,
    /// What was looked for; `None`: the query is empty.
    pub plan: Option<Step>,
    /// What its author may want to know, in the order of the query.
    pub advice: Vec<Advice>,
    /// Segments and runs that were asked.
    pub segments: usize,
    /// See `segments`.
    pub runs: usize,
}

/// How long each part of an answer took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases {
    /// Reading the query.
    pub parse: Duration,
    /// Finding out what its clauses stand for: words, files, lines.
    pub plan: Duration,
    /// Reading posting lists, scoring and counting.
    pub postings: Duration,
    /// Looking at the best again.
    pub rank: Duration,
    /// Reading what is shown.
    pub snippet: Duration,
}

/// What is to be said about a question.
pub(super) fn advice(
    engine: &Engine,
    clause: &Clause,
    question: &Question<'_, '_>,
) -> Result<Vec<Advice>, Error> {
    let mut advice = question.advice(clause);
    about_regexes(engine, clause, &mut advice)?;
    advice.sort_by_key(|advice| advice.span.start);
    Ok(advice)
}

/// Regular expressions that the gram index does not help with.
fn about_regexes(engine: &Engine, clause: &Clause, advice: &mut Vec<Advice>) -> Result<(), Error> {
    match &clause.kind {
        Kind::Group { all, any, none } => {
            for clause in all.iter().chain(any).chain(none) {
                about_regexes(engine, clause, advice)?;
            }
        }
        Kind::Regex(pattern) => {
            let request = GrepRequest::new([pattern]);
            let compiled = engine
                .compiler
                .compile(&request.pattern, &SearchOptions::default())?;
            if matches!(*compiled.query, Query::All) {
                advice.push(Advice {
                    span: clause.span.clone(),
                    message: format!(
                        "{clause} reads every file: three characters in a row that every match has would narrow it"
                    ),
                    query: None,
                });
            }
        }
        _ => {}
    }
    Ok(())
}
