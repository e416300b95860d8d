//! The queue: folding, being due, taking, finishing and giving back. No file and no clock is involved.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use quern_watch::{Batch, Changes, Pending, Queue, Reason, WatchOptions};

const MS: Duration = Duration::from_millis(1);

fn queue() -> (Queue, Instant) {
    (Queue::new(&WatchOptions::default()), Instant::now())
}

fn push(queue: &mut Queue, path: &str, now: Instant) {
    queue.push(Path::new(path), now);
}

fn paths(batch: &Batch) -> Vec<&str> {
    match batch.changes() {
        Changes::Paths(changes) => changes
            .iter()
            .map(|change| change.path.to_str().unwrap())
            .collect(),
        Changes::Everything { .. } => vec!["everything"],
    }
}

fn pending(queue: &Queue) -> Vec<String> {
    match queue.pending() {
        Pending::Nothing => Vec::new(),
        Pending::Paths(paths) => paths.iter().map(|path| path.to_str().unwrap().into()).collect(),
        Pending::Everything(reason) => vec![reason.name().into()],
    }
}

#[test]
fn a_batch_is_due_a_delay_after_its_first_event() {
    let (mut queue, start) = queue();
    assert_eq!((queue.due(), queue.is_empty()), (None, true));
    assert!(queue.take().is_none());
    push(&mut queue, "a", start);
    push(&mut queue, "b", start + 60 * MS);
    assert_eq!(queue.due(), Some(start + 100 * MS));
    let batch = queue.take().unwrap();
    assert_eq!((queue.due(), paths(&batch)), (None, vec!["a", "b"]));
    push(&mut queue, "a", start + 500 * MS);
    assert_eq!(queue.due(), Some(start + 600 * MS));
}

#[test]
fn a_batch_with_enough_paths_is_due_at_once() {
    let mut queue = Queue::new(&WatchOptions {
        events: 3,
        delay: 400 * MS,
        ..WatchOptions::default()
    });
    let start = Instant::now();
    for count in 0..9 {
        push(&mut queue, "log", start + count * MS);
    }
    push(&mut queue, "b", start + 10 * MS);
    assert_eq!(queue.due(), Some(start + 400 * MS), "one path counts once");
    push(&mut queue, "c", start + 20 * MS);
    assert!(queue.due().unwrap() <= start + 20 * MS);
}

#[test]
fn events_of_a_path_are_joined() {
    let (mut queue, start) = queue();
    for (path, after) in [
        ("a/b/x", 0),
        ("a/b/x", 5),
        ("a/b", 7),
        ("a/b/y/z", 9),
        ("a/bc", 9),
    ] {
        push(&mut queue, path, start + after * MS);
    }
    let batch = queue.take().unwrap();
    assert_eq!(paths(&batch), ["a/b", "a/bc"]);
    let Changes::Paths(changes) = batch.changes() else {
        panic!("single paths");
    };
    let first = &changes[0];
    assert_eq!((first.first, first.last, first.count), (start, start + 9 * MS, 4));
}

#[test]
fn what_was_taken_is_pending_until_it_is_finished() {
    let (mut queue, start) = queue();
    push(&mut queue, "a", start);
    let first = queue.take().unwrap();
    push(&mut queue, "a", start + MS);
    push(&mut queue, "b", start + MS);
    let second = queue.take().unwrap();
    assert_eq!(pending(&queue), ["a", "a", "b"]);
    queue.finish(&first);
    assert_eq!(pending(&queue), ["a", "b"]);
    queue.finish(&second);
    queue.finish(&second);
    assert_eq!((pending(&queue), queue.is_empty()), (vec![], true));
}

