//! An open index: the engine's public face.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use quern_matcher::{PatternOptions, SearchOptions};
use quern_walk::Cancel;

use crate::check::{self, CheckReport};
use crate::engine::Engine;
use crate::error::Error;
use crate::options::OpenOptions;
use crate::pools::Pools;
use crate::progress::Progress;
use crate::prune::IndexPrune;
use crate::query::{Context, Cursor, GrepRequest, start};
use crate::running::{Running, closed};
use crate::stats::{BuildStats, IndexStats};

/// A folder's index, open. Several opens of one store share what is behind them; each is closed by itself.
pub struct Index {
    engine: Mutex<Option<Arc<Engine>>>,
    running: Arc<Running>,
}

impl Index {
    /// Opens the index of a folder, and builds it if there is none. Resolves when grep can answer.
    ///
    /// # Errors
    /// A root that is no folder; a store that is damaged, of a newer format, or cannot be written; a stop.
    pub fn open(
        options: OpenOptions,
        pools: Arc<Pools>,
        progress: &Progress,
        cancel: &Cancel,
    ) -> Result<Arc<Index>, Error> {
        let engine = Engine::shared(&options, pools)?;
        engine.prepare(options.refresh, progress, cancel)?;
        Ok(Arc::new(Index {
            engine: Mutex::new(Some(engine)),
            running: Arc::default(),
        }))
    }

    /// Starts a grep. Files are looked at when rows are asked for.
    ///
    /// # Errors
    /// A pattern or option that is refused; a damaged store; a stop; a closed index.
    pub fn grep(&self, request: GrepRequest, cancel: Cancel) -> Result<Cursor, Error> {
        let engine = self.engine()?;
        let ticket = self.running.enter(&cancel)?;
        let snapshot = engine.snapshot()?;
        let context = Context {
            same_files: snapshot.stored.manifest.options == engine.fingerprint,
            snapshot,
            compiler: &engine.compiler,
            content: Arc::clone(&engine.content),
            walk: &engine.walk,
            max_line: engine.max_line,
            skipped: engine.last_build().map(|build| build.skipped).unwrap_or_default(),
            ticket,
            cancel,
        };
        start(context, request).map_err(|error| self.running.told(error))
    }

    /// What the index rules out for a pattern, for a search that walks the folder itself. `current` is the folder
    /// that the walk's relative paths are relative to.
    ///
    /// # Errors
    /// As [`grep`](Index::grep).
    pub fn prune(
        &self,
        pattern: &PatternOptions,
        search: &SearchOptions,
        current: &Path,
    ) -> Result<IndexPrune, Error> {
        let engine = self.engine()?;
        let compiled = engine.compiler.compile(pattern, search)?;
        IndexPrune::new(engine.snapshot()?, &compiled, current)
    }

    /// Brings the index up to date with the files.
    ///
    /// # Errors
    /// [`Code::Locked`](crate::Code::Locked) if another process is writing; failures of reading or writing; a stop.
    pub fn refresh(&self, progress: &Progress, cancel: &Cancel) -> Result<BuildStats, Error> {
        let engine = self.engine()?;
        let _ticket = self.running.enter(cancel)?;
        let refreshed = engine.refresh(progress, cancel);
        refreshed.map_err(|error| self.running.told(error))
    }

    /// Verifies every checksum of the store, and for `sample` files that what is on disk is found through the grams.
    ///
    /// # Errors
    /// A stop; a closed index. What is wrong with the store is in the report.
    pub fn check(&self, sample: usize, cancel: &Cancel) -> Result<CheckReport, Error> {
        let engine = self.engine()?;
        let _ticket = self.running.enter(cancel)?;
        check::check(&engine, sample, cancel).map_err(|error| self.running.told(error))
    }

    /// What the index holds.
    ///
    /// # Errors
    /// A damaged store; a closed index.
    pub fn stats(&self) -> Result<IndexStats, Error> {
        let engine = self.engine()?;
        let snapshot = engine.snapshot()?;
        let entries = &snapshot.stored.manifest.segments;
        Ok(IndexStats {
            root: engine.root.clone(),
            store: engine.store.dir().to_path_buf(),
            generation: snapshot.generation,
            files: snapshot.live_files(),
            tombstones: entries.iter().map(|entry| entry.tombstones.len()).sum(),
            segments: entries.len() as u64,
            blocks: entries.iter().map(|entry| u64::from(entry.blocks)).sum(),
            text_bytes: entries.iter().map(|entry| entry.text_bytes).sum(),
            store_bytes: snapshot.segments.iter().map(|live| live.segment.bytes()).sum(),
            cache_bytes: engine.content.bytes(),
            build: engine.last_build(),
        })
    }

    /// Ends the queries under way; none can start any more. Never waits.
    pub fn stop(&self) {
        self.running.close();
    }

    /// As [`stop`](Index::stop), and lets the store go. Closing twice does no harm.
    pub fn close(&self) {
        self.stop();
        *self.engine.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn engine(&self) -> Result<Arc<Engine>, Error> {
        self.engine
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
            .ok_or_else(closed)
    }
}
