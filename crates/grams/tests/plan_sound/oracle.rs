//! The judge: ripgrep's matcher, and gram sets by the letter of the extraction rules.

use std::collections::HashSet;

use grep_matcher::Matcher;
use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use quern_grams::plan::{PlanOptions, plan};
use quern_grams::query::Query;
use quern_grams::symbols::{Gram, LINE_END, SYMBOLS};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, Look};

use crate::patterns;
use crate::random::Random;

/// The grams of a block: of its symbols between two line ends unless the middle one is a line end, and of its raw
/// bytes unless one is a line feed.
fn grams(block: &[u8]) -> HashSet<Gram> {
    let mut symbols = vec![LINE_END];
    symbols.extend(block.iter().map(|&byte| SYMBOLS[byte as usize]));
    symbols.push(LINE_END);
    let base = symbols
        .windows(3)
        .filter(|w| w[1] != LINE_END)
        .map(|w| Gram::base(w[0], w[1], w[2]));
    let raw = block.windows(3).filter(|w| !w.contains(&b'\n'));
    let planes = raw.filter_map(|w| Gram::capital(w[0], w[1], w[2]).or(Gram::high(w[0], w[1], w[2])));
    base.chain(planes).collect()
}

fn satisfies(grams: &HashSet<Gram>, query: &Query) -> bool {
    match query {
        Query::All => true,
        Query::None => false,
        Query::Gram(gram) => grams.contains(gram),
        Query::And(parts) => parts.iter().all(|part| satisfies(grams, part)),
        Query::Or(parts) => parts.iter().any(|part| satisfies(grams, part)),
    }
}

/// How lines and matches relate.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Lines {
    /// A match lies within a line.
    #[default]
    Within,
    /// Matches may span lines (`-U`).
    Spanning,
    /// Lines end with NUL (`--null-data`).
    Nul,
}

/// Flags of a search, as ripgrep sets them; by default none, and so no Unicode.
#[derive(Clone, Copy, Debug, Default)]
pub struct Flags {
    pub lines: Lines,
    pub crlf: bool,
    pub insensitive: bool,
    pub unicode: bool,
    pub dot_all: bool,
    pub word: bool,
    pub line: bool,
}

impl Flags {
    fn random(random: &mut Random) -> Flags {
        let lines = [
            Lines::Within,
            Lines::Within,
            Lines::Within,
            Lines::Spanning,
            Lines::Nul,
        ][random.below(5)];
        Flags {
            lines,
            crlf: random.one_in(3) && lines != Lines::Nul,
            insensitive: random.one_in(4),
            unicode: !random.one_in(5),
            dot_all: random.one_in(2) && lines == Lines::Spanning,
            word: random.one_in(10),
            line: random.one_in(10),
        }
    }

    fn matcher(&self, patterns: &[String]) -> Option<RegexMatcher> {
        let mut builder = RegexMatcherBuilder::new();
        builder
            .multi_line(true)
            .unicode(self.unicode)
            .case_insensitive(self.insensitive);
        builder
            .whole_line(self.line)
            .word(self.word && !self.line)
            .size_limit(1 << 20);
        if self.lines == Lines::Spanning {
            builder.dot_matches_new_line(self.dot_all);
        } else {
            builder.line_terminator(Some(b'\n'));
        }
        if self.crlf {
            builder.crlf(true);
        }
        match self.lines {
            Lines::Within => {}
            Lines::Spanning => drop(builder.line_terminator(None)),
            Lines::Nul => drop(builder.line_terminator(Some(0))),
        }
        builder.build_many(patterns).ok()
    }

    fn hir(&self, pattern: &str) -> Option<Hir> {
        let hir = ParserBuilder::new()
            .utf8(false)
            .multi_line(true)
            .unicode(self.unicode)
            .case_insensitive(self.insensitive)
            .dot_matches_new_line(self.dot_all)
            .crlf(self.crlf)
            .build()
            .parse(pattern)
            .ok()?;
        if !self.line {
            return Some(hir);
        }
        let (start, end) = if self.crlf {
            (Look::StartCRLF, Look::EndCRLF)
        } else {
            (Look::StartLF, Look::EndLF)
        };
        Some(Hir::concat(vec![Hir::look(start), hir, Hir::look(end)]))
    }
}

/// Patterns, how they are searched, and their plan.
pub struct Case {
    patterns: Vec<String>,
    flags: Flags,
    matcher: RegexMatcher,
    hirs: Vec<Hir>,
    options: PlanOptions,
    query: Query,
}

