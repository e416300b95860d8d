//! From a request to a compiled pattern and a plan, both cached: editors and agents ask the same things again.

use std::sync::Arc;

use quern_grams::Query;
use quern_grams::plan::{PlanOptions, plan};
use quern_matcher::{EncodingChoice, ErrorKind, Pattern, PatternCache, PatternOptions, SearchOptions};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::error::{Code, Error, Stage};

/// Entries that each of the two caches holds at most.
const CACHED_PATTERNS: usize = 256;
/// Bytes that the cache of compiled patterns holds at most, about.
const CACHED_BYTES: u64 = 32 << 20;
/// The same for the cache of plans.
const PLANNED_BYTES: u64 = 4 << 20;

/// How a plan is to be evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    /// A match lies within one block.
    Block,
    /// A match may span blocks: grams count wherever they are in the file.
    File,
}

/// A pattern ready to be searched, and what it requires of a block or file.
pub(crate) struct Compiled {
    pub pattern: Arc<Pattern>,
    pub query: Arc<Query>,
    /// The plan takes anchors as line ends: it says nothing about files with NUL, which can end a line too.
    pub anchored: bool,
    /// Bytes are searched as they are: the plan says nothing about files that were decoded when they were indexed.
    pub raw: bool,
    pub scope: Scope,
    /// Lines can be searched block by block, with the same result as whole files.
    pub by_block: bool,
}

/// Bounded caches of compiled patterns and of plans.
pub(crate) struct Compiler {
    patterns: PatternCache,
    plans: Cache<(PatternOptions, Scope), Plan, ByText>,
}

/// A plan is bounded, what it was made from is not.
#[derive(Clone)]
struct ByText;

impl Weighter<(PatternOptions, Scope), Plan> for ByText {
    fn weight(&self, (options, _): &(PatternOptions, Scope), _: &Plan) -> u64 {
        let text: usize = options.patterns.iter().map(String::len).sum();
        PLANNED_BYTES / CACHED_PATTERNS as u64 + text as u64
    }
}

#[derive(Clone)]
struct Plan {
    query: Arc<Query>,
    anchored: bool,
}

impl Compiler {
    pub fn new() -> Compiler {
        Compiler {
            patterns: PatternCache::new(CACHED_PATTERNS, CACHED_BYTES),
            plans: Cache::with_weighter(CACHED_PATTERNS, PLANNED_BYTES, ByText),
        }
    }

    /// # Errors
    /// A pattern that does not compile, or is too large.
    pub fn compile(&self, options: &PatternOptions, search: &SearchOptions) -> Result<Compiled, Error> {
        let pattern = self.patterns.get(options).map_err(|error| refused(&error))?;
        let crosses = pattern.crosses_lines(search) || search.null_data;
        let scope = if crosses { Scope::File } else { Scope::Block };
        let Plan { query, anchored } = match requires_nothing(search) {
            true => Plan {
                query: Arc::new(Query::All),
                anchored: false,
            },
            false => self.plan(&pattern, options, scope),
        };
        let by_block = pattern.by_block(search);
        let raw = search.encoding == EncodingChoice::None;
        Ok(Compiled {
            pattern,
            query,
            anchored,
            raw,
            scope,
            by_block,
        })
    }

    fn plan(&self, pattern: &Pattern, options: &PatternOptions, scope: Scope) -> Plan {
        let key = (options.clone(), scope);
        if let Some(plan) = self.plans.get(&key) {
            return plan;
        }
        let plain = PlanOptions {
            line_anchors: false,
            crosses_lines: scope == Scope::File,
            ..PlanOptions::default()
        };
        let mut made = Plan {
            query: Arc::new(plan(pattern.hirs(), &plain)),
            anchored: false,
        };
        if scope == Scope::Block {
            let query = plan(
                pattern.hirs(),
                &PlanOptions {
                    line_anchors: true,
                    ..plain
                },
            );
            made.anchored = query != *made.query;
            made.query = Arc::new(query);
        }
        self.plans.insert(key, made.clone());
        made
    }
}

/// Whether lines that do not match count, or the text is not the one that was indexed: then every file is searched.
fn requires_nothing(search: &SearchOptions) -> bool {
    search.invert || search.passthru || matches!(search.encoding, EncodingChoice::Label(_))
}

pub(crate) fn refused(error: &quern_matcher::Error) -> Error {
    let code = match error.kind() {
        ErrorKind::TooLarge { .. } => Code::PatternTooLarge,
        ErrorKind::UnknownEncoding { .. } => Code::InvalidOption,
        _ => Code::InvalidPattern,
    };
    let mut refused = Error::new(code, error.to_string()).during(Stage::Pattern);
    if let ErrorKind::Syntax { pattern, offset } = error.kind() {
        refused.place = Some((*pattern, *offset));
    }
    refused
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(pattern: &str) -> PatternOptions {
        PatternOptions {
            patterns: vec![pattern.to_owned()],
            ..PatternOptions::default()
        }
    }

    #[test]
    fn the_same_question_is_compiled_once() {
        let compiler = Compiler::new();
        let search = SearchOptions::default();
        let first = compiler.compile(&options("needle"), &search).unwrap();
        let second = compiler.compile(&options("needle"), &search).unwrap();
        assert!(Arc::ptr_eq(&first.pattern, &second.pattern));
        assert!(Arc::ptr_eq(&first.query, &second.query));
    }

    #[test]
    fn inverted_searches_require_nothing() {
        let search = SearchOptions {
            invert: true,
            ..SearchOptions::default()
        };
        let compiled = Compiler::new().compile(&options("needle"), &search).unwrap();
        assert_eq!(*compiled.query, Query::All);
    }

    #[test]
    fn a_fault_in_a_pattern_has_a_place() {
        let error = Compiler::new()
            .compile(&options("ab(c"), &SearchOptions::default())
            .err()
            .unwrap();
        assert_eq!((error.code, error.place), (Code::InvalidPattern, Some((0, 2))));
    }

    #[test]
    fn a_pattern_that_explodes_is_refused_by_its_size() {
        let options = PatternOptions {
            size_limit: Some(10 << 20),
            ..options("(a{1000}){1000}")
        };
        let error = Compiler::new()
            .compile(&options, &SearchOptions::default())
            .err()
            .unwrap();
        assert_eq!(error.code, Code::PatternTooLarge);
    }
}
