//! One writer at a time.
//!
//! The lock is an advisory lock of the operating system on a file of its own, so it goes with the process, however
//! that ends. The holder's process id is in another file, because a locked file cannot be read on Windows. Some
//! network file systems lock by process, so this process also remembers what it holds.
//!
//! A store can be removed while somebody waits to lock it. So, once locked, the file is compared with the one that
//! has the name now: a lock on a file that was removed protects nothing.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::{Mutex, MutexGuard, PoisonError};

use fs4::fs_std::FileExt;
use same_file::Handle;

use crate::disk::{self, Disk};
use crate::error::{Error, ErrorKind};

/// The file that is locked.
pub(crate) const LOCK: &str = "lock";
/// The file that holds the writer's process id.
pub(crate) const WRITER: &str = "writer";

/// How often the lock file may be found to have been removed meanwhile.
const TRIES: usize = 8;

/// The stores that this process writes.
static HELD: Mutex<Option<HashSet<PathBuf>>> = Mutex::new(None);

/// The lock of a store, until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    dir: PathBuf,
    _held: Held,
    file: File,
}

/// A store's place among those that this process writes.
#[derive(Debug)]
struct Held(PathBuf);

impl Lock {
    /// Locks the store in `dir`, which exists.
    pub(crate) fn take(disk: &dyn Disk, dir: &Path) -> Result<Lock, Error> {
        let held = Held::take(dir)?;
        let path = dir.join(LOCK);
        for _ in 0..TRIES {
            let file = open(&path)?;
            if !file
                .try_lock_exclusive()
                .map_err(|error| Error::writing(&path, error))?
            {
                return Err(locked(dir));
            }
            if is_named(&file, &path) {
                write_pid(disk, &dir.join(WRITER));
                return Ok(Lock {
                    dir: dir.to_path_buf(),
                    _held: held,
                    file,
                });
            }
        }
        Err(locked(dir))
    }

    /// Whether the locked file is still the store's.
    pub(crate) fn is_valid(&self) -> bool {
        is_named(&self.file, &self.dir.join(LOCK))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if self.is_valid() {
            fs::remove_file(self.dir.join(WRITER)).ok();
        }
        FileExt::unlock(&self.file).ok();
    }
}

impl Held {
    fn take(dir: &Path) -> Result<Held, Error> {
        let key = fs::canonicalize(dir).map_err(|error| Error::writing(dir, error))?;
        if held().get_or_insert_default().insert(key.clone()) {
            Ok(Held(key))
        } else {
            Err(locked(dir))
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        held().get_or_insert_default().remove(&self.0);
    }
}

fn held() -> MutexGuard<'static, Option<HashSet<PathBuf>>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

fn open(path: &Path) -> Result<File, Error> {
    let mut options = disk::private_file();
    options.read(true).write(true).create(true).truncate(false);
    options.open(path).map_err(|error| Error::writing(path, error))
}

fn locked(dir: &Path) -> Error {
    let pid = fs::read_to_string(dir.join(WRITER))
        .ok()
        .and_then(|text| text.trim().parse().ok());
    Error::new(ErrorKind::Locked { pid }, dir)
}

/// Notes who holds the lock. It is only there to be shown, so failing to write it is no error.
fn write_pid(disk: &dyn Disk, path: &Path) {
    disk.remove_file(path).ok();
    if let Ok(mut file) = disk.create(path) {
        writeln!(file, "{}", process::id()).ok();
    }
}

fn is_named(file: &File, path: &Path) -> bool {
    match (
        file.try_clone().and_then(Handle::from_file),
        Handle::from_path(path),
    ) {
        (Ok(locked), Ok(named)) => locked == named,
        _ => false,
    }
}
