//! `PathFilter` against walks with the same globs and types.

mod tree;

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;
use quern_walk::{Cancel, ErrorKind, PathFilter, TypeChange, WalkOptions, type_list, walk};
use tree::Tree;

const GLOBS: [&str; 22] = [
    "*.rs",
    "!*.rs",
    "a",
    "!a",
    "a/",
    "!a/",
    "/a",
    "!/a",
    "a/**",
    "!a/**",
    "a/b",
    "!a/b",
    "**/c",
    "!**/c",
    "a/*.rs",
    "!*/b/",
    "*.{txt,RS}",
    "[a-b].txt",
    "!?.c",
    "*",
    "!*",
    "b/**/c.rs",
];

fn globs() -> impl Strategy<Value = Vec<String>> {
    vec(select(&GLOBS[..]).prop_map(String::from), 0..4)
}

fn types() -> impl Strategy<Value = Vec<TypeChange>> {
    let change = select(vec![
        TypeChange::Select("rust".into()),
        TypeChange::Select("c".into()),
        TypeChange::Negate("rust".into()),
        TypeChange::Negate("c".into()),
        TypeChange::Select("all".into()),
        TypeChange::Add("c:*.txt".into()),
        TypeChange::Add("rust:include:c".into()),
    ]);
    vec(change, 0..3)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn filtering_is_walking(
        files in btree_set("([abc]/){0,3}[abc](\\.(rs|RS|c|txt))?", 1..24),
        globs in globs(),
        iglobs in globs(),
        glob_case_insensitive in any::<bool>(),
        types in types(),
    ) {
        let tree = Tree::new();
        for file in &files {
            tree.file_if_free(file, "");
        }
        let root = tree.path("");
        let stored = |options: &WalkOptions| -> Vec<Vec<u8>> {
            let (found, report) = walk(std::slice::from_ref(&root), options, &Cancel::new()).unwrap();
            assert_eq!(report.error_count, 0);
            found.iter().map(|file| quern_paths::to_stored(file.path.strip_prefix(&root).unwrap()).unwrap()).collect()
        };
        let filter = PathFilter::new(&globs, &iglobs, glob_case_insensitive, &types).unwrap();
        let mut filtered = stored(&WalkOptions::default());
        prop_assert_eq!(filter.is_empty(), globs.is_empty() && iglobs.is_empty() && !types.iter().any(|change| {
            matches!(change, TypeChange::Select(_) | TypeChange::Negate(_))
        }));
        filtered.retain(|path| filter.matches(path));
        let current_dir = Some(root.clone());
        let walked = WalkOptions { globs, iglobs, glob_case_insensitive, types, current_dir, ..WalkOptions::default() };
        prop_assert_eq!(filtered, stored(&walked));
    }
}

#[test]
fn a_folder_that_is_left_out_takes_its_files_along() {
    let filter = |globs: &[&str]| {
        let globs: Vec<_> = globs.iter().map(|glob| glob.to_string()).collect();
        PathFilter::new(&globs, &[], false, &[]).unwrap()
    };
    assert!(!filter(&["!node_modules"]).matches(b"web/node_modules/x/index.js"));
    assert!(filter(&["!/node_modules"]).matches(b"web/node_modules/x/index.js"));
    assert!(!filter(&["!web", "*.js"]).matches(b"web/node_modules/x/index.js"));
    assert!(filter(&["*.js"]).matches(b"web/index.js"));
    assert!(!filter(&["*.js"]).matches(b"web/index.ts"));
    assert!(!filter(&["*.js"]).matches(b"../index.js"), "not a stored path");
}

#[test]
fn invalid_rules_are_errors() {
    let kind = |globs: &[&str], types: &[TypeChange]| {
        let globs: Vec<_> = globs.iter().map(|glob| glob.to_string()).collect();
        PathFilter::new(&globs, &[], false, types).unwrap_err().kind()
    };
    assert_eq!(kind(&["a[b"], &[]), ErrorKind::Glob);
    assert_eq!(kind(&["{a"], &[]), ErrorKind::Glob);
    assert_eq!(kind(&[], &[TypeChange::Select("nosuch".into())]), ErrorKind::Type);
    assert_eq!(kind(&[], &[TypeChange::Add("nosuch".into())]), ErrorKind::Type);
    assert_eq!(
        kind(
            &[],
            &[
                TypeChange::Clear("rust".into()),
                TypeChange::Select("rust".into())
            ]
        ),
        ErrorKind::Type
    );
    assert!(type_list(&[TypeChange::Add(":".into())]).is_err());
}

#[test]
fn the_list_of_types() {
    let changes = [
        TypeChange::Add("mine:*.b".into()),
        TypeChange::Add("mine:*.a".into()),
        TypeChange::Clear("rust".into()),
    ];
    let list = type_list(&changes).unwrap();
    assert!(list.is_sorted());
    assert!(list.contains(&("mine".to_string(), vec!["*.a".to_string(), "*.b".to_string()])));
    assert!(list.iter().any(|(name, _)| name == "zig"));
    assert!(!list.iter().any(|(name, _)| name == "rust"));
}
