//! Compiled patterns.
//!
//! The matcher is built as ripgrep 15.2 builds that of its default engine (`HiArgs::matcher_rust`), so a pattern means
//! here what it means there, down to what is refused. Beside it a pattern keeps one expression for each of its parts,
//! from which the gram planner derives what a matching block must contain, and with which a match is traced back to
//! the part that gave it.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::OnceLock;

use grep_matcher::Matcher;
use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use regex_automata::meta::Regex;
use regex_automata::{Anchored, Input};
use regex_syntax::hir::{Hir, HirKind, Look};

use crate::error::{Error, ErrorKind};
use crate::options::{Case, EncodingChoice, PatternOptions, SearchOptions};
use crate::parse;

/// Patterns, compiled. Cheap to share, made to be searched with by many threads.
#[derive(Debug)]
pub struct Pattern {
    matcher: RegexMatcher,
    hirs: Vec<Hir>,
    /// The expressions have Unicode's word boundaries.
    looks_at_words: bool,
    parts: OnceLock<Option<Regex>>,
    options: PatternOptions,
}

impl Pattern {
    /// Compiles the patterns.
    ///
    /// # Errors
    /// [`ErrorKind::Syntax`], [`ErrorKind::TooLarge`] or [`ErrorKind::NotAllowed`].
    pub fn compile(options: &PatternOptions) -> Result<Pattern, Error> {
        let mut seen = HashSet::new();
        let unique: Vec<&String> = options
            .patterns
            .iter()
            .filter(|pattern| seen.insert(*pattern))
            .collect();
        let matcher = builder(options)
            .build_many(&unique)
            .map_err(|error| explain(&error, options))?;
        let hirs = parse::hirs(options);
        let has_boundary = |hir: &Hir| hir.properties().look_set().contains_word_unicode();
        Ok(Pattern {
            matcher,
            looks_at_words: hirs.iter().any(has_boundary),
            hirs,
            parts: OnceLock::new(),
            options: options.clone(),
        })
    }

    /// The matcher, for `grep-searcher` and `grep-printer`.
    pub fn matcher(&self) -> &RegexMatcher {
        &self.matcher
    }

    /// What was compiled.
    pub fn options(&self) -> &PatternOptions {
        &self.options
    }

    /// One expression for each pattern, in order, with letter case, line terminators and the anchors of `-w` and `-x`
    /// worked in; a text matches the patterns if and only if it matches one of the expressions. Patterns that only
    /// form a regular expression together give a single one. No patterns: none.
    pub fn hirs(&self) -> &[Hir] {
        &self.hirs
    }

    /// Whether any line can be a result under these options: not without patterns (unless inverted), and not with
    /// `max_count` 0.
    pub fn can_match(&self, options: &SearchOptions) -> bool {
        options.max_count != Some(0) && (options.invert || !self.options.patterns.is_empty())
    }

    /// Whether searching a file's blocks one by one gives the same rows as searching the file, under these options.
    ///
    /// This holds for a file without byte order mark and NUL, cut at line feeds, if
    /// - blocks are searched in order with one [`Allowance`](crate::Allowance) (which carries `max_count`), and
    /// - with `invert` every block is searched, since a line that does not match may be in any of them.
    ///
    /// It is refused where a row depends on other lines: multi-line matches, context, `passthru`,
    /// `stop_on_nonmatch`, an anchor at the very start of the text (`\A`); and where a block is not what the searcher
    /// sees: NUL as line end, another encoding.
    ///
    /// Some lines are an exception: see [`needs_whole`](Pattern::needs_whole).
    pub fn by_block(&self, options: &SearchOptions) -> bool {
        let text_start = |hir: &Hir| hir.properties().look_set().contains(Look::Start);
        options.by_block() && !self.crosses_lines(options) && !self.hirs.iter().any(text_start)
    }

    /// Whether what is found in `text`, a block at `offset` of its file, depends on how much of the file is searched at
    /// once, so that the file has to be searched whole.
    ///
    /// A word boundary looks behind for a character. Behind stray continuation bytes at the start of a line
    /// regex-automata 0.4 finds the line feed before them, if it is there. In ripgrep it is not there at the start of a
    /// buffer, right after a line that matched, and in a last line without terminator.
    pub fn needs_whole(&self, text: &[u8], offset: u64) -> bool {
        let is_stray = |at: usize| text.get(at).is_some_and(|byte| byte & 0xC0 == 0x80);
        // Nearly all text is ASCII, which is seen several times as fast as where its lines begin.
        self.looks_at_words
            && !text.is_ascii()
            && (offset > 0 && is_stray(0) || memchr::memchr_iter(b'\n', text).any(|end| is_stray(end + 1)))
    }

    /// Whether a match may span lines: multi-line search is on and the patterns can match a line feed.
    pub fn crosses_lines(&self, options: &SearchOptions) -> bool {
        let line_free = self
            .matcher
            .non_matching_bytes()
            .is_some_and(|bytes| bytes.contains(b'\n'));
        options.multiline && (options.null_data || !line_free)
    }

    /// Index of the pattern that gave the match at `range` of `haystack`: the first that matches there, as in an
    /// alternation. `haystack` is what was searched, up to the end of the line without its terminator.
    pub fn which(&self, haystack: &[u8], range: Range<usize>) -> u32 {
        if self.hirs.len() < 2 {
            return 0;
        }
        let parts = self.parts.get_or_init(|| {
            Regex::builder()
                .configure(parts_config())
                .build_many_from_hir(&self.hirs)
                .ok()
        });
        let input = Input::new(haystack).range(range.start..).anchored(Anchored::Yes);
        parts
            .as_ref()
            .and_then(|parts| parts.search(&input))
            .map_or(0, |found| found.pattern().as_u32())
    }

