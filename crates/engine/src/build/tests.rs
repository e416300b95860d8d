//! Given contents beside the same bytes on disk; files at which the code panics.

use std::path::Path;
use std::sync::Arc;

use quern_store::{Finished, Segment, Store};
use quern_testkit::{Rng, Shape, content, sized};
use quern_walk::Cancel;

use super::{Destination, Ledger, Plan, Source, build};
use crate::error::{Code, Stage};
use crate::options::DEFAULT_MAX_LINE;
use crate::progress::Progress;
use crate::snapshot::flags;

/// What stands in a block at which indexing panics.
const FAULT: &[u8] = b"here is the fault";

/// Called for each block once its grams are collected, before anything else knows of it.
pub(super) fn fault(stored: &[u8], text: &[u8]) {
    if stored.starts_with(b"faulty") && text.windows(FAULT.len()).any(|window| window == FAULT) {
        panic!("as asked for");
    }
}

fn try_build(root: &Path, files: &[Source], to: Destination<'_>, limits: Limits) -> (Vec<Finished>, Ledger) {
    let mut ledger = Ledger::default();
    let plan = Plan {
        root,
        files,
        to,
        threads: 1,
        progress: &Progress::default(),
        cancel: &Cancel::new(),
        memory: limits.memory,
        max_errors: 10,
        max_line: limits.max_line,
    };
    let finished = build(&plan, &mut ledger).unwrap();
    (finished, ledger)
}

#[derive(Clone, Copy)]
struct Limits {
    memory: usize,
    max_line: usize,
}

const LIMITS: Limits = Limits {
    memory: 0,
    max_line: DEFAULT_MAX_LINE,
};

fn in_memory(root: &Path, files: &[Source], limits: Limits) -> Vec<Segment> {
    let (finished, ledger) = try_build(root, files, Destination::Memory, limits);
    assert_eq!(ledger.files, files.len() as u64);
    finished
        .into_iter()
        .map(|finished| finished.memory.unwrap())
        .collect()
}

fn given(name: &str, content: &[u8]) -> Source {
    Source::Given {
        stored: name.into(),
        content: content.into(),
    }
}

/// Everything about a file that does not depend on where its content came from.
fn record(segment: &Segment, file: u32) -> String {
    let (files, blocks) = (segment.files(), segment.blocks());
    let mut path = Vec::new();
    files.path(file, &mut path);
    let blocks: Vec<_> = files
        .blocks(file)
        .map(|block| {
            let place = (blocks.offset(block), blocks.end(block));
            (blocks.file(block), place, blocks.first_line(block))
        })
        .collect();
    let numbers = (files.hash(file), files.encoding(file), files.language(file));
    let flags = files.flags(file) & !(flags::RACY | flags::GIVEN);
    let rest = (files.stat(file).size, flags, files.lines(file), files.part(file));
    format!("{path:?} {numbers:?} {rest:?} {blocks:?}")
}

fn postings(segment: &Segment) -> &[u8] {
    segment.postings().bytes(0..segment.postings().len()).unwrap()
}

fn contents() -> Vec<Vec<u8>> {
    let mut rng = Rng::new(77);
    let utf16 = |text: &str| {
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect::<Vec<u8>>()
    };
    let mut contents = vec![
        Vec::new(),
        b"#!/usr/bin/env python\nprint(1)\n".to_vec(),
        b"\xEF\xBB\xBFmarked\n".to_vec(),
        b"one\0two\n".to_vec(),
        utf16("\u{20AC}"),
        utf16(&"\u{4E00}\u{20AC}\n".repeat(20_000)),
        b"no end of line".to_vec(),
        b"a line of text\n".repeat(200_000),
        b"x".repeat(1 << 21),
    ];
    contents.extend((0..40).map(|_| {
        let shape = Shape::any(&mut rng);
        content(&mut rng, shape)
    }));
    contents.extend([(); 3].map(|()| {
        let shape = Shape::any(&mut rng);
        sized(&mut rng, shape, 30_000)
    }));
    contents
}

#[test]
fn a_given_content_is_indexed_as_the_same_bytes_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let contents = contents();
    let name = |number: usize| format!("file-{number:03}");
    let mut disk = Vec::new();
    for (number, content) in contents.iter().enumerate() {
        let path = folder.path().join(name(number));
        std::fs::write(&path, content).unwrap();
        disk.push(Source::Disk {
            path,
            stored: name(number).into(),
        });
    }
    let files = contents
        .iter()
        .enumerate()
        .map(|(number, content)| given(&name(number), content));
    let [read] = &in_memory(folder.path(), &disk, LIMITS)[..] else {
        panic!("one segment is enough")
    };
    let [given] = &in_memory(folder.path(), &files.collect::<Vec<_>>(), LIMITS)[..] else {
        panic!("one segment is enough")
    };
    assert_eq!(read.gram_directory(), given.gram_directory());
    assert!(postings(read) == postings(given));
    assert!(read.given_files().is_empty() && given.given_files().len() == contents.len());
    for (file, content) in (0..).zip(&contents) {
        assert_eq!(record(read, file), record(given, file));
        let flags = given.files().flags(file);
        assert_eq!(flags & (flags::GIVEN | flags::RACY), flags::GIVEN);
        let stat = given.files().stat(file);
        assert_eq!(
            (stat.size, stat.mtime_ns, stat.inode),
            (content.len() as u64, 0, 0)
        );
        assert!(given.given(file).unwrap().unwrap()[..] == content[..]);
        assert!(read.given(file).unwrap().is_none());
    }
}

