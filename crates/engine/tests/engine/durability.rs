//! Whatever goes wrong at whichever call to the disk: an open index goes on answering what was applied to it, and an index
//! that is opened again has all that was acknowledged as durable, or the state that was being written, never a mixture.
//!
//! A life is a list of steps. It is lived once for every third call that it makes, and the faults take turns; with
//! `QUERN_FAULTS=all`, for each fault at each call. Steps that fail are tried again. `QUERN_FAULT_PAIRS` says how many random
//! pairs of faults are tried, `QUERN_SEED` from which seed.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use quern_engine::{
    Cancel, Change, Code, Error, Freshness, Index, OpenOptions, Pools, Progress, SearchRequest,
};
use quern_store::SystemDisk;
use quern_testkit::Rng;
use tempfile::TempDir;

use crate::faulty::{Fault, FaultyDisk, fresh, fresh_copy};
use crate::opened::{lines, options, try_open};

/// What an index answers for: by path, the text that was given, or `None`: what is on disk.
type State = BTreeMap<String, Option<String>>;

#[derive(Clone, Copy, Debug)]
enum Step {
    Open,
    Give(&'static str, &'static str),
    Remove(&'static str),
    Look(&'static str),
    /// Writes a file, without telling the index.
    Edit(&'static str, &'static str),
    Flush,
    Compact,
    Refresh,
    /// Builds the terms of what has none.
    Rank,
    Close,
}

use Step::{Close, Compact, Edit, Flush, Give, Look, Open, Rank, Refresh, Remove};

/// Changes of each kind, and all that makes them durable.
const CHANGES: &[Step] = &[
    Open,
    Give("a.txt", "given to a"),
    Give("new/e.txt", "given to e"),
    Flush,
    Remove("sub"),
    Give("a.txt", "given to a again"),
    Look("b.txt"),
    Flush,
    Give("f.txt", "given to f"),
    Compact,
    Edit("b.txt", "b as it was edited"),
    Edit("a.txt", "hidden by what was given"),
    Edit("sub/g.txt", "a new file"),
    Give("f.txt", "given to f again"),
    Refresh,
    Look("a.txt"),
    Give("h.txt", "given to h"),
    Close,
    Open,
    Give("i.txt", "given to i"),
    Close,
];

/// So many flushes that one of them merges what they wrote.
const MERGES: &[Step] = &[
    Open,
    Give("1.txt", "one"),
    Flush,
    Give("2.txt", "two"),
    Flush,
    Give("3.txt", "three"),
    Flush,
    Give("4.txt", "four"),
    Flush,
    Give("5.txt", "five"),
    Flush,
    Give("6.txt", "six"),
    Flush,
    Give("7.txt", "seven"),
    Remove("3.txt"),
    Flush,
    Give("8.txt", "eight"),
    Flush,
    Give("9.txt", "nine"),
    Close,
];

/// Terms that are added to segments, written with them, and merged.
const RANKS: &[Step] = &[
    Open,
    Give("a.txt", "given to a"),
    Rank,
    Edit("b.txt", "b as it was edited"),
    Give("c.txt", "given to c"),
    Flush,
    Edit("sub/g.txt", "a new file"),
    Refresh,
    Rank,
    Remove("a.txt"),
    Compact,
    Give("d.txt", "given to d"),
    Close,
    Open,
    Rank,
    Close,
];

const ERRORS: &[Fault] = &[
    Fault::Error(ErrorKind::StorageFull),
    Fault::Error(ErrorKind::PermissionDenied),
    Fault::Short,
];
const CRASHES: &[Fault] = &[Fault::CrashBefore, Fault::CrashAfter];

/// A folder, its index, and what that should say.
struct Life {
    root: TempDir,
    store: TempDir,
    disk: FaultyDisk,
    /// Before this call nothing can be amiss.
    first_fault: usize,
    index: Option<Arc<Index>>,
    /// What the open index answers.
    applied: State,
    /// What was acknowledged as durable last. `None`: nothing was.
    durable: Option<State>,
    /// What may have become durable since, though it was not acknowledged.
    in_flight: Vec<State>,
}

fn files_below(root: &Path, folder: &Path, found: &mut State) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(root, &path, found);
        } else {
            let relative = path.strip_prefix(root).unwrap().to_string_lossy();
            found.insert(relative.replace('\\', "/"), None);
        }
    }
}

