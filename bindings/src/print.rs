//! The command line's search: bytes to print, pulled piece by piece.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use napi::Env;
use napi::bindgen_prelude::{Object, Uint8Array};
use napi_derive::napi;
use quern_engine::{
    Cancel, Code, Error, Mode, Output, PoolOptions, Pools, Printing, Progress, Request, Sieve, Sort, SortBy,
    parse_path_separator, parse_separator, searches_stdin,
};

use crate::control::Control;
use crate::environment;
use crate::failure::NativeFailure;
use crate::index::NativeProgress;
use crate::request::{NativePatternOptions, NativeWalkOptions, unknown};
use crate::task;

#[napi(object)]
#[derive(Default)]
pub struct NativeOutput {
    #[napi(
        ts_type = "'standard' | 'count' | 'count-matches' | 'files-with-matches' | 'files-without-match' | 'json' | 'files' | 'type-list'"
    )]
    pub mode: Option<String>,
    /// Standard output is a terminal.
    pub terminal: Option<bool>,
    pub color: Option<bool>,
    pub colors: Option<Vec<String>>,
    pub heading: Option<bool>,
    pub line_number: Option<bool>,
    pub column: Option<bool>,
    pub with_filename: Option<bool>,
    pub byte_offset: Option<bool>,
    pub only_matching: Option<bool>,
    pub replace: Option<String>,
    pub max_columns: Option<f64>,
    pub max_columns_preview: Option<bool>,
    pub trim: Option<bool>,
    pub null: Option<bool>,
    pub path_separator: Option<String>,
    pub field_match_separator: Option<String>,
    pub field_context_separator: Option<String>,
    /// Absent: `--`. See `no_context_separator`.
    pub context_separator: Option<String>,
    pub no_context_separator: Option<bool>,
    pub include_zero: Option<bool>,
    pub vimgrep: Option<bool>,
    pub hyperlink_format: Option<String>,
}

#[napi(object)]
#[derive(Default)]
pub struct NativePrintRequest {
    /// As given on the command line; none: see `search_stdin`.
    pub paths: Vec<String>,
    pub pattern: NativePatternOptions,
    pub walk: Option<NativeWalkOptions>,
    pub output: Option<NativeOutput>,
    #[napi(ts_type = "'none' | 'path' | 'modified' | 'accessed' | 'created'")]
    pub sort: Option<String>,
    pub sort_reverse: Option<bool>,
    pub quiet: Option<bool>,
    pub stats: Option<bool>,
    pub no_messages: Option<bool>,
    pub no_ignore_messages: Option<bool>,
    #[napi(ts_type = "'auto' | 'never'")]
    pub index: Option<String>,
    pub store: Option<String>,
    pub threads: Option<u32>,
}

#[napi(object)]
pub struct NativeChunk {
    pub out: Uint8Array,
    /// Lines for standard error.
    pub messages: Vec<String>,
}

#[napi(object)]
pub struct NativeSummary {
    pub matched: bool,
    pub errored: bool,
    /// The exit status that ripgrep would end with.
    pub status: u32,
    pub searched: f64,
    pub pruned: f64,
    /// The root of the index that took part.
    pub indexed: Option<String>,
}

impl NativeOutput {
    fn output(self) -> Result<Output, Error> {
        let default = Output::default();
        let mode = match self.mode.as_deref() {
            None | Some("standard") => Mode::Standard,
            Some("count") => Mode::Count,
            Some("count-matches") => Mode::CountMatches,
            Some("files-with-matches") => Mode::FilesWithMatches,
            Some("files-without-match") => Mode::FilesWithoutMatch,
            Some("json") => Mode::Json,
            Some("files") => Mode::Files,
            Some("type-list") => Mode::TypeList,
            Some(other) => return Err(unknown("output.mode", other, "one of ripgrep's modes")),
        };
        let separator = match self.path_separator.as_deref() {
            None => None,
            Some(given) => parse_path_separator(given)
                .map_err(|error| Error::new(Code::InvalidOption, error.to_string()))?,
        };
        let parsed = |given: Option<String>, default| given.map_or(default, |given| parse_separator(&given));
        Ok(Output {
            mode,
            terminal: self.terminal.unwrap_or_default(),
            color: self.color.unwrap_or_default(),
            colors: self.colors.unwrap_or_default(),
            heading: self.heading,
            line_number: self.line_number,
            column: self.column,
            with_filename: self.with_filename,
            byte_offset: self.byte_offset.unwrap_or_default(),
            only_matching: self.only_matching.unwrap_or_default(),
            replace: self.replace,
            max_columns: self.max_columns.map(|columns| columns as u64),
            max_columns_preview: self.max_columns_preview.unwrap_or_default(),
            trim: self.trim.unwrap_or_default(),
            null: self.null.unwrap_or_default(),
            path_separator: separator,
            field_match_separator: parsed(self.field_match_separator, default.field_match_separator),
            field_context_separator: parsed(self.field_context_separator, default.field_context_separator),
            context_separator: match self.no_context_separator {
                Some(true) => None,
                _ => self
                    .context_separator
                    .map_or(default.context_separator, |given| Some(parse_separator(&given))),
            },
            include_zero: self.include_zero.unwrap_or_default(),
            vimgrep: self.vimgrep.unwrap_or_default(),
            hyperlink_format: self.hyperlink_format,
        })
    }
}

