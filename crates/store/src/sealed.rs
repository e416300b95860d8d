//! Small files that are read and replaced as a whole: the manifest and the name of the root.
//!
//! Bytes: the common prefix; store id, generation and length of the body (`u64` each), CRC-32 of the body; CRC-32
//! of the bytes from 16 to here; the body. The first 48 bytes alone give the [`Stamp`], so that following another
//! process's commits costs one short read.
//!
//! A sealed file is never changed in place: the new one is written under a name of its own, synced, renamed over
//! the old one, and the folder is synced. Whoever reads sees one or the other.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::disk::Disk;
use crate::error::{Error, is_missing};
use crate::format::{self, Fields, PREFIX};
use crate::patience::patiently;
use crate::unique;

/// Bytes before the body.
const HEADER: usize = PREFIX + 3 * 8 + 2 * 4;
/// A sealed file larger than this is not one: 256 MiB, thousands of times what a manifest needs.
const LARGEST: u64 = 256 << 20;
/// How the name of a file ends that is not yet the sealed file it will be.
pub(crate) const UNFINISHED: &str = ".new";

/// Which state of which store a manifest describes: two equal stamps mean the same manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// A random number, made when the store gets its first manifest.
    pub store_id: u64,
    /// Counts the commits of that store, from 1.
    pub generation: u64,
}

struct Header {
    stamp: Stamp,
    length: u64,
    checksum: u32,
}

/// Reads and checks a sealed file; `None` if there is none.
pub(crate) fn read(path: &Path, magic: &[u8; 8]) -> Result<Option<(Stamp, Vec<u8>)>, Error> {
    let Some((header, mut file)) = open(path, magic)? else {
        return Ok(None);
    };
    let length = file
        .metadata()
        .map_err(|error| Error::reading(path, error))?
        .len();
    if header.length > LARGEST || Some(length) != header.length.checked_add(HEADER as u64) {
        return Err(Error::corrupt(path, "the length is wrong"));
    }
    let mut body = vec![0; header.length as usize];
    read_exactly(&mut file, &mut body, path)?;
    if crc32fast::hash(&body) != header.checksum {
        return Err(Error::corrupt(path, "the content does not match its checksum"));
    }
    Ok(Some((header.stamp, body)))
}

/// Reads the stamp of a sealed file alone; `None` if there is no such file.
pub(crate) fn read_stamp(path: &Path, magic: &[u8; 8]) -> Result<Option<Stamp>, Error> {
    Ok(open(path, magic)?.map(|(header, _)| header.stamp))
}

/// Replaces the sealed file `name` in `dir`.
///
/// After an error the old file is still there, unless only the last step failed: then the new one is in place but
/// may not outlive a loss of power.
pub(crate) fn replace(
    disk: &dyn Disk,
    dir: &Path,
    name: &str,
    magic: &[u8; 8],
    stamp: Stamp,
    body: &[u8],
) -> Result<(), Error> {
    let unfinished = dir.join(format!("{name}.{}{UNFINISHED}", unique::name()));
    let path = dir.join(name);
    let written = write(disk, &unfinished, magic, stamp, body)
        .and_then(|()| patiently(|| disk.rename(&unfinished, &path)));
    if let Err(error) = written {
        disk.remove_file(&unfinished).ok();
        return Err(Error::writing(&path, error));
    }
    disk.sync_dir(dir).map_err(|error| Error::writing(dir, error))
}

fn write(disk: &dyn Disk, path: &Path, magic: &[u8; 8], stamp: Stamp, body: &[u8]) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(HEADER + body.len());
    bytes.extend_from_slice(&format::prefix(magic));
    for field in [stamp.store_id, stamp.generation, body.len() as u64] {
        bytes.extend_from_slice(&field.to_le_bytes());
    }
    bytes.extend_from_slice(&crc32fast::hash(body).to_le_bytes());
    let checksum = crc32fast::hash(&bytes[PREFIX..]);
    bytes.extend_from_slice(&checksum.to_le_bytes());
    bytes.extend_from_slice(body);
    let mut file = disk.create(path)?;
    file.write_all(&bytes)?;
    file.sync()
}

fn open(path: &Path, magic: &[u8; 8]) -> Result<Option<(Header, File)>, Error> {
    let mut file = match patiently(|| File::open(path)) {
        Ok(file) => file,
        Err(error) if is_missing(&error) => return Ok(None),
        Err(error) => return Err(Error::reading(path, error)),
    };
    let mut bytes = Vec::with_capacity(HEADER);
    Read::by_ref(&mut file)
        .take(HEADER as u64)
        .read_to_end(&mut bytes)
        .map_err(|error| Error::reading(path, error))?;
    format::check_prefix(&bytes, magic, path)?;
    let header = header(&bytes[PREFIX..]).ok_or_else(|| Error::corrupt(path, "the header is damaged"))?;
    Ok(Some((header, file)))
}

fn header(bytes: &[u8]) -> Option<Header> {
    let mut fields = Fields::new(bytes);
    let stamp = Stamp {
        store_id: fields.u64()?,
        generation: fields.u64()?,
    };
    let (length, checksum, own) = (fields.u64()?, fields.u32()?, fields.u32()?);
    let covered = bytes.len().checked_sub(4)?;
    (crc32fast::hash(&bytes[..covered]) == own).then_some(Header {
        stamp,
        length,
        checksum,
    })
}

fn read_exactly(file: &mut File, body: &mut [u8], path: &Path) -> Result<(), Error> {
    file.read_exact(body).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => Error::corrupt(path, "the file is too short"),
        _ => Error::reading(path, error),
    })
}
