//! The handle by which JavaScript stops a call.

use std::time::{Duration, Instant};

use napi_derive::napi;
use quern_engine::Cancel;

/// Cancels one call, at once or at a deadline.
#[napi]
pub struct Control {
    cancel: Cancel,
}

#[napi]
impl Control {
    /// `timeout_ms` counts from now.
    #[napi(constructor)]
    pub fn new(timeout_ms: Option<f64>) -> Control {
        let deadline = timeout_ms
            .and_then(|ms| Duration::try_from_secs_f64(ms / 1000.0).ok())
            .and_then(|timeout| Instant::now().checked_add(timeout));
        Control {
            cancel: Cancel::with_deadline(deadline),
        }
    }

    /// Stops the call soon; its promise resolves to a failure.
    #[napi]
    pub fn cancel(&self) {
        self.cancel.cancel();
    }
}

impl Control {
    pub(crate) fn handle(&self) -> Cancel {
        self.cancel.clone()
    }
}