#[test]
fn a_store_keeps_given_contents() {
    let folder = tempfile::tempdir().unwrap();
    let writer = Store::new(folder.path().join("store")).try_lock_writer().unwrap();
    let files = [given("a", b"one\n"), given("b/c", b"two\n")];
    let (finished, _) = try_build(folder.path(), &files, Destination::Store(&writer), LIMITS);
    assert!(finished.iter().all(|finished| finished.memory.is_none()));
    let mut manifest = quern_store::Manifest {
        segments: finished.into_iter().map(|finished| finished.entry).collect(),
        ..Default::default()
    };
    writer.commit(&mut manifest).unwrap();
    let open = writer.store().snapshot(None).unwrap().unwrap();
    assert_eq!(open.segments[0].given(1).unwrap().unwrap()[..], *b"two\n");
}

#[test]
fn given_contents_count_as_memory_and_are_not_cut() {
    let files: Vec<_> = (0..8)
        .map(|number| {
            let line = format!("line of file {number}\n");
            given(&format!("{number}"), line.repeat(200_000).as_bytes())
        })
        .collect();
    let limits = Limits {
        memory: 20 << 20,
        ..LIMITS
    };
    let segments = in_memory(Path::new("/nowhere"), &files, limits);
    assert!((2..8).contains(&segments.len()), "{}", segments.len());
    let mut seen = 0;
    for segment in &segments {
        for file in 0..segment.files().len() {
            let Source::Given { stored, content } = &files[seen] else {
                unreachable!()
            };
            let mut path = Vec::new();
            segment.files().path(file, &mut path);
            assert_eq!((&path, segment.files().part(file)), (stored, None));
            assert!(segment.given(file).unwrap().unwrap()[..] == content[..]);
            seen += 1;
        }
    }
    assert_eq!(seen, files.len());
}

#[test]
fn every_part_of_a_cut_content_has_the_whole() {
    let lines: Arc<[u8]> = b"0123456789abcde\n".repeat(5_000).into();
    let mut files: Vec<_> = (0..quern_grams::MAX_BLOCKS - 2)
        .map(|number| given(&format!("{number:05}"), b"x\n"))
        .collect();
    files.push(given("last", &lines));
    let segments = in_memory(Path::new("/nowhere"), &files, LIMITS);
    assert!(segments.len() > 1);
    let parts = segments.iter().flat_map(|segment| {
        let files = segment.files().find(b"last");
        files.map(move |file| (segment, file))
    });
    let parts: Vec<_> = parts.collect();
    assert_eq!(parts.len(), 2);
    let lines_of = |&(segment, file): &(&Segment, u32)| segment.files().lines(file);
    assert_eq!(parts.iter().map(lines_of).sum::<u64>(), 5_000);
    for (segment, file) in parts {
        assert!(segment.files().flags(file) & flags::CUT != 0 && segment.files().part(file).is_some());
        assert!(segment.given(file).unwrap().unwrap()[..] == lines[..]);
    }
}

#[test]
fn a_given_content_with_too_long_a_line_is_opaque() {
    let limits = Limits {
        max_line: 100,
        ..LIMITS
    };
    let files = [given("a/long", &b"x".repeat(101)), given("short", b"x\n")];
    let (finished, ledger) = try_build(Path::new("/root"), &files, Destination::Memory, limits);
    assert_eq!(ledger.error_count, 1);
    assert_eq!(ledger.errors[0].path.as_deref(), Some(Path::new("/root/a/long")));
    let segment = finished[0].memory.as_ref().unwrap();
    assert_eq!(segment.files().flags(0), flags::GIVEN | flags::OPAQUE);
    assert_eq!(segment.given(0).unwrap().unwrap().len(), 101);
}

#[test]
fn a_panic_is_the_error_of_its_file() {
    let line = |number: usize| format!("line {number} of some text\n");
    let text = |lines: usize| (0..lines).map(line).collect::<String>().into_bytes();
    let before = text(5_000);
    let faulty = [&before[..], FAULT, b"\n", &text(20_000)].concat();
    let after = text(9_000);
    let files = [
        given("before", &before),
        given("faulty", &faulty),
        given("faulty/again", FAULT),
        given("more", &after),
    ];
    let (finished, ledger) = try_build(Path::new("/root"), &files, Destination::Memory, LIMITS);
    assert_eq!((ledger.files, ledger.error_count), (4, 2));
    for (error, path) in ledger.errors.iter().zip(["/root/faulty", "/root/faulty/again"]) {
        assert_eq!((error.code, error.stage), (Code::Internal, Some(Stage::Write)));
        assert_eq!(error.path.as_deref(), Some(Path::new(path)));
        assert!(error.message.contains("as asked for"), "{}", error.message);
    }
    let segment = finished[0].memory.as_ref().unwrap();
    let opaque = |file| segment.files().flags(file) & flags::OPAQUE != 0;
    assert_eq!([0, 1, 2, 3].map(opaque), [false, true, true, false]);

    // The others are as they are where nothing goes wrong: what is left of the faulty file are its whole blocks.
    let kept = segment.files().blocks(1);
    let kept = segment.blocks().end(kept.end - 1) as usize;
    let files = [
        given("before", &before),
        given("half", &faulty[..kept]),
        given("half/again", b""),
        given("more", &after),
    ];
    let clean = &in_memory(Path::new("/root"), &files, LIMITS)[0];
    assert_eq!(segment.gram_directory(), clean.gram_directory());
    assert!(postings(segment) == postings(clean));
    for file in [0, 3] {
        assert_eq!(record(segment, file), record(clean, file));
    }
}