/// All rows that a search for everything gives.
fn expected(root: &Path, state: &State) -> Vec<String> {
    let mut paths: Vec<&String> = state.keys().collect();
    paths.sort_by(|a, b| a.split('/').cmp(b.split('/')));
    let row = |path: &String| match &state[path] {
        Some(text) => format!("{path}:1:{text}"),
        None => format!("{path}:1:{}", fs::read_to_string(root.join(path)).unwrap()),
    };
    paths.into_iter().map(row).collect()
}

impl Life {
    fn new(disk: FaultyDisk) -> Life {
        let root = fresh();
        for (path, text) in [
            ("a.txt", "a on disk"),
            ("b.txt", "b on disk"),
            ("sub/c.txt", "c on disk"),
        ] {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            // However slow the machine, it is young when it is indexed: else a snapshot may answer its old text from the cache.
            let file = fs::File::options().write(true).open(path).unwrap();
            file.set_modified(SystemTime::now() + Duration::from_secs(3600))
                .unwrap();
        }
        Life {
            root,
            store: fresh(),
            disk,
            first_fault: 0,
            index: None,
            applied: State::new(),
            durable: None,
            in_flight: Vec::new(),
        }
    }

    fn options(&self) -> OpenOptions {
        OpenOptions {
            disk: Arc::new(self.disk.clone()),
            flush_after: Duration::MAX,
            memory: Some(32 << 20),
            cache: Some(1 << 20),
            ..options(self.root.path(), &self.store)
        }
    }

    /// What the folder holds, with what was given in its place.
    fn refreshed(&self) -> State {
        let mut state = State::new();
        files_below(self.root.path(), self.root.path(), &mut state);
        let given = self.applied.iter().filter(|(_, text)| text.is_some());
        state.extend(given.map(|(path, text)| (path.clone(), text.clone())));
        state
    }

    /// What the index should answer once a step is done.
    fn after(&self, step: Step) -> State {
        let mut next = self.applied.clone();
        match step {
            Open | Refresh => next = self.refreshed(),
            Give(path, text) => drop(next.insert(path.into(), Some(text.into()))),
            Remove(path) => next.retain(|name, _| name != path && !name.starts_with(&format!("{path}/"))),
            Look(path) if self.root.path().join(path).exists() => drop(next.insert(path.into(), None)),
            Look(path) => drop(next.remove(path)),
            Edit(..) | Flush | Compact | Rank | Close => {}
        }
        next
    }

    fn call(&mut self, step: Step) -> Result<(), Error> {
        let cancel = Cancel::new();
        if let Open = step {
            self.index = Some(try_open(self.options())?);
            return Ok(());
        }
        if let Edit(path, text) = step {
            fs::create_dir_all(self.root.path().join(path).parent().unwrap()).unwrap();
            fs::write(self.root.path().join(path), text).unwrap();
            return Ok(());
        }
        let index = self.index.as_ref().unwrap();
        let change = match step {
            Give(path, text) => Change::Give {
                path: path.into(),
                text: text.into(),
            },
            Remove(path) => Change::Remove { path: path.into() },
            Look(path) => Change::Look { path: path.into() },
            Flush | Close => return index.flush(&cancel).map(drop),
            Compact => return index.compact(&cancel).map(drop),
            Rank => return index.rank(&cancel),
            Refresh => return index.refresh(&Progress::default(), &cancel).map(drop),
            Open | Edit(..) => unreachable!(),
        };
        index.apply(vec![change], &cancel).map(drop)
    }

    fn step(&mut self, step: Step) -> Result<(), Error> {
        let next = self.after(step);
        let is_durable = matches!(step, Open | Refresh | Flush | Compact | Close);
        if is_durable || matches!(step, Rank) {
            self.in_flight.push(next.clone());
        }
        self.call(step)?;
        // From here a merge behind the scenes may write it, together with what it merges.
        self.in_flight.push(next.clone());
        self.applied = next;
        if is_durable {
            self.durable = Some(self.applied.clone());
            self.in_flight.clear();
        }
        if let Close = step {
            self.index.take().unwrap().close().unwrap();
        }
        Ok(())
    }

