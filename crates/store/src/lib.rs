//! The folder on disk that holds an index.
//!
//! ```text
//! manifest            the current generation: segments, checksums, tombstones
//! root                which folder this is the index of
//! lock, writer        who may write, and who does
//! used                changed whenever the store is opened
//! segments/<name>/    immutable: table, postings, perhaps contents; terms may be added
//! ```
//!
//! Three promises. A commit is one rename: a crash leaves the generation before or the one after. Every byte is
//! under a checksum that is checked before the byte is used: damage is an error, never another answer. Readers take
//! no lock and wait for nobody.
//!
//! [`Store`] reads, [`Writer`] writes, [`stores`] looks after all stores of a user.

mod blocks;
mod bundle;
mod bytes;
mod check;
mod chunks;
mod column;
mod disk;
mod error;
mod files;
mod folder;
mod format;
mod lock;
mod manifest;
mod part;
mod patience;
mod sealed;
mod segment;
mod store;
pub mod stores;
mod unique;
mod writer;

pub use blocks::{BlockTable, BlockTableBuilder};
pub use bytes::Bytes;
pub use check::Check;
pub use chunks::{ChunkKind, ChunkRecord, ChunkTable, ChunkTableBuilder};
pub use disk::{Disk, DiskFile, SystemDisk};
pub use error::{Error, ErrorKind};
pub use files::{FilePart, FileRecord, FileStat, FileTable, FileTableBuilder};
pub use format::FORMAT;
pub use manifest::{Manifest, PartEntry, SegmentEntry};
pub use part::{PAGE, PagedBytes, PartKind, PartWriter};
pub use sealed::Stamp;
pub use segment::{Finished, Segment, SegmentWriter, Terms, TermsWriter};
pub use store::{Snapshot, Store};
pub use writer::Writer;
