//! Whatever happens to the bytes of a store, a reader gets the original content or an error.

mod sample;

use std::fs;
use std::path::{Path, PathBuf};

use quern_store::{ErrorKind, PAGE, Store};

use sample::{Content, Numbers, files_below, read};

/// One way to damage a file; `None` if this one cannot be damaged so.
fn damage(bytes: &[u8], kind: usize, numbers: &mut Numbers) -> Option<Vec<u8>> {
    let mut damaged = bytes.to_vec();
    if bytes.is_empty() {
        return Some(numbers.bytes(1 + numbers.0 as usize % 40));
    }
    let at = numbers.below(bytes.len());
    match kind {
        0 => damaged[at] ^= 1 << numbers.below(8),
        1 => damaged[at] = numbers.next() as u8,
        2 => damaged.truncate(at),
        3 => damaged.extend(numbers.bytes(1 + at % 100)),
        4 => damaged[at..].fill(0),
        5 => {
            let end = bytes.len().min(at + 1 + numbers.below(PAGE));
            damaged[at..end].copy_from_slice(&numbers.bytes(end - at));
        }
        _ => {
            damaged.remove(at);
        }
    }
    (damaged != bytes).then_some(damaged)
}

/// Whether the file holds nothing that an answer depends on.
fn is_harmless(file: &Path) -> bool {
    ["lock", "root", "writer", "used"]
        .iter()
        .any(|name| file.file_name().unwrap() == *name)
}

fn assert_noticed(dir: &Path, file: &Path, original: &Content) {
    match read(dir) {
        Ok(content) => {
            assert!(is_harmless(file), "damage to {} was not noticed", file.display());
            assert_eq!(content.as_ref(), Some(original));
        }
        Err(error) => {
            assert!(
                matches!(error.kind(), ErrorKind::Corrupt { .. }),
                "{}: {error}",
                file.display()
            );
            assert_eq!(error.path(), file);
        }
    }
    let noticed = Store::new(dir)
        .check()
        .map_or(true, |check| !check.damage.is_empty());
    assert_eq!(noticed, !is_harmless(file), "check of {}", file.display());
}

fn sample_files(dir: &Path) -> (Content, Vec<(PathBuf, Vec<u8>)>) {
    sample::create(dir);
    quern_store::stores::touch(dir).unwrap();
    let files = files_below(dir)
        .into_iter()
        .map(|file| (file.clone(), fs::read(file).unwrap()))
        .collect();
    (read(dir).unwrap().unwrap(), files)
}

#[test]
fn random_damage_is_noticed_or_harmless() {
    let folder = tempfile::tempdir().unwrap();
    let (original, files) = sample_files(folder.path());
    let mut numbers = Numbers(2024);
    let mut rounds = 0;
    while rounds < 3000 {
        let (file, bytes) = &files[numbers.below(files.len())];
        let kind = if rounds % 2 == 0 { 0 } else { numbers.below(7) };
        let Some(damaged) = damage(bytes, kind, &mut numbers) else {
            continue;
        };
        fs::write(file, damaged).unwrap();
        assert_noticed(folder.path(), file, &original);
        fs::write(file, bytes).unwrap();
        rounds += 1;
    }
    assert_eq!(read(folder.path()).unwrap().unwrap(), original);
}

/// The first and last bytes of a file steer how the rest is read.
#[test]
fn every_bit_of_the_manifest_and_of_each_header_and_trailer_counts() {
    let folder = tempfile::tempdir().unwrap();
    let (original, files) = sample_files(folder.path());
    for (file, bytes) in files.iter().filter(|(file, _)| !is_harmless(file)) {
        let ends = if file.ends_with("manifest") {
            bytes.len() / 2
        } else {
            48
        };
        for bit in (0..ends * 8).chain((bytes.len() - ends) * 8..bytes.len() * 8) {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            fs::write(file, damaged).unwrap();
            match read(folder.path()) {
                Ok(_) => panic!("bit {bit} of {} was not noticed", file.display()),
                Err(error) => assert!(
                    matches!(error.kind(), ErrorKind::Corrupt { .. }),
                    "bit {bit}: {error}"
                ),
            }
        }
        fs::write(file, bytes).unwrap();
    }
    assert_eq!(read(folder.path()).unwrap().unwrap(), original);
}

#[test]
fn parts_of_other_segments_are_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let (_, files) = sample_files(folder.path());
    let parts: Vec<_> = files
        .iter()
        .filter(|(file, _)| file.parent() != Some(folder.path()))
        .collect();
    for (file, bytes) in &parts {
        for (_, other) in parts.iter().filter(|(other, _)| other != file) {
            fs::write(file, other).unwrap();
            let error = read(folder.path()).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Corrupt { .. }), "{error}");
        }
        fs::write(file, bytes).unwrap();
    }
}

/// Same kind, same length, sound in itself: only the manifest knows that it is another one.
#[test]
fn postings_of_the_same_length_are_not_taken_for_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let writer = Store::new(folder.path()).try_lock_writer().unwrap();
    let segments = [1, 2].map(|seed| sample::write_segment(&writer, seed, 5, 90_000).unwrap());
    let [first, second] = segments
        .each_ref()
        .map(|segment| folder.path().join("segments").join(&segment.name));
    sample::commit(&writer, segments.to_vec()).unwrap();
    fs::copy(first.join("postings"), second.join("postings")).unwrap();
    let error = read(folder.path()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Corrupt { .. }), "{error}");
}

#[test]
fn a_damaged_page_of_postings_spoils_only_itself() {
    let folder = tempfile::tempdir().unwrap();
    let (_, files) = sample_files(folder.path());
    let is_postings = |file: &&(PathBuf, Vec<u8>)| file.0.ends_with("postings") && file.1.len() > 3 * PAGE;
    let (file, bytes) = files.iter().find(is_postings).unwrap();
    let mut damaged = bytes.clone();
    damaged[PAGE + 5] ^= 4;
    fs::write(file, damaged).unwrap();
    let snapshot = Store::new(folder.path()).snapshot(None).unwrap().unwrap();
    let segment = snapshot
        .segments
        .iter()
        .find(|segment| file.iter().any(|part| part == segment.name()))
        .unwrap();
    let (postings, page) = (segment.postings(), PAGE as u64);
    for _ in 0..2 {
        postings.bytes(0..1000).unwrap();
        postings.bytes(2 * page..2 * page + 1000).unwrap();
        for range in [page..page + 1, 2 * page - 100..2 * page - 90, 0..3 * page] {
            let error = postings.bytes(range).unwrap_err();
            assert!(
                matches!(error.kind(), ErrorKind::Corrupt { page: Some(1), .. }),
                "{error}"
            );
        }
    }
}