    fn answers(&self, state: &State) -> bool {
        let index = self.index.as_ref().unwrap();
        lines(index, ".", Freshness::Snapshot).0 == expected(self.root.path(), state)
    }

    /// The open index answers what was applied.
    fn assert_applied(&self, case: &str) {
        let Some(index) = &self.index else { return };
        let found = |freshness| lines(index, ".", freshness).0;
        let root = self.root.path();
        assert_eq!(
            found(Freshness::Snapshot),
            expected(root, &self.applied),
            "{case}"
        );
        assert_eq!(
            found(Freshness::Verified),
            expected(root, &self.refreshed()),
            "{case}"
        );
    }

    /// Lives on after failures, until all is done or the process has ended.
    fn live(&mut self, steps: &[Step], case: &str) {
        for &step in steps {
            for tries in 0.. {
                let result = self.step(step);
                if self.disk.has_ended() {
                    if result.is_err() {
                        return;
                    }
                    break;
                }
                if let (Err(_), Refresh) = (&result, step) {
                    // What is in place is seen, even if nobody knows whether it will last.
                    self.applied = self
                        .in_flight
                        .last()
                        .filter(|next| self.answers(next))
                        .unwrap_or(&self.applied)
                        .clone();
                }
                if self.disk.calls() >= self.first_fault {
                    self.assert_applied(&format!("{case}, {step:?}"));
                }
                match result {
                    Ok(()) => break,
                    Err(error) => assert!(tries < 4, "{case}: {step:?} fails for good: {error}"),
                }
            }
        }
    }

    /// The process ends, the power goes if there is a seed for that, and the index is opened again on a healthy disk.
    fn assert_reopens(mut self, power: Option<u64>, case: &str) {
        self.disk.end();
        drop(self.index.take());
        if let Some(seed) = power {
            self.disk.lose_power(seed);
        }
        let store = fresh_copy(self.store.path());
        let options = OpenOptions {
            store: Some(store.path().join("store")),
            disk: Arc::new(SystemDisk),
            refresh: false,
            ..self.options()
        };
        let index = try_open(options).unwrap_or_else(|error| panic!("{case}: {error}"));
        let found = lines(&index, ".", Freshness::Snapshot).0;
        let built = self.durable.is_none().then(|| self.refreshed());
        let mut possible = self.durable.iter().chain(&self.in_flight).chain(&built);
        let state = possible
            .find(|state| found == expected(self.root.path(), state))
            .unwrap_or_else(|| {
                let (durable, in_flight) = (&self.durable, &self.in_flight);
                panic!("{case}: {found:?} is neither durable nor in flight: {durable:?}, {in_flight:?}")
            });
        self.applied = state.clone();
        let cancel = Cancel::new();
        let report = index.check(100, &cancel).unwrap();
        assert!(report.faults.is_empty(), "{case}: {:?}", report.faults);
        self.index = Some(index);
        self.assert_applied(case);
        self.call(Refresh).unwrap();
        self.applied = self.refreshed();
        self.call(Give("last.txt", "last")).unwrap();
        self.applied = self.after(Give("last.txt", "last"));
        self.assert_applied(case);
        let index = self.index.as_ref().unwrap();
        index.rank(&cancel).unwrap();
        let everything = index.search(&SearchRequest::new("*"), &cancel).unwrap();
        assert!(everything.coverage.is_complete(), "{case}");
        assert_eq!(
            everything.total,
            self.applied.len() as u64,
            "{case}: a file is one chunk"
        );
        index.flush(&cancel).unwrap();
        let segments = self.index.as_ref().unwrap().stats().unwrap().segments;
        self.index.take().unwrap().close().unwrap();
        let left = fs::read_dir(store.path().join("store/segments")).unwrap().count();
        assert_eq!(left as u64, segments, "{case}: a segment was left behind");
    }
}

