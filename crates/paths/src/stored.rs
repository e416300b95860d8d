//! Parts of a stored path.

use std::borrow::Cow;

/// The path as text; bytes that are not UTF-8 become U+FFFD.
pub fn display(stored: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(stored)
}

/// The last component.
pub fn file_name(stored: &[u8]) -> &[u8] {
    match stored.iter().rposition(|&byte| byte == b'/') {
        Some(slash) => &stored[slash + 1..],
        None => stored,
    }
}

/// What follows the last dot of the file name, if that dot is not its first byte. May be empty (`a.`), as with
/// [`std::path::Path::extension`].
pub fn extension(stored: &[u8]) -> Option<&[u8]> {
    let name = file_name(stored);
    match name.iter().rposition(|&byte| byte == b'.') {
        Some(0) | None => None,
        Some(dot) => Some(&name[dot + 1..]),
    }
}

/// The folders that hold a file, the outermost first, without the root: `a/b/c` gives `a`, then `a/b`.
pub fn ancestors(stored: &[u8]) -> impl Iterator<Item = &[u8]> {
    stored
        .iter()
        .enumerate()
        .filter(|&(_, &byte)| byte == b'/')
        .map(|(slash, _)| &stored[..slash])
}
