//! What is searched, and in which order.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::slice;
use std::time::SystemTime;

use quern_walk::{Cancel, FileMeta, Found, WalkErrorKind, WalkOptions, WalkReport};
use rayon::ThreadPool;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::error::{Error, ErrorKind};
use crate::request::{Request, Sort, SortBy};
use crate::settings::{Settings, is_stdin};

/// A file, or standard input.
#[derive(Clone, Debug)]
pub(crate) struct Haystack {
    /// As opened and printed; `<stdin>` for standard input.
    pub path: PathBuf,
    /// Named by the user.
    pub explicit: bool,
    pub stdin: bool,
    pub meta: Option<FileMeta>,
}

impl Haystack {
    fn new(found: Found, strip: bool) -> Haystack {
        let stdin = found.explicit && is_stdin(&found.path);
        let path = match found.path.strip_prefix("./") {
            _ if stdin => PathBuf::from("<stdin>"),
            Ok(stripped) if strip => stripped.to_path_buf(),
            _ => found.path,
        };
        Haystack {
            path,
            explicit: found.explicit,
            stdin,
            meta: found.meta,
        }
    }

    /// Its bytes can be had only once: standard input, a pipe, a device.
    pub fn is_stream(&self) -> bool {
        self.stdin || (self.explicit && !self.path.is_file())
    }
}

/// The files of a run, and what went wrong while finding them.
#[derive(Debug, Default)]
pub(crate) struct Haystacks {
    pub list: Vec<Haystack>,
    pub complaints: Vec<Complaint>,
    /// Errors beyond those in `complaints`.
    pub more: u64,
}

/// One error of a walk.
#[derive(Debug)]
pub(crate) struct Complaint {
    pub message: String,
    /// About an ignore file: the exit status does not tell of it.
    pub of_ignore_file: bool,
}

impl Haystacks {
    pub fn find(
        request: &Request,
        settings: &Settings,
        stat: bool,
        pool: &ThreadPool,
        cancel: &Cancel,
    ) -> Result<Haystacks, Error> {
        let options = WalkOptions {
            stat: stat || request.walk.stat,
            skip_stdout: settings.mode.searches(),
            ..request.walk.clone()
        };
        let mut all = Haystacks::default();
        match request.sort {
            // Each root is sorted by itself, so each is walked by itself.
            Some(Sort {
                by: SortBy::Path,
                reverse: false,
            }) => {
                for root in &settings.roots {
                    let begin = all.list.len();
                    all.walk(slice::from_ref(root), &options, settings.implicit, cancel)?;
                    all.list[begin..].sort_by(|one, other| one.path.cmp(&other.path));
                }
            }
            sort => {
                all.walk(&settings.roots, &options, settings.implicit, cancel)?;
                if let Some(sort) = sort {
                    all.sort(sort, pool);
                }
            }
        }
        Ok(all)
    }

    fn walk(
        &mut self,
        roots: &[PathBuf],
        options: &WalkOptions,
        strip: bool,
        cancel: &Cancel,
    ) -> Result<(), Error> {
        let (found, report) = quern_walk::walk(roots, options, cancel)?;
        self.list
            .extend(found.into_iter().map(|found| Haystack::new(found, strip)));
        self.complain(report);
        Ok(())
    }

    fn complain(&mut self, report: WalkReport) {
        self.more += report.error_count - report.errors.len() as u64;
        self.complaints
            .extend(report.errors.into_iter().map(|error| Complaint {
                message: error.message,
                of_ignore_file: error.kind == WalkErrorKind::IgnoreFile,
            }));
    }

    fn sort(&mut self, sort: Sort, pool: &ThreadPool) {
        let time: fn(&Metadata) -> io::Result<SystemTime> = match sort.by {
            SortBy::Path => {
                self.list.sort_by(|one, other| other.path.cmp(&one.path));
                return;
            }
            SortBy::Modified => Metadata::modified,
            SortBy::Accessed => Metadata::accessed,
            SortBy::Created => Metadata::created,
        };
        let times: Vec<Option<SystemTime>> = pool.install(|| {
            self.list
                .par_iter()
                .map(|haystack| time_of(&haystack.path, time))
                .collect()
        });
        let mut timed: Vec<_> = times.into_iter().zip(std::mem::take(&mut self.list)).collect();
        timed.sort_by(|(one, _), (other, _)| {
            // Files without a time come last.
            let order = (one.is_none(), one).cmp(&(other.is_none(), other));
            if sort.reverse { order.reverse() } else { order }
        });
        self.list = timed.into_iter().map(|(_, haystack)| haystack).collect();
    }
}

fn time_of(path: &Path, time: fn(&Metadata) -> io::Result<SystemTime>) -> Option<SystemTime> {
    path.metadata().and_then(|metadata| time(&metadata)).ok()
}

/// Whether the system knows the times that `sort` needs, found out with the running program's own file.
pub(crate) fn check_sort(sort: Sort) -> Result<(), Error> {
    let (times, time): (_, fn(&Metadata) -> io::Result<SystemTime>) = match sort.by {
        SortBy::Path => return Ok(()),
        SortBy::Modified => ("last modified", Metadata::modified),
        SortBy::Accessed => ("last accessed", Metadata::accessed),
        SortBy::Created => ("creation time", Metadata::created),
    };
    match std::env::current_exe()
        .and_then(|program| program.metadata())
        .and_then(|metadata| time(&metadata))
    {
        Ok(_) => Ok(()),
        Err(error) => Err(Error::new(ErrorKind::Sort { times, error })),
    }
}

/// Whether ripgrep, given no path, would search standard input: it is a file, pipe or socket that can be read, not a
/// terminal, and the patterns have not been read from it already. A guess: some programs open a pipe that nobody ever
/// writes to.
pub fn searches_stdin(patterns_from_stdin: bool) -> bool {
    !patterns_from_stdin && grep_cli::is_readable_stdin()
}