#[test]
fn what_is_given_back_waits_again_with_its_times() {
    let (mut queue, start) = queue();
    for count in 0..60 {
        push(&mut queue, &count.to_string(), start);
    }
    let batch = queue.take().unwrap();
    let later = start + 900 * MS;
    queue.retry(&batch, later);
    assert_eq!(queue.due(), Some(later + 100 * MS), "a whole delay, however many");
    let again = queue.take().unwrap();
    assert_eq!(again.changes(), batch.changes());
    queue.everything(Reason::Overflow, later);
    queue.retry(&again, later);
    let all = queue.take().unwrap();
    let expected = Changes::Everything {
        reason: Reason::Overflow,
        first: start,
    };
    assert_eq!(all.changes(), &expected);
    push(&mut queue, "x", later);
    queue.retry(&all, later);
    assert_eq!(queue.take().unwrap().changes(), &expected);
}

#[test]
fn everything_takes_single_paths_in() {
    let (mut queue, start) = queue();
    push(&mut queue, "a", start);
    queue.everything(Reason::Overflow, start + 5 * MS);
    push(&mut queue, "b", start + 6 * MS);
    queue.everything(Reason::Polling, start + 7 * MS);
    assert_eq!(queue.due(), Some(start + 100 * MS));
    let batch = queue.take().unwrap();
    let expected = Changes::Everything {
        reason: Reason::Overflow,
        first: start,
    };
    assert_eq!(batch.changes(), &expected);
    push(&mut queue, "c", start);
    assert_eq!(pending(&queue), ["overflow"], "taken and not finished");
    queue.finish(&batch);
    assert_eq!(pending(&queue), ["c"]);
}

#[test]
fn ten_thousand_paths_are_kept_and_one_more_is_everything() {
    let (mut queue, start) = queue();
    for count in 0..10_000 {
        push(&mut queue, &format!("{count}"), start);
    }
    assert!(matches!(queue.pending(), Pending::Paths(paths) if paths.len() == 10_000));
    push(&mut queue, "7/below", start);
    assert!(matches!(queue.pending(), Pending::Paths(_)));
    push(&mut queue, "one more", start);
    assert_eq!(pending(&queue), ["too-many"]);
}

proptest! {
    #[test]
    fn nothing_is_lost_and_nothing_is_said_twice(
        events in proptest::collection::vec("[ab](/[ab-]){0,3}", 1..40),
    ) {
        let (mut queue, start) = queue();
        for path in &events {
            push(&mut queue, path, start);
        }
        let batch = queue.take().unwrap();
        let found: BTreeSet<PathBuf> = paths(&batch).into_iter().map(PathBuf::from).collect();
        let given: BTreeSet<PathBuf> = events.iter().map(PathBuf::from).collect();
        let tops = given.iter().filter(|path| !path.ancestors().skip(1).any(|folder| given.contains(folder)));
        prop_assert_eq!(found, tops.cloned().collect());
        let Changes::Paths(changes) = batch.changes() else { panic!("single paths") };
        prop_assert_eq!(changes.iter().map(|change| change.count).sum::<u64>(), events.len() as u64);
    }
}

#[test]
fn what_ranks_first_is_taken_first() {
    let (mut queue, start) = queue();
    for path in ["b/1", "a/2", "c/1", "a/1", "c/2"] {
        push(&mut queue, path, start);
    }
    let by_name = |path: &std::path::Path| path.file_name().map(ToOwned::to_owned);
    let first = queue.take_first(by_name).unwrap();
    assert_eq!(paths(&first), ["a/1", "b/1", "c/1"]);
    assert_eq!(pending(&queue), ["a/2", "c/2", "a/1", "b/1", "c/1"]);
    // What is left has waited already.
    assert_eq!(queue.due(), Some(start));
    queue.finish(&first);
    push(&mut queue, "a/2", start + 5 * MS);
    let second = queue.take_first(by_name).unwrap();
    assert_eq!((paths(&second), queue.due()), (vec!["a/2", "c/2"], None));
    queue.everything(Reason::Overflow, start);
    let batch = queue.take_first(by_name).unwrap();
    assert!(matches!(batch.changes(), Changes::Everything { .. }));
}
