//! Our own threads. One pool answers queries, one builds segments; both are process-wide and reference-counted.
//!
//! Rayon's global pool is never used: its threads cannot be joined, and threads that outlive a Node environment crash
//! the process at exit on some systems. Here every `JoinHandle` is kept, and dropping the last [`Pools`] joins them.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::{Code, Error};

/// The threads that all indexes of a process share.
pub struct Pools {
    /// Answers queries.
    pub query: Pool,
    /// Opens and refreshes. The workers of a build are threads of its own: a pool's thread that waits for others may take
    /// up another open meanwhile, and wait in it for a lock that it holds itself.
    pub build: Pool,
}

static SHARED: Mutex<Weak<Pools>> = Mutex::new(Weak::new());

impl Pools {
    /// The pools of this process; the first caller decides on the number of threads. 0: one a core.
    ///
    /// # Errors
    /// When the operating system gives no more threads.
    pub fn shared(threads: usize) -> Result<Arc<Pools>, Error> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pools) = shared.upgrade() {
            return Ok(pools);
        }
        let threads = if threads > 0 { threads } else { cores() };
        let pools = Arc::new(Pools {
            query: Pool::new("query", threads)?,
            build: Pool::new("build", threads)?,
        });
        *shared = Arc::downgrade(&pools);
        Ok(pools)
    }
}

/// Number of cores that this process may use.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A rayon pool that joins its threads when dropped.
pub struct Pool {
    threads: Option<Arc<ThreadPool>>,
    handles: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

impl Pool {
    fn new(name: &'static str, threads: usize) -> Result<Pool, Error> {
        let handles = Arc::new(Mutex::new(Vec::with_capacity(threads)));
        let spawned = Arc::clone(&handles);
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .spawn_handler(move |thread| {
                let name = format!("quern-{name}-{}", thread.index());
                let handle = std::thread::Builder::new()
                    .name(name)
                    .spawn(move || thread.run())?;
                spawned
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(handle);
                Ok(())
            })
            .build()
            .map_err(|error| Error::new(Code::Internal, format!("cannot start threads: {error}")))?;
        Ok(Pool {
            threads: Some(Arc::new(pool)),
            handles,
        })
    }

    /// The rayon pool itself.
    pub fn threads(&self) -> &Arc<ThreadPool> {
        self.threads.as_ref().expect("present until the pool is dropped")
    }

    /// Number of threads.
    pub fn size(&self) -> usize {
        self.threads().current_num_threads()
    }

    /// Runs `task` on the pool, some time.
    pub fn spawn(&self, task: impl FnOnce() + Send + 'static) {
        self.threads().spawn(task);
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        drop(self.threads.take());
        let current = std::thread::current().id();
        let mut handles = self.handles.lock().unwrap_or_else(PoisonError::into_inner);
        for handle in handles.drain(..) {
            // The last owner may be a task of the pool itself: a thread cannot join itself, and ends anyway.
            if handle.thread().id() != current {
                let _ = handle.join();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn dropping_a_pool_joins_its_threads() {
        let counter = Arc::new(AtomicUsize::new(0));
        let pool = Pool::new("test", 2).unwrap();
        for _ in 0..100 {
            let counter = Arc::clone(&counter);
            pool.spawn(move || {
                counter.fetch_add(1, Ordering::Relaxed);
            });
        }
        drop(pool);
        assert_eq!(counter.load(Ordering::Relaxed), 100);
    }

    #[test]
    fn a_task_may_drop_the_last_owner() {
        let pool = Arc::new(Pool::new("test", 2).unwrap());
        let (send, receive) = std::sync::mpsc::channel();
        let own = Arc::clone(&pool);
        pool.spawn(move || {
            receive.recv().unwrap();
            drop(own);
        });
        drop(pool);
        send.send(()).unwrap();
    }

    #[test]
    fn the_shared_pools_are_one() {
        let first = Pools::shared(2).unwrap();
        let second = Pools::shared(3).unwrap();
        assert!(Arc::ptr_eq(&first, &second));
    }
}
