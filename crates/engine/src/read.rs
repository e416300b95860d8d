//! Reading files that others may change, replace or make endless meanwhile.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use quern_walk::{Cancel, FileMeta};

/// Opens a regular file.
///
/// # Errors
/// `NotFound` too if something else has taken the file's place: a search does not look into folders, pipes or devices,
/// and does not wait for whoever writes to a pipe.
pub(crate) fn open(path: &Path) -> io::Result<(File, FileMeta)> {
    let file = open_at_once(path)?;
    let metadata = file.metadata()?;
    if metadata.is_file() {
        Ok((file, FileMeta::from_metadata(&metadata)))
    } else {
        Err(io::Error::new(
            io::ErrorKind::NotFound,
            "no longer a regular file",
        ))
    }
}

#[cfg(unix)]
fn open_at_once(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    match options.read(true).custom_flags(libc::O_NONBLOCK).open(path) {
        // A regular file on which another process holds a lease: it is asked to give that up.
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => File::open(path),
        opened => opened,
    }
}

#[cfg(windows)]
fn open_at_once(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

/// A file that fails to be read once the call is stopped, or after `most` bytes.
pub(crate) struct Bounded<'a> {
    file: &'a File,
    cancel: &'a Cancel,
    most: u64,
}

impl<'a> Bounded<'a> {
    pub fn new(file: &'a File, cancel: &'a Cancel, most: u64) -> Bounded<'a> {
        Bounded { file, cancel, most }
    }
}

impl Read for Bounded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        unless_stopped(self.cancel)?;
        let count = self.file.read(buffer)?;
        self.most = self.most.checked_sub(count as u64).ok_or_else(|| {
            io::Error::other("larger than the query's memory; raise the limit to search it")
        })?;
        Ok(count)
    }
}

/// # Errors
/// Once the call is stopped; whoever asked finds out from `cancel` why.
pub(crate) fn unless_stopped(cancel: &Cancel) -> io::Result<()> {
    cancel.check().map_err(|_| io::Error::other("stopped"))
}

/// Reads `length` bytes at `offset`; see [`fill`].
///
/// # Errors
/// `UnexpectedEof` if the file is shorter.
pub(crate) fn read_exact_at(file: &File, offset: u64, length: usize) -> io::Result<Arc<[u8]>> {
    let mut text: Arc<[u8]> = std::iter::repeat_n(0, length).collect();
    let bytes = Arc::get_mut(&mut text).expect("nobody else has it yet");
    fill(file, bytes, offset)?;
    Ok(text)
}

/// Fills `bytes` from `offset` on, without moving the file's position. Never through a memory map: faulting pages in and
/// out costs several times as much, and a file that shrinks would crash the process.
///
/// # Errors
/// `UnexpectedEof` if the file is shorter.
#[cfg(unix)]
pub(crate) fn fill(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

/// As on Unix. Reading moves the position there, so it is put back.
#[cfg(windows)]
pub(crate) fn fill(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    use std::io::{Seek, SeekFrom};
    let mut handle = file;
    let position = handle.stream_position()?;
    let filled = fill_and_move(file, bytes, offset);
    handle.seek(SeekFrom::Start(position))?;
    filled
}

#[cfg(windows)]
fn fill_and_move(file: &File, mut bytes: &mut [u8], mut offset: u64) -> io::Result<()> {
    use std::os::windows::fs::FileExt;
    while !bytes.is_empty() {
        match file.seek_read(bytes, offset) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                bytes = &mut bytes[read..];
                offset += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A source that is given up once a single read of it takes longer than allowed: a drive that answers, but so slowly that
/// whoever reads would be kept for hours.
pub(crate) struct Timely<R> {
    pub source: R,
    /// `None`: as long as it takes.
    pub limit: Option<Duration>,
}

impl<R: Read> Read for Timely<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let start = Instant::now();
        let read = self.source.read(buffer)?;
        match (self.limit, start.elapsed()) {
            (Some(limit), took) if took > limit => {
                let took = took.as_secs_f64();
                let message =
                    format!("one read of it took {took:.1} s; raise readTimeout to go on all the same");
                Err(io::Error::new(io::ErrorKind::TimedOut, message))
            }
            _ => Ok(read),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// Whether a file grew, or is still what is indexed, is found out through the handle that is then read to its end.
    #[test]
    fn filling_leaves_the_position() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"0123456789").unwrap();
        let mut opened = File::open(file.path()).unwrap();
        let mut bytes = [0; 4];
        opened.read_exact(&mut bytes[..2]).unwrap();
        fill(&opened, &mut bytes, 5).unwrap();
        assert_eq!(&bytes, b"5678");
        let past_the_end = fill(&opened, &mut bytes, 8).unwrap_err();
        assert_eq!(past_the_end.kind(), io::ErrorKind::UnexpectedEof);
        let mut rest = String::new();
        opened.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "23456789");
    }
}
