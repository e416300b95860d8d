//! Turns and the keeper's alarm: one thread at a time, nobody is forgotten, and the store's lock is let go when nothing needs
//! it.

#[path = "../../src/change/alarm.rs"]
mod alarm;
#[path = "../../src/change/turn.rs"]
mod turn;

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use shuttle::sync::atomic::{AtomicBool, AtomicUsize};
use shuttle::thread;

use self::alarm::Alarm;
use self::turn::Turn;
use crate::under_schedules;

/// A store that one holder can lock, with an index that changes.
#[derive(Default)]
struct Engine {
    turn: Turn<Writer>,
    locked: Arc<AtomicBool>,
    /// Something is in memory only.
    unsaved: AtomicBool,
    /// No turn may begin.
    closed: AtomicBool,
    writing: AtomicBool,
    changes: AtomicUsize,
}

/// The store's lock, let go with its last clone.
type Writer = Arc<Lock>;

struct Lock(Arc<AtomicBool>);

impl Drop for Lock {
    fn drop(&mut self) {
        assert!(self.0.swap(false, SeqCst));
    }
}

impl Engine {
    fn lock(&self) -> Writer {
        let is_taken = self.locked.swap(true, SeqCst);
        assert!(
            !is_taken,
            "whoever has a turn finds the store unlocked, or has its lock"
        );
        Arc::new(Lock(Arc::clone(&self.locked)))
    }

    /// `None`: it is closed.
    fn begin(&self) -> Option<Writer> {
        let may_begin = || if self.closed.load(SeqCst) { Err(()) } else { Ok(()) };
        let kept = self.turn.begin(may_begin).ok()?;
        let writer = kept.unwrap_or_else(|| self.lock());
        assert!(!self.writing.swap(true, SeqCst), "two have their turn");
        Some(writer)
    }

    fn end(&self, writer: Writer) {
        self.writing.store(false, SeqCst);
        self.turn.end(Some(writer), || self.unsaved.load(SeqCst));
    }

    /// A turn that leaves something in memory, or writes it.
    fn change(&self, unsaved: bool) {
        let Some(writer) = self.begin() else { return };
        let before = self.changes.load(SeqCst);
        thread::yield_now();
        self.changes.store(before + 1, SeqCst);
        self.unsaved.store(unsaved, SeqCst);
        self.end(writer);
    }

    /// A merge: a turn to begin, one to commit.
    fn merge(&self) {
        let Some(writer) = self.begin() else { return };
        self.turn.pause();
        let paused = Arc::clone(&writer);
        self.end(writer);
        thread::yield_now();
        self.change(self.unsaved.load(SeqCst));
        drop(paused);
        self.turn.resume(|| self.unsaved.load(SeqCst));
    }
}

#[test]
fn one_thread_at_a_time_has_its_turn_and_the_lock_is_let_go() {
    under_schedules(|| {
        let engine = Engine::default();
        thread::scope(|scope| {
            scope.spawn(|| {
                engine.change(true);
                engine.change(false);
            });
            scope.spawn(|| engine.merge());
            scope.spawn(|| engine.change(false));
        });
        assert_eq!(engine.changes.load(SeqCst), 4);
        assert_eq!(engine.locked.load(SeqCst), engine.unsaved.load(SeqCst));
    });
}

#[test]
fn a_turn_that_begins_while_another_ends_keeps_what_that_had() {
    under_schedules(|| {
        let engine = Engine::default();
        engine.change(true);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| engine.change(true));
            }
        });
        assert!(engine.locked.load(SeqCst));
        engine.change(false);
        assert!(!engine.locked.load(SeqCst));
    });
}

#[test]
fn the_store_is_let_go_for_good_when_the_last_turn_is_finished() {
    under_schedules(|| {
        let engine = Engine::default();
        engine.change(true);
        thread::scope(|scope| {
            scope.spawn(|| engine.merge());
            scope.spawn(|| engine.change(true));
            engine.closed.store(true, SeqCst);
            let Ok(()) = engine.turn.finish(|| Ok::<(), Infallible>(()));
            assert!(!engine.locked.load(SeqCst));
        });
        assert!(!engine.locked.load(SeqCst));
    });
}

#[test]
fn the_keeper_sees_everything_that_it_was_woken_for_and_ends() {
    under_schedules(|| {
        let alarm = Alarm::default();
        let [told, seen] = [AtomicUsize::new(0), AtomicUsize::new(0)];
        let tell = || {
            told.fetch_add(1, SeqCst);
            alarm.wake();
        };
        thread::scope(|scope| {
            let keeper = scope.spawn(|| {
                while alarm.wait(None) {
                    let now = told.load(SeqCst);
                    thread::yield_now();
                    seen.store(now, SeqCst);
                    if now == 3 {
                        break;
                    }
                }
            });
            scope.spawn(|| {
                tell();
                tell();
            });
            scope.spawn(tell);
            keeper.join().unwrap();
            assert_eq!(seen.load(SeqCst), 3);
            let other = scope.spawn(|| while alarm.wait(None) {});
            alarm.stop();
            other.join().unwrap();
        });
    });
}
