//! Watching real folders. Nothing sleeps: a test waits on a channel until what it expects was reported.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use quern_watch::{Batch, Changes, Pending, PollReason, Reason, State, WatchOptions, Watcher};

/// Only a broken watcher takes so long.
const PATIENCE: Duration = Duration::from_secs(20);

struct Bench {
    watcher: Watcher,
    woken: Receiver<()>,
    folder: tempfile::TempDir,
}

impl Bench {
    /// A folder `root` with `folders` in it, watched, without anything pending.
    fn new(folders: &[&str], options: &WatchOptions) -> Bench {
        let bench = Bench::unfinished(folders, options);
        let first = bench.watcher.take().unwrap();
        assert!(matches!(
            first.changes(),
            Changes::Everything {
                reason: Reason::Started,
                ..
            }
        ));
        bench.watcher.finish(first);
        assert_eq!(bench.watcher.pending(), Pending::Nothing);
        bench
    }

    fn unfinished(folders: &[&str], options: &WatchOptions) -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        let folders: Vec<PathBuf> = [""].iter().chain(folders).map(|name| join(&root, name)).collect();
        folders
            .iter()
            .for_each(|folder| fs::create_dir_all(folder).unwrap());
        let (wake, woken) = channel();
        let wake = Box::new(move || {
            let _ = wake.send(());
        });
        let watcher = Watcher::start(&root, &folders, options, wake);
        Bench {
            watcher,
            woken,
            folder,
        }
    }

    fn watching(folders: &[&str]) -> Bench {
        let options = WatchOptions {
            poll: Some(false),
            ..WatchOptions::default()
        };
        Bench::new(folders, &options)
    }

    fn path(&self, name: &str) -> PathBuf {
        join(&self.folder.path().join("root"), name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Waits until `name` or a folder of it is pending.
    fn expect(&self, name: &str) {
        let path = self.path(name);
        self.until(name, |pending| match pending {
            Pending::Paths(paths) => paths.iter().any(|known| path.starts_with(known)),
            Pending::Nothing | Pending::Everything(_) => false,
        });
    }

    fn until(&self, what: &str, is_there: impl Fn(&Pending) -> bool) {
        let end = Instant::now() + PATIENCE;
        loop {
            let pending = self.watcher.pending();
            if is_there(&pending) {
                return;
            }
            let left = end.saturating_duration_since(Instant::now());
            // Wakes come for what is due earlier only, so a look is worth it now and then.
            let _ = self.woken.recv_timeout(left.min(Duration::from_millis(20)));
            assert!(!left.is_zero(), "waited for {what}, pending is {pending:?}");
        }
    }

    /// Finishes all that is pending.
    fn settle(&self) {
        while let Some(batch) = self.watcher.take() {
            self.watcher.finish(batch);
        }
    }

    fn folders(&self) -> u64 {
        match self.watcher.state() {
            State::Watching { folders } => folders,
            State::Polling { reason, .. } => panic!("polls: {}", reason.name()),
        }
    }
}

fn join(root: &Path, name: &str) -> PathBuf {
    if name.is_empty() {
        root.to_path_buf()
    } else {
        root.join(name)
    }
}

fn is_everything(batch: &Batch) -> Option<Reason> {
    match batch.changes() {
        Changes::Everything { reason, .. } => Some(*reason),
        Changes::Paths(_) => None,
    }
}

#[test]
fn files_that_are_made_edited_and_removed() {
    let bench = Bench::watching(&["a", "a/b"]);
    assert_eq!(bench.folders(), 3);
    bench.write("a/b/x", "1");
    bench.expect("a/b/x");
    bench.settle();
    bench.write("a/b/x", "2");
    bench.expect("a/b/x");
    bench.settle();
    fs::remove_file(bench.path("a/b/x")).unwrap();
    bench.expect("a/b/x");
    bench.write("y", "in the root");
    bench.expect("y");
    assert!(bench.watcher.events() >= 4);
    assert_eq!(bench.watcher.overflows(), 0);
}

#[test]
fn wake_is_called_and_tells_of_something_due() {
    let bench = Bench::watching(&[]);
    while bench.woken.try_recv().is_ok() {}
    bench.write("x", "1");
    bench.woken.recv_timeout(PATIENCE).unwrap();
    assert!(bench.watcher.due().unwrap() <= Instant::now() + WatchOptions::default().delay);
}

#[test]
fn a_file_that_is_saved_by_renaming() {
    let bench = Bench::watching(&["a"]);
    bench.write("a/x", "1");
    bench.expect("a/x");
    bench.settle();
    bench.write("a/x.tmp", "2");
    fs::rename(bench.path("a/x.tmp"), bench.path("a/x")).unwrap();
    bench.expect("a/x");
    bench.expect("a/x.tmp");
}

#[test]
fn a_file_in_folders_that_are_made_at_once() {
    let bench = Bench::watching(&[]);
    fs::create_dir_all(bench.path("a/b/c")).unwrap();
    bench.write("a/b/c/x", "1");
    bench.expect("a/b/c/x");
    let batch = bench.watcher.take().unwrap();
    bench
        .watcher
        .add_folders(&["a", "a/b", "a/b/c"].map(|name| bench.path(name)));
    bench.watcher.finish(batch);
    bench.expect("a");
    bench.settle();
    bench.write("a/b/c/y", "2");
    bench.expect("a/b/c/y");
    assert_eq!(bench.folders(), 4);
}

#[test]
fn folders_that_are_added_count_as_changed_once() {
    let bench = Bench::watching(&["a"]);
    bench.watcher.add_folders(&[bench.path("a"), bench.path("")]);
    assert_eq!(bench.watcher.pending(), Pending::Nothing);
    fs::create_dir(bench.path("b")).unwrap();
    bench.expect("b");
    bench.settle();
    bench.watcher.add_folders(&[bench.path("b")]);
    bench.expect("b");
    bench.settle();
    bench.watcher.add_folders(&[bench.path("b")]);
    assert_eq!(bench.watcher.pending(), Pending::Nothing);
}

#[test]
fn a_folder_that_is_moved_within() {
    let bench = Bench::watching(&["a", "a/deep"]);
    fs::rename(bench.path("a"), bench.path("b")).unwrap();
    bench.expect("a");
    bench.expect("b");
    bench.settle();
    bench
        .watcher
        .add_folders(&["b", "b/deep"].map(|name| bench.path(name)));
    bench.expect("b/deep");
    bench.settle();
    bench.write("b/deep/x", "1");
    bench.expect("b/deep/x");
    assert_eq!(bench.folders(), 3);
}

#[test]
fn a_folder_that_is_moved_and_its_name_taken_by_another() {
    let bench = Bench::watching(&["a"]);
    fs::rename(bench.path("a"), bench.path("b")).unwrap();
    fs::create_dir(bench.path("a")).unwrap();
    bench
        .watcher
        .add_folders(&["a", "b"].map(|name| bench.path(name)));
    bench.expect("a");
    bench.expect("b");
    // What the system still had to say of the old folders may have cost the new ones their watches.
    bench.settle();
    bench
        .watcher
        .add_folders(&["a", "b"].map(|name| bench.path(name)));
    bench.settle();
    bench.write("a/x", "1");
    bench.expect("a/x");
    bench.write("b/y", "2");
    bench.expect("b/y");
}

#[test]
fn a_folder_that_is_moved_out_and_in() {
    let bench = Bench::watching(&["a"]);
    let outside = bench.folder.path().join("outside");
    fs::rename(bench.path("a"), &outside).unwrap();
    bench.expect("a");
    bench.settle();
    fs::write(outside.join("x"), "1").unwrap();
    fs::rename(&outside, bench.path("c")).unwrap();
    bench.expect("c");
    assert!(
        matches!(bench.watcher.pending(), Pending::Paths(paths) if paths == [bench.path("c")]),
        "nothing of what happened outside"
    );
}

#[test]
fn a_folder_that_is_removed_and_made_again() {
    let bench = Bench::watching(&["a", "a/b"]);
    fs::remove_dir_all(bench.path("a")).unwrap();
    bench.expect("a");
    bench.settle();
    assert_eq!(bench.folders(), 1);
    fs::create_dir(bench.path("a")).unwrap();
    bench.expect("a");
    bench.settle();
    bench.watcher.add_folders(&[bench.path("a")]);
    bench.settle();
    bench.write("a/x", "1");
    bench.expect("a/x");
}

/// As a bind mount makes; a link is one for the system.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_with_two_names_is_told_by_both() {
    let bench = Bench::watching(&["a"]);
    std::os::unix::fs::symlink(bench.path("a"), bench.path("b")).unwrap();
    bench.expect("b");
    bench.settle();
    bench.watcher.add_folders(&[bench.path("b")]);
    assert_eq!(bench.folders(), 3);
    bench.settle();
    bench.write("b/x", "1");
    bench.expect("a/x");
    bench.expect("b/x");
    bench.settle();
    fs::remove_file(bench.path("b")).unwrap();
    bench.expect("b");
    bench.settle();
    bench.write("a/y", "1");
    bench.expect("a/y");
    assert_eq!(bench.folders(), 2);
}

