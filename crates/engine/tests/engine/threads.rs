//! Threads that search while another one changes: nothing that was applied is lost, and no reader goes back.
//!
//! This is the whole engine, under the schedules that happen to come up, so a race shows only now and then.
//! `tests/schedules` has the modules in which there could be one, under thousands of schedules.

use std::sync::atomic::{AtomicBool, Ordering};

use quern_engine::{Cancel, Change, Freshness};
use tempfile::TempDir;

use crate::opened::Opened;

/// The number that the file says.
fn number(opened: &Opened, freshness: Freshness) -> u32 {
    let (lines, _) = opened.lines(".", freshness);
    let [line] = &lines[..] else {
        panic!("{lines:?}");
    };
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

/// A search that opened a generation just when it was committed could put it in the place of a later state.
#[test]
fn a_search_never_takes_back_a_change() {
    let rounds = std::env::var("QUERN_ROUNDS").map_or(300, |rounds| rounds.parse().unwrap());
    let root = TempDir::new().unwrap();
    let opened = Opened::new(root.path());
    let cancel = Cancel::new();
    let give = |number: u32| {
        let change = Change::Give {
            path: "a.txt".into(),
            text: format!("number {number}\n").into_bytes(),
        };
        opened.index.apply(vec![change], &cancel).unwrap();
    };
    give(0);
    /// Ends the readers however the writer ends.
    struct Done<'a>(&'a AtomicBool);
    impl Drop for Done<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let is_done = AtomicBool::new(false);
    let read = || {
        let mut last = 0;
        while !is_done.load(Ordering::Relaxed) {
            for freshness in [Freshness::Snapshot, Freshness::Verified] {
                let found = number(&opened, freshness);
                assert!(found >= last, "{found} after {last}");
                last = found;
            }
        }
    };
    std::thread::scope(|scope| {
        let writing = Done(&is_done);
        let readers = [scope.spawn(read), scope.spawn(read), scope.spawn(read)];
        for round in 1..=rounds {
            give(round);
            assert_eq!(number(&opened, Freshness::Snapshot), round);
            if round % 3 > 0 {
                opened.index.flush(&cancel).unwrap();
            }
        }
        drop(writing);
        for reader in readers {
            reader.join().unwrap();
        }
    });
}
