//! Fields of records: what is found by them, and how they spread, is what a scan of all records gives.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use quern_engine::{Cancel, ClauseScope, FacetBy, FacetRequest, Index, SearchAnswer, SearchRequest};
use quern_testkit::Rng;
use tempfile::TempDir;

use crate::opened::Opened;

/// What logs of the tests say, and what of it is asked for. The last two are numbers.
const NAMES: [&str; 4] = ["user", "http.url", "status", "ms"];
const USERS: &[&str] = &["alice", "Bob", "carol smith", "dörte"];
const URLS: &[&str] = &["/", "/api/users", "/api/users/12", "/static/a:b.css"];
const STATUS: &[&str] = &["200", "204", "404", "500", "503"];
const MS: &[&str] = &["-1", "0", "0.5", "7", "12", "12.25", "1e3", "12ms"];
const WORDS: &[&str] = &["timeout", "connection", "reset"];

#[derive(Clone)]
struct Entry {
    /// In the order of [`NAMES`].
    values: [Option<&'static str>; 4],
    word: &'static str,
    /// Lines behind the first.
    more: usize,
}

/// How a log is written.
#[derive(Clone, Copy)]
enum Style {
    Objects,
    Pairs,
    Message,
}

impl Entry {
    fn random(rng: &mut Rng) -> Entry {
        let mut one = |values: &[&'static str]| (!rng.one_in(3)).then(|| rng.pick(values));
        Entry {
            values: [one(USERS), one(URLS), one(STATUS), one(MS)],
            word: rng.pick(WORDS),
            more: if rng.one_in(6) { 1 + rng.below(400) } else { 0 },
        }
    }

    fn named(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let named = NAMES.into_iter().zip(self.values);
        named.filter_map(|(name, value)| Some((name, value?)))
    }

    fn write(&self, style: Style, number: usize) -> String {
        let stamp = format!("2015-07-29T{:02}:{:02}:00Z", number / 60 % 24, number % 60);
        let pairs = self.named().fold(String::new(), |mut pairs, (name, value)| {
            let quote = if value.contains(' ') { "\"" } else { "" };
            let _ = write!(pairs, " {name}={quote}{value}{quote}");
            pairs
        });
        let word = self.word;
        let first = match style {
            Style::Objects => {
                let mut line = format!(r#"{{"time":"{stamp}","msg":"{word} status=1","list":[1]"#);
                for (name, value) in self.named() {
                    let is_bare = matches!(name, "status" | "ms") && value != "12ms";
                    let value = if is_bare {
                        value.to_owned()
                    } else {
                        format!("\"{value}\"")
                    };
                    let _ = match name.split_once('.') {
                        Some((outer, inner)) => write!(line, r#","{outer}":{{"{inner}":{value}}}"#),
                        None => write!(line, r#","{name}":{value}"#),
                    };
                }
                line + "}"
            }
            Style::Pairs => format!("time={stamp} msg=\"{word} status=1\"{pairs}"),
            Style::Message => format!("{stamp} INFO server: {word}{pairs}"),
        };
        let trace =
            "\tat a.frame.of.a.long.Trace(Trace.java:1) status=1 with a lot of words in every line of it\n";
        // With 400 lines a record is several chunks only beyond 64 KiB.
        format!(
            "{first}\n{}",
            trace.repeat(if self.more > 390 { 2 * self.more } else { self.more })
        )
    }

    fn lines(&self) -> u64 {
        self.write(Style::Message, 0).lines().count() as u64
    }

    fn value(&self, name: usize) -> Option<String> {
        self.values[name].map(str::to_lowercase)
    }
}

/// A query whose meaning is known.
enum Expression {
    Has(usize),
    Is(usize, &'static str),
    Begins(usize, String),
    /// From, until, and whether these are included.
    Between(usize, [Option<f64>; 2], [bool; 2]),
    Word(&'static str),
    Both(Box<[Expression; 2]>),
    Either(Box<[Expression; 2]>),
    Not(Box<Expression>),
}

fn value_of(rng: &mut Rng, name: usize) -> &'static str {
    rng.pick([USERS, URLS, STATUS, MS][name])
}

impl Expression {
    fn random(rng: &mut Rng, depth: usize) -> Expression {
        let inner = |rng: &mut Rng| Expression::random(rng, depth - 1);
        let name = rng.below(NAMES.len());
        match rng.below(if depth == 0 { 6 } else { 9 }) {
            0 => Expression::Has(name),
            1 | 2 => Expression::Is(name, value_of(rng, name)),
            3 => {
                let value: Vec<char> = value_of(rng, name).chars().collect();
                let letters = 1 + rng.below(value.len());
                Expression::Begins(name, value[..letters].iter().collect())
            }
            4 => {
                let mut ends =
                    [0, 0].map(|_| rng.pick(&[-2.0, -1.0, 0.0, 0.5, 7.0, 12.0, 200.0, 500.0, 1000.0]));
                ends.sort_by(f64::total_cmp);
                let ends = ends.map(|end| (!rng.one_in(4)).then_some(end));
                Expression::Between(2 + rng.below(2), ends, [rng.one_in(2), rng.one_in(2)])
            }
            5 => Expression::Word(rng.pick(WORDS)),
            6 => Expression::Both(Box::new([inner(rng), inner(rng)])),
            7 => Expression::Either(Box::new([inner(rng), inner(rng)])),
            _ => Expression::Not(Box::new(inner(rng))),
        }
    }

    fn holds(&self, entry: &Entry) -> bool {
        match self {
            Expression::Has(name) => entry.values[*name].is_some(),
            Expression::Is(name, value) => entry.value(*name) == Some(value.to_lowercase()),
            Expression::Begins(name, start) => entry
                .value(*name)
                .is_some_and(|value| value.starts_with(&start.to_lowercase())),
            Expression::Between(name, [from, until], included) => {
                let number = entry.value(*name).and_then(|value| value.parse::<f64>().ok());
                number.is_some_and(|number| {
                    from.is_none_or(|from| number > from || included[0] && number == from)
                        && until.is_none_or(|until| number < until || included[1] && number == until)
                })
            }
            Expression::Word(word) => entry.word == *word,
            Expression::Both(both) => both.iter().all(|inner| inner.holds(entry)),
            Expression::Either(either) => either.iter().any(|inner| inner.holds(entry)),
            Expression::Not(inner) => !inner.holds(entry),
        }
    }
}

impl std::fmt::Display for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Expression::Has(name) => write!(f, "{}:*", NAMES[*name]),
            Expression::Is(name, value) => write!(f, "{}:\"{value}\"", NAMES[*name].to_uppercase()),
            Expression::Begins(name, start) => write!(f, "{}:\"{start}\"*", NAMES[*name]),
            Expression::Between(name, ends, included) => {
                let [from, until] = ends.map(|end| end.map_or("*".to_owned(), |end| end.to_string()));
                let open = if included[0] { '[' } else { '{' };
                let close = if included[1] { ']' } else { '}' };
                write!(f, "{}:{open}{from} TO {until}{close}", NAMES[*name])
            }
            Expression::Word(word) => f.write_str(word),
            Expression::Both(both) => write!(f, "(+{} +{})", both[0], both[1]),
            Expression::Either(either) => write!(f, "({} OR {})", either[0], either[1]),
            Expression::Not(inner) => write!(f, "(* -{inner})"),
        }
    }
}

/// The logs of a folder, as they should be found.
#[derive(Default)]
struct Logs {
    files: BTreeMap<String, (Style, Vec<Entry>)>,
}

impl Logs {
    fn write(&mut self, root: &Path, name: &str, style: Style, entries: Vec<Entry>) {
        let texts = entries.iter().enumerate();
        let text: String = texts.map(|(number, entry)| entry.write(style, number)).collect();
        fs::write(root.join(name), text).unwrap();
        self.files.insert(name.to_owned(), (style, entries));
    }

    fn write_random(&mut self, root: &Path, name: &str, rng: &mut Rng) {
        let style = rng.pick(&[Style::Objects, Style::Pairs, Style::Message]);
        let entries = (0..3 + rng.below(200)).map(|_| Entry::random(rng)).collect();
        self.write(root, name, style, entries);
    }

    fn grow(&mut self, root: &Path, name: &str, rng: &mut Rng) {
        if let Some((style, entries)) = self.files.get(name).cloned() {
            let more = (0..1 + rng.below(9)).map(|_| Entry::random(rng));
            self.write(root, name, style, entries.into_iter().chain(more).collect());
        }
    }

    /// The records, with their files and lines.
    fn all(&self) -> impl Iterator<Item = ((String, u64), &Entry)> {
        self.files.iter().flat_map(|(name, (_, entries))| {
            let mut line = 1;
            entries.iter().map(move |entry| {
                let place = (name.clone(), line);
                line += entry.lines();
                (place, entry)
            })
        })
    }

    fn agrees(&self, index: &Index, rng: &mut Rng) {
        for _ in 0..30 {
            let expression = Expression::random(rng, 3);
            let answer = search(index, &expression.to_string(), ClauseScope::Chunk);
            assert!(answer.coverage.is_complete(), "{:?}", answer.coverage);
            let expected: Vec<_> = self.all().filter(|(_, entry)| expression.holds(entry)).collect();
            self.same_places(&answer, &expected, &expression);
            self.same_fields(&answer);
            for (facet, name) in answer.facets.iter().zip(0..) {
                let mut counts: BTreeMap<String, u64> = BTreeMap::new();
                for value in expected.iter().filter_map(|(_, entry)| entry.value(name)) {
                    *counts.entry(value).or_default() += 1;
                }
                let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
                counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
                let found = facet
                    .values
                    .iter()
                    .map(|value| (value.value.clone(), value.count));
                assert_eq!(found.collect::<Vec<_>>(), counts, "{expression} by {name}");
            }
        }
        self.agrees_by_file(index, rng);
    }

    fn same_places(
        &self,
        answer: &SearchAnswer,
        expected: &[((String, u64), &Entry)],
        expression: &Expression,
    ) {
        let all: BTreeSet<(String, u64)> = self.all().map(|(place, _)| place).collect();
        // Of a record that is several chunks each is a hit.
        let begun = answer.hits.iter().filter(|hit| hit.time.is_some());
        let found: BTreeSet<(String, u64)> = begun
            .map(|hit| {
                let place = (String::from_utf8(hit.path.clone()).unwrap(), hit.line);
                all.range(..=place).next_back().unwrap().clone()
            })
            .collect();
        let expected: BTreeSet<(String, u64)> = expected.iter().map(|(place, _)| place.clone()).collect();
        assert_eq!(found, expected, "{expression}");
    }

    fn same_fields(&self, answer: &SearchAnswer) {
        let all: BTreeMap<(String, u64), &Entry> = self.all().collect();
        for hit in answer.hits.iter().take(50) {
            let place = (String::from_utf8(hit.path.clone()).unwrap(), hit.line);
            let Some(entry) = all.get(&place) else { continue };
            let found: Vec<(&str, &str)> = hit
                .fields
                .iter()
                .filter(|(name, _)| NAMES.contains(name))
                .collect();
            assert_eq!(found, entry.named().collect::<Vec<_>>(), "{place:?}");
        }
    }

    /// Clauses that hold for a file as a whole.
    fn agrees_by_file(&self, index: &Index, rng: &mut Rng) {
        for _ in 0..8 {
            let [one, other] = [0, 0].map(|_| Expression::random(rng, 0));
            let answer = search(index, &format!("+{one} +{other}"), ClauseScope::File);
            let found: BTreeSet<&[u8]> = answer.hits.iter().map(|hit| &*hit.path).collect();
            let holds = |entries: &[Entry], part: &Expression| entries.iter().any(|entry| part.holds(entry));
            let expected = self.files.iter().filter(|(_, (_, entries))| {
                // A file is shown by a passage that is in all places that are asked for.
                let is_place = |part: &Expression| !matches!(part, Expression::Word(_));
                let together = |entry: &Entry| {
                    [&one, &other]
                        .into_iter()
                        .filter(|part| is_place(part))
                        .all(|part| part.holds(entry))
                };
                let shown = |entry: &Entry| {
                    together(entry)
                        && [&one, &other]
                            .into_iter()
                            .all(|part| is_place(part) || part.holds(entry))
                };
                let words = [&one, &other].into_iter().filter(|part| !is_place(part)).count();
                holds(entries, &one)
                    && holds(entries, &other)
                    && entries.iter().any(|entry| match words {
                        2 => one.holds(entry) || other.holds(entry),
                        _ => shown(entry),
                    })
            });
            let expected: BTreeSet<&[u8]> = expected.map(|(name, _)| name.as_bytes()).collect();
            assert_eq!(found, expected, "+{one} +{other}");
        }
    }
}

fn search(index: &Index, query: &str, scope: ClauseScope) -> SearchAnswer {
    let facets = NAMES.map(|name| FacetRequest {
        by: FacetBy::Field {
            name: name.to_uppercase(),
        },
        limit: usize::MAX,
    });
    let request = SearchRequest {
        limit: 1_000_000,
        facets: facets.to_vec(),
        scope,
        ..SearchRequest::new(query)
    };
    index.search(&request, &Cancel::new()).unwrap()
}

#[test]
fn after_changes_as_a_scan_of_all_records() {
    let mut rng = Rng::new(17);
    let folder = TempDir::new().unwrap();
    let root = folder.path();
    let mut logs = Logs::default();
    for number in 0..6 {
        logs.write_random(root, &format!("{number}.log"), &mut rng);
    }
    let mut opened = Opened::new(root);
    let cancel = Cancel::new();
    opened.index.rank(&cancel).unwrap();
    logs.agrees(&opened.index, &mut rng);
    for round in 0..24 {
        let name = format!("{}.log", rng.below(8));
        match rng.below(4) {
            0 => {
                let _ = fs::remove_file(root.join(&name));
                logs.files.remove(&name);
            }
            1 => logs.write_random(root, &name, &mut rng),
            _ => logs.grow(root, &name, &mut rng),
        }
        opened = opened.live_on(&mut rng, &name);
        if round % 4 == 3 {
            opened.index.rank(&cancel).unwrap();
            logs.agrees(&opened.index, &mut rng);
        }
    }
    assert_eq!(opened.index.check(100, &cancel).unwrap().faults.len(), 0);
}
