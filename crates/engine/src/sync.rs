//! What threads wait for each other with, for the modules that are also tested under a scheduler which tries out how threads
//! can follow each other. There this module is another one: see `tests/schedules`.

pub(crate) use std::sync::{Condvar, Mutex, MutexGuard, RwLock};
