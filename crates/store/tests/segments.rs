//! Writing, committing and reading segments.

mod sample;

use std::fs;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use quern_store::{
    BlockTableBuilder, Check, Error, ErrorKind, FORMAT, FileTableBuilder, Manifest, PAGE, SegmentEntry,
    SegmentWriter, Store, Writer,
};

use sample::{Numbers, commit, content, fill, read, segment_content, write_segment};

#[test]
fn nothing_is_created_before_something_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path().join("a/b"));
    assert!(store.manifest().unwrap().is_none());
    assert!(store.stamp().unwrap().is_none());
    assert!(store.snapshot(None).unwrap().is_none());
    assert!(!folder.path().join("a").exists());
}

#[test]
fn a_commit_is_what_readers_see() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path().join("store"));
    let writer = store.try_lock_writer().unwrap();
    assert!(store.manifest().unwrap().is_none());
    let first = commit(&writer, vec![write_segment(&writer, 1, 40, 100_000).unwrap()]).unwrap();
    assert_eq!(first.generation, 1);
    assert_eq!(store.manifest().unwrap(), Some(first.clone()));
    let before = store.snapshot(None).unwrap().unwrap();

    let mut segments = first.segments.clone();
    segments[0].tombstones.insert(3);
    segments.push(write_segment(&writer, 2, 5, 10).unwrap());
    let second = commit(&writer, segments).unwrap();
    assert_eq!((second.store_id, second.generation), (first.store_id, 2));
    assert_eq!(store.stamp().unwrap(), Some(second.stamp()));
    let after = store.snapshot(Some(&before)).unwrap().unwrap();
    assert_eq!(after.manifest, second);
    assert!(
        Arc::ptr_eq(&before.segments[0], &after.segments[0]),
        "an open segment is taken over"
    );
    assert_eq!(second.segments[0].live_files(), 39);
    assert!(store.check().unwrap().damage.is_empty());
}

#[test]
fn empty_segments_are_segments() {
    let folder = tempfile::tempdir().unwrap();
    let writer = Store::new(folder.path()).try_lock_writer().unwrap();
    let entry = write_segment(&writer, 1, 0, 0).unwrap();
    commit(&writer, vec![entry]).unwrap();
    let snapshot = writer.store().snapshot(None).unwrap().unwrap();
    assert!(snapshot.segments[0].files().is_empty() && snapshot.segments[0].postings().is_empty());
    assert!(writer.store().check().unwrap().damage.is_empty());
}

#[test]
fn postings_read_at_random_equal_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let writer = Store::new(folder.path()).try_lock_writer().unwrap();
    let mut numbers = Numbers(5);
    let written = numbers.bytes(PAGE * 5 + 77);
    let mut segment = writer.segment().unwrap();
    segment.postings().write_all(&written).unwrap();
    assert_eq!(segment.postings().position(), written.len() as u64);
    let entry = segment
        .finish(
            &mut FileTableBuilder::new(),
            &mut BlockTableBuilder::new(),
            b"",
            &[],
        )
        .unwrap()
        .entry;
    commit(&writer, vec![entry]).unwrap();
    let snapshot = writer.store().snapshot(None).unwrap().unwrap();
    let postings = snapshot.segments[0].postings();
    assert_eq!(postings.len(), written.len() as u64);
    for _ in 0..2000 {
        let start = numbers.below(written.len() + 1);
        let end = start + numbers.below((written.len() - start + 1).min(3 * PAGE));
        assert_eq!(
            postings.bytes(start as u64..end as u64).unwrap(),
            &written[start..end]
        );
    }
    let length = written.len() as u64;
    #[allow(
        clippy::reversed_empty_ranges,
        reason = "a range that a damaged directory could give"
    )]
    for range in [
        0..length + 1,
        length + 1..length + 1,
        5..4,
        u64::MAX - 1..u64::MAX,
    ] {
        assert!(matches!(
            postings.bytes(range).unwrap_err().kind(),
            ErrorKind::Corrupt { page: None, .. }
        ));
    }
}

