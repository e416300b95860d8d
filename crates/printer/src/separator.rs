//! Separators as they are written on a command line.
//!
//! ripgrep reads `\t`, `\n`, `\\` and `\xFF` in the values of its separator flags; bytes that are not valid UTF-8 can be
//! given no other way.

use bstr::ByteVec;

use crate::error::{Error, ErrorKind};

/// The bytes that a separator flag's value stands for, as for `--context-separator`.
pub fn parse_separator(value: &str) -> Vec<u8> {
    Vec::unescape_bytes(value)
}

/// The byte that `--path-separator` stands for; an empty value is the system's own separator.
///
/// # Errors
/// [`ErrorKind::PathSeparator`] unless the value is at most one byte.
pub fn parse_path_separator(value: &str) -> Result<Option<u8>, Error> {
    match parse_separator(value).as_slice() {
        [] => Ok(None),
        [byte] => Ok(Some(*byte)),
        bytes => Err(Error::new(ErrorKind::PathSeparator {
            value: value.to_owned(),
            length: bytes.len(),
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read() {
        assert_eq!(parse_separator(r"\t\x00\xFFz"), b"\t\x00\xFFz");
        assert_eq!(parse_separator(""), b"");
    }

    #[test]
    fn a_path_separator_is_one_byte() {
        assert_eq!(parse_path_separator(r"\").unwrap(), Some(b'\\'));
        assert_eq!(parse_path_separator("").unwrap(), None);
        assert!(
            parse_path_separator("//")
                .unwrap_err()
                .to_string()
                .contains("2 bytes")
        );
    }
}
