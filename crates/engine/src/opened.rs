//! The stores that this process has open. Those who open one with the same options share what is behind it.

use std::collections::HashMap;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use quern_walk::Cancel;

use crate::engine::{Engine, checked_root, default_store, fingerprint};
use crate::error::Error;
use crate::options::OpenOptions;
use crate::pools::Pools;

/// How often who waits for a store that is being closed looks whether it was stopped.
const LOOK: Duration = Duration::from_millis(20);

/// One engine, open. When the last of those who share it lets it go, the store is let go before anything else happens.
pub(crate) struct Opened {
    engine: Arc<Engine>,
    key: Key,
}

/// Store, fingerprint, and globs of append-only files. These are no part of the fingerprint: they say nothing about what is
/// indexed.
type Key = (PathBuf, u64, Vec<String>);

/// An engine that nobody has any more is being closed.
static OPEN: LazyLock<Mutex<HashMap<Key, Weak<Opened>>>> = LazyLock::new(Mutex::default);
static CLOSED: Condvar = Condvar::new();

impl Opened {
    /// The engine of a store, shared with those who have it open with the same options. Waits for one of that store that is
    /// being closed.
    ///
    /// # Errors
    /// A root that is no folder, no place for the store, or options that do not go together; a stop.
    pub fn shared(options: &OpenOptions, pools: Arc<Pools>, cancel: &Cancel) -> Result<Arc<Opened>, Error> {
        let root = checked_root(&options.root)?;
        let dir = match &options.store {
            Some(dir) => dir.clone(),
            None => default_store(&root)?,
        };
        let key = (dir.clone(), fingerprint(options), options.append_only.clone());
        let mut open = opened();
        loop {
            if let Some(opened) = open.get(&key).and_then(Weak::upgrade) {
                return Ok(opened);
            }
            let is_closing =
                |(other, opened): (&Key, &Weak<Opened>)| other.0 == dir && opened.strong_count() == 0;
            if !open.iter().any(is_closing) {
                break;
            }
            cancel.check()?;
            let waited = CLOSED.wait_timeout(open, LOOK);
            open = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        let opened = Arc::new(Opened {
            engine: Arc::new(Engine::new(options, root, dir, pools)?),
            key: key.clone(),
        });
        open.insert(key, Arc::downgrade(&opened));
        Ok(opened)
    }

    /// For what is done with it, which may go on for a moment when it is closed.
    pub fn engine(&self) -> Arc<Engine> {
        Arc::clone(&self.engine)
    }
}

impl Deref for Opened {
    type Target = Arc<Engine>;

    fn deref(&self) -> &Arc<Engine> {
        &self.engine
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.engine.close();
        opened().remove(&self.key);
        CLOSED.notify_all();
    }
}

fn opened() -> MutexGuard<'static, HashMap<Key, Weak<Opened>>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}