#[test]
fn a_segment_in_memory_is_the_one_that_a_store_would_have() {
    let folder = tempfile::tempdir().unwrap();
    let writer = Store::new(folder.path()).try_lock_writer().unwrap();
    for (seed, files, postings) in [(1, 60, 200_000), (2, 17, 10), (3, 0, 0)] {
        let finished = fill(SegmentWriter::in_memory().unwrap(), seed, files, postings).unwrap();
        let (entry, memory) = (finished.entry, finished.memory.unwrap());
        assert_eq!(memory.name(), entry.name);
        assert!(memory.memory() as u64 >= memory.bytes() && memory.bytes() > postings as u64);
        let mut check = Check::default();
        memory.check(&mut check);
        assert!(check.damage.is_empty() && check.pages > 0);

        let stored = write_segment(&writer, seed, files, postings).unwrap();
        commit(&writer, vec![stored.clone()]).unwrap();
        let open = writer.store().snapshot(None).unwrap().unwrap();
        let stored_segment = &open.segments[0];
        assert_eq!(
            segment_content(&memory).unwrap(),
            segment_content(stored_segment).unwrap()
        );
        assert_ne!(entry.name, stored.name);
        assert_eq!(
            SegmentEntry {
                name: stored.name.clone(),
                ..entry.clone()
            },
            stored
        );
        assert!(stored_segment.memory() < 1000, "what is mapped does not count");
        assert!(matches!(
            commit_error(&writer, vec![entry]).kind(),
            ErrorKind::Missing
        ));
    }
}

#[test]
fn contents_are_kept_where_there_are_some() {
    let folder = tempfile::tempdir().unwrap();
    let writer = Store::new(folder.path()).try_lock_writer().unwrap();
    let entries = [1, 2].map(|seed| write_segment(&writer, seed, 9, 100).unwrap());
    let parts = entries.each_ref().map(|entry| entry.parts.len());
    assert_eq!(parts, [3, 3]);
    let contents = |entry: &SegmentEntry| {
        let folder = folder.path().join("segments").join(&entry.name);
        folder.join("contents").exists()
    };
    assert_eq!(entries.each_ref().map(contents), [true, false]);
    commit(&writer, entries.to_vec()).unwrap();
    let open = writer.store().snapshot(None).unwrap().unwrap();
    assert_eq!(open.segments[0].given_files(), [2]);
    assert!(open.segments[0].given(3).unwrap().is_none());
    assert!(open.segments[1].given_files().is_empty());
    let content = open.segments[0].given(2).unwrap().unwrap();
    drop(open);
    commit(&writer, vec![entries[1].clone()]).unwrap();
    if cfg!(unix) {
        assert_eq!(segment_folders(&writer), [entries[1].name.clone()]);
    }
    assert_eq!(content.len(), 70_000, "a content outlives its segment");
}

#[test]
#[should_panic(expected = "in the order of the segment's files")]
fn contents_of_files_that_are_not_there_are_refused() {
    let segment = SegmentWriter::in_memory().unwrap();
    let (mut files, mut blocks) = (FileTableBuilder::new(), BlockTableBuilder::new());
    let _ = segment.finish(&mut files, &mut blocks, b"", &[(0, b"text")]);
}

