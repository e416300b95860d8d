//! How a ranked query is answered.

use std::time::Duration;

use napi_derive::napi;
use quern_engine::{Advice, Explanation, Phases, Step, StepKind};

use crate::search::{NativeNote, NativeRankedCoverage, NativeTaken};

/// How a ranked query was answered.
#[napi(object)]
pub struct NativeExplanation {
    /// The query as it was understood.
    pub query: String,
    /// Passages that match.
    pub total: f64,
    pub plan: Option<NativeStep>,
    pub advice: Vec<NativeAdvice>,
    pub phases: NativePhases,
    pub segments: u32,
    pub runs: u32,
    pub notes: Vec<NativeNote>,
    pub mode: NativeTaken,
    pub coverage: NativeRankedCoverage,
}

/// A part of how it was answered.
#[napi(object)]
pub struct NativeStep {
    #[napi(ts_type = "'group' | 'words' | 'phrase' | 'filter' | 'everything' | 'nothing'")]
    pub kind: String,
    /// Bytes of the query; absent for a group.
    pub start: Option<u32>,
    pub end: Option<u32>,
    pub words: Vec<String>,
    /// Passages that match, at most.
    pub chunks: f64,
    /// Entries of posting lists that are read, at most.
    pub postings: f64,
    pub weight: f64,
    pub all: Vec<NativeStep>,
    pub any: Vec<NativeStep>,
    pub none: Vec<NativeStep>,
}

/// Something about the query that its author may want to know.
#[napi(object)]
pub struct NativeAdvice {
    /// Bytes of the query.
    pub start: u32,
    pub end: u32,
    pub message: String,
    /// What could be asked instead.
    pub query: Option<String>,
}

/// Milliseconds that each part took.
#[napi(object)]
pub struct NativePhases {
    pub parse: f64,
    pub plan: f64,
    pub postings: f64,
    pub rank: f64,
    pub snippet: f64,
}

impl From<Explanation> for NativeExplanation {
    fn from(explanation: Explanation) -> NativeExplanation {
        let Explanation {
            answer,
            plan,
            advice,
            segments,
            runs,
        } = explanation;
        NativeExplanation {
            query: answer.query,
            total: answer.total as f64,
            plan: plan.map(NativeStep::from),
            advice: advice.into_iter().map(NativeAdvice::from).collect(),
            phases: answer.phases.into(),
            segments: segments as u32,
            runs: runs as u32,
            notes: answer.notes.into_iter().map(NativeNote::from).collect(),
            mode: answer.taken.into(),
            coverage: NativeRankedCoverage::of_search(answer.coverage, answer.expansions_cut),
        }
    }
}

impl From<Step> for NativeStep {
    fn from(step: Step) -> NativeStep {
        let steps = |steps: Vec<Step>| steps.into_iter().map(NativeStep::from).collect();
        let kind = match step.kind {
            StepKind::Group => "group",
            StepKind::Words => "words",
            StepKind::Phrase => "phrase",
            StepKind::Filter => "filter",
            StepKind::Everything => "everything",
            StepKind::Nothing => "nothing",
        };
        NativeStep {
            kind: kind.to_owned(),
            start: step.span.as_ref().map(|span| span.start as u32),
            end: step.span.as_ref().map(|span| span.end as u32),
            words: step.words,
            chunks: step.chunks as f64,
            postings: step.postings as f64,
            weight: f64::from(step.weight),
            all: steps(step.all),
            any: steps(step.any),
            none: steps(step.none),
        }
    }
}

impl From<Advice> for NativeAdvice {
    fn from(advice: Advice) -> NativeAdvice {
        NativeAdvice {
            start: advice.span.start as u32,
            end: advice.span.end as u32,
            message: advice.message,
            query: advice.query,
        }
    }
}

impl From<Phases> for NativePhases {
    fn from(phases: Phases) -> NativePhases {
        let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
        NativePhases {
            parse: milliseconds(phases.parse),
            plan: milliseconds(phases.plan),
            postings: milliseconds(phases.postings),
            rank: milliseconds(phases.rank),
            snippet: milliseconds(phases.snippet),
        }
    }
}
