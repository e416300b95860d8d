//! Is the store sound, and does it say the truth about the files?

use std::fs::File;

use quern_grams::plan::{PlanOptions, plan};
use quern_grams::{Blocks, CostModel};
use quern_walk::Cancel;
use regex_syntax::hir::Hir;

use crate::engine::Engine;
use crate::error::{Code, Error, Stage};
use crate::racy;
use crate::read::{self, read_exact_at};
use crate::snapshot::{OpenSegment, Snapshot, flags};

/// Blocks of a sampled file that are looked at, about.
const BLOCKS: usize = 4;
/// Literals that are looked up for each sampled block.
const PROBES: usize = 8;
/// Bytes of such a literal.
const PROBE: usize = 12;

/// What a check found.
#[derive(Debug, Default)]
pub struct CheckReport {
    /// Live files in the index.
    pub files: u64,
    /// Bytes whose checksums were verified.
    pub bytes: u64,
    /// Files whose grams were compared with what is on disk.
    pub sampled: u64,
    /// Files of the sample that changed since they were indexed, or are gone: nothing to compare.
    pub changed: u64,
    /// What is wrong.
    pub faults: Vec<Error>,
}

/// Verifies the store, then a sample of files spread evenly over the index.
pub(crate) fn check(engine: &Engine, sample: usize, cancel: &Cancel) -> Result<CheckReport, Error> {
    let stored = engine.store.check()?;
    let mut report = CheckReport {
        bytes: stored.pages * quern_store::PAGE as u64,
        faults: stored.damage.into_iter().map(Error::from).collect(),
        ..CheckReport::default()
    };
    if !report.faults.is_empty() {
        return Ok(report);
    }
    let snapshot = engine.snapshot()?;
    report.files = snapshot.live_files();
    let step = (snapshot.live_files() / sample.max(1) as u64).max(1);
    let mut count = 0;
    for (number, live) in (0..).zip(&snapshot.segments) {
        for file in (0..live.segment.files().len()).filter(|&file| !live.dead.contains(file)) {
            count += 1;
            if sample > 0 && count % step == 0 {
                cancel.check()?;
                check_file(engine, &snapshot, (number, file), cancel, &mut report)?;
            }
        }
    }
    Ok(report)
}

fn check_file(
    engine: &Engine,
    snapshot: &Snapshot,
    (number, file): (u32, u32),
    cancel: &Cancel,
    report: &mut CheckReport,
) -> Result<(), Error> {
    let segment = snapshot.segment((number, file));
    let flags = segment.files().flags(file);
    let is_cut = snapshot.part((number, file)).is_some();
    if is_cut || flags & (flags::TRANSCODED | flags::OPAQUE) != 0 {
        return Ok(());
    }
    let path = snapshot.native(&segment.path(file));
    let opened = read::open(&path).ok();
    let opened = opened.filter(|(_, meta)| snapshot.is_unchanged((number, file), meta));
    let same = |opened: &File| {
        racy::same_content(snapshot, (number, file), opened, engine.max_line, cancel).unwrap_or(false)
    };
    let opened = opened.map(|(opened, _)| opened).filter(same);
    cancel.check()?;
    let Some(opened) = opened else {
        report.changed += 1;
        return Ok(());
    };
    report.sampled += 1;
    let blocks = segment.files().blocks(file);
    let table = segment.blocks();
    for block in blocks.clone().step_by((blocks.len() / BLOCKS).max(1)) {
        let length = (table.end(block) - table.offset(block)) as usize;
        let Ok(text) = read_exact_at(&opened, table.offset(block), length) else {
            continue;
        };
        if let Some(literal) = missing(segment, block, &text)? {
            let message = format!(
                "block {block} does not answer for {:?}",
                String::from_utf8_lossy(&literal)
            );
            report
                .faults
                .push(Error::new(Code::Corrupt, message).at(&path).during(Stage::Search));
        }
    }
    Ok(())
}

/// A literal of the text for which the index does not name the block.
fn missing(segment: &OpenSegment, block: u32, text: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    let grams = segment.grams()?;
    let all_lists = CostModel {
        verify_ns_per_block: f64::INFINITY,
        ..CostModel::default()
    };
    for start in (0..text.len()).step_by((text.len() / PROBES).max(1)) {
        let line = text[start..]
            .split(|&byte| byte == b'\n')
            .next()
            .unwrap_or_default();
        let literal = &line[..line.len().min(PROBE)];
        let query = plan(&[Hir::literal(literal)], &PlanOptions::default());
        let found = grams
            .candidates(&query, &all_lists)
            .map_err(|error| segment.corrupt(&error))?;
        if matches!(found, Blocks::Ids(ids) if ids.binary_search(&block).is_err()) {
            return Ok(Some(literal.to_vec()));
        }
    }
    Ok(None)
}
