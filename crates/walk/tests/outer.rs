//! `outer_rules`: what has a say in a walk from outside of it.

mod tree;

use std::path::PathBuf;

use quern_walk::{Cancel, WalkOptions, outer_rules, walk};
use tree::Tree;

/// Those below the test's folder, without it; the system's own parents have theirs as well.
fn named(tree: &Tree, options: &WalkOptions) -> Vec<String> {
    let top = std::fs::canonicalize(tree.path("")).unwrap();
    outer_rules(&tree.path("up/root"), options)
        .iter()
        .filter_map(|path| path.strip_prefix(&top).ok())
        .map(|path| path.to_str().unwrap().replace('\\', "/"))
        .collect()
}

fn tree() -> Tree {
    let tree = Tree::new();
    tree.folder("up/root/sub");
    tree
}

#[test]
fn ignore_files_of_parents_and_what_git_keeps() {
    let tree = tree();
    assert_eq!(
        named(&tree, &WalkOptions::default()),
        [
            ".git/config",
            ".git/info/exclude",
            ".gitignore",
            ".ignore",
            ".rgignore",
            "up/.git/config",
            "up/.git/info/exclude",
            "up/.gitignore",
            "up/.ignore",
            "up/.rgignore",
            "up/root/.git/config",
            "up/root/.git/info/exclude",
        ]
    );
}

#[test]
fn only_what_the_options_heed() {
    let tree = tree();
    let no_vcs = WalkOptions {
        ignore_vcs: false,
        ..WalkOptions::default()
    };
    assert_eq!(
        named(&tree, &no_vcs),
        [".ignore", ".rgignore", "up/.ignore", "up/.rgignore"]
    );
    let no_dot = WalkOptions {
        ignore_dot: false,
        ignore_exclude: false,
        require_git: false,
        ..WalkOptions::default()
    };
    assert_eq!(named(&tree, &no_dot), [".gitignore", "up/.gitignore"]);
    let no_parent = WalkOptions {
        ignore_parent: false,
        ignore_exclude: false,
        ignore_vcs: false,
        ignore_files: vec![PathBuf::from("some/rules"), tree.path("named")],
        ..WalkOptions::default()
    };
    let files = outer_rules(&tree.path("up/root"), &no_parent);
    assert_eq!(files.len(), 2);
    assert!(files.contains(&std::path::absolute("some/rules").unwrap()));
    assert!(files.contains(&tree.path("named")));
}

#[test]
fn the_global_file_of_git_is_one() {
    let tree = tree();
    let root = tree.path("up/root");
    let global = ignore::gitignore::gitconfig_excludes_path();
    let without = WalkOptions {
        ignore_global: false,
        ..WalkOptions::default()
    };
    let mut expected = outer_rules(&root, &without);
    expected.extend(global);
    expected.sort();
    assert_eq!(outer_rules(&root, &WalkOptions::default()), expected);
}

#[test]
fn a_worktree_has_its_rules_in_the_repository() {
    let tree = tree();
    let git_dir = tree.path("main/.git/worktrees/up");
    tree.file("main/.git/worktrees/up/commondir", "../..\n");
    tree.file("main/.git/info/exclude", "hidden-by-exclude\n");
    tree.file("up/.git", &format!("gitdir: {}\n", git_dir.display()));
    tree.file("up/root/hidden-by-exclude", "");
    let files = outer_rules(&tree.path("up/root"), &WalkOptions::default());
    let expected = std::fs::canonicalize(tree.path("main/.git/info/exclude")).unwrap();
    let resolved = |path: &PathBuf| std::fs::canonicalize(path).ok() == Some(expected.clone());
    assert!(files.iter().any(resolved), "{files:?}");
    assert!(named(&tree, &WalkOptions::default()).contains(&"up/.git".to_string()));
    let (found, _) = walk(&[tree.path("up/root")], &WalkOptions::default(), &Cancel::new()).unwrap();
    assert_eq!(found.len(), 0, "the walk heeds that file");
}
