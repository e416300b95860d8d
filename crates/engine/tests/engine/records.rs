//! Logs: what times and levels find in an index that lives is what a scan of all records finds.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::Path;

use quern_engine::{Cancel, Change, Code, Freshness, Index, Level, Progress, SearchAnswer, SearchRequest};
use quern_testkit::Rng;
use tempfile::TempDir;

use crate::opened::Opened;

/// 2015-07-29T00:00:00Z; the times of the tests are in the days behind it.
const START: i64 = 1_438_128_000_000;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const WORDS: &[&str] = &["timeout", "connection", "blk_1", "lost", "reset"];

#[derive(Clone)]
struct Entry {
    time: i64,
    level: Option<Level>,
    word: &'static str,
    /// Lines behind the first.
    more: usize,
}

impl Entry {
    fn random(rng: &mut Rng, time: i64) -> Entry {
        Entry {
            time,
            level: (!rng.one_in(5)).then(|| rng.pick(&Level::ALL)),
            word: rng.pick(WORDS),
            more: if rng.one_in(6) { 1 + rng.below(9) } else { 0 },
        }
    }

    fn lines(&self) -> u64 {
        1 + self.more as u64
    }
}

/// A whole minute of the first hours, so that ends of spans are often times of records.
fn minute(rng: &mut Rng, hours: usize) -> i64 {
    START + rng.below(60 * hours) as i64 * MINUTE
}

/// As a log has it: the time in ISO 8601.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = self
            .level
            .map_or(String::new(), |level| level.name().to_uppercase());
        writeln!(f, "{} {level} server: {}", iso(self.time), self.word)?;
        (0..self.more).try_for_each(|line| writeln!(f, "\tat frame {line}"))
    }
}

/// A time of July or August 2015 in ISO 8601.
fn iso(time: i64) -> String {
    let (day, rest) = (
        (time - START).div_euclid(24 * HOUR) + 29,
        (time - START).rem_euclid(24 * HOUR),
    );
    let (month, day) = if day > 31 { (8, day - 31) } else { (7, day) };
    let (hour, minute, second) = (rest / HOUR, rest / 60_000 % 60, rest / 1000 % 60);
    format!(
        "2015-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z",
        rest % 1000
    )
}

/// A query whose meaning is known.
enum Expression {
    /// From, and before.
    Time(Option<i64>, Option<i64>),
    Level(Level, Level),
    Word(&'static str),
    Both(Box<[Expression; 2]>),
    Either(Box<[Expression; 2]>),
    Not(Box<Expression>),
}

impl Expression {
    fn random(rng: &mut Rng, depth: usize) -> Expression {
        let inner = |rng: &mut Rng| Expression::random(rng, depth - 1);
        match rng.below(if depth == 0 { 5 } else { 8 }) {
            0..=2 => {
                let mut ends = [0, 0].map(|_| minute(rng, 90));
                if rng.one_in(3) {
                    ends[1] = ends[0] + rng.below(30) as i64 * MINUTE;
                }
                ends.sort_unstable();
                let [from, until] = ends.map(|end| (!rng.one_in(5)).then_some(end));
                Expression::Time(from, until)
            }
            3 => {
                let mut levels = [0, 0].map(|_| rng.pick(&Level::ALL));
                levels.sort_unstable();
                Expression::Level(levels[0], levels[1])
            }
            4 => Expression::Word(rng.pick(WORDS)),
            5 => Expression::Both(Box::new([inner(rng), inner(rng)])),
            6 => Expression::Either(Box::new([inner(rng), inner(rng)])),
            _ => Expression::Not(Box::new(inner(rng))),
        }
    }

    fn holds(&self, entry: &Entry) -> bool {
        match self {
            Expression::Time(from, until) => {
                from.is_none_or(|from| entry.time >= from) && until.is_none_or(|until| entry.time < until)
            }
            Expression::Level(from, to) => entry.level.is_some_and(|level| (*from..=*to).contains(&level)),
            Expression::Word(word) => entry.word == *word,
            Expression::Both(both) => both.iter().all(|inner| inner.holds(entry)),
            Expression::Either(either) => either.iter().any(|inner| inner.holds(entry)),
            Expression::Not(inner) => !inner.holds(entry),
        }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expression::Time(from, until) => {
                let end = |end: &Option<i64>| end.map_or("*".to_owned(), iso);
                write!(f, "time:[{} TO {}}}", end(from), end(until))
            }
            Expression::Level(from, to) => write!(f, "level:[{} TO {}]", from.name(), to.name()),
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
    files: BTreeMap<String, Vec<Entry>>,
}

impl Logs {
    fn write(&mut self, root: &Path, name: &str, entries: Vec<Entry>) {
        let text: String = entries.iter().map(Entry::to_string).collect();
        fs::write(root.join(name), text).unwrap();
        self.files.insert(name.to_owned(), entries);
    }

