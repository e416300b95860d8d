//! The walk itself: `ignore`'s parallel walker over each root that is a folder, collected per thread.
//!
//! A root that is not a folder needs no walker: no rule applies to it and ripgrep always searches it. Each root has
//! its own walk, because the walker does not say which root an entry came from, and the order of the result depends
//! on it. Threads collect and sort on their own and the sorted runs are merged at the end.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::{DirEntry, ParallelVisitor, ParallelVisitorBuilder, WalkBuilder, WalkState};

use crate::cancel::Cancel;
use crate::error::Error;
use crate::findings::Findings;
use crate::indexable::Indexable;
use crate::options::WalkOptions;
use crate::report::{SkipReason, WalkError, WalkReport};
use crate::scope::{Place, Scope};
use crate::{FileMeta, Found, rules};

/// Finds the files below `roots` that ripgrep would search and that [`WalkOptions::filter`] lets into an index.
///
/// The files come root by root in the given order, below a root sorted by the bytes of their paths. A file below two
/// roots comes twice, as in ripgrep. A root that is not a folder is always among them, and `-`, standard input, is
/// given back as it is.
///
/// # Errors
/// Globs or types that are invalid, a current folder that is gone, or a stop by `cancel`. What goes wrong with single
/// files and folders, a missing root included, is in the report.
pub fn walk(
    roots: &[PathBuf],
    options: &WalkOptions,
    cancel: &Cancel,
) -> Result<(Vec<Found>, WalkReport), Error> {
    cancel.check()?;
    let (builder, errors) = rules::walk_builder(options)?;
    let mut all = Findings::default();
    errors.into_iter().for_each(|error| all.fail(error));
    for root in roots {
        if root == Path::new("-") {
            all.found.push(Found {
                path: root.clone(),
                explicit: true,
                meta: None,
            });
            continue;
        }
        match fs::metadata(root) {
            Ok(metadata) if metadata.is_dir() => {
                all.append(walk_folder(&builder, root, options, None, cancel)?);
            }
            Ok(metadata) => {
                let meta = options.stat.then(|| FileMeta::from_metadata(&metadata));
                all.found.push(Found {
                    path: root.clone(),
                    explicit: true,
                    meta,
                });
            }
            Err(error) => all.fail(WalkError::at(root, &error)),
        }
    }
    Ok(all.finish())
}

/// What [`walk`] of `root` finds, restricted to `targets` and what is below them, without listing any other folder
/// than those on the way to a target.
///
/// Targets are files or folders, spelled as the walk would find them: `root` itself, or below it. What is elsewhere or
/// does not exist finds nothing. The report counts as skipped what lies at or below a target; the folders on the way
/// are among the entered ones, and their errors among the errors, since they hide targets.
///
/// # Errors
/// As [`walk`].
pub fn walk_only(
    root: &Path,
    options: &WalkOptions,
    targets: &[PathBuf],
    cancel: &Cancel,
) -> Result<(Vec<Found>, WalkReport), Error> {
    if targets.iter().any(|target| target == root) {
        return walk(&[root.to_path_buf()], options, cancel);
    }
    cancel.check()?;
    let (mut builder, errors) = rules::walk_builder(options)?;
    let mut all = Findings::default();
    errors.into_iter().for_each(|error| all.fail(error));
    let scope = Scope::new(root, targets);
    if scope.is_empty() {
        return Ok(all.finish());
    }
    // More threads are worth their start only where there may be much to list.
    if !scope.targets().iter().any(|target| target.is_dir()) {
        builder.threads(1);
    }
    match fs::metadata(root) {
        Ok(metadata) if metadata.is_dir() => {
            all.append(walk_folder(
                &builder,
                root,
                options,
                Some(&Arc::new(scope)),
                cancel,
            )?);
        }
        Ok(_) => {}
        Err(error) => all.fail(WalkError::at(root, &error)),
    }
    Ok(all.finish())
}

fn walk_folder(
    builder: &WalkBuilder,
    root: &Path,
    options: &WalkOptions,
    scope: Option<&Arc<Scope>>,
    cancel: &Cancel,
) -> Result<Findings, Error> {
    let indexable = Indexable::new(&options.filter, root)?;
    let team = Team {
        options,
        indexable: &indexable,
        scope: scope.map(Arc::as_ref),
        cancel,
        findings: Mutex::default(),
    };
    let mut builder = builder.clone();
    if let Some(scope) = scope {
        let scope = Arc::clone(scope);
        builder.filter_entry(move |entry| scope.place(entry.path()) != Place::Outside);
    }
    builder.add(root).build_parallel().visit(&mut &team);
    cancel.check()?;
    let mut findings = team.findings.into_inner().unwrap_or_else(PoisonError::into_inner);
    findings.sort();
    Ok(findings)
}

