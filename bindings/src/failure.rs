//! Failures as data.

use napi_derive::napi;
use quern_engine::Error;

/// A failure; `ts/errors.ts` makes an exception of it.
#[napi(object)]
pub struct NativeFailure {
    pub code: String,
    pub message: String,
    pub path: Option<String>,
    pub stage: Option<String>,
    /// Index of the pattern at fault, and the byte offset of the fault in it.
    pub pattern: Option<u32>,
    pub offset: Option<u32>,
    /// The process that holds a lock.
    pub pid: Option<u32>,
}

/// What a promise resolves to when its task failed.
#[napi(object)]
pub struct NativeFailed {
    pub failure: NativeFailure,
}

impl From<Error> for NativeFailure {
    fn from(error: Error) -> NativeFailure {
        NativeFailure {
            code: error.code.name().to_owned(),
            message: error.message,
            path: error.path.map(|path| path.to_string_lossy().into_owned()),
            stage: error.stage.map(|stage| stage.name().to_owned()),
            pattern: error.place.map(|(pattern, _)| pattern as u32),
            offset: error.place.map(|(_, offset)| offset as u32),
            pid: error.pid,
        }
    }
}

impl From<Error> for NativeFailed {
    fn from(error: Error) -> NativeFailed {
        NativeFailed {
            failure: error.into(),
        }
    }
}
