//! Cooperative cancellation: one flag and one deadline, shared by everything that works for one call.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Why work was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// [`Cancel::cancel`] was called.
    Cancelled,
    /// The deadline has passed.
    DeadlineExceeded,
}

/// Tells workers to stop. Clones share one state; long loops call [`check`](Cancel::check) every few microseconds to
/// milliseconds of work.
#[derive(Clone, Debug, Default)]
pub struct Cancel {
    cancelled: Arc<AtomicBool>,
    deadline: Option<Instant>,
}

impl Cancel {
    /// Never stops by itself.
    pub fn new() -> Cancel {
        Cancel::default()
    }

    /// Stops at `deadline`, if there is one.
    pub fn with_deadline(deadline: Option<Instant>) -> Cancel {
        Cancel {
            cancelled: Arc::default(),
            deadline,
        }
    }

    /// Stops every clone.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// An error once the work should stop.
    pub fn check(&self) -> Result<(), Stopped> {
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(Stopped::Cancelled);
        }
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => Err(Stopped::DeadlineExceeded),
            _ => Ok(()),
        }
    }
}
