//! A merge has what its inputs have, and nothing else.

use std::collections::HashMap;
use std::fmt::Debug;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use quern_grams::plan::{PlanOptions, plan};
use quern_grams::{Blocks, CostModel};
use quern_store::{Segment, Store};
use quern_testkit::{Rng, Shape, content, sized};
use quern_text::TimeStamps;
use quern_walk::Cancel;
use regex_syntax::hir::Hir;
use roaring::RoaringBitmap;

use super::{Pace, live_blocks, merge};
use crate::build::{Destination, Ledger, Plan, SIZES, Sizes, Source, build};
use crate::error::Code;
use crate::options::DEFAULT_MAX_LINE;
use crate::pools::Kind;
use crate::progress::Progress;
use crate::snapshot::{LiveSegment, OpenSegment, flags};

/// Builds in memory. With a budget of one byte each block gets a segment.
fn built(root: &Path, files: &[Source], memory: usize) -> Vec<Segment> {
    let plan = Plan {
        root,
        files,
        to: Destination::Memory,
        threads: 1,
        kind: &Kind::plain(),
        progress: &Progress::default(),
        cancel: &Cancel::new(),
        memory,
        max_errors: 0,
        max_line: DEFAULT_MAX_LINE,
        read_timeout: None,
        stamps: &TimeStamps::default(),
        terms: None,
        sizes: Sizes { worker: 1, ..SIZES },
    };
    let finished = build(&plan, &mut Ledger::default()).unwrap();
    finished
        .into_iter()
        .map(|finished| finished.memory.unwrap())
        .collect()
}

fn live(segment: Segment, dead: RoaringBitmap) -> LiveSegment {
    LiveSegment {
        segment: Arc::new(OpenSegment::new(Arc::new(segment))),
        dead,
    }
}

fn given(name: &str, content: &[u8]) -> Source {
    Source::Given {
        stored: name.into(),
        content: content.into(),
    }
}

/// Segments of given files, of files from disk, and of parts of files, with their contents by path.
struct Random {
    segments: Vec<LiveSegment>,
    contents: HashMap<Vec<u8>, Vec<u8>>,
}

fn random(rng: &mut Rng, root: &Path) -> Random {
    let (mut segments, mut contents) = (Vec::new(), HashMap::new());
    for number in 0..1 + rng.below(5) {
        let memory = if rng.one_in(3) { 1 } else { 0 };
        let mut files = Vec::new();
        for file in 0..rng.below(12) {
            let stored = format!("{number}/file-{file}");
            let shape = Shape::any(rng);
            let bytes = match rng.below(4) {
                0 => Vec::new(),
                1 => sized(rng, shape, 900),
                _ => content(rng, shape),
            };
            if rng.one_in(2) {
                files.push(given(&stored, &bytes));
            } else {
                let path = root.join(&stored);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(&path, &bytes).unwrap();
                let stored = stored.clone().into();
                files.push(Source::Disk {
                    path,
                    stored,
                    growth: None,
                });
            }
            contents.insert(stored.into_bytes(), bytes);
        }
        for segment in built(root, &files, memory) {
            let kill = rng.below(4);
            let is_dead = |rng: &mut Rng| kill > 0 && rng.one_in(kill);
            let dead = (0..segment.files().len()).filter(|_| is_dead(rng)).collect();
            segments.push(live(segment, dead));
        }
    }
    Random { segments, contents }
}

fn live_files(live: &LiveSegment) -> impl Iterator<Item = u32> {
    (0..live.segment.files().len()).filter(|&file| !live.dead.contains(file))
}

/// Everything about a file but its ids.
fn record(segment: &OpenSegment, file: u32) -> impl Debug + PartialEq + use<> {
    let (files, blocks) = (segment.files(), segment.blocks());
    let own = files.blocks(file);
    assert!(own.clone().all(|block| blocks.file(block) == file));
    let blocks: Vec<_> = own
        .map(|block| (blocks.offset(block), blocks.end(block), blocks.first_line(block)))
        .collect();
    let traits = (files.encoding(file), files.flags(file), files.language(file));
    let numbers = (files.hash(file), files.lines(file), files.part(file));
    let is_given = segment.given().contains(file);
    let given = is_given.then(|| segment.given_text(file).unwrap().to_vec());
    (
        segment.path(file),
        files.stat(file),
        traits,
        numbers,
        blocks,
        given,
    )
}

