//! The tasks of a build: each is done once, and every worker ends.

#[path = "../../src/build/queue.rs"]
mod queue;

use std::collections::BTreeMap;
use std::sync::Arc;

use shuttle::sync::{Mutex, mpsc};
use shuttle::thread;

use self::queue::{CHUNK, Queue, Task};
use crate::under_schedules;

/// A file to index: how many pieces it turns out to have, if it is large.
pub(crate) struct Source {
    number: usize,
    pieces: usize,
}

pub(crate) mod large {
    use std::cmp::Ordering;

    /// A piece of a large file.
    pub(crate) struct Piece<'a> {
        pub file: &'a super::Source,
        pub number: usize,
    }

    impl Piece<'_> {
        pub fn by_urgency(&self, other: &Self) -> Ordering {
            (self.file.pieces, other.number).cmp(&(other.file.pieces, self.number))
        }
    }
}

use large::Piece;

/// How often each file, and each piece of a file, was done.
type Done = Arc<Mutex<BTreeMap<(usize, usize), usize>>>;

fn drain<'a>(queue: &Queue<'a>, done: &Done) {
    let count = |file: &Source, piece| *done.lock().unwrap().entry((file.number, piece)).or_default() += 1;
    while let Some(task) = queue.take() {
        match task {
            Task::Files(files, _looking) => {
                for file in files {
                    if file.pieces == 0 {
                        count(file, 0);
                    } else {
                        queue.put((1..=file.pieces).map(|number| Piece { file, number }));
                    }
                }
            }
            Task::Piece(piece) => count(piece.file, piece.number),
        }
    }
}

fn files(count: usize, pieces: impl Fn(usize) -> usize) -> Vec<Source> {
    let file = |number| Source {
        number,
        pieces: pieces(number),
    };
    (0..count).map(file).collect()
}

#[test]
fn every_task_is_done_once_and_every_worker_ends() {
    under_schedules(|| {
        // The last chunk is small, and has a large file: those who have nothing to do have to wait for its pieces.
        let files = files(CHUNK + 2, |number| match number {
            3 => 1,
            number if number == CHUNK + 1 => 3,
            _ => 0,
        });
        let (queue, done) = (Queue::new(&files), Done::default());
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| drain(&queue, &done));
            }
        });
        let done = done.lock().unwrap();
        assert!(done.values().all(|&times| times == 1));
        assert_eq!(done.len(), CHUNK + 2 - 2 + 1 + 3);
    });
}

#[test]
fn pieces_are_taken_while_the_worker_who_found_them_goes_on() {
    under_schedules(|| {
        let files = files(1, |_| 1);
        let queue = Queue::new(&files);
        let (send, receive) = mpsc::channel();
        let receive = Mutex::new(receive);
        let work = |is_taken: mpsc::Sender<()>| {
            while let Some(task) = queue.take() {
                match task {
                    Task::Files(files, _looking) => {
                        let piece = Piece {
                            file: &files[0],
                            number: 1,
                        };
                        queue.put(std::iter::once(piece));
                        receive.lock().unwrap().recv().unwrap();
                    }
                    Task::Piece(_) => is_taken.send(()).unwrap(),
                }
            }
        };
        thread::scope(|scope| {
            let other = send.clone();
            scope.spawn(|| work(send));
            scope.spawn(|| work(other));
        });
    });
}

#[test]
fn a_worker_that_fails_ends_those_that_wait() {
    under_schedules(|| {
        let files = files(1, |_| 0);
        let queue = Queue::new(&files);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| while queue.take().is_some() {});
            }
            scope.spawn(|| {
                if let Some(Task::Files(_, looking)) = queue.take() {
                    queue.stop();
                    // Nobody waits until it has gone through its files.
                    std::mem::forget(looking);
                }
            });
        });
    });
}
