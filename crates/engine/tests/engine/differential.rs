//! Random folders, patterns and flags: the engine's answers against whole-file searches with ripgrep's crates.
//!
//! A case is one question to one folder. `QUERN_CASES` says how many each test asks, `QUERN_SEED` where it begins.

use grep_matcher::Matcher;
use quern_engine::{Coverage, GrepRequest, Limit, Wanted};
use quern_testkit::{Flags, Kind, Oracle, Rng, Row, patterns};

use crate::convert;
use crate::folder::{Folder, Text};

/// Questions asked of each folder.
const QUESTIONS: u64 = 50;

/// What a repetition may run over before it is slow.
const LONG_LINE: usize = 10_000;

/// Rows, file by file.
type Answer = Vec<(String, Vec<Row>)>;

#[derive(Default)]
struct Tally {
    refused: u64,
    with_rows: u64,
}

/// What a question asks, and the search without an index that knows the answer.
struct Question {
    request: GrepRequest,
    oracle: Oracle,
    flags: Flags,
}

impl Question {
    /// A random question; `None` if its patterns are refused.
    fn any(rng: &mut Rng, folder: &Folder) -> Option<Question> {
        let mut flags = Flags::any(rng);
        let sample = folder.sample(rng);
        let patterns = patterns(rng, &sample, &flags);
        if flags.multiline && flags.invert {
            // grep-searcher 0.1.17 panics on some such searches.
            flags.after = 0;
        }
        if is_slow(&patterns, &flags, &folder.texts) {
            return None;
        }
        let mut oracle = Oracle::new(&patterns, &flags).ok()?;
        let mut wanted = rng.pick(&[Wanted::Lines, Wanted::Lines, Wanted::Lines, Wanted::Counts]);
        if is_dense(&oracle, &sample) && !rng.one_in(8) {
            // To print each match of a pattern that matches everywhere takes longer than all else.
            match rng.below(3) {
                0 => wanted = Wanted::Counts,
                1 => wanted = Wanted::Files,
                _ => flags.max_count = Some(1 + rng.next() % 6),
            }
            oracle = Oracle::new(&patterns, &flags).ok()?;
        }
        let request = GrepRequest {
            pattern: convert::pattern_options(&patterns, &flags),
            search: convert::search_options(&flags),
            freshness: folder.freshness(rng),
            wanted,
            attribute: rng.one_in(4),
            limit: (wanted == Wanted::Lines && rng.one_in(8)).then(|| 1 + rng.next() % 20),
            ..GrepRequest::new([""])
        };
        Some(Question {
            request,
            oracle,
            flags,
        })
    }

    /// The same patterns and flags, but other rows: both sides have compiled them already.
    fn otherwise(mut self, rng: &mut Rng, folder: &Folder) -> Question {
        self.request.freshness = folder.freshness(rng);
        self.request.limit = None;
        self.request.wanted = match self.request.wanted {
            Wanted::Files => Wanted::Counts,
            _ => Wanted::Files,
        };
        self
    }

    /// Asks both. Gives whether anything was found.
    fn check(&self, folder: &Folder, context: &str) -> bool {
        let (answer, coverage) = folder.opened.answer(self.request.clone());
        let context = format!("{context}, {:?}, {:?}, {coverage:?}", self.request, self.flags);
        match self.request.wanted {
            Wanted::Files => self.check_files(&answer, &folder.texts, &context),
            Wanted::Counts => self.check_counts(&answer, &folder.texts, &context),
            Wanted::Lines => self.check_lines(&answer, &coverage, &folder.texts, &context),
        }
        assert!(coverage.complete || coverage.limit.is_some(), "{context}");
        !answer.is_empty()
    }

    fn check_lines(&self, answer: &Answer, coverage: &Coverage, texts: &[Text], context: &str) {
        let end = self.flags.line_end();
        let mut expected: Answer = Vec::new();
        for (path, text) in texts {
            // Where grep-printer itself fails, there is nothing to compare with.
            let mut rows: Vec<Row> = match self.oracle.search(text, false) {
                Some(found) => found.rows.into_iter().map(|row| row.trimmed(end)).collect(),
                None if self.request.limit.is_some() => return,
                None => rows_of(answer, path).to_vec(),
            };
            // A searcher in multi-line mode may announce a gap behind the last row, where there is none.
            rows.pop_if(|row| row.kind == Kind::Break);
            if !rows.is_empty() {
                expected.push((path.clone(), rows));
            }
        }
        let Some(limit) = self.request.limit else {
            assert_eq!(paths(answer), paths(&expected), "{context}");
            for ((path, rows), (_, expected)) in answer.iter().zip(&expected) {
                for (row, expected) in rows.iter().zip(expected) {
                    assert_eq!(row, expected, "in {path}: {context}");
                }
                let rest = expected.get(rows.len()..);
                assert_eq!(rows.len(), expected.len(), "rows of {path}, {rest:?}: {context}");
            }
            return;
        };
        let (answer, mut expected) = (matches(answer), matches(&expected));
        if expected.len() as u64 != limit {
            // With just as many matches as asked for, files may be left that nobody looked at.
            let is_cut = expected.len() as u64 > limit;
            assert_eq!(coverage.limit, is_cut.then_some(Limit::Rows), "{context}");
        }
        expected.truncate(limit as usize);
        assert_eq!(answer, expected, "{context}");
    }

