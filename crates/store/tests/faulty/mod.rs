//! A disk that fails at chosen calls, and forgets what was not synced when the power goes. The engine's tests have it too.

#![allow(dead_code, reason = "each test crate uses a part of it")]

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use quern_store::{Disk, DiskFile, SystemDisk};
use quern_testkit::Rng;

/// What happens at the chosen call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The call fails with this error, and the process goes on.
    Error(io::ErrorKind),
    /// A write stores half of what it was given, then fails; other calls fail.
    Short,
    /// The process ends before the call.
    CrashBefore,
    /// The process ends after the call.
    CrashAfter,
}

/// Something that is not durable before its folder is synced, and how to undo it.
#[derive(Debug)]
enum Change {
    Created(PathBuf),
    Renamed { to: PathBuf, replaced: Option<Vec<u8>> },
    RemovedFile { path: PathBuf, bytes: Vec<u8> },
    RemovedDir(PathBuf),
}

impl Change {
    fn path(&self) -> &Path {
        match self {
            Change::Created(path) | Change::RemovedDir(path) => path,
            Change::Renamed { to, .. } => to,
            Change::RemovedFile { path, .. } => path,
        }
    }

    fn undo(self) {
        match self {
            Change::Created(path) if path.is_dir() => fs::remove_dir_all(path),
            Change::Created(path) => fs::remove_file(path),
            Change::Renamed {
                to,
                replaced: Some(bytes),
            } => fs::write(to, bytes),
            Change::Renamed { to, replaced: None } => fs::remove_file(to),
            Change::RemovedFile { path, bytes } => fs::write(path, bytes),
            Change::RemovedDir(path) => fs::create_dir(path),
        }
        .ok();
    }
}

#[derive(Debug, Default)]
struct State {
    calls: usize,
    faults: Vec<(usize, Fault)>,
    dead: bool,
    unsynced_files: BTreeSet<PathBuf>,
    changes: Vec<Change>,
}

impl State {
    fn fault_at(&self, call: usize) -> Option<Fault> {
        let mut faults = self.faults.iter();
        faults.find(|(at, _)| *at == call).map(|&(_, fault)| fault)
    }
}

/// The real disk with a fault. Clones are the same disk.
#[derive(Clone, Debug, Default)]
pub struct FaultyDisk(Arc<Mutex<State>>);

struct FaultyFile {
    disk: FaultyDisk,
    path: PathBuf,
    file: Box<dyn DiskFile>,
}

impl FaultyDisk {
    /// A disk whose call number `at` goes wrong.
    pub fn new(at: usize, fault: Fault) -> FaultyDisk {
        FaultyDisk::with([(at, fault)])
    }

    /// A disk with several faults, each at the call of its number.
    pub fn with(faults: impl Into<Vec<(usize, Fault)>>) -> FaultyDisk {
        FaultyDisk(Arc::new(Mutex::new(State {
            faults: faults.into(),
            ..State::default()
        })))
    }

    /// Calls so far.
    pub fn calls(&self) -> usize {
        self.state().calls
    }

    /// From now on the fault is at call number `after` of those to come.
    pub fn fail(&self, after: usize, fault: Fault) {
        let mut state = self.state();
        let at = state.calls + after;
        state.faults = vec![(at, fault)];
    }

    /// From now on nothing goes wrong.
    pub fn heal(&self) {
        self.state().faults.clear();
    }

    /// The process ends now.
    pub fn end(&self) {
        self.state().dead = true;
    }

    /// Whether the process has ended.
    pub fn has_ended(&self) -> bool {
        self.state().dead
    }

    /// The power goes: a part of what was not synced is undone, chosen by `seed`. With 0 the worst: what was written
    /// and renamed is lost, what was removed is gone.
    pub fn lose_power(&self, seed: u64) {
        let mut rng = Rng::new(seed);
        let mut is_lost = |worst| if seed == 0 { worst } else { rng.one_in(2) };
        let mut state = self.state();
        for path in std::mem::take(&mut state.unsynced_files)
            .into_iter()
            .filter(|_| is_lost(true))
        {
            let Ok(bytes) = fs::read(&path) else { continue };
            fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        }
        while let Some(change) = state.changes.pop() {
            if is_lost(matches!(change, Change::Created(_) | Change::Renamed { .. })) {
                change.undo();
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    fn call<T>(&self, run: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        let mut state = self.state();
        if state.dead {
            return Err(io::Error::other("the process has ended"));
        }
        state.calls += 1;
        match state.fault_at(state.calls) {
            None => run(&mut state),
            Some(Fault::Error(kind)) => Err(kind.into()),
            Some(Fault::Short) => Err(io::Error::other("short")),
            Some(Fault::CrashBefore) => {
                state.dead = true;
                Err(io::Error::other("the process has ended"))
            }
            Some(Fault::CrashAfter) => {
                let result = run(&mut state);
                state.dead = true;
                result.and(Err(io::Error::other("the process has ended")))
            }
        }
    }

    fn is_short_next(&self) -> bool {
        let state = self.state();
        !state.dead && state.fault_at(state.calls + 1) == Some(Fault::Short)
    }
}

impl Disk for FaultyDisk {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.call(|state| {
            SystemDisk.create_dir(path)?;
            state.changes.push(Change::Created(path.into()));
            Ok(())
        })
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.call(|state| {
            let file = SystemDisk.create(path)?;
            state.changes.push(Change::Created(path.into()));
            state.unsynced_files.insert(path.into());
            Ok(Box::new(FaultyFile {
                disk: self.clone(),
                path: path.into(),
                file,
            }) as Box<dyn DiskFile>)
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call(|state| {
            let replaced = fs::read(to).ok();
            SystemDisk.rename(from, to)?;
            if state.unsynced_files.remove(from) {
                state.unsynced_files.insert(to.into());
            }
            state.changes.push(Change::Renamed {
                to: to.into(),
                replaced,
            });
            Ok(())
        })
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.call(|state| {
            state
                .changes
                .retain(|change| change.path().parent() != Some(path));
            Ok(())
        })
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.call(|state| {
            let bytes = fs::read(path)?;
            SystemDisk.remove_file(path)?;
            state.changes.push(Change::RemovedFile {
                path: path.into(),
                bytes,
            });
            Ok(())
        })
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        self.call(|state| {
            SystemDisk.remove_dir(path)?;
            state.changes.push(Change::RemovedDir(path.into()));
            Ok(())
        })
    }
}

impl Write for FaultyFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.disk.is_short_next() {
            self.file.write_all(&bytes[..bytes.len() / 2])?;
        }
        self.disk.clone().call(|_| self.file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl DiskFile for FaultyFile {
    fn sync(&mut self) -> io::Result<()> {
        self.disk.clone().call(|state| {
            state.unsynced_files.remove(&self.path);
            Ok(())
        })
    }
}

/// An empty folder; where that can be, in memory: nothing here needs a disk that is waited for.
pub fn fresh() -> tempfile::TempDir {
    let folder = tempfile::TempDir::new_in("/dev/shm");
    folder.or_else(|_| tempfile::tempdir()).unwrap()
}

/// A copy of the files below `from`, as a folder of its own.
pub fn fresh_copy(from: &Path) -> tempfile::TempDir {
    let folder = fresh();
    copy(from, folder.path());
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (from, to) = {
            let entry = entry.unwrap();
            (entry.path(), to.join(entry.file_name()))
        };
        if from.is_dir() {
            copy(&from, &to);
        } else {
            match fs::copy(from, to) {
                // The note of who writes goes with the lock, and that may be any time.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                copied => drop(copied.unwrap()),
            }
        }
    }
}
