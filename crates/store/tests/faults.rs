//! Whatever goes wrong at whichever call, a store holds the generation before a commit or the one after, whole.

mod faulty;
mod sample;

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use quern_store::{Error, ErrorKind, SegmentEntry, Store, Writer};

use faulty::{Fault, FaultyDisk, fresh_copy};
use sample::{Content, commit, read, write_segment};

/// A writer's whole life: takes the lock, adds a segment, drops another, marks entries as dead, leaves.
fn change(dir: &Path, disk: &FaultyDisk) -> Result<(), Error> {
    let store = Store::with_disk(dir, Arc::new(disk.clone()));
    let writer = store.try_lock_writer()?;
    let mut segments = store
        .manifest()?
        .map(|manifest| manifest.segments)
        .unwrap_or_default();
    segments.truncate(1);
    segments.iter_mut().for_each(|segment| {
        segment.tombstones.insert(11);
    });
    segments.push(write_segment(&writer, 3, 9, 70_000)?);
    commit(&writer, segments)?;
    Ok(())
}

/// What a reader sees, but for the names, numbers and times that differ from one commit to the next.
fn comparable(content: Option<Content>) -> Option<Content> {
    content.map(|mut content| {
        let manifest = &mut content.manifest;
        (manifest.store_id, manifest.written_ns) = (0, 0);
        manifest
            .segments
            .iter_mut()
            .for_each(|segment| segment.name.clear());
        content
    })
}

/// What a store holds before and after the change, and how many calls the change makes.
struct Expected {
    before: Option<Content>,
    after: Option<Content>,
    calls: usize,
}

fn expected(base: &Path) -> Expected {
    let folder = fresh_copy(base);
    let before = comparable(read(folder.path()).unwrap());
    let disk = FaultyDisk::default();
    change(folder.path(), &disk).unwrap();
    let after = comparable(read(folder.path()).unwrap());
    assert_ne!(before, after);
    Expected {
        before,
        after,
        calls: disk.calls(),
    }
}

/// Checks that the store holds one of the two generations, `after` if the change said so, and that the next writer
/// can go on and leaves nothing behind.
fn assert_sound(dir: &Path, expected: &Expected, result: &Result<(), Error>, case: &str) {
    let found = comparable(read(dir).unwrap_or_else(|error| panic!("{case}: {error}")));
    if result.is_ok() {
        assert_eq!(
            found, expected.after,
            "{case}: a commit that was acknowledged is gone"
        );
    } else {
        assert!(
            found == expected.before || found == expected.after,
            "{case}: neither generation"
        );
    }
    assert!(Store::new(dir).check().unwrap().damage.is_empty(), "{case}");

    let writer = Store::new(dir)
        .try_lock_writer()
        .unwrap_or_else(|error| panic!("{case}: {error}"));
    commit(&writer, vec![write_segment(&writer, 4, 2, 10).unwrap()]).unwrap();
    drop(writer);
    assert_eq!(
        fs::read_dir(dir.join("segments")).unwrap().count(),
        1,
        "{case}: a segment was left behind"
    );
    let unfinished = |name: &String| name.ends_with(".new");
    let names = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(
        names.filter(unfinished).count(),
        0,
        "{case}: an unfinished file was left behind"
    );
}

fn bases() -> Vec<tempfile::TempDir> {
    let (empty, used) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    sample::create(used.path());
    vec![empty, used]
}

