//! The tables of a cache and what keeps them in step. All keys but those of `entries` serve to find entries; whoever finds one that leads
//! nowhere drops it.
//!
//! | table | key | value |
//! | --- | --- | --- |
//! | `entries` | hash of the key | its place: number of the record, stamp, expiry, hashes of the tags |
//! | `pieces` | number of the record, number of the piece | a piece of the record |
//! | `queue` | stamp, hash | nothing: the entry used longest ago is first |
//! | `expiries` | expiry, hash | nothing |
//! | `tags` | hash of the tag, hash of the key | checksum of both: a damaged one would keep an entry that should go |
//!
//! A stamp is a number larger than all before it, so it is the same clock for all processes.
//!
//! Records are numbered as they come, so that they are written one behind the other and what goes together leaves whole pages. And they
//! are cut into pieces of less than half a page: LMDB gives a larger value pages that follow each other, and of
//! those it soon finds none in a file whose free pages lie here and there.

use std::collections::HashSet;
use std::ops::Bound;

use heed::types::Bytes;
use heed::{CommitOrAbort, Database, Env, PutFlags, Result, RoTxn, RwTxn, WithoutTls};

use crate::pattern;
use crate::record::{Hash, NEVER, Record, checksum, hash};

type Table = Database<'static, Bytes, Bytes>;

/// Bytes of a stamp and of an expiry, which are big-endian to be in order.
const NUMBER: usize = 8;
const NAMES: [&str; 5] = ["entries", "pieces", "queue", "expiries", "tags"];
/// Bytes of a piece: two make a page of 4 KiB, with what LMDB notes of each.
const PIECE: usize = 2000;
/// How many tables there are.
pub(crate) const COUNT: u32 = NAMES.len() as u32;

pub(crate) struct Tables {
    entries: Table,
    pieces: Table,
    queue: Table,
    expiries: Table,
    tags: Table,
}

impl Tables {
    /// The tables of an environment, made if they are not there.
    pub fn create(env: &Env<WithoutTls>) -> Result<Tables> {
        let made = env.create_databases_and_commit(env.write_txn()?, |opener, txn| {
            let [a, b, c, d, e] = NAMES.map(|name| opener.create_database::<Bytes, Bytes>(txn, Some(name)));
            Ok::<_, heed::Error>(CommitOrAbort::<_, ()>::Commit([a?, b?, c?, d?, e?]))
        })?;
        let [entries, pieces, queue, expiries, tags] = made.unwrap_commit();
        Ok(Tables {
            entries,
            pieces,
            queue,
            expiries,
            tags,
        })
    }

    fn all(&self) -> [Table; 5] {
        [self.entries, self.pieces, self.queue, self.expiries, self.tags]
    }

    /// Bytes of the pages that hold something.
    pub fn used(&self, txn: &RoTxn) -> Result<u64> {
        let mut used = 0;
        for table in self.all() {
            let stat = table.stat(txn)?;
            let pages = stat.branch_pages + stat.leaf_pages + stat.overflow_pages;
            used += pages as u64 * u64::from(stat.page_size);
        }
        Ok(used)
    }

    /// Whether the tags are as they were written.
    pub fn are_tags_sound(&self, txn: &RoTxn) -> Result<bool> {
        for item in self.tags.iter(txn)? {
            let (key, sum) = item?;
            if sum != checksum(key).to_le_bytes() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// How many entries there are.
    pub fn len(&self, txn: &RoTxn) -> Result<u64> {
        self.entries.len(txn)
    }

    /// The record of an entry, put together.
    pub fn record(&self, txn: &RoTxn, key: &Hash) -> Result<Option<Vec<u8>>> {
        let place = self.entries.get(txn, key)?.and_then(Place::decode);
        place.map(|place| self.whole(txn, place.number)).transpose()
    }

    /// Hashes of keys with their records, in order, behind `after`.
    pub fn iter<'txn>(
        &'txn self,
        txn: &'txn RoTxn,
        after: Option<&Hash>,
    ) -> Result<impl Iterator<Item = Result<(Hash, Vec<u8>)>> + use<'txn>> {
        let from = after.map_or(Bound::Unbounded, |hash| Bound::Excluded(&hash[..]));
        let rows = self.entries.range(txn, &(from, Bound::Unbounded))?;
        Ok(rows.filter_map(move |row| match row {
            Ok((key, place)) => {
                let (key, place) = (Hash::try_from(key).ok()?, Place::decode(place)?);
                Some(self.whole(txn, place.number).map(|record| (key, record)))
            }
            Err(error) => Some(Err(error)),
        }))
    }