#[test]
fn segments_are_written_by_several_threads_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let writer = Store::new(folder.path()).try_lock_writer().unwrap();
    let entries: Vec<_> = thread::scope(|scope| {
        let writer = &writer;
        let write = |seed| scope.spawn(move || write_segment(writer, seed, 50, 150_000).unwrap());
        let threads: Vec<_> = (0..4).map(write).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    commit(&writer, entries).unwrap();
    let check = writer.store().check().unwrap();
    assert_eq!((check.segments, check.damage.len()), (4, 0));
}

fn segment_folders(writer: &Writer) -> Vec<String> {
    let entries = fs::read_dir(writer.store().dir().join("segments")).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn segments_go_when_nothing_names_them() {
    let folder = tempfile::tempdir().unwrap();
    let writer = Store::new(folder.path()).try_lock_writer().unwrap();
    let first = write_segment(&writer, 1, 3, 9).unwrap();
    let waiting = write_segment(&writer, 2, 3, 9).unwrap();
    let unwanted = write_segment(&writer, 3, 3, 9).unwrap();
    drop(writer.segment().unwrap());
    writer.discard(&unwanted);
    commit(&writer, vec![first.clone()]).unwrap();
    let mut expected = [first.name.clone(), waiting.name.clone()];
    expected.sort();
    assert_eq!(
        segment_folders(&writer),
        expected,
        "a finished segment waits for its commit"
    );

    let open = writer.store().snapshot(None).unwrap().unwrap();
    let original = content(&open).unwrap();
    commit(&writer, vec![waiting.clone()]).unwrap();
    if cfg!(unix) {
        assert_eq!(segment_folders(&writer), [waiting.name]);
    }
    assert_eq!(content(&open).unwrap(), original, "what is open stays readable");

    drop(open);
    write_segment(&writer, 4, 3, 9).unwrap();
    let folder = writer.store().dir().join("segments");
    drop(writer);
    assert_eq!(
        fs::read_dir(folder).unwrap().count(),
        1,
        "what was never committed goes with the writer"
    );
}

#[test]
fn a_new_writer_removes_what_a_killed_one_left() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path());
    let manifest = sample::create(folder.path());
    fs::create_dir(folder.path().join("segments/0123")).unwrap();
    fs::write(folder.path().join("segments/0123/table"), "half").unwrap();
    fs::write(folder.path().join("manifest.0123456789abcdef.new"), "half").unwrap();
    let writer = store.try_lock_writer().unwrap();
    assert_eq!(segment_folders(&writer).len(), manifest.segments.len());
    assert!(!folder.path().join("manifest.0123456789abcdef.new").exists());
    assert_eq!(read(folder.path()).unwrap().unwrap().manifest, manifest);
}

fn commit_error(writer: &Writer, segments: Vec<SegmentEntry>) -> Error {
    commit(writer, segments).unwrap_err()
}

#[test]
fn a_manifest_that_could_not_be_read_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let original = sample::create(folder.path());
    let writer = Store::new(folder.path()).try_lock_writer().unwrap();
    let [first, second] = [0, 1].map(|index| original.segments[index].clone());
    let mut beyond = first.clone();
    beyond.tombstones.insert(first.files);
    let mut longer = second.clone();
    longer.parts[0].length += 1;
    let mut absent = second;
    absent.name = "absent".into();
    assert!(matches!(
        commit_error(&writer, vec![beyond]).kind(),
        ErrorKind::Corrupt { .. }
    ));
    assert!(matches!(
        commit_error(&writer, vec![first.clone(), first]).kind(),
        ErrorKind::Corrupt { .. }
    ));
    assert!(matches!(
        commit_error(&writer, vec![longer]).kind(),
        ErrorKind::Corrupt { .. }
    ));
    assert!(matches!(
        commit_error(&writer, vec![absent]).kind(),
        ErrorKind::Missing
    ));
    assert_eq!(writer.store().manifest().unwrap(), Some(original));
}

/// Rewrites the version in the prefix of `file`, as another version of the library would have written it.
fn set_version(file: &std::path::Path, version: u32) {
    let mut bytes = fs::read(file).unwrap();
    bytes[8..12].copy_from_slice(&version.to_le_bytes());
    let checksum = crc32fast::hash(&bytes[..12]);
    bytes[12..16].copy_from_slice(&checksum.to_le_bytes());
    fs::write(file, bytes).unwrap();
}

#[test]
fn an_older_format_is_replaced_and_a_newer_one_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let original = sample::create(folder.path());
    let store = Store::new(folder.path());
    let path = folder.path().join("manifest");

    set_version(&path, 99);
    assert_eq!(
        *store.manifest().unwrap_err().kind(),
        ErrorKind::NewerFormat {
            found: 99,
            known: FORMAT
        }
    );
    let files = sample::files_below(folder.path());
    assert_eq!(
        *store.try_lock_writer().unwrap_err().kind(),
        ErrorKind::NewerFormat {
            found: 99,
            known: FORMAT
        }
    );
    assert_eq!(sample::files_below(folder.path()), files);

    set_version(&path, 0);
    assert_eq!(
        *store.snapshot(None).unwrap_err().kind(),
        ErrorKind::OlderFormat {
            found: 0,
            known: FORMAT
        }
    );
    let writer = store.try_lock_writer().unwrap();
    assert_eq!(
        segment_folders(&writer).len(),
        2,
        "nothing goes before the new generation is in place"
    );
    let rebuilt = commit(&writer, vec![write_segment(&writer, 9, 4, 4).unwrap()]).unwrap();
    assert_ne!(rebuilt.stamp(), original.stamp());
    assert_eq!(store.snapshot(None).unwrap().unwrap().manifest, rebuilt);
    assert_eq!(segment_folders(&writer).len(), 1);
}