fn candidates(segment: &OpenSegment, literal: &str) -> Vec<u32> {
    let query = plan(&[Hir::literal(literal.as_bytes())], &PlanOptions::default());
    let all_lists = CostModel {
        verify_ns_per_block: f64::INFINITY,
        ..CostModel::default()
    };
    match segment.grams().unwrap().candidates(&query, &all_lists).unwrap() {
        Blocks::All => (0..segment.blocks().len()).collect(),
        Blocks::Ids(ids) => ids,
    }
}

/// Checks that the merged segment is what the inputs' files that count are together.
fn assert_joined(merged: &OpenSegment, random: &Random, rng: &mut Rng) {
    let inputs = random.segments.iter();
    let expected = inputs.flat_map(|input| live_files(input).map(|file| record(&input.segment, file)));
    let found = (0..merged.files().len()).map(|file| record(merged, file));
    assert_eq!(found.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    let count: u32 = random.segments.iter().map(live_blocks).sum();
    assert_eq!(merged.blocks().len(), count);
    let texts: Vec<_> = (0..count).map(|block| text(merged, block, random)).collect();
    for _ in 0..20 {
        let known = texts.iter().flatten().filter(|text| text.len() > 8);
        let known: Vec<_> = known.collect();
        let literal = match known.len() {
            0 => "line".to_string(),
            len => {
                let text = known[rng.below(len)];
                let start = rng.below(text.len() - 8);
                String::from_utf8_lossy(&text[start..start + 3 + rng.below(5)]).into_owned()
            }
        };
        let found = candidates(merged, &literal);
        for (block, text) in (0..).zip(&texts) {
            let has = |text: &Vec<u8>| {
                text.windows(literal.len())
                    .any(|window| window == literal.as_bytes())
            };
            assert!(
                !text.as_ref().is_some_and(has) || found.contains(&block),
                "{literal:?}"
            );
        }
        if !literal.contains(|letter: char| letter.is_ascii_uppercase()) {
            assert_eq!(found, joined_candidates(random, &literal), "{literal:?}");
        }
    }
}

/// The text of a block, where it is in the file as it is.
fn text(merged: &OpenSegment, block: u32, random: &Random) -> Option<Vec<u8>> {
    let blocks = merged.blocks();
    let file = blocks.file(block);
    let verbatim = merged.files().flags(file) & flags::TRANSCODED == 0;
    let content = &random.contents[&merged.path(file)];
    verbatim.then(|| content[blocks.offset(block) as usize..blocks.end(block) as usize].to_vec())
}

/// What the inputs say, by the blocks' new ids.
fn joined_candidates(random: &Random, literal: &str) -> Vec<u32> {
    let mut next = 0;
    let mut joined = Vec::new();
    for input in &random.segments {
        let found = candidates(&input.segment, literal);
        for block in live_files(input).flat_map(|file| input.segment.files().blocks(file)) {
            joined.extend(found.contains(&block).then_some(next));
            next += 1;
        }
    }
    joined
}

fn merged_in_memory(inputs: &[LiveSegment]) -> OpenSegment {
    let inputs: Vec<_> = inputs.iter().collect();
    let finished = merge(&inputs, Destination::Memory, Pace::none(), &Cancel::new()).unwrap();
    OpenSegment::new(Arc::new(finished.memory.unwrap()))
}

#[test]
fn a_merge_is_its_inputs_joined() {
    let mut rng = Rng::new(2026);
    let (mut dead, mut cut, mut kept) = (0, 0, 0);
    for _ in 0..60 {
        let folder = tempfile::tempdir().unwrap();
        let random = random(&mut rng, folder.path());
        let merged = merged_in_memory(&random.segments);
        assert_joined(&merged, &random, &mut rng);
        dead += random.segments.iter().map(|live| live.dead.len()).sum::<u64>();
        cut += merged.files().parts().count();
        kept += (0..merged.files().len())
            .filter(|&file| merged.files().flags(file) & flags::GIVEN != 0)
            .count();
    }
    assert!(dead > 50 && cut > 20 && kept > 50, "{dead} {cut} {kept}");
}

#[test]
fn a_merge_in_a_store_is_the_one_in_memory() {
    let mut rng = Rng::new(7);
    let folder = tempfile::tempdir().unwrap();
    let writer = Store::new(folder.path().join("store")).try_lock_writer().unwrap();
    let random = random(&mut rng, folder.path());
    let inputs: Vec<_> = random.segments.iter().collect();
    let finished = merge(&inputs, Destination::Store(&writer), Pace::none(), &Cancel::new()).unwrap();
    let mut manifest = quern_store::Manifest {
        segments: vec![finished.entry],
        ..Default::default()
    };
    writer.commit(&mut manifest).unwrap();
    assert!(writer.store().check().unwrap().damage.is_empty());
    let open = writer.store().snapshot(None).unwrap().unwrap();
    let merged = OpenSegment::new(Arc::clone(&open.segments[0]));
    assert_joined(&merged, &random, &mut rng);
}

#[test]
fn a_merge_of_nothing_has_no_files() {
    let merged = merged_in_memory(&[]);
    assert!(merged.files().is_empty() && merged.blocks().is_empty());
    let [segment] = <[Segment; 1]>::try_from(built(Path::new("/"), &[given("a", b"x\n")], 48 << 20)).unwrap();
    let merged = merged_in_memory(&[live(segment, RoaringBitmap::from_iter([0]))]);
    assert!(merged.files().is_empty() && merged.blocks().is_empty());
}

#[test]
fn a_stop_ends_a_merge() {
    let cancel = Cancel::new();
    cancel.cancel();
    let segments = built(Path::new("/"), &[given("a", b"some text\n")], 48 << 20);
    let inputs: Vec<_> = segments
        .into_iter()
        .map(|segment| live(segment, RoaringBitmap::new()))
        .collect();
    let error = merge(&[&inputs[0]], Destination::Memory, Pace::none(), &cancel).unwrap_err();
    assert_eq!(error.code, Code::Aborted);
}

#[test]
fn damage_in_an_input_is_corrupt() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("store");
    let writer = Store::new(&dir).try_lock_writer().unwrap();
    let segments = built(
        Path::new("/"),
        &[given("a", &b"some text\n".repeat(9000))],
        48 << 20,
    );
    let inputs: Vec<_> = segments
        .into_iter()
        .map(|segment| live(segment, RoaringBitmap::new()))
        .collect();
    let finished = merge(
        &[&inputs[0]],
        Destination::Store(&writer),
        Pace::none(),
        &Cancel::new(),
    )
    .unwrap();
    let name = finished.entry.name.clone();
    let mut manifest = quern_store::Manifest {
        segments: vec![finished.entry],
        ..Default::default()
    };
    writer.commit(&mut manifest).unwrap();
    for part in ["postings", "contents"] {
        let path = dir.join("segments").join(&name).join(part);
        let original = fs::read(&path).unwrap();
        let mut damaged = original.clone();
        // Past the prefix and the sections that are read when the segment is opened.
        let at = if part == "contents" { 70_000 } else { 40 };
        damaged[at] ^= 1;
        fs::write(&path, damaged).unwrap();
        let open = writer.store().snapshot(None).unwrap().unwrap();
        let input = LiveSegment {
            segment: Arc::new(OpenSegment::new(Arc::clone(&open.segments[0]))),
            dead: RoaringBitmap::new(),
        };
        let error = merge(
            &[&inputs[0], &input],
            Destination::Memory,
            Pace::none(),
            &Cancel::new(),
        )
        .unwrap_err();
        assert_eq!(error.code, Code::Corrupt, "{part}");
        assert!(error.path.unwrap().ends_with(Path::new(&name).join(part)));
        // Windows writes no file that is mapped.
        drop((input, open));
        fs::write(&path, original).unwrap();
    }
}