    fn whole(&self, txn: &RoTxn, number: u64) -> Result<Vec<u8>> {
        let mut record = Vec::new();
        for piece in self.pieces.prefix_iter(txn, &number.to_be_bytes())? {
            record.extend_from_slice(piece?.1);
        }
        Ok(record)
    }

    pub fn put(
        &self,
        txn: &mut RwTxn,
        key: &Hash,
        record: &[u8],
        expires: Option<u64>,
        tags: &[Hash],
    ) -> Result<()> {
        self.remove(txn, key)?;
        let number = next_number(self.pieces.last(txn)?);
        for (i, piece) in (0u32..).zip(record.chunks(PIECE)) {
            let at = [&number.to_be_bytes()[..], &i.to_be_bytes()].concat();
            self.pieces.put_with_flags(txn, PutFlags::APPEND, &at, piece)?;
        }
        let place = Place {
            number,
            stamp: 0,
            expires: expires.unwrap_or(NEVER),
            tags: tags.to_vec(),
        };
        self.line_up(txn, key, place)?;
        if let Some(expires) = expires {
            self.expiries.put(txn, &numbered(expires, key), &[])?;
        }
        for tag in tags {
            let pair = [*tag, *key].concat();
            self.tags.put(txn, &pair, &checksum(&pair).to_le_bytes())?;
        }
        Ok(())
    }

    /// Drops an entry and all that leads to it. Says whether it was there.
    pub fn remove(&self, txn: &mut RwTxn, key: &Hash) -> Result<bool> {
        if let Some(place) = self.entries.get(txn, key)?.and_then(Place::decode) {
            self.expiries.delete(txn, &numbered(place.expires, key))?;
            self.queue.delete(txn, &numbered(place.stamp, key))?;
            for tag in place.tags {
                self.tags.delete(txn, &[tag, *key].concat())?;
            }
            let last = [place.number.to_be_bytes(), [u8::MAX; NUMBER]].concat();
            let pieces = (Bound::Included(&last[..NUMBER]), Bound::Included(&last[..]));
            self.pieces.delete_range(txn, &pieces)?;
        }
        self.entries.delete(txn, key)
    }

    pub fn remove_tagged(&self, txn: &mut RwTxn, tag: &str) -> Result<u64> {
        let mut found: Vec<Hash> = Vec::new();
        for item in self.tags.prefix_iter(txn, &hash(tag))? {
            found.extend(item?.0.last_chunk::<16>().copied());
        }
        let mut removed = 0;
        for key in found {
            removed += u64::from(self.remove(txn, &key)?);
            self.tags.delete(txn, &[hash(tag), key].concat())?;
        }
        Ok(removed)
    }

    pub fn remove_matching(&self, txn: &mut RwTxn, wanted: &str) -> Result<u64> {
        let mut found = Vec::new();
        for row in self.iter(txn, None)? {
            let (key, bytes) = row?;
            let matches = |record: Record| pattern::matches(wanted, record.key);
            if Record::unchecked(&bytes).is_none_or(matches) {
                found.push(key);
            }
        }
        for key in &found {
            self.remove(txn, key)?;
        }
        Ok(found.len() as u64)
    }

    /// Drops everything; gives how many entries there were.
    pub fn clear(&self, txn: &mut RwTxn) -> Result<u64> {
        let entries = self.len(txn)?;
        for table in self.all() {
            table.clear(txn)?;
        }
        Ok(entries)
    }

