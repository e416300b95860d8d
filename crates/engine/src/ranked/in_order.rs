//! Writing what several threads build, in the order of the files, while they go on.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, PoisonError};

use quern_store::{ChunkTableBuilder, PartEntry, TermsWriter};
use quern_terms::StoredRun;
use roaring::RoaringBitmap;

use crate::error::{Error, contained};
use crate::ranked::builder::append;

/// The terms of some neighbouring files.
pub(super) struct Share {
    pub run: Option<StoredRun>,
    pub chunks: ChunkTableBuilder,
    /// Files that could not be read as they were indexed.
    pub unranked: RoaringBitmap,
}

/// Takes shares as they are finished. Holds those that are too early; no thread is ahead by more than a few.
pub(super) struct InOrder {
    state: Mutex<State>,
    written: Condvar,
    /// So many may wait.
    ahead: usize,
}

struct State {
    terms: TermsWriter,
    directory: Vec<u8>,
    chunks: ChunkTableBuilder,
    unranked: RoaringBitmap,
    /// The place of the share that is written next.
    next: usize,
    early: BTreeMap<usize, Share>,
    failure: Option<Error>,
}

impl InOrder {
    pub fn new(terms: TermsWriter, threads: usize) -> InOrder {
        InOrder {
            state: Mutex::new(State {
                terms,
                directory: Vec::new(),
                chunks: ChunkTableBuilder::new(),
                unranked: RoaringBitmap::new(),
                next: 0,
                early: BTreeMap::new(),
                failure: None,
            }),
            written: Condvar::new(),
            ahead: threads,
        }
    }

    /// Takes the share with this place, or why there is none. Waits while too many are early. Gives whether to go on.
    pub fn put(&self, place: usize, share: Result<Share, Error>) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = |state: &mut State| state.failure.is_none() && place > state.next + self.ahead;
        let mut state = self
            .written
            .wait_while(state, wait)
            .unwrap_or_else(PoisonError::into_inner);
        let done = share.and_then(|share| {
            state.early.insert(place, share);
            contained(|| state.write())
        });
        if let Err(error) = done {
            state.failure.get_or_insert(error);
        }
        self.written.notify_all();
        state.failure.is_none()
    }

    /// Takes what comes first of the share with this place, which is too much to be held until the rest is there. Waits until
    /// all before it is written. Gives whether to go on.
    pub fn put_part(&self, place: usize, part: Share) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = |state: &mut State| state.failure.is_none() && place > state.next;
        let mut state = self
            .written
            .wait_while(state, wait)
            .unwrap_or_else(PoisonError::into_inner);
        if state.failure.is_none()
            && let Err(error) = contained(|| state.append(part))
        {
            state.failure = Some(error);
            self.written.notify_all();
        }
        state.failure.is_none()
    }

    /// Writes the tables.
    ///
    /// # Errors
    /// The first failure; a store that cannot be written.
    pub fn finish(self) -> Result<PartEntry, Error> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = state.failure {
            return Err(error);
        }
        let State {
            terms,
            directory,
            mut chunks,
            unranked,
            ..
        } = state;
        Ok(terms.add(&directory, &mut chunks, &unranked)?)
    }
}

impl State {
    /// Writes what is no longer early.
    fn write(&mut self) -> Result<(), Error> {
        while self.failure.is_none()
            && let Some(share) = self.early.remove(&self.next)
        {
            self.append(share)?;
            self.next += 1;
        }
        Ok(())
    }

    fn append(&mut self, share: Share) -> Result<(), Error> {
        let directory = append(share.run.as_slice(), &mut self.terms)?;
        self.directory.extend(directory);
        self.chunks.append(share.chunks);
        self.unranked |= share.unranked;
        Ok(())
    }
}
