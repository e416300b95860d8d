//! Our own threads. One pool answers queries, one builds segments; both are process-wide and reference-counted.
//!
//! Rayon's global pool is never used: its threads cannot be joined, and threads that outlive a Node environment crash
//! the process at exit on some systems. Here every `JoinHandle` is kept, and dropping the last [`Pools`] joins them.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::{Builder, JoinHandle};

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::{Code, Error};

/// The environment variable with the number of threads, where nobody gives one.
pub const THREADS_VARIABLE: &str = "QUERN_THREADS";

/// The least [`PoolOptions::stack_size`].
pub const LEAST_STACK: usize = 512 << 10;

/// How the threads of a process are set up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolOptions {
    /// How many answer, and how many build; `None`: what `QUERN_THREADS` says.
    pub threads: Option<usize>,
    /// How many where nobody says it; `None`: one a core.
    pub default_threads: Option<usize>,
    /// Bytes of each thread's stack; `None`: 2 MiB.
    pub stack_size: Option<usize>,
    /// The cores that the threads may run on, by number; empty: all. Linux only.
    pub affinity: Vec<usize>,
    /// How those that build compete with other threads.
    pub priority: Priority,
}

/// How threads compete for cores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Priority {
    /// As all do.
    #[default]
    Normal,
    /// They give way, for cores and for the disk.
    Background,
}

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
    /// The pools of this process; the first caller decides on their options.
    ///
    /// # Errors
    /// Options that make no sense on this machine; when the operating system gives no more threads.
    pub fn shared(options: &PoolOptions) -> Result<Arc<Pools>, Error> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pools) = shared.upgrade() {
            return Ok(pools);
        }
        let kind = |priority| Kind::new(options, priority);
        let threads = threads(options)?;
        let pools = Arc::new(Pools {
            query: Pool::new("query", threads, kind(Priority::Normal)?)?,
            build: Pool::new("build", threads, kind(options.priority)?)?,
        });
        *shared = Arc::downgrade(&pools);
        Ok(pools)
    }
}

/// Number of cores that this process may use.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn threads(options: &PoolOptions) -> Result<usize, Error> {
    let wanted = match options.threads {
        Some(threads) => threads,
        None => from_environment()?
            .or(options.default_threads)
            .unwrap_or_default(),
    };
    Ok(match wanted {
        0 if options.affinity.is_empty() => cores(),
        0 => options.affinity.len(),
        threads => threads,
    })
}

fn from_environment() -> Result<Option<usize>, Error> {
    let Some(value) = std::env::var_os(THREADS_VARIABLE).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let threads = value.to_str().and_then(|value| value.parse::<u16>().ok());
    threads.map(|threads| Some(usize::from(threads))).ok_or_else(|| {
        let message = format!("{THREADS_VARIABLE} is {value:?}; it should be a whole number below 2^16");
        Error::new(Code::InvalidOption, message)
    })
}

/// How a thread is started.
#[derive(Clone, Debug)]
pub(crate) struct Kind {
    stack_size: Option<usize>,
    affinity: Vec<usize>,
    priority: Priority,
}

impl Kind {
    fn new(options: &PoolOptions, priority: Priority) -> Result<Kind, Error> {
        if let Some(size) = options.stack_size.filter(|&size| size < LEAST_STACK) {
            let message = format!("stackSize is {size}; it should be at least {LEAST_STACK}");
            return Err(Error::new(Code::InvalidOption, message));
        }
        system::check(&options.affinity)?;
        Ok(Kind {
            stack_size: options.stack_size,
            affinity: options.affinity.clone(),
            priority,
        })
    }

    /// The same, but giving way to all others.
    pub fn in_background(&self) -> Kind {
        Kind {
            priority: Priority::Background,
            ..self.clone()
        }
    }

    /// As threads are if nothing is said about them.
    #[cfg(test)]
    pub fn plain() -> Kind {
        Kind::new(&PoolOptions::default(), Priority::Normal).expect("nothing that could be refused")
    }

    /// Starts such a thread.
    ///
    /// # Errors
    /// When the operating system gives no more threads.
    pub fn spawn(&self, name: String, run: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
        let kind = self.clone();
        self.builder(name).spawn(move || {
            kind.enter();
            run();
        })
    }

    /// What starts such a thread within a scope. It has to call [`enter`](Kind::enter) first.
    pub fn builder(&self, name: String) -> Builder {
        let builder = Builder::new().name(name);
        match self.stack_size {
            Some(size) => builder.stack_size(size),
            None => builder,
        }
    }

