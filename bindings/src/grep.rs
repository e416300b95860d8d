//! A grep's rows, pulled batch by batch.

use std::sync::{Arc, Mutex, PoisonError};

use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use quern_engine::{Cancel, Coverage, Cursor, Error, Pools};

use crate::batch::BatchBytes;
use crate::failure::NativeFailure;
use crate::task;

/// What an answer covers.
#[napi(object)]
pub struct NativeCoverage {
    pub generation: f64,
    pub snapshot: String,
    #[napi(ts_type = "'snapshot' | 'verified'")]
    pub freshness: String,
    pub complete: bool,
    /// Milliseconds since 1970: when the generation was made.
    pub taken_at: f64,
    pub files: NativeCoverageFiles,
    pub skipped: Vec<NativeSkipped>,
    #[napi(ts_type = "'limit' | 'memory'")]
    pub limit: Option<String>,
    pub errors: Vec<NativeFailure>,
    pub error_count: f64,
}

#[napi(object)]
pub struct NativeCoverageFiles {
    pub indexed: f64,
    pub candidates: f64,
    pub searched: f64,
    pub changed: f64,
    pub added: f64,
    pub removed: f64,
}

#[napi(object)]
pub struct NativeSkipped {
    pub reason: String,
    pub files: f64,
}

impl From<Coverage> for NativeCoverage {
    fn from(coverage: Coverage) -> NativeCoverage {
        NativeCoverage {
            generation: coverage.generation as f64,
            snapshot: coverage.snapshot,
            freshness: coverage.freshness.name().to_owned(),
            complete: coverage.complete,
            taken_at: coverage.taken_at_ms,
            files: NativeCoverageFiles {
                indexed: coverage.files.indexed as f64,
                candidates: coverage.files.candidates as f64,
                searched: coverage.files.searched as f64,
                changed: coverage.files.changed as f64,
                added: coverage.files.added as f64,
                removed: coverage.files.removed as f64,
            },
            skipped: coverage
                .skipped
                .into_iter()
                .map(|(reason, files)| NativeSkipped {
                    reason: reason.to_owned(),
                    files: files as f64,
                })
                .collect(),
            limit: coverage.limit.map(|limit| limit.name().to_owned()),
            errors: coverage.errors.into_iter().map(NativeFailure::from).collect(),
            error_count: coverage.error_count as f64,
        }
    }
}

/// A running grep.
#[napi]
pub struct NativeCursor {
    cursor: Arc<Mutex<Cursor>>,
    cancel: Cancel,
    pools: Arc<Pools>,
}

impl NativeCursor {
    pub(crate) fn new(cursor: Cursor, cancel: Cancel, pools: Arc<Pools>) -> NativeCursor {
        NativeCursor {
            cursor: Arc::new(Mutex::new(cursor)),
            cancel,
            pools,
        }
    }
}

#[napi]
impl NativeCursor {
    /// The next batch, of at least `rows` rows unless fewer are left; null at the end.
    #[napi(ts_return_type = "Promise<ArrayBuffer | null | NativeFailed>")]
    pub fn next<'env>(&self, env: &'env Env, rows: u32) -> napi::Result<Object<'env>> {
        let cursor = Arc::clone(&self.cursor);
        task::promise(env, &self.pools.query, &self.cancel, move || {
            let mut cursor = cursor.lock().unwrap_or_else(PoisonError::into_inner);
            let batch = cursor.next(rows as usize)?;
            Ok::<_, Error>(batch.map(|batch| BatchBytes::of(&batch)))
        })
    }

    /// What the rows so far cover; final once `next` gave null. Waits for a `next` under way.
    #[napi]
    pub fn coverage(&self) -> NativeCoverage {
        self.cursor
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .coverage()
            .into()
    }

    /// Gives the cursor's memory back; a `next` under way fails.
    #[napi]
    pub fn close(&self) {
        self.cancel.cancel();
        if let Ok(mut cursor) = self.cursor.try_lock() {
            cursor.close();
        }
    }
}
