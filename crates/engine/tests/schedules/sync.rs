//! What the modules under test wait for each other with. Time does not pass here: nobody is woken but by another thread.

pub(crate) use shuttle::sync::{Condvar, Mutex, MutexGuard, RwLock};
