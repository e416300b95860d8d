//! Following a folder.

use std::sync::Arc;

use napi::bindgen_prelude::{Either3, Null, Object};
use napi::{Env, Result};
use napi_derive::napi;
use quern_engine::{
    DEFAULT_FOLLOWED_LINE, DEFAULT_PATTERN_SIZE, Error, FollowRequest, Following, WatchOptions,
};

use crate::batch::BatchBytes;
use crate::change::NativeWatchOptions;
use crate::failure::{NativeFailed, NativeFailure};
use crate::request::{NativePatternOptions, NativeTypeChange, type_changes};

#[napi(object)]
#[derive(Default)]
pub struct NativeFollowRequest {
    /// Absent: every line.
    pub pattern: Option<NativePatternOptions>,
    pub globs: Option<Vec<String>>,
    pub iglobs: Option<Vec<String>>,
    pub types: Option<Vec<NativeTypeChange>>,
    pub last: Option<u32>,
    /// Bytes.
    pub max_line: Option<f64>,
    pub watch: Option<NativeWatchOptions>,
}

impl NativeFollowRequest {
    pub(crate) fn request(self) -> std::result::Result<FollowRequest, Error> {
        let (pattern, invert) = match self.pattern.map(NativePatternOptions::options).transpose()? {
            None => (None, false),
            Some((mut pattern, search)) => {
                pattern.size_limit.get_or_insert(DEFAULT_PATTERN_SIZE);
                (Some(pattern), search.invert)
            }
        };
        Ok(FollowRequest {
            pattern,
            invert,
            globs: self.globs.unwrap_or_default(),
            iglobs: self.iglobs.unwrap_or_default(),
            types: type_changes(self.types)?,
            last: self.last.unwrap_or_default(),
            max_line: self
                .max_line
                .map_or(DEFAULT_FOLLOWED_LINE, |bytes| bytes as usize),
            watch: self
                .watch
                .map_or_else(WatchOptions::default, NativeWatchOptions::options),
        })
    }
}

type Rows = Either3<BatchBytes, Null, NativeFailed>;
type Resolver = Box<dyn FnOnce(Env) -> Result<Rows> + Send>;

/// A follow under way.
#[napi]
pub struct NativeFollow {
    following: Arc<Following>,
}

impl NativeFollow {
    pub(crate) fn new(following: Arc<Following>) -> NativeFollow {
        NativeFollow { following }
    }

    pub(crate) fn handle(&self) -> Arc<Following> {
        Arc::clone(&self.following)
    }
}

#[napi]
impl NativeFollow {
    /// The next rows, when there are some; null at the end. No thread of a pool waits for them meanwhile.
    #[napi(ts_return_type = "Promise<ArrayBuffer | null | NativeFailed>")]
    pub fn next<'env>(&self, env: &'env Env, rows: u32) -> Result<Object<'env>> {
        let (deferred, promise) = env.create_deferred::<Rows, Resolver>()?;
        self.following.next(rows as usize, move |batch| {
            let rows = match batch {
                Ok(Some(batch)) => Either3::A(BatchBytes::of(&batch)),
                Ok(None) => Either3::B(Null),
                Err(error) => Either3::C(error.into()),
            };
            deferred.resolve(Box::new(move |_| Ok(rows)));
        });
        Ok(promise)
    }

    /// Why changes are looked for at intervals; absent if the system tells of them.
    #[napi]
    pub fn polling(&self) -> Option<String> {
        let polling = self.following.state().polling;
        polling.map(|reason| reason.name().to_owned())
    }

    /// The first of what could not be read.
    #[napi]
    pub fn errors(&self) -> Vec<NativeFailure> {
        let errors = self.following.state().errors;
        errors.into_iter().map(NativeFailure::from).collect()
    }
}
