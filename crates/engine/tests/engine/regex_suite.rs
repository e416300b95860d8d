//! The `regex` crate's own tests: every haystack a file, every pattern a question.
//!
//! Each answer is compared twice: over all haystacks of a test file with ripgrep's crates, and for the test's own
//! haystack with the matches that the test data names. A grep can mean what a test means in two ways: line by line, if
//! the haystack is one line (it gets a line end, or an empty match at its end would be none), and multi-line. Tests
//! that mean something else (overlapping matches, a part of a haystack) are counted by reason.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::process::Command;

use grep_matcher::Matcher;
use quern_engine::{Cancel, GrepRequest};
use quern_matcher::Pattern;
use quern_testkit::{Case, Flags, Nul, Oracle};
use regex_test::anyhow::anyhow;
use regex_test::{
    CompiledRegex, Match, MatchKind, RegexTest, RegexTests, SearchKind, Span, TestResult, TestRunner,
};
use tempfile::TempDir;

use crate::convert;
use crate::opened::Opened;

const LINES: &str = "lines";
const MULTILINE: &str = "multiline";

/// Tests of another engine, which has no Unicode.
const ANOTHER_ENGINE: &str = "regex-lite";

/// The haystacks of one test file as the files of an indexed folder.
struct Haystacks {
    opened: Opened,
    texts: Vec<(String, Vec<u8>)>,
    places: HashMap<Vec<u8>, usize>,
    _folder: TempDir,
}

impl Haystacks {
    fn of(tests: &RegexTests) -> Haystacks {
        let folder = TempDir::new().unwrap();
        let mut places = HashMap::new();
        let mut texts = Vec::new();
        for test in tests.iter() {
            let number = places.len();
            places.entry(test.haystack().to_vec()).or_insert_with(|| {
                let line = [test.haystack(), b"\n"].concat();
                texts.push((name(number, LINES), line));
                texts.push((name(number, MULTILINE), test.haystack().to_vec()));
                number
            });
        }
        texts.sort();
        for (name, text) in &texts {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Haystacks {
            opened: Opened::new(folder.path()),
            texts,
            places,
            _folder: folder,
        }
    }

    /// Compares the answer with ripgrep's crates' over all haystacks; gives the matches in the test's own.
    fn ask(&self, test: &RegexTest, patterns: &[String], flags: &Flags, oracle: &Oracle) -> Vec<Match> {
        let request = GrepRequest {
            pattern: convert::pattern_options(patterns, flags),
            search: convert::search_options(flags),
            attribute: true,
            sorted: true,
            ..GrepRequest::new([""])
        };
        let own = name(self.places[test.haystack()], test.additional_name());
        let mut rows: BTreeMap<String, Vec<_>> = BTreeMap::new();
        let mut matches = Vec::new();
        let mut cursor = self.opened.index.grep(request, Cancel::new()).unwrap();
        while let Some(batch) = cursor.next(1000).unwrap() {
            let found = convert::rows(&batch.rows).into_iter().zip(batch.rows.iter());
            for ((plain, row), path) in found.zip(batch.paths()) {
                if path == own {
                    matches.extend(matches_of(&row));
                }
                rows.entry(path).or_default().push(plain);
            }
        }
        for (name, text) in &self.texts {
            let Some(found) = oracle.search(text, false) else {
                continue;
            };
            let trimmed = found.rows.into_iter().map(|row| row.trimmed(flags.line_end()));
            let expected: Vec<_> = trimmed.collect();
            assert_eq!(
                rows.remove(name).unwrap_or_default(),
                expected,
                "{name}: {text:?}"
            );
        }
        matches
    }
}

trait Paths {
    /// The path of each row's file.
    fn paths(&self) -> Vec<String>;
}

impl Paths for quern_engine::Batch {
    fn paths(&self) -> Vec<String> {
        let files = self.file_paths();
        let files: Vec<_> = files.map(|path| str::from_utf8(path).unwrap()).collect();
        self.file
            .iter()
            .map(|&file| files[file as usize].to_owned())
            .collect()
    }
}

fn name(number: usize, how: &str) -> String {
    format!("{number:04}-{how}")
}

fn matches_of(row: &quern_matcher::Row<'_>) -> Vec<Match> {
    let from = row.offset as usize;
    let ranges = row.ranges.chunks(2).zip(row.patterns);
    let one = |(range, &id): (&[u32], &u32)| Match {
        id: id as usize,
        span: Span {
            start: from + range[0] as usize,
            end: from + range[1] as usize,
        },
    };
    ranges.map(one).collect()
}

/// Why a grep cannot mean what a test means.
fn excluded(test: &RegexTest) -> Option<&'static str> {
    let whole = Span {
        start: 0,
        end: test.haystack().len(),
    };
    let reasons = [
        (test.match_kind() != MatchKind::LeftmostFirst, "all matches"),
        (
            test.search_kind() != SearchKind::Leftmost,
            "earliest or overlapping",
        ),
        (
            test.anchored() && test.match_limit() != Some(1),
            "anchored one after the other",
        ),
        (test.bounds() != whole, "bounds"),
        (test.line_terminator() != b'\n', "line terminator"),
        (test.regexes().is_empty(), "no pattern"),
        (
            test.additional_name() == LINES && test.haystack().contains(&b'\n'),
            "several lines",
        ),
        (
            test.utf8() && std::str::from_utf8(test.haystack()).is_err(),
            "UTF-8 matches in other bytes",
        ),
    ];
    reasons
        .into_iter()
        .find_map(|(excluded, reason)| excluded.then_some(reason))
}

