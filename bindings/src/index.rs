//! Opening an index, and what an open index does.

use std::sync::{Arc, Mutex, PoisonError};

use napi::Env;
use napi::bindgen_prelude::{Either, Either3, Null, Object};
use napi_derive::napi;
use quern_engine::{
    BuildStats, Cancel, CheckReport, Error, Index, IndexStats, PoolLoad, Pools, Progress, ProgressReading,
};

use crate::change::{NativeApplied, NativeChange, NativeWatch, NativeWatchOptions};
use crate::control::Control;
use crate::environment;
use crate::explain::NativeExplanation;
use crate::failure::{NativeFailed, NativeFailure};
use crate::follow::{NativeFollow, NativeFollowRequest};
use crate::grep::{NativeCursor, NativeSkipped};
use crate::request::{NativeGrepRequest, NativeOpenOptions};
use crate::search::{NativeSearchAnswer, NativeSearchRequest};
use crate::statistics::NativeRankedStatistics;
use crate::suggest::{NativeSuggestAnswer, NativeSuggestRequest};
use crate::task;

/// How far an open is.
#[napi(object)]
pub struct NativeProgress {
    #[napi(ts_type = "'walk' | 'read' | 'write' | 'done'")]
    pub stage: String,
    pub files: f64,
    pub total_files: f64,
    pub bytes: f64,
    pub seconds: f64,
    /// Of the files that threads are at, the one that has not got on for longest.
    pub slowest: Option<NativeAtWork>,
}

/// A file that a thread is at.
#[napi(object)]
pub struct NativeAtWork {
    pub path: String,
    #[napi(ts_type = "'read' | 'write'")]
    pub stage: String,
    /// Seconds since it last got on.
    pub seconds: f64,
}

impl From<ProgressReading> for NativeProgress {
    fn from(reading: ProgressReading) -> NativeProgress {
        NativeProgress {
            stage: reading.phase.name().to_owned(),
            files: reading.files as f64,
            total_files: reading.total_files as f64,
            bytes: reading.bytes as f64,
            seconds: reading.seconds,
            slowest: reading.slowest.map(|at_work| NativeAtWork {
                path: at_work.path.to_string_lossy().into_owned(),
                stage: at_work.stage.name().to_owned(),
                seconds: at_work.seconds,
            }),
        }
    }
}

/// An index being opened.
#[napi]
pub struct Opening {
    progress: Arc<Progress>,
    pools: Arc<Pools>,
    cancel: Cancel,
    options: Mutex<Option<Result<quern_engine::OpenOptions, Error>>>,
}

/// Prepares an open; `Opening.done` runs it.
#[napi]
pub fn open_index(env: &Env, options: NativeOpenOptions, control: &Control) -> napi::Result<Opening> {
    let options = options.options();
    let of_pools = options.as_ref().map(|options| options.pools.clone());
    Ok(Opening {
        progress: Arc::default(),
        pools: environment::pools(env, &of_pools.unwrap_or_default())?,
        cancel: control.handle(),
        options: Mutex::new(Some(options)),
    })
}

#[napi]
impl Opening {
    #[napi]
    pub fn progress(&self) -> NativeProgress {
        self.progress.read().into()
    }

    /// Opens; to be called once.
    #[napi(ts_return_type = "Promise<NativeIndex | NativeFailed>")]
    pub fn done<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let options = self.options.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (progress, pools, cancel) = (
            Arc::clone(&self.progress),
            Arc::clone(&self.pools),
            self.cancel.clone(),
        );
        task::promise(env, &self.pools.build, &self.cancel, move || {
            let options = options.ok_or_else(|| {
                Error::new(quern_engine::Code::Internal, "an opening can be awaited once")
            })??;
            let index = Index::open(options, Arc::clone(&pools), &progress, &cancel)?;
            Ok(NativeIndex { index, pools })
        })
    }
}

/// An open index.
#[napi]
pub struct NativeIndex {
    index: Arc<Index>,
    pools: Arc<Pools>,
}

