//! The table of languages against ripgrep's file types.

use std::collections::HashSet;

use ignore::types::TypesBuilder;
use quern_text::Language;

fn all() -> impl Iterator<Item = Language> {
    (1..u16::MAX)
        .map(Language::from_number)
        .take_while(|language| *language != Language::UNKNOWN)
}

#[test]
fn names_are_ripgreps_types() {
    let mut builder = TypesBuilder::new();
    builder.add_defaults();
    let known: HashSet<_> = builder
        .definitions()
        .iter()
        .map(|def| def.name().to_string())
        .collect();
    for language in all() {
        assert!(known.contains(language.name()), "{}", language.name());
    }
    assert!(all().count() > 100);
}

#[test]
fn names_lead_back() {
    let names: HashSet<_> = all().map(Language::name).collect();
    assert_eq!(names.len(), all().count(), "two rows of one name");
    for language in all() {
        assert_eq!(Language::from_name(language.name()), Some(language));
        assert_eq!(Language::from_number(language.number()), language);
    }
    assert_eq!(Language::from_name("python"), Language::from_name("py"));
    assert_eq!(Language::from_name("python").unwrap().name(), "py");
    assert_eq!(Language::from_name("no such language"), None);
    assert_eq!(Language::from_name("unknown"), Some(Language::UNKNOWN));
}

fn name_of(path: &str, first_line: &str) -> &'static str {
    Language::of(path.as_bytes(), first_line.as_bytes()).name()
}

#[test]
fn file_names_and_extensions() {
    for (path, expected) in [
        ("src/main.rs", "rust"),
        ("a/B.CPP", "cpp"),
        ("kernel/sched.h", "c"),
        ("web/app.d.ts", "ts"),
        ("Makefile", "make"),
        ("x/Cargo.lock", "toml"),
        ("yarn.lock", "lock"),
        ("CMakeLists.txt", "cmake"),
        ("notes.txt", "txt"),
        (".bashrc", "sh"),
        ("a.rs/file", "unknown"),
        ("file.", "unknown"),
        ("file.zzz", "unknown"),
        ("", "unknown"),
    ] {
        assert_eq!(name_of(path, ""), expected, "{path}");
    }
}

#[test]
fn interpreters() {
    for (line, expected) in [
        ("#!/bin/sh", "sh"),
        ("#! /usr/bin/env python3\nimport os", "py"),
        ("#!/usr/bin/env -S FOO=1 node --flag", "js"),
        ("#!/opt/python3.12", "py"),
        ("#!/usr/bin/perl -w\r", "perl"),
        ("#!/usr/bin/env", "unknown"),
        ("#!", "unknown"),
        ("/bin/sh", "unknown"),
        ("", "unknown"),
    ] {
        assert_eq!(name_of("tool", line), expected, "{line}");
    }
    assert_eq!(name_of("tool.rb", "#!/bin/sh"), "ruby", "the name counts more");
    assert_eq!(name_of("tool.unknown", "#!/bin/sh"), "sh");
}