    /// Drops what has expired, at most `limit` entries.
    pub fn expire(&self, txn: &mut RwTxn, now: u64, limit: usize) -> Result<()> {
        for _ in 0..limit {
            let first = self.expiries.first(txn)?.and_then(|(key, _)| split(key));
            let Some((_, key)) = first.filter(|(expires, _)| *expires <= now) else {
                break;
            };
            let place = self.entries.get(txn, &key)?.and_then(Place::decode);
            if place.is_some_and(|place| place.expires <= now) {
                self.remove(txn, &key)?;
            }
            self.drop_first(txn, self.expiries, &key)?;
        }
        Ok(())
    }

    /// Drops what was used longest ago until at most `bytes` are used, or `limit` entries went. Gives how many.
    pub fn evict(&self, txn: &mut RwTxn, bytes: u64, limit: u64) -> Result<u64> {
        let mut evicted = 0;
        while evicted < limit && self.used(txn)? > bytes {
            let Some((_, key)) = self.queue.first(txn)?.and_then(|(key, _)| split(key)) else {
                break;
            };
            evicted += u64::from(self.remove(txn, &key)?);
            self.drop_first(txn, self.queue, &key)?;
        }
        Ok(evicted)
    }

    /// Notes that entries were used now.
    pub fn touch(&self, txn: &mut RwTxn, keys: &HashSet<Hash>) -> Result<()> {
        for key in keys {
            if let Some(place) = self.entries.get(txn, key)?.and_then(Place::decode) {
                self.queue.delete(txn, &numbered(place.stamp, key))?;
                self.line_up(txn, key, place)?;
            }
        }
        Ok(())
    }

    /// Drops the first row if it is still one of `key`: `remove` takes those that the entry knows of.
    fn drop_first(&self, txn: &mut RwTxn, table: Table, key: &Hash) -> Result<()> {
        let first = table.first(txn)?.map(|(first, _)| first.to_vec());
        if let Some(first) = first.filter(|first| first.ends_with(key)) {
            table.delete(txn, &first)?;
        }
        Ok(())
    }

    /// Puts an entry behind all others.
    fn line_up(&self, txn: &mut RwTxn, key: &Hash, mut place: Place) -> Result<()> {
        place.stamp = next_number(self.queue.last(txn)?);
        self.queue.put(txn, &numbered(place.stamp, key), &[])?;
        self.entries.put(txn, key, &place.encode())
    }
}

/// What `entries` has of a key.
struct Place {
    number: u64,
    stamp: u64,
    expires: u64,
    tags: Vec<Hash>,
}

impl Place {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = [self.number, self.stamp, self.expires]
            .map(u64::to_be_bytes)
            .concat();
        bytes.extend_from_slice(self.tags.as_flattened());
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Place> {
        let (numbers, tags) = bytes.split_at_checked(3 * NUMBER)?;
        let [number, stamp, expires] = numbers.as_chunks::<NUMBER>().0 else {
            return None;
        };
        Some(Place {
            number: u64::from_be_bytes(*number),
            stamp: u64::from_be_bytes(*stamp),
            expires: u64::from_be_bytes(*expires),
            tags: tags.as_chunks::<16>().0.to_vec(),
        })
    }
}

/// One more than the number that the last key of a table begins with.
fn next_number(last: Option<(&[u8], &[u8])>) -> u64 {
    let number = last.and_then(|(key, _)| key.first_chunk::<NUMBER>().copied());
    number.map_or(0, |number| u64::from_be_bytes(number).saturating_add(1))
}

fn numbered(number: u64, key: &Hash) -> [u8; NUMBER + 16] {
    let mut bytes = [0; NUMBER + 16];
    bytes[..NUMBER].copy_from_slice(&number.to_be_bytes());
    bytes[NUMBER..].copy_from_slice(key);
    bytes
}

fn split(bytes: &[u8]) -> Option<(u64, Hash)> {
    let (number, key) = bytes.split_first_chunk::<NUMBER>()?;
    Some((u64::from_be_bytes(*number), key.try_into().ok()?))
}
