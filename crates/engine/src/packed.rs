//! Compressed files, and the logs among them.
//!
//! A log that is rotated is mostly compressed. Its bytes are indexed as those of any file, so that `grep` gives what ripgrep
//! gives. Ranked search has its records: the terms are built from the decompressed text, and so offsets and lines of its
//! passages are those of that text, while its blocks are of the bytes. The file table marks such files by [`ENCODING`].
//!
//! A small file can stand for a text of any length, and be damaged anywhere. Of a text above [`MOST`] the beginning is
//! read, and of a damaged one what comes before; the file then counts as one without terms.

use std::io::{self, BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use quern_text::Language;

/// Text of one file that is ranked at most, in bytes.
pub(crate) const MOST: u64 = 256 << 20;
/// What the file table has as encoding of a compressed log: none that `quern_text` tells by a mark.
pub(crate) const ENCODING: u8 = 16;

const MAGIC: &[u8] = b"\x1F\x8B";
const ENDING: &[u8] = b".gz";
/// Between the name of a log and `.gz`: numbers and dates.
const ROTATION: &[u8] = b"0123456789.-_";
const ENDINGS: [&[u8]; 3] = [b".log", b"_log", b"-log"];
const NAMES: [&[u8]; 5] = [b"syslog", b"messages", b"maillog", b"secure", b"cron"];

/// The name of a file without the ending of compressed ones.
pub(crate) fn unpacked_name(path: &[u8]) -> &[u8] {
    path.strip_suffix(ENDING).unwrap_or(path)
}

/// Whether a file has the name of a compressed one.
pub(crate) fn has_packed_name(path: &[u8]) -> bool {
    path.ends_with(ENDING)
}

/// Whether a file is compressed, by its name and its first bytes.
pub(crate) fn is_packed(path: &[u8], head: &[u8]) -> bool {
    has_packed_name(path) && head.starts_with(MAGIC)
}

/// The name of the log that a file with this path has compressed, without what its rotation added: `app.log` of
/// `logs/app.log-20150729.gz`.
pub(crate) fn log_name(path: &[u8]) -> Option<&[u8]> {
    let name = path.rsplit(|&byte| byte == b'/').next()?.strip_suffix(ENDING)?;
    let end = name.iter().rposition(|byte| !ROTATION.contains(byte))? + 1;
    let name = &name[..end];
    let is_log = ENDINGS.iter().any(|ending| name.ends_with(ending)) || NAMES.contains(&name);
    is_log.then_some(name)
}

/// The language of the text of a compressed log, if a file with this path and these first bytes is one.
pub(crate) fn log_language(path: &[u8], head: &[u8]) -> Option<Language> {
    let name = log_name(path).filter(|_| is_packed(path, head))?;
    Some(Language::of(name, b""))
}

/// The text of a compressed file, from its start.
pub(crate) struct Unpacked<R> {
    decoder: MultiGzDecoder<BufReader<R>>,
    /// Bytes that may still come.
    left: u64,
}

impl<R: Read> Unpacked<R> {
    /// `source` is at the start of the file. A text of more than [`MOST`] bytes is an error once it is read so far.
    pub fn new(source: R) -> Unpacked<R> {
        Unpacked {
            decoder: MultiGzDecoder::new(BufReader::new(source)),
            left: MOST,
        }
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.decoder.read(buffer)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| {
            let message = format!("the compressed text is longer than {MOST} bytes: the rest is not ranked");
            io::Error::new(io::ErrorKind::FileTooLarge, message)
        })?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    #[test]
    fn logs_are_known_by_their_names() {
        let name =
            |path: &str| log_name(path.as_bytes()).map(|name| String::from_utf8(name.to_vec()).unwrap());
        for (path, log) in [
            ("app.log.gz", "app.log"),
            ("deep/app.log.12.gz", "app.log"),
            ("app.log-20150729.gz", "app.log"),
            ("app.log.2015-07-29_17.gz", "app.log"),
            ("app-2015-07-29.1.log.gz", "app-2015-07-29.1.log"),
            ("access_log-20150729.gz", "access_log"),
            ("log/syslog.2.gz", "syslog"),
            ("messages-20150729.gz", "messages"),
        ] {
            assert_eq!(name(path).as_deref(), Some(log), "{path}");
        }
        for path in [
            "app.log",
            "app.log.1",
            "catalog.gz",
            "app.log/data.gz",
            "logs.tar.gz",
            "1.gz",
            ".gz",
            "messages.po.gz",
        ] {
            assert_eq!(name(path), None, "{path}");
        }
    }

    #[test]
    fn a_text_comes_up_to_its_limit() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&[b'\n'; 1000]).unwrap();
        let packed = encoder.finish().unwrap();
        let read = |left| {
            let mut text = Vec::new();
            let unpacked = Unpacked::new(&packed[..]);
            let read = Unpacked { left, ..unpacked }.read_to_end(&mut text);
            read.map_err(|error| error.kind())
        };
        assert_eq!(read(1000), Ok(1000));
        assert_eq!(read(999), Err(io::ErrorKind::FileTooLarge));
    }
}
