//! What an answer is worth after files have changed.

use std::fs;
use std::time::{Duration, SystemTime};

use quern_engine::{Freshness, Progress};
use quern_walk::Cancel;
use tempfile::TempDir;

use crate::opened::Opened;

/// Makes a file old enough that its times prove something.
fn settle(path: &std::path::Path) {
    let old = SystemTime::now() - Duration::from_secs(3600);
    fs::File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_modified(old)
        .unwrap();
}

fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in [
        ("a.txt", "needle one\nhay\n"),
        ("b.txt", "hay\nneedle two\n"),
        ("c.txt", "only hay\n"),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
        settle(&folder.path().join(name));
    }
    folder
}

#[test]
fn an_unchanged_folder_is_answered_in_full() {
    let folder = folder();
    let opened = Opened::new(folder.path());
    for freshness in [Freshness::Snapshot, Freshness::Verified] {
        let (lines, coverage) = opened.lines("needle", freshness);
        assert_eq!(lines, ["a.txt:1:needle one", "b.txt:2:needle two"]);
        assert!(coverage.complete);
        assert_eq!((coverage.files.indexed, coverage.generation), (3, 1));
    }
}

#[test]
fn verified_sees_every_edit() {
    let folder = folder();
    let opened = Opened::new(folder.path());
    fs::write(folder.path().join("c.txt"), "now a needle\n").unwrap();
    fs::write(folder.path().join("d.txt"), "new needle\n").unwrap();
    fs::remove_file(folder.path().join("a.txt")).unwrap();
    let (lines, coverage) = opened.lines("needle", Freshness::Verified);
    assert_eq!(
        lines,
        ["b.txt:2:needle two", "c.txt:1:now a needle", "d.txt:1:new needle"]
    );
    let files = coverage.files;
    assert_eq!((files.changed, files.added, files.removed), (1, 1, 1));
    assert!(coverage.complete);
}

#[test]
fn snapshot_searches_a_changed_candidate_as_it_is_now() {
    let folder = folder();
    let opened = Opened::new(folder.path());
    fs::write(folder.path().join("a.txt"), "hay\nhay\na needle moved\n").unwrap();
    fs::remove_file(folder.path().join("b.txt")).unwrap();
    let (lines, coverage) = opened.lines("needle", Freshness::Snapshot);
    assert_eq!(lines, ["a.txt:3:a needle moved"]);
    assert_eq!((coverage.files.changed, coverage.files.removed), (1, 1));
}

#[test]
fn a_refresh_indexes_what_changed_and_no_more() {
    let folder = folder();
    let opened = Opened::new(folder.path());
    fs::write(folder.path().join("c.txt"), "now a needle\n").unwrap();
    settle(&folder.path().join("c.txt"));
    fs::remove_file(folder.path().join("a.txt")).unwrap();
    // The rename gave the others new times of change; let them count as what they are.
    let stats = opened
        .index
        .refresh(&Progress::default(), &Cancel::new())
        .unwrap();
    assert!(stats.removed == 1 && stats.files >= 1);
    let (lines, coverage) = opened.lines("needle", Freshness::Snapshot);
    assert_eq!(lines, ["b.txt:2:needle two", "c.txt:1:now a needle"]);
    assert_eq!((coverage.generation, coverage.files.indexed), (2, 2));
}

#[test]
fn opening_an_existing_store_brings_it_up_to_date() {
    let folder = folder();
    let opened = Opened::new(folder.path());
    fs::write(folder.path().join("d.txt"), "late needle\n").unwrap();
    let opened = opened.again(|_| ());
    let (lines, _) = opened.lines("late", Freshness::Snapshot);
    assert_eq!(lines, ["d.txt:1:late needle"]);
}

#[test]
fn opening_without_refresh_answers_from_what_is_there() {
    let folder = folder();
    let opened = Opened::new(folder.path());
    fs::write(folder.path().join("d.txt"), "late needle\n").unwrap();
    let opened = opened.again(|options| options.refresh = false);
    assert!(opened.lines("late", Freshness::Snapshot).0.is_empty());
    assert_eq!(
        opened.lines("late", Freshness::Verified).0,
        ["d.txt:1:late needle"]
    );
}

#[test]
fn an_edit_that_leaves_size_and_times_as_they_were_is_seen_while_times_are_young() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("racy.txt");
    fs::write(&path, "before\n").unwrap();
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    let opened = Opened::new(folder.path());
    fs::write(&path, "needle\n").unwrap();
    fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(modified)
        .unwrap();
    assert_eq!(
        opened.lines("needle", Freshness::Verified).0,
        ["racy.txt:1:needle"]
    );
}

#[test]
fn a_reader_follows_the_generations_of_another_opener() {
    let folder = folder();
    let first = Opened::new(folder.path());
    let mut other = crate::opened::options(folder.path(), &first.store);
    other.max_line = 1 << 20; // other options: an engine of its own, as in another process
    let second = crate::opened::try_open(other).unwrap();
    fs::write(folder.path().join("d.txt"), "fourth needle\n").unwrap();
    second.refresh(&Progress::default(), &Cancel::new()).unwrap();
    assert_eq!(
        first.lines("fourth", Freshness::Snapshot).0,
        ["d.txt:1:fourth needle"]
    );
}

#[test]
fn many_refreshes_do_not_leave_many_segments() {
    let folder = folder();
    let opened = Opened::new(folder.path());
    for number in 0..60 {
        let path = folder.path().join(format!("{number}.log"));
        fs::write(&path, format!("entry {number}\n")).unwrap();
        settle(&path);
        opened
            .index
            .refresh(&Progress::default(), &Cancel::new())
            .unwrap();
    }
    assert!(opened.index.stats().unwrap().segments <= 20);
    assert_eq!(opened.lines("entry", Freshness::Snapshot).0.len(), 60);
}

#[test]
fn a_store_inside_its_root_is_no_part_of_it() {
    let folder = folder();
    let store = Some(folder.path().join("in [side]/store"));
    let options = quern_engine::OpenOptions {
        store,
        ..quern_engine::OpenOptions::new(folder.path())
    };
    let index = crate::opened::try_open(options).unwrap();
    let first = index.stats().unwrap();
    index.refresh(&Progress::default(), &Cancel::new()).unwrap();
    let second = index.stats().unwrap();
    assert_eq!((first.files, second.files), (3, 3));
}
