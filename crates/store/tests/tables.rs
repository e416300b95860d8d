//! The tables give back what was put into them.

use proptest::prelude::*;
use quern_store::{
    BlockTable, BlockTableBuilder, ChunkKind, ChunkRecord, ChunkTable, ChunkTableBuilder, FilePart,
    FileRecord, FileStat, FileTable, FileTableBuilder,
};

#[derive(Clone, Debug)]
struct File {
    path: Vec<u8>,
    stat: FileStat,
    hash: u64,
    traits: (u8, u8, u16),
    lines: u64,
    blocks: u32,
    part: Option<FilePart>,
}

impl File {
    fn record(&self) -> FileRecord<'_> {
        let (encoding, flags, language) = self.traits;
        let File {
            ref path,
            stat,
            hash,
            lines,
            blocks,
            part,
            ..
        } = *self;
        FileRecord {
            path,
            stat,
            hash,
            encoding,
            flags,
            language,
            lines,
            blocks,
            part,
        }
    }
}

fn paths() -> impl Strategy<Value = Vec<u8>> {
    let name = prop::sample::select(vec![
        "a",
        "src",
        "main.c",
        "main.h",
        "\u{e9}",
        "very-long-name-of-a-folder",
    ]);
    let readable = prop::collection::vec(name, 1..12).prop_map(|names| names.join("/").into_bytes());
    prop_oneof![4 => readable, 1 => prop::collection::vec(any::<u8>(), 1..300)]
}

prop_compose! {
    fn stats()(size in 0u64..1 << 50, mtime_ns: i64, ctime_ns: i64, inode: u64, device in 0u64..3) -> FileStat {
        FileStat { size, mtime_ns, ctime_ns, inode, device }
    }
}

prop_compose! {
    fn parts()(index: u32, last: bool, base_offset: u64, base_line: u64) -> FilePart {
        FilePart { index, last, base_offset, base_line }
    }
}

prop_compose! {
    fn files()(
        path in paths(), stat in stats(), hash: u64, traits: (u8, u8, u16), lines in 0u64..1 << 40,
        blocks in 0u32..9, part in prop::option::weighted(0.05, parts()),
    ) -> File {
        File { path, stat, hash, traits, lines, blocks, part }
    }
}

fn build(builder: &mut FileTableBuilder, files: &[File]) -> FileTable {
    for (id, file) in files.iter().enumerate() {
        assert_eq!(builder.add(&file.record()), id as u32);
    }
    assert_eq!(builder.len() as usize, files.len());
    FileTable::parse(builder.finish().into()).unwrap()
}

fn assert_holds(table: &FileTable, files: &[File]) {
    assert_eq!(table.len() as usize, files.len());
    let (mut path, mut first_block) = (Vec::new(), 0);
    for (id, file) in (0..).zip(files) {
        table.path(id, &mut path);
        assert_eq!(path, file.path);
        assert_eq!(table.stat(id), file.stat);
        assert_eq!(table.hash(id), file.hash);
        assert_eq!(
            (table.encoding(id), table.flags(id), table.language(id)),
            file.traits
        );
        assert_eq!(table.lines(id), file.lines);
        assert_eq!(table.blocks(id), first_block..first_block + file.blocks);
        assert_eq!(table.part(id), file.part);
        first_block += file.blocks;
        let same: Vec<_> = (0..)
            .zip(files)
            .filter(|(_, other)| other.path == file.path)
            .map(|(id, _)| id)
            .collect();
        assert_eq!(table.find(&file.path).collect::<Vec<_>>(), same);
    }
    let mut seen = Vec::new();
    table.each_path(|id, path| seen.push((id, path.to_vec())));
    assert!(
        seen.into_iter()
            .eq((0..).zip(files).map(|(id, file)| (id, file.path.clone())))
    );
}

