//! Changes that callers make known, and watching.

use std::sync::Arc;
use std::time::Duration;

use napi::bindgen_prelude::{Buffer, Object};
use napi::{Env, Result};
use napi_derive::napi;
use quern_engine::{Applied, Change, Error, Watch, WatchCoverage, WatchEvent, WatchOptions};

use crate::failure::NativeFailure;
use crate::request::unknown;

/// One change. Paths are absolute, or relative to the root.
#[napi(object)]
pub struct NativeChange {
    #[napi(ts_type = "'give' | 'look' | 'remove'")]
    pub kind: String,
    pub path: String,
    /// For 'give': the file's bytes.
    pub text: Option<Buffer>,
}

impl NativeChange {
    pub(crate) fn change(self) -> std::result::Result<Change, Error> {
        let path = self.path.into();
        match self.kind.as_str() {
            "give" => Ok(Change::Give {
                path,
                text: self.text.map(|text| text.to_vec()).unwrap_or_default(),
            }),
            "look" => Ok(Change::Look { path }),
            "remove" => Ok(Change::Remove { path }),
            other => Err(unknown("kind", other, "give, look, remove")),
        }
    }
}

/// What changes did to an index.
#[napi(object)]
pub struct NativeApplied {
    /// The snapshot that has the changes.
    pub snapshot: String,
    /// Files that were indexed.
    pub indexed: f64,
    /// Files that no longer count.
    pub removed: f64,
    pub errors: Vec<NativeFailure>,
    pub error_count: f64,
}

impl From<Applied> for NativeApplied {
    fn from(applied: Applied) -> NativeApplied {
        NativeApplied {
            snapshot: applied.snapshot,
            indexed: applied.indexed as f64,
            removed: applied.removed as f64,
            errors: applied.errors.into_iter().map(NativeFailure::from).collect(),
            error_count: applied.error_count as f64,
        }
    }
}

#[napi(object)]
#[derive(Default)]
pub struct NativeWatchOptions {
    /// Milliseconds.
    pub delay: Option<f64>,
    pub events: Option<u32>,
    /// Milliseconds.
    pub interval: Option<f64>,
    pub poll: Option<bool>,
}

impl NativeWatchOptions {
    pub(crate) fn options(self) -> WatchOptions {
        let default = WatchOptions::default();
        let time = |milliseconds: Option<f64>, default| {
            milliseconds
                .and_then(|milliseconds| Duration::try_from_secs_f64(milliseconds / 1e3).ok())
                .unwrap_or(default)
        };
        WatchOptions {
            delay: time(self.delay, default.delay),
            events: self.events.map_or(default.events, |events| events as usize),
            interval: time(self.interval, default.interval),
            poll: self.poll,
            ..default
        }
    }
}

/// How a folder is watched.
#[napi(object)]
pub struct NativeWatchCoverage {
    /// Why changes are looked for at intervals; absent if the system tells of them.
    pub polling: Option<String>,
    /// Events were lost: the folder is being compared as a whole.
    pub rescanning: bool,
    /// Paths that may have changed and are not yet in the index: a query looks at them itself.
    pub pending: f64,
}

impl From<WatchCoverage> for NativeWatchCoverage {
    fn from(coverage: WatchCoverage) -> NativeWatchCoverage {
        NativeWatchCoverage {
            polling: coverage.polling.map(|reason| reason.name().to_owned()),
            rescanning: coverage.rescanning,
            pending: coverage.pending as f64,
        }
    }
}

/// What happened to a watched index.
#[napi(object)]
pub struct NativeWatchEvent {
    #[napi(ts_type = "'applied' | 'rescanned' | 'polling' | 'failed'")]
    pub kind: String,
    pub snapshot: Option<String>,
    pub indexed: Option<f64>,
    pub removed: Option<f64>,
    pub paths: Option<Vec<String>>,
    /// Milliseconds.
    pub latency: Option<f64>,
    pub reason: Option<String>,
    pub failure: Option<NativeFailure>,
}

impl From<WatchEvent> for NativeWatchEvent {
    fn from(event: WatchEvent) -> NativeWatchEvent {
        let bare = |kind: &str| NativeWatchEvent {
            kind: kind.to_owned(),
            snapshot: None,
            indexed: None,
            removed: None,
            paths: None,
            latency: None,
            reason: None,
            failure: None,
        };
        match event {
            WatchEvent::Applied {
                snapshot,
                indexed,
                removed,
                paths,
                latency_ms,
            } => NativeWatchEvent {
                snapshot: Some(snapshot),
                indexed: Some(indexed as f64),
                removed: Some(removed as f64),
                paths: Some(
                    paths
                        .iter()
                        .map(|path| String::from_utf8_lossy(path).into_owned())
                        .collect(),
                ),
                latency: Some(latency_ms),
                ..bare("applied")
            },
            WatchEvent::Rescanned {
                snapshot,
                indexed,
                removed,
            } => NativeWatchEvent {
                snapshot: Some(snapshot),
                indexed: Some(indexed as f64),
                removed: Some(removed as f64),
                ..bare("rescanned")
            },
            WatchEvent::Polling { reason } => NativeWatchEvent {
                reason: Some(reason.to_owned()),
                ..bare("polling")
            },
            WatchEvent::Failed(error) => NativeWatchEvent {
                failure: Some(error.into()),
                ..bare("failed")
            },
        }
    }
}

type Events = Vec<NativeWatchEvent>;
type Resolver = Box<dyn FnOnce(Env) -> Result<Events> + Send>;

/// A watch under way.
#[napi]
pub struct NativeWatch {
    watch: Arc<Watch>,
}

impl NativeWatch {
    pub(crate) fn new(watch: Arc<Watch>) -> NativeWatch {
        NativeWatch { watch }
    }

    pub(crate) fn handle(&self) -> Arc<Watch> {
        Arc::clone(&self.watch)
    }
}

#[napi]
impl NativeWatch {
    /// The next events, when there are some; none at the end. No thread waits for them meanwhile.
    #[napi(ts_return_type = "Promise<Array<NativeWatchEvent>>")]
    pub fn next<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        let (deferred, promise) = env.create_deferred::<Events, Resolver>()?;
        self.watch.next(move |events| {
            deferred.resolve(Box::new(move |_| {
                Ok(events.into_iter().map(NativeWatchEvent::from).collect())
            }));
        });
        Ok(promise)
    }

    /// Events that were dropped because they were not asked for in time.
    #[napi]
    pub fn missed(&self) -> f64 {
        self.watch.missed() as f64
    }

    #[napi]
    pub fn coverage(&self) -> Option<NativeWatchCoverage> {
        self.watch.coverage().map(NativeWatchCoverage::from)
    }
}