#[napi]
impl NativeIndex {
    #[napi(ts_return_type = "Promise<NativeCursor | NativeFailed>")]
    pub fn grep<'env>(
        &self,
        env: &'env Env,
        request: NativeGrepRequest,
        control: &Control,
    ) -> napi::Result<Object<'env>> {
        let (index, pools, cancel) = (Arc::clone(&self.index), Arc::clone(&self.pools), control.handle());
        task::promise(env, &self.pools.query, &control.handle(), move || {
            let cursor = index.grep(request.request(index.default_freshness()?)?, cancel.clone())?;
            Ok(NativeCursor::new(cursor, cancel, pools))
        })
    }

    /// The passages that answer a question best, of what is ranked so far.
    #[napi(ts_return_type = "Promise<NativeSearchAnswer | NativeFailed>")]
    pub fn search<'env>(
        &self,
        env: &'env Env,
        request: NativeSearchRequest,
        control: &Control,
    ) -> napi::Result<Object<'env>> {
        let (index, cancel) = (Arc::clone(&self.index), control.handle());
        task::promise(env, &self.pools.query, &control.handle(), move || {
            index
                .search(&request.request()?, &cancel)
                .map(NativeSearchAnswer::from)
        })
    }

    /// How a ranked search is answered: it is carried out for that.
    #[napi(ts_return_type = "Promise<NativeExplanation | NativeFailed>")]
    pub fn explain<'env>(
        &self,
        env: &'env Env,
        request: NativeSearchRequest,
        control: &Control,
    ) -> napi::Result<Object<'env>> {
        let (index, cancel) = (Arc::clone(&self.index), control.handle());
        task::promise(env, &self.pools.query, &control.handle(), move || {
            index
                .explain(&request.request()?, &cancel)
                .map(NativeExplanation::from)
        })
    }

    /// What the scores of a query depend on in this index.
    #[napi(ts_return_type = "Promise<NativeRankedStatistics | NativeFailed>")]
    pub fn statistics<'env>(
        &self,
        env: &'env Env,
        request: NativeSearchRequest,
        control: &Control,
    ) -> napi::Result<Object<'env>> {
        let (index, cancel) = (Arc::clone(&self.index), control.handle());
        task::promise(env, &self.pools.query, &control.handle(), move || {
            let statistics = index.statistics(&request.request()?, &cancel)?;
            Ok(NativeRankedStatistics::from(statistics.unwrap_or_default()))
        })
    }

    /// Words, symbols and paths that begin as somebody types, of what is ranked so far.
    #[napi(ts_return_type = "Promise<NativeSuggestAnswer | NativeFailed>")]
    pub fn suggest<'env>(
        &self,
        env: &'env Env,
        request: NativeSuggestRequest,
        control: &Control,
    ) -> napi::Result<Object<'env>> {
        let (index, cancel) = (Arc::clone(&self.index), control.handle());
        task::promise(env, &self.pools.query, &control.handle(), move || {
            index
                .suggest(&request.request()?, &cancel)
                .map(NativeSuggestAnswer::from)
        })
    }

    /// Builds what ranked search reads, of all that has none yet.
    #[napi(ts_return_type = "Promise<null | NativeFailed>")]
    pub fn rank<'env>(&self, env: &'env Env, control: &Control) -> napi::Result<Object<'env>> {
        let (index, cancel) = (Arc::clone(&self.index), control.handle());
        task::promise(env, &self.pools.build, &control.handle(), move || {
            index.rank(&cancel).map(|()| Null)
        })
    }

    /// Brings the index up to date with the files.
    #[napi(ts_return_type = "Promise<NativeBuildStats | NativeFailed>")]
    pub fn refresh<'env>(&self, env: &'env Env, control: &Control) -> napi::Result<Object<'env>> {
        let (index, cancel) = (Arc::clone(&self.index), control.handle());
        task::promise(env, &self.pools.build, &control.handle(), move || {
            index
                .refresh(&Progress::default(), &cancel)
                .map(NativeBuildStats::from)
        })
    }

    /// Applies changes, all or none: searchable when the promise resolves.
    #[napi(ts_return_type = "Promise<NativeApplied | NativeFailed>")]
    pub fn apply<'env>(
        &self,
        env: &'env Env,
        changes: Vec<NativeChange>,
        control: &Control,
    ) -> napi::Result<Object<'env>> {
        let (index, cancel) = (Arc::clone(&self.index), control.handle());
        // Texts are copied here: buffers belong to Node's thread.
        let changes: Result<Vec<_>, Error> = changes.into_iter().map(NativeChange::change).collect();
        task::promise(env, &self.pools.build, &control.handle(), move || {
            index.apply(changes?, &cancel).map(NativeApplied::from)
        })
    }

    /// Makes durable what was applied. Resolves to whether there was anything.
    #[napi(ts_return_type = "Promise<boolean | NativeFailed>")]
    pub fn flush<'env>(&self, env: &'env Env, control: &Control) -> napi::Result<Object<'env>> {
        let (index, cancel) = (Arc::clone(&self.index), control.handle());
        task::promise(env, &self.pools.build, &control.handle(), move || {
            index.flush(&cancel)
        })
    }

    /// Joins segments. Resolves to whether there was anything to do.
    #[napi(ts_return_type = "Promise<boolean | NativeFailed>")]
    pub fn compact<'env>(&self, env: &'env Env, control: &Control) -> napi::Result<Object<'env>> {
        let (index, cancel) = (Arc::clone(&self.index), control.handle());
        task::promise(env, &self.pools.build, &control.handle(), move || {
            index.compact(&cancel)
        })
    }

    /// Follows the folder from now on.
    #[napi(ts_return_type = "Promise<NativeWatch | NativeFailed>")]
    pub fn watch<'env>(
        &self,
        env: &'env Env,
        options: NativeWatchOptions,
        control: &Control,
    ) -> napi::Result<Object<'env>> {
        let (index, cancel) = (Arc::clone(&self.index), control.handle());
        let options = options.options();
        task::promise(env, &self.pools.build, &control.handle(), move || {
            index.watch(&options, &cancel).map(NativeWatch::new)
        })
    }

    /// Ends a watch.
    #[napi(ts_return_type = "Promise<null | NativeFailed>")]
    pub fn unwatch<'env>(&self, env: &'env Env, watch: &NativeWatch) -> napi::Result<Object<'env>> {
        let watch = watch.handle();
        task::promise(env, &self.pools.build, &Cancel::new(), move || {
            watch.close();
            Ok(Null)
        })
    }

    /// Follows the folder: lines that match, as they are written.
    #[napi(ts_return_type = "Promise<NativeFollow | NativeFailed>")]
    pub fn follow<'env>(
        &self,
        env: &'env Env,
        request: NativeFollowRequest,
        control: &Control,
    ) -> napi::Result<Object<'env>> {
        let (index, cancel) = (Arc::clone(&self.index), control.handle());
        task::promise(env, &self.pools.query, &control.handle(), move || {
            index.follow(&request.request()?, &cancel).map(NativeFollow::new)
        })
    }

    /// Ends a follow.
    #[napi(ts_return_type = "Promise<null | NativeFailed>")]
    pub fn unfollow<'env>(&self, env: &'env Env, follow: &NativeFollow) -> napi::Result<Object<'env>> {
        let following = follow.handle();
        task::promise(env, &self.pools.query, &Cancel::new(), move || {
            following.close();
            Ok(Null)
        })
    }

    /// Verifies every checksum, and `sample` files' grams against the files.
    #[napi(ts_return_type = "Promise<NativeCheck | NativeFailed>")]
    pub fn check<'env>(&self, env: &'env Env, sample: u32, control: &Control) -> napi::Result<Object<'env>> {
        let (index, cancel) = (Arc::clone(&self.index), control.handle());
        task::promise(env, &self.pools.build, &control.handle(), move || {
            index.check(sample as usize, &cancel).map(NativeCheck::from)
        })
    }

    /// Names the state that a ranked query at `snapshot` is asked of now; null if the folder would be looked at first.
    #[napi(ts_return_type = "string | null | NativeFailed")]
    pub fn state(&self) -> Either3<String, Null, NativeFailed> {
        match quern_engine::contained(|| self.index.state()) {
            Ok(Some(state)) => Either3::A(state),
            Ok(None) => Either3::B(Null),
            Err(error) => Either3::C(error.into()),
        }
    }

    #[napi]
    pub fn stats(&self) -> Either<NativeStats, NativeFailed> {
        match quern_engine::contained(|| self.index.stats()) {
            Ok(stats) => Either::A(stats.into()),
            Err(error) => Either::B(error.into()),
        }
    }

    /// Ends the queries under way, makes durable what was applied, and lets the store go.
    #[napi(ts_return_type = "Promise<null | NativeFailed>")]
    pub fn close<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let index = Arc::clone(&self.index);
        // At once: the queries to be ended may be all that the pool is busy with.
        index.stop();
        task::promise(env, &self.pools.query, &Cancel::new(), move || {
            index.close()?;
            Ok(Null)
        })
    }
}

