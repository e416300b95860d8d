//! Who has which cache open in this process: LMDB's locks are those of a process, so a folder has one environment in it, whatever
//! the number of threads and handles.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::Error;
use crate::store::Store;
use crate::writer::Writer;

pub(crate) struct Shared {
    pub writer: Writer,
    pub store: Arc<Store>,
}

struct Slot {
    shared: Arc<Shared>,
    handles: usize,
}

static OPENED: Mutex<BTreeMap<PathBuf, Slot>> = Mutex::new(BTreeMap::new());

/// A share in an open cache. The last one closes it when it is dropped; until then an open of any cache waits.
pub(crate) struct Handle {
    key: PathBuf,
    shared: Option<Arc<Shared>>,
}

impl Handle {
    pub fn open(dir: &Path, max_bytes: Option<u64>) -> Result<Handle, Error> {
        let mut opened = opened();
        if let Some((key, slot)) = known(&mut opened, dir) {
            slot.handles += 1;
            return Ok(Handle {
                key,
                shared: Some(Arc::clone(&slot.shared)),
            });
        }
        let store = Arc::new(Store::open(dir, max_bytes)?);
        let key = fs::canonicalize(dir).map_err(|error| Error::io(dir, &error))?;
        let shared = Arc::new(Shared {
            writer: Writer::start(Arc::clone(&store))?,
            store,
        });
        let slot = Slot {
            shared: Arc::clone(&shared),
            handles: 1,
        };
        opened.insert(key.clone(), slot);
        Ok(Handle {
            key,
            shared: Some(shared),
        })
    }

    pub fn shared(&self) -> &Shared {
        self.shared.as_ref().expect("taken only when it is dropped")
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let mut opened = opened();
        self.shared = None;
        if let Some(slot) = opened.get_mut(&self.key) {
            slot.handles -= 1;
            if slot.handles == 0 {
                opened.remove(&self.key);
            }
        }
    }
}

fn known<'a>(opened: &'a mut BTreeMap<PathBuf, Slot>, dir: &Path) -> Option<(PathBuf, &'a mut Slot)> {
    let key = fs::canonicalize(dir).ok()?;
    let slot = opened.get_mut(&key)?;
    Some((key, slot))
}

fn opened() -> MutexGuard<'static, BTreeMap<PathBuf, Slot>> {
    OPENED.lock().unwrap_or_else(PoisonError::into_inner)
}
