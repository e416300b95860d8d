//! A folder that is written to at random while it is followed: every line that was completed comes once, and those of a file in their
//! order, over renaming, copying and truncating, deletions and new files.
//!
//! `QUERN_FOLLOW_STEPS` says how much is done to the folder, `QUERN_SEED` from which seed.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use quern_engine::{Cancel, Code, FollowRequest, Following, PatternOptions, WatchOptions};
use quern_testkit::Rng;
use tempfile::TempDir;

use crate::opened::Opened;

/// After so long a line is not to be expected any more: the test would wait for ever.
const PATIENCE: Duration = Duration::from_secs(60);

/// Path, offset and text of a line.
type Line = (String, u64, Vec<u8>);

/// The next lines, `rows` at most; none at the end.
fn pull(following: &Following, rows: usize) -> Vec<Line> {
    let (send, receive) = mpsc::channel();
    following.next(rows, move |batch| drop(send.send(batch)));
    let Ok(Ok(Some(batch))) = receive.recv_timeout(PATIENCE) else {
        return Vec::new();
    };
    assert!((1..=rows).contains(&batch.rows.rows()));
    let paths: Vec<&[u8]> = batch.file_paths().collect();
    let path = |file: u32| String::from_utf8_lossy(paths[file as usize]).into_owned();
    let rows = batch.rows.iter().zip(&batch.file);
    rows.map(|(row, &file)| (path(file), row.offset, row.text.to_vec()))
        .collect()
}

fn polled() -> WatchOptions {
    WatchOptions {
        poll: Some(true),
        interval: Duration::from_millis(1),
        ..WatchOptions::default()
    }
}

fn watched() -> WatchOptions {
    WatchOptions {
        delay: Duration::from_millis(1),
        ..WatchOptions::default()
    }
}

fn follow(opened: &Opened, request: &FollowRequest) -> Arc<Following> {
    opened.index.follow(request, &Cancel::new()).unwrap()
}

