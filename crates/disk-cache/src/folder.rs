//! The folder of a cache, and who may do what with it.
//!
//! ```text
//! quern-cache   what this is: format version and size, with a checksum
//! gate          locked by whoever opens, so that one process does at a time
//! users         locked, shared, by all that have it open
//! data.mdb      LMDB's file
//! lock.mdb      LMDB's locks
//! ```
//!
//! Who opens and finds no other user is *alone*: only then is the data looked through, thrown away or given another size.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use fs4::fs_std::FileExt;

use crate::check;
use crate::error::{Error, ErrorKind};
use crate::record::{VERSION, checksum};

/// Bytes of a cache whose size nobody has said: 256 MiB.
pub const DEFAULT_MAX_BYTES: u64 = 256 << 20;
/// The least size of a cache: 1 MiB.
pub const MIN_MAX_BYTES: u64 = 1 << 20;
/// The largest page of any system: sizes are multiples of it.
const LARGEST_PAGE: u64 = 64 << 10;

const HEADER: &str = "quern-cache";
const GATE: &str = "gate";
const USERS: &str = "users";
const DATA: &str = "data.mdb";
const LOCKS: &str = "lock.mdb";
const MAGIC: [u8; 8] = *b"qrncache";

/// A folder that is being opened: until this is dropped nobody else opens it.
pub(crate) struct Opening {
    dir: PathBuf,
    pub is_alone: bool,
    /// Bytes that the data may have.
    pub size: u64,
    users: File,
    _gate: File,
}

impl Opening {
    /// Takes the folder in hand, made if it is not there. What is there of another version or of damaged data is gone
    /// when this returns, if it is alone.
    pub fn of(dir: &Path, max_bytes: Option<u64>) -> Result<Opening, Error> {
        let asked = max_bytes.map(|bytes| whole_pages(dir, bytes)).transpose()?;
        private_dir()
            .create(dir)
            .map_err(|error| Error::io(dir, &error))?;
        refuse_foreign(dir)?;
        let gate = file(&dir.join(GATE))?;
        let failed = |error| Error::io(dir, &error);
        gate.lock_exclusive().map_err(failed)?;
        let users = file(&dir.join(USERS))?;
        let is_alone = users.try_lock_exclusive().map_err(failed)?;
        let known = read_header(dir);
        let mut opening = Opening {
            dir: dir.to_path_buf(),
            is_alone,
            size: known.unwrap_or(0),
            users,
            _gate: gate,
        };
        match known {
            _ if is_alone => opening.settle(known, asked)?,
            Some(_) => {}
            None => {
                let said = "another version of quern has this cache open; close it, or use another folder";
                return Err(Error::new(ErrorKind::InUse, dir, said));
            }
        }
        Ok(opening)
    }

    /// Throws the data away.
    pub fn discard(&self) -> Result<(), Error> {
        for name in [DATA, LOCKS] {
            let path = self.dir.join(name);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::io(&path, &error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Becomes one of the users; what is given goes with the last look at the cache.
    pub fn join(self) -> Result<File, Error> {
        // Nobody is in between: whoever wants this lock for himself has the gate's first.
        FileExt::unlock(&self.users)
            .and_then(|()| FileExt::lock_shared(&self.users))
            .map_err(|error| Error::io(&self.dir, &error))?;
        Ok(self.users)
    }

    fn settle(&mut self, known: Option<u64>, asked: Option<u64>) -> Result<(), Error> {
        self.size = asked.or(known).unwrap_or(DEFAULT_MAX_BYTES);
        let data = self.dir.join(DATA);
        if known.is_none() || !check::is_sound(&data, self.size) {
            self.discard()?;
        }
        if known != Some(self.size) {
            let path = self.dir.join(HEADER);
            fs::write(&path, header(self.size)).map_err(|error| Error::io(&path, &error))?;
        }
        Ok(())
    }
}

fn whole_pages(dir: &Path, bytes: u64) -> Result<u64, Error> {
    let whole = bytes / LARGEST_PAGE * LARGEST_PAGE;
    if bytes < MIN_MAX_BYTES || usize::try_from(whole).is_err() || whole > isize::MAX as u64 {
        let said = format!("a cache of {bytes} bytes cannot be; it takes 1 MiB at least");
        return Err(Error::new(ErrorKind::Size, dir, said));
    }
    Ok(whole)
}

/// Another program's LMDB environment looks like ours but for the header, which is the first file that is made.
fn refuse_foreign(dir: &Path) -> Result<(), Error> {
    if dir.join(HEADER).exists() {
        return Ok(());
    }
    let entries = fs::read_dir(dir).map_err(|error| Error::io(dir, &error))?;
    let is_foreign = |name: &std::ffi::OsStr| name != GATE && name != USERS && name != HEADER;
    if entries.flatten().any(|entry| is_foreign(&entry.file_name())) {
        let said = "the folder holds something that is no cache; use another one";
        return Err(Error::new(ErrorKind::Foreign, dir, said));
    }
    Ok(())
}

fn header(size: u64) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&size.to_le_bytes());
    bytes.extend_from_slice(&checksum(&bytes).to_le_bytes());
    bytes
}

/// The size that the header says, if this version wrote it.
fn read_header(dir: &Path) -> Option<u64> {
    let bytes = fs::read(dir.join(HEADER)).ok()?;
    let size = u64::from_le_bytes(bytes.get(12..20)?.try_into().ok()?);
    (bytes == header(size)).then_some(size)
}

fn file(path: &Path) -> Result<File, Error> {
    #[allow(unused_mut, reason = "only Unix sets a mode")]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.read(true).write(true).create(true).truncate(false);
    options.open(path).map_err(|error| Error::io(path, &error))
}

fn private_dir() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}
