//! The user's stores.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use napi::Result;
use napi_derive::napi;
use quern_engine::stores::{self, StoreInfo};
use quern_engine::{Code, Error, contained, default_store};

use crate::environment::thrown;

#[napi(object)]
pub struct NativeStore {
    pub dir: String,
    pub root: Option<String>,
    pub root_exists: bool,
    pub bytes: f64,
    /// Milliseconds since 1970.
    pub last_used: f64,
}

impl From<StoreInfo> for NativeStore {
    fn from(info: StoreInfo) -> NativeStore {
        let used = info.last_used.duration_since(UNIX_EPOCH).unwrap_or_default();
        NativeStore {
            dir: info.dir.to_string_lossy().into_owned(),
            root: info.root.map(|root| root.to_string_lossy().into_owned()),
            root_exists: info.root_exists,
            bytes: info.bytes as f64,
            last_used: used.as_secs_f64() * 1000.0,
        }
    }
}

fn all() -> PathBuf {
    stores::default_dir().unwrap_or_default()
}

/// The stores in the user's cache folder, the last used first.
#[napi]
pub fn store_list() -> Result<Vec<NativeStore>> {
    let found = contained(|| Ok(stores::list(&all())?)).map_err(thrown)?;
    Ok(found.into_iter().map(NativeStore::from).collect())
}

/// Removes stores, the longest unused first, until the others take at most `cap` bytes. Gives what was removed.
#[napi]
pub fn store_prune(cap: f64) -> Result<Vec<NativeStore>> {
    if cap.is_nan() {
        return Err(thrown(Error::new(Code::InvalidOption, "the cap is not a number")));
    }
    let removed = contained(|| Ok(stores::prune(&all(), cap as u64)?)).map_err(thrown)?;
    Ok(removed.into_iter().map(NativeStore::from).collect())
}

/// Removes one store, by its folder.
#[napi]
pub fn store_remove(dir: String) -> Result<()> {
    contained(|| Ok(stores::remove(Path::new(&dir))?)).map_err(thrown)
}

/// Where the store of a root is unless the caller says otherwise.
#[napi]
pub fn store_of(root: String) -> Result<String> {
    let dir = contained(|| default_store(Path::new(&root))).map_err(thrown)?;
    Ok(dir.to_string_lossy().into_owned())
}
