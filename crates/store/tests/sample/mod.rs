//! A small store to test with, and everything that can be read from one, to compare.

#![allow(dead_code, reason = "each test crate uses a part of it")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::{fs, iter};

use quern_store::{
    BlockTableBuilder, ChunkKind, ChunkRecord, ChunkTableBuilder, Error, FilePart, FileRecord, FileStat,
    FileTableBuilder, Finished, Manifest, Segment, SegmentEntry, SegmentWriter, Snapshot, Store, Writer,
};
use roaring::RoaringBitmap;

/// Numbers that look random and are the same in each run (SplitMix64: Steele, Lea and Flood, OOPSLA 2014).
pub struct Numbers(pub u64);

impl Numbers {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        iter::repeat_with(|| self.next().to_le_bytes())
            .flatten()
            .take(length)
            .collect()
    }
}

/// Writes a segment of `files` files, with paths and postings that depend on `seed`. If `seed` is odd, it has contents, else
/// terms.
pub fn write_segment(writer: &Writer, seed: u64, files: u32, postings: usize) -> Result<SegmentEntry, Error> {
    Ok(fill(writer.segment()?, seed, files, postings)?.entry)
}

/// The same segment, written to wherever `segment` goes.
pub fn fill(mut segment: SegmentWriter, seed: u64, files: u32, postings: usize) -> Result<Finished, Error> {
    let mut numbers = Numbers(seed);
    let (mut table, mut blocks) = (FileTableBuilder::new(), BlockTableBuilder::new());
    for index in 0..files {
        let count = numbers.below(4) as u32;
        let part = (index == 3).then_some(FilePart {
            index: 2,
            last: true,
            base_offset: 1 << 40,
            base_line: 1 << 33,
        });
        let id = table.add(&FileRecord {
            path: format!("src/{seed}/folder-{}/file-{index}.c", index / 7).as_bytes(),
            stat: FileStat {
                size: u64::from(count) * 16_000,
                mtime_ns: 1_700_000_000_000_000_000 + numbers.next() as i64 % 1_000_000_000,
                ctime_ns: 1_700_000_000_000_000_000,
                inode: numbers.next() >> 40,
                device: 2049,
            },
            hash: numbers.next(),
            encoding: (index % 3) as u8,
            flags: (index % 5) as u8,
            language: (index % 300) as u16,
            lines: u64::from(count) * 400,
            blocks: count,
            part,
        });
        for block in 0..u64::from(count) {
            blocks.add(id, block * 16_000..(block + 1) * 16_000, 1 + block * 400);
        }
    }
    let bytes = numbers.bytes(postings);
    for piece in bytes.chunks(10_007) {
        let written = segment.postings().write_all(piece);
        written.map_err(|error| segment.write_error(error))?;
    }
    let directory = numbers.bytes(1000);
    if seed.is_multiple_of(2) {
        let (mut chunks, unranked, runs) = terms(&mut numbers, files);
        segment.terms(&mut chunks, &unranked, |terms| {
            runs.chunks(10_007).try_for_each(|piece| terms.append(piece))?;
            Ok::<_, Error>(b"two runs".to_vec())
        })?;
    }
    let given = (0..files).filter(|file| seed % 2 == 1 && file % 16 == 2);
    let contents: Vec<_> = given
        .map(|file| (file, numbers.bytes([70_000, 10, 0][file as usize / 16 % 3])))
        .collect();
    let contents: Vec<_> = contents.iter().map(|(file, bytes)| (*file, &bytes[..])).collect();
    segment.finish(&mut table, &mut blocks, &directory, &contents)
}

/// Terms of a segment of `files` files: its chunks, those of which nothing is known, and the bytes of the runs.
pub fn terms(numbers: &mut Numbers, files: u32) -> (ChunkTableBuilder, RoaringBitmap, Vec<u8>) {
    let mut chunks = ChunkTableBuilder::new();
    for file in 0..files {
        let mut offset = 0;
        for _ in 0..numbers.below(4) {
            let length = 1 + numbers.below(1000) as u64;
            let words = numbers.below(200) as u32;
            let line = 1 + offset / 30;
            chunks.add(&ChunkRecord {
                file,
                offset,
                length,
                line,
                words,
                time: None,
                level: 0,
                kind: ChunkKind::Passage,
                edges: numbers.below(1 << 30) as u32,
            });
            offset += length;
        }
    }
    let unranked = (0..files).filter(|file| file % 5 == 4).collect();
    (chunks, unranked, numbers.bytes(150_000))
}

