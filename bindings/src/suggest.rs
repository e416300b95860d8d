//! Suggestions: one request in, one answer out.

use napi_derive::napi;
use quern_engine::{Code, Error, SuggestAnswer, SuggestKind, SuggestRequest, Suggestion};

use crate::request::named_freshness;
use crate::search::NativeRankedCoverage;

/// What suggestions are asked for; what is absent has the engine's default.
#[napi(object)]
pub struct NativeSuggestRequest {
    pub text: String,
    #[napi(ts_type = "Array<'symbol' | 'word' | 'path'>")]
    pub kinds: Option<Vec<String>>,
    pub limit: Option<u32>,
    pub edits: Option<u32>,
    pub max_visits: Option<u32>,
    #[napi(ts_type = "'snapshot' | 'watched' | 'verified'")]
    pub freshness: Option<String>,
}

impl NativeSuggestRequest {
    pub fn request(self) -> Result<SuggestRequest, Error> {
        let mut request = SuggestRequest::new(self.text);
        if let Some(kinds) = self.kinds {
            let kinds = kinds.iter().map(|name| {
                SuggestKind::of_name(name)
                    .ok_or_else(|| invalid(format!("kinds: '{name}' is none of 'symbol', 'word' and 'path'")))
            });
            request.kinds = kinds.collect::<Result<_, _>>()?;
        }
        request.limit = self.limit.map_or(request.limit, |limit| limit as usize);
        request.edits = match self.edits {
            None => None,
            Some(edits @ 0..=2) => Some(edits as u8),
            Some(edits) => return Err(invalid(format!("edits: {edits} is not 0, 1 or 2"))),
        };
        request.freshness = named_freshness(self.freshness.as_deref(), request.freshness)?;
        request.max_visits = self.max_visits.unwrap_or(request.max_visits);
        Ok(request)
    }
}

fn invalid(message: String) -> Error {
    Error::new(Code::InvalidOption, message)
}

/// What is suggested.
#[napi(object)]
pub struct NativeSuggestAnswer {
    pub suggestions: Vec<NativeSuggestion>,
    pub coverage: NativeRankedCoverage,
}

/// Something that may be meant.
#[napi(object)]
pub struct NativeSuggestion {
    pub text: String,
    #[napi(ts_type = "'symbol' | 'word' | 'path'")]
    pub kind: String,
    pub count: f64,
    pub edits: u32,
}

impl From<SuggestAnswer> for NativeSuggestAnswer {
    fn from(answer: SuggestAnswer) -> NativeSuggestAnswer {
        let limit = answer.is_cut.then_some("maxVisits");
        NativeSuggestAnswer {
            coverage: NativeRankedCoverage::of(answer.coverage, limit),
            suggestions: answer
                .suggestions
                .into_iter()
                .map(NativeSuggestion::from)
                .collect(),
        }
    }
}

impl From<Suggestion> for NativeSuggestion {
    fn from(suggestion: Suggestion) -> NativeSuggestion {
        NativeSuggestion {
            text: suggestion.text,
            kind: suggestion.kind.name().to_owned(),
            count: suggestion.count as f64,
            edits: u32::from(suggestion.edits),
        }
    }
}