/// The kind of error that a failing call is reported as.
fn reported(fault: Fault) -> ErrorKind {
    match fault {
        Fault::Error(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => ErrorKind::Full,
        Fault::Error(io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem) => {
            ErrorKind::ReadOnly
        }
        _ => ErrorKind::Io,
    }
}

#[test]
fn each_call_may_fail() {
    let kinds = [
        io::ErrorKind::StorageFull,
        io::ErrorKind::QuotaExceeded,
        io::ErrorKind::PermissionDenied,
    ];
    let faults: Vec<_> = kinds
        .map(Fault::Error)
        .into_iter()
        .chain([Fault::Short])
        .collect();
    for base in bases() {
        let expected = expected(base.path());
        for at in 1..=expected.calls {
            for &fault in &faults {
                let folder = fresh_copy(base.path());
                let disk = FaultyDisk::new(at, fault);
                let result = change(folder.path(), &disk);
                if let Err(error) = &result {
                    assert_eq!(*error.kind(), reported(fault), "{fault:?} at call {at}");
                }
                if fault == Fault::Short {
                    disk.lose_power(0);
                }
                assert_sound(
                    folder.path(),
                    &expected,
                    &result,
                    &format!("{fault:?} at call {at}"),
                );
            }
        }
    }
}

#[test]
fn the_process_may_end_at_each_call_and_the_power_may_go() {
    for base in bases() {
        let expected = expected(base.path());
        for at in 1..=expected.calls {
            for (fault, seed) in [Fault::CrashBefore, Fault::CrashAfter]
                .into_iter()
                .flat_map(|fault| [None, Some(0), Some(1), Some(2)].map(|seed| (fault, seed)))
            {
                let folder = fresh_copy(base.path());
                let disk = FaultyDisk::new(at, fault);
                let result = change(folder.path(), &disk);
                if let Some(seed) = seed {
                    disk.lose_power(seed);
                }
                let case = format!("{fault:?} at call {at}, power lost: {seed:?}");
                assert_sound(folder.path(), &expected, &result, &case);
            }
        }
    }
}

#[test]
fn a_commit_that_was_acknowledged_survives_a_loss_of_power() {
    for base in bases() {
        let expected = expected(base.path());
        for seed in 0..20 {
            let folder = fresh_copy(base.path());
            let disk = FaultyDisk::default();
            let result = change(folder.path(), &disk);
            assert!(result.is_ok());
            disk.lose_power(seed);
            assert_sound(folder.path(), &expected, &result, &format!("power lost: {seed}"));
        }
    }
}

/// A writer, and a segment that is ready to be committed.
fn begun(dir: &Path, disk: &FaultyDisk) -> Result<(Writer, SegmentEntry), Error> {
    let writer = Store::with_disk(dir, Arc::new(disk.clone())).try_lock_writer()?;
    let entry = write_segment(&writer, 3, 9, 70_000)?;
    Ok((writer, entry))
}

#[test]
fn a_writer_goes_on_after_a_failed_commit() {
    let base = tempfile::tempdir().unwrap();
    sample::create(base.path());
    let calls = expected(base.path()).calls;
    for at in 1..=calls {
        let folder = fresh_copy(base.path());
        let disk = FaultyDisk::new(at, Fault::Error(io::ErrorKind::StorageFull));
        let Ok((writer, entry)) = begun(folder.path(), &disk) else {
            continue;
        };
        let store = writer.store();
        let (before, calls) = (store.stamp().unwrap().unwrap(), disk.calls());
        let committed = match commit(&writer, vec![entry.clone()]) {
            Ok(manifest) => manifest,
            Err(_) => commit(&writer, vec![entry]).unwrap(),
        };
        assert!(committed.generation > before.generation, "{at} of {calls}");
        assert_eq!(store.manifest().unwrap(), Some(committed));
        assert!(store.check().unwrap().damage.is_empty());
    }
}

#[test]
fn segments_of_a_commit_that_failed_at_its_last_step_are_not_discarded() {
    let base = tempfile::tempdir().unwrap();
    sample::create(base.path());
    for at in 1..=expected(base.path()).calls {
        let folder = fresh_copy(base.path());
        let disk = FaultyDisk::new(at, Fault::Error(io::ErrorKind::StorageFull));
        let Ok((writer, entry)) = begun(folder.path(), &disk) else {
            continue;
        };
        let store = writer.store();
        if commit(&writer, vec![entry.clone()]).is_err() {
            writer.discard(&entry);
        }
        read(folder.path()).unwrap_or_else(|error| panic!("at {at}: {error}"));
        assert!(store.check().unwrap().damage.is_empty(), "at {at}");
    }
}

#[test]
fn the_name_of_a_new_store_is_durable_too() {
    let mut refused = 0;
    for at in 1..20 {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("store");
        let disk = FaultyDisk::new(at, Fault::Error(io::ErrorKind::StorageFull));
        let result = change(&dir, &disk);
        refused += u32::from(result.is_err());
        disk.lose_power(0);
        if result.is_ok() {
            assert!(read(&dir).unwrap().is_some(), "acknowledged and lost, at {at}");
        }
    }
    assert!(refused > 5);
}

#[test]
fn the_writer_of_a_store_that_was_removed_leaves_the_next_one_alone() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("store");
    sample::create(&dir);
    let writer = Store::new(&dir).try_lock_writer().unwrap();
    let entry = write_segment(&writer, 1, 2, 10).unwrap();
    fs::remove_dir_all(&dir).unwrap();
    let next = dir.join("segments").join(&entry.name);
    fs::create_dir_all(&next).unwrap();
    fs::write(next.join("table"), "being written by somebody else").unwrap();
    fs::write(dir.join("manifest.0123456789abcdef.new"), "so is this").unwrap();
    drop(writer);
    assert!(next.join("table").exists());
    assert!(dir.join("manifest.0123456789abcdef.new").exists());
}
