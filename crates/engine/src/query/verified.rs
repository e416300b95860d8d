//! The folder as it is now against a snapshot: the ground of freshness `verified`, and of a refresh.

use std::path::PathBuf;

use quern_walk::{Cancel, FileMeta, WalkOptions, walk};
use roaring::RoaringBitmap;

use crate::error::{Code, Error, Stage};
use crate::snapshot::{OpenSegment, Snapshot, flags};

/// What a walk found to be the same, and what not.
pub(crate) struct Comparison {
    /// For each segment, the files that are as they were indexed.
    pub unchanged: Vec<RoaringBitmap>,
    /// Files that are not as they were indexed; stored paths.
    pub changed: Vec<Vec<u8>>,
    /// Files that the snapshot does not have.
    pub added: Vec<Vec<u8>>,
    /// Live entries of files that are gone: pairs of a segment's place and a file id.
    pub removed: Vec<(u32, u32)>,
    /// Live entries of changed files.
    pub outdated: Vec<(u32, u32)>,
    /// What the walk could not see.
    pub errors: Vec<Error>,
    /// Files left out, by reason.
    pub skipped: Vec<(&'static str, u64)>,
}

/// Walks the folder and compares.
///
/// # Errors
/// A stop, or options that the walk refuses.
pub(crate) fn compare(
    snapshot: &Snapshot,
    options: &WalkOptions,
    cancel: &Cancel,
) -> Result<Comparison, Error> {
    let options = WalkOptions {
        stat: true,
        ..options.clone()
    };
    let (found, report) =
        walk(std::slice::from_ref(&snapshot.root), &options, cancel).map_err(walk_failed)?;
    let mut comparison = Comparison {
        unchanged: vec![RoaringBitmap::new(); snapshot.segments.len()],
        changed: Vec::new(),
        added: Vec::new(),
        removed: Vec::new(),
        outdated: Vec::new(),
        errors: report.errors.iter().map(walk_error).collect(),
        skipped: report
            .skipped
            .iter()
            .map(|(reason, count)| (reason.name(), count))
            .collect(),
    };
    let mut seen: Vec<RoaringBitmap> = comparison.unchanged.clone();
    for (count, file) in found.into_iter().enumerate() {
        if count % 1024 == 0 {
            cancel.check()?;
        }
        let (Some(path), Some(meta)) = (stored(snapshot, &file.path), file.meta) else {
            continue;
        };
        comparison.place(snapshot, &mut seen, path, &meta);
    }
    for (number, live) in snapshot.segments.iter().enumerate() {
        let all = (0..live.segment.files().len()).collect::<RoaringBitmap>() - &live.dead - &seen[number];
        comparison
            .removed
            .extend(all.iter().map(|file| (number as u32, file)));
    }
    Ok(comparison)
}

impl Comparison {
    fn place(&mut self, snapshot: &Snapshot, seen: &mut [RoaringBitmap], path: Vec<u8>, meta: &FileMeta) {
        let entries: Vec<(u32, u32)> = snapshot.find(&path).collect();
        if entries.is_empty() {
            self.added.push(path);
            return;
        }
        let same = entries.iter().all(|&(number, file)| {
            let segment = &snapshot.segments[number as usize].segment;
            segment.is_unchanged(file, meta)
        });
        for &(number, file) in &entries {
            seen[number as usize].insert(file);
            if same {
                self.unchanged[number as usize].insert(file);
            }
        }
        if !same {
            self.outdated.extend(entries);
            self.changed.push(path);
        }
    }

    /// Live entries that prove nothing by their times, or hold nothing: a refresh reads their files again.
    pub fn doubtful(&self, snapshot: &Snapshot) -> Vec<(u32, u32)> {
        let is_doubtful =
            |segment: &OpenSegment, file| segment.files().flags(file) & (flags::RACY | flags::OPAQUE) != 0;
        let of = |(number, unchanged): (usize, &RoaringBitmap)| {
            let segment = &snapshot.segments[number].segment;
            let files: Vec<u32> = unchanged
                .iter()
                .filter(|&file| is_doubtful(segment, file))
                .collect();
            files
                .into_iter()
                .map(move |file| (number as u32, file))
                .collect::<Vec<_>>()
        };
        self.unchanged.iter().enumerate().flat_map(of).collect()
    }
}

fn stored(snapshot: &Snapshot, path: &std::path::Path) -> Option<Vec<u8>> {
    quern_paths::to_stored(path.strip_prefix(&snapshot.root).ok()?).ok()
}

pub(crate) fn walk_error(error: &quern_walk::WalkError) -> Error {
    let failed = Error::new(Code::Io, error.message.clone()).during(Stage::Walk);
    match &error.path {
        Some(path) => failed.at(path.clone()),
        None => failed,
    }
}

pub(crate) fn walk_failed(error: quern_walk::Error) -> Error {
    match error.kind() {
        quern_walk::ErrorKind::Stopped(stopped) => stopped.into(),
        quern_walk::ErrorKind::Glob | quern_walk::ErrorKind::Type => {
            Error::new(Code::InvalidOption, error.to_string())
        }
        _ => Error::new(Code::Io, error.to_string()).during(Stage::Walk),
    }
}

/// A walk's files with their stored paths; those whose names no store can hold are left out.
pub(crate) fn with_stored(
    snapshot_root: &std::path::Path,
    paths: impl IntoIterator<Item = PathBuf>,
) -> Vec<(PathBuf, Vec<u8>)> {
    paths
        .into_iter()
        .filter_map(|path| {
            let stored = quern_paths::to_stored(path.strip_prefix(snapshot_root).ok()?).ok()?;
            Some((path, stored))
        })
        .collect()
}
