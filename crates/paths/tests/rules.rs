//! Stored paths against naive models of both systems' rules.

use std::path::{Component, Path};

use proptest::prelude::*;
use quern_paths::{
    ErrorKind, Platform, ancestors, display, extension, file_name, is_reserved_name, join, to_native,
    to_stored,
};

fn kind(platform: Platform, stored: &[u8]) -> Option<ErrorKind> {
    platform.check(stored).err().map(|error| error.kind())
}

fn windows(path: &str) -> Result<String, ErrorKind> {
    let stored = Platform::Windows
        .normalize(path.as_bytes())
        .map_err(|error| error.kind())?;
    Platform::Windows.check(&stored).map_err(|error| error.kind())?;
    Ok(String::from_utf8(stored).unwrap())
}

#[test]
fn windows_paths_use_slashes() {
    assert_eq!(windows(r"src\a\.\b.rs").unwrap(), "src/a/b.rs");
    assert_eq!(windows(r"src/a\\b").unwrap(), "src/a/b");
}

#[test]
fn windows_refuses_what_it_would_read_differently() {
    for (path, expected) in [
        (r"C:\a", ErrorKind::Absolute),
        (r"C:a", ErrorKind::Absolute),
        (r"\a", ErrorKind::Absolute),
        (r"\\server\share\a", ErrorKind::Absolute),
        (r"\\?\C:\a", ErrorKind::Absolute),
        (r"a\..\b", ErrorKind::Relative),
        (r"a\b:stream", ErrorKind::Character),
        (r"a\b?", ErrorKind::Character),
        ("a\\b\u{1}", ErrorKind::Character),
        (r"a\nul", ErrorKind::Reserved),
        (r"NUL.txt\a", ErrorKind::Reserved),
        (r"a\b.", ErrorKind::TrailingDot),
        (r"a\b ", ErrorKind::TrailingDot),
        (".", ErrorKind::Empty),
        ("", ErrorKind::Empty),
    ] {
        assert_eq!(windows(path), Err(expected), "{path}");
    }
}

#[test]
fn device_names() {
    for name in [
        "con",
        "Prn",
        "AUX",
        "nul",
        "nul.tar.gz",
        "NUL .txt",
        "com1",
        "LPT9.log",
        "COM¹",
        "conin$",
    ] {
        assert!(is_reserved_name(name.as_bytes()), "{name}");
    }
    for name in [
        "", "co", "cone", "com", "com10", "lpta", "xcon", "nul_", ".nul", "a.nul", "comÿ",
    ] {
        assert!(!is_reserved_name(name.as_bytes()), "{name}");
    }
}

#[test]
fn stored_paths_never_leave_the_root() {
    for platform in [Platform::Unix, Platform::Windows] {
        assert_eq!(kind(platform, b""), Some(ErrorKind::Empty));
        assert_eq!(kind(platform, b"/etc/passwd"), Some(ErrorKind::Absolute));
        for bad in [
            &b"../a"[..],
            b"a/../../b",
            b"a/..",
            b"a//b",
            b"a/",
            b"./a",
            b"a/./b",
        ] {
            assert_eq!(kind(platform, bad), Some(ErrorKind::Relative), "{bad:?}");
        }
        assert_eq!(kind(platform, b"a\0b"), Some(ErrorKind::Character));
    }
    assert_eq!(kind(Platform::Windows, br"a\..\..\b"), Some(ErrorKind::Character));
    assert_eq!(kind(Platform::Unix, br"a\b:c"), None);
}

#[test]
fn wtf8_keeps_lone_surrogates_only() {
    assert_eq!(kind(Platform::Windows, b"a\xED\xA0\x80b"), None);
    assert_eq!(kind(Platform::Windows, b"\xED\xB0\x80\xED\xA0\x80"), None);
    assert_eq!(
        kind(Platform::Windows, b"\xED\xA0\x80\xED\xB0\x80"),
        Some(ErrorKind::NotWtf8)
    );
    assert_eq!(kind(Platform::Windows, b"\xED\xA0\x80a\xED\xB0\x80"), None);
    assert_eq!(kind(Platform::Windows, b"a\xFF"), Some(ErrorKind::NotWtf8));
    assert_eq!(kind(Platform::Windows, b"a\xED\xA0"), Some(ErrorKind::NotWtf8));
    assert_eq!(kind(Platform::Unix, b"a\xFF"), None);
}

#[test]
fn parts() {
    assert_eq!(file_name(b"a/b.rs"), b"b.rs");
    assert_eq!(file_name(b"b"), b"b");
    assert_eq!(extension(b"a.b/c"), None);
    assert_eq!(extension(b"a/.bashrc"), None);
    assert_eq!(extension(b"a/x.tar.gz"), Some(&b"gz"[..]));
    assert_eq!(extension(b"a."), Some(&b""[..]));
    assert_eq!(ancestors(b"a/b/c").collect::<Vec<_>>(), [&b"a"[..], b"a/b"]);
    assert_eq!(ancestors(b"a").count(), 0);
    assert_eq!(display(b"a/\xFF"), "a/\u{FFFD}");
}

#[test]
fn errors_say_which_path() {
    let error = to_stored(Path::new("a/../b")).unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::Relative, &b"a/../b"[..])
    );
    assert!(error.to_string().starts_with("a/../b: "));
}

proptest! {
    #[test]
    fn round_trip(text in "[a-c./\\\\ :]{0,12}") {
        let path = Path::new(&text);
        let names: Vec<_> = path.components().filter(|part| *part != Component::CurDir).collect();
        match to_stored(path) {
            Ok(stored) => {
                prop_assert_eq!(Platform::NATIVE.check(&stored), Ok(()));
                let native = to_native(&stored).unwrap();
                prop_assert_eq!(native.components().collect::<Vec<_>>(), names);
                prop_assert_eq!(to_stored(&native).unwrap(), stored.clone());
                prop_assert_eq!(join(Path::new("/r"), &stored).unwrap(), Path::new("/r").join(native));
            }
            Err(_) => prop_assert!(
                cfg!(windows) || names.is_empty() || names.iter().any(|part| !matches!(part, Component::Normal(_)))
            ),
        }
    }

    #[test]
    fn any_bytes_stay_below_the_root(stored in proptest::collection::vec(any::<u8>(), 0..20)) {
        if let Ok(native) = to_native(&stored) {
            prop_assert!(native.components().all(|part| matches!(part, Component::Normal(_))));
            prop_assert_eq!(to_stored(&native).unwrap(), stored);
        }
    }

    #[test]
    fn parts_agree_with_the_standard_library(text in "[a-c.]{1,6}(/[a-c.]{1,6}){0,3}") {
        prop_assume!(to_native(text.as_bytes()).is_ok());
        let path = Path::new(&text);
        let bytes = |part: &std::ffi::OsStr| part.as_encoded_bytes().to_vec();
        prop_assert_eq!(Some(file_name(text.as_bytes()).to_vec()), path.file_name().map(bytes));
        prop_assert_eq!(extension(text.as_bytes()).map(<[u8]>::to_vec), path.extension().map(bytes));
        let mut folders: Vec<_> = path.ancestors().skip(1).map(|folder| bytes(folder.as_os_str())).collect();
        folders.reverse();
        let ours: Vec<_> = std::iter::once(&b""[..]).chain(ancestors(text.as_bytes())).collect();
        prop_assert_eq!(ours, folders);
    }
}