    /// Adds to a file what comes in the next hours.
    fn grow(&mut self, root: &Path, name: &str, rng: &mut Rng) {
        let Some(entries) = self.files.get(name) else {
            return;
        };
        let mut entries = entries.clone();
        let last = entries.last().map_or(START, |entry| entry.time);
        entries.extend((0..4 + rng.below(9)).map(|i| Entry::random(rng, last + i as i64 * MINUTE)));
        self.write(root, name, entries);
    }

    /// The file and the line of each record for which an expression holds.
    fn scan(&self, expression: &Expression) -> BTreeSet<(String, u64)> {
        let mut found = BTreeSet::new();
        for (name, entries) in &self.files {
            let mut line = 1;
            for entry in entries {
                if expression.holds(entry) {
                    found.insert((name.clone(), line));
                }
                line += entry.lines();
            }
        }
        found
    }

    fn agrees(&self, index: &Index, rng: &mut Rng) {
        for _ in 0..40 {
            let expression = Expression::random(rng, 3);
            let answer = search(index, &expression.to_string());
            assert!(answer.coverage.is_complete(), "{:?}", answer.coverage);
            let logged = answer.hits.iter().filter(|hit| hit.path.ends_with(b".log"));
            let found: BTreeSet<_> = logged
                .map(|hit| (String::from_utf8(hit.path.clone()).unwrap(), hit.line))
                .collect();
            assert_eq!(found, self.scan(&expression), "{expression}");
        }
        for hit in search(index, "level:* OR *").hits {
            let path = String::from_utf8(hit.path).unwrap();
            let Some(entries) = self.files.get(&path) else {
                assert_eq!((hit.time, hit.level), (None, None), "{path}");
                continue;
            };
            let mut line = 1;
            let at = entries.iter().find(|entry| {
                line += entry.lines();
                line > hit.line
            });
            let entry = at.unwrap();
            assert_eq!(
                (hit.time, hit.level),
                (Some(entry.time), entry.level),
                "{path}:{}",
                hit.line
            );
        }
    }
}

fn search(index: &Index, query: &str) -> SearchAnswer {
    let request = SearchRequest {
        limit: 1_000_000,
        ..SearchRequest::new(query)
    };
    index.search(&request, &Cancel::new()).unwrap()
}

fn entries(rng: &mut Rng, sorted: bool) -> Vec<Entry> {
    let count = 3 + rng.below(400);
    let mut times: Vec<i64> = (0..count).map(|_| minute(rng, 80)).collect();
    if sorted {
        times.sort_unstable();
    }
    times.into_iter().map(|time| Entry::random(rng, time)).collect()
}

#[test]
fn after_changes_as_a_scan_of_all_records() {
    let mut rng = Rng::new(7);
    let folder = TempDir::new().unwrap();
    let root = folder.path();
    let mut logs = Logs::default();
    fs::write(
        root.join("notes.md"),
        format!("{} not a log: timeout\n", iso(START)).repeat(9),
    )
    .unwrap();
    for number in 0..6 {
        let entries = entries(&mut rng, number % 2 == 0);
        logs.write(root, &format!("{number}.log"), entries);
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
            1 => {
                let sorted = rng.one_in(2);
                let entries = entries(&mut rng, sorted);
                logs.write(root, &name, entries);
            }
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

#[test]
fn what_is_built_with_the_grams_is_what_is_built_behind_them() {
    let mut rng = Rng::new(9);
    let folder = TempDir::new().unwrap();
    let mut logs = Logs::default();
    let opened = Opened::new(folder.path());
    opened.index.rank(&Cancel::new()).unwrap();
    for number in 0..3 {
        let entries = entries(&mut rng, number == 0);
        logs.write(folder.path(), &format!("{number}.log"), entries);
    }
    let at_once = &opened.index;
    at_once.refresh(&Progress::default(), &Cancel::new()).unwrap();
    logs.agrees(at_once, &mut rng);
    let behind = Opened::new(folder.path());
    behind.index.rank(&Cancel::new()).unwrap();
    logs.agrees(&behind.index, &mut rng);
    let shown = |index: &Index| -> Vec<_> {
        let hits = search(index, "timeout AND level:*").hits.into_iter();
        hits.map(|hit| (hit.path, hit.line, hit.range, hit.time, hit.level))
            .collect()
    };
    assert_eq!(shown(at_once), shown(&behind.index));
}

#[test]
fn a_record_over_the_end_of_a_window_keeps_its_time() {
    let folder = TempDir::new().unwrap();
    let entry = |time: i64, word| Entry {
        time,
        level: Some(Level::Error),
        word,
        more: 0,
    };
    let trace = "\tat a.frame.of.a.long.Trace(Trace.java:1)\n".repeat(60_000);
    let text = format!(
        "{}{trace}\tneedle\n{}",
        entry(START, "lost"),
        entry(START + HOUR, "reset")
    );
    fs::write(folder.path().join("a.log"), &text).unwrap();
    let opened = Opened::new(folder.path());
    opened.index.rank(&Cancel::new()).unwrap();
    let hits = search(&opened.index, "needle").hits;
    assert_eq!(
        (hits.len(), hits[0].time, hits[0].level),
        (1, Some(START), Some(Level::Error))
    );
    assert!(hits[0].line > 1);
    let first = format!("time:[* TO {}}} AND trace", iso(START + HOUR));
    assert!(search(&opened.index, &first).total > 20);
    assert_eq!(search(&opened.index, "time:2015-07-29T01").total, 1);
}

#[test]
fn now_is_when_the_query_is_asked() {
    let folder = TempDir::new().unwrap();
    let mut logs = Logs::default();
    let hours = (0..50).map(|hour| Entry {
        time: START + hour * HOUR,
        level: None,
        word: "lost",
        more: 0,
    });
    logs.write(folder.path(), "a.log", hours.collect());
    let opened = Opened::new(folder.path());
    opened.index.rank(&Cancel::new()).unwrap();
    let total = |query: &str, now: Option<i64>| {
        let request = SearchRequest {
            now,
            ..SearchRequest::new(query)
        };
        opened.index.search(&request, &Cancel::new()).unwrap().total
    };
    assert_eq!(total("time:[now-2h TO now]", Some(START + 10 * HOUR)), 3);
    assert_eq!(total("time:[now-2h TO now]", Some(START + HOUR)), 2);
    assert_eq!(total("time:{now-1d TO now}", Some(START + 48 * HOUR)), 23);
    assert_eq!(total("time:>now", Some(START)), 49);
    assert_eq!(total("time:<=now", None), 50);
    assert_eq!(total("time:>=now-1h", None), 0);
}

#[test]
fn a_phrase_does_not_go_on_in_the_next_record() {
    let folder = TempDir::new().unwrap();
    let line = |word: &str| format!("2015-07-29T00:00:00Z INFO {word}\n");
    let text = [
        line("a lost"),
        line("b"),
        line("lost"),
        "2015-07-29T00:00:00Z reset\n".to_owned(),
    ]
    .concat();
    fs::write(folder.path().join("a.log"), text).unwrap();
    let opened = Opened::new(folder.path());
    opened.index.rank(&Cancel::new()).unwrap();
    assert_eq!(search(&opened.index, "\"lost 2015\"").total, 0);
    assert_eq!(search(&opened.index, "\"info a lost\"").total, 1);
}

#[test]
fn a_year_that_stamps_leave_out_is_that_of_the_file() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("messages");
    let text = ["Dec 31 23:59:59", "Jan  1 00:00:01", "Jan  1 12:00:00"]
        .map(|stamp| format!("{stamp} host app: x\n"));
    fs::write(&path, text.concat()).unwrap();
    let modified = std::time::UNIX_EPOCH + std::time::Duration::from_millis((START - 209 * 24 * HOUR) as u64);
    fs::File::options()
        .append(true)
        .open(&path)
        .unwrap()
        .set_modified(modified)
        .unwrap();
    let opened = Opened::new(folder.path());
    opened.index.rank(&Cancel::new()).unwrap();
    assert_eq!(search(&opened.index, "time:2014").total, 1);
    assert_eq!(search(&opened.index, "time:2015").total, 2);
    // A text that is given was modified when it is.
    let change = Change::Give {
        path: "messages".into(),
        text: text.concat().into_bytes(),
    };
    opened.index.apply(vec![change], &Cancel::new()).unwrap();
    assert_eq!(search(&opened.index, "time:>=now-53w").total, 3);
    assert_eq!(search(&opened.index, "time:<=2015").total, 0);
}

#[test]
fn times_that_there_are_not_are_refused() {
    let folder = TempDir::new().unwrap();
    let opened = Opened::new(folder.path());
    let refused = |query: &str| {
        let error = opened
            .index
            .search(&SearchRequest::new(query), &Cancel::new())
            .unwrap_err();
        assert_eq!(error.code, Code::InvalidQuery);
        error.to_string()
    };
    assert!(refused("a time:2015-02-30").contains("there is no such day"));
    assert!(refused("a level:loud").contains("(at 8 of the query)"));
}

#[test]
fn stamps_are_written_as_patterns_say() {
    let folder = TempDir::new().unwrap();
    let text = (1..=40)
        .map(|day| {
            format!(
                "<{:02}.07.2015 17h04> INFO app: lost user={day}\n\tmore\n",
                1 + day % 28
            )
        })
        .collect::<String>();
    fs::write(folder.path().join("a.log"), &text).unwrap();
    fs::write(folder.path().join("b.log"), text.repeat(1000)).unwrap();
    fs::write(folder.path().join("c.rs"), "// lost\n").unwrap();
    let total = |opened: &Opened, query: &str| {
        opened.index.rank(&Cancel::new()).unwrap();
        search(&opened.index, query).total
    };
    let known = "time:2015-07-02T17:04 path:a.log";
    let opened = Opened::new(folder.path());
    assert_eq!(total(&opened, known), 0);
    let given = |pattern: &str| {
        let pattern = vec!["%Y~%m~%d %H".to_owned(), pattern.to_owned()];
        move |options: &mut quern_engine::OpenOptions| options.timestamps = pattern
    };
    // What grew is cut anew as a whole, too.
    fs::write(folder.path().join("b.log"), text.repeat(1001)).unwrap();
    let opened = opened.again(given("<%d.%m.%Y %Hh%M>"));
    assert_eq!(total(&opened, known), 2);
    assert_eq!(total(&opened, "time:* path:b.log"), 40_040);
    assert_eq!(total(&opened, "user:7 -path:b.log"), 1);
    let hit = search(&opened.index, "user:7 path:a.log").hits.remove(0);
    assert_eq!(
        hit.fields.iter().collect::<Vec<_>>(),
        [("source", "app"), ("user", "7")]
    );
    let opened = opened.again(given("<%d.%m.%Y %Hh%M>"));
    assert_eq!(total(&opened, known), 2);
    let opened = opened.again(given("<%d.%m.%Y %Hx%M>"));
    assert_eq!(total(&opened, known), 0);
    assert_eq!(total(&opened, "lost -path:*.log"), 1);
}

#[test]
fn patterns_that_are_none_are_refused() {
    let folder = TempDir::new().unwrap();
    let store = TempDir::new().unwrap();
    for (patterns, reason) in [
        (
            vec!["%d.%m.%Y".to_owned()],
            "'%d.%m.%Y' is no pattern of a time stamp, it has to say day, month and hour",
        ),
        (vec!["%Q".to_owned()], "'%Q' is no pattern of a time stamp"),
        (vec!["%s".to_owned(), "x".repeat(129)], "more than 128 bytes"),
        (vec!["%s".to_owned(); 17], "there are more than 16"),
    ] {
        let mut options = crate::opened::options(folder.path(), &store);
        options.timestamps = patterns;
        let error = crate::opened::try_open(options).err().unwrap();
        assert_eq!(error.code, Code::InvalidOption);
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[test]
fn a_lasting_answer_names_the_state_of_the_index_and_what_moves_is_none() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.log"), format!("{} lost\n", iso(START))).unwrap();
    let opened = Opened::new(folder.path());
    let state = |now: Option<i64>, freshness: Freshness, query: &str| {
        let request = SearchRequest {
            now,
            freshness,
            ..SearchRequest::new(query)
        };
        let answer = opened.index.search(&request, &Cancel::new()).unwrap();
        answer.coverage.lasting_state()
    };
    opened.index.rank(&Cancel::new()).unwrap();
    let named = opened.index.state().unwrap();
    assert!(named.is_some());
    for query in ["lost", "time:2015", "", "/lost/"] {
        assert_eq!(state(None, Freshness::Snapshot, query), named, "{query}");
    }
    assert_eq!(state(None, Freshness::Snapshot, "time:>=now-1h"), None);
    assert_eq!(state(Some(START), Freshness::Snapshot, "time:>=now-1h"), named);
    assert_eq!(state(None, Freshness::Verified, "lost"), None);
    fs::write(folder.path().join("a.log"), "changed\n").unwrap();
    assert_eq!(state(None, Freshness::Snapshot, "lost"), None);
}
