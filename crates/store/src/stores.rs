//! All the stores of a user: where they are, how large they are, which of them may go.
//!
//! By default a store lives in the user's cache folder, under a name made of the last part of its root's path, to be
//! recognised by people, and a hash of the whole path, to be unique. [`prune`] keeps them below a size by removing
//! those that were not used for the longest time.

use std::env;
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use xxhash_rust::xxh3::xxh3_64;

use crate::disk::{SystemDisk, private_file};
use crate::error::{Error, ErrorKind};
use crate::folder::{self, USED};
use crate::lock::Lock;
use crate::manifest::Manifest;

/// The environment variable that says where stores are kept.
const VARIABLE: &str = "QUERN_STORE";
/// The folder in the user's cache folder.
const NAME: &str = "quern";

/// What is known about a store without opening it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreInfo {
    /// The store's folder.
    pub dir: PathBuf,
    /// The folder that it is the index of, if it says.
    pub root: Option<PathBuf>,
    /// Whether that folder is there.
    pub root_exists: bool,
    /// Bytes on disk.
    pub bytes: u64,
    /// When it was last opened, as far as that was noted, else when it was last written.
    pub last_used: SystemTime,
}

/// The folder in which stores are kept unless the caller names another: `QUERN_STORE`, else `quern` in the user's
/// cache folder (`XDG_CACHE_HOME`, `~/Library/Caches` on macOS, `LOCALAPPDATA` on Windows, else `~/.cache`). `None` if
/// the environment names none of these. Relative paths in the environment count as absent.
pub fn default_dir() -> Option<PathBuf> {
    default_dir_from(env::consts::OS, |name| env::var_os(name))
}

fn default_dir_from(system: &str, variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |name: &str| {
        variable(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let home = || match system {
        "windows" => {
            folder("LOCALAPPDATA").or_else(|| Some(folder("USERPROFILE")?.join("AppData").join("Local")))
        }
        "macos" => Some(folder("HOME")?.join("Library").join("Caches")),
        _ => Some(folder("HOME")?.join(".cache")),
    };
    let cache = || {
        folder("XDG_CACHE_HOME")
            .or_else(home)
            .map(|cache| cache.join(NAME))
    };
    folder(VARIABLE).or_else(cache)
}

/// The folder below `stores` for the index of `root`, whichever way `root` is spelled.
///
/// # Errors
/// `Io` if `root` is relative and there is no current folder.
pub fn for_root(stores: &Path, root: &Path) -> Result<PathBuf, Error> {
    let root = fs::canonicalize(root)
        .or_else(|_| std::path::absolute(root))
        .map_err(|error| Error::reading(root, error))?;
    let name = root.file_name().unwrap_or_default().to_string_lossy();
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || "-_.".contains(c) {
            c
        } else {
            '_'
        }
    };
    let readable: String = name.chars().map(plain).take(40).collect();
    let hash = xxh3_64(root.as_os_str().as_encoded_bytes());
    Ok(stores.join(format!(
        "{hash:016x}-{}",
        if readable.is_empty() { "root" } else { &readable }
    )))
}

/// The stores directly below `stores`, the one that was last used first. Other folders are passed over.
///
/// # Errors
/// `Io` if the folder cannot be read; one that does not exist holds no stores.
pub fn list(stores: &Path) -> Result<Vec<StoreInfo>, Error> {
    let entries = match fs::read_dir(stores) {
        Ok(entries) => entries,
        Err(error) => {
            let error = Error::reading(stores, error);
            return if *error.kind() == ErrorKind::Missing {
                Ok(Vec::new())
            } else {
                Err(error)
            };
        }
    };
    let dirs = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|dir| folder::is_store(dir));
    let mut found: Vec<_> = dirs.map(info).collect();
    found.sort_by(|a, b| b.last_used.cmp(&a.last_used).then_with(|| a.dir.cmp(&b.dir)));
    Ok(found)
}

/// Removes the stores below `stores` that were not used for the longest time, until the others take at most `cap`
/// bytes. Those being written, and those that cannot be removed, stay. Gives what was removed.
///
/// # Errors
/// As [`list`].
pub fn prune(stores: &Path, cap: u64) -> Result<Vec<StoreInfo>, Error> {
    let found = list(stores)?;
    let mut total: u64 = found.iter().map(|store| store.bytes).sum();
    let mut removed = Vec::new();
    for store in found.into_iter().rev() {
        if total > cap && remove(&store.dir).is_ok() {
            total -= store.bytes;
            removed.push(store);
        }
    }
    Ok(removed)
}

