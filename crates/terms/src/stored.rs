//! A run as a store keeps it: the files that the library wrote, one behind the other, and a directory of them.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{
    DirectoryLock, FileHandle, Lock, OwnedBytes, RamDirectory, WatchCallback, WatchHandle, WritePtr,
};
use tantivy::index::SegmentComponent;
use tantivy::{Directory, HasLen, Index};

use crate::error::{Error, reading, writing};
use crate::run::Run;
use crate::weighted;

/// A run that was built or merged.
#[derive(Debug)]
pub struct StoredRun {
    /// How many chunks it has.
    pub chunks: u32,
    files: Vec<(String, OwnedBytes)>,
}

/// Where the bytes of runs are read from.
pub trait RunBytes: fmt::Debug + Send + Sync + 'static {
    /// # Errors
    /// Bytes that are not those that were written, or that are not there.
    fn read(&self, range: Range<u64>) -> io::Result<OwnedBytes>;
}

impl StoredRun {
    /// `weighted`: with what completes words.
    pub(crate) fn of(
        index: &Index,
        directory: &RamDirectory,
        chunks: u32,
        weighted: bool,
    ) -> Result<StoredRun, Error> {
        let segments = index.searchable_segment_metas().map_err(writing)?;
        let mut files = Vec::new();
        for (segment, component) in segments
            .iter()
            .flat_map(|segment| COMPONENTS.map(|part| (segment, part)))
        {
            let name = segment.relative_path(component);
            let bytes = directory.open_read(&name).map_err(writing)?.read_bytes();
            files.push((name.to_string_lossy().into_owned(), bytes.map_err(writing)?));
        }
        let meta = directory.atomic_read(Path::new(META)).map_err(writing)?;
        files.push((META.to_owned(), OwnedBytes::new(meta)));
        if weighted {
            for (dictionary, bytes) in weighted::stored(index, chunks)? {
                files.push((dictionary.file().to_owned(), OwnedBytes::new(bytes)));
            }
        }
        Ok(StoredRun { chunks, files })
    }

    /// Bytes that [`StoredRun::write`] writes.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|(_, bytes)| bytes.len() as u64).sum()
    }

    /// Opens it where it is, in memory.
    pub(crate) fn open(&self) -> Result<Run, Error> {
        let (mut files, mut held, mut end) = (HashMap::new(), Vec::new(), 0);
        for (name, bytes) in &self.files {
            let range = end..end + bytes.len() as u64;
            end = range.end;
            files.insert(PathBuf::from(name), range.clone());
            held.push((range, bytes.clone()));
        }
        let files = StoredFiles {
            files: Arc::new(files),
            bytes: Arc::new(Held(held)),
        };
        Run::open(self.chunks, &files)
    }

    /// Hands its bytes to `out`, one piece after the other, and adds its entry to a directory: chunks `u32`, number of files
    /// `u32`; for each the length of its name `u32`, the name, and its length `u64`.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write<E>(
        &self,
        directory: &mut Vec<u8>,
        mut out: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        directory.extend_from_slice(&self.chunks.to_le_bytes());
        directory.extend_from_slice(&(self.files.len() as u32).to_le_bytes());
        for (name, bytes) in &self.files {
            directory.extend_from_slice(&(name.len() as u32).to_le_bytes());
            directory.extend_from_slice(name.as_bytes());
            directory.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
            out(bytes)?;
        }
        Ok(())
    }
}

/// Files in memory, one behind the other.
#[derive(Debug)]
struct Held(Vec<(Range<u64>, OwnedBytes)>);

impl RunBytes for Held {
    fn read(&self, range: Range<u64>) -> io::Result<OwnedBytes> {
        let after = self.0.partition_point(|(file, _)| file.start <= range.start);
        // The last of those that begin there: before it there may be empty ones.
        let (file, bytes) = &self.0[after - 1];
        let start = (range.start - file.start) as usize;
        Ok(bytes.slice(start..start + (range.end - range.start) as usize))
    }
}

const META: &str = "meta.json";

