//! The folder as it is now against a snapshot: the ground of freshness `verified` and `watched`, and of a refresh.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use quern_text::{Language, may_be_log};
use quern_walk::{
    Cancel, FileMeta, PathGlobs, WalkError, WalkErrorKind, WalkOptions, WalkReport, walk, walk_only,
};
use roaring::RoaringBitmap;

use crate::error::{Code, Error, Stage};
use crate::snapshot::{Snapshot, is_below};

/// How much of a folder is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All of it.
    Everything,
    /// These files and folders, and what is below them; absolute paths.
    Paths(Vec<PathBuf>),
}

/// What a walk found to be the same, and what not.
pub(crate) struct Comparison {
    /// For each segment, the files that were compared; `None`: all.
    pub compared: Option<Vec<RoaringBitmap>>,
    /// For each segment, the files that are as they were indexed; those that were given count.
    pub unchanged: Vec<RoaringBitmap>,
    /// Files that are not as they were indexed: stored paths, and what they are now.
    pub changed: Vec<(Vec<u8>, FileMeta)>,
    /// Files that the snapshot does not have.
    pub added: Vec<Vec<u8>>,
    /// Live entries of files that are gone: pairs of a segment's place and a file id.
    pub removed: Vec<(u32, u32)>,
    /// Live entries of changed files.
    pub outdated: Vec<(u32, u32)>,
    /// What the walk could not see, or not read of its rules.
    pub errors: Vec<WalkError>,
    /// Files left out, by reason.
    pub skipped: Vec<(&'static str, u64)>,
    /// Bytes of added files.
    pub bytes: u64,
    /// The folders that were walked, if the options ask for them.
    pub folders: Vec<PathBuf>,
}

/// Walks the folder, or the part of it that `scope` says, and compares.
///
/// # Errors
/// A stop, or options that the walk refuses.
pub(crate) fn compare(
    snapshot: &Snapshot,
    options: &WalkOptions,
    scope: &Scope,
    cancel: &Cancel,
) -> Result<Comparison, Error> {
    let options = WalkOptions {
        stat: true,
        ..options.clone()
    };
    let walked = match scope {
        Scope::Everything => walk(std::slice::from_ref(&snapshot.root), &options, cancel),
        Scope::Paths(paths) => walk_only(&snapshot.root, &options, paths, cancel),
    };
    let (found, report) = walked.map_err(walk_failed)?;
    let nothing = vec![RoaringBitmap::new(); snapshot.segments.len()];
    let mut comparison = Comparison {
        compared: compared(snapshot, scope),
        unchanged: nothing.clone(),
        changed: Vec::new(),
        added: Vec::new(),
        removed: Vec::new(),
        outdated: Vec::new(),
        errors: Vec::new(),
        skipped: Vec::new(),
        bytes: 0,
        folders: Vec::new(),
    };
    let mut unnameable = 0;
    let mut seen = nothing;
    for (number, live) in snapshot.segments.iter().enumerate() {
        let given = live.segment.given() - &live.dead;
        comparison.unchanged[number] |= &given;
        seen[number] = given;
    }
    for (count, file) in found.into_iter().enumerate() {
        if count % 1024 == 0 {
            cancel.check()?;
        }
        let (Some(path), Some(meta)) = (stored(&snapshot.root, &file.path), file.meta) else {
            unnameable += 1;
            continue;
        };
        comparison.place(snapshot, &mut seen, path, &meta);
    }
    comparison.skipped = skipped(&report, unnameable);
    let unseen = Unseen::new(snapshot, &report);
    for (number, live) in snapshot.segments.iter().enumerate() {
        let all = match &comparison.compared {
            None => (0..live.segment.files().len()).collect::<RoaringBitmap>() - &live.dead,
            Some(compared) => compared[number].clone(),
        };
        let is_gone = |&file: &u32| !unseen.holds(&live.segment.path(file));
        comparison.removed.extend(
            (all - &seen[number])
                .iter()
                .filter(is_gone)
                .map(|file| (number as u32, file)),
        );
    }
    comparison.errors = report.errors;
    comparison.folders = report.folders;
    Ok(comparison)
}

/// The live files in a scope, segment by segment.
fn compared(snapshot: &Snapshot, scope: &Scope) -> Option<Vec<RoaringBitmap>> {
    let Scope::Paths(paths) = scope else {
        return None;
    };
    let mut files = vec![RoaringBitmap::new(); snapshot.segments.len()];
    for path in paths {
        // The root itself has no stored form.
        let path = stored(&snapshot.root, path)?;
        for (number, file) in snapshot.at_or_below(&path) {
            files[number as usize].insert(file);
        }
    }
    Some(files)
}

impl Comparison {
    fn place(&mut self, snapshot: &Snapshot, seen: &mut [RoaringBitmap], path: Vec<u8>, meta: &FileMeta) {
        let entries: Vec<(u32, u32)> = snapshot.find(&path).collect();
        if entries.is_empty() {
            self.added.push(path);
            self.bytes += meta.size;
            return;
        }
        let same = entries.iter().all(|&(number, file)| {
            let segment = &snapshot.segments[number as usize].segment;
            segment.given().contains(file) || snapshot.is_unchanged((number, file), meta)
        });
        for &(number, file) in &entries {
            seen[number as usize].insert(file);
            if same {
                self.unchanged[number as usize].insert(file);
            }
        }
        if !same {
            self.outdated.extend(entries);
            self.changed.push((path, *meta));
        }
    }

