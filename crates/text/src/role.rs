//! What a file is there for, by its path: the product itself, its tests, what others wrote, or what a program wrote.
//!
//! A selection of the conventions that GitHub's linguist knows (`vendor.yml`, `generated.rb`), and of those by which test
//! runners find tests. A name can be wrong about a file, so whoever uses this should weigh it, not rely on it.

use bstr::ByteSlice;

/// What a file is there for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// The product, its documents, and all that nothing else is known of.
    #[default]
    Product,
    /// Tests, and what they need: `foo.test.ts`, `test_foo.py`, `tests/`.
    Test,
    /// Copies of others' work: `vendor/`, `node_modules/`.
    Vendored,
    /// Written by a program: `foo.min.js`, `foo.pb.go`, `Cargo.lock`.
    Generated,
}

/// Words of the names of folders that have tests.
const TEST_FOLDERS: &[&[u8]] = &[
    b"test",
    b"tests",
    b"testing",
    b"testdata",
    b"selftests",
    b"spec",
    b"specs",
    b"fixtures",
    b"mocks",
    b"e2e",
];

const VENDORED_FOLDERS: &[&[u8]] = &[
    b"vendor",
    b"vendors",
    b"vendored",
    b"node_modules",
    b"bower_components",
    b"third_party",
    b"third-party",
    b"thirdparty",
    b"3rdparty",
    b"3rd_party",
    b"external",
    b"extern",
    b"deps",
    b"godeps",
    b"pods",
    b"carthage",
    b"site-packages",
    b".venv",
    b"subprojects",
];

const GENERATED_FOLDERS: &[&[u8]] = &[b"dist", b"generated", b"__generated__", b"__snapshots__"];

const GENERATED_NAMES: &[&[u8]] = &[
    b"package-lock.json",
    b"npm-shrinkwrap.json",
    b"yarn.lock",
    b"pnpm-lock.yaml",
    b"bun.lock",
    b"cargo.lock",
    b"composer.lock",
    b"poetry.lock",
    b"uv.lock",
    b"pipfile.lock",
    b"gemfile.lock",
    b"go.sum",
    b"flake.lock",
];

const GENERATED_ENDS: &[&[u8]] = &[
    b".min.js",
    b".min.css",
    b".bundle.js",
    b".js.map",
    b".css.map",
    b".pb.go",
    b".pb.cc",
    b".pb.h",
    b"_pb2.py",
    b"_pb2_grpc.py",
    b".g.dart",
    b".freezed.dart",
    b".designer.cs",
    b".g.cs",
    b".snap",
];

/// Documents about tests are no tests.
const DOCUMENTS: &[&[u8]] = &[b"md", b"rst", b"txt", b"adoc", b"org", b"html"];

impl Role {
    /// All of them.
    pub const ALL: [Role; 4] = [Role::Product, Role::Test, Role::Vendored, Role::Generated];

    /// The role of the file with this stored path.
    pub fn of(stored: &[u8]) -> Role {
        let (folders, name) = match stored.rfind_byte(b'/') {
            Some(slash) => (&stored[..slash], &stored[slash + 1..]),
            None => (&stored[..0], stored),
        };
        let lower = folders.to_ascii_lowercase();
        let has = |known: &[&[u8]]| {
            lower
                .split(|&byte| byte == b'/')
                .any(|folder| known.contains(&folder))
        };
        if has(VENDORED_FOLDERS) {
            Role::Vendored
        } else if has(GENERATED_FOLDERS) || is_generated(&name.to_ascii_lowercase()) {
            Role::Generated
        } else if lower.split(|&byte| byte == b'/').any(is_test_folder) || is_test(name) {
            Role::Test
        } else {
            Role::Product
        }
    }
}

fn is_generated(name: &[u8]) -> bool {
    GENERATED_NAMES.contains(&name)
        || GENERATED_ENDS.iter().any(|end| name.ends_with(end))
        || parts(name).any(|part| part == b"generated")
}

fn is_test_folder(folder: &[u8]) -> bool {
    parts(folder).any(|part| TEST_FOLDERS.contains(&part))
}

fn is_test(name: &[u8]) -> bool {
    let (stem, extension) = match name.rfind_byte(b'.') {
        None | Some(0) => (name, &name[..0]),
        Some(dot) => (&name[..dot], &name[dot + 1..]),
    };
    if DOCUMENTS.contains(&&extension.to_ascii_lowercase()[..]) {
        return false;
    }
    let lower = stem.to_ascii_lowercase();
    let words: Vec<&[u8]> = parts(&lower).collect();
    let ends = [words.first(), words.last()].into_iter().flatten();
    let is_named = ends.into_iter().any(|&word| word == b"test" || word == b"tests");
    let is_spec = words.len() > 1 && words.last().is_some_and(|&word| word == b"spec");
    // As in `ListenTest.java`.
    let is_class = [&b"Test"[..], b"Tests", b"Spec"].iter().any(|end| {
        stem.strip_suffix(*end)
            .and_then(<[u8]>::last)
            .is_some_and(u8::is_ascii_lowercase)
    });
    is_named || is_spec || is_class
}

/// The words of a name.
fn parts(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    name.split(|byte| matches!(byte, b'-' | b'_' | b'.'))
        .filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_say_what_files_are_there_for() {
        let of = |path: &str| Role::of(path.as_bytes());
        for path in [
            "src/listen.test.ts",
            "src/listen.spec.js",
            "pkg/listen_test.go",
            "test_listen.py",
            "src/ListenTest.java",
            "tools/testing/selftests/net/a.c",
            "app/__tests__/a.js",
            "test_suite/src/a.rs",
            "Tests/a.swift",
            "tests.rs",
        ] {
            assert_eq!(of(path), Role::Test, "{path}");
        }
        for path in [
            "src/listen.ts",
            "src/testing.py",
            "src/latest.c",
            "docs/tests.md",
            "src/Contest.java",
            "src/spec.ts",
            "src/attest/a.go",
            "",
        ] {
            assert_eq!(of(path), Role::Product, "{path}");
        }
        for path in ["node_modules/a/test/b.js", "src/third_party/a.c", "Vendor/a.go"] {
            assert_eq!(of(path), Role::Vendored, "{path}");
        }
        for path in [
            "Cargo.lock",
            "web/app.min.js",
            "api/a.pb.go",
            "api/zz_generated.deepcopy.go",
            "dist/a.js",
            "a/__generated__/b.ts",
        ] {
            assert_eq!(of(path), Role::Generated, "{path}");
        }
    }
}
