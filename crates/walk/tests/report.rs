//! Order, metadata, what is left out, and what the report says about it.

mod tree;

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use quern_walk::{
    Cancel, ErrorKind, FileMeta, Found, IndexableFilter, SkipReason, Stopped, WalkErrorKind, WalkOptions,
    WalkReport, walk,
};
use tree::Tree;

fn walked(root: PathBuf, options: &WalkOptions) -> (Vec<Found>, WalkReport) {
    walk(&[root], options, &Cancel::new()).unwrap()
}

fn names(tree: &Tree, found: &[Found]) -> Vec<String> {
    let root = tree.path("");
    let name = |file: &Found| {
        file.path
            .strip_prefix(&root)
            .unwrap()
            .to_str()
            .unwrap()
            .replace('\\', "/")
    };
    found.iter().map(name).collect()
}

#[test]
fn sorted_by_bytes_with_metadata_where_asked() {
    let tree = Tree::new();
    for name in ["a-b", "a/x", "a.b", "C", "é", "b/c/d"] {
        tree.file(name, name);
    }
    for threads in [0, 1, 2, 7] {
        let options = WalkOptions {
            threads,
            stat: true,
            ..WalkOptions::default()
        };
        let (found, report) = walked(tree.path(""), &options);
        assert_eq!(names(&tree, &found), ["C", "a-b", "a.b", "a/x", "b/c/d", "é"]);
        assert_eq!((report.files, report.directories, report.error_count), (6, 4, 0));
        assert_eq!(report.skipped.total(), 0);
        for file in found {
            let expected = FileMeta::from_metadata(&file.path.metadata().unwrap());
            assert_eq!(file.meta, Some(expected));
        }
    }
    let (found, _) = walked(tree.path(""), &WalkOptions::default());
    assert!(found.iter().all(|file| file.meta.is_none() && !file.explicit));
}

/// On Windows a folder says of such files what they were when they were last closed.
#[test]
fn files_that_are_open_or_have_two_names_are_seen_as_they_are() {
    let tree = Tree::new();
    tree.file("log", "");
    tree.file("one", "");
    fs::hard_link(tree.path("one"), tree.path("two")).unwrap();
    let options = WalkOptions {
        stat: true,
        ..WalkOptions::default()
    };
    let mut log = fs::File::options().append(true).open(tree.path("log")).unwrap();
    for length in [3, 6] {
        log.write_all(b"abc").unwrap();
        fs::write(tree.path("one"), "x".repeat(length)).unwrap();
        let (found, _) = walked(tree.path(""), &options);
        assert_eq!(names(&tree, &found), ["log", "one", "two"]);
        for file in found {
            assert_eq!(file.meta.unwrap().size, length as u64, "{}", file.path.display());
        }
    }
}

#[test]
fn roots_keep_their_order_and_repeat() {
    let tree = Tree::new();
    for name in ["a/x", "b/y", "b/.hidden"] {
        tree.file(name, "");
    }
    let roots = ["b", "b/.hidden", "a", "b/y", "nothing"].map(|root| tree.path(root));
    let (found, report) = walk(&roots, &WalkOptions::default(), &Cancel::new()).unwrap();
    assert_eq!(names(&tree, &found), ["b/y", "b/.hidden", "a/x", "b/y"]);
    assert_eq!(
        found.iter().map(|file| file.explicit).collect::<Vec<_>>(),
        [false, true, false, true]
    );
    assert_eq!(
        (report.error_count, report.skipped.get(SkipReason::Unreadable)),
        (1, 1)
    );
    let error = &report.errors[0];
    assert_eq!(error.path.as_deref(), Some(roots[4].as_path()));
    assert_eq!(error.kind, WalkErrorKind::Io(std::io::ErrorKind::NotFound));
    assert!(error.message.starts_with(&roots[4].display().to_string()));
    let (found, _) = walked(
        PathBuf::from("-"),
        &WalkOptions {
            stat: true,
            ..WalkOptions::default()
        },
    );
    assert_eq!(
        found,
        [Found {
            path: "-".into(),
            explicit: true,
            meta: None
        }]
    );
}

