//! The command line's search: ripgrep's walk and ripgrep's output, with an index as a sieve where there is one.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use quern_matcher::Pattern;
use quern_printer::{ErrorKind, Prune, Request, Run};
use quern_store::{Store, stores};
use quern_walk::Cancel;

use crate::engine::checked_root;
use crate::error::{Code, Error, Stage};
use crate::index::Index;
use crate::options::OpenOptions;
use crate::pools::Pools;
use crate::progress::Progress;
use crate::prune::IndexPrune;

/// How many files an index may not know before a search refreshes it; or a hundredth of its files, if that is more.
const TOLERATED: u64 = 200;

/// Which index takes part in a printed search.
#[derive(Clone, Debug)]
pub enum Sieve {
    /// None: every file is read.
    Never,
    /// That of the searched folder or of its nearest parent that has a store; without one the folder is indexed first.
    Nearest {
        /// Where the store is; `None`: in the user's cache folder.
        store: Option<PathBuf>,
    },
}

/// A search whose output is printed.
pub struct Printing {
    run: Run,
    /// The index that takes part, and the number of files so far that it did not know as they are now.
    index: Option<(Arc<Index>, Arc<AtomicU64>)>,
    caught_up: bool,
    cancel: Cancel,
    /// What went wrong with the index; the search goes on without.
    pub complaint: Option<Error>,
}

impl Printing {
    /// Starts a search. The index is opened as it is, since every file is stated anyway.
    ///
    /// # Errors
    /// What the request has wrong; a stop.
    pub fn start(
        request: Request,
        sieve: &Sieve,
        pools: &Arc<Pools>,
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<Printing, Error> {
        let mut index = None;
        let mut complaint = None;
        let mut prune: Option<Box<dyn Prune>> = None;
        if request.output.mode.searches() && !request.search.invert && !request.pattern.patterns.is_empty() {
            // A mistake in the pattern is told before a folder is indexed for its sake.
            Pattern::compile(&request.pattern).map_err(|error| crate::query::refused(&error))?;
            match open_sieve(&request, sieve, pools, progress, cancel) {
                Ok(Some((opened, found))) => {
                    index = Some((opened, found.unknown()));
                    prune = Some(Box::new(found));
                }
                Ok(None) => {}
                Err(error) if matches!(error.code, Code::Aborted | Code::Timeout) => return Err(error),
                Err(error) => complaint = Some(error),
            }
        }
        let run =
            Run::new(request, prune, Arc::clone(pools.query.threads()), cancel.clone()).map_err(refused)?;
        Ok(Printing {
            run,
            index,
            caught_up: false,
            cancel: cancel.clone(),
            complaint,
        })
    }

    /// The next piece of output: bytes for standard output and lines for standard error. `None` at the end.
    ///
    /// # Errors
    /// Globs or types that are refused; a stop.
    #[expect(clippy::should_implement_trait, reason = "it can fail")]
    pub fn next(&mut self) -> Result<Option<quern_printer::Chunk>, Error> {
        let chunk = self.run.next().map_err(refused)?;
        if chunk.is_none() {
            self.catch_up();
        }
        Ok(chunk)
    }

    /// The root of the index that takes part.
    pub fn indexed(&self) -> Option<PathBuf> {
        let (index, _) = self.index.as_ref()?;
        index.stats().ok().map(|stats| stats.root)
    }

    /// Refreshes an index that has fallen behind, once the answer is out: the next search is fast again. That it cannot
    /// be written is nothing to complain about.
    fn catch_up(&mut self) {
        let Some((index, unknown)) = self.index.as_ref().filter(|_| !self.caught_up) else {
            return;
        };
        self.caught_up = true;
        let files = index.stats().map_or(0, |stats| stats.files);
        if unknown.load(Ordering::Relaxed) > TOLERATED.max(files / 100) {
            let _ = index.refresh(&Progress::default(), &self.cancel);
        }
    }

    /// What the search came to so far.
    pub fn summary(&self) -> quern_printer::Summary {
        self.run.summary()
    }
}

fn open_sieve(
    request: &Request,
    sieve: &Sieve,
    pools: &Arc<Pools>,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Option<(Arc<Index>, IndexPrune)>, Error> {
    let Sieve::Nearest { store } = sieve else {
        return Ok(None);
    };
    let current = std::env::current_dir().map_err(|error| Error::io(&error, Path::new("."), Stage::Open))?;
    let Some(folder) = searched_folder(request, &current) else {
        return Ok(None);
    };
    let root = match store {
        Some(store) => stores::root_of(store).filter(|root| folder.starts_with(root)),
        None => nearest_indexed(&folder),
    };
    let root = root.unwrap_or(folder);
    let refresh = false;
    let options = OpenOptions {
        store: store.clone(),
        refresh,
        ..OpenOptions::new(root)
    };
    let index = Index::open(options, Arc::clone(pools), progress, cancel)?;
    let prune = index.prune(&request.pattern, &request.search, &current)?;
    Ok(Some((index, prune)))
}

/// The folder whose index can help: the one that is searched, or the deepest that holds all that is. `None`: files only,
/// or paths that have nothing in common; those are searched directly.
fn searched_folder(request: &Request, current: &Path) -> Option<PathBuf> {
    let mut common: Option<PathBuf> = None;
    for path in &request.paths {
        if path == Path::new("-") {
            continue;
        }
        let path: PathBuf = current.join(path).components().collect();
        let folder = if path.is_dir() {
            path
        } else {
            return nearest_indexed(path.parent()?);
        };
        common = match common {
            None => Some(folder),
            Some(before) if folder.starts_with(&before) => Some(before),
            Some(before) if before.starts_with(&folder) => Some(folder),
            Some(before) => return nearest_indexed(&before).filter(|root| folder.starts_with(root)),
        };
    }
    if request.paths.is_empty() {
        Some(current.to_path_buf())
    } else {
        common
    }
}

/// The folder itself or its nearest parent that has a store in the user's cache folder.
fn nearest_indexed(folder: &Path) -> Option<PathBuf> {
    let all = stores::default_dir()?;
    folder.ancestors().find_map(|root| {
        let dir = stores::for_root(&all, root).ok()?;
        let committed = Store::new(dir).stamp().ok()??;
        (committed.generation > 0).then(|| checked_root(root).ok())?
    })
}

fn refused(error: quern_printer::Error) -> Error {
    match error.kind() {
        ErrorKind::Stopped(stopped) => (*stopped).into(),
        ErrorKind::Pattern(pattern) => crate::query::refused(pattern),
        _ => Error::new(Code::InvalidOption, error.to_string()),
    }
}
