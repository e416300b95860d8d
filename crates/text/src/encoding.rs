//! Which encoding a file's bytes are in, and how they become UTF-8: grep-searcher's rules, through the same decoder
//! (`encoding_rs_io`) configured in the same way.
//!
//! Its subtleties come along. A mark is always dropped, unless encodings are off (`-E none`). A UTF-16 mark wins over a
//! label that the user gives; a UTF-8 mark does not, and without a label the rest of such a file is taken as it is,
//! valid or not. UTF-8 given as a label replaces invalid bytes by U+FFFD.

use std::io::{self, Read};

use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};

use crate::error::{Error, ErrorKind};

/// What the first bytes of a file say about the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Encoding {
    /// No mark: searched as it is.
    #[default]
    Bytes = 0,
    /// A UTF-8 mark: searched as it is from the fourth byte on.
    Utf8Bom = 1,
    /// A UTF-16 mark, little-endian: decoded.
    Utf16Le = 2,
    /// A UTF-16 mark, big-endian: decoded.
    Utf16Be = 3,
}

impl Encoding {
    /// The encoding with this number, as `encoding as u8` gives it.
    pub fn from_u8(number: u8) -> Option<Encoding> {
        [
            Encoding::Bytes,
            Encoding::Utf8Bom,
            Encoding::Utf16Le,
            Encoding::Utf16Be,
        ]
        .into_iter()
        .find(|encoding| *encoding as u8 == number)
    }

    /// Length of the mark, in bytes.
    pub fn mark_len(self) -> usize {
        match self {
            Encoding::Bytes => 0,
            Encoding::Utf8Bom => 3,
            Encoding::Utf16Le | Encoding::Utf16Be => 2,
        }
    }

    /// Whether the text is a part of the file's bytes: what is found in it can be read back by offset.
    pub fn is_verbatim(self) -> bool {
        matches!(self, Encoding::Bytes | Encoding::Utf8Bom)
    }
}

/// The encoding that the mark at the start of `prefix` stands for. Three bytes are enough.
pub fn sniff(prefix: &[u8]) -> Encoding {
    match prefix {
        [0xEF, 0xBB, 0xBF, ..] => Encoding::Utf8Bom,
        [0xFF, 0xFE, ..] => Encoding::Utf16Le,
        [0xFE, 0xFF, ..] => Encoding::Utf16Be,
        _ => Encoding::Bytes,
    }
}

/// The user's choice of encoding (`-E`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Label {
    /// A mark decides.
    #[default]
    Auto,
    /// Bytes as they are, marks included.
    None,
    /// This encoding, unless there is a UTF-16 mark.
    Named(&'static encoding_rs::Encoding),
}

/// What ripgrep understands by `-E label`: `auto`, `none`, or a label of the WHATWG Encoding Standard.
///
/// # Errors
/// [`ErrorKind::UnknownEncoding`].
pub fn resolve_encoding(label: &str) -> Result<Label, Error> {
    match label {
        "auto" => Ok(Label::Auto),
        "none" => Ok(Label::None),
        _ => encoding_rs::Encoding::for_label_no_replacement(label.as_bytes())
            .map(Label::Named)
            .ok_or_else(|| Error::new(ErrorKind::UnknownEncoding(label.to_string()))),
    }
}

/// The text of the file whose bytes `source` gives, exactly as grep-searcher would search it.
pub fn decode<R: Read>(label: Label, source: R) -> Decoded<R> {
    let sniffing = label != Label::None;
    let named = match label {
        Label::Named(encoding) => Some(encoding),
        Label::Auto | Label::None => None,
    };
    let decoder = DecodeReaderBytesBuilder::new()
        .encoding(named)
        .utf8_passthru(true)
        .strip_bom(sniffing)
        .bom_override(true)
        .bom_sniffing(sniffing)
        .build(Steady(source));
    Decoded {
        decoder,
        spill: [0; SPILL],
        pos: 0,
        len: 0,
    }
}

/// A reader of text, made by [`decode`].
///
/// The decoder loses the end of a text in two cases, which this keeps from it: when it is interrupted there by a signal,
/// and when it is given less room there than its last character needs.
pub struct Decoded<R> {
    decoder: DecodeReaderBytes<Steady<R>, Vec<u8>>,
    spill: [u8; SPILL],
    pos: usize,
    len: usize,
}

/// Reads of less than this go through a buffer.
const SPILL: usize = 16;

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.pos == self.len {
            if buffer.len() >= SPILL {
                return self.decoder.read(buffer);
            }
            self.pos = 0;
            self.len = self.decoder.read(&mut self.spill)?;
        }
        let count = (&self.spill[self.pos..self.len]).read(buffer)?;
        self.pos += count;
        Ok(count)
    }
}

/// Reads again when a signal interrupts.
pub(crate) struct Steady<R>(pub(crate) R);

impl<R: Read> Read for Steady<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }
}
