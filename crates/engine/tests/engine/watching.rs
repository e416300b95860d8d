//! A folder that is edited at random while it is watched: at every moment a `watched` query answers as a `verified` one does,
//! and once the queue is applied, so does a `snapshot`.
//!
//! Only Linux empties the system's queue before a query is planned. `QUERN_WATCH_STEPS` says how many edits there are,
//! `QUERN_SEED` from which seed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use quern_engine::{Cancel, Freshness, Index, Watch, WatchEvent, WatchOptions};
use quern_testkit::Rng;
use tempfile::TempDir;

use crate::opened::{Opened, lines};

const FOLDERS: [&str; 5] = ["", "one", "one/two", "three", "three/four"];
const NAMES: [&str; 4] = ["a.txt", "b.log", "c.rs", ".ignore"];
const RULES: [&str; 4] = ["*.log\n", "two/\n", "!*.log\n/a.txt\n", ""];

/// Does something to the folder. What cannot be done is left.
fn edit(rng: &mut Rng, root: &Path, number: u64) {
    let folder = |rng: &mut Rng| root.join(rng.pick(&FOLDERS));
    let file = |rng: &mut Rng| -> PathBuf { folder(rng).join(rng.pick(&NAMES)) };
    let (from, to) = (file(rng), file(rng));
    let text = match from.ends_with(".ignore") {
        true => rng.pick(&RULES).to_owned(),
        false => format!("number {number}\n"),
    };
    // A file of rules that says something else would only be a faulty one.
    let is_like = from.ends_with(".ignore") == to.ends_with(".ignore");
    match rng.below(12) {
        0 => drop(fs::remove_file(&from)),
        1 if is_like => drop(fs::rename(&from, &to)),
        2 if is_like => drop(fs::rename(
            folder(rng),
            root.join(rng.pick(&["three/moved", "one/moved", "five"])),
        )),
        3 => drop(fs::rename(root.join("five"), root.join(rng.pick(&FOLDERS[1..])))),
        4 if rng.one_in(3) => drop(fs::remove_dir_all(root.join(rng.pick(&FOLDERS[1..])))),
        5 => {
            let new = root.join("new.tmp");
            fs::write(&new, text).unwrap();
            drop(fs::rename(new, &from));
        }
        _ => {
            drop(fs::create_dir_all(from.parent().unwrap()));
            drop(fs::write(&from, text));
        }
    }
}

fn found(index: &Index, freshness: Freshness) -> Vec<String> {
    lines(index, ".", freshness).0
}

/// Waits until what the watcher saw is applied.
fn settle(watch: &Watch) {
    let is_settled = || {
        let coverage = watch.coverage().unwrap();
        coverage.pending == 0 && !coverage.rescanning
    };
    while !is_settled() {
        let (send, receive) = mpsc::channel();
        watch.next(move |events| send.send(events).unwrap());
        for event in receive.recv().unwrap() {
            if let WatchEvent::Failed(error) = event {
                panic!("{error}");
            }
        }
    }
}

#[test]
fn a_watched_query_answers_as_a_verified_one() {
    let number = |name, default| std::env::var(name).map_or(default, |value| value.parse().unwrap());
    let (steps, seed) = (number("QUERN_WATCH_STEPS", 300), number("QUERN_SEED", 0));
    let mut rng = Rng::new(seed);
    let root = TempDir::new().unwrap();
    let opened = Opened::new(root.path());
    let options = WatchOptions {
        delay: Duration::from_millis(1),
        ..WatchOptions::default()
    };
    let watch = opened.index.watch(&options, &Cancel::new()).unwrap();
    let mut with_rows = 0;
    for step in 0..steps {
        edit(&mut rng, root.path(), step);
        if rng.one_in(3) {
            let watched = found(&opened.index, Freshness::Watched);
            let verified = found(&opened.index, Freshness::Verified);
            assert_eq!(watched, verified, "seed {seed}, step {step}");
            with_rows += u64::from(!verified.is_empty());
        }
        if rng.one_in(10) {
            let watched = found(&opened.index, Freshness::Watched);
            settle(&watch);
            let snapshot = found(&opened.index, Freshness::Snapshot);
            assert_eq!(snapshot, watched, "seed {seed}, step {step}, applied");
        }
    }
    assert!(with_rows > steps / 10);
}

#[test]
fn what_is_in_use_is_applied_first_and_large_files_last() {
    let root = TempDir::new().unwrap();
    let outside = TempDir::new().unwrap();
    // Renamed into its place, a file has one event; written there, it may have another when the first is applied.
    let write = |name: &str, text: &str| {
        let new = outside.path().join(name);
        fs::write(&new, text).unwrap();
        fs::rename(new, root.path().join(name)).unwrap();
    };
    let names: Vec<String> = (0..60).map(|number| format!("{number:02}.txt")).collect();
    for name in &names {
        write(name, "before");
    }
    write("30.txt", "the needle");
    write("large.txt", "before");
    let opened = Opened::new(root.path());
    let options = WatchOptions {
        delay: Duration::from_secs(3600),
        events: names.len() + 1,
        ..WatchOptions::default()
    };
    let watch = opened.index.watch(&options, &Cancel::new()).unwrap();
    assert_eq!(lines(&opened.index, "needle", Freshness::Watched).0.len(), 1);
    write("large.txt", &"a line of text\n".repeat(600_000));
    for name in &names {
        write(name, "after");
    }
    let mut batches = Vec::new();
    while batches.iter().flatten().count() <= names.len() {
        let (send, receive) = mpsc::channel();
        watch.next(move |events| send.send(events).unwrap());
        for event in receive.recv().unwrap() {
            if let WatchEvent::Applied { paths, .. } = event {
                batches.push(paths);
            }
        }
    }
    assert_eq!(batches[0], [b"30.txt"]);
    assert_eq!(batches[1].len(), names.len() - 1);
    assert_eq!(batches[2], [b"large.txt"]);
}