    fn check_counts(&self, answer: &Answer, texts: &[Text], context: &str) {
        let counts = |(path, text): &Text| {
            let (lines, matches) = self.oracle.counts(text, false);
            (lines > 0).then(|| (path.clone(), lines, matches))
        };
        let expected: Vec<_> = texts.iter().filter_map(counts).collect();
        let found = answer
            .iter()
            .map(|(path, rows)| (path.clone(), rows[0].line, rows[0].offset));
        assert_eq!(found.collect::<Vec<_>>(), expected, "{context}");
    }

    fn check_files(&self, answer: &Answer, texts: &[Text], context: &str) {
        for (path, text) in texts {
            let is_found = !rows_of(answer, path).is_empty();
            let (lines, _) = self.oracle.counts(text, false);
            // Ripgrep lists a file at its first match, but does not count in one where it sees a NUL later.
            let may_be_uncounted = is_found && text.contains(&0);
            assert!(is_found == (lines > 0) || may_be_uncounted, "{path}: {context}");
        }
        let is_text = |path: &String| texts.iter().any(|(text, _)| text == path);
        assert!(paths(answer).iter().all(is_text), "{context}");
    }
}

fn paths(answer: &Answer) -> Vec<String> {
    answer.iter().map(|(path, _)| path.clone()).collect()
}

fn rows_of<'a>(answer: &'a Answer, path: &str) -> &'a [Row] {
    answer
        .iter()
        .find(|(found, _)| found == path)
        .map_or(&[], |(_, rows)| rows)
}

fn matches(answer: &Answer) -> Vec<(&String, &Row)> {
    let rows = answer
        .iter()
        .flat_map(|(path, rows)| rows.iter().map(move |row| (path, row)));
    rows.filter(|(_, row)| row.kind == Kind::Match).collect()
}

/// Whether finding every match may take quadratic time, in ripgrep as here: a repetition tries at each place to run to
/// the end of a long line, or of the file.
fn is_slow(patterns: &[String], flags: &Flags, texts: &[Text]) -> bool {
    let repeats = patterns.iter().any(|pattern| pattern.contains(['*', '+', '}']));
    let crosses_lines = flags.multiline_dotall || patterns.iter().any(|pattern| pattern.contains("(?s"));
    let is_long = |line: &[u8]| line.len() > LONG_LINE;
    let has_long_line = |(_, text): &Text| text.split(|&byte| byte == b'\n').any(is_long);
    repeats && (flags.multiline && crosses_lines || texts.iter().any(has_long_line))
}

/// Whether there is a match in every few dozen bytes.
fn is_dense(oracle: &Oracle, text: &[u8]) -> bool {
    let text = &text[..text.len().min(1000)];
    let mut matches = 0;
    oracle
        .matcher()
        .find_iter(text, |_| {
            matches += 1;
            true
        })
        .unwrap();
    matches > 2 && matches * 40 > text.len()
}

/// What happens to a folder between questions.
#[derive(Clone, Copy)]
enum Life {
    Still,
    OnDisk,
    InMemory,
}

fn ask(first_seed: u64, life: Life, cases: u64) {
    let number = |name, default| std::env::var(name).map_or(default, |value| value.parse().unwrap());
    let cases: u64 = number("QUERN_CASES", cases);
    let first = first_seed + number("QUERN_SEED", 0);
    let mut tally = Tally::default();
    for seed in first..first + cases.div_ceil(QUESTIONS) {
        let mut rng = Rng::new(seed);
        let mut folder = Folder::new(&mut rng);
        let mut last: Option<Question> = None;
        for number in 0..QUESTIONS {
            match life {
                Life::OnDisk if rng.one_in(8) => folder.change(&mut rng),
                Life::InMemory if rng.one_in(4) => folder.change_in_memory(&mut rng),
                _ => {}
            }
            let context = format!("seed {seed}, question {number}");
            last = match last.take() {
                Some(before) => Some(before.otherwise(&mut rng, &folder)),
                None => Question::any(&mut rng, &folder),
            };
            match &last {
                Some(question) => tally.with_rows += u64::from(question.check(&folder, &context)),
                None => tally.refused += 1,
            }
            last = last.filter(|_| number % 2 == 0);
        }
    }
    let Tally { refused, with_rows } = tally;
    println!("{cases} cases: {with_rows} with rows, {refused} refused");
    assert!(with_rows > cases / 4);
}

#[test]
fn answers_are_those_of_ripgrep() {
    ask(0, Life::Still, 10_000);
}

#[test]
fn answers_are_those_of_ripgrep_while_files_change() {
    ask(1 << 40, Life::OnDisk, 10_000);
}

#[test]
fn answers_are_those_of_ripgrep_while_changes_are_applied_in_memory() {
    ask(1 << 41, Life::InMemory, 5_000);
}