/// What a build or refresh did.
#[napi(object)]
pub struct NativeBuildStats {
    pub files: f64,
    pub bytes: f64,
    pub removed: f64,
    pub segments: f64,
    pub seconds: f64,
    /// Threads that took part.
    pub threads: u32,
    pub files_per_minute: f64,
    pub megabytes_per_second: f64,
    /// Seconds of all threads together.
    pub stages: NativeStages,
    pub skipped: Vec<NativeSkipped>,
    pub errors: Vec<NativeFailure>,
    pub error_count: f64,
    /// Share of each core's time that was used, 0 to 1.
    pub core_use: f64,
}

#[napi(object)]
pub struct NativeStages {
    pub walk: f64,
    pub read: f64,
    pub extract: f64,
    pub write: f64,
    pub commit: f64,
}

impl From<BuildStats> for NativeBuildStats {
    fn from(stats: BuildStats) -> NativeBuildStats {
        NativeBuildStats {
            files: stats.files as f64,
            bytes: stats.bytes as f64,
            removed: stats.removed as f64,
            segments: stats.segments as f64,
            seconds: stats.seconds,
            threads: stats.threads as u32,
            files_per_minute: stats.files_per_minute(),
            megabytes_per_second: stats.megabytes_per_second(),
            core_use: stats.core_use(),
            stages: NativeStages {
                walk: stats.stages.walk,
                read: stats.stages.read,
                extract: stats.stages.extract,
                write: stats.stages.write,
                commit: stats.stages.commit,
            },
            skipped: stats
                .skipped
                .into_iter()
                .map(|(reason, files)| NativeSkipped {
                    reason: reason.to_owned(),
                    files: files as f64,
                })
                .collect(),
            errors: stats.errors.into_iter().map(NativeFailure::from).collect(),
            error_count: stats.error_count as f64,
        }
    }
}

