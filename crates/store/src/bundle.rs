//! Several runs of bytes in one: how a table keeps its columns.
//!
//! A bundle of n runs is n ends (`u64`, relative to the first run), then the runs. n is known to the reader.

use crate::bytes::Bytes;
use crate::format::Fields;

/// Joins runs of bytes.
pub(crate) fn join(runs: &[Vec<u8>]) -> Vec<u8> {
    let total: usize = runs.iter().map(Vec::len).sum();
    let mut bytes = Vec::with_capacity(runs.len() * 8 + total);
    let mut end = 0u64;
    for run in runs {
        end += run.len() as u64;
        bytes.extend_from_slice(&end.to_le_bytes());
    }
    runs.iter().for_each(|run| bytes.extend_from_slice(run));
    bytes
}

/// The `N` runs of a bundle, or `None` if the bytes do not hold exactly those.
pub(crate) fn split<const N: usize>(bytes: &Bytes) -> Option<[Bytes; N]> {
    let mut ends = Fields::new(bytes.get(..N * 8)?);
    let mut runs = Vec::with_capacity(N);
    let mut start = N * 8;
    for _ in 0..N {
        let end = usize::try_from(ends.u64()?).ok()?.checked_add(N * 8)?;
        runs.push(bytes.slice(start..end)?);
        start = end;
    }
    (start == bytes.len()).then_some(())?;
    runs.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_come_back_and_wrong_ends_do_not() {
        let bytes = join(&[b"ab".to_vec(), Vec::new(), b"cde".to_vec()]);
        let runs = split::<3>(&bytes.clone().into()).unwrap();
        assert_eq!(
            runs.each_ref().map(|run| run.to_vec()),
            [b"ab".to_vec(), vec![], b"cde".to_vec()]
        );
        assert!(split::<3>(&bytes[..bytes.len() - 1].to_vec().into()).is_none());
        for at in 0..24 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x81;
            if let Some(runs) = split::<3>(&damaged.into()) {
                assert_eq!(runs.iter().map(|run| run.len()).sum::<usize>(), 5);
            }
        }
    }
}
