//! The rules of stored paths: pure functions, no file system.
//!
//! An index stores the path of a file relative to its root, as bytes, with `/` between components. On Unix the bytes
//! are the name's own, whatever they are; on Windows they are WTF-8, UTF-8's extension to names that are not valid
//! UTF-16, with `\` turned into `/`. A stored path is never empty or absolute and has no `.` or `..`: joined to a
//! root it stays below it, even if the bytes come from a damaged or hostile store.
//!
//! A path that the system would read as another one is refused in both directions (on Windows: reserved device names,
//! names that end with a dot or a space, `:`), so that what [`to_stored`] accepts is what [`to_native`] gives back.
//! The rules of both systems are compiled everywhere, as [`Platform`], and tested everywhere.

mod error;
mod platform;
mod stored;
mod wtf8;

use std::path::{Path, PathBuf};

pub use error::{Error, ErrorKind};
pub use platform::{Platform, is_reserved_name};
pub use stored::{ancestors, display, extension, file_name};

/// The stored form of `relative`, a path below an index root. `.` components and doubled separators are dropped.
///
/// # Errors
/// A path that is empty, absolute, has a prefix (`C:`) or a `..`, or holds a name that the system cannot open by that
/// name.
pub fn to_stored(relative: &Path) -> Result<Vec<u8>, Error> {
    let platform = Platform::NATIVE;
    let stored = platform.normalize(relative.as_os_str().as_encoded_bytes())?;
    platform.check(&stored)?;
    Ok(stored)
}

/// The system's form of a stored path, relative. Never fails for what [`to_stored`] gave on the same system.
///
/// # Errors
/// Bytes that are not a stored path, or not one that this system can have.
pub fn to_native(stored: &[u8]) -> Result<PathBuf, Error> {
    Platform::NATIVE.check(stored)?;
    native(stored)
}

/// `stored` below `root`.
///
/// # Errors
/// As [`to_native`].
pub fn join(root: &Path, stored: &[u8]) -> Result<PathBuf, Error> {
    Ok(root.join(to_native(stored)?))
}

#[cfg(windows)]
fn native(stored: &[u8]) -> Result<PathBuf, Error> {
    use std::os::windows::ffi::OsStringExt;
    let mut wide = wtf8::to_wide(stored).ok_or_else(|| Error::new(ErrorKind::NotWtf8, stored))?;
    for unit in &mut wide {
        if *unit == u16::from(b'/') {
            *unit = u16::from(b'\\');
        }
    }
    Ok(PathBuf::from(std::ffi::OsString::from_wide(&wide)))
}

#[cfg(unix)]
fn native(stored: &[u8]) -> Result<PathBuf, Error> {
    use std::os::unix::ffi::OsStrExt;
    Ok(PathBuf::from(std::ffi::OsStr::from_bytes(stored)))
}
