//! Given contents beside the same bytes on disk; files at which the code panics; large files in pieces.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use quern_store::{Finished, Segment, Store};
use quern_testkit::{Rng, Shape, content, sized};
use quern_text::TimeStamps;
use quern_walk::Cancel;

use super::{Destination, Ledger, Plan, SIZES, Sizes, Source, build};
use crate::error::{Code, Stage};
use crate::options::DEFAULT_MAX_LINE;
use crate::pools::Kind;
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
        threads: limits.threads,
        kind: &Kind::plain(),
        progress: &Progress::default(),
        cancel: &Cancel::new(),
        memory: limits.memory,
        max_errors: 10,
        max_line: limits.max_line,
        read_timeout: limits.read_timeout,
        stamps: &TimeStamps::default(),
        terms: None,
        sizes: limits.sizes,
    };
    let finished = build(&plan, &mut ledger).unwrap();
    (finished, ledger)
}

#[derive(Clone, Copy)]
struct Limits {
    threads: usize,
    sizes: Sizes,
    memory: usize,
    max_line: usize,
    read_timeout: Option<Duration>,
}

const LIMITS: Limits = Limits {
    threads: 1,
    sizes: SIZES,
    memory: 192 << 20,
    max_line: DEFAULT_MAX_LINE,
    read_timeout: None,
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
            growth: None,
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

/// Blocks, NUL marks and lines of a file over all segments, put together from its parts.
fn put_together(segments: &[Segment], stored: &[u8]) -> (Vec<(u64, u64, u64)>, bool, u64) {
    let mut parts = Vec::new();
    for segment in segments {
        let entries: Vec<u32> = segment.files().find(stored).collect();
        parts.extend(entries.into_iter().map(|file| (segment, file)));
    }
    let index = |&(segment, file): &(&Segment, u32)| segment.files().part(file).map(|part| part.index);
    parts.sort_by_key(index);
    assert!(parts.windows(2).all(|pair| index(&pair[0]) < index(&pair[1])));
    let mut blocks = Vec::new();
    let (mut nul, mut lines) = (false, 0);
    for (number, &(segment, file)) in parts.iter().enumerate() {
        let (files, table) = (segment.files(), segment.blocks());
        if let Some(part) = files.part(file) {
            assert_eq!((part.index == 0, part.base_line), (number == 0, lines));
            assert_eq!(part.last, number + 1 == parts.len());
            assert!(files.flags(file) & flags::CUT != 0);
            let first = files.blocks(file).start;
            assert_eq!(part.base_offset, table.offset(first));
        }
        blocks.extend(
            files
                .blocks(file)
                .map(|block| (table.offset(block), table.end(block), table.first_line(block))),
        );
        nul |= files.flags(file) & flags::NUL != 0;
        lines += files.lines(file);
    }
    (blocks, nul, lines)
}

#[test]
fn pieces_of_a_file_are_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut rng = Rng::new(78);
    let mut contents = contents();
    let mut with_nul = b"a line without it\n".repeat(40_000);
    with_nul[300_000] = 0;
    contents.push(with_nul);
    contents.extend([(); 6].map(|()| {
        let shape = Shape::any(&mut rng);
        sized(&mut rng, shape, 400_000)
    }));
    let mut files = Vec::new();
    for (number, content) in contents.iter().enumerate() {
        let path = folder.path().join(format!("{number}"));
        std::fs::write(&path, content).unwrap();
        let stored = format!("{number}").into();
        files.push(Source::Disk {
            path,
            stored,
            growth: None,
        });
    }
    for (piece, memory, threads) in [
        (64 << 10, 96 << 20, 3),
        (200 << 10, 32 << 20, 2),
        (1 << 10, 96 << 20, 4),
    ] {
        let limits = Limits {
            threads,
            memory,
            sizes: Sizes {
                worker: 1,
                apart: 60 << 10,
                whole: 100 << 10,
                piece,
            },
            ..LIMITS
        };
        let segments = in_memory(folder.path(), &files, limits);
        let mut cut = 0;
        for (file, content) in files.iter().zip(&contents) {
            let alone = &in_memory(folder.path(), std::slice::from_ref(file), LIMITS)[..];
            let (blocks, nul, lines) = put_together(&segments, file.stored());
            let (_, expected_nul, expected_lines) = put_together(alone, file.stored());
            assert_eq!((nul, lines), (expected_nul, expected_lines));
            let entries = segments
                .iter()
                .flat_map(|segment| segment.files().find(file.stored()));
            let entries = entries.count();
            if quern_text::sniff(content) != quern_text::Encoding::Bytes {
                continue;
            }
            let mut end = 0;
            for &(start, block_end, first_line) in &blocks {
                let before = memchr::memchr_iter(b'\n', &content[..start as usize]).count() as u64;
                assert_eq!((start, first_line), (end, before + 1));
                end = block_end;
            }
            assert_eq!(end, content.len() as u64);
            cut += usize::from(entries > 1);
        }
        assert!(cut > 3, "{cut}");
    }
}

#[test]
fn a_large_file_that_fails_is_one_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large");
    let line = "x".repeat(300);
    std::fs::write(&path, format!("{line}\n").repeat(4_000)).unwrap();
    let files = [Source::Disk {
        path,
        stored: "large".into(),
        growth: None,
    }];
    let limits = Limits {
        threads: 2,
        max_line: 100,
        sizes: Sizes {
            worker: 1,
            apart: 0,
            whole: 1000,
            piece: 100_000,
        },
        ..LIMITS
    };
    let (finished, ledger) = try_build(folder.path(), &files, Destination::Memory, limits);
    assert_eq!((ledger.files, ledger.error_count, ledger.threads), (1, 1, 2));
    for finished in finished {
        let segment = finished.memory.unwrap();
        let opaque = |file| segment.files().flags(file) & flags::OPAQUE != 0;
        assert!((0..segment.files().len()).all(opaque));
    }
}

#[test]
fn little_memory_makes_fewer_workers_not_small_segments() {
    let line = |number: usize| format!("{number} and {:x}\n", number * 0x9E37_79B9);
    let text: Vec<u8> = (0..200_000)
        .flat_map(|number| line(number).into_bytes())
        .collect();
    let files: Vec<_> = (0..200)
        .map(|number| given(&format!("{number}"), &text[number * 20_000..][..20_000]))
        .collect();
    for memory in [1, 1 << 20, 13 << 20, 50 << 20] {
        let limits = Limits {
            threads: 4,
            memory,
            ..LIMITS
        };
        let (finished, ledger) = try_build(Path::new("/root"), &files, Destination::Memory, limits);
        assert_eq!(ledger.threads, (memory / (24 << 20)).max(1));
        assert!(finished.len() <= 2 * ledger.threads, "{}", finished.len());
    }
}

#[test]
fn a_file_that_is_read_too_slowly_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("slow");
    std::fs::write(&path, "a line\n").unwrap();
    let files = [Source::Disk {
        path,
        stored: "slow".into(),
        growth: None,
    }];
    // No read takes no time.
    let limits = Limits {
        read_timeout: Some(Duration::ZERO),
        ..LIMITS
    };
    let (finished, ledger) = try_build(folder.path(), &files, Destination::Memory, limits);
    let error = &ledger.errors[0];
    assert_eq!((error.code, error.stage), (Code::Io, Some(Stage::Read)));
    assert_eq!(error.path.as_deref(), Some(&*folder.path().join("slow")));
    assert!(error.message.contains("raise readTimeout"), "{error:?}");
    let segment = finished[0].memory.as_ref().unwrap();
    assert!(segment.files().flags(0) & flags::OPAQUE != 0);
}