/// Commits a manifest of these segments after the current one.
pub fn commit(writer: &Writer, segments: Vec<SegmentEntry>) -> Result<Manifest, Error> {
    let mut manifest = Manifest {
        root: b"/home/somebody/project".to_vec(),
        options: 42,
        segments,
        ..Manifest::default()
    };
    writer.commit(&mut manifest)?;
    Ok(manifest)
}

/// A store of two segments and some tombstones in `dir`.
pub fn create(dir: &Path) -> Manifest {
    let writer = Store::new(dir).try_lock_writer().unwrap();
    let mut first = write_segment(&writer, 1, 60, 200_000).unwrap();
    first.tombstones = RoaringBitmap::from_iter([0, 7, 59]);
    let second = write_segment(&writer, 2, 17, 70_000).unwrap();
    commit(&writer, vec![first, second]).unwrap()
}

/// Everything that a reader can learn from one generation of a store.
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    pub manifest: Manifest,
    segments: Vec<SegmentContent>,
}

/// Path, size and times, numbers, part.
type FileContent = (Vec<u8>, FileStat, [u64; 5], Option<FilePart>);

#[derive(Clone, Debug, PartialEq)]
pub struct SegmentContent {
    files: Vec<FileContent>,
    found: Vec<u32>,
    blocks: Vec<[u64; 4]>,
    gram_directory: Vec<u8>,
    postings: Vec<u8>,
    given: Vec<(u32, Vec<u8>)>,
    terms: Option<TermsContent>,
}

/// Directory, bytes of the runs, chunks, files of which nothing is known.
type TermsContent = (Vec<u8>, Vec<u8>, Vec<ChunkRecord>, RoaringBitmap);

fn terms_content(segment: &Segment) -> Result<Option<TermsContent>, Error> {
    let Some(terms) = segment.terms() else {
        return Ok(None);
    };
    let chunks = terms.chunks();
    Ok(Some((
        terms.directory().to_vec(),
        terms.runs().bytes(0..terms.runs().len())?.to_vec(),
        (0..chunks.len()).map(|chunk| chunks.get(chunk)).collect(),
        terms.unranked().clone(),
    )))
}

/// Reads a store; `None` if nothing was committed.
pub fn read(dir: &Path) -> Result<Option<Content>, Error> {
    Store::new(dir).snapshot(None)?.as_ref().map(content).transpose()
}

pub fn content(snapshot: &Snapshot) -> Result<Content, Error> {
    let segments = snapshot
        .segments
        .iter()
        .map(|segment| segment_content(segment))
        .collect::<Result<_, _>>()?;
    Ok(Content {
        manifest: snapshot.manifest.clone(),
        segments,
    })
}

pub fn segment_content(segment: &Segment) -> Result<SegmentContent, Error> {
    let (files, blocks) = (segment.files(), segment.blocks());
    let mut path = Vec::new();
    let mut found = Vec::new();
    let read_file = |file| {
        files.path(file, &mut path);
        found.extend(files.find(&path));
        let range = files.blocks(file);
        let numbers = [
            files.hash(file),
            u64::from(files.encoding(file)) << 32 | u64::from(files.flags(file)),
            u64::from(files.language(file)),
            files.lines(file),
            u64::from(range.start) << 32 | u64::from(range.end),
        ];
        (path.clone(), files.stat(file), numbers, files.part(file))
    };
    let read_block = |block| {
        [
            u64::from(blocks.file(block)),
            blocks.offset(block),
            blocks.end(block),
            blocks.first_line(block),
        ]
    };
    let mut given = Vec::new();
    for file in 0..files.len() {
        given.extend(segment.given(file)?.map(|bytes| (file, bytes.to_vec())));
    }
    assert!(given.iter().map(|(file, _)| file).eq(segment.given_files()));
    Ok(SegmentContent {
        given,
        terms: terms_content(segment)?,
        files: (0..files.len()).map(read_file).collect(),
        found,
        blocks: (0..blocks.len()).map(read_block).collect(),
        gram_directory: segment.gram_directory().to_vec(),
        postings: segment.postings().bytes(0..segment.postings().len())?.to_vec(),
    })
}

/// All files below `dir`, sorted.
pub fn files_below(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(files_below(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found.sort();
    found
}
