//! Walks against `ignore` used as ripgrep 15 uses it for one thread.

mod random;
mod tree;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;
use ignore::overrides::OverrideBuilder;
use ignore::types::TypesBuilder;
use proptest::prelude::*;
use proptest::sample::select;
use quern_walk::{Cancel, TypeChange, WalkOptions, walk};
use tree::Tree;

/// The options as ripgrep names them, for both sides of the comparison.
fn expected(roots: &[PathBuf], options: &WalkOptions) -> Vec<Vec<PathBuf>> {
    let current_dir = options.current_dir.as_deref().unwrap();
    let mut globs = OverrideBuilder::new(current_dir);
    globs.case_insensitive(options.glob_case_insensitive).unwrap();
    for glob in &options.globs {
        globs.add(glob).unwrap();
    }
    globs.case_insensitive(true).unwrap();
    for glob in &options.iglobs {
        globs.add(glob).unwrap();
    }
    let mut types = TypesBuilder::new();
    types.add_defaults();
    for change in &options.types {
        match change {
            TypeChange::Clear(name) => drop(types.clear(name)),
            TypeChange::Add(def) => types.add_def(def).unwrap(),
            TypeChange::Select(name) => drop(types.select(name)),
            TypeChange::Negate(name) => drop(types.negate(name)),
        }
    }
    roots
        .iter()
        .map(|root| {
            let mut builder = WalkBuilder::new(root);
            builder.current_dir(current_dir);
            options
                .ignore_files
                .iter()
                .for_each(|path| drop(builder.add_ignore(path)));
            if options.ignore_dot {
                builder.add_custom_ignore_filename(".rgignore");
            }
            let vcs = options.ignore_vcs;
            builder
                .max_depth(options.max_depth)
                .follow_links(options.follow)
                .max_filesize(options.max_filesize)
                .overrides(globs.build().unwrap())
                .types(types.build().unwrap())
                .hidden(!options.hidden)
                .parents(options.ignore_parent)
                .ignore(options.ignore_dot)
                .git_global(vcs && options.ignore_global)
                .git_ignore(vcs)
                .git_exclude(vcs && options.ignore_exclude)
                .require_git(options.require_git)
                .ignore_case_insensitive(options.ignore_case_insensitive)
                .build()
                .filter_map(Result::ok)
                .filter(|entry| {
                    let is_dir = entry.file_type().is_some_and(|kind| kind.is_dir())
                        || entry.path_is_symlink() && entry.path().is_dir();
                    let explicit = entry.depth() == 0 && !is_dir;
                    explicit || entry.file_type().is_some_and(|kind| kind.is_file())
                })
                .map(ignore::DirEntry::into_path)
                .collect()
        })
        .collect()
}

fn assert_as_ripgrep(roots: &[PathBuf], options: &WalkOptions) {
    let (found, report) = walk(roots, options, &Cancel::new()).unwrap();
    let mut found: Vec<_> = found.into_iter().map(|file| file.path).collect();
    assert_eq!(report.files, found.len() as u64);
    for mut theirs in expected(roots, options) {
        theirs.sort_by(|a, b| {
            a.as_os_str()
                .as_encoded_bytes()
                .cmp(b.as_os_str().as_encoded_bytes())
        });
        let rest = found.split_off(theirs.len().min(found.len()));
        assert_eq!(found, theirs, "{options:?}");
        found = rest;
    }
    assert_eq!(found.len(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn finds_what_ripgrep_finds(
        files in proptest::collection::btree_set("(a|b|c|\\.h|b/c|a/b|a/b/c|\\.h/a)/(a|b|c)(\\.rs|\\.txt|\\.TXT|)|[a-c]\\.rs", 1..20),
        ignore_files in proptest::collection::btree_map(
            select(vec![".gitignore", ".ignore", ".rgignore", "a/.gitignore", "a/.ignore", "b/.rgignore", ".git/info/exclude"]),
            random::rules(),
            0..4,
        ),
        named in random::rules(),
        git in any::<bool>(),
        mut options in random::options(),
    ) {
        let tree = Tree::new();
        for (index, file) in files.iter().enumerate() {
            tree.file_if_free(file, &"x".repeat(index % 5));
        }
        if git {
            tree.folder(".git");
        }
        for (file, rules) in &ignore_files {
            tree.file_if_free(file, &rules.join("\n"));
        }
        tree.file("z/named", &named.join("\n"));
        tree.link("a", "b/link-to-a");
        tree.link("z/named", "link-to-file");
        options.current_dir = Some(tree.path(""));
        options.ignore_files = vec![tree.path("z/named")];
        let roots: Vec<_> = ["", "b", "z/named", "link-to-file", "b/link-to-a", "missing"].map(|root| tree.path(root)).into();
        assert_as_ripgrep(&roots, &options);
    }
}

/// Paths below relative roots begin with the root as it was written. The current folder of a test is its crate's.
#[test]
fn relative_roots() {
    let options = WalkOptions {
        current_dir: Some(std::env::current_dir().unwrap()),
        ..WalkOptions::default()
    };
    for root in [
        "./",
        ".",
        "src",
        "./src/",
        "../walk/src",
        "Cargo.toml",
        "./Cargo.toml",
    ] {
        let roots = [PathBuf::from(root)];
        assert_as_ripgrep(&roots, &options);
        let (found, _) = walk(&roots, &options, &Cancel::new()).unwrap();
        let paths: BTreeSet<_> = found.iter().map(|file| file.path.as_path()).collect();
        assert!(found.iter().all(|file| file.path.starts_with(root)), "{root}");
        let known = if root.contains("src") {
            Path::new(root).join("lib.rs")
        } else {
            Path::new(root).join("")
        };
        assert!(
            !root.contains("src") || paths.contains(known.as_path()),
            "{root}: {paths:?}"
        );
        assert!(found.iter().all(|file| file.explicit == root.ends_with(".toml")));
    }
    let globs = vec!["src/*.rs".to_string(), "!/src/lib.rs".to_string()];
    assert_as_ripgrep(
        &[PathBuf::from("./"), PathBuf::from("src")],
        &WalkOptions { globs, ..options },
    );
}
