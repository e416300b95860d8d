//! A cache on disk that processes share: values by key, with an expiry and tags, in at most so many bytes.
//!
//! It is one LMDB environment a folder. A reader looks at mapped memory and waits for nobody; all changes of a process go
//! through one thread ([`DiskCache`] hands them over and calls back), which joins those that wait into one transaction. Across processes LMDB
//! has one writer at a time. A process that is killed leaves the last committed state: nothing of the file that this
//! state has is written to.
//!
//! **What may be lost.** A commit syncs its pages, but not the page that names them (`MDB_NOMETASYNC`): that one goes to the disk with the
//! next commit. When the system crashes, the last commit may so be undone; what is there is whole.
//!
//! **What is checked.** LMDB believes what its pages say. So the first process to open a folder that nobody has open looks at every
//! page that leads somewhere (`check.rs`), and begins anew if one cannot be. A value has a checksum over all of its
//! record, which every read compares. What cannot be caught is a file that somebody else damages while it is open.
//!
//! **What goes when it is full.** First what has expired, then what was used longest ago. A read does not write: it
//! notes the key in memory, and an entry so noted that is about to go gets a second chance.

mod cache;
mod change;
mod check;
mod error;
mod folder;
mod opened;
mod pattern;
mod record;
mod store;
mod tables;
mod writer;

pub use cache::{DiskCache, Found, Listed, Page, Stats};
pub use change::Change;
pub use error::{Error, ErrorKind};
pub use folder::{DEFAULT_MAX_BYTES, MIN_MAX_BYTES};
