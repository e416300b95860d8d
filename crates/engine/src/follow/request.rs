//! What a follow asks for.

use std::sync::Arc;

use quern_matcher::{Pattern, PatternOptions, SearchOptions, Searchers};
use quern_walk::{PathFilter, TypeChange};
use quern_watch::WatchOptions;

use crate::error::{Code, Error, Stage};
use crate::query::compile::Compiler;
use crate::query::{path_filter, refused};

/// Default of [`FollowRequest::max_line`].
pub const DEFAULT_FOLLOWED_LINE: usize = 1 << 20;
/// The most that [`FollowRequest::max_line`] can be: a line is in memory as a whole.
const LONGEST_LINE: usize = 16 << 20;

/// One question to [`Index::follow`](crate::Index::follow).
#[derive(Clone, Debug)]
pub struct FollowRequest {
    /// The patterns; `None`: every line. Lines stand alone: nothing that looks beyond a line is allowed.
    pub pattern: Option<PatternOptions>,
    /// Lines that do not match.
    pub invert: bool,
    /// Only files that these globs admit (`-g`). They narrow the index's files, never widen them.
    pub globs: Vec<String>,
    /// The same without regard to case.
    pub iglobs: Vec<String>,
    /// Only files of these types.
    pub types: Vec<TypeChange>,
    /// Begin with so many of the complete lines that each file has; 0: with what is written from now on.
    pub last: u32,
    /// Longer lines are given in pieces of at most so many bytes, 1 to 16 MiB.
    pub max_line: usize,
    /// How the folder is watched.
    pub watch: WatchOptions,
}

impl Default for FollowRequest {
    fn default() -> Self {
        FollowRequest {
            pattern: None,
            invert: false,
            globs: Vec::new(),
            iglobs: Vec::new(),
            types: Vec::new(),
            last: 0,
            max_line: DEFAULT_FOLLOWED_LINE,
            watch: WatchOptions::default(),
        }
    }
}

/// What lines are looked for, and how.
pub(super) struct Looked {
    pub pattern: Arc<Pattern>,
    pub searchers: Searchers,
}

impl FollowRequest {
    pub(super) fn filter(&self) -> Result<PathFilter, Error> {
        path_filter(&self.globs, &self.iglobs, &self.types)
    }

    /// # Errors
    /// A pattern that is refused or needs more than a line; a limit that makes no sense.
    pub(super) fn compile(&self, compiler: &Compiler) -> Result<Looked, Error> {
        if self.max_line == 0 || self.max_line > LONGEST_LINE {
            let message = format!(
                "maxLine is {}; it should be from 1 to {LONGEST_LINE} bytes",
                self.max_line
            );
            return Err(Error::new(Code::InvalidOption, message));
        }
        // No pattern matches nothing, so that every line is one that does not match.
        let (options, invert) = match &self.pattern {
            Some(pattern) => (pattern.clone(), self.invert),
            None => (PatternOptions::default(), true),
        };
        if options.multiline || options.null_data {
            let message = "what is followed are lines: multiline and nullData are not allowed";
            return Err(Error::new(Code::InvalidOption, message));
        }
        let search = SearchOptions {
            invert,
            crlf: options.crlf,
            line_number: false,
            ..SearchOptions::default()
        };
        let compiled = compiler.compile(&options, &search)?;
        if !compiled.by_block {
            let message = "\\A is the start of a file, which a followed line is not; use ^";
            return Err(Error::new(Code::InvalidPattern, message).during(Stage::Pattern));
        }
        Ok(Looked {
            pattern: compiled.pattern,
            searchers: Searchers::new(&search).map_err(|error| refused(&error))?,
        })
    }
}
