//! Random rules and options for walks.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use quern_walk::{TypeChange, WalkOptions, type_list};

const RULES: [&str; 14] = [
    "*.rs", "!*.rs", "/a", "a/", "b/**", "**/c", "!b/c", ".h*", "!.hidden", "[ab].TXT", "*.txt", "a/b", "#x",
    "!/a/b",
];

pub fn rules() -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(&RULES[..], 0..4)
}

fn globs() -> impl Strategy<Value = Vec<String>> {
    let globs = vec![
        "*.rs",
        "!*.txt",
        "a/**",
        "!a",
        "!b/",
        "**/c/*",
        "*.{rs,TXT}",
        "!/b/c.rs",
        ".h*",
        "a",
    ];
    subsequence(globs, 0..3).prop_map(|globs| globs.into_iter().map(String::from).collect())
}

fn types() -> impl Strategy<Value = Vec<TypeChange>> {
    let change = select(vec![
        TypeChange::Select("rust".into()),
        TypeChange::Select("txt".into()),
        TypeChange::Negate("rust".into()),
        TypeChange::Negate("all".into()),
        TypeChange::Clear("txt".into()),
        TypeChange::Add("txt:*.rs".into()),
        TypeChange::Add("mine:include:rust,c".into()),
    ]);
    proptest::collection::vec(change, 0..3)
        .prop_filter("a type that was cleared cannot be selected", |changes| {
            type_list(changes).is_ok()
        })
}

prop_compose! {
    pub fn options()(
        flags in proptest::collection::vec(proptest::bool::weighted(0.8), 6),
        odd in proptest::collection::vec(proptest::bool::weighted(0.2), 4),
        max_depth in proptest::option::weighted(0.2, 0usize..4),
        max_filesize in proptest::option::weighted(0.2, 0u64..4),
        globs in globs(),
        iglobs in globs(),
        types in types(),
        threads in 0usize..4,
        stat in any::<bool>(),
    ) -> WalkOptions {
        WalkOptions {
            ignore_dot: flags[0],
            ignore_vcs: flags[1],
            ignore_exclude: flags[2],
            ignore_global: flags[3],
            ignore_parent: flags[4],
            require_git: flags[5],
            hidden: odd[0],
            ignore_case_insensitive: odd[1],
            follow: odd[2],
            glob_case_insensitive: odd[3],
            max_depth,
            max_filesize,
            globs,
            iglobs,
            types,
            threads,
            stat,
            ..WalkOptions::default()
        }
    }
}