/// What the threads of one walk share.
struct Team<'a> {
    options: &'a WalkOptions,
    indexable: &'a Indexable,
    scope: Option<&'a Scope>,
    cancel: &'a Cancel,
    findings: Mutex<Findings>,
}

impl<'s> ParallelVisitorBuilder<'s> for &'s Team<'s> {
    fn build(&mut self) -> Box<dyn ParallelVisitor + 's> {
        Box::new(Collector {
            team: self,
            findings: Findings::default(),
            until_check: 0,
        })
    }
}

/// One thread's share.
struct Collector<'a> {
    team: &'a Team<'a>,
    findings: Findings,
    until_check: u32,
}

/// Looking at the clock for every entry would be a noticeable part of a walk.
const ENTRIES_PER_CHECK: u32 = 64;

impl ParallelVisitor for Collector<'_> {
    fn visit(&mut self, entry: Result<DirEntry, ignore::Error>) -> WalkState {
        if self.until_check == 0 {
            if self.team.cancel.check().is_err() {
                return WalkState::Quit;
            }
            self.until_check = ENTRIES_PER_CHECK;
        }
        self.until_check -= 1;
        match entry {
            Ok(entry) => self.take(entry),
            Err(error) => {
                let error = WalkError::from_ignore(&error);
                // The walker meets all entries of a folder on the way before it asks which are wanted.
                if error.path.as_deref().map(|path| self.place(path)) != Some(Place::Outside) {
                    self.findings.fail(error);
                }
                WalkState::Continue
            }
        }
    }
}

impl Collector<'_> {
    fn place(&self, path: &Path) -> Place {
        self.team.scope.map_or(Place::Within, |scope| scope.place(path))
    }

    fn take(&mut self, entry: DirEntry) -> WalkState {
        if let Some(error) = entry.error() {
            self.findings.fail(WalkError::in_ignore_file(error));
        }
        match entry.file_type() {
            Some(kind) if kind.is_dir() => return self.enter(&entry),
            Some(kind) if kind.is_symlink() && entry.depth() == 0 => return self.enter(&entry),
            _ if self.place(entry.path()) == Place::OnTheWay => {}
            Some(kind) if kind.is_file() => self.take_file(entry),
            Some(kind) if kind.is_symlink() => self.findings.skip(SkipReason::Link),
            _ => self.findings.skip(SkipReason::Special),
        }
        WalkState::Continue
    }

    fn enter(&mut self, folder: &DirEntry) -> WalkState {
        if folder.depth() > 0 && self.team.indexable.excludes_folder(folder.path()) {
            if self.place(folder.path()) == Place::Within {
                self.findings.skip(SkipReason::ExcludedFolder);
            }
            return WalkState::Skip;
        }
        if self
            .team
            .options
            .max_depth
            .is_none_or(|most| folder.depth() < most)
        {
            self.findings.report.directories += 1;
            if self.team.options.folders {
                self.findings.report.folders.push(folder.path().to_path_buf());
            }
        }
        WalkState::Continue
    }

    fn take_file(&mut self, file: DirEntry) {
        let Team {
            options, indexable, ..
        } = *self.team;
        if let Some(reason) = indexable.refuses(file.path()) {
            return self.findings.skip(reason);
        }
        let largest = options
            .max_filesize
            .into_iter()
            .chain(options.filter.max_size)
            .min();
        let meta = if options.stat || largest.is_some() {
            match stat(&file) {
                Ok(metadata) => Some(FileMeta::from_metadata(&metadata)),
                Err(error) => return self.findings.fail(error),
            }
        } else {
            None
        };
        if meta
            .zip(largest)
            .is_some_and(|(meta, largest)| meta.size > largest)
        {
            return self.findings.skip(SkipReason::TooLarge);
        }
        let meta = meta.filter(|_| options.stat);
        self.findings.found.push(Found {
            path: file.into_path(),
            explicit: false,
            meta,
        });
    }
}

/// The metadata of a file that was found.
#[cfg(not(windows))]
fn stat(file: &DirEntry) -> Result<Metadata, WalkError> {
    file.metadata().map_err(|error| WalkError::from_ignore(&error))
}

/// The metadata of a file that was found. Not the entry's: Windows keeps in a folder what a file was when somebody last
/// closed it, so that a log still has its old length for as long as it is open, and a file with two names its old
/// length under the other one. Only opening it tells.
#[cfg(windows)]
fn stat(file: &DirEntry) -> Result<Metadata, WalkError> {
    fs::metadata(file.path()).map_err(|error| WalkError::at(file.path(), &error))
}

impl Drop for Collector<'_> {
    fn drop(&mut self) {
        self.findings.sort();
        let mut shared = self.team.findings.lock().unwrap_or_else(PoisonError::into_inner);
        shared.append(std::mem::take(&mut self.findings));
    }
}
