//! `walk_only` against `walk`: the same rules, a part of the tree.

mod random;
mod tree;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::sample::select;
use quern_walk::{Cancel, Found, SkipReason, WalkErrorKind, WalkOptions, WalkReport, walk, walk_only};
use tree::Tree;

fn only(tree: &Tree, targets: &[&str], options: &WalkOptions) -> (Vec<String>, WalkReport) {
    let targets: Vec<_> = targets.iter().map(|target| tree.path(target)).collect();
    let (found, report) = walk_only(&tree.path(""), options, &targets, &Cancel::new()).unwrap();
    (found.iter().map(|file| name(tree, &file.path)).collect(), report)
}

fn name(tree: &Tree, path: &Path) -> String {
    let relative = path.strip_prefix(tree.path("")).unwrap();
    relative.to_str().unwrap().replace('\\', "/")
}

fn is_within(targets: &[PathBuf], path: &Path) -> bool {
    targets.iter().any(|target| path.starts_with(target))
}

fn is_on_the_way(targets: &[PathBuf], path: &Path) -> bool {
    targets.iter().any(|target| target.starts_with(path))
}

/// How often each path is what an error is about.
fn failures(
    report: &WalkReport,
    is_wanted: impl Fn(&Path) -> bool,
) -> BTreeMap<(Option<&Path>, &str), usize> {
    let mut counts = BTreeMap::new();
    for error in &report.errors {
        let path = error.path.as_deref();
        if path.is_none_or(&is_wanted) {
            *counts.entry((path, error.message.as_str())).or_default() += 1;
        }
    }
    counts
}

fn assert_part_of_walk(root: &Path, targets: &[PathBuf], options: &WalkOptions) {
    let options = WalkOptions {
        folders: true,
        ..options.clone()
    };
    let (all, whole) = walk(&[root.to_path_buf()], &options, &Cancel::new()).unwrap();
    let (found, part) = walk_only(root, &options, targets, &Cancel::new()).unwrap();
    let expected: Vec<Found> = all
        .into_iter()
        .filter(|file| is_within(targets, &file.path))
        .collect();
    assert_eq!(found, expected, "{targets:?} {options:?}");
    assert_eq!(part.files, found.len() as u64);
    let wanted = |path: &Path| is_within(targets, path) || is_on_the_way(targets, path);
    let folders: Vec<_> = whole
        .folders
        .iter()
        .filter(|path| wanted(path))
        .cloned()
        .collect();
    assert_eq!(part.folders, folders);
    assert_eq!(part.directories, folders.len() as u64);
    assert_eq!(failures(&part, |_| true), failures(&whole, wanted));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn finds_the_part_of_the_walk_that_lies_below_the_targets(
        files in proptest::collection::btree_set("(a|b|c|\\.h|b/c|a/b|a/b/c|\\.h/a)/(a|b|c)(\\.rs|\\.txt|\\.TXT|)|[a-c]\\.rs", 1..20),
        ignore_files in proptest::collection::btree_map(
            select(vec![".gitignore", ".ignore", ".rgignore", "a/.gitignore", "a/.ignore", "b/.rgignore", ".git/info/exclude"]),
            random::rules(),
            0..4,
        ),
        above in random::rules(),
        targets in proptest::collection::vec(
            "|(a|b|c|\\.h|b/c|a/b|a/b/c|b/link-to-a|nothing)(/(a|b|c|link-to-a|\\.gitignore|\\.\\.)(\\.rs|\\.txt|)){0,2}|[a-c]\\.rs|link",
            0..4,
        ),
        excluded in random::rules(),
        git in any::<bool>(),
        options in random::options(),
    ) {
        let tree = Tree::new();
        for (index, file) in files.iter().enumerate() {
            tree.file_if_free(&format!("root/{file}"), &"x".repeat(index % 5));
        }
        if git {
            tree.folder("root/.git");
        }
        for (file, rules) in &ignore_files {
            tree.file_if_free(&format!("root/{file}"), &rules.join("\n"));
        }
        tree.file(".ignore", &above.join("\n"));
        tree.link("root/a", "root/b/link-to-a");
        tree.link("root/nowhere", "root/link");
        let root = tree.path("root");
        let mut options = WalkOptions { current_dir: Some(root.clone()), ..options };
        options.filter.exclude = excluded.into_iter().map(String::from).collect();
        let targets: Vec<_> = targets.iter().map(|target| root.join(target)).collect();
        assert_part_of_walk(&root, &targets, &options);
    }
}

