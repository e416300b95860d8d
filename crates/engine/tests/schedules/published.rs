//! The state that queries see, while one thread changes it and others find newer ones in the store: it never goes back.

#[path = "../../src/published.rs"]
mod module;

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use shuttle::sync::atomic::AtomicU32;
use shuttle::thread;

use self::module::Published;
use crate::under_schedules;

/// A generation, with so many changes in memory.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    generation: u32,
    overlay: u32,
}

/// As the engine decides it.
fn is_beyond(known: &State, read: &State) -> bool {
    known.overlay > 0 || known.generation > read.generation
}

#[derive(Default)]
struct Engine {
    published: Published<State>,
    /// The generation in the store.
    stored: AtomicU32,
}

impl Engine {
    fn read(&self) -> Arc<State> {
        let generation = self.stored.load(SeqCst);
        thread::yield_now();
        Arc::new(State {
            generation,
            overlay: 0,
        })
    }

    /// What a query does first.
    fn follow(&self) -> Arc<State> {
        match self.published.get() {
            Some(known) if known.overlay > 0 || known.generation == self.stored.load(SeqCst) => known,
            _ => self.published.offer(self.read(), is_beyond),
        }
    }

    fn apply(&self) {
        let known = self.follow();
        self.published.set(Some(Arc::new(State {
            generation: known.generation,
            overlay: known.overlay + 1,
        })));
    }

    fn commit(&self) {
        self.stored.fetch_add(1, SeqCst);
        self.published.set(Some(self.read()));
    }
}

#[test]
fn a_search_never_takes_back_a_change() {
    under_schedules(|| {
        let engine = Engine::default();
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let first = engine.follow();
                    let second = engine.follow();
                    assert!(second >= first, "{second:?} after {first:?}");
                });
            }
            for _ in 0..2 {
                engine.apply();
                assert!(engine.follow().overlay > 0, "what was applied is there");
                engine.commit();
                let state = engine.stored.load(SeqCst);
                assert_eq!(engine.follow().generation, state, "what was committed is there");
            }
        });
    });
}