impl NativePrintRequest {
    fn split(self) -> Result<(Request, Sieve), Error> {
        let (pattern, search) = self.pattern.options()?;
        let by = match self.sort.as_deref() {
            None | Some("none") => None,
            Some("path") => Some(SortBy::Path),
            Some("modified") => Some(SortBy::Modified),
            Some("accessed") => Some(SortBy::Accessed),
            Some("created") => Some(SortBy::Created),
            Some(other) => return Err(unknown("sort", other, "none, path, modified, accessed, created")),
        };
        let sieve = match self.index.as_deref() {
            None | Some("auto") => Sieve::Nearest {
                store: self.store.map(PathBuf::from),
            },
            Some("never") => Sieve::Never,
            Some(other) => return Err(unknown("index", other, "auto, never")),
        };
        let request = Request {
            paths: self.paths.into_iter().map(PathBuf::from).collect(),
            pattern,
            search,
            walk: self.walk.unwrap_or_default().options()?,
            output: self.output.unwrap_or_default().output()?,
            sort: by.map(|by| Sort {
                by,
                reverse: self.sort_reverse.unwrap_or_default(),
            }),
            quiet: self.quiet.unwrap_or_default(),
            stats: self.stats.unwrap_or_default(),
            no_messages: self.no_messages.unwrap_or_default(),
            no_ignore_messages: self.no_ignore_messages.unwrap_or_default(),
        };
        Ok((request, sieve))
    }
}

/// A search whose output is printed.
#[napi(js_name = "Printing")]
pub struct NativePrinting {
    state: Arc<Mutex<State>>,
    progress: Arc<Progress>,
    pools: Arc<Pools>,
    cancel: Cancel,
}

enum State {
    Asked(Box<NativePrintRequest>),
    Running(Box<Printing>),
    Failed,
}

impl State {
    /// The running search, started by the first call.
    fn running(
        &mut self,
        pools: &Arc<Pools>,
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<&mut Printing, Error> {
        *self = match std::mem::replace(self, State::Failed) {
            State::Asked(asked) => {
                let (request, sieve) = asked.split()?;
                State::Running(Box::new(Printing::start(
                    request, &sieve, pools, progress, cancel,
                )?))
            }
            other => other,
        };
        match self {
            State::Running(printing) => Ok(printing),
            _ => Err(Error::new(Code::Closed, "the search has failed before")),
        }
    }
}

/// Prepares a search; nothing is read before the first `next`.
#[napi]
pub fn print(env: &Env, request: NativePrintRequest, control: &Control) -> napi::Result<NativePrinting> {
    let of_pools = PoolOptions {
        // 0 is what the flag has for all cores, and what it is if it is not given.
        threads: request
            .threads
            .filter(|&threads| threads > 0)
            .map(|threads| threads as usize),
        ..PoolOptions::default()
    };
    Ok(NativePrinting {
        state: Arc::new(Mutex::new(State::Asked(Box::new(request)))),
        progress: Arc::default(),
        pools: environment::pools(env, &of_pools)?,
        cancel: control.handle(),
    })
}

/// Whether ripgrep, given no path, would search standard input.
#[napi]
pub fn search_stdin(patterns_from_stdin: bool) -> bool {
    searches_stdin(patterns_from_stdin)
}

#[napi]
impl NativePrinting {
    /// The next piece of output; null at the end.
    #[napi(ts_return_type = "Promise<NativeChunk | null | NativeFailed>")]
    pub fn next<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let (state, progress) = (Arc::clone(&self.state), Arc::clone(&self.progress));
        let (pools, cancel) = (Arc::clone(&self.pools), self.cancel.clone());
        task::promise(env, &self.pools.query, &self.cancel, move || {
            let mut state = task::unless_busy(&state).ok_or_else(task::busy)?;
            let printing = state.running(&pools, &progress, &cancel)?;
            let chunk = printing.next()?;
            Ok(chunk.map(|chunk| NativeChunk {
                out: chunk.out.into(),
                messages: chunk.messages,
            }))
        })
    }

    /// How far the index is, while the first `next` builds one.
    #[napi]
    pub fn progress(&self) -> NativeProgress {
        self.progress.read().into()
    }

    /// What went wrong with the index, if anything did; the search goes on without. Not known while a `next` is under
    /// way.
    #[napi]
    pub fn complaint(&self) -> Option<NativeFailure> {
        match &*task::unless_busy(&self.state)? {
            State::Running(printing) => printing.complaint.clone().map(NativeFailure::from),
            _ => None,
        }
    }

    /// What the search came to; final once `next` gave null, not known while one is under way.
    #[napi]
    pub fn summary(&self) -> Option<NativeSummary> {
        match &*task::unless_busy(&self.state)? {
            State::Running(printing) => {
                let summary = printing.summary();
                Some(NativeSummary {
                    matched: summary.matched,
                    errored: summary.errored,
                    status: u32::from(summary.status),
                    searched: summary.searched as f64,
                    pruned: summary.pruned as f64,
                    indexed: printing.indexed().map(|root| root.to_string_lossy().into_owned()),
                })
            }
            _ => None,
        }
    }
}