/// Removes a store. Readers that have it open keep what they have mapped.
///
/// # Errors
/// `NotAStore`, also for a folder that holds anything besides a store; `Missing`; `Locked`; `ReadOnly` or `Io` if
/// something cannot be removed.
pub fn remove(dir: &Path) -> Result<(), Error> {
    fs::metadata(dir).map_err(|error| Error::reading(dir, error))?;
    if !folder::is_store(dir) {
        return Err(Error::new(ErrorKind::NotAStore, dir));
    }
    let _lock = Lock::take(&SystemDisk, dir)?;
    folder::remove(&SystemDisk, dir)
}

/// Notes that the store in `dir` is being used now.
///
/// # Errors
/// `Missing` if there is no such folder, `Full`, `ReadOnly`, `Io`. A reader can do without the note.
pub fn touch(dir: &Path) -> Result<(), Error> {
    let path = dir.join(USED);
    let mut options = private_file();
    let file = options.write(true).create(true).truncate(false).open(&path);
    let touched = file.and_then(|file| file.set_modified(SystemTime::now()));
    touched.map_err(|error| Error::writing(&path, error))
}

/// The folder that the store in `dir` is the index of, if it says.
pub fn root_of(dir: &Path) -> Option<PathBuf> {
    let manifest = Manifest::read(dir).ok().flatten().map(|manifest| manifest.root);
    let root = manifest
        .filter(|root| !root.is_empty())
        .or_else(|| folder::read_root(dir));
    root.map(native_path)
}

fn info(dir: PathBuf) -> StoreInfo {
    let modified = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    let root = root_of(&dir);
    let root_exists = root.as_ref().is_some_and(|root| root.is_dir());
    let last_used = modified(&dir.join(USED))
        .or_else(|| modified(&dir))
        .unwrap_or(SystemTime::UNIX_EPOCH);
    StoreInfo {
        bytes: bytes(&dir, 2),
        dir,
        root,
        root_exists,
        last_used,
    }
}

/// Bytes of the files in a folder, and in folders at most `depth` levels below.
fn bytes(dir: &Path, depth: usize) -> u64 {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let size = |path: &Path, metadata: Metadata| match metadata.is_dir() {
        true if depth > 0 => bytes(path, depth - 1),
        true => 0,
        false => metadata.len(),
    };
    entries
        .filter_map(|entry| Some(size(&entry.path(), entry.metadata().ok()?)))
        .sum()
}

#[cfg(unix)]
fn native_path(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    OsString::from_vec(bytes).into()
}

/// The bytes are WTF-8. Those that are not UTF-8 are shown with replacements, as they cannot be trusted to be WTF-8.
#[cfg(windows)]
fn native_path(bytes: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_folder_follows_the_environment() {
        // What is absolute here is so on the system that the test runs on.
        let drive = if cfg!(windows) { "C:" } else { "" };
        let dir = |system, set: &[(&str, &str)]| {
            let value = |name: &str| {
                let value = set.iter().find(|(known, _)| *known == name)?.1;
                Some(format!("{}{value}", if value.starts_with('/') { drive } else { "" }).into())
            };
            let found = default_dir_from(system, value)?;
            Some(found.strip_prefix(drive).unwrap().to_path_buf())
        };
        let home = ("HOME", "/home/a");
        assert_eq!(dir("linux", &[home]), Some("/home/a/.cache/quern".into()));
        assert_eq!(dir("macos", &[home]), Some("/home/a/Library/Caches/quern".into()));
        assert_eq!(
            dir("linux", &[home, ("XDG_CACHE_HOME", "/c")]),
            Some("/c/quern".into())
        );
        assert_eq!(
            dir("linux", &[home, ("XDG_CACHE_HOME", "relative")]),
            Some("/home/a/.cache/quern".into())
        );
        assert_eq!(
            dir("windows", &[("LOCALAPPDATA", "/local")]),
            Some("/local/quern".into())
        );
        assert_eq!(
            dir("windows", &[("USERPROFILE", "/u")]),
            Some("/u/AppData/Local/quern".into())
        );
        assert_eq!(dir("linux", &[home, ("QUERN_STORE", "/s")]), Some("/s".into()));
        assert_eq!(dir("linux", &[]), None);
    }
}
