//! What Unix file systems hold besides plain files in plain folders: names that are no text, links, pipes, closed
//! folders and paths of any length.
#![cfg(unix)]

mod tree;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use quern_walk::{Cancel, Found, MAX_ERRORS, SkipReason, WalkErrorKind, WalkOptions, WalkReport, walk};
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
fn names_that_are_not_utf8() {
    let tree = Tree::new();
    let name = OsStr::from_bytes(b"\xFF\xFE.rs");
    if fs::write(tree.path("").join(name), "x").is_err() {
        eprintln!("skipped: this file system refuses names that are not UTF-8");
        return;
    }
    tree.file("z", "");
    let (found, report) = walked(tree.path(""), &WalkOptions::default());
    assert_eq!(report.error_count, 0);
    assert_eq!(
        found
            .iter()
            .map(|file| file.path.file_name().unwrap())
            .collect::<Vec<_>>(),
        [OsStr::new("z"), name]
    );
}

#[test]
fn links_that_are_not_followed_are_counted() {
    let tree = Tree::new();
    tree.file("real/x", "1");
    tree.link("real", "folder");
    tree.link("real/x", "file");
    tree.link("nowhere", "dangling");
    let (found, report) = walked(tree.path(""), &WalkOptions::default());
    assert_eq!(
        (names(&tree, &found), report.skipped.get(SkipReason::Link)),
        (vec!["real/x".to_string()], 3)
    );
    let follow = WalkOptions {
        follow: true,
        stat: true,
        ..WalkOptions::default()
    };
    let (found, report) = walked(tree.path(""), &follow);
    assert_eq!(names(&tree, &found), ["file", "folder/x", "real/x"]);
    assert!(
        found.iter().all(|file| file.meta.unwrap().size == 1),
        "the target's"
    );
    assert_eq!((report.error_count, report.skipped.total()), (1, 1), "dangling");
    let (found, _) = walked(tree.path("folder"), &WalkOptions::default());
    assert_eq!(names(&tree, &found), ["folder/x"], "a root is followed");
}

#[test]
fn loops_are_errors() {
    let tree = Tree::new();
    tree.file("a/b/x", "");
    symlink("../..", tree.path("a/b/up")).unwrap();
    symlink("self", tree.path("self")).unwrap();
    let (found, report) = walked(
        tree.path(""),
        &WalkOptions {
            follow: true,
            ..WalkOptions::default()
        },
    );
    assert_eq!(names(&tree, &found), ["a/b/x"]);
    let kinds: Vec<_> = report
        .errors
        .iter()
        .map(|error| (error.path.clone().unwrap(), error.kind))
        .collect();
    assert_eq!(kinds[0], (tree.path("a/b/up"), WalkErrorKind::Loop));
    assert_eq!(kinds[1].0, tree.path("self"));
    assert!(matches!(kinds[1].1, WalkErrorKind::Io(_)));
    assert_eq!(report.error_count, 2);
}

#[test]
fn pipes_and_sockets_are_counted_and_never_opened() {
    let tree = Tree::new();
    tree.file("x", "");
    let made = Command::new("mkfifo").arg(tree.path("pipe")).status();
    let pipes = u64::from(made.is_ok_and(|status| status.success()));
    let _socket = UnixListener::bind(tree.path("socket")).unwrap();
    let options = WalkOptions {
        stat: true,
        max_filesize: Some(10),
        ..WalkOptions::default()
    };
    let (found, report) = walked(tree.path(""), &options);
    assert_eq!(names(&tree, &found), ["x"]);
    assert_eq!(report.skipped.get(SkipReason::Special), 1 + pipes);
    let (found, _) = walked(tree.path("socket"), &options);
    assert!(found[0].explicit, "ripgrep tries whatever is named");
}

#[test]
fn unreadable_folders_are_errors() {
    let tree = Tree::new();
    tree.file("closed/x", "");
    tree.file("open/y", "");
    fs::set_permissions(tree.path("closed"), fs::Permissions::from_mode(0o000)).unwrap();
    let (found, report) = walked(tree.path(""), &WalkOptions::default());
    let root_reads_all = fs::read_dir(tree.path("closed")).is_ok();
    fs::set_permissions(tree.path("closed"), fs::Permissions::from_mode(0o755)).unwrap();
    if root_reads_all {
        eprintln!("skipped: permissions do not bind this user");
        return;
    }
    assert_eq!(names(&tree, &found), ["open/y"]);
    assert_eq!(
        report.errors[0].kind,
        WalkErrorKind::Io(std::io::ErrorKind::PermissionDenied)
    );
    assert_eq!(report.errors[0].path, Some(tree.path("closed")));
    assert_eq!(report.skipped.get(SkipReason::Unreadable), 1);
}

#[test]
fn a_thousand_levels() {
    let tree = Tree::new();
    let deepest = "d/".repeat(1000);
    tree.file(&format!("{deepest}file"), "");
    let (found, report) = walked(tree.path(""), &WalkOptions::default());
    assert_eq!((report.directories, report.error_count), (1001, 0));
    assert_eq!(found[0].path, tree.path(&deepest).join("file"));
}

/// No system call takes such a path: what lies beyond is one error, and whatever is above is found.
#[test]
fn paths_longer_than_the_system_takes() {
    let tree = Tree::new();
    let half = format!("{}/", "d".repeat(200)).repeat(15);
    tree.file(&format!("{half}file"), "");
    tree.file(&format!("lower/{half}file"), "");
    fs::rename(tree.path("lower"), tree.path(&half).join("lower")).unwrap();
    let (found, report) = walked(
        tree.path(""),
        &WalkOptions {
            stat: true,
            ..WalkOptions::default()
        },
    );
    assert_eq!(
        found.iter().map(|file| &file.path).collect::<Vec<_>>(),
        [&tree.path(&half).join("file")]
    );
    assert_eq!(report.error_count, 1);
    assert_eq!(
        report.errors[0].kind,
        WalkErrorKind::Io(std::io::ErrorKind::InvalidFilename)
    );
    assert_eq!(report.skipped.get(SkipReason::Unreadable), 1);
}

#[test]
fn errors_are_bounded() {
    let tree = Tree::new();
    for index in 0..MAX_ERRORS + 10 {
        symlink("nowhere", tree.path(&format!("{index:05}"))).unwrap();
    }
    let (_, report) = walked(
        tree.path(""),
        &WalkOptions {
            follow: true,
            ..WalkOptions::default()
        },
    );
    assert_eq!(
        (report.errors.len(), report.error_count),
        (MAX_ERRORS, MAX_ERRORS as u64 + 10)
    );
    assert!(report.errors.is_sorted_by_key(|error| error.path.clone()));
    assert!(
        report
            .errors
            .iter()
            .all(|error| error.path.as_deref().is_some_and(Path::is_absolute))
    );
}
