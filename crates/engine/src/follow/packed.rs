//! The rest of a log that was compressed before it was read.
//!
//! A log that is rotated may be compressed at once. What was not read of it is then only in the compressed file, which says what is in
//! it at great length: so one is only looked into for texts that have ended, up to where these were read, and read on if it
//! has what was read.

use std::fs::File;
use std::io::{self, BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use quern_matcher::Limits;
use quern_walk::Cancel;

use crate::follow::request::Looked;
use crate::follow::tail::{Mark, Taken, WINDOW, search};

/// Text of one file that is read at most, in bytes: a small file can stand for any length.
const MOST: u64 = 4 << 30;
/// Bytes that are passed over at once.
const STEP: usize = 64 << 10;

/// A compressed text that is read.
#[derive(Debug)]
pub(super) struct Packed {
    decoder: MultiGzDecoder<BufReader<File>>,
    /// Where `text` begins.
    position: u64,
    /// What was decompressed and not used yet.
    text: Vec<u8>,
    /// Why there is no more of it.
    damage: Option<io::Error>,
    most: u64,
}

impl Packed {
    /// Reads a compressed file from its start, where `file` has to be.
    pub fn new(file: File) -> Packed {
        Packed {
            decoder: MultiGzDecoder::new(BufReader::new(file)),
            position: 0,
            text: Vec::new(),
            damage: None,
            most: MOST,
        }
    }

    /// The text after what was read of an ended one, if it has that; `None`: it is another, or still being written.
    ///
    /// # Errors
    /// Those of reading; what is no gzip; a stop.
    pub fn after(self, mark: Mark, cancel: &Cancel) -> io::Result<Option<Packed>> {
        match self.passed(mark, cancel) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            passed => passed,
        }
    }

    fn passed(mut self, mark: Mark, cancel: &Cancel) -> io::Result<Option<Packed>> {
        let sealed = mark.sealed();
        while self.position < sealed.start {
            crate::read::unless_stopped(cancel)?;
            let step = (sealed.start - self.position).min(STEP as u64) as usize;
            self.fill(step)?;
            if self.text.is_empty() {
                return Ok(None);
            }
            self.pass(step);
        }
        let length = (sealed.end - sealed.start) as usize;
        self.fill(length)?;
        let has_read = mark.is_after(&self.text[..length.min(self.text.len())]);
        self.pass(length);
        Ok(has_read.then_some(self))
    }

    /// Reads on: one window of complete lines, or less where the limits are reached.
    ///
    /// # Errors
    /// Those of reading; damage; more than 4 GiB of text. What comes before is given first.
    pub fn take(&mut self, limits: Limits, looked: &mut Looked, max_line: usize) -> io::Result<Taken> {
        let window = WINDOW.max(max_line + 1);
        if self.damage.is_none() {
            self.damage = self.fill(window).err();
        }
        let (mut taken, end) = search(&self.text, self.position, limits, looked, max_line)?;
        if end == 0
            && let Some(damage) = self.damage.take()
        {
            return Err(damage);
        }
        taken.is_more |= self.text.len() >= window || self.damage.is_some();
        self.pass(end);
        Ok(taken)
    }

    /// Decompresses until so many bytes wait, or the text ends.
    fn fill(&mut self, length: usize) -> io::Result<()> {
        let missing = length.saturating_sub(self.text.len()) as u64;
        if self.position + self.text.len() as u64 + missing > self.most {
            let message = format!(
                "the compressed text is longer than {} bytes: the rest is not read",
                self.most
            );
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
        }
        let decoder = &mut self.decoder;
        decoder.take(missing).read_to_end(&mut self.text)?;
        Ok(())
    }

    fn pass(&mut self, length: usize) {
        let length = length.min(self.text.len());
        self.text.drain(..length);
        self.position += length as u64;
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(text: &[u8], most: u64) -> Packed {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.gz");
        fs::write(&path, encoder.finish().unwrap()).unwrap();
        let packed = Packed::new(File::open(path).unwrap());
        Packed { most, ..packed }
    }

    #[test]
    fn a_text_goes_on_after_what_was_read() {
        let text = "a line\n".repeat(100_000);
        for position in [1, 7, 70, 700, 70_000, 700_000] {
            let mark = Mark::of(&text.as_bytes()[..position]);
            let after = |text: &[u8]| packed(text, MOST).after(mark, &Cancel::new()).unwrap();
            let mut found = after(text.as_bytes()).unwrap();
            found.fill(10).unwrap();
            assert_eq!(
                found.text,
                &text.as_bytes()[position..(position + 10).min(text.len())]
            );
            assert_eq!(found.position, position as u64);
            assert!(after(&text.as_bytes()[..position - 1]).is_none());
            assert!(after(&text.as_bytes()[1..]).is_none());
        }
    }

    #[test]
    fn a_text_that_is_too_long_is_an_error_and_a_stop_another() {
        let mark = Mark::of(&[0; 300]);
        let error = packed(&[0; 1000], 299).after(mark, &Cancel::new()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        let cancel = Cancel::new();
        cancel.cancel();
        assert!(packed(&[0; 1000], MOST).after(mark, &cancel).is_err());
    }
}
