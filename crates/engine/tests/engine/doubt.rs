//! Where the index cannot know, an answer looks for itself or says that it may be incomplete.

use std::fs;
#[cfg(unix)]
use std::path::Path;
#[cfg(unix)]
use std::sync::atomic::{AtomicBool, Ordering};

use quern_engine::{Code, Freshness, Progress};
#[cfg(unix)]
use quern_engine::{GrepRequest, SearchOptions};
use quern_walk::Cancel;
use tempfile::TempDir;

use crate::opened::Opened;
#[cfg(unix)]
use crate::opened::{options, try_open};

fn refresh(opened: &Opened) -> Result<quern_engine::BuildStats, quern_engine::Error> {
    opened.index.refresh(&Progress::default(), &Cancel::new())
}

#[cfg(unix)]
fn write_through_map(map: &mut memmap2::MmapMut, text: &[u8]) {
    map[..text.len()].copy_from_slice(text);
}

/// Writing to a page that is dirty already changes no times, as an edit within one tick of the clock.
#[cfg(unix)]
#[test]
fn an_edit_without_any_trace_is_seen_at_verified() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("mapped.txt");
    fs::write(&path, "before\n").unwrap();
    let file = fs::File::options().read(true).write(true).open(&path).unwrap();
    // SAFETY: the file is this test's own and keeps its length.
    let mut map = unsafe { memmap2::MmapMut::map_mut(&file) }.unwrap();
    write_through_map(&mut map, b"during\n");
    let opened = Opened::new(folder.path());
    assert_eq!(opened.lines("during", Freshness::Verified).0.len(), 1);
    let modified = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
    let before = modified(&path);
    write_through_map(&mut map, b"needle\n");
    assert_eq!(modified(&path), before, "the edit left a trace");
    let (lines, coverage) = opened.lines("needle", Freshness::Verified);
    assert_eq!(lines, ["mapped.txt:1:needle"], "{coverage:?}");
    assert!(opened.lines("during", Freshness::Verified).0.is_empty());
}

#[cfg(unix)]
#[test]
fn files_that_a_walk_could_not_reach_stay_in_the_index() {
    use std::os::unix::fs::symlink;
    let (folder, elsewhere) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    fs::write(elsewhere.path().join("a.txt"), "needle\n").unwrap();
    let link = folder.path().join("sub");
    symlink(elsewhere.path(), &link).unwrap();
    let store = TempDir::new().unwrap();
    let mut following = options(folder.path(), &store);
    following.walk.follow = true;
    let index = try_open(following).unwrap();
    let opened = Opened { index, store };
    fs::remove_file(&link).unwrap();
    symlink(&link, &link).unwrap();
    let stats = refresh(&opened).unwrap();
    assert_eq!((stats.removed, stats.error_count), (0, 1), "{stats:?}");
    for freshness in [Freshness::Snapshot, Freshness::Verified] {
        let (lines, coverage) = opened.lines("needle", freshness);
        assert!(lines.is_empty() && !coverage.complete, "{coverage:?}");
    }
    fs::remove_file(&link).unwrap();
    symlink(elsewhere.path(), &link).unwrap();
    assert_eq!(
        opened.lines("needle", Freshness::Snapshot).0,
        ["sub/a.txt:1:needle"]
    );
}

#[test]
fn a_refresh_of_a_root_that_is_gone_fails_and_loses_nothing() {
    let parent = TempDir::new().unwrap();
    let (root, away) = (parent.path().join("root"), parent.path().join("away"));
    fs::create_dir(&root).unwrap();
    fs::write(root.join("a.txt"), "needle\n").unwrap();
    let opened = Opened::new(&root);
    fs::rename(&root, &away).unwrap();
    assert_eq!(refresh(&opened).err().unwrap().code, Code::NotFound);
    let (_, coverage) = opened.lines("needle", Freshness::Verified);
    assert!(!coverage.complete && coverage.files.removed == 0, "{coverage:?}");
    fs::rename(&away, &root).unwrap();
    assert_eq!(opened.lines("needle", Freshness::Snapshot).0, ["a.txt:1:needle"]);
}

