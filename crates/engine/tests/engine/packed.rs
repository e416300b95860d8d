//! Compressed logs: what ranked search finds in them is what it finds in the same logs as they were.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::ops::Range;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use quern_engine::{
    Cancel, Change, Facet, FacetBy, FacetRequest, Fields, Index, Interval, Level, OpenOptions, Progress,
    SearchAnswer, SearchRequest,
};
use quern_testkit::Rng;
use tempfile::TempDir;

use crate::opened::{Opened, options, try_open};

const NAMES: [(&str, &str); 5] = [
    ("app.log", "app.log.1.gz"),
    ("deep/server.log", "deep/server.log-20150729.gz"),
    ("syslog", "syslog.2.gz"),
    ("access_log", "access_log.gz"),
    ("plain.log", "plain.log.gz"),
];
const QUERIES: &[&str] = &[
    "timeout",
    "level:>=warn",
    "level:error lost",
    "time:[2015-07-29T00:02 TO 2015-07-29T00:20}",
    "time:2015-07-29T01 -reset",
    "\"block lost\" OR frame",
    "+reset -level:info",
    "re* path:deep/",
    "took:>=50",
    "word:lost -took:[10 TO 30]",
];

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// Lines of a log, of which some have a stack trace, or of a text that is none.
fn text(rng: &mut Rng, is_log: bool, count: usize) -> String {
    let mut text = String::new();
    for line in 0..count {
        let [hour, minute, second] = [line / 3600 % 24, line / 60 % 60, line % 60];
        let level = rng.pick(&["INFO", "WARN", "ERROR"]);
        let word = rng.pick(&["timeout", "lost", "reset"]);
        if is_log {
            text.push_str(&format!("2015-07-29T{hour:02}:{minute:02}:{second:02}Z {level} "));
        }
        text.push_str(&format!("block {word} word={word} took={}\n", rng.below(80)));
        if rng.one_in(9) {
            text.push_str(&"\tat frame\n".repeat(1 + rng.below(5)));
        }
    }
    text
}

/// Two folders with the same logs: as they are, and compressed.
struct Folders {
    plain: TempDir,
    packed: TempDir,
}

impl Folders {
    fn new() -> Folders {
        let [plain, packed] = [(), ()].map(|()| TempDir::new().unwrap());
        for folder in [&plain, &packed] {
            fs::create_dir(folder.path().join("deep")).unwrap();
            fs::write(folder.path().join("notes.md"), "# A timeout\nlost\n").unwrap();
        }
        Folders { plain, packed }
    }

    fn write(&self, (plain, packed): (&str, &str), text: &str) {
        let modified = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_450_000_000);
        for (path, bytes) in [
            (self.plain.path().join(plain), text.as_bytes().to_vec()),
            (self.packed.path().join(packed), gzip(text.as_bytes())),
        ] {
            fs::write(&path, bytes).unwrap();
            let file = fs::File::options().append(true).open(&path).unwrap();
            file.set_modified(modified).unwrap();
        }
    }

    fn remove(&self, (plain, packed): (&str, &str)) {
        let _ = fs::remove_file(self.plain.path().join(plain));
        let _ = fs::remove_file(self.packed.path().join(packed));
    }
}

fn ask(index: &Index, query: &str, limit: usize) -> SearchAnswer {
    let request = SearchRequest {
        limit,
        fold: false,
        facets: [
            FacetBy::Level,
            FacetBy::Time {
                interval: Interval::Minute,
            },
            FacetBy::Field {
                name: "took".to_owned(),
            },
        ]
        .map(|by| FacetRequest { by, limit: 100 })
        .into(),
        ..SearchRequest::new(query)
    };
    index.search(&request, &Cancel::new()).unwrap()
}

/// What is shown of a hit, but for how well it ranks: the compressed file has another name.
type Shown = (
    u64,
    Range<u64>,
    Option<i64>,
    Option<Level>,
    Fields,
    Option<(u64, String)>,
);

/// The hits, by the names of the logs.
fn shown(answer: SearchAnswer) -> BTreeMap<String, Vec<Shown>> {
    let mut shown: BTreeMap<String, Vec<Shown>> = BTreeMap::new();
    for hit in answer.hits {
        let path = String::from_utf8(hit.path).unwrap();
        let pair = NAMES.iter().find(|(_, packed)| path == *packed);
        let name = pair.map_or(path, |(plain, _)| (*plain).to_owned());
        let snippet = hit.snippet.map(|snippet| (snippet.line, snippet.text));
        assert!(snippet.is_some(), "{name}");
        let hit = (hit.line, hit.range, hit.time, hit.level, hit.fields, snippet);
        shown.entry(name).or_default().push(hit);
    }
    for hits in shown.values_mut() {
        hits.sort_by_key(|hit| hit.0);
    }
    shown
}

