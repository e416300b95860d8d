//! Segments are merged while the index changes, and nobody notices but by their number.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};

use quern_engine::{Cancel, Change, Code, Freshness, OpenOptions};
use quern_store::{Disk, DiskFile, SystemDisk};
use quern_testkit::Rng;
use tempfile::TempDir;

use crate::opened::{Opened, options, try_open};

fn give(name: &str, text: &str) -> Change {
    Change::Give {
        path: name.into(),
        text: text.into(),
    }
}

/// Ends the merging thread however the test ends.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What is found of every line, by the index and by the model.
fn compare(opened: &Opened, model: &BTreeMap<String, u64>, context: &str) {
    let (lines, coverage) = opened.lines("version", Freshness::Snapshot);
    let expected: Vec<String> = model
        .iter()
        .map(|(name, version)| format!("{name}:1:version {version}"))
        .collect();
    assert_eq!(lines, expected, "{context}");
    assert!(coverage.complete, "{context}");
}

#[test]
fn changes_while_segments_are_merged() {
    let folder = TempDir::new().unwrap();
    let opened = Opened::new(folder.path());
    let mut model = BTreeMap::new();
    let mut rng = Rng::new(11);
    let done = AtomicBool::new(false);
    let cancel = Cancel::new();
    let merges = std::thread::scope(|scope| {
        let merging = scope.spawn(|| {
            let mut merges = 0;
            while !done.load(Ordering::Relaxed) {
                merges += u32::from(opened.index.compact(&cancel).unwrap());
            }
            merges
        });
        let ending = Done(&done);
        for version in 0..400 {
            let changes = (0..1 + rng.below(4)).map(|_| {
                let name = format!("{:02}.txt", rng.below(40));
                if rng.one_in(5) {
                    model.remove(&name);
                    return Change::Remove { path: name.into() };
                }
                model.insert(name.clone(), version);
                give(&name, &format!("version {version}\n"))
            });
            opened.index.apply(changes.collect(), &cancel).unwrap();
            if rng.one_in(3) {
                opened.index.flush(&cancel).unwrap();
            }
            compare(&opened, &model, &format!("version {version}"));
        }
        drop(ending);
        merging.join().unwrap()
    });
    assert!(merges > 5, "{merges} merges");
    opened.index.compact(&cancel).unwrap();
    assert_eq!(opened.index.stats().unwrap().segments, 1);
    let opened = opened.again(|options| options.refresh = false);
    compare(&opened, &model, "opened again");
    assert_eq!(opened.index.check(100, &cancel).unwrap().faults.len(), 0);
}

/// A store does not grow with the number of changes.
#[test]
fn space_is_given_back() {
    let folder = TempDir::new().unwrap();
    let opened = Opened::new(folder.path());
    let cancel = Cancel::new();
    let text = |version: u32| {
        (0..2000)
            .map(|line| format!("line {line} of {version}\n"))
            .collect::<String>()
    };
    for version in 0..300 {
        let name = format!("{}.txt", version % 10);
        opened
            .index
            .apply(vec![give(&name, &text(version))], &cancel)
            .unwrap();
        opened.index.flush(&cancel).unwrap();
    }
    let used = opened.index.stats().unwrap();
    assert!(used.segments < 20, "{} segments", used.segments);
    opened.index.compact(&cancel).unwrap();
    let least = opened.index.stats().unwrap();
    assert_eq!((least.segments, least.tombstones), (1, 0));
    assert!(used.store_bytes < 4 * least.store_bytes, "{used:?} {least:?}");
}

#[test]
fn what_a_commit_leaves_is_merged_behind_the_scenes() {
    let folder = TempDir::new().unwrap();
    let opened = Opened::new(folder.path());
    let cancel = Cancel::new();
    // Together more blocks than a commit copies in passing.
    for number in 0..4 {
        let name = format!("{number}.txt");
        let text = format!("a line of file {number} that is long enough\n").repeat(500_000);
        fs::write(folder.path().join(&name), text).unwrap();
        let look = Change::Look { path: name.into() };
        opened.index.apply(vec![look], &cancel).unwrap();
        opened.index.flush(&cancel).unwrap();
    }
    assert_eq!(opened.index.stats().unwrap().segments, 4);
    opened.index.apply(Vec::new(), &cancel).unwrap();
    while opened.index.stats().unwrap().segments > 1 {
        std::thread::yield_now();
    }
    let (lines, _) = opened.lines("file 3", Freshness::Snapshot);
    assert_eq!(lines.len(), 500_000);
}

/// A disk on which merges behind the scenes stop when they begin to write, until they are let on.
#[derive(Debug)]
struct Stopping {
    at_it: Barrier,
    go_on: Barrier,
}

impl Disk for Stopping {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        SystemDisk.create_dir(path)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        if std::thread::current().name() == Some("quern-merger") {
            self.at_it.wait();
            self.go_on.wait();
        }
        SystemDisk.create(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        SystemDisk.rename(from, to)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        SystemDisk.sync_dir(path)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        SystemDisk.remove_file(path)
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        SystemDisk.remove_dir(path)
    }
}

#[test]
fn close_lets_the_store_go_although_a_merge_is_under_way() {
    let folder = TempDir::new().unwrap();
    let store = TempDir::new().unwrap();
    let disk = Arc::new(Stopping {
        at_it: Barrier::new(2),
        go_on: Barrier::new(2),
    });
    let index = try_open(OpenOptions {
        disk: Arc::clone(&disk) as Arc<dyn Disk>,
        ..options(folder.path(), &store)
    })
    .unwrap();
    let cancel = Cancel::new();
    for part in 0..4 {
        // Together more blocks than a commit copies in passing.
        let files = (0..1100).map(|file| give(&format!("{part}/{file}.txt"), "a line\n"));
        index.apply(files.collect(), &cancel).unwrap();
        index.flush(&cancel).unwrap();
    }
    index.apply(Vec::new(), &cancel).unwrap();
    disk.at_it.wait();
    std::thread::scope(|scope| {
        let again = scope.spawn(|| {
            index.close().unwrap();
            // With other options, for which nothing is shared.
            let index = try_open(OpenOptions {
                append_only: vec!["*.log".into()],
                ..options(folder.path(), &store)
            });
            index.unwrap().apply(vec![give("new.txt", "a line\n")], &cancel)
        });
        while index.flush(&cancel).err().map(|error| error.code) != Some(Code::Closed) {
            std::thread::yield_now();
        }
        for _ in 0..10_000 {
            std::thread::yield_now();
        }
        disk.go_on.wait();
        again.join().unwrap().unwrap();
    });
}