/// The files of a segment, but for that of deleted documents: none has one.
const COMPONENTS: [SegmentComponent; 6] = [
    SegmentComponent::Terms,
    SegmentComponent::Postings,
    SegmentComponent::Positions,
    SegmentComponent::FieldNorms,
    SegmentComponent::FastFields,
    SegmentComponent::Store,
];

/// The runs of a directory, not yet open: how many chunks each has, and where its files are.
pub(crate) fn entries(directory: &[u8], bytes: &Arc<dyn RunBytes>) -> Option<Vec<(u32, StoredFiles)>> {
    let mut rest = directory;
    let mut place = 0u64;
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let chunks = number(&mut rest)?;
        let mut files = HashMap::new();
        for _ in 0..number(&mut rest)? {
            let length = number(&mut rest)? as usize;
            let name = str::from_utf8(rest.split_off(..length)?).ok()?;
            let length = u64::from_le_bytes(rest.split_off(..8)?.try_into().ok()?);
            let end = place.checked_add(length)?;
            files.insert(PathBuf::from(name), place..end);
            place = end;
        }
        let (files, bytes) = (Arc::new(files), Arc::clone(bytes));
        entries.push((chunks, StoredFiles { files, bytes }));
    }
    Some(entries)
}

fn number(rest: &mut &[u8]) -> Option<u32> {
    Some(u32::from_le_bytes(rest.split_off(..4)?.try_into().ok()?))
}

/// The files of one run, as the library reads them.
#[derive(Clone, Debug)]
pub(crate) struct StoredFiles {
    files: Arc<HashMap<PathBuf, Range<u64>>>,
    bytes: Arc<dyn RunBytes>,
}

impl StoredFiles {
    pub fn open(&self) -> Result<Index, Error> {
        Index::open(self.clone()).map_err(reading)
    }

    pub fn bytes(&self) -> u64 {
        self.files.values().map(|range| range.end - range.start).sum()
    }

    /// The bytes of a file of the run, if it has it.
    pub fn read(&self, name: &str) -> Result<Option<OwnedBytes>, Error> {
        let range = self.files.get(Path::new(name)).cloned();
        let bytes = range.map(|range| self.bytes.read(range)).transpose();
        bytes.map_err(|error| Error::Corrupt(error.to_string()))
    }

    fn find(&self, path: &Path) -> Result<Range<u64>, OpenReadError> {
        let found = self.files.get(path).cloned();
        found.ok_or_else(|| OpenReadError::FileDoesNotExist(path.to_path_buf()))
    }
}

impl Directory for StoredFiles {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        Ok(Arc::new(StoredFile {
            range: self.find(path)?,
            bytes: Arc::clone(&self.bytes),
        }))
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        Err(DeleteError::IoError {
            io_error: Arc::new(io::ErrorKind::ReadOnlyFilesystem.into()),
            filepath: path.to_path_buf(),
        })
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        Ok(self.files.contains_key(path))
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        Err(OpenWriteError::IoError {
            io_error: Arc::new(io::ErrorKind::ReadOnlyFilesystem.into()),
            filepath: path.to_path_buf(),
        })
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        let bytes = self.bytes.read(self.find(path)?);
        let bytes = bytes.map_err(|error| OpenReadError::wrap_io_error(error, path.to_path_buf()))?;
        Ok(bytes.to_vec())
    }

    fn atomic_write(&self, _path: &Path, _data: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync_directory(&self) -> io::Result<()> {
        Ok(())
    }

    fn acquire_lock(&self, _lock: &Lock) -> Result<DirectoryLock, LockError> {
        // Nobody can change it.
        Ok(DirectoryLock::from(Box::new(())))
    }

    fn watch(&self, _callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}

#[derive(Debug)]
struct StoredFile {
    range: Range<u64>,
    bytes: Arc<dyn RunBytes>,
}

impl HasLen for StoredFile {
    fn len(&self) -> usize {
        (self.range.end - self.range.start) as usize
    }
}

impl FileHandle for StoredFile {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        let start = self.range.start + range.start as u64;
        let end = self.range.start + range.end as u64;
        if end > self.range.end || range.start > range.end {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.bytes.read(start..end)
    }
}
