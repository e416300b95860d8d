//! The oracle: ripgrep's crates, put together as ripgrep puts them together, over whole files.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use grep_matcher::LineTerminator;
use grep_printer::{JSONBuilder, JSONSink, StandardBuilder, SummaryBuilder, SummaryKind};
use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use grep_searcher::{
    BinaryDetection, Encoding, Searcher, SearcherBuilder, Sink, SinkContext, SinkContextKind, SinkFinish,
    SinkMatch,
};

use crate::flags::{Case, Flags, Nul};
use crate::json;
use crate::rows::{FileRows, Kind, Row};

/// A compiled query.
#[derive(Clone, Debug)]
pub struct Oracle {
    matcher: RegexMatcher,
    flags: Flags,
}

impl Oracle {
    /// Compiles the patterns; the error is grep-regex's message.
    pub fn new(patterns: &[String], flags: &Flags) -> Result<Oracle, String> {
        let matcher = matcher(patterns, flags).map_err(|error| error.to_string())?;
        Ok(Oracle {
            matcher,
            flags: flags.clone(),
        })
    }

    /// The matcher that is asked.
    pub fn matcher(&self) -> &RegexMatcher {
        &self.matcher
    }

    /// What is found in a file with this content. `None`: grep-printer itself fails on this search (it panics where a
    /// multi-line match reaches past the lines that it belongs to).
    pub fn search(&self, content: &[u8], explicit: bool) -> Option<FileRows> {
        catch_unwind(AssertUnwindSafe(|| self.rows(content, explicit))).ok()
    }

    /// What is found in the files below `root`, by ripgrep's default rules of what to search, in the order of paths.
    pub fn search_tree(&self, root: &Path) -> Vec<FileRows> {
        let mut files = Vec::new();
        for path in tree(root) {
            let content = std::fs::read(&path).expect("a test's file can be read");
            if let Some(found) = self
                .search(&content, false)
                .filter(|found| !found.rows.is_empty())
            {
                files.push(FileRows { path, ..found });
            }
        }
        files
    }

    /// What `rg --no-filename --no-line-number` prints for a file with this content.
    pub fn standard(&self, content: &[u8], explicit: bool) -> Vec<u8> {
        let mut builder = StandardBuilder::new();
        let replacement = self.flags.replace.clone().map(String::into_bytes);
        builder.per_match_one_line(true).replacement(replacement);
        let mut printer = builder.build_no_color(Vec::new());
        self.run(content, explicit, false, printer.sink(&self.matcher));
        printer.into_inner().into_inner()
    }

    /// What `rg --count` and `rg --count-matches` print for a file with this content; (0, 0) if nothing.
    pub fn counts(&self, content: &[u8], explicit: bool) -> (u64, u64) {
        (
            self.count(content, explicit, SummaryKind::Count),
            self.count(content, explicit, SummaryKind::CountMatches),
        )
    }

    fn count(&self, content: &[u8], explicit: bool, kind: SummaryKind) -> u64 {
        let mut printer = SummaryBuilder::new()
            .kind(kind)
            .path(false)
            .build_no_color(Vec::new());
        self.run(content, explicit, false, printer.sink(&self.matcher));
        let printed = printer.into_inner().into_inner();
        let digits: Vec<u8> = printed.into_iter().filter(u8::is_ascii_digit).collect();
        String::from_utf8(digits)
            .expect("digits are ASCII")
            .parse()
            .unwrap_or(0)
    }

    fn rows(&self, content: &[u8], explicit: bool) -> FileRows {
        let mut printer = JSONBuilder::new().build(Vec::new());
        let mut kinds = Vec::new();
        self.run(
            content,
            explicit,
            true,
            WithKinds {
                sink: printer.sink(&self.matcher),
                kinds: &mut kinds,
            },
        );
        let mut found = json::parse(&printer.into_inner()).pop().unwrap_or_default();
        let mut rows = std::mem::take(&mut found.rows).into_iter();
        found.rows = kinds
            .into_iter()
            .map(|kind| match kind {
                Kind::Break => Row::gap(),
                kind => Row {
                    kind,
                    ..rows.next().expect("a row for each kind")
                },
            })
            .collect();
        assert_eq!(rows.next(), None, "a kind for each row");
        found
    }

    fn run<S: Sink<Error = io::Error>>(&self, content: &[u8], explicit: bool, line_number: bool, sink: S) {
        if self.flags.max_count != Some(0) {
            let mut searcher = searcher(&self.flags, explicit, line_number);
            searcher
                .search_reader(&self.matcher, content, sink)
                .expect("memory can be read");
        }
    }
}

