//! What the thread of a follow does: read what there is, and look when there may be more.

use std::collections::HashSet;
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
use crate::follow::endings::Endings;
use crate::follow::files::Files;
use crate::follow::request::{FollowRequest, Looked};
use crate::follow::tail::{Identity, Standing, Tail, Taken};
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

/// Whether a followed file is where it was last seen.
pub(super) enum Presence {
    /// It is, with so many bytes.
    There(File, u64),
    /// Nothing is there, or something else: the watcher tells where the file is.
    Gone,
    /// The system does not say.
    Unreadable,
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
    /// When to look for them again, if the system tells of nothing before.
    pub again: Option<Instant>,
    /// Files that may be copies of others.
    pub copies: HashSet<Identity>,
    /// Of these, what is to be decided about again.
    pub released: Vec<Identity>,
    /// How many looks there were.
    pub looks: u64,
    /// Texts whose rest may turn up in a copy.
    pub ended: Endings,
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
            again: None,
            copies: HashSet::new(),
            released: Vec::new(),
            looks: 0,
            ended: Endings::default(),
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
        self.watcher.due().into_iter().chain(self.again).min()
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
        if self.decide_before_reading(identity, size) {
            return;
        }
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
            self.begin_anew(identity);
            return self.decide(|_| false);
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

    /// A followed file and its size, if that can be read.
    pub fn open(&mut self, identity: &Identity) -> Option<(File, u64)> {
        match self.presence(identity) {
            Presence::There(file, size) => Some((file, size)),
            Presence::Gone | Presence::Unreadable => None,
        }
    }

    /// Looks for a followed file where it was last seen.
    pub fn presence(&mut self, identity: &Identity) -> Presence {
        let Some(tail) = self.files.get(identity) else {
            return Presence::Gone;
        };
        let stored = Arc::clone(&tail.path);
        let path = self.path(&stored);
        match read::open(&path) {
            Ok((file, meta)) if Identity::of(&meta, &stored) == *identity => Presence::There(file, meta.size),
            Ok(_) => Presence::Gone,
            Err(error) if error.kind() == ErrorKind::NotFound => Presence::Gone,
            Err(error) => {
                self.note(Error::io(&error, &path, Stage::Read));
                Presence::Unreadable
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
