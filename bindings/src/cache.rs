//! A cache on disk. Reads look at mapped memory and return at once; changes are made by the cache's own thread.

use std::path::{Path, PathBuf};

use napi::bindgen_prelude::{BufferSlice, Object, Uint8Array, retain_current_module_for_unload_safety};
use napi::{Env, Result};
use napi_derive::napi;
use quern_engine::disk_cache::{self, Change, DiskCache, Found};
use quern_engine::{Code, Error, contained, default_cache};

use crate::environment::thrown;
use crate::task;

#[napi]
pub struct NativeCache {
    dir: PathBuf,
    cache: Option<DiskCache>,
}

/// Where an answer of `entries` goes on, and what it holds. Rows are columns: `keys[i]` has `tags[i]` and so on.
#[napi(object)]
pub struct NativeCachePage {
    pub keys: Vec<String>,
    pub bytes: Vec<f64>,
    /// Milliseconds since 1970; NaN: never.
    pub expires: Vec<f64>,
    pub tags: Vec<Vec<String>>,
    /// What `entries` takes for the next page; absent after the last.
    pub next: Option<Uint8Array>,
}

#[napi(object)]
pub struct NativeCacheStats {
    pub entries: f64,
    pub bytes: f64,
    pub evictions: f64,
    pub max_bytes: f64,
}

/// Where the cache is unless the caller says otherwise.
#[napi]
pub fn cache_default() -> Result<String> {
    let dir = contained(default_cache).map_err(thrown)?;
    Ok(dir.to_string_lossy().into_owned())
}

#[napi]
impl NativeCache {
    /// Opens the cache in `dir`; without `max_bytes` it has the size that it had.
    #[napi(factory)]
    pub fn open(dir: String, max_bytes: Option<f64>) -> Result<NativeCache> {
        // Its thread runs code of this module.
        retain_current_module_for_unload_safety();
        let open = || {
            Ok(DiskCache::open(
                Path::new(&dir),
                max_bytes.map(|bytes| bytes as u64),
            )?)
        };
        let cache = contained(open).map_err(thrown)?;
        Ok(NativeCache {
            dir: dir.into(),
            cache: Some(cache),
        })
    }

    /// `{ value, expires?, tags }`, or nothing. `now` is in milliseconds since 1970, as everywhere here.
    #[napi(ts_return_type = "{ value: Buffer, expires?: number, tags: string[] } | null")]
    pub fn get<'env>(&self, env: &'env Env, key: String, now: f64) -> Result<Option<Object<'env>>> {
        let cache = self.open_cache().map_err(thrown)?;
        let found = cache.get(&key, now as u64, |found| object(env, found));
        found.map_err(|error| thrown(error.into()))?.transpose()
    }

    #[napi(ts_return_type = "Promise<number | NativeFailed>")]
    pub fn set<'env>(
        &self,
        env: &'env Env,
        key: String,
        value: &[u8],
        expires: Option<f64>,
        tags: Vec<String>,
        now: f64,
    ) -> Result<Object<'env>> {
        let expires = expires.map(|expires| expires as u64);
        self.change(env, Change::put(&key, value, expires, &tags), now)
    }

    #[napi(ts_return_type = "Promise<number | NativeFailed>")]
    pub fn delete<'env>(&self, env: &'env Env, key: String, now: f64) -> Result<Object<'env>> {
        self.change(env, Change::delete(&key), now)
    }

    #[napi(ts_return_type = "Promise<number | NativeFailed>")]
    pub fn delete_tagged<'env>(&self, env: &'env Env, tags: Vec<String>, now: f64) -> Result<Object<'env>> {
        self.change(env, Change::delete_tagged(tags), now)
    }

    #[napi(ts_return_type = "Promise<number | NativeFailed>")]
    pub fn delete_matching<'env>(&self, env: &'env Env, pattern: String, now: f64) -> Result<Object<'env>> {
        self.change(env, Change::delete_matching(pattern), now)
    }

    #[napi(ts_return_type = "Promise<number | NativeFailed>")]
    pub fn clear<'env>(&self, env: &'env Env, now: f64) -> Result<Object<'env>> {
        self.change(env, Change::clear(), now)
    }

    /// At most `limit` entries, from where a page said that the next begins.
    #[napi]
    pub fn entries(&self, after: Option<Uint8Array>, limit: u32) -> Result<NativeCachePage> {
        let after = after.and_then(|after| after.as_ref().try_into().ok());
        let page = self
            .open_cache()
            .and_then(|cache| Ok(cache.page(after, limit as usize)?))
            .map_err(thrown)?;
        Ok(columns(page))
    }

    #[napi]
    pub fn stats(&self) -> Result<NativeCacheStats> {
        let stats = self
            .open_cache()
            .and_then(|cache| Ok(cache.stats()?))
            .map_err(thrown)?;
        Ok(NativeCacheStats {
            entries: stats.entries as f64,
            bytes: stats.bytes as f64,
            evictions: stats.evictions as f64,
            max_bytes: stats.max_bytes as f64,
        })
    }

    /// Waits for the changes that were handed over, in the background. Closing again does nothing.
    #[napi(ts_return_type = "Promise<number | NativeFailed>")]
    pub fn close<'env>(&mut self, env: &'env Env) -> Result<Object<'env>> {
        let (done, promise) = task::deferred::<f64>(env)?;
        let cache = self.cache.take();
        let close = move || {
            drop(cache);
            done(Ok(0.0));
        };
        let thread = std::thread::Builder::new().name("quern-cache-close".to_owned());
        thread.spawn(close)?;
        Ok(promise)
    }

    fn change<'env>(&self, env: &'env Env, change: Change, now: f64) -> Result<Object<'env>> {
        let (done, promise) = task::deferred(env)?;
        match self.open_cache() {
            Ok(cache) => cache.change(change, now as u64, |made| {
                done(made.map(|count| count as f64).map_err(Error::from));
            }),
            Err(error) => done(Err(error)),
        }
        Ok(promise)
    }

    fn open_cache(&self) -> std::result::Result<&DiskCache, Error> {
        let closed = || Error::new(Code::Closed, "the cache was closed").at(&self.dir);
        self.cache.as_ref().ok_or_else(closed)
    }
}

/// The value is copied here, from the map into JavaScript's memory.
fn object<'env>(env: &'env Env, found: Found) -> Result<Object<'env>> {
    let mut object = Object::new(env)?;
    object.set("value", BufferSlice::copy_from(env, found.value)?)?;
    if let Some(expires) = found.expires {
        object.set("expires", expires as f64)?;
    }
    object.set("tags", found.tags)?;
    Ok(object)
}

fn columns(page: disk_cache::Page) -> NativeCachePage {
    let mut columns = NativeCachePage {
        keys: Vec::new(),
        bytes: Vec::new(),
        expires: Vec::new(),
        tags: Vec::new(),
        next: page.next.map(|next| Uint8Array::from(&next[..])),
    };
    for entry in page.entries {
        columns.keys.push(entry.key);
        columns.bytes.push(entry.bytes as f64);
        columns
            .expires
            .push(entry.expires.map_or(f64::NAN, |expires| expires as f64));
        columns.tags.push(entry.tags);
    }
    columns
}
