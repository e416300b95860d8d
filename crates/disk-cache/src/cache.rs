//! A handle on a cache.

use std::path::Path;

use crate::change::{Action, Change};
use crate::error::Error;
use crate::opened::Handle;
use crate::record::{self, Hash, Record};

/// A cache, open. Handles on one folder share an environment and a thread; the last one that is dropped waits for the changes that
/// were handed over.
pub struct DiskCache(Handle);

/// An entry.
pub struct Found<'a> {
    /// The value as it was put.
    pub value: &'a [u8],
    /// Milliseconds since 1970; `None`: never.
    pub expires: Option<u64>,
    /// The tags as they were put.
    pub tags: Vec<&'a str>,
}

/// An entry as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The key.
    pub key: String,
    /// Bytes of the value.
    pub bytes: u64,
    /// Milliseconds since 1970; `None`: never.
    pub expires: Option<u64>,
    /// The tags as they were put.
    pub tags: Vec<String>,
}

/// Some of the entries, in an order of no meaning.
pub struct Page {
    /// The entries.
    pub entries: Vec<Listed>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<[u8; 16]>,
}

/// What a cache holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Entries, expired ones among them until they are dropped.
    pub entries: u64,
    /// Bytes of the file that are in use.
    pub bytes: u64,
    /// Entries that this process dropped because room was needed.
    pub evictions: u64,
    /// Bytes that the file may have.
    pub max_bytes: u64,
}

impl DiskCache {
    /// Opens the cache in `dir`, made if it is not there, with parents. One of another format, or a damaged one, begins anew.
    /// `max_bytes` bounds the file; `None` is what it had before, else [`DEFAULT_MAX_BYTES`](crate::DEFAULT_MAX_BYTES). While others have
    /// it open their size counts.
    ///
    /// # Errors
    /// `Permission`, `Full` and `Io` of the system; `Foreign` if the folder holds something else; `InUse` if a process of another
    /// format has it open; `Size` below [`MIN_MAX_BYTES`](crate::MIN_MAX_BYTES).
    pub fn open(dir: &Path, max_bytes: Option<u64>) -> Result<DiskCache, Error> {
        Handle::open(dir, max_bytes).map(DiskCache)
    }

    /// What `take` makes of the entry of `key`, or `None` if there is none that is whole and not expired at `now`, in milliseconds since
    /// 1970. One that is not whole is dropped.
    ///
    /// # Errors
    /// `Io`, `Damaged`.
    pub fn get<T>(&self, key: &str, now: u64, take: impl FnOnce(Found) -> T) -> Result<Option<T>, Error> {
        let (hash, store) = (record::hash(key), &self.0.shared().store);
        let mut is_broken = false;
        let taken = store.read(|txn| {
            let Some(bytes) = store.tables.record(txn, &hash)? else {
                return Ok(None);
            };
            let Some(record) = Record::checked(&bytes) else {
                is_broken = true;
                return Ok(None);
            };
            let is_it = record.key == key && !record.is_expired(now);
            Ok(is_it.then(|| take(found(&record))))
        })?;
        if is_broken {
            self.change(Change(Action::Delete(hash)), now, |_| ());
        } else if taken.is_some() && store.touch(hash) {
            self.change(Change(Action::Touch), now, |_| ());
        }
        Ok(taken)
    }

    /// Makes a change; `done` is called on the thread that writes once it is committed, and can be read by all processes, with what it
    /// counts. `now` is in milliseconds since 1970.
    ///
    /// `done` gets `Full` if the disk is, if the value is larger than an eighth of the cache, or if 64 MiB wait to be written; what
    /// the key had before is then dropped, as far as that can be done. `Io` and `Damaged` are the others.
    pub fn change(&self, change: Change, now: u64, done: impl FnOnce(Result<u64, Error>) + Send + 'static) {
        let shared = self.0.shared();
        shared.writer.submit(&shared.store, change, now, Box::new(done));
    }

    /// At most `limit` entries that follow `after`, the `next` of the page before; damaged ones are left out.
    ///
    /// # Errors
    /// `Io`, `Damaged`.
    pub fn page(&self, after: Option<Hash>, limit: usize) -> Result<Page, Error> {
        let store = &self.0.shared().store;
        store.read(|txn| {
            let rows = store.tables.iter(txn, after.as_ref())?;
            let mut page = Page {
                entries: Vec::new(),
                next: None,
            };
            for (row, left) in rows.zip((0..limit).rev()) {
                let (hash, bytes) = row?;
                page.next = (left == 0).then_some(hash);
                let record = Record::unchecked(&bytes);
                page.entries.extend(record.as_ref().map(listed));
            }
            Ok(page)
        })
    }

    /// What it holds.
    ///
    /// # Errors
    /// `Io`, `Damaged`.
    pub fn stats(&self) -> Result<Stats, Error> {
        let store = &self.0.shared().store;
        store.read(|txn| {
            Ok(Stats {
                entries: store.tables.len(txn)?,
                bytes: store.tables.used(txn)?,
                evictions: store.evictions(),
                max_bytes: store.size,
            })
        })
    }
}

fn found<'a>(record: &Record<'a>) -> Found<'a> {
    Found {
        value: record.value,
        expires: record.expires,
        tags: record.tags().collect(),
    }
}

fn listed(record: &Record) -> Listed {
    Listed {
        key: record.key.to_owned(),
        bytes: record.value.len() as u64,
        expires: record.expires,
        tags: record.tags().map(str::to_owned).collect(),
    }
}