/// Gives how many hits were compared.
fn agree(plain: &Index, packed: &Index, queries: &[&str]) -> usize {
    let mut hits = 0;
    for query in queries {
        let [expected, found] = [plain, packed].map(|index| ask(index, query, 10_000));
        assert!(found.coverage.is_complete(), "{:?}", found.coverage);
        assert_eq!(found.total, expected.total, "{query}");
        let counts =
            |facets: &[Facet]| -> Vec<_> { facets.iter().map(|facet| facet.values.clone()).collect() };
        assert_eq!(
            format!("{:?}", counts(&found.facets)),
            format!("{:?}", counts(&expected.facets)),
            "{query}"
        );
        let [expected, found] = [expected, found].map(shown);
        assert_eq!(found, expected, "{query}");
        hits += found.values().map(Vec::len).sum::<usize>();
    }
    hits
}

#[test]
fn they_are_found_as_the_logs_that_they_were() {
    let rng = &mut Rng::new(3);
    let folders = Folders::new();
    for names in NAMES {
        folders.write(names, &text(rng, names.0 != "plain.log", 100));
    }
    let mut plain = Opened::new(folders.plain.path());
    let mut packed = Opened::new(folders.packed.path());
    let cancel = &Cancel::new();
    let mut hits = 0;
    for round in 0..12 {
        for opened in [&plain, &packed] {
            opened.index.refresh(&Progress::default(), cancel).unwrap();
            opened.index.rank(cancel).unwrap();
        }
        hits += agree(&plain.index, &packed.index, QUERIES);
        let names = rng.pick(&NAMES);
        let count = 10 + rng.below(100);
        let written = text(rng, names.0 != "plain.log", count);
        match round % 4 {
            0 => folders.remove(names),
            _ => folders.write(names, &written),
        }
        for (opened, path) in [(&plain, names.0), (&packed, names.1)] {
            let given = if names.1 == path {
                gzip(written.as_bytes())
            } else {
                written.clone().into_bytes()
            };
            let change = match round % 4 {
                3 => Change::Give {
                    path: path.into(),
                    text: given,
                },
                _ => Change::Look { path: path.into() },
            };
            opened.index.apply(vec![change], cancel).unwrap();
        }
        hits += agree(&plain.index, &packed.index, QUERIES);
        for opened in [&plain, &packed] {
            match round % 3 {
                0 => drop(opened.index.flush(cancel).unwrap()),
                1 => drop(opened.index.compact(cancel).unwrap()),
                _ => {}
            }
        }
        if round % 3 == 2 {
            [plain, packed] = [plain, packed].map(|opened| opened.again(|_| {}));
        }
    }
    assert!(hits > 10_000, "{hits}");
    assert_eq!(packed.index.check(100, cancel).unwrap().faults.len(), 0);
}

#[test]
fn passages_far_behind_are_shown() {
    let folders = Folders::new();
    // More than two windows.
    folders.write(NAMES[0], &text(&mut Rng::new(6), true, 50_000));
    let [plain, packed] = [&folders.plain, &folders.packed].map(|folder| Opened::new(folder.path()));
    for opened in [&plain, &packed] {
        opened.index.rank(&Cancel::new()).unwrap();
    }
    let queries = [
        "reset time:2015-07-29T13:50",
        "lost time:2015-07-29T00:10",
        "time:2015-07-29T06:59 frame",
    ];
    assert!(agree(&plain.index, &packed.index, &queries) > 20);
}

fn one(name: &str, bytes: impl AsRef<[u8]>) -> (TempDir, Opened) {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(name), bytes).unwrap();
    fs::write(folder.path().join("b.log"), "2015-07-29T00:00:00Z ERROR lost\n").unwrap();
    let opened = Opened::new(folder.path());
    opened.index.rank(&Cancel::new()).unwrap();
    (folder, opened)
}

/// Complete, the files that are not ranked, and what is found.
fn outcome(index: &Index, query: &str) -> (bool, u64, u64) {
    let SearchAnswer { coverage, total, .. } = ask(index, query, 1);
    (coverage.is_complete(), coverage.indexed - coverage.ranked, total)
}

fn write_again(path: &Path, index: &Index, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
    let change = Change::Look {
        path: path.file_name().unwrap().into(),
    };
    index.apply(vec![change], &Cancel::new()).unwrap();
}

#[test]
fn a_damaged_one_counts_as_not_ranked() {
    let whole = gzip(text(&mut Rng::new(5), true, 40_000).as_bytes());
    let total = outcome(&one("a.log.gz", &whole).1.index, "block").2;
    assert_eq!(total, 40_000);
    let mut flipped = whole.clone();
    flipped[whole.len() / 2..][..40].fill(0xFF);
    for damaged in [
        &flipped[..],
        &whole[..whole.len() - 9],
        &whole[..12],
        b"\x1F\x8Bnot gzip",
    ] {
        let (folder, opened) = one("a.log.gz", damaged);
        let behind = outcome(&opened.index, "block");
        assert!(!behind.0 && behind.1 == 1 && behind.2 < total, "{behind:?}");
        // What comes before the damage can be shown.
        let hits = ask(&opened.index, "block", 10).hits;
        assert!(hits.iter().all(|hit| hit.snippet.is_some()));
        let path = folder.path().join("a.log.gz");
        write_again(&path, &opened.index, &whole);
        assert_eq!(outcome(&opened.index, "block"), (true, 0, total));
        write_again(&path, &opened.index, damaged);
        assert_eq!(outcome(&opened.index, "block"), behind);
        opened.index.compact(&Cancel::new()).unwrap();
        assert_eq!(outcome(&opened.index, "block"), behind);
        fs::remove_file(&path).unwrap();
        opened
            .index
            .refresh(&Progress::default(), &Cancel::new())
            .unwrap();
        assert_eq!(outcome(&opened.index, "lost"), (true, 0, 1));
    }
}

