//! What a name is on each system.
//!
//! Windows' rules are those of "Naming Files, Paths, and Namespaces" in Microsoft's documentation, taken for paths
//! without the `\\?\` prefix, because a store cannot know how its root will be spelled.

use crate::error::{Error, ErrorKind};
use crate::wtf8;

/// The family of path rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// Any byte but NUL and `/`.
    Unix,
    /// `\` and `/` separate; some names and characters mean something else.
    Windows,
}

impl Platform {
    /// The rules of the system that this was compiled for.
    pub const NATIVE: Platform = if cfg!(windows) {
        Platform::Windows
    } else {
        Platform::Unix
    };

    fn is_separator(self, byte: u8) -> bool {
        byte == b'/' || (self == Platform::Windows && byte == b'\\')
    }

    /// Turns a relative path of this system into stored form, without looking at its names.
    ///
    /// # Errors
    /// [`ErrorKind::Empty`], [`ErrorKind::Absolute`] and [`ErrorKind::Relative`] (for `..`).
    pub fn normalize(self, path: &[u8]) -> Result<Vec<u8>, Error> {
        if path.first().is_some_and(|&byte| self.is_separator(byte)) || self.has_drive(path) {
            return Err(Error::new(ErrorKind::Absolute, path));
        }
        let mut stored = Vec::with_capacity(path.len());
        for component in path.split(|&byte| self.is_separator(byte)) {
            match component {
                b"" | b"." => continue,
                b".." => return Err(Error::new(ErrorKind::Relative, path)),
                _ => {}
            }
            if !stored.is_empty() {
                stored.push(b'/');
            }
            stored.extend_from_slice(component);
        }
        if stored.is_empty() {
            Err(Error::new(ErrorKind::Empty, path))
        } else {
            Ok(stored)
        }
    }

    fn has_drive(self, path: &[u8]) -> bool {
        self == Platform::Windows && path.len() >= 2 && path[1] == b':' && path[0].is_ascii_alphabetic()
    }

    /// Whether `stored` is a stored path whose every name this system opens by that name.
    ///
    /// # Errors
    /// Any kind.
    pub fn check(self, stored: &[u8]) -> Result<(), Error> {
        let refuse = |kind| Err(Error::new(kind, stored));
        if stored.is_empty() {
            return refuse(ErrorKind::Empty);
        }
        if stored[0] == b'/' || self.has_drive(stored) {
            return refuse(ErrorKind::Absolute);
        }
        if self == Platform::Windows && !wtf8::is_valid(stored) {
            return refuse(ErrorKind::NotWtf8);
        }
        for name in stored.split(|&byte| byte == b'/') {
            if let Err(kind) = self.check_name(name) {
                return refuse(kind);
            }
        }
        Ok(())
    }

    fn check_name(self, name: &[u8]) -> Result<(), ErrorKind> {
        if matches!(name, b"" | b"." | b"..") {
            return Err(ErrorKind::Relative);
        }
        match self {
            Platform::Unix if name.contains(&0) => Err(ErrorKind::Character),
            Platform::Unix => Ok(()),
            Platform::Windows
                if name
                    .iter()
                    .any(|&byte| byte < 0x20 || b"<>:\"|?*\\".contains(&byte)) =>
            {
                Err(ErrorKind::Character)
            }
            Platform::Windows if is_reserved_name(name) => Err(ErrorKind::Reserved),
            Platform::Windows if name.ends_with(b".") || name.ends_with(b" ") => Err(ErrorKind::TrailingDot),
            Platform::Windows => Ok(()),
        }
    }
}

/// Whether Windows takes `name` (one component) for a device: `CON`, `PRN`, `AUX`, `NUL`, `CONIN$`, `CONOUT$`, and
/// `COM` or `LPT` followed by a digit or a superscript 1, 2 or 3, in any case and with any extension.
pub fn is_reserved_name(name: &[u8]) -> bool {
    let stem = name
        .split(|&byte| byte == b'.')
        .next()
        .unwrap_or(name)
        .trim_ascii_end();
    let device = |known: &[u8]| stem.eq_ignore_ascii_case(known);
    if [&b"con"[..], b"prn", b"aux", b"nul", b"conin$", b"conout$"]
        .into_iter()
        .any(device)
    {
        return true;
    }
    let Some((port, number)) = stem.split_at_checked(3) else {
        return false;
    };
    let superscripts: [&[u8]; 3] = ["¹".as_bytes(), "²".as_bytes(), "³".as_bytes()];
    (port.eq_ignore_ascii_case(b"com") || port.eq_ignore_ascii_case(b"lpt"))
        && (matches!(number, [b'0'..=b'9']) || superscripts.contains(&number))
}
