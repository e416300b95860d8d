//! What can be done to a cache.

use crate::record::{self, Hash};

/// A change, made by the thread that writes.
pub struct Change(pub(crate) Action);

pub(crate) enum Action {
    Put {
        hash: Hash,
        record: Vec<u8>,
        expires: Option<u64>,
        tags: Vec<Hash>,
    },
    Delete(Hash),
    DeleteTagged(Vec<String>),
    DeleteMatching(String),
    Clear,
    /// Notes which entries were used.
    Touch,
}

impl Change {
    /// Puts a value in the place of what the key has. `expires` is in milliseconds since 1970. Counts 1.
    pub fn put(key: &str, value: &[u8], expires: Option<u64>, tags: &[String]) -> Change {
        Change(Action::Put {
            hash: record::hash(key),
            record: record::encode(key, value, expires, tags),
            expires,
            tags: tags.iter().map(|tag| record::hash(tag)).collect(),
        })
    }

    /// Drops what the key has. Counts 1 if it had something.
    pub fn delete(key: &str) -> Change {
        Change(Action::Delete(record::hash(key)))
    }

    /// Drops what has one of the tags. Counts the entries.
    pub fn delete_tagged(tags: Vec<String>) -> Change {
        Change(Action::DeleteTagged(tags))
    }

    /// Drops what has a key that matches: `*` stands for any letters, `?` for one. Counts the entries.
    pub fn delete_matching(pattern: String) -> Change {
        Change(Action::DeleteMatching(pattern))
    }

    /// Drops everything. Counts the entries.
    pub fn clear() -> Change {
        Change(Action::Clear)
    }

    /// Bytes that it takes while it waits, and about what it adds to the cache.
    pub(crate) fn bytes(&self) -> usize {
        match &self.0 {
            Action::Put { record, tags, .. } => record.len() + 256 + tags.len() * 96,
            _ => 256,
        }
    }
}
