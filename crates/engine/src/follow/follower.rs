//! What the thread of a follow does: read what there is, and look when there may be more.

use std::fs::{File, Metadata};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use quern_matcher::Limits;
use quern_walk::{Cancel, FileMeta, PathFilter, WalkOptions, walk};
use quern_watch::{State, WatchOptions, Watcher};

use crate::coverage::PollReason;
use crate::engine::Engine;
use crate::error::{Error, Stage};
use crate::follow::files::Files;
use crate::follow::request::{FollowRequest, Looked};
use crate::follow::tail::{Identity, Mark, Standing, Tail, Taken};
use crate::query::{Batch, stored, walk_failed};
use crate::read;
use crate::rules::Rules;

/// Bytes of rows with which a batch is full.
const BATCH: usize = 4 << 20;

/// How a folder is followed.
#[derive(Clone, Debug, Default)]
pub struct FollowState {
    /// Why changes are looked for at intervals; `None`: the system tells of them.
    pub polling: Option<PollReason>,
    /// The first of what could not be read, each once.
    pub errors: Vec<Error>,
}

/// A folder that is followed.
pub(super) struct Follower {
    pub root: PathBuf,
    pub walk: WalkOptions,
    pub rules: Rules,
    pub filter: PathFilter,
    pub watcher: Watcher,
    pub files: Files,
    /// Followed files that the last look did not find: the next one may find them under another name.
    pub missing: Vec<Identity>,
    /// New files that are too short to tell whether they are copies.
    pub undecided: Vec<Identity>,
    /// How many looks there were.
    pub looks: u64,
    /// How far files had been read that began anew or went in one of the last looks, and in which.
    pub ended: Vec<(Mark, u64)>,
    pub errors: Vec<Error>,
    pub cancel: Cancel,
    looked: Looked,
    max_line: usize,
}

impl Follower {
    /// Begins with the files as they are at this moment. `wake` is called when there may be something to do.
    ///
    /// # Errors
    /// A request that is refused; a stop by `cancel`.
    pub fn start(
        engine: &Engine,
        request: &FollowRequest,
        wake: Box<dyn Fn() + Send + Sync>,
        cancel: &Cancel,
    ) -> Result<Follower, Error> {
        let (filter, looked) = (request.filter()?, request.compile(&engine.compiler)?);
        let options = WalkOptions {
            stat: true,
            folders: true,
            ..engine.walk.clone()
        };
        let roots = std::slice::from_ref(&engine.root);
        let (found, report) = walk(roots, &options, cancel).map_err(walk_failed)?;
        let mut files = Files::default();
        for file in found {
            if let (Some(path), Some(meta)) = (stored(&engine.root, &file.path), file.meta)
                && filter.matches(&path)
            {
                begin(&mut files, &path.into(), &meta, request.last);
            }
        }
        let watch = WatchOptions {
            follow: engine.walk.follow,
            ..request.watch.clone()
        };
        let mut follower = Follower {
            root: engine.root.clone(),
            rules: Rules::new(&engine.root, &engine.walk),
            walk: options,
            filter,
            watcher: Watcher::start(&engine.root, &report.folders, &watch, wake),
            files,
            missing: Vec::new(),
            undecided: Vec::new(),
            looks: 0,
            ended: Vec::new(),
            errors: Vec::new(),
            cancel: Cancel::new(),
            looked,
            max_line: request.max_line,
        };
        follower.note_walk(&report);
        Ok(follower)
    }

    /// Rows that can be had at once, `rows` at most; none if nobody wrote any.
    ///
    /// # Errors
    /// A stop.
    pub fn turn(&mut self, rows: usize) -> Result<Batch, Error> {
        let mut batch = Batch::default();
        loop {
            while let Some(identity) = self.files.next_waiting() {
                self.cancel.check()?;
                self.read_on(&identity, rows, &mut batch);
                if batch.rows.rows() >= rows || batch.rows.bytes() >= BATCH {
                    return Ok(batch);
                }
            }
            let is_due = self.due().is_some_and(|due| due <= Instant::now());
            if !batch.rows.is_empty() || !is_due || !self.look()? {
                return Ok(batch);
            }
        }
    }

    /// When there is something to look at, if it is known.
    pub fn due(&self) -> Option<Instant> {
        self.watcher.due()
    }

    /// The same, but what is done later is stopped by this.
    pub fn stopped_by(self, cancel: Cancel) -> Follower {
        Follower { cancel, ..self }
    }