/// The files below `root` that ripgrep would search, sorted.
fn tree(root: &Path) -> Vec<PathBuf> {
    let walk = ignore::WalkBuilder::new(root)
        .add_custom_ignore_filename(".rgignore")
        .build();
    let files = walk
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
    let mut files: Vec<PathBuf> = files.map(ignore::DirEntry::into_path).collect();
    files.sort();
    files
}

/// As ripgrep's `HiArgs::matcher_rust`.
fn matcher(patterns: &[String], flags: &Flags) -> Result<RegexMatcher, grep_regex::Error> {
    let mut builder = RegexMatcherBuilder::new();
    builder
        .multi_line(true)
        .unicode(!flags.no_unicode)
        .octal(false)
        .fixed_strings(flags.fixed_strings);
    match flags.case {
        Case::Sensitive => builder.case_insensitive(false),
        Case::Insensitive => builder.case_insensitive(true),
        Case::Smart => builder.case_smart(true),
    };
    if flags.line {
        builder.whole_line(true);
    } else if flags.word {
        builder.word(true);
    }
    if flags.multiline {
        builder.dot_matches_new_line(flags.multiline_dotall);
        if flags.crlf {
            builder.crlf(true).line_terminator(None);
        }
    } else {
        builder.line_terminator(Some(b'\n')).dot_matches_new_line(false);
        if flags.crlf {
            builder.crlf(true);
        }
        if flags.null_data {
            builder.line_terminator(Some(b'\0'));
        }
    }
    if flags.nul != Nul::Text && !flags.null_data {
        builder.ban_byte(Some(b'\0'));
    }
    builder.build_many(patterns)
}

/// As ripgrep's `HiArgs::searcher` and `BinaryDetection::from_low_args`.
fn searcher(flags: &Flags, explicit: bool, line_number: bool) -> Searcher {
    let terminator = match flags {
        _ if flags.crlf => LineTerminator::crlf(),
        _ if flags.null_data => LineTerminator::byte(b'\0'),
        _ => LineTerminator::byte(b'\n'),
    };
    let binary = match flags.nul {
        _ if flags.null_data => BinaryDetection::none(),
        Nul::Text => BinaryDetection::none(),
        Nul::Auto if !explicit => BinaryDetection::quit(b'\0'),
        _ => BinaryDetection::convert(b'\0'),
    };
    let mut builder = SearcherBuilder::new();
    builder
        .max_matches(flags.max_count)
        .line_terminator(terminator)
        .invert_match(flags.invert)
        .line_number(line_number)
        .multi_line(flags.multiline)
        .stop_on_nonmatch(flags.stop_on_nonmatch)
        .binary_detection(binary);
    if flags.passthru {
        builder.passthru(true);
    } else {
        builder.before_context(flags.before).after_context(flags.after);
    }
    match flags.encoding.as_deref() {
        None => {}
        Some("none") => {
            builder.bom_sniffing(false);
        }
        Some(label) => {
            builder.encoding(Some(Encoding::new(label).expect("a test's encoding exists")));
        }
    }
    builder.build()
}

/// Notes what the JSON leaves out: kinds of context, and gaps.
struct WithKinds<'k, 'p, 's, M: grep_matcher::Matcher, W> {
    sink: JSONSink<'p, 's, M, W>,
    kinds: &'k mut Vec<Kind>,
}

impl<M: grep_matcher::Matcher, W: io::Write> Sink for WithKinds<'_, '_, '_, M, W> {
    type Error = io::Error;

    fn matched(&mut self, searcher: &Searcher, lines: &SinkMatch<'_>) -> io::Result<bool> {
        self.kinds.push(Kind::Match);
        self.sink.matched(searcher, lines)
    }

    fn context(&mut self, searcher: &Searcher, line: &SinkContext<'_>) -> io::Result<bool> {
        self.kinds.push(match line.kind() {
            SinkContextKind::Before => Kind::Before,
            SinkContextKind::After => Kind::After,
            SinkContextKind::Other => Kind::Other,
        });
        self.sink.context(searcher, line)
    }

    fn context_break(&mut self, searcher: &Searcher) -> io::Result<bool> {
        self.kinds.push(Kind::Break);
        self.sink.context_break(searcher)
    }

    fn binary_data(&mut self, searcher: &Searcher, offset: u64) -> io::Result<bool> {
        self.sink.binary_data(searcher, offset)
    }

    fn begin(&mut self, searcher: &Searcher) -> io::Result<bool> {
        self.sink.begin(searcher)
    }

    fn finish(&mut self, searcher: &Searcher, finish: &SinkFinish) -> io::Result<()> {
        self.sink.finish(searcher, finish)
    }
}
