//! One writer, many readers.

mod sample;

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{self, Command, Stdio};

use quern_store::{ErrorKind, Manifest, Store};

/// Names the store that [`child_that_holds_the_lock`] is to lock.
const HOLD: &str = "QUERN_TEST_HOLD";

#[test]
fn a_second_writer_in_this_process_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path().join("store"));
    let writer = store.try_lock_writer().unwrap();
    let other = Store::new(folder.path().join("store/../store"));
    let locked = ErrorKind::Locked {
        pid: Some(process::id()),
    };
    assert_eq!(*other.try_lock_writer().unwrap_err().kind(), locked);
    assert_eq!(
        *quern_store::stores::remove(store.dir()).unwrap_err().kind(),
        locked
    );

    let segment = writer.segment().unwrap();
    drop(writer);
    assert_eq!(
        *other.try_lock_writer().unwrap_err().kind(),
        locked,
        "a segment is still being written"
    );
    drop(segment);
    other.try_lock_writer().unwrap();
}

/// Not a test of its own: a process that another test starts and ends.
#[test]
fn child_that_holds_the_lock() {
    let Ok(dir) = env::var(HOLD) else { return };
    let writer = Store::new(dir).try_lock_writer().unwrap();
    let mut segment = writer.segment().unwrap();
    segment.postings().write_all(&[1; 100_000]).unwrap();
    println!("\nholding");
    std::io::stdin().lines().for_each(drop);
}

#[test]
fn a_lock_goes_with_its_process_however_that_ends() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = sample::create(folder.path());
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "child_that_holds_the_lock", "--nocapture"])
        .env(HOLD, folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "holding"));

    let store = Store::new(folder.path());
    let locked = ErrorKind::Locked {
        pid: Some(child.id()),
    };
    assert_eq!(*store.try_lock_writer().unwrap_err().kind(), locked);
    assert_eq!(
        *quern_store::stores::remove(store.dir()).unwrap_err().kind(),
        locked
    );
    assert_eq!(
        store.snapshot(None).unwrap().unwrap().manifest,
        manifest,
        "readers need no lock"
    );

    child.kill().unwrap();
    child.wait().unwrap();
    let writer = store.try_lock_writer().unwrap();
    let left = fs::read_dir(folder.path().join("segments")).unwrap().count();
    assert_eq!(left, manifest.segments.len(), "the half-written segment is gone");
    writer.commit(&mut Manifest::default()).unwrap();
}

#[test]
fn other_files_are_not_mistaken_for_a_store() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("thesis.txt"), "years of work").unwrap();
    let error = Store::new(folder.path()).try_lock_writer().unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::NotAStore);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let error = Store::new(folder.path().join("thesis.txt"))
        .try_lock_writer()
        .unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::NotAStore);
}

#[cfg(unix)]
#[test]
fn a_store_is_private() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("parent/store");
    sample::create(&dir);
    quern_store::stores::touch(&dir).unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    assert_eq!(mode(&dir.join("segments")), 0o700);
    for file in sample::files_below(&dir) {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}