#[test]
fn what_lies_in_unknown_folders_is_not_told() {
    let bench = Bench::watching(&["a"]);
    fs::create_dir(bench.path("ignored")).unwrap();
    bench.expect("ignored");
    bench.settle();
    let before = bench.watcher.events();
    bench.write("ignored/x", "1");
    bench.write("a/last", "1");
    bench.expect("a/last");
    let Pending::Paths(paths) = bench.watcher.pending() else {
        panic!("single paths");
    };
    assert_eq!(paths, [bench.path("a/last")]);
    assert!(bench.watcher.events() > before);
}

#[cfg(target_os = "linux")]
#[test]
fn all_that_happened_before_the_question_is_pending() {
    let bench = Bench::watching(&["a"]);
    for round in 0..200 {
        let name = format!("a/{round}");
        bench.write(&name, "1");
        let path = bench.path(&name);
        assert!(
            matches!(bench.watcher.pending(), Pending::Paths(paths) if paths.contains(&path)),
            "at once, round {round}"
        );
        bench.settle();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn reading_makes_no_events() {
    let bench = Bench::watching(&["a"]);
    bench.write("a/x", "1");
    bench.expect("a/x");
    bench.settle();
    let before = bench.watcher.events();
    assert_eq!(fs::read(bench.path("a/x")).unwrap(), b"1");
    assert_eq!(fs::read_dir(bench.path("a")).unwrap().count(), 1);
    assert_eq!(bench.watcher.pending(), Pending::Nothing);
    assert_eq!(bench.watcher.events(), before);
}

#[cfg(unix)]
#[test]
fn permissions_are_a_change() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::watching(&["a"]);
    bench.write("a/x", "1");
    bench.expect("a/x");
    bench.settle();
    fs::set_permissions(bench.path("a/x"), fs::Permissions::from_mode(0o600)).unwrap();
    bench.expect("a/x");
}

#[test]
fn lost_events_are_everything() {
    let bench = Bench::watching(&["a"]);
    bench.write("a/x", "1");
    bench.expect("a/x");
    bench.watcher.simulate_overflow();
    assert_eq!(bench.watcher.pending(), Pending::Everything(Reason::Overflow));
    assert_eq!(bench.watcher.overflows(), 1);
    let batch = bench.watcher.take().unwrap();
    assert_eq!(is_everything(&batch), Some(Reason::Overflow));
    bench.watcher.finish(batch);
    bench.settle();
    bench.write("a/y", "1");
    bench.expect("a/y");
}

#[test]
fn polling_where_it_is_asked_for() {
    let options = WatchOptions {
        poll: Some(true),
        interval: Duration::from_secs(3600),
        ..WatchOptions::default()
    };
    let bench = Bench::unfinished(&["a"], &options);
    let expected = State::Polling {
        reason: PollReason::Asked,
        interval: options.interval,
    };
    assert_eq!(bench.watcher.state(), expected);
    bench.woken.recv_timeout(PATIENCE).unwrap();
    assert!(bench.watcher.due().unwrap() < Instant::now() + options.interval);
    let first = bench.watcher.take().unwrap();
    assert_eq!(bench.watcher.due(), None, "not before the last look has ended");
    assert!(is_everything(&first).is_some());
    let end = Instant::now();
    bench.watcher.finish(first);
    let due = bench.watcher.due().unwrap();
    assert!(due >= end + options.interval && due <= Instant::now() + options.interval);
    assert_eq!(bench.watcher.pending(), Pending::Everything(Reason::Polling));
    let next = bench.watcher.take().unwrap();
    assert_eq!(is_everything(&next), Some(Reason::Polling));
    bench.watcher.retry(next);
    assert!(bench.watcher.due().unwrap() <= Instant::now() + options.delay);
    bench.watcher.add_folders(&[bench.path("a")]);
    assert_eq!(bench.watcher.state(), expected);
}

#[test]
fn too_many_folders_for_the_limit_are_polled() {
    let options = WatchOptions {
        max_folders: Some(2),
        poll: Some(false),
        ..WatchOptions::default()
    };
    let at_once = Bench::unfinished(&["a", "b"], &options);
    assert!(matches!(
        at_once.watcher.state(),
        State::Polling {
            reason: PollReason::WatchLimit,
            ..
        }
    ));
    let later = Bench::new(&["a"], &options);
    assert_eq!(later.folders(), 2);
    fs::create_dir(later.path("b")).unwrap();
    later.watcher.add_folders(&[later.path("b")]);
    assert_eq!(later.watcher.pending(), Pending::Everything(Reason::Polling));
    assert!(matches!(
        later.watcher.state(),
        State::Polling {
            reason: PollReason::WatchLimit,
            ..
        }
    ));
    assert!(is_everything(&later.watcher.take().unwrap()).is_some());
}

#[test]
fn what_cannot_be_watched_is_polled() {
    let follow = WatchOptions {
        follow: true,
        ..WatchOptions::default()
    };
    let missing = tempfile::tempdir().unwrap().path().join("missing");
    let gone = Watcher::start(&missing, &[], &WatchOptions::default(), Box::new(|| {}));
    for watcher in [&Bench::unfinished(&[], &follow).watcher, &gone] {
        assert!(matches!(
            watcher.state(),
            State::Polling {
                reason: PollReason::Unsupported,
                ..
            }
        ));
        assert!(matches!(watcher.pending(), Pending::Everything(_)));
    }
}

/// Elsewhere the system tells nothing when the root is moved.
#[cfg(target_os = "linux")]
#[test]
fn a_root_that_is_gone_is_polled() {
    for is_moved in [false, true] {
        let bench = Bench::watching(&["a"]);
        if is_moved {
            fs::rename(bench.path(""), bench.folder.path().join("moved")).unwrap();
        } else {
            fs::remove_dir_all(bench.path("")).unwrap();
        }
        bench.until("the end", |pending| {
            *pending == Pending::Everything(Reason::Polling)
        });
        fs::create_dir(bench.path("")).unwrap();
        bench.watcher.add_folders(&[bench.path("")]);
        assert!(matches!(
            bench.watcher.state(),
            State::Polling {
                reason: PollReason::Unsupported,
                ..
            }
        ));
    }
}

#[test]
fn folders_that_are_gone_by_now_are_no_failure() {
    let bench = Bench::watching(&[]);
    bench.write("file", "1");
    bench.expect("file");
    bench.settle();
    bench.watcher.add_folders(&[bench.path("gone")]);
    assert!(matches!(bench.watcher.state(), State::Watching { .. }));
}

#[test]
fn wake_is_not_called_after_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_path_buf();
    for round in 0..50 {
        let (wake, woken) = channel();
        let wake = Box::new(move || {
            let _ = wake.send(());
        });
        let options = WatchOptions {
            poll: Some(false),
            ..WatchOptions::default()
        };
        let watcher = Watcher::start(&root, std::slice::from_ref(&root), &options, wake);
        watcher.finish(watcher.take().unwrap());
        fs::write(root.join(round.to_string()), "1").unwrap();
        drop(watcher);
        while woken.try_recv().is_ok() {}
        assert!(woken.recv().is_err(), "nobody is left who could call it");
    }
}

#[test]
fn names_of_reasons_are_stable() {
    let names = PollReason::ALL.map(PollReason::name);
    assert_eq!(names, ["watch-limit", "network-drive", "unsupported", "asked"]);
}