/// Lives a life with a fault at each of its calls, each with or without a loss of power when it ends.
fn at_each_call(steps: &[Step], faults: &[(Fault, Option<u64>)]) {
    let _kept = Pools::shared(&crate::opened::two_threads()).unwrap();
    let every = std::env::var("QUERN_FAULTS").is_ok_and(|which| which == "all");
    let mut lives = 0;
    for at in (1..).step_by(if every { 1 } else { 3 }) {
        let turn = lives % faults.len();
        let faults = if every { faults } else { &faults[turn..=turn] };
        let mut is_reached = false;
        for &(fault, power) in faults {
            let case = format!("{fault:?} at call {at}, power lost: {power:?}");
            let disk = FaultyDisk::new(at, fault);
            let mut life = Life::new(disk.clone());
            life.first_fault = at;
            life.live(steps, &case);
            is_reached |= disk.calls() >= at;
            life.assert_reopens(power, &case);
            lives += 1;
        }
        if !is_reached {
            break;
        }
    }
    println!("{lives} lives");
    assert!(lives > 50);
}

const POWER_LOST: Option<u64> = Some(0);
const POWER_LOST_AT_RANDOM: Option<u64> = Some(1);

#[test]
fn an_index_goes_on_after_each_failing_call() {
    let faults = [
        (Fault::Error(ErrorKind::StorageFull), POWER_LOST),
        (Fault::Short, POWER_LOST_AT_RANDOM),
        // A parent folder that may not be opened is never synced, and no error.
        (Fault::Error(ErrorKind::PermissionDenied), None),
    ];
    at_each_call(CHANGES, &faults);
}

#[test]
fn nothing_acknowledged_is_lost_when_the_process_ends_at_each_call() {
    let powers = [POWER_LOST, None, POWER_LOST_AT_RANDOM];
    let faults: Vec<_> = CRASHES
        .iter()
        .flat_map(|&fault| powers.map(|power| (fault, power)))
        .collect();
    at_each_call(CHANGES, &faults);
}

#[test]
fn merges_survive_a_fault_at_each_call() {
    let faults = [
        (Fault::Error(ErrorKind::StorageFull), POWER_LOST),
        (Fault::CrashAfter, POWER_LOST),
        (Fault::CrashBefore, None),
    ];
    at_each_call(MERGES, &faults);
}

#[test]
fn terms_survive_a_fault_at_each_call() {
    let faults = [
        (Fault::Error(ErrorKind::StorageFull), POWER_LOST),
        (Fault::CrashAfter, POWER_LOST),
        (Fault::CrashBefore, None),
        (Fault::Short, POWER_LOST_AT_RANDOM),
    ];
    at_each_call(RANKS, &faults);
}

#[test]
fn two_faults_are_no_worse_than_one() {
    let _kept = Pools::shared(&crate::opened::two_threads()).unwrap();
    let number = |name, default| std::env::var(name).map_or(default, |value| value.parse().unwrap());
    let (pairs, first): (u64, u64) = (number("QUERN_FAULT_PAIRS", 50), number("QUERN_SEED", 0));
    let calls = {
        let mut life = Life::new(FaultyDisk::default());
        life.live(CHANGES, "without a fault");
        life.disk.calls()
    };
    for seed in first..first + pairs {
        let mut rng = Rng::new(seed);
        let at = 1 + rng.below(calls);
        let apart = if rng.one_in(2) { 8 } else { calls };
        let next = at + 1 + rng.below(apart);
        let later = rng.pick(&[ERRORS, CRASHES].concat());
        let faults = [(at, rng.pick(ERRORS)), (next, later)];
        let case = format!("seed {seed}: {faults:?}");
        let mut life = Life::new(FaultyDisk::with(faults));
        life.first_fault = at;
        life.live(CHANGES, &case);
        let is_durable = faults.iter().all(|(_, fault)| *fault != ERRORS[1]);
        life.assert_reopens(is_durable.then(|| rng.next() % 3), &case);
    }
}

#[test]
fn a_change_for_which_there_is_no_room_is_not_applied() {
    for at in 1.. {
        let disk = FaultyDisk::default();
        let mut life = Life::new(disk);
        let index = try_open(OpenOptions {
            overlay: Some(1),
            ..life.options()
        });
        let index = index.unwrap();
        life.applied = life.refreshed();
        life.disk.fail(at, Fault::Error(ErrorKind::StorageFull));
        life.index = Some(index);
        let next = life.after(Give("new.txt", "new"));
        let result = life.call(Give("new.txt", "new"));
        if result.is_ok() {
            life.applied = next;
        }
        life.assert_applied(&format!("at call {at}: {result:?}"));
        if at > 60 {
            break;
        }
    }
}

