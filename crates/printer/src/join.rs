//! Files' outputs made one: the separators between them.

use crate::settings::Settings;

/// Knows whether anything has been printed yet.
#[derive(Debug)]
pub(crate) struct Joiner {
    separator: Option<Vec<u8>>,
    sequential: bool,
    printed: bool,
    /// Bytes of separators that ripgrep's printer would have counted as its own output.
    pub counted: u64,
}

impl Joiner {
    pub fn new(settings: &Settings) -> Joiner {
        Joiner {
            separator: settings.file_separator.clone(),
            sequential: settings.sequential,
            printed: false,
            counted: 0,
        }
    }

    /// Called before the first of the bytes that one file (or the totals) adds to `out`.
    pub fn begin(&mut self, out: &mut Vec<u8>, has_prelude: bool) {
        let wanted = self.printed && (has_prelude || !self.sequential);
        self.printed = true;
        if let Some(separator) = self.separator.as_ref().filter(|_| wanted) {
            out.extend_from_slice(separator);
            if self.sequential {
                self.counted += separator.len() as u64;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(sequential: bool) -> (Vec<u8>, u64) {
        let mut joiner = Joiner {
            separator: Some(b"--\n".to_vec()),
            sequential,
            printed: false,
            counted: 0,
        };
        let mut out = Vec::new();
        for (text, has_prelude) in [("a", true), ("b", true), ("binary", false)] {
            joiner.begin(&mut out, has_prelude);
            out.extend_from_slice(text.as_bytes());
        }
        (out, joiner.counted)
    }

    #[test]
    fn a_printer_forgets_the_separator_before_a_bare_remark() {
        assert_eq!(joined(true), (b"a--\nbbinary".to_vec(), 3));
        assert_eq!(joined(false), (b"a--\nb--\nbinary".to_vec(), 0));
    }
}