    /// Bytes that this pattern takes, roughly: an estimate from the size of its expressions.
    pub fn weight(&self) -> u64 {
        const STATE: u64 = 64;
        let text: usize = self.options.patterns.iter().map(String::len).sum();
        let states = self.hirs.iter().map(states).fold(0u64, u64::saturating_add);
        4096 + 4 * text as u64 + states.saturating_mul(STATE)
    }
}

fn builder(options: &PatternOptions) -> RegexMatcherBuilder {
    let mut builder = RegexMatcherBuilder::new();
    builder
        .multi_line(true)
        .unicode(options.unicode)
        .octal(false)
        .fixed_strings(options.fixed_strings)
        .case_insensitive(options.case == Case::Insensitive)
        .case_smart(options.case == Case::Smart)
        .whole_line(options.line)
        .word(options.word && !options.line);
    if options.multiline {
        builder.dot_matches_new_line(options.multiline_dotall);
        if options.ends_crlf() {
            builder.crlf(true).line_terminator(None);
        }
    } else {
        builder.line_terminator(Some(b'\n')).dot_matches_new_line(false);
        if options.ends_crlf() {
            builder.crlf(true);
        }
        if options.null_data {
            builder.line_terminator(Some(b'\0'));
        }
    }
    if let Some(limit) = options.size_limit {
        builder.size_limit(limit);
    }
    if let Some(limit) = options.dfa_size_limit {
        builder.dfa_size_limit(limit);
    }
    if options.ban_nul && !options.null_data {
        builder.ban_byte(Some(b'\0'));
    }
    builder
}

/// Only ever used anchored, on one line, after the matcher has found something: neither prefilters nor big automata
/// would pay.
fn parts_config() -> regex_automata::meta::Config {
    Regex::config().utf8_empty(false).auto_prefilter(false).dfa(false)
}

/// Turns grep-regex's error, whose text shows all patterns joined, into one that points into a single pattern.
fn explain(error: &grep_regex::Error, options: &PatternOptions) -> Error {
    match error.kind() {
        grep_regex::ErrorKind::NotAllowed(literal) => {
            let kind = ErrorKind::NotAllowed {
                literal: literal.chars().next().unwrap_or('\n'),
            };
            Error::new(kind, error.to_string())
        }
        grep_regex::ErrorKind::Banned(byte) => Error::new(
            ErrorKind::NotAllowed {
                literal: char::from(*byte),
            },
            error.to_string(),
        ),
        _ => syntax(options).unwrap_or_else(|| too_large(options, error.to_string())),
    }
}

fn too_large(options: &PatternOptions, message: String) -> Error {
    const DEFAULT: usize = 100 << 20;
    Error::new(
        ErrorKind::TooLarge {
            limit: options.size_limit.unwrap_or(DEFAULT),
        },
        message,
    )
}

/// The first mistake, looked for in each pattern by itself, then in all of them joined.
fn syntax(options: &PatternOptions) -> Option<Error> {
    let insensitive = options.case == Case::Insensitive;
    let alone = options.patterns.iter().enumerate().find_map(|(index, pattern)| {
        let (offset, message) = mistake(pattern, insensitive, options)?;
        Some(Error::new(
            ErrorKind::Syntax {
                pattern: index,
                offset,
            },
            message,
        ))
    });
    alone.or_else(|| {
        let joined = parse::joined(options);
        let (at, message) = mistake(&joined, insensitive, options)?;
        let (pattern, offset) = place(at, options);
        Some(Error::new(ErrorKind::Syntax { pattern, offset }, message))
    })
}

fn mistake(pattern: &str, insensitive: bool, options: &PatternOptions) -> Option<(usize, String)> {
    if options.fixed_strings {
        return None;
    }
    match parse::parse(pattern) {
        Err(error) => Some((error.span().start.offset, error.to_string())),
        Ok(ast) => parse::translate(
            pattern,
            &ast,
            insensitive || parse::ignores_case(&ast, options),
            options,
        )
        .err()
        .map(|error| (error.span().start.offset, error.to_string())),
    }
}

/// Which pattern, and where in it, byte `at` of the joined patterns is.
fn place(at: usize, options: &PatternOptions) -> (usize, usize) {
    const OPENING: usize = "(?:".len();
    const BETWEEN: usize = ")|".len();
    let mut start = 0;
    for (index, pattern) in options.patterns.iter().enumerate() {
        let end = start + OPENING + pattern.len() + BETWEEN;
        if at < end {
            return (index, at.saturating_sub(start + OPENING).min(pattern.len()));
        }
        start = end;
    }
    (options.patterns.len().saturating_sub(1), 0)
}

/// How many states an automaton for `hir` has, roughly. The recursion is bounded by the parser's nest limit.
fn states(hir: &Hir) -> u64 {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len() as u64,
        HirKind::Class(regex_syntax::hir::Class::Unicode(class)) => 3 * class.ranges().len() as u64,
        HirKind::Class(regex_syntax::hir::Class::Bytes(class)) => class.ranges().len() as u64,
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min).max(1);
            states(&repetition.sub).saturating_mul(times.into())
        }
        HirKind::Capture(capture) => 2 + states(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().map(states).fold(1, u64::saturating_add)
        }
    }
}

impl SearchOptions {
    /// Whether these options, by themselves, let a file be searched block by block: see [`Pattern::by_block`], which
    /// knows the pattern too.
    pub fn by_block(&self) -> bool {
        let context = self.before > 0 || self.after > 0 || self.passthru;
        let transcoded = matches!(self.encoding, EncodingChoice::Label(_));
        !context && !transcoded && !self.null_data && !self.stop_on_nonmatch
    }
}
