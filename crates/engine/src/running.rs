//! The queries under way, so that closing an index ends them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use quern_walk::Cancel;

use crate::error::{Code, Error};

/// Every query of one index that is not yet dropped.
#[derive(Default)]
pub(crate) struct Running {
    queries: Mutex<HashMap<u64, Cancel>>,
    next: AtomicU64,
    closed: AtomicBool,
}

/// One query's entry; dropping it takes it out.
pub(crate) struct Ticket {
    running: Arc<Running>,
    number: u64,
}

impl Running {
    /// # Errors
    /// [`Code::Closed`].
    pub fn enter(self: &Arc<Running>, cancel: &Cancel) -> Result<Ticket, Error> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.lock().insert(number, cancel.clone());
        let ticket = Ticket {
            running: Arc::clone(self),
            number,
        };
        if ticket.is_closed() {
            Err(closed())
        } else {
            Ok(ticket)
        }
    }

    /// Stops every query; none can enter any more.
    pub fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        self.lock().values().for_each(Cancel::cancel);
    }

    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// The error as its caller is told it: what closing stopped was not aborted by the caller.
    pub fn told(&self, error: Error) -> Error {
        if error.code == Code::Aborted && self.is_closed() {
            closed()
        } else {
            error
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Cancel>> {
        self.queries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    pub fn is_closed(&self) -> bool {
        self.running.is_closed()
    }

    /// See [`Running::told`].
    pub fn told(&self, error: Error) -> Error {
        self.running.told(error)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.running.lock().remove(&self.number);
    }
}

pub(crate) fn closed() -> Error {
    Error::new(Code::Closed, "the index is closed; open it again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_cancels_what_runs_and_lets_nothing_in() {
        let running = Arc::new(Running::default());
        let cancel = Cancel::new();
        let ticket = running.enter(&cancel).unwrap();
        assert!(cancel.check().is_ok());
        running.close();
        assert!(cancel.check().is_err() && ticket.is_closed());
        assert_eq!(running.enter(&Cancel::new()).err().unwrap().code, Code::Closed);
    }

    #[test]
    fn a_dropped_ticket_is_forgotten() {
        let running = Arc::new(Running::default());
        drop(running.enter(&Cancel::new()).unwrap());
        assert!(running.lock().is_empty());
    }
}