/// Windows removes no store that is mapped.
#[cfg(unix)]
#[test]
fn what_was_given_outlives_the_store_that_it_was_given_to() {
    let flush = |life: &mut Life| life.call(Flush);
    let refresh = |life: &mut Life| life.call(Refresh);
    let apply = |life: &mut Life| {
        life.applied = life.after(Give("later.txt", "later"));
        life.call(Give("later.txt", "later"))?;
        life.call(Flush)
    };
    for end in [flush, refresh, apply] as [fn(&mut Life) -> _; 3] {
        let mut life = Life::new(FaultyDisk::default());
        for step in [Open, Give("a.txt", "first"), Flush, Give("e.txt", "second")] {
            life.step(step).unwrap();
        }
        fs::remove_dir_all(life.store.path().join("store")).unwrap();
        life.assert_applied("without a store");
        end(&mut life).unwrap();
        life.assert_applied("in a new store");
        life.durable = Some(life.applied.clone());
        life.assert_reopens(None, "opened again");
    }
}

/// Windows removes no store that is mapped.
#[cfg(unix)]
#[test]
fn what_was_given_outlives_a_store_that_takes_the_place_of_its_own() {
    let mut life = Life::new(FaultyDisk::default());
    for step in [Open, Give("a.txt", "first"), Flush, Give("e.txt", "second")] {
        life.step(step).unwrap();
    }
    let dir = life.store.path().join("store");
    fs::remove_dir_all(&dir).unwrap();
    let other = Life::new(FaultyDisk::default());
    let index = try_open(OpenOptions {
        root: life.root.path().into(),
        ..other.options()
    });
    let index = index.unwrap();
    let given = Change::Give {
        path: "other.txt".into(),
        text: b"given to the other".to_vec(),
    };
    index.apply(vec![given], &Cancel::new()).unwrap();
    index.close().unwrap();
    fs::rename(other.store.path().join("store"), &dir).unwrap();
    life.call(Flush).unwrap();
    life.applied
        .insert("other.txt".into(), Some("given to the other".into()));
    life.assert_applied("over the other store");
    life.durable = Some(life.applied.clone());
    life.assert_reopens(None, "opened again");
}

#[test]
fn a_flush_that_fails_behind_the_scenes_is_told() {
    let mut told = 0;
    // The first calls are to things that need not succeed.
    for at in 1..20 {
        let life = Life::new(FaultyDisk::default());
        let index = try_open(OpenOptions {
            flush_after: Duration::ZERO,
            ..life.options()
        });
        let index = index.unwrap();
        life.disk.fail(at, Fault::Error(ErrorKind::StorageFull));
        let give = Change::Give {
            path: "new.txt".into(),
            text: b"new".to_vec(),
        };
        index.apply(vec![give], &Cancel::new()).unwrap();
        loop {
            let stats = index.stats().unwrap();
            if let Some(failure) = stats.failure {
                assert_eq!((failure.code, stats.overlay_segments), (Code::DiskFull, 1));
                told += 1;
                break;
            }
            if stats.overlay_segments == 0 {
                break;
            }
            std::thread::yield_now();
        }
    }
    assert!(told > 5, "{told}");
}

#[test]
fn changes_that_change_nothing_leave_nothing_to_flush() {
    let mut life = Life::new(FaultyDisk::default());
    life.step(Open).unwrap();
    let index = life.index.as_ref().unwrap();
    let before = index.stats().unwrap();
    for changes in [
        Vec::new(),
        vec![Change::Look {
            path: "missing-too".into(),
        }],
        vec![Change::Remove {
            path: "missing".into(),
        }],
    ] {
        let applied = index.apply(changes, &Cancel::new()).unwrap();
        assert_eq!(applied.snapshot, before.snapshot);
    }
    assert!(!index.flush(&Cancel::new()).unwrap());
}