/// An expression that means to ripgrep what `regex` means to the test: ripgrep's `^` and `$` are about lines.
fn in_ripgrep(test: &RegexTest, regex: &str) -> String {
    if test.anchored() {
        format!(r"(?-m)\A(?:{regex})")
    } else {
        format!("(?-m){regex}")
    }
}

/// The matches that the test would have: `utf8` leaves out empty ones inside a character.
fn as_named(test: &RegexTest, matches: Vec<Match>) -> Vec<Match> {
    let text = std::str::from_utf8(test.haystack()).ok().filter(|_| test.utf8());
    let splits =
        |span: Span| span.start == span.end && text.is_some_and(|text| !text.is_char_boundary(span.start));
    let most = test.match_limit().unwrap_or(usize::MAX);
    let kept = matches.into_iter().filter(|found| !splits(found.span));
    kept.take(most).collect()
}

/// Whether a match holds the line end that rows are given without.
fn is_cut(test: &RegexTest, oracle: &Oracle, span: Span) -> bool {
    let whole = oracle.matcher().find_at(test.haystack(), span.start).unwrap();
    test.haystack().get(span.end) == Some(&b'\n') && whole.is_some_and(|found| found.end() == span.end + 1)
}

#[derive(Default)]
struct Tally {
    compared: u32,
    passed_over: BTreeMap<&'static str, u32>,
}

impl Tally {
    fn pass_over(&mut self, reason: &'static str) -> CompiledRegex {
        *self.passed_over.entry(reason).or_default() += 1;
        CompiledRegex::skip()
    }

    fn run(
        &mut self,
        test: &RegexTest,
        haystacks: &Haystacks,
    ) -> Result<CompiledRegex, regex_test::anyhow::Error> {
        let multiline = test.additional_name() == MULTILINE;
        let flags = Flags {
            case: [Case::Sensitive, Case::Insensitive][usize::from(test.case_insensitive())],
            no_unicode: !test.unicode(),
            multiline,
            nul: Nul::Text,
            encoding: Some("none".into()),
            ..Flags::default()
        };
        let patterns: Vec<String> = test
            .regexes()
            .iter()
            .map(|regex| in_ripgrep(test, regex))
            .collect();
        let own = Pattern::compile(&convert::pattern_options(&patterns, &flags));
        let oracle = match Oracle::new(&patterns, &flags) {
            Ok(oracle) => oracle,
            Err(message) => {
                assert!(own.is_err(), "ripgrep refuses: {message}");
                if test.compiles() {
                    return Ok(self.pass_over("ripgrep refuses the pattern"));
                }
                self.compared += 1;
                return Err(anyhow!(message));
            }
        };
        let matches = haystacks.ask(test, &patterns, &flags, &oracle);
        if let Some(reason) = excluded(test) {
            return Ok(self.pass_over(reason));
        }
        if !test.compiles() {
            return Ok(self.pass_over("ripgrep takes the pattern"));
        }
        let end = test.haystack().len();
        if multiline && oracle.matcher().find_at(test.haystack(), end).unwrap().is_some() {
            return Ok(self.pass_over("an empty match behind the last line"));
        }
        if matches.iter().any(|found| is_cut(test, &oracle, found.span)) {
            return Ok(self.pass_over("a match with the last line end of its row"));
        }
        self.compared += 1;
        let named = as_named(test, matches);
        Ok(CompiledRegex::compiled(move |_| {
            TestResult::matches(named.clone())
        }))
    }
}

/// The folder of test data in `regex`'s source package, as Cargo knows it.
fn test_data() -> Option<PathBuf> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .args([
            "--manifest-path",
            concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
        ])
        .output()
        .ok()?;
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).ok()?;
    let packages = metadata["packages"].as_array()?;
    let regex = packages.iter().find(|package| package["name"] == "regex")?;
    let folder = Path::new(regex["manifest_path"].as_str()?).with_file_name("testdata");
    folder.is_dir().then_some(folder)
}

fn test_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries
        .flat_map(|path| {
            if path.is_dir() {
                test_files(&path)
            } else {
                vec![path]
            }
        })
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .filter(|path| path.file_stem().is_some_and(|stem| stem != ANOTHER_ENGINE))
        .collect();
    files.sort();
    files
}

#[test]
fn the_tests_of_the_regex_crate_pass() {
    let Some(folder) = test_data() else {
        assert!(
            std::env::var_os("CI").is_none(),
            "regex's source package is not there"
        );
        println!("skipped: regex's source package is not there, or has no test data");
        return;
    };
    let mut tally = Tally::default();
    for file in test_files(&folder) {
        let mut tests = RegexTests::new();
        tests.load(&file).unwrap();
        let haystacks = Haystacks::of(&tests);
        TestRunner::new()
            .unwrap()
            .expand(&[LINES, MULTILINE], |_| true)
            .test_iter(tests.iter(), |test, _| tally.run(test, &haystacks))
            .assert();
    }
    let Tally {
        compared,
        passed_over,
    } = tally;
    println!("{compared} tests compared with their data, others only with ripgrep: {passed_over:#?}");
    assert!(compared > 1500);
}