/// What a pool of threads has to do at a moment.
#[napi(object)]
pub struct NativeLoad {
    pub threads: u32,
    /// Tasks under way; a task may use several threads.
    pub running: u32,
    /// Tasks that no thread has taken up yet.
    pub waiting: u32,
}

impl From<PoolLoad> for NativeLoad {
    fn from(load: PoolLoad) -> NativeLoad {
        NativeLoad {
            threads: load.threads as u32,
            running: load.running as u32,
            waiting: load.waiting as u32,
        }
    }
}

/// What an index holds.
#[napi(object)]
pub struct NativeStats {
    pub root: String,
    pub store: String,
    pub generation: f64,
    /// The id of the state that queries see.
    pub snapshot: String,
    pub files: f64,
    pub tombstones: f64,
    pub segments: f64,
    pub blocks: f64,
    /// Bytes of text indexed.
    pub text_bytes: f64,
    /// Bytes of the store on disk.
    pub store_bytes: f64,
    /// Segments in memory: what was applied and is not flushed.
    pub overlay_segments: f64,
    /// Bytes that they take.
    pub overlay_bytes: f64,
    /// Bytes of the content cache.
    pub cache_bytes: f64,
    /// What the threads have to do that answer, and those that build; all indexes of the process share them.
    pub query_load: NativeLoad,
    pub build_load: NativeLoad,
    /// Why what is done in the background fails at present; absent if it does not.
    pub failure: Option<NativeFailure>,
    /// The last build or refresh of this process; absent if it has done none.
    pub build: Option<NativeBuildStats>,
}

impl From<IndexStats> for NativeStats {
    fn from(stats: IndexStats) -> NativeStats {
        NativeStats {
            root: stats.root.to_string_lossy().into_owned(),
            store: stats.store.to_string_lossy().into_owned(),
            generation: stats.generation as f64,
            snapshot: stats.snapshot,
            files: stats.files as f64,
            tombstones: stats.tombstones as f64,
            segments: stats.segments as f64,
            blocks: stats.blocks as f64,
            text_bytes: stats.text_bytes as f64,
            store_bytes: stats.store_bytes as f64,
            overlay_segments: stats.overlay_segments as f64,
            overlay_bytes: stats.overlay_bytes as f64,
            cache_bytes: stats.cache_bytes as f64,
            query_load: stats.query_load.into(),
            build_load: stats.build_load.into(),
            failure: stats.failure.map(NativeFailure::from),
            build: stats.build.map(NativeBuildStats::from),
        }
    }
}

/// What a check found.
#[napi(object)]
pub struct NativeCheck {
    pub files: f64,
    pub bytes: f64,
    pub sampled: f64,
    pub changed: f64,
    pub faults: Vec<NativeFailure>,
}

impl From<CheckReport> for NativeCheck {
    fn from(report: CheckReport) -> NativeCheck {
        NativeCheck {
            files: report.files as f64,
            bytes: report.bytes as f64,
            sampled: report.sampled as f64,
            changed: report.changed as f64,
            faults: report.faults.into_iter().map(NativeFailure::from).collect(),
        }
    }
}
