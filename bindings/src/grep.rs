//! A grep's rows, pulled batch by batch.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use quern_engine::{Cancel, Coverage, Cursor, Error, Pools};

use crate::batch::BatchBytes;
use crate::change::NativeWatchCoverage;
use crate::failure::NativeFailure;
use crate::task;

/// What an answer covers.
#[napi(object)]
pub struct NativeCoverage {
    pub generation: f64,
    pub snapshot: String,
    #[napi(ts_type = "'snapshot' | 'watched' | 'verified'")]
    pub freshness: String,
    pub complete: bool,
    /// Milliseconds since 1970: when the generation was made.
    pub taken_at: f64,
    pub files: NativeCoverageFiles,
    pub skipped: Vec<NativeSkipped>,
    pub assumed_append_only: f64,
    /// How the folder was watched; absent if it was not.
    pub watch: Option<NativeWatchCoverage>,
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
            assumed_append_only: coverage.assumed_append_only as f64,
            watch: coverage.watch.map(NativeWatchCoverage::from),
            limit: coverage.limit.map(|limit| limit.name().to_owned()),
            errors: coverage.errors.into_iter().map(NativeFailure::from).collect(),
            error_count: coverage.error_count as f64,
        }
    }
}

/// A running grep.
#[napi]
pub struct NativeCursor {
    shared: Arc<Shared>,
    cancel: Cancel,
    pools: Arc<Pools>,
}

/// What a cursor shares with a `next` under way. Nobody ever waits for the cursor: Node's thread must not, and a thread
/// of the pool that waits for others takes on what is queued, which may be another `next` of the very same cursor.
struct Shared {
    cursor: Mutex<Cursor>,
    /// What the rows up to the last batch cover.
    covered: Mutex<Coverage>,
    closed: AtomicBool,
}

impl Shared {
    fn idle(&self) -> Option<MutexGuard<'_, Cursor>> {
        task::unless_busy(&self.cursor)
    }

    fn covered(&self) -> MutexGuard<'_, Coverage> {
        self.covered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self, rows: u32) -> Result<Option<BatchBytes>, Error> {
        let mut cursor = self.idle().ok_or_else(task::busy)?;
        let batch = cursor.next(rows as usize);
        *self.covered() = cursor.coverage();
        Ok(batch?.map(|batch| BatchBytes::of(&batch)))
    }

    fn free_if_closed(&self) {
        if self.closed.load(Ordering::SeqCst)
            && let Some(mut cursor) = self.idle()
        {
            cursor.close();
        }
    }
}

impl NativeCursor {
    pub(crate) fn new(cursor: Cursor, cancel: Cancel, pools: Arc<Pools>) -> NativeCursor {
        NativeCursor {
            shared: Arc::new(Shared {
                covered: Mutex::new(cursor.coverage()),
                cursor: Mutex::new(cursor),
                closed: AtomicBool::new(false),
            }),
            cancel,
            pools,
        }
    }
}

#[napi]
impl NativeCursor {
    /// The next batch, of at least `rows` rows unless fewer are left or they take the query's memory; null at the end.
    /// To be called when the one before has come.
    #[napi(ts_return_type = "Promise<ArrayBuffer | null | NativeFailed>")]
    pub fn next<'env>(&self, env: &'env Env, rows: u32) -> napi::Result<Object<'env>> {
        let shared = Arc::clone(&self.shared);
        task::promise(env, &self.pools.query, &self.cancel, move || {
            let batch = shared.next(rows);
            shared.free_if_closed();
            batch
        })
    }

    /// What the rows so far cover; final once `next` gave null.
    #[napi]
    pub fn coverage(&self) -> NativeCoverage {
        self.shared.covered().clone().into()
    }

    /// Gives the cursor's memory back; a `next` under way fails, and does so when it ends.
    #[napi]
    pub fn close(&self) {
        self.cancel.cancel();
        self.shared.closed.store(true, Ordering::SeqCst);
        self.shared.free_if_closed();
    }
}
