//! One cache as this process has it open: the environment, its tables, and what was read but not yet noted there.

use std::collections::HashSet;
use std::fs::File;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use heed::{Env, EnvFlags, EnvOpenOptions, MdbError, RoTxn, RwTxn, WithoutTls};

use crate::change::{Action, Change};
use crate::error::Error;
use crate::folder::Opening;
use crate::record::Hash;
use crate::tables::{self, Tables};

/// Reads that can be under way at once, in all processes together.
const MAX_READERS: u32 = 512;
/// Entries dropped in passing because they have expired, a commit.
const EXPIRED_AT_ONCE: usize = 256;
/// Entries dropped in one commit where there is no room: a commit takes pages before it frees any.
const EVICTED_AT_ONCE: u64 = 16;
/// Entries noted as used before the tables are told, at most; less in a small cache, all of whose pages they would change.
const MAX_TOUCHED: u64 = 1 << 14;

pub(crate) struct Store {
    pub dir: PathBuf,
    /// Bytes that the file may have.
    pub size: u64,
    pub tables: Tables,
    env: Env<WithoutTls>,
    touched: Mutex<HashSet<Hash>>,
    evictions: AtomicU64,
    /// Released when all else is closed.
    _users: File,
}

impl Store {
    pub fn open(dir: &Path, max_bytes: Option<u64>) -> Result<Store, Error> {
        let opening = Opening::of(dir, max_bytes)?;
        let failed = |error: heed::Error| Error::lmdb(dir, &error);
        let env = environment(dir, opening.size).map_err(failed)?;
        env.clear_stale_readers().map_err(failed)?;
        let tables = Tables::create(&env).map_err(failed)?;
        if opening.is_alone {
            begin_anew_if_damaged(&env, &tables).map_err(failed)?;
        }
        Ok(Store {
            dir: dir.to_path_buf(),
            size: opening.size,
            tables,
            env,
            touched: Mutex::default(),
            evictions: AtomicU64::new(0),
            _users: opening.join()?,
        })
    }

    /// Looks at the last committed state.
    pub fn read<T>(&self, look: impl FnOnce(&RoTxn) -> heed::Result<T>) -> Result<T, Error> {
        let txn = match self.env.read_txn() {
            // Processes that were killed while they read may have all places.
            Err(heed::Error::Mdb(MdbError::ReadersFull)) => {
                self.env.clear_stale_readers().and_then(|_| self.env.read_txn())
            }
            begun => begun,
        };
        txn.and_then(|txn| look(&txn))
            .map_err(|error| Error::lmdb(&self.dir, &error))
    }

    /// Makes changes, all or none; each comes with the time it was asked for, in milliseconds since 1970. Gives what each counts.
    pub fn write(&self, changes: &[(&Change, u64)]) -> Result<Vec<u64>, Error> {
        let room = changes.iter().map(|(change, _)| change.bytes() as u64).sum();
        let now = changes.iter().map(|(_, now)| *now).max().unwrap_or_default();
        self.commit(|txn| {
            self.make_room(txn, room, now)?;
            changes
                .iter()
                .map(|(change, _)| self.apply(txn, change))
                .collect()
        })
    }

    /// Drops half of what there is, a little at a time, for a file that has no page left for a commit: because a reader, or the
    /// state before, has those that were freed.
    pub fn halve(&self) -> Result<(), Error> {
        let failed = |error: heed::Error| Error::lmdb(&self.dir, &error);
        self.env.clear_stale_readers().map_err(failed)?;
        let half = self.read(|txn| self.tables.used(txn))? / 2;
        while self.commit(|txn| self.evict(txn, half, EVICTED_AT_ONCE))? > 0 {}
        Ok(())
    }

    /// Notes that an entry was used. Says whether enough have been for a [`Action::Touch`].
    pub fn touch(&self, key: Hash) -> bool {
        let mut touched = self.touched();
        let most = (self.size >> 14).min(MAX_TOUCHED) as usize;
        touched.len() < most && touched.insert(key) && touched.len() == most
    }

    /// Whether entries were used that the tables do not know of.
    pub fn is_touched(&self) -> bool {
        !self.touched().is_empty()
    }

    pub fn evictions(&self) -> u64 {
        self.evictions.load(Ordering::Relaxed)
    }

    fn touched(&self) -> MutexGuard<'_, HashSet<Hash>> {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn commit<T>(&self, make: impl FnOnce(&mut RwTxn) -> heed::Result<T>) -> Result<T, Error> {
        let made = self.env.write_txn().and_then(|mut txn| {
            let made = make(&mut txn)?;
            txn.commit()?;
            Ok(made)
        });
        made.map_err(|error| Error::lmdb(&self.dir, &error))
    }

    /// Three quarters of the file may be in use: the pages of a state that is read, or was until the last commit, are
    /// not written to, so that a commit takes others.
    fn make_room(&self, txn: &mut RwTxn, room: u64, now: u64) -> heed::Result<()> {
        self.tables.expire(txn, now, EXPIRED_AT_ONCE)?;
        let most = (self.size / 4 * 3).saturating_sub(room);
        if self.tables.used(txn)? > most {
            self.tables.expire(txn, now, usize::MAX)?;
            let touched = mem::take(&mut *self.touched());
            self.tables.touch(txn, &touched)?;
            self.evict(txn, most, u64::MAX)?;
        }
        Ok(())
    }

    fn evict(&self, txn: &mut RwTxn, most: u64, limit: u64) -> heed::Result<u64> {
        let evicted = self.tables.evict(txn, most, limit)?;
        self.evictions.fetch_add(evicted, Ordering::Relaxed);
        Ok(evicted)
    }

    fn apply(&self, txn: &mut RwTxn, change: &Change) -> heed::Result<u64> {
        let tables = &self.tables;
        match &change.0 {
            Action::Put {
                hash,
                record,
                expires,
                tags,
            } => tables.put(txn, hash, record, *expires, tags).map(|()| 1),
            Action::Delete(hash) => tables.remove(txn, hash).map(u64::from),
            Action::DeleteTagged(tags) => tags.iter().map(|tag| tables.remove_tagged(txn, tag)).sum(),
            Action::DeleteMatching(pattern) => tables.remove_matching(txn, pattern),
            Action::Clear => tables.clear(txn),
            Action::Touch => {
                let touched = mem::take(&mut *self.touched());
                tables.touch(txn, &touched).map(|()| touched.len() as u64)
            }
        }
    }
}

fn environment(dir: &Path, size: u64) -> heed::Result<Env<WithoutTls>> {
    let mut options = EnvOpenOptions::new().read_txn_without_tls();
    options
        .map_size(size as usize)
        .max_dbs(tables::COUNT)
        .max_readers(MAX_READERS);
    // SAFETY: this process has no other environment in the folder (`opened.rs`), other processes keep LMDB's locks,
    // and the file was looked through if nobody has it open. These flags only say when pages reach the disk, and that values are
    // read at random.
    unsafe {
        options.flags(EnvFlags::NO_META_SYNC | EnvFlags::NO_READ_AHEAD);
        options.open(dir)
    }
}

/// Drops everything if a tag is not as it was written: what it led to could no longer be dropped by it.
fn begin_anew_if_damaged(env: &Env<WithoutTls>, tables: &Tables) -> heed::Result<()> {
    let are_sound = tables.are_tags_sound(&*env.read_txn()?)?;
    if are_sound {
        return Ok(());
    }
    let mut txn = env.write_txn()?;
    tables.clear(&mut txn)?;
    txn.commit()
}