fn append(path: &Path, text: &[u8]) {
    let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    file.write_all(text).unwrap();
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// One file, from when it is created or truncated to when it is gone or truncated.
struct Life {
    path: PathBuf,
    text: Vec<u8>,
    /// Lines that are still to be written, byte by byte. No two lives begin alike: only a copy does.
    ahead: Vec<u8>,
    is_over: bool,
}

impl Life {
    fn new(path: PathBuf, text: &[u8]) -> Life {
        Life {
            path,
            text: text.to_vec(),
            ahead: Vec::new(),
            is_over: false,
        }
    }

    fn lines(&self) -> impl Iterator<Item = &[u8]> {
        let complete = memchr::memrchr(b'\n', &self.text).map_or(0, |end| end + 1);
        let lines = self.text[..complete].split_inclusive(|&byte| byte == b'\n');
        lines.map(|line| &line[..line.len() - 1])
    }
}

/// What is written, and what has come of it.
struct Model {
    root: PathBuf,
    lives: Vec<Life>,
    names: usize,
    /// What logs were copied to. What the copies say has come when one is written again.
    copies: Vec<PathBuf>,
    came: Vec<Line>,
}

impl Model {
    fn expected(&self) -> usize {
        self.lives.iter().map(|life| life.lines().count()).sum()
    }

    /// Pulls until all has come that was written.
    fn catch_up(&mut self, following: &Following, rng: &mut Rng) {
        while self.came.len() < self.expected() {
            let came = pull(following, 1 + rng.below(50));
            assert!(
                !came.is_empty(),
                "{} of {} lines came",
                self.came.len(),
                self.expected()
            );
            self.came.extend(came);
        }
    }

    fn living(&self, rng: &mut Rng) -> Option<usize> {
        let living: Vec<usize> = (0..self.lives.len())
            .filter(|&life| !self.lives[life].is_over)
            .collect();
        (!living.is_empty()).then(|| rng.pick(&living))
    }

    fn new_name(&mut self) -> usize {
        self.names += 1;
        self.names
    }

    fn begin(&mut self, path: PathBuf) {
        fs::write(&path, "").unwrap();
        self.lives.push(Life::new(path, b""));
    }

    fn write(&mut self, rng: &mut Rng, life: usize) {
        while self.lives[life].ahead.len() < 200 {
            let words = ["", "ä", "\u{1F600}", "error", "€uro", "\r"];
            let line: Vec<&str> = (0..rng.below(12)).map(|_| rng.pick(&words)).collect();
            let number = self.new_name();
            let line = format!("{number} {}\n", line.concat());
            self.lives[life].ahead.extend(line.bytes());
        }
        let some: Vec<u8> = self.lives[life].ahead.drain(..rng.below(100)).collect();
        append(&self.lives[life].path, &some);
        self.lives[life].text.extend(some);
    }

    fn rename(&mut self, life: usize) {
        let number = self.new_name();
        let before = self.lives[life].path.clone();
        let after = before.with_file_name(format!("{}.{number}", name(&before)));
        fs::rename(&before, &after).unwrap();
        self.lives[life].path = after;
        self.begin(before);
    }

    fn copy_and_truncate(&mut self, life: usize) {
        let number = self.new_name();
        let path = self.lives[life].path.clone();
        let copy = path.with_file_name(format!("{}.{number}", name(&path)));
        self.copy_to(copy, life);
    }

    /// A log is copied to where an older copy of it was.
    fn copy_once_more(&mut self, rng: &mut Rng, following: &Following, life: usize) {
        let log = name(&self.lives[life].path);
        let is_of_it = |copy: &&PathBuf| {
            let rest = name(copy).strip_prefix(&log).map(str::to_owned);
            rest.is_some_and(|rest| rest.starts_with('.'))
        };
        let copies: Vec<PathBuf> = self.copies.iter().filter(is_of_it).cloned().collect();
        if copies.is_empty() {
            return self.copy_and_truncate(life);
        }
        self.catch_up(following, rng);
        let copy = copies[rng.below(copies.len())].clone();
        if rng.below(2) == 0 {
            fs::remove_file(&copy).unwrap();
        }
        self.copy_to(copy, life);
    }

    fn copy_to(&mut self, copy: PathBuf, life: usize) {
        let path = self.lives[life].path.clone();
        fs::copy(&path, &copy).unwrap();
        OpenOptions::new().write(true).truncate(true).open(&path).unwrap();
        self.lives[life].is_over = true;
        self.lives.push(Life::new(path, b""));
        self.copies.push(copy);
    }

    /// A log is compressed and deleted. Something of it has come: else nothing tells what is in the compressed file.
    fn compress(&mut self, life: usize) {
        let number = self.new_name();
        let has_come = |line: &[u8]| self.came.iter().any(|(.., text)| text == line);
        if self.lives[life].lines().next().is_none_or(|line| !has_come(line)) {
            return;
        }
        let path = self.lives[life].path.clone();
        let packed = path.with_file_name(format!("{}.{number}.gz", name(&path)));
        fs::write(packed, gzip(&fs::read(&path).unwrap())).unwrap();
        fs::remove_file(&path).unwrap();
        self.lives[life].is_over = true;
        self.begin(path);
    }

    fn step(&mut self, rng: &mut Rng, following: &Following) {
        let life = self.living(rng);
        match (rng.below(40), life) {
            (0, _) | (_, None) => {
                let folder = self.root.join(rng.pick(&["", "sub", "sub/deep"]));
                fs::create_dir_all(&folder).unwrap();
                let path = folder.join(format!("{}.log", self.new_name()));
                self.begin(path);
            }
            (1, Some(life)) => self.rename(life),
            (2, Some(life)) => self.copy_and_truncate(life),
            (3, Some(life)) => {
                self.catch_up(following, rng);
                fs::remove_file(&self.lives[life].path).unwrap();
                self.lives[life].is_over = true;
            }
            (4, Some(_)) => self.catch_up(following, rng),
            (5, Some(life)) if rng.below(3) == 0 => self.copy_once_more(rng, following, life),
            (6, Some(life)) if rng.below(2) == 0 => self.compress(life),
            (_, Some(life)) => self.write(rng, life),
        }
    }

    fn check(&self) {
        let texts = |lines: &mut dyn Iterator<Item = Vec<u8>>| -> Vec<String> {
            let mut lines: Vec<String> = lines.map(|line| String::from_utf8_lossy(&line).into()).collect();
            lines.sort();
            lines
        };
        let written = texts(&mut self.lives.iter().flat_map(Life::lines).map(<[u8]>::to_vec));
        let came = texts(&mut self.came.iter().map(|(.., text)| text.clone()));
        assert_eq!(came, written);
        for life in &self.lives {
            let mut came = self.came.iter().map(|(.., text)| text);
            let is_in_order = life.lines().all(|line| came.any(|text| text == line));
            assert!(is_in_order, "{}", life.path.display());
        }
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

fn every_line_comes_once(watch: WatchOptions) {
    let number = |name, default| std::env::var(name).map_or(default, |value| value.parse().unwrap());
    let (steps, seed) = (number("QUERN_FOLLOW_STEPS", 2000), number("QUERN_SEED", 0));
    let mut rng = Rng::new(seed);
    let root = TempDir::new().unwrap();
    fs::write(root.path().join("old.log"), "said before\nthe end of this ").unwrap();
    let opened = Opened::new(root.path());
    let request = FollowRequest {
        watch,
        ..FollowRequest::default()
    };
    let following = follow(&opened, &request);
    let life = Life::new(root.path().join("old.log"), b"the end of this ");
    let mut model = Model {
        root: root.path().to_path_buf(),
        lives: vec![life],
        names: 0,
        copies: Vec::new(),
        came: Vec::new(),
    };
    // From here on the file has a seal.
    append(&model.lives[0].path, b"line\n");
    model.lives[0].text.extend(b"line\n");
    model.catch_up(&following, &mut rng);
    for _ in 0..steps {
        model.step(&mut rng, &following);
    }
    model.begin(root.path().join("last.log"));
    let last = model.lives.len() - 1;
    append(&model.lives[last].path, b"the last line\n");
    model.lives[last].text.extend(b"the last line\n");
    model.catch_up(&following, &mut rng);
    model.check();
    assert!(model.came.len() as u64 > steps / 4);
    assert!(following.state().errors.is_empty());
}

#[test]
fn every_line_comes_once_where_the_system_tells() {
    every_line_comes_once(watched());
}

#[test]
fn every_line_comes_once_where_the_folder_is_polled() {
    every_line_comes_once(polled());
}

#[test]
fn what_looks_beyond_a_line_is_refused() {
    let root = TempDir::new().unwrap();
    let opened = Opened::new(root.path());
    let refused = |request: FollowRequest| opened.index.follow(&request, &Cancel::new()).err().unwrap().code;
    let pattern = |pattern: &str, multiline| {
        Some(PatternOptions {
            patterns: vec![pattern.to_owned()],
            multiline,
            ..PatternOptions::default()
        })
    };
    let request = |pattern| FollowRequest {
        pattern,
        ..FollowRequest::default()
    };
    assert_eq!(refused(request(pattern("(", false))), Code::InvalidPattern);
    assert_eq!(refused(request(pattern("\\Ax", false))), Code::InvalidPattern);
    assert_eq!(refused(request(pattern("x", true))), Code::InvalidOption);
    for max_line in [0, 1 << 30] {
        let request = FollowRequest {
            max_line,
            ..FollowRequest::default()
        };
        assert_eq!(refused(request), Code::InvalidOption);
    }
}

#[test]
#[cfg(unix)]
fn a_log_that_is_renamed_to_an_ignored_name_is_read_to_its_end() {
    let root = TempDir::new().unwrap();
    let log = root.path().join("a.log");
    fs::write(root.path().join(".ignore"), "*.1\n").unwrap();
    fs::write(&log, "").unwrap();
    let opened = Opened::new(root.path());
    let request = FollowRequest {
        watch: watched(),
        ..FollowRequest::default()
    };
    let following = follow(&opened, &request);
    append(&log, b"one\n");
    assert_eq!(pull(&following, 9).len(), 1);
    append(&log, b"two\n");
    fs::rename(&log, log.with_extension("log.1")).unwrap();
    assert_eq!(pull(&following, 9), [("a.log.1".to_owned(), 4, b"two".to_vec())]);
    append(&log.with_extension("log.1"), b"three\n");
    assert_eq!(
        pull(&following, 9),
        [("a.log.1".to_owned(), 8, b"three".to_vec())]
    );
    following.close();
    assert!(pull(&following, 9).is_empty());
}

/// A log of which a line was read, and that has one more.
#[cfg(unix)]
fn log_with_a_line_to_come(text: &str) -> (TempDir, PathBuf, Opened, Arc<Following>) {
    let root = TempDir::new().unwrap();
    let log = root.path().join("a.log");
    fs::write(&log, "").unwrap();
    let opened = Opened::new(root.path());
    let request = FollowRequest {
        watch: watched(),
        ..FollowRequest::default()
    };
    let following = follow(&opened, &request);
    append(&log, format!("{text} one\n").as_bytes());
    assert_eq!(pull(&following, 9).len(), 1);
    append(&log, format!("{text} two\n").as_bytes());
    (root, log, opened, following)
}

#[test]
#[cfg(unix)]
fn a_log_that_is_renamed_and_then_copied_and_truncated_is_read_on_in_the_copy() {
    let (_root, log, _opened, following) = log_with_a_line_to_come("1");
    let renamed = log.with_extension("log.1");
    fs::rename(&log, &renamed).unwrap();
    fs::write(&log, "").unwrap();
    fs::copy(&renamed, log.with_extension("log.1.2")).unwrap();
    // Begins as the copy does, and is what the copy's name was made from.
    fs::write(&renamed, "1").unwrap();
    append(&log, b"three\n");
    let mut lines = pull(&following, 9);
    if lines.len() < 2 {
        lines.extend(pull(&following, 9));
    }
    lines.sort();
    let expected = [("a.log", 0, "three"), ("a.log.1.2", 6, "1 two")];
    assert_eq!(
        lines,
        expected.map(|(path, at, text)| (path.to_owned(), at, text.into()))
    );
}

#[test]
#[cfg(unix)]
fn a_copy_in_the_place_of_an_older_copy_is_read_on() {
    let (_root, log, _opened, following) = log_with_a_line_to_come("first");
    let copy = log.with_extension("log.1");
    let rotate = || {
        fs::copy(&log, &copy).unwrap();
        OpenOptions::new().write(true).truncate(true).open(&log).unwrap();
    };
    rotate();
    assert_eq!(
        pull(&following, 9),
        [("a.log.1".to_owned(), 10, b"first two".to_vec())]
    );
    append(&log, b"a line that is given\n");
    assert_eq!(pull(&following, 9).len(), 1);
    append(&log, b"the next\n");
    rotate();
    assert_eq!(
        pull(&following, 9),
        [("a.log.1".to_owned(), 21, b"the next".to_vec())]
    );
}

#[test]
#[cfg(unix)]
fn a_copy_is_read_on_when_its_original_is_gone() {
    let (_root, log, _opened, following) = log_with_a_line_to_come("line");
    fs::copy(&log, log.with_extension("log.1")).unwrap();
    fs::remove_file(&log).unwrap();
    assert_eq!(
        pull(&following, 9),
        [("a.log.1".to_owned(), 9, b"line two".to_vec())]
    );
}

#[test]
#[cfg(unix)]
fn what_was_not_read_of_a_log_comes_from_its_compressed_file() {
    let (root, log, _opened, following) = log_with_a_line_to_come("line");
    let rest: String = (0..50_000)
        .map(|number| format!("{number} after that\n"))
        .collect();
    let text = format!("line one\nline two\n{rest}no end");
    fs::write(log.with_extension("log.1.gz"), gzip(text.as_bytes())).unwrap();
    fs::write(
        log.with_extension("log.2.gz"),
        gzip(b"line 2nd\nis another log\n"),
    )
    .unwrap();
    fs::write(root.path().join("b.log.gz"), gzip(text.as_bytes())).unwrap();
    fs::remove_file(&log).unwrap();
    let mut lines = Vec::new();
    while lines.len() < 50_001 {
        let came = pull(&following, 10_000);
        assert!(!came.is_empty());
        lines.extend(came);
    }
    assert_eq!(lines[0], ("a.log.1.gz".to_owned(), 9, b"line two".to_vec()));
    assert_eq!(lines[50_000].2, b"49999 after that");
    fs::write(&log, "next\n").unwrap();
    assert_eq!(pull(&following, 9), [("a.log".to_owned(), 0, b"next".to_vec())]);
    assert!(following.state().errors.is_empty());
}

#[test]
#[cfg(unix)]
fn a_damaged_compressed_file_is_told_of_and_ends_nothing() {
    let (_root, log, _opened, following) = log_with_a_line_to_come("line");
    let mut packed = gzip(b"line one\nline two\n");
    packed.truncate(packed.len() - 4);
    fs::write(log.with_extension("log.1.gz"), packed).unwrap();
    fs::remove_file(&log).unwrap();
    let expected = [("a.log.1.gz".to_owned(), 9, b"line two".to_vec())];
    assert_eq!(pull(&following, 9), expected);
    fs::write(&log, "next\n").unwrap();
    assert_eq!(pull(&following, 9), [("a.log".to_owned(), 0, b"next".to_vec())]);
    let errors = following.state().errors;
    let paths: Vec<_> = errors.iter().filter_map(|error| error.path.as_deref()).collect();
    assert_eq!(paths, [log.with_extension("log.1.gz")]);
}

#[test]
#[cfg(unix)]
fn a_compressed_file_is_seen_before_it_is_whole_and_needed() {
    let (root, log, _opened, following) = log_with_a_line_to_come("line");
    let packed = log.with_extension("log.1.gz");
    assert_eq!(pull(&following, 9).len(), 1);
    fs::write(&packed, &gzip(b"line one\nline two\n")[..20]).unwrap();
    append(&root.path().join("other"), b"other\n");
    assert_eq!(pull(&following, 9), [("other".to_owned(), 0, b"other".to_vec())]);
    append(&log, b"line three\n");
    fs::write(&packed, gzip(&fs::read(&log).unwrap())).unwrap();
    fs::remove_file(&log).unwrap();
    let expected = [("a.log.1.gz".to_owned(), 18, b"line three".to_vec())];
    assert_eq!(pull(&following, 9), expected);
    assert!(following.state().errors.is_empty());
}
