//! Windows refuses for a moment what it allows a moment later.
//!
//! A file that another program has just opened (a virus scanner, an indexer, a backup) or that is being replaced can
//! neither be replaced nor opened for as long; older Windows and some file systems do not even let a file be replaced
//! that is open for reading. None of them keeps it for long, so trying again is what git, Go and rustup do too.

use std::io;
use std::thread;
use std::time::Duration;

/// How long to wait before each further attempt, in milliseconds: about half a second in all.
const WAITS: [u64; 9] = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/// The result of `attempt`, on Windows that of the last of several if the others were refused for what passes.
pub(crate) fn patiently<T>(attempt: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let waits: &[u64] = if cfg!(windows) { &WAITS } else { &[] };
    again(attempt, waits, thread::sleep)
}

fn again<T>(
    mut attempt: impl FnMut() -> io::Result<T>,
    waits: &[u64],
    wait: impl Fn(Duration),
) -> io::Result<T> {
    for &milliseconds in waits {
        match attempt() {
            Err(error) if passes(&error) => wait(Duration::from_millis(milliseconds)),
            result => return result,
        }
    }
    attempt()
}

/// Whether it may be only for a moment: access denied, or a sharing violation.
fn passes(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(5 | 32))
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    /// What comes of an attempt that fails `refusals` times with error `code`, and the waits between.
    fn after(refusals: usize, code: i32) -> (Result<(), Option<i32>>, Vec<Duration>) {
        let (calls, waited) = (Cell::new(0), RefCell::new(Vec::new()));
        let attempt = || {
            calls.set(calls.get() + 1);
            if calls.get() > refusals {
                Ok(())
            } else {
                Err(io::Error::from_raw_os_error(code))
            }
        };
        let result = again(attempt, &WAITS, |time| waited.borrow_mut().push(time));
        assert_eq!(calls.get(), waited.borrow().len() + 1);
        (result.map_err(|error| error.raw_os_error()), waited.into_inner())
    }

    #[test]
    fn what_passes_is_waited_for() {
        for code in [5, 32] {
            assert_eq!(after(0, code), (Ok(()), vec![]));
            assert_eq!(
                after(2, code),
                (Ok(()), [1, 2].map(Duration::from_millis).to_vec())
            );
            assert_eq!(after(9, code).0, Ok(()));
        }
    }

    #[test]
    fn patience_ends() {
        let (result, waited) = after(usize::MAX, 5);
        assert_eq!(result, Err(Some(5)));
        assert!(waited.iter().sum::<Duration>() < Duration::from_secs(1));
    }

    #[test]
    fn what_stays_is_reported_at_once() {
        assert_eq!(after(1, 2), (Err(Some(2)), vec![]));
    }
}