#[test]
fn only_folders_on_the_way_and_below_a_target_are_entered() {
    let tree = Tree::new();
    for file in ["a/b/x", "a/b/deep/y", "a/other/z", "c/w", "top"] {
        tree.file(file, "");
    }
    let options = WalkOptions {
        folders: true,
        ..WalkOptions::default()
    };
    let (found, report) = only(&tree, &["a/b", "a/b/deep"], &options);
    assert_eq!(found, ["a/b/deep/y", "a/b/x"]);
    let folders: Vec<_> = report.folders.iter().map(|path| name(&tree, path)).collect();
    assert_eq!(folders, ["", "a", "a/b", "a/b/deep"]);
    let (found, report) = only(&tree, &["top"], &options);
    assert_eq!((found, report.directories), (vec!["top".to_string()], 1));
}

#[test]
fn targets_that_are_gone_or_elsewhere_find_nothing() {
    let tree = Tree::new();
    tree.file("root/a/x", "");
    tree.file("beside/x", "");
    let root = tree.path("root");
    for targets in [
        vec![],
        vec!["root/gone/deep"],
        vec!["root/a/x/below"],
        vec!["beside/x", ""],
    ] {
        let targets: Vec<_> = targets.into_iter().map(|target| tree.path(target)).collect();
        let (found, report) = walk_only(&root, &WalkOptions::default(), &targets, &Cancel::new()).unwrap();
        assert_eq!(
            (found, report.error_count, report.skipped.total()),
            (vec![], 0, 0)
        );
    }
    let missing = tree.path("missing");
    let (found, report) = walk_only(
        &missing,
        &WalkOptions::default(),
        &[missing.join("x")],
        &Cancel::new(),
    )
    .unwrap();
    assert_eq!((found.len(), report.error_count), (0, 1));
    assert_eq!(
        report.errors[0].kind,
        WalkErrorKind::Io(std::io::ErrorKind::NotFound)
    );
}

#[test]
fn the_root_as_a_target_is_a_walk() {
    let tree = Tree::new();
    tree.file("a/x", "");
    tree.file("y", "");
    let options = WalkOptions {
        folders: true,
        stat: true,
        ..WalkOptions::default()
    };
    let targets = [tree.path("a"), tree.path("")];
    assert_eq!(
        walk_only(&tree.path(""), &options, &targets, &Cancel::new()).unwrap(),
        walk(&[tree.path("")], &options, &Cancel::new()).unwrap()
    );
}

#[test]
fn what_is_left_out_is_counted_within_the_targets() {
    let tree = Tree::new();
    for file in ["a/x.rs", "a/x.md", "a/gen/x.rs", "b/y.md", "gen/z.md"] {
        tree.file(file, "");
    }
    let mut options = WalkOptions::default();
    options.filter.extensions = vec!["rs".into()];
    options.filter.exclude = vec!["gen".into()];
    let (found, report) = only(&tree, &["a", "gen/z.md"], &options);
    assert_eq!(found, ["a/x.rs"]);
    assert_eq!(report.skipped.get(SkipReason::Extension), 1);
    assert_eq!(
        (
            report.skipped.get(SkipReason::ExcludedFolder),
            report.skipped.total()
        ),
        (1, 2)
    );
}

#[test]
fn folders_are_listed_only_where_asked() {
    let tree = Tree::new();
    for file in ["a/x", "b/deep/y", "node_modules/z/w"] {
        tree.file(file, "");
    }
    tree.file(".ignore", "node_modules");
    let asked = WalkOptions {
        folders: true,
        ..WalkOptions::default()
    };
    let (with, listed) = walk(&[tree.path("")], &asked, &Cancel::new()).unwrap();
    let (without, report) = walk(&[tree.path("")], &WalkOptions::default(), &Cancel::new()).unwrap();
    assert_eq!(with, without);
    assert_eq!(
        listed.folders,
        ["", "a", "b", "b/deep"].map(|folder| tree.path(folder))
    );
    assert_eq!(
        report,
        WalkReport {
            folders: Vec::new(),
            ..listed
        }
    );
}

#[cfg(unix)]
#[test]
fn links_and_pipes_are_targets_too() {
    let tree = Tree::new();
    tree.file("a/x", "1");
    tree.link("a", "link");
    tree.link("a/x", "file");
    let socket = std::os::unix::net::UnixListener::bind(tree.path("socket"));
    let targets = ["link", "file", "socket", "link/x"];
    let (found, report) = only(&tree, &targets, &WalkOptions::default());
    assert_eq!(found, Vec::<String>::new());
    assert_eq!(report.skipped.get(SkipReason::Link), 2);
    assert_eq!(
        report.skipped.get(SkipReason::Special),
        u64::from(socket.is_ok()),
        "where sockets have names"
    );
    let follow = WalkOptions {
        follow: true,
        ..WalkOptions::default()
    };
    assert_eq!(only(&tree, &["link/x"], &follow).0, ["link/x"]);
    assert_eq!(only(&tree, &["file"], &follow).0, ["file"]);
}