impl Case {
    /// A random case; `None` if its patterns do not compile.
    pub fn random(random: &mut Random) -> Option<Case> {
        let count = if random.one_in(5) { 2 + random.below(3) } else { 1 };
        let patterns: Vec<String> = (0..count).map(|_| patterns::pattern(random)).collect();
        let flags = Flags::random(random);
        let options = PlanOptions {
            line_anchors: flags.lines != Lines::Nul && !random.one_in(8),
            set_limit: [1, 2, 16, 256, 256, 256][random.below(6)],
            capitals: !random.one_in(8),
            high: !random.one_in(8),
            crosses_lines: flags.lines != Lines::Within,
        };
        Case::new(patterns, flags, options)
    }

    pub fn new(patterns: Vec<String>, flags: Flags, options: PlanOptions) -> Option<Case> {
        let matcher = flags.matcher(&patterns)?;
        let hirs = patterns
            .iter()
            .map(|pattern| flags.hir(pattern))
            .collect::<Option<Vec<_>>>()?;
        let query = plan(&hirs, &options);
        Some(Case {
            patterns,
            flags,
            matcher,
            hirs,
            options,
            query,
        })
    }

    pub fn hirs(&self) -> &[Hir] {
        &self.hirs
    }

    /// Panics if the text matches where the plan does not hold; gives whether it matched under a plan that says
    /// something.
    pub fn check(&self, text: &[u8], random: &mut Random) -> bool {
        let matched = match self.flags.lines {
            Lines::Within => self.check_lines(text),
            Lines::Spanning => self.check_file(text, self.matcher.is_match(text).unwrap(), random),
            Lines::Nul => {
                let records = text.split(|&byte| byte == 0);
                let matched = records.fold(false, |found, record| {
                    found | self.matcher.is_match(record).unwrap()
                });
                self.check_file(text, matched, random)
            }
        };
        matched && self.query != Query::All
    }

    /// Each line as a block of its own, with its line end and without: found in it by itself (with CR and LF, with
    /// LF or with nothing stripped), or in the whole text.
    fn check_lines(&self, text: &[u8]) -> bool {
        let whole: Vec<usize> = self.matches_within_lines(text);
        let (mut matched, mut start) = (false, 0);
        for line in text.split_inclusive(|&byte| byte == b'\n') {
            let end = start + line.len();
            let bare = line.strip_suffix(b"\n").unwrap_or(line);
            let barest = bare.strip_suffix(b"\r").unwrap_or(bare);
            let alone = if self.flags.crlf {
                [barest, line]
            } else {
                [bare, bare]
            };
            let found = whole.iter().any(|at| (start..end).contains(at))
                || alone.iter().any(|line| self.matcher.is_match(line).unwrap());
            if found {
                matched = true;
                self.judge([line], line);
                self.judge([bare], bare);
            }
            start = end;
        }
        if matched {
            self.judge([text], text);
        }
        matched
    }

    /// Starts of the matches in the text, if the searcher would look for them in more than a line at a time.
    fn matches_within_lines(&self, text: &[u8]) -> Vec<usize> {
        let mut starts = Vec::new();
        if self.matcher.line_terminator().is_some() {
            self.matcher
                .find_iter(text, |found| {
                    starts.push(found.start());
                    true
                })
                .unwrap();
        }
        starts
    }

    /// The text as a file of several blocks, cut behind some of its line feeds.
    fn check_file(&self, text: &[u8], matched: bool, random: &mut Random) -> bool {
        if !matched {
            return false;
        }
        let (mut blocks, mut start) = (Vec::new(), 0);
        for (at, &byte) in text.iter().enumerate() {
            if byte == b'\n' && !random.one_in(3) {
                blocks.push(&text[start..=at]);
                start = at + 1;
            }
        }
        blocks.push(&text[start..]);
        self.judge(blocks, text);
        true
    }

    /// Panics unless the grams of these blocks together satisfy the plan.
    fn judge<'t>(&self, blocks: impl IntoIterator<Item = &'t [u8]>, text: &[u8]) {
        if self.query == Query::All {
            return;
        }
        let grams: HashSet<Gram> = blocks.into_iter().flat_map(grams).collect();
        assert!(
            satisfies(&grams, &self.query),
            "{:?}\n{:?}\n{:?}\ntext {}\nplan {}",
            self.patterns,
            self.flags,
            self.options,
            text.escape_ascii(),
            self.query
        );
    }
}
