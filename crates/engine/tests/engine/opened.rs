//! An index over a temporary store.

use std::path::Path;
use std::sync::Arc;

use quern_engine::{
    Cancel, Change, Coverage, Cursor, Error, Freshness, GrepRequest, Index, OpenOptions, PoolOptions, Pools,
    Progress,
};
use quern_testkit::{self as kit, Rng};
use tempfile::TempDir;

use crate::convert;

/// An open index and the folder of its store.
pub struct Opened {
    pub index: Arc<Index>,
    pub store: TempDir,
}

pub fn options(root: &Path, store: &TempDir) -> OpenOptions {
    let store = Some(store.path().join("store"));
    OpenOptions {
        store,
        ..OpenOptions::new(root)
    }
}

pub fn two_threads() -> PoolOptions {
    PoolOptions {
        threads: Some(2),
        ..PoolOptions::default()
    }
}

pub fn try_open(options: OpenOptions) -> Result<Arc<Index>, Error> {
    Index::open(
        options,
        Pools::shared(&two_threads())?,
        &Progress::default(),
        &Cancel::new(),
    )
}

impl Opened {
    pub fn new(root: &Path) -> Opened {
        let store = TempDir::new().unwrap();
        let index = try_open(options(root, &store)).unwrap();
        Opened { index, store }
    }

    /// Closes and opens again, as another process would.
    pub fn again(self, change: impl FnOnce(&mut OpenOptions)) -> Opened {
        let root = self.index.stats().unwrap().root;
        self.index.close().unwrap();
        let mut options = options(&root, &self.store);
        change(&mut options);
        Opened {
            index: try_open(options).unwrap(),
            store: self.store,
        }
    }

    /// Indexes a change of a file in one of the ways there are; then it may be flushed, compacted or opened again.
    pub fn live_on(self, rng: &mut Rng, name: &str) -> Opened {
        let (index, cancel) = (&self.index, Cancel::new());
        if rng.one_in(2) {
            index.refresh(&Progress::default(), &cancel).unwrap();
        } else {
            let look = Change::Look { path: name.into() };
            index.apply(vec![look], &cancel).unwrap();
        }
        match rng.below(6) {
            0 => drop(index.flush(&cancel).unwrap()),
            1 => drop(index.compact(&cancel).unwrap()),
            2 => return self.again(|_| {}),
            _ => {}
        }
        self
    }

    pub fn grep(&self, request: GrepRequest) -> Cursor {
        self.index.grep(request, Cancel::new()).unwrap()
    }

    /// As [`answer`].
    pub fn answer(&self, request: GrepRequest) -> (Answer, Coverage) {
        answer(&self.index, request)
    }

    /// As [`lines`].
    pub fn lines(&self, pattern: &str, freshness: Freshness) -> (Vec<String>, Coverage) {
        lines(&self.index, pattern, freshness)
    }
}

/// Rows, file by file.
pub type Answer = Vec<(String, Vec<kit::Row>)>;

/// All rows, file by file in the order of their paths, and the coverage.
pub fn answer(index: &Index, request: GrepRequest) -> (Answer, Coverage) {
    let request = GrepRequest {
        sorted: true,
        ..request
    };
    let mut cursor = index.grep(request, Cancel::new()).unwrap();
    let mut files: Answer = Vec::new();
    while let Some(batch) = cursor.next(50).unwrap() {
        for (row, &file) in convert::rows(&batch.rows).into_iter().zip(&batch.file) {
            let start = if file == 0 {
                0
            } else {
                batch.path_end[file as usize - 1] as usize
            };
            let path = &batch.path[start..batch.path_end[file as usize] as usize];
            let path = String::from_utf8_lossy(path).into_owned();
            match files.last_mut() {
                Some((last, rows)) if *last == path => rows.push(row),
                _ => files.push((path, vec![row])),
            }
        }
    }
    (files, cursor.coverage())
}

/// The texts of matching lines, as `path:line:text`.
pub fn lines(index: &Index, pattern: &str, freshness: Freshness) -> (Vec<String>, Coverage) {
    let (files, coverage) = answer(
        index,
        GrepRequest {
            freshness,
            ..GrepRequest::new([pattern])
        },
    );
    let line =
        |path: &str, row: kit::Row| format!("{path}:{}:{}", row.line, String::from_utf8_lossy(&row.text));
    let lines = files
        .into_iter()
        .flat_map(|(path, rows)| rows.into_iter().map(|row| line(&path, row)).collect::<Vec<_>>());
    (lines.collect(), coverage)
}