#[test]
fn a_store_with_a_damaged_manifest_is_rebuilt_as_another_one() {
    let folder = tempfile::tempdir().unwrap();
    let original = sample::create(folder.path());
    let path = folder.path().join("manifest");
    let mut bytes = fs::read(&path).unwrap();
    bytes[20] ^= 1;
    fs::write(&path, bytes).unwrap();
    let writer = Store::new(folder.path()).try_lock_writer().unwrap();
    let rebuilt = commit(&writer, Vec::new()).unwrap();
    assert_eq!(rebuilt.generation, original.generation);
    assert_ne!(rebuilt.stamp(), original.stamp(), "a reader must notice");
}

#[test]
fn readers_follow_a_busy_writer() {
    let folder = tempfile::tempdir().unwrap();
    let writer = Store::new(folder.path()).try_lock_writer().unwrap();
    commit(&writer, vec![write_segment(&writer, 0, 2, 8).unwrap()]).unwrap();
    /// Ends the readers however the writer ends.
    struct Done<'a>(&'a AtomicBool);
    impl Drop for Done<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let writing = Done(&done);
        let follow = || {
            let store = Store::new(folder.path());
            let (mut last, mut seen) = (0, 0);
            while !done.load(Ordering::Relaxed) || seen == 0 {
                let Manifest { generation, .. } = read(store.dir()).unwrap().unwrap().manifest;
                assert!(generation >= last, "generations only grow");
                (last, seen) = (generation, seen + 1);
            }
        };
        let readers = [scope.spawn(follow), scope.spawn(follow)];
        for seed in 1..150 {
            commit(&writer, vec![write_segment(&writer, seed, 2, 8).unwrap()]).unwrap();
        }
        drop(writing);
        readers.into_iter().for_each(|reader| reader.join().unwrap());
    });
}

#[test]
fn a_generation_whose_segment_is_gone_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = sample::create(folder.path());
    fs::remove_dir_all(folder.path().join("segments").join(&manifest.segments[1].name)).unwrap();
    assert_eq!(*read(folder.path()).unwrap_err().kind(), ErrorKind::Missing);
    assert_eq!(Store::new(folder.path()).check().unwrap().damage.len(), 1);
}

#[test]
fn terms_are_added_to_a_committed_segment() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path());
    let writer = store.try_lock_writer().unwrap();
    let entry = sample::write_segment(&writer, 1, 40, 1000).unwrap();
    let manifest = sample::commit(&writer, vec![entry]).unwrap();
    let before = store.snapshot(None).unwrap().unwrap();
    assert!(before.segments[0].terms().is_none());
    let (mut chunks, unranked, runs) = sample::terms(&mut sample::Numbers(9), 40);
    // Somebody who was killed has left the beginning of a file, and somebody else gives up.
    fs::write(
        folder
            .path()
            .join("segments")
            .join(&manifest.segments[0].name)
            .join("terms"),
        "half",
    )
    .unwrap();
    drop(writer.terms(&manifest.segments[0]).unwrap());
    let mut terms = writer.terms(&manifest.segments[0]).unwrap();
    terms.append(&runs).unwrap();
    let part = terms.add(b"a run", &mut chunks, &unranked).unwrap();
    let mut entry = manifest.segments[0].clone();
    entry.parts.push(part);
    sample::commit(&writer, vec![entry]).unwrap();
    let after = store.snapshot(Some(&before)).unwrap().unwrap();
    let terms = after.segments[0].terms().unwrap();
    assert_eq!((terms.directory(), terms.unranked()), (&b"a run"[..], &unranked));
    assert_eq!(terms.runs().bytes(0..runs.len() as u64).unwrap(), runs);
    assert!(before.segments[0].terms().is_none(), "a reader keeps what it has");
    assert!(store.check().unwrap().damage.is_empty());
}