    /// Live entries that prove nothing by their times, or hold nothing: a refresh reads their files again.
    pub fn doubtful(&self, snapshot: &Snapshot) -> Vec<(u32, u32)> {
        let of = |(number, unchanged): (usize, &RoaringBitmap)| {
            let segment = &snapshot.segments[number].segment;
            let doubtful = unchanged & ((snapshot.racy(number) | segment.opaque()) - segment.given());
            doubtful.into_iter().map(move |file| (number as u32, file))
        };
        self.unchanged.iter().enumerate().flat_map(of).collect()
    }
}

impl Comparison {
    /// Whether the folder is as it is in the snapshot, so far as that can be told without reading.
    pub fn is_same(&self, snapshot: &Snapshot) -> bool {
        let differ = [
            self.changed.len(),
            self.added.len(),
            self.removed.len(),
            self.outdated.len(),
        ];
        differ == [0; 4] && self.doubtful(snapshot).is_empty()
    }

    /// Live entries of files that may be logs, by their language.
    pub fn logs(&self, snapshot: &Snapshot) -> HashSet<(u32, u32)> {
        let of = |(number, unchanged): (usize, &RoaringBitmap)| {
            let segment = &snapshot.segments[number].segment;
            let files = (unchanged - segment.given()).into_iter();
            let is_log = |file: &u32| may_be_log(Language::from_number(segment.files().language(*file)));
            files
                .filter(is_log)
                .map(move |file| (number as u32, file))
                .collect::<Vec<_>>()
        };
        self.unchanged.iter().enumerate().flat_map(of).collect()
    }

    /// Live entries of files that are not append-only, or no longer, and whose older text was not compared when they had
    /// grown.
    pub fn assumed(&self, snapshot: &Snapshot, append_only: &PathGlobs) -> Vec<(u32, u32)> {
        let of = |(number, unchanged): (usize, &RoaringBitmap)| {
            let segment = &snapshot.segments[number].segment;
            let assumed = (unchanged & segment.assumed()).into_iter();
            let doubtful = assumed.filter(|&file| !append_only.matches(&segment.path(file)));
            doubtful
                .map(move |file| (number as u32, file))
                .collect::<Vec<_>>()
        };
        self.unchanged.iter().enumerate().flat_map(of).collect()
    }
}

/// The files below folders that the walk could not look into: nobody knows whether they are gone.
enum Unseen {
    All,
    Below(Vec<Vec<u8>>),
}

impl Unseen {
    fn new(snapshot: &Snapshot, report: &WalkReport) -> Unseen {
        if report.error_count > report.errors.len() as u64 {
            return Unseen::All;
        }
        let mut folders = Vec::new();
        for error in report.errors.iter().filter(|error| hides_files(error)) {
            let path = error.path.as_deref();
            match path.and_then(|path| stored(&snapshot.root, path)) {
                // What was deleted while the folder was walked.
                Some(_) if error.kind == WalkErrorKind::Io(ErrorKind::NotFound) => {}
                Some(path) => folders.push(path),
                // The root itself, or nobody knows what.
                None => return Unseen::All,
            }
        }
        Unseen::Below(folders)
    }

    fn holds(&self, file: &[u8]) -> bool {
        let below = |folder: &Vec<u8>| file == folder.as_slice() || is_below(file, folder);
        match self {
            Unseen::All => true,
            Unseen::Below(folders) => folders.iter().any(below),
        }
    }
}

/// Whether files may be there although the walk did not see them. A loop of links hides none.
fn hides_files(error: &WalkError) -> bool {
    !matches!(error.kind, WalkErrorKind::IgnoreFile | WalkErrorKind::Loop)
}

/// Whether files that belong to the answer may be missing from a walk for this error. A faulty rule in an ignore file is
/// left out, and that is all.
pub(crate) fn is_gap(error: &WalkError) -> bool {
    error.kind != WalkErrorKind::IgnoreFile
}

/// What a walk left out, by reason; `unnameable` files have names that no store can hold.
pub(crate) fn skipped(report: &WalkReport, unnameable: u64) -> Vec<(&'static str, u64)> {
    let skipped = report.skipped.iter();
    skipped
        .map(|(reason, count)| (reason.name(), count))
        .chain([("unnameable", unnameable)])
        .collect()
}

/// The stored form of a walked path; `None` if no store can hold it.
pub(crate) fn stored(root: &Path, path: &Path) -> Option<Vec<u8>> {
    quern_paths::to_stored(path.strip_prefix(root).ok()?).ok()
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
