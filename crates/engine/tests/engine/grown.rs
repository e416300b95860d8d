//! Files that only grew, as logs do, and files that look as if they had.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use quern_engine::{Cancel, Change, Freshness, GrepRequest, OpenOptions, Progress, SearchRequest, Wanted};
use tempfile::TempDir;

use crate::opened::{Opened, options, try_open};

const LINES: usize = 5000;

/// A folder with one log of several blocks, and its index.
struct Log {
    folder: TempDir,
    opened: Opened,
    lines: usize,
}

impl Log {
    fn new(append_only: &[&str]) -> Log {
        let folder = TempDir::new().unwrap();
        let store = TempDir::new().unwrap();
        fs::write(folder.path().join("a.log"), numbered(0..LINES)).unwrap();
        let index = try_open(growing(folder.path(), &store, append_only)).unwrap();
        Log {
            folder,
            opened: Opened { index, store },
            lines: LINES,
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("a.log")
    }

    fn append(&self, text: &str) {
        let mut file = fs::OpenOptions::new().append(true).open(self.path()).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    /// Appends lines, and gives how many bytes a refresh reads for them.
    fn grow(&mut self, lines: usize) -> u64 {
        self.append(&numbered(self.lines..self.lines + lines));
        self.lines += lines;
        self.refresh()
    }

    fn refresh(&self) -> u64 {
        let index = &self.opened.index;
        index.refresh(&Progress::default(), &Cancel::new()).unwrap().bytes
    }

    /// Lines with `pattern`, all answers being those of the file as it is.
    fn check(&self, pattern: &str) -> usize {
        let text = String::from_utf8(fs::read(self.path()).unwrap()).unwrap();
        let lines = text
            .lines()
            .enumerate()
            .filter(|(_, line)| line.contains(pattern));
        let expected: Vec<String> = lines
            .map(|(number, line)| format!("a.log:{}:{line}", number + 1))
            .collect();
        for freshness in [Freshness::Snapshot, Freshness::Verified, Freshness::Snapshot] {
            let (lines, coverage) = self.opened.lines(pattern, freshness);
            assert_eq!(lines, expected, "{coverage:?}");
            assert!(coverage.complete);
            assert_eq!((coverage.files.indexed, coverage.files.changed), (1, 0));
        }
        let counts = GrepRequest {
            wanted: Wanted::Counts,
            ..GrepRequest::new([pattern])
        };
        let counted = self.opened.grep(counts).next(10).unwrap().map_or(0, |batch| {
            assert_eq!(batch.rows.rows(), 1);
            batch.rows.line[0]
        });
        assert_eq!(counted as usize, expected.len());
        expected.len()
    }
}

fn growing(root: &Path, store: &TempDir, append_only: &[&str]) -> OpenOptions {
    OpenOptions {
        least_grown: 1,
        append_only: append_only.iter().map(|&glob| glob.to_owned()).collect(),
        ..options(root, store)
    }
}

fn numbered(lines: std::ops::Range<usize>) -> String {
    lines
        .map(|line| format!("line {line} has needle-{} and more of it\n", line % 97))
        .collect()
}

#[test]
fn only_what_was_appended_is_read() {
    let mut log = Log::new(&[]);
    for lines in [100, 40, 20, 1] {
        let read = log.grow(lines);
        assert!(read < 200 * 50, "{read} bytes read for {lines} lines");
        assert!(log.check("needle-7 ") > 50);
    }
    assert_eq!(log.opened.index.stats().unwrap().files, 1);
    assert_eq!(
        log.opened
            .lines("line", Freshness::Snapshot)
            .1
            .assumed_append_only,
        0
    );
}

#[test]
fn a_line_that_was_not_complete_is_completed() {
    let log = Log::new(&[]);
    for text in [
        "a needle without",
        " end",
        "\nand a needle",
        " more",
        " and more\n",
    ] {
        log.append(text);
        assert!(log.refresh() < 1000);
        log.check("needle without");
        log.check("needle more");
        log.check("needle");
        log.check(" and more");
    }
    fs::write(log.path(), "short").unwrap();
    log.refresh();
    assert_eq!((log.check("needle"), log.check("short")), (0, 1));
}

#[test]
fn a_first_text_without_line_end_may_grow() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.log");
    fs::write(&path, "x".repeat(40_000) + " needle").unwrap();
    let store = TempDir::new().unwrap();
    let index = try_open(growing(folder.path(), &store, &[])).unwrap();
    let log = Log {
        folder,
        opened: Opened { index, store },
        lines: 0,
    };
    log.append("s\nneedle\n");
    log.refresh();
    assert_eq!((log.check("needle"), log.check("needles")), (2, 1));
}

#[test]
fn a_text_that_is_not_the_old_one_and_more_is_indexed_anew() {
    let rewritten = numbered(7..LINES + 50);
    let edited = {
        let mut text = numbered(0..LINES + 50).into_bytes();
        text[70_000..70_006].copy_from_slice(b"edited");
        String::from_utf8(text).unwrap()
    };
    for text in [rewritten, edited] {
        let log = Log::new(&[]);
        fs::write(log.path(), &text).unwrap();
        assert_eq!(log.refresh(), text.len() as u64);
        log.check("needle-7 ");
        log.check("edited");
    }
}

#[test]
fn an_edit_of_an_append_only_file_is_assumed_not_to_be() {
    let mut log = Log::new(&["*.log"]);
    let mut text = fs::read(log.path()).unwrap();
    text[70_000..70_006].copy_from_slice(b"edited");
    fs::write(log.path(), text).unwrap();
    assert!(log.grow(10) < 1000);
    let (lines, coverage) = log.opened.lines("edited", Freshness::Snapshot);
    assert_eq!((lines.len(), coverage.assumed_append_only), (0, 1));
    assert!(coverage.complete);
    // Whoever does not want to assume that reads the file again.
    let opened = log.opened.again(|options| options.least_grown = 1);
    let (lines, coverage) = opened.lines("edited", Freshness::Verified);
    assert_eq!((lines.len(), coverage.assumed_append_only), (1, 0));
}

#[test]
fn an_append_only_file_may_grow_truly_and_be_edited_without_growing() {
    let mut log = Log::new(&["/a.log"]);
    log.grow(100);
    log.check("needle-3 ");
    let (_, coverage) = log.opened.lines("needle", Freshness::Snapshot);
    assert_eq!(coverage.assumed_append_only, 1);
    let mut text = fs::read(log.path()).unwrap();
    text[70_000..70_006].copy_from_slice(b"edited");
    fs::write(log.path(), text).unwrap();
    log.refresh();
    assert_eq!(log.check("edited"), 1);
    let (_, coverage) = log.opened.lines("needle", Freshness::Snapshot);
    assert_eq!(coverage.assumed_append_only, 0);
}

/// By its inode, which Windows does not tell.
#[cfg(unix)]
#[test]
fn a_log_that_was_rotated_is_another_file() {
    let mut log = Log::new(&["*.log"]);
    log.grow(10);
    fs::rename(log.path(), log.folder.path().join("a.log.1")).unwrap();
    fs::write(log.path(), numbered(9..LINES + 100)).unwrap();
    log.refresh();
    fs::remove_file(log.folder.path().join("a.log.1")).unwrap();
    log.refresh();
    assert!(log.check("needle-7 ") > 50);
    let (_, coverage) = log.opened.lines("needle", Freshness::Snapshot);
    assert_eq!(coverage.assumed_append_only, 0);
}

#[test]
fn many_appends_leave_few_parts_and_read_little() {
    let mut log = Log::new(&[]);
    let mut read = 0;
    let mut most = 0;
    for _ in 0..150 {
        read += log.grow(3);
        most = most.max(log.opened.index.stats().unwrap().blocks);
    }
    log.check("needle-7 ");
    let first = numbered(0..LINES).len() as u64;
    assert!(read < first, "{read} bytes read, {first} in the beginning");
    log.opened.index.compact(&Cancel::new()).unwrap();
    log.check("needle-7 ");
    let stats = log.opened.index.stats().unwrap();
    let text = fs::metadata(log.path()).unwrap().len();
    assert!(stats.text_bytes < text + 1000, "{stats:?}");
    assert!(stats.blocks < text / (12 << 10) + 16, "{stats:?}");
}

#[test]
fn growth_is_known_in_memory_too() {
    let mut log = Log::new(&[]);
    for lines in [200, 3, 1] {
        log.append(&numbered(log.lines..log.lines + lines));
        log.lines += lines;
        let changes = vec![Change::Look { path: "a.log".into() }];
        log.opened.index.apply(changes, &Cancel::new()).unwrap();
        log.check("needle-7 ");
    }
    assert!(log.opened.index.stats().unwrap().overlay_segments > 0);
    assert!(log.opened.index.stats().unwrap().overlay_bytes < 200_000);
    log.opened.index.flush(&Cancel::new()).unwrap();
    log.check("needle-7 ");
    let changes = vec![Change::Give {
        path: "a.log".into(),
        text: b"given needle-7 \n".to_vec(),
    }];
    log.opened.index.apply(changes, &Cancel::new()).unwrap();
    assert_eq!(log.opened.lines("needle-7 ", Freshness::Verified).0.len(), 1);
    fs::remove_file(log.path()).unwrap();
    let changes = vec![Change::Remove { path: "a.log".into() }];
    log.opened.index.apply(changes, &Cancel::new()).unwrap();
    assert_eq!(log.opened.index.stats().unwrap().files, 0);
}

#[test]
fn a_young_part_is_read_again_and_the_rest_is_not() {
    let log = Log::new(&[]);
    let text = numbered(LINES..LINES + 50);
    let mut file = fs::OpenOptions::new().append(true).open(log.path()).unwrap();
    file.write_all(text.as_bytes()).unwrap();
    for _ in 0..3 {
        assert_eq!(log.refresh(), text.len() as u64);
        log.check("needle-7 ");
    }
    assert!(log.check("needle-7 ") > 50);
}

#[test]
fn what_a_crash_left_of_a_growth_does_not_count() {
    let mut log = Log::new(&[]);
    log.grow(10);
    let store = log.opened.store.path().join("store");
    let manifest = fs::read(store.join("manifest")).unwrap();
    // A segment that no manifest names, and a change that never became durable.
    log.append("needle-7 here\n");
    let changes = vec![Change::Look { path: "a.log".into() }];
    log.opened.index.apply(changes, &Cancel::new()).unwrap();
    log.check("needle-7 ");
    let copy = TempDir::new().unwrap();
    for part in ["manifest", "root", "segments"] {
        copy_all(&store.join(part), &copy.path().join("store").join(part));
    }
    assert_eq!(fs::read(copy.path().join("store/manifest")).unwrap(), manifest);
    let index = try_open(growing(log.folder.path(), &copy, &[])).unwrap();
    let opened = Opened { index, store: copy };
    let Log { folder, lines, .. } = log;
    let log = Log {
        folder,
        opened,
        lines,
    };
    log.check("needle-7 ");
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy_all(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}

#[test]
fn a_match_may_span_parts() {
    let log = Log::new(&[]);
    log.append("the old apple\n");
    log.refresh();
    log.append("new pear\n");
    assert!(log.refresh() < 1000);
    for pattern in ["apple\nnew", r"needle-5 [^\n]*\n[^\n]*\n(?s:.)*pear"] {
        let mut request = GrepRequest::new([pattern]);
        request.pattern.multiline = true;
        request.search.multiline = true;
        let (files, coverage) = log.opened.answer(request);
        assert_eq!(files.len(), 1, "{pattern}");
        assert!(coverage.complete);
    }
}

#[test]
fn an_appended_nul_and_a_mark_count_for_the_whole_file() {
    let log = Log::new(&[]);
    log.append("zero\0needle\n");
    assert!(log.refresh() < 1000);
    let (lines, coverage) = log.opened.lines("needle-7 ", Freshness::Snapshot);
    let (verified, _) = log.opened.lines("needle-7 ", Freshness::Verified);
    assert!(coverage.complete && coverage.files.searched == 1);
    assert_eq!(lines, verified);
    let plain = Opened::new(log.folder.path());
    assert_eq!(plain.lines("needle-7 ", Freshness::Snapshot).0, lines);
}

#[test]
fn a_file_that_was_indexed_in_pieces_grows() {
    let folder = TempDir::new().unwrap();
    let store = TempDir::new().unwrap();
    let path = folder.path().join("a.log");
    let lines = 2_000_000;
    fs::write(&path, numbered(0..lines)).unwrap();
    assert!(fs::metadata(&path).unwrap().len() > 64 << 20);
    let index = try_open(growing(folder.path(), &store, &[])).unwrap();
    let mut log = Log {
        folder,
        opened: Opened { index, store },
        lines,
    };
    assert!(log.grow(100) < 10_000);
    assert!(log.grow(3) < 10_000);
    assert!(log.check("needle-7 ") > 20_000);
    let index = &log.opened.index;
    assert_eq!(index.stats().unwrap().files, 1);
    index.compact(&Cancel::new()).unwrap();
    assert_eq!(log.check("line 2000101 "), 1);
}

#[test]
fn a_regex_of_a_ranked_query_holds_in_one_part_of_a_grown_file() {
    let mut log = Log::new(&[]);
    let index = &log.opened.index;
    index.rank(&Cancel::new()).unwrap();
    log.grow(300);
    let index = &log.opened.index;
    index.rank(&Cancel::new()).unwrap();
    assert!(index.stats().unwrap().segments > 1);
    let last = numbered(log.lines - 1..log.lines);
    for line in [last.trim_end(), numbered(10..11).trim_end()] {
        let request = SearchRequest {
            fold: false,
            ..SearchRequest::new(format!("/^{line}$/"))
        };
        let answer = index.search(&request, &Cancel::new()).unwrap();
        assert_eq!(answer.total, 1, "{line}: {:?}", answer.hits);
        assert!(answer.coverage.is_complete());
    }
}
