//! A store's folder: what may be in it, and its mark.
//!
//! A store is made in a folder that is empty or was a store before, and only files that a store has are ever
//! removed: a wrong path costs nobody their data. The file `root` marks a store from the start, and says, without
//! opening the manifest, which folder it is the index of.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use crate::disk::Disk;
use crate::error::{Error, ErrorKind, is_missing};
use crate::lock::{LOCK, WRITER};
use crate::manifest;
use crate::sealed::{self, Stamp, UNFINISHED};
use crate::segment::SEGMENTS;
use crate::writer::{names, remove_folder};

/// The file that names the root folder.
const ROOT: &str = "root";
const ROOT_MAGIC: &[u8; 8] = b"QUERNROO";
/// The file whose time of change is when the store was last used.
pub(crate) const USED: &str = "used";

const KNOWN: [&str; 6] = [manifest::NAME, LOCK, WRITER, ROOT, USED, SEGMENTS];

/// Makes sure that there is a folder that a store may be in.
pub(crate) fn prepare(disk: &dyn Disk, dir: &Path) -> Result<(), Error> {
    match fs::metadata(dir) {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => return Err(Error::new(ErrorKind::NotAStore, dir)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => match disk.create_dir(dir) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(Error::writing(dir, error));
            }
            _ => {}
        },
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            return Err(Error::new(ErrorKind::NotAStore, dir));
        }
        Err(error) => return Err(Error::writing(dir, error)),
    }
    if has_only_known(dir)? {
        Ok(())
    } else {
        Err(Error::new(ErrorKind::NotAStore, dir))
    }
}

/// Marks the folder as a store and makes the folder for segments. Its name becomes durable with the first commit.
pub(crate) fn mark(disk: &dyn Disk, dir: &Path) -> Result<(), Error> {
    if !matches!(sealed::read(&dir.join(ROOT), ROOT_MAGIC), Ok(Some(_))) {
        write_root(disk, dir, b"")?;
    }
    let segments = dir.join(SEGMENTS);
    match disk.create_dir(&segments) {
        Err(_) if segments.is_dir() => Ok(()),
        created => created.map_err(|error| Error::writing(&segments, error)),
    }
}

/// Writes down which folder the store is the index of, unless it says so already.
pub(crate) fn record_root(disk: &dyn Disk, dir: &Path, root: &[u8]) -> Result<(), Error> {
    if read_root(dir).is_some_and(|recorded| recorded == root) {
        Ok(())
    } else {
        write_root(disk, dir, root)
    }
}

/// The folder that the store is the index of, in the system's own bytes; `None` if nothing readable says.
pub(crate) fn read_root(dir: &Path) -> Option<Vec<u8>> {
    let recorded = sealed::read(&dir.join(ROOT), ROOT_MAGIC).ok().flatten();
    recorded.map(|(_, root)| root).filter(|root| !root.is_empty())
}

/// Whether the folder is a store, perhaps a damaged one or of another format: it holds nothing else and bears the
/// mark in one of two files.
pub(crate) fn is_store(dir: &Path) -> bool {
    let starts = |name, magic: &[u8; 8]| {
        let mut start = [0; 8];
        let read = fs::File::open(dir.join(name)).and_then(|mut file| file.read_exact(&mut start));
        read.is_ok() && &start == magic
    };
    has_only_known(dir).unwrap_or(false)
        && (starts(ROOT, ROOT_MAGIC) || starts(manifest::NAME, manifest::MAGIC))
}

/// Makes the name of the store's folder durable.
pub(crate) fn sync_parent(disk: &dyn Disk, dir: &Path) -> Result<(), Error> {
    let parent = match dir.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => return Ok(()),
    };
    match disk.sync_dir(parent) {
        // Somebody else's folder, that can be passed through and not opened.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        synced => synced.map_err(|error| Error::writing(parent, error)),
    }
}

/// Removes files that a commit left half-way.
pub(crate) fn remove_unfinished(disk: &dyn Disk, dir: &Path) {
    for name in names(dir).iter().filter(|name| is_unfinished(name)) {
        disk.remove_file(&dir.join(name)).ok();
    }
}

/// Removes the store in `dir`, which is locked. The mark and the lock go last, so that what cannot be removed can
/// still be found.
pub(crate) fn remove(disk: &dyn Disk, dir: &Path) -> Result<(), Error> {
    let remove = |name: &str| match disk.remove_file(&dir.join(name)) {
        Err(error) if !is_missing(&error) => Err(Error::writing(&dir.join(name), error)),
        _ => Ok(()),
    };
    remove(manifest::NAME)?;
    remove_unfinished(disk, dir);
    let segments = dir.join(SEGMENTS);
    names(&segments)
        .iter()
        .for_each(|name| remove_folder(disk, &segments.join(name)));
    match disk.remove_dir(&segments) {
        Err(error) if !is_missing(&error) => return Err(Error::writing(&segments, error)),
        _ => {}
    }
    [USED, WRITER, ROOT, LOCK].into_iter().try_for_each(remove)?;
    disk.remove_dir(dir).map_err(|error| Error::writing(dir, error))
}

fn write_root(disk: &dyn Disk, dir: &Path, root: &[u8]) -> Result<(), Error> {
    sealed::replace(
        disk,
        dir,
        ROOT,
        ROOT_MAGIC,
        Stamp {
            store_id: 0,
            generation: 0,
        },
        root,
    )
}

fn has_only_known(dir: &Path) -> Result<bool, Error> {
    let entries = fs::read_dir(dir).map_err(|error| Error::reading(dir, error))?;
    for entry in entries {
        let name = entry.map_err(|error| Error::reading(dir, error))?.file_name();
        let known = name
            .to_str()
            .is_some_and(|name| KNOWN.contains(&name) || is_unfinished(name));
        if !known {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether the name is one that replacing a sealed file gives: its own, 16 hexadecimal digits, a suffix.
fn is_unfinished(name: &str) -> bool {
    let digits = [manifest::NAME, ROOT].iter().find_map(|sealed| {
        name.strip_prefix(sealed)?
            .strip_prefix('.')?
            .strip_suffix(UNFINISHED)
    });
    digits.is_some_and(|digits| digits.len() == 16 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
}