/// Windows removes no file that is mapped.
#[cfg(unix)]
#[test]
fn a_store_that_is_removed_while_it_is_open_is_built_again() {
    // Files that are old enough not to be read again anyway.
    let opened = Opened::new(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let files = opened.index.stats().unwrap().files;
    let (before, _) = opened.lines("QUERN_CLOSED", Freshness::Snapshot);
    fs::remove_dir_all(opened.store.path().join("store")).unwrap();
    assert_eq!(refresh(&opened).unwrap().files, files);
    assert_eq!(opened.lines("QUERN_CLOSED", Freshness::Snapshot).0, before);
    assert!(!before.is_empty());
}

#[test]
fn a_store_made_with_other_options_does_not_decide_what_is_there() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.txt"), "needle\n").unwrap();
    fs::write(folder.path().join(".b.txt"), "needle\n").unwrap();
    let opened = Opened::new(folder.path());
    assert_eq!(opened.lines("needle", Freshness::Snapshot).0.len(), 1);
    let opened = opened.again(|options| {
        options.refresh = false;
        options.walk.hidden = true;
    });
    let (lines, coverage) = opened.lines("needle", Freshness::Snapshot);
    assert_eq!(lines, [".b.txt:1:needle", "a.txt:1:needle"]);
    assert_eq!(coverage.freshness, Freshness::Verified);
    refresh(&opened).unwrap();
    let (lines, coverage) = opened.lines("needle", Freshness::Snapshot);
    assert_eq!((lines.len(), coverage.freshness), (2, Freshness::Snapshot));
}

#[test]
fn a_faulty_rule_in_an_ignore_file_takes_nothing_from_an_answer() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.txt"), "needle\n").unwrap();
    fs::write(folder.path().join(".ignore"), "[z-a]\n").unwrap();
    let opened = Opened::new(folder.path());
    let (lines, coverage) = opened.lines("needle", Freshness::Verified);
    assert_eq!((lines.len(), coverage.complete), (1, true), "{coverage:?}");
}

/// The needle moves between the two ends of the file and is always at one of them at least; who reads the first end
/// before and the last one after a move misses it.
#[cfg(unix)]
#[test]
fn rows_of_a_file_that_never_holds_still_are_found_or_coverage_tells() {
    use std::os::unix::fs::FileExt;
    const LENGTH: usize = 16 << 20;
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("busy.txt");
    let mut text = b"hay hay\n".repeat(LENGTH / 8);
    text[..8].copy_from_slice(b"needle!\n");
    fs::write(&path, &text).unwrap();
    let opened = Opened::new(folder.path());
    let done = AtomicBool::new(false);
    let moves = || {
        let file = fs::File::options().write(true).open(&path).unwrap();
        let (first, last) = (0, LENGTH as u64 - 8);
        let steps = [
            (last, b"needle!\n"),
            (first, b"hay hay\n"),
            (first, b"needle!\n"),
            (last, b"hay hay\n"),
        ];
        for (offset, line) in steps.iter().cycle() {
            if done.load(Ordering::Relaxed) {
                break;
            }
            file.write_all_at(*line, *offset).unwrap();
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    };
    let missed = std::thread::scope(|scope| {
        scope.spawn(moves);
        let missed = (0..40).find_map(|_| {
            // Context makes it a search of the whole file.
            let search = SearchOptions {
                after: 1,
                ..SearchOptions::default()
            };
            let (rows, coverage) = opened.answer(GrepRequest {
                search,
                ..GrepRequest::new(["needle"])
            });
            (rows.is_empty() && coverage.complete).then_some(coverage)
        });
        done.store(true, Ordering::Relaxed);
        missed
    });
    assert!(missed.is_none(), "{missed:?}");
}