proptest! {
    #[test]
    fn chunks_come_back_and_are_found_by_file(
        runs in prop::collection::vec(prop::collection::vec((0u32..4, any::<(u64, u32, u32)>()), 0..300), 1..4),
        more in 0usize..3,
    ) {
        let mut builders = [ChunkTableBuilder::new(), ChunkTableBuilder::new()];
        let mut expected = Vec::new();
        for (number, run) in runs.iter().enumerate() {
            let mut file = 0;
            for &(step, (offset, length, words)) in run {
                file += step;
                let chunk = ChunkRecord {
                    file,
                    offset: offset >> 8,
                    length: u64::from(length),
                    line: u64::from(words),
                    words,
                    time: (length % 3 > 0).then_some(i64::from(length) - (1 << 31)),
                    level: (words % 8) as u8,
                    kind: [ChunkKind::Passage, ChunkKind::Record, ChunkKind::Continuation][words as usize % 3],
                    edges: words.rotate_left(7),
                };
                builders[usize::from(number >= more)].add(&chunk);
                expected.push(chunk);
            }
        }
        let [mut chunks, behind] = builders;
        chunks.append(behind);
        prop_assert_eq!(chunks.len() as usize, expected.len());
        let table = ChunkTable::parse(chunks.finish().into()).unwrap();
        let found: Vec<ChunkRecord> = (0..table.len()).map(|chunk| table.get(chunk)).collect();
        prop_assert_eq!(&found, &expected);
        let mut start = 0;
        for run in &runs {
            let own = start..start + run.len() as u32;
            start = own.end;
            let scan = |admits: &dyn Fn(&ChunkRecord) -> bool| -> Vec<u32> {
                own.clone().filter(|&chunk| admits(&expected[chunk as usize])).collect()
            };
            for times in [i64::MIN..i64::MAX, 0..1 << 30, -5..-5, i64::MIN..0, 7..i64::MAX] {
                let mut found = Vec::new();
                table.logged(own.clone(), times.clone(), |chunks| found.extend(chunks));
                prop_assert_eq!(found, scan(&|chunk| chunk.time.is_some_and(|time| times.contains(&time))));
            }
            for levels in [0..=7, 3..=3, 5..=7, 1..=2, 9..=63] {
                let mut found = Vec::new();
                table.at_levels(own.clone(), levels.clone(), |chunks| found.extend(chunks));
                prop_assert_eq!(found, scan(&|chunk| chunk.level > 0 && levels.contains(&chunk.level)));
            }
            let last = own.clone().last().map_or(0, |chunk| table.file(chunk));
            for file in 0..=last + 1 {
                let of_file: Vec<u32> = own.clone().filter(|&chunk| table.file(chunk) == file).collect();
                prop_assert_eq!(table.of_file(own.clone(), file).collect::<Vec<_>>(), of_file);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn files_come_back(mut files in prop::collection::vec(files(), 0..400), sorted: bool, absent in paths()) {
        if sorted {
            files.sort_by(|a, b| a.path.cmp(&b.path));
        }
        let table = build(&mut FileTableBuilder::new(), &files);
        assert_holds(&table, &files);
        prop_assert_eq!(table.find(&absent).next().is_some(), files.iter().any(|file| file.path == absent));
    }

    #[test]
    fn a_builder_starts_again_after_it_finished(
        first in prop::collection::vec(files(), 0..200),
        second in prop::collection::vec(files(), 0..200),
    ) {
        let mut builder = FileTableBuilder::new();
        assert_holds(&build(&mut builder, &first), &first);
        assert_holds(&build(&mut builder, &second), &second);
    }

    #[test]
    fn blocks_come_back(
        blocks in prop::collection::vec((any::<u32>(), 0u64..1 << 50, 0u64..1 << 30, 0u64..1 << 40), 0..400),
    ) {
        let mut builder = BlockTableBuilder::new();
        for (id, &(file, offset, length, line)) in (0..).zip(&blocks) {
            prop_assert_eq!(builder.add(file, offset..offset + length, line), id);
        }
        prop_assert_eq!(builder.text_bytes(), blocks.iter().map(|block| block.2).sum::<u64>());
        let table = BlockTable::parse(builder.finish().into()).unwrap();
        prop_assert_eq!(table.len() as usize, blocks.len());
        for (id, &(file, offset, length, line)) in (0..).zip(&blocks) {
            let found = (table.file(id), table.offset(id), table.end(id), table.first_line(id));
            prop_assert_eq!(found, (file, offset, offset + length, line));
        }
        prop_assert!(builder.is_empty() && builder.text_bytes() == 0);
    }

    /// Tables are only parsed once their checksums matched. Should they ever be wrong nonetheless, reading them may
    /// give nonsense, but stays inside the bytes.
    #[test]
    fn damaged_tables_are_safe_to_read(
        files in prop::collection::vec(files(), 1..80),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
    ) {
        let mut builder = FileTableBuilder::new();
        files.iter().for_each(|file| { builder.add(&file.record()); });
        let mut bytes = builder.finish();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(cut.map_or(bytes.len(), |cut| cut.index(bytes.len())));
        if let Some(table) = FileTable::parse(bytes.into()) {
            let mut path = Vec::new();
            for id in 0..table.len().min(100) {
                table.path(id, &mut path);
                table.stat(id);
                table.part(id);
                table.blocks(id);
            }
            files.iter().for_each(|file| { table.find(&file.path).count(); });
            table.each_path(|_, _| {});
        }
    }
}

#[test]
fn a_source_tree_takes_less_than_60_bytes_a_file_and_12_a_block() {
    let mut files = FileTableBuilder::new();
    let mut blocks = BlockTableBuilder::new();
    let mut hash = 1u64;
    for index in 0..20_000u64 {
        hash = hash
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let path = format!(
            "drivers/net/ethernet/{:04}/source-file-{:02}.c",
            index / 40,
            index % 40
        );
        let count = 1 + (hash >> 62);
        let mtime_ns = 1_700_000_000_000_000_000 + (hash >> 31) as i64;
        let id = files.add(&FileRecord {
            path: path.as_bytes(),
            stat: FileStat {
                size: count * 16_000,
                mtime_ns,
                ctime_ns: mtime_ns,
                inode: index * 3,
                device: 5,
            },
            hash,
            encoding: 0,
            flags: 0,
            language: 7,
            lines: count * 450,
            blocks: count as u32,
            part: None,
        });
        (0..count).for_each(|block| {
            blocks.add(id, block * 16_000..block * 16_000 + (hash >> 50), 1 + block * 450);
        });
    }
    let (file_count, block_count) = (files.len() as usize, blocks.len() as usize);
    assert!(files.finish().len() < 60 * file_count);
    assert!(blocks.finish().len() < 12 * block_count);
}
