//! Looking after all stores of a user.

mod sample;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use quern_store::{ErrorKind, Manifest, Store, stores};

/// A store for `root`, last used so many hours ago.
fn add(all: &Path, root: &Path, hours: u64) -> PathBuf {
    let dir = stores::for_root(all, root).unwrap();
    sample::create(&dir);
    let writer = Store::new(&dir).try_lock_writer().unwrap();
    let manifest = writer.store().manifest().unwrap().unwrap();
    let root = root.as_os_str().as_encoded_bytes().to_vec();
    writer.commit(&mut Manifest { root, ..manifest }).unwrap();
    stores::touch(&dir).unwrap();
    let used = fs::File::options().write(true).open(dir.join("used")).unwrap();
    used.set_modified(SystemTime::now() - Duration::from_secs(3600 * hours))
        .unwrap();
    dir
}

fn dirs(list: &[stores::StoreInfo]) -> Vec<&Path> {
    list.iter().map(|store| store.dir.as_path()).collect()
}

#[test]
fn a_root_has_one_store_however_it_is_spelled() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("my project, v2");
    fs::create_dir(&root).unwrap();
    let all = Path::new("/stores");
    let dir = stores::for_root(all, &root).unwrap();
    assert_eq!(
        stores::for_root(all, &root.join("../my project, v2/.")).unwrap(),
        dir
    );
    assert_ne!(stores::for_root(all, folder.path()).unwrap(), dir);
    assert_eq!(dir.parent(), Some(all));
    assert!(dir.to_str().unwrap().ends_with("-my_project__v2"));
    let missing = stores::for_root(all, &folder.path().join("missing")).unwrap();
    assert!(missing.to_str().unwrap().ends_with("-missing"));
    assert!(
        stores::for_root(all, Path::new("/"))
            .unwrap()
            .to_str()
            .unwrap()
            .ends_with("-root")
    );
}

#[test]
fn stores_are_listed_by_last_use() {
    let folder = tempfile::tempdir().unwrap();
    let all = folder.path().join("all");
    assert!(stores::list(&all).unwrap().is_empty());
    let (old, new) = (add(&all, folder.path(), 5), add(&all, Path::new("/gone/root"), 1));
    fs::create_dir(all.join("something else")).unwrap();
    fs::write(all.join("file"), "").unwrap();
    let list = stores::list(&all).unwrap();
    assert_eq!(dirs(&list), [new.as_path(), &old]);
    assert_eq!(
        (list[1].root.as_deref(), list[1].root_exists),
        (Some(folder.path()), true)
    );
    assert_eq!(
        (list[0].root.as_deref(), list[0].root_exists),
        (Some(Path::new("/gone/root")), false)
    );
    let sizes = sample::files_below(&new)
        .iter()
        .map(|file| fs::metadata(file).unwrap().len())
        .sum::<u64>();
    assert_eq!(list[0].bytes, sizes);

    fs::remove_file(new.join("manifest")).unwrap();
    assert_eq!(
        stores::list(&all).unwrap()[0].root.as_deref(),
        Some(Path::new("/gone/root"))
    );
}

#[test]
fn pruning_removes_what_was_not_used_for_longest() {
    let folder = tempfile::tempdir().unwrap();
    let all = folder.path();
    let dirs_by_age: Vec<_> = (0..4)
        .map(|age| add(all, &folder.path().join(format!("root-{age}")), age))
        .collect();
    let size = stores::list(all).unwrap()[0].bytes;
    assert!(stores::prune(all, size * 5).unwrap().is_empty());

    let writer = Store::new(&dirs_by_age[3]).try_lock_writer().unwrap();
    let removed = stores::prune(all, size * 3 + size / 2).unwrap();
    assert_eq!(dirs(&removed), [&dirs_by_age[2]], "the oldest is being written");
    drop(writer);
    let removed = stores::prune(all, size).unwrap();
    assert_eq!(dirs(&removed), [&dirs_by_age[3], &dirs_by_age[1]]);
    assert_eq!(dirs(&stores::list(all).unwrap()), [&dirs_by_age[0]]);
    assert_eq!(stores::prune(all, 0).unwrap().len(), 1);
    assert_eq!(fs::read_dir(all).unwrap().count(), 0);
}

#[test]
fn only_stores_are_removed() {
    let folder = tempfile::tempdir().unwrap();
    let kind = |dir: &Path| stores::remove(dir).unwrap_err().kind().clone();
    assert_eq!(kind(&folder.path().join("missing")), ErrorKind::Missing);
    assert_eq!(kind(folder.path()), ErrorKind::NotAStore, "an empty folder");
    fs::write(folder.path().join("lock"), "").unwrap();
    fs::write(folder.path().join("manifest"), "of a ship").unwrap();
    assert_eq!(kind(folder.path()), ErrorKind::NotAStore);

    let dir = folder.path().join("store");
    sample::create(&dir);
    fs::write(dir.join("notes.txt"), "mine").unwrap();
    assert_eq!(
        kind(&dir),
        ErrorKind::NotAStore,
        "a store with something else in it"
    );
    fs::remove_file(dir.join("notes.txt")).unwrap();
    fs::write(dir.join("segments/notes.txt"), "mine").unwrap();
    assert!(stores::remove(&dir).is_err());
    assert_eq!(
        fs::read_to_string(dir.join("segments/notes.txt")).unwrap(),
        "mine"
    );
    fs::remove_file(dir.join("segments/notes.txt")).unwrap();
    stores::remove(&dir).unwrap();
    assert!(!dir.exists());
}

#[test]
fn a_removed_store_stays_readable_for_who_has_it_open_and_can_be_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("store");
    let first = sample::create(&dir);
    let open = Store::new(&dir).snapshot(None).unwrap().unwrap();
    let content = sample::content(&open).unwrap();
    if cfg!(windows) {
        return;
    }
    stores::remove(&dir).unwrap();
    assert_eq!(sample::content(&open).unwrap(), content);
    let second = sample::create(&dir);
    assert_eq!(first.generation, second.generation);
    assert_ne!(first.stamp(), second.stamp(), "the reader must notice");
}