    pub fn state(&self) -> FollowState {
        FollowState {
            polling: match self.watcher.state() {
                State::Watching { .. } => None,
                State::Polling { reason, .. } => Some(reason),
            },
            errors: self.errors.clone(),
        }
    }

    fn read_on(&mut self, identity: &Identity, rows: usize, batch: &mut Batch) {
        let Some((mut file, size)) = self.open(identity) else {
            return;
        };
        let Some(tail) = self.files.get_mut(identity) else {
            return;
        };
        let limits = Limits {
            rows: rows.saturating_sub(batch.rows.rows()),
            bytes: BATCH.saturating_sub(batch.rows.bytes()),
        };
        match tail.take(&mut file, size, limits, &mut self.looked, self.max_line) {
            Ok(taken) => self.deliver(identity, &taken, batch),
            Err(error) => {
                let stored = Arc::clone(&tail.path);
                let path = self.path(&stored);
                self.note(Error::io(&error, &path, Stage::Read));
            }
        }
    }

    fn deliver(&mut self, identity: &Identity, taken: &Taken, batch: &mut Batch) {
        if taken.began_anew {
            return self.begin_anew(identity);
        }
        if let Some(tail) = self.files.get(identity)
            && !taken.rows.is_empty()
        {
            batch.push(&tail.path, &taken.rows);
        }
        if taken.is_more {
            self.files.wait(identity);
        }
    }

    /// A followed file and its size, unless something else has its place: then the watcher tells where it is.
    pub fn open(&mut self, identity: &Identity) -> Option<(File, u64)> {
        let stored = Arc::clone(&self.files.get(identity)?.path);
        let path = self.path(&stored);
        match read::open(&path) {
            Ok((file, meta)) => (Identity::of(&meta, &stored) == *identity).then_some((file, meta.size)),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => {
                self.note(Error::io(&error, &path, Stage::Read));
                None
            }
        }
    }

    /// What lies at a path, as the walk would see it.
    pub fn stat(&self, path: &Path) -> std::io::Result<Metadata> {
        match self.walk.follow {
            true => std::fs::metadata(path),
            false => std::fs::symlink_metadata(path),
        }
    }

    /// A file has another text than was read: it is read from its start. What its copies have beyond that was not given.
    pub fn begin_anew(&mut self, identity: &Identity) {
        let look = self.looks;
        if let Some(tail) = self.files.get_mut(identity) {
            let (mark, standing) = (tail.mark, tail.standing.clone());
            tail.begin_anew(look);
            self.ended.push((mark, look));
            self.release_copies(identity, mark, &standing);
            self.files.wait(identity);
        }
    }

    /// A file is gone.
    pub fn forget(&mut self, identity: &Identity) {
        if let Some(tail) = self.files.remove(identity) {
            self.ended.push((tail.mark, self.looks));
            self.release_copies(identity, tail.mark, &tail.standing);
        }
    }

    /// Copies are read on from where their original had been read to.
    fn release_copies(&mut self, original: &Identity, mark: Mark, standing: &Standing) {
        for copy in self.files.copies_of(original) {
            let Some((mut file, size)) = self.open(&copy) else {
                self.files.remove(&copy);
                continue;
            };
            // What could not be told from a copy while it was short may be none.
            let is_copy = size < mark.position
                || mark.seal.bytes == 0
                || mark.seal.is_whole(&mut file, mark.position).unwrap_or(true);
            if let Some(tail) = self.files.get_mut(&copy) {
                tail.mark.position = if is_copy { mark.position.min(size) } else { 0 };
                tail.standing = match standing {
                    Standing::Fresh { last } if is_copy => Standing::Fresh { last: *last },
                    _ => Standing::Fresh { last: 0 },
                };
            }
            self.files.wait(&copy);
        }
    }

    /// The native form of a stored path.
    pub fn path(&self, stored: &[u8]) -> PathBuf {
        quern_paths::join(&self.root, stored).unwrap_or_else(|_| self.root.clone())
    }
}

/// Follows a file that is there at the start.
fn begin(files: &mut Files, path: &Arc<[u8]>, meta: &FileMeta, last: u32) {
    let identity = Identity::of(meta, path);
    if files.get(&identity).is_some() {
        // Another name of a file that has several.
        return;
    }
    let standing = Standing::Fresh { last };
    files.insert(identity.clone(), Tail::new(Arc::clone(path), meta.size, standing));
    if last > 0 && meta.size > 0 {
        files.wait(&identity);
    }
}