#[test]
fn what_is_not_indexed_is_counted_by_reason() {
    let tree = Tree::new();
    for (name, size) in [
        ("a.rs", 1),
        ("b.RS", 1),
        ("big.rs", 9),
        ("c.txt", 1),
        ("d", 1),
        ("gen/x.rs", 1),
        ("min.js", 1),
    ] {
        tree.file(name, &"x".repeat(size));
    }
    let filter = IndexableFilter {
        extensions: vec!["rs".into(), "js".into()],
        exclude: vec!["gen/".into(), "/min.*".into()],
        max_size: Some(8),
        ..IndexableFilter::default()
    };
    let (found, report) = walked(
        tree.path(""),
        &WalkOptions {
            filter,
            ..WalkOptions::default()
        },
    );
    assert_eq!(names(&tree, &found), ["a.rs", "b.RS"]);
    assert!(found.iter().all(|file| file.meta.is_none()));
    let counts: Vec<_> = report.skipped.iter().filter(|(_, count)| *count > 0).collect();
    assert_eq!(
        counts,
        [
            (SkipReason::Extension, 2),
            (SkipReason::Excluded, 1),
            (SkipReason::ExcludedFolder, 1),
            (SkipReason::TooLarge, 1)
        ]
    );
    let filter = IndexableFilter {
        exclude_extensions: vec!["rs".into(), "".into()],
        ..IndexableFilter::default()
    };
    let (found, _) = walked(
        tree.path(""),
        &WalkOptions {
            filter,
            ..WalkOptions::default()
        },
    );
    assert_eq!(
        names(&tree, &found),
        ["c.txt", "min.js"],
        "an empty extension stands for none"
    );
    let filter = IndexableFilter {
        exclude: vec!["a[".into()],
        ..IndexableFilter::default()
    };
    let error = walk(
        &[tree.path("")],
        &WalkOptions {
            filter,
            ..WalkOptions::default()
        },
        &Cancel::new(),
    )
    .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Glob);
    let roots = [tree.path("c.txt")];
    let filter = IndexableFilter {
        extensions: vec!["rs".into()],
        ..IndexableFilter::default()
    };
    let (found, _) = walk(
        &roots,
        &WalkOptions {
            filter,
            max_filesize: Some(0),
            ..WalkOptions::default()
        },
        &Cancel::new(),
    )
    .unwrap();
    assert_eq!(found.len(), 1, "a root is always taken");
}

#[test]
fn a_walk_can_be_stopped() {
    let tree = Tree::new();
    tree.file("a", "");
    let stopped = |cancel: &Cancel| {
        walk(&[tree.path("")], &WalkOptions::default(), cancel)
            .unwrap_err()
            .kind()
    };
    let cancel = Cancel::new();
    cancel.clone().cancel();
    assert_eq!(stopped(&cancel), ErrorKind::Stopped(Stopped::Cancelled));
    let late = Cancel::with_deadline(Some(Instant::now() - Duration::from_secs(1)));
    assert_eq!(stopped(&late), ErrorKind::Stopped(Stopped::DeadlineExceeded));
}

#[test]
fn faulty_ignore_files_are_told_apart() {
    let tree = Tree::new();
    tree.file(".ignore", "[\n*.txt\n");
    tree.file("a.txt", "");
    tree.file("b", "");
    let options = WalkOptions {
        ignore_files: vec![tree.path("missing")],
        ..WalkOptions::default()
    };
    let (found, report) = walked(tree.path(""), &options);
    assert_eq!(names(&tree, &found), ["b"], "the other rules hold");
    assert!(!report.errors.is_empty());
    assert!(
        report
            .errors
            .iter()
            .all(|error| error.kind == WalkErrorKind::IgnoreFile),
        "{:?}",
        report.errors
    );
    assert_eq!(report.skipped.get(SkipReason::Unreadable), 0);
}