    /// Sets up the thread that calls. What the system refuses is left as it is: it makes no answer wrong.
    pub fn enter(&self) {
        system::enter(&self.affinity, self.priority);
    }
}

#[cfg(target_os = "linux")]
mod system {
    use super::{Code, Error, Priority};

    /// Ten steps down from normal: a tenth of a core that both want. The priority of reads and writes goes with it.
    const NICE: libc::c_int = 10;

    /// Whether the threads of this process may run on these cores.
    pub(super) fn check(cores: &[usize]) -> Result<(), Error> {
        if cores.is_empty() {
            return Ok(());
        }
        // SAFETY: a set of cores is plain bits, none of which is set; the call fills the one that it is given the size of.
        let allowed = unsafe {
            let mut allowed: libc::cpu_set_t = std::mem::zeroed();
            libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), &raw mut allowed);
            allowed
        };
        let is_allowed = |core: usize| {
            let most = libc::CPU_SETSIZE as usize;
            // SAFETY: the number is within the set.
            core < most && unsafe { libc::CPU_ISSET(core, &allowed) }
        };
        match cores.iter().find(|&&core| !is_allowed(core)) {
            None => Ok(()),
            Some(core) => {
                let message = format!("affinity has core {core}; this process may not run on it");
                Err(Error::new(Code::InvalidOption, message))
            }
        }
    }

    pub(super) fn enter(cores: &[usize], priority: Priority) {
        if !cores.is_empty() {
            // SAFETY: the numbers were checked to be within the set; 0 is the thread that calls.
            unsafe {
                let mut set: libc::cpu_set_t = std::mem::zeroed();
                cores.iter().for_each(|&core| libc::CPU_SET(core, &mut set));
                libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const set);
            }
        }
        if priority == Priority::Background {
            // SAFETY: no pointers; on Linux 0 is the thread that calls, not its process.
            unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, NICE) };
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::{Code, Error, Priority};

    pub(super) fn check(cores: &[usize]) -> Result<(), Error> {
        if cores.is_empty() {
            return Ok(());
        }
        let message = "affinity is not supported on this system; leave it out";
        Err(Error::new(Code::InvalidOption, message))
    }

    pub(super) fn enter(_: &[usize], priority: Priority) {
        if priority == Priority::Background {
            give_way();
        }
    }

    #[cfg(target_os = "macos")]
    fn give_way() {
        // SAFETY: no pointers; 0 is the thread that calls.
        unsafe { libc::setpriority(libc::PRIO_DARWIN_THREAD, 0, libc::PRIO_DARWIN_BG) };
    }

    #[cfg(windows)]
    fn give_way() {
        use windows_sys::Win32::System::Threading::{
            GetCurrentThread, SetThreadPriority, THREAD_MODE_BACKGROUND_BEGIN,
        };
        // SAFETY: the handle is that of the thread that calls, and is not to be closed.
        unsafe { SetThreadPriority(GetCurrentThread(), THREAD_MODE_BACKGROUND_BEGIN) };
    }

    #[cfg(not(any(target_os = "macos", windows)))]
    fn give_way() {}
}

/// What a pool has to do at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolLoad {
    /// Its threads.
    pub threads: usize,
    /// Tasks under way. A task may use several threads, and a thread that waits for others may take up another task.
    pub running: usize,
    /// Tasks that no thread has taken up yet.
    pub waiting: usize,
}

/// Counts of tasks. They guard nothing, and are only read to be shown.
#[derive(Default)]
struct Tasks {
    running: AtomicUsize,
    waiting: AtomicUsize,
}

/// A task under way, however it ends.
struct Running(Arc<Tasks>);

