//! Telling copies from new text.
//!
//! A log that is rotated by `copytruncate` is copied to a name beside it, then truncated. The copy is new, but what it
//! says is not. So a new file is compared with those whose names, at present or before, its own was made from: while it says
//! what one of these says, it waits; when that one begins anew or goes, the copy is read on from where the original had been
//! read to, which loses nothing and gives nothing twice.

use std::fs::File;
use std::io;

use crate::follow::tail::read_at;
use crate::packed::unpacked_name;

/// Bytes that are compared at the start and at the end of what two files have in common.
const COMPARED: u64 = 4 << 10;

/// Two files may begin with less of the same bytes, and one go on, without being copies.
const TELLING: u64 = 64;

/// The paths of files that `path` may be a copy of, by its name, the most likely first: `a.log` for `a.log.1`, `a.log-20260101` and
/// `a-20260101.log`, compressed or not.
pub(super) fn originals(path: &[u8]) -> Vec<Vec<u8>> {
    let name = memchr::memrchr(b'/', path).map_or(0, |slash| slash + 1);
    let shorter = (name + 1..path.len()).rev().map(|end| path[..end].to_vec());
    let path = unpacked_name(path);
    let extension = memchr::memrchr(b'.', &path[name..]).map_or(path.len(), |dot| name + dot);
    let inserted = (name + 1..path.len())
        .rev()
        .filter(|&end| end < extension && extension < path.len())
        .map(|end| [&path[..end], &path[extension..]].concat());
    shorter.chain(inserted).collect()
}

/// How a file compares with one that it may be a copy of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Likeness {
    /// They differ.
    Other,
    /// It says the same, as far as it goes: so many bytes.
    Same(u64),
    /// It says the same, and more, from here on.
    Longer(u64),
}

/// Compares files of these sizes, by the ends of what they have in common.
///
/// # Errors
/// Those of reading.
pub(super) fn compare(copy: (&mut File, u64), original: (&mut File, u64)) -> io::Result<Likeness> {
    let common = copy.1.min(original.1);
    let length = common.min(COMPARED) as usize;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for from in [0, common - length as u64] {
        read_at(copy.0, from, length, &mut ours)?;
        read_at(original.0, from, length, &mut theirs)?;
        if ours != theirs {
            return Ok(Likeness::Other);
        }
    }
    Ok(match copy.1 > common {
        true if common < TELLING => Likeness::Other,
        true => Likeness::Longer(common),
        false => Likeness::Same(common),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_rotated_files_lead_to_the_original() {
        let leads = |path: &str, original: &str| {
            let names = originals(path.as_bytes());
            names.iter().any(|name| name == original.as_bytes())
        };
        assert!(leads("x/a.log.1", "x/a.log"));
        assert!(leads("a.log.1.gz", "a.log"));
        assert!(leads("a.log-20260101", "a.log"));
        assert!(leads("x/a-20260101.log", "x/a.log"));
        assert!(leads("x/a-20260101.log.gz", "x/a.log"));
        assert!(leads("a.2026-01-01.log", "a.log"));
        assert!(!leads("a.log", "a.log"));
        assert!(!leads("x/a.log", "y/a.log"));
        assert!(!leads("b.log", "a.log"));
        assert!(originals(b"a").is_empty());
    }
}