#[test]
fn of_a_text_above_the_limit_the_beginning_is_ranked() {
    let record = "2015-07-29T00:00:00Z ERROR a bomb\n";
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(record.as_bytes()).unwrap();
    // Text with a NUL is passed over.
    let nothing = [vec![0; (1 << 20) - 1], vec![b'\n']].concat();
    for _ in 0..257 {
        encoder.write_all(&nothing).unwrap();
    }
    encoder.write_all(record.as_bytes()).unwrap();
    let (_folder, opened) = one("a.log.gz", encoder.finish().unwrap());
    let (is_complete, unranked, _) = outcome(&opened.index, "bomb");
    assert_eq!((is_complete, unranked), (false, 1));
    assert_eq!(outcome(&opened.index, "lost"), (false, 1, 1));
}

#[test]
fn one_that_grew_by_a_member_is_ranked_as_a_whole() {
    let rng = &mut Rng::new(9);
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.log.gz");
    let mut bytes = gzip(text(rng, true, 300).as_bytes());
    fs::write(&path, &bytes).unwrap();
    let opened = Opened::new(folder.path()).again(|options| options.least_grown = 1);
    bytes.extend(gzip(text(rng, true, 200).as_bytes()));
    write_again(&path, &opened.index, &bytes);
    opened.index.rank(&Cancel::new()).unwrap();
    let found = ask(&opened.index, "block", 1000);
    assert!(found.coverage.is_complete(), "{:?}", found.coverage);
    assert_eq!((found.total, found.hits.len()), (500, 500));
    assert!(found.hits.iter().all(|hit| hit.snippet.is_some()));
}

#[test]
fn only_logs_are_decompressed() {
    let packed = gzip(b"2015-07-29T00:00:00Z ERROR a needle\n");
    for name in ["data.gz", "a.log.zip", "a.log"] {
        assert_eq!(
            outcome(&one(name, &packed).1.index, "needle"),
            (true, 0, 0),
            "{name}"
        );
    }
    // What is not compressed is what it is, whatever its name says.
    let (_folder, opened) = one("a.log.gz", "2015-07-29T00:00:00Z ERROR a needle\n");
    for query in ["needle", "/needle/", "+/a n/ needle"] {
        assert_eq!(outcome(&opened.index, query), (true, 0, 1), "{query}");
    }
}

#[test]
fn what_a_grep_finds_in_the_bytes_is_no_record() {
    // Stored, not deflated: the bytes of the file have the lines of the text.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
    let lines = |count: usize| text(&mut Rng::new(8), true, count);
    encoder.write_all(lines(3000).as_bytes()).unwrap();
    let (_folder, opened) = one("a.log.1.gz", encoder.finish().unwrap());
    let index = &opened.index;
    for query in [
        "/lost/",
        "/lost/ level:>=info",
        "time:2015 /lost/",
        "path:*.gz OR /lost/",
    ] {
        let found = ask(index, query, 10);
        assert!(!found.coverage.is_complete(), "{query}");
        if !query.contains("path:") {
            let paths: Vec<_> = found.hits.iter().map(|hit| &hit.path[..]).collect();
            assert_eq!(paths, [b"b.log"], "{query}");
        }
    }
    assert_eq!(outcome(index, "path:b.log /lost/"), (true, 0, 1));
    assert!(outcome(index, "lang:log level:error").2 > 100);
}

#[test]
fn many_of_them_become_several_runs() {
    let folder = TempDir::new().unwrap();
    let rng = &mut Rng::new(4);
    for number in 0..8 {
        let record = |_| {
            let [one, other] = [rng.below(1 << 12), rng.below(1 << 12)];
            format!("2015-07-29T00:00:00Z INFO block {one:x} {other:x}\n")
        };
        let text: String = (0..70_000).map(record).collect();
        let path = folder.path().join(format!("a.log.{number}.gz"));
        fs::write(path, gzip(text.as_bytes())).unwrap();
    }
    let store = TempDir::new().unwrap();
    let memory = Some(24 << 20);
    let index = try_open(OpenOptions {
        memory,
        ..options(folder.path(), &store)
    })
    .unwrap();
    index.rank(&Cancel::new()).unwrap();
    assert_eq!(outcome(&index, "block"), (true, 0, 560_000));
    let explained = index
        .explain(&SearchRequest::new("block"), &Cancel::new())
        .unwrap();
    assert!(explained.runs > 1, "{}", explained.runs);
}
