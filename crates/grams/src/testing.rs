//! What several of the crate's tests build on.

use std::io;

use crate::{BuildOptions, GramBuilder, GramStats, Planes};

/// A gram index in memory.
#[derive(Debug, PartialEq)]
pub(crate) struct Index {
    pub directory: Vec<u8>,
    pub postings: Vec<u8>,
    pub stats: GramStats,
}

impl Index {
    /// The index of blocks with these texts.
    pub(crate) fn of<'a>(texts: impl IntoIterator<Item = &'a Vec<u8>>, planes: Planes) -> Index {
        let mut builder = GramBuilder::new(BuildOptions {
            planes,
            ..BuildOptions::default()
        });
        for text in texts {
            builder.add_block(text);
        }
        let (mut directory, mut postings) = (Vec::new(), Vec::new());
        let stats = builder.finish(&mut directory, &mut postings).unwrap();
        assert_eq!(stats.bytes, postings.len() as u64);
        Index {
            directory,
            postings,
            stats,
        }
    }
}

/// A disk without room.
pub(crate) struct Full;

impl io::Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