impl Running {
    fn begin(tasks: Arc<Tasks>) -> Running {
        tasks.waiting.fetch_sub(1, Ordering::Relaxed);
        tasks.running.fetch_add(1, Ordering::Relaxed);
        Running(tasks)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A rayon pool that joins its threads when dropped.
pub struct Pool {
    threads: Option<Arc<ThreadPool>>,
    tasks: Arc<Tasks>,
    kind: Kind,
    handles: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

impl Pool {
    fn new(name: &'static str, threads: usize, kind: Kind) -> Result<Pool, Error> {
        let handles = Arc::new(Mutex::new(Vec::with_capacity(threads)));
        let spawned = Arc::clone(&handles);
        let own = kind.clone();
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .spawn_handler(move |thread| {
                let name = format!("quern-{name}-{}", thread.index());
                let handle = own.spawn(name, move || thread.run())?;
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
            tasks: Arc::default(),
            kind,
            handles,
        })
    }

    /// How threads are started that belong with those of the pool.
    pub(crate) fn kind(&self) -> &Kind {
        &self.kind
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
        let tasks = Arc::clone(&self.tasks);
        tasks.waiting.fetch_add(1, Ordering::Relaxed);
        self.threads().spawn(move || {
            let _running = Running::begin(tasks);
            task();
        });
    }

    /// What it has to do at this moment.
    pub fn load(&self) -> PoolLoad {
        PoolLoad {
            threads: self.size(),
            running: self.tasks.running.load(Ordering::Relaxed),
            waiting: self.tasks.waiting.load(Ordering::Relaxed),
        }
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
        let pool = Pool::new("test", 2, Kind::plain()).unwrap();
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
    fn a_pool_knows_what_it_has_to_do() {
        let pool = Pool::new("test", 1, Kind::plain()).unwrap();
        let counts = |load: PoolLoad| (load.threads, load.running, load.waiting);
        assert_eq!(counts(pool.load()), (1, 0, 0));
        let (begun, has_begun) = std::sync::mpsc::channel();
        let (end, may_end) = std::sync::mpsc::channel::<()>();
        pool.spawn(move || {
            begun.send(()).unwrap();
            may_end.recv().unwrap();
        });
        has_begun.recv().unwrap();
        pool.spawn(|| {});
        assert_eq!(counts(pool.load()), (1, 1, 1));
        end.send(()).unwrap();
        let (last, was_last) = std::sync::mpsc::channel();
        let tasks = Arc::clone(&pool.tasks);
        pool.spawn(move || last.send(()).unwrap());
        was_last.recv().unwrap();
        drop(pool);
        assert_eq!(tasks.running.load(Ordering::Relaxed), 0);
        assert_eq!(tasks.waiting.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_task_may_drop_the_last_owner() {
        let pool = Arc::new(Pool::new("test", 2, Kind::plain()).unwrap());
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
        let with = |threads| PoolOptions {
            threads: Some(threads),
            ..PoolOptions::default()
        };
        let first = Pools::shared(&with(2)).unwrap();
        let second = Pools::shared(&with(3)).unwrap();
        assert!(Arc::ptr_eq(&first, &second));
    }

    #[test]
    fn what_nobody_gives_has_a_default() {
        let count = |options: PoolOptions| threads(&options).unwrap();
        let (given, default) = (Some(3), Some(1));
        let default_threads = default;
        assert_eq!(
            count(PoolOptions {
                threads: given,
                default_threads,
                ..PoolOptions::default()
            }),
            3
        );
        assert_eq!(
            count(PoolOptions {
                default_threads,
                ..PoolOptions::default()
            }),
            1
        );
        assert_eq!(
            count(PoolOptions {
                threads: Some(0),
                default_threads,
                ..PoolOptions::default()
            }),
            cores()
        );
        assert_eq!(
            count(PoolOptions {
                affinity: vec![0, 1, 2],
                ..PoolOptions::default()
            }),
            3
        );
    }

    #[test]
    fn options_that_make_no_sense_are_refused_by_name() {
        let refused = |options: PoolOptions| Kind::new(&options, Priority::Normal).unwrap_err().message;
        let stack_size = Some(1000);
        assert!(
            refused(PoolOptions {
                stack_size,
                ..PoolOptions::default()
            })
            .starts_with("stackSize is 1000")
        );
        let affinity = vec![1 << 20];
        assert!(
            refused(PoolOptions {
                affinity,
                ..PoolOptions::default()
            })
            .starts_with("affinity ")
        );
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn threads_are_set_up() {
        let options = PoolOptions {
            stack_size: Some(LEAST_STACK),
            affinity: vec![0],
            ..PoolOptions::default()
        };
        let kind = Kind::new(&options, Priority::Background).unwrap();
        let (send, receive) = std::sync::mpsc::channel();
        let thread = kind.spawn("quern-test".into(), move || {
            // SAFETY: no pointers.
            let nice = unsafe { libc::getpriority(libc::PRIO_PROCESS, 0) };
            send.send((nice, cores())).unwrap();
        });
        thread.unwrap().join().unwrap();
        let (nice, cores) = receive.recv().unwrap();
        assert!(nice >= 10 && cores == 1, "{nice} {cores}");
    }
}
