//! An open index: the engine's public face.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use quern_matcher::{PatternOptions, SearchOptions};
use quern_terms::AskedStatistics;
use quern_walk::Cancel;
use quern_watch::WatchOptions;

use crate::change::{Applied, Change, overlay_memory};
use crate::check::{self, CheckReport};
use crate::coverage::Freshness;
use crate::engine::{Engine, Fresh, have_same_files};
use crate::error::Error;
use crate::follow::{FollowRequest, Following};
use crate::opened::Opened;
use crate::options::OpenOptions;
use crate::pools::Pools;
use crate::progress::Progress;
use crate::prune::IndexPrune;
use crate::query::{Context, Cursor, GrepRequest, Scope, start};
use crate::running::{Running, closed};
use crate::search::{
    Explanation, SearchAnswer, SearchRequest, SuggestAnswer, SuggestRequest, explain, search, state_name,
    statistics, suggest,
};
use crate::snapshot::LiveSegment;
use crate::stats::{BuildStats, IndexStats};
use crate::watching::Watch;

/// A folder's index, open. Several opens of one store share what is behind them; each is closed by itself.
pub struct Index {
    opened: Mutex<Option<Arc<Opened>>>,
    running: Arc<Running>,
    /// Kept here too: a watch goes on although nobody reads its events.
    watches: Mutex<Vec<Arc<Watch>>>,
    /// Whoever lets go of a follow has ended it.
    follows: Mutex<Vec<Weak<Following>>>,
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
        let opened = Opened::shared(&options, pools, cancel)?;
        opened.prepare(options.refresh, progress, cancel)?;
        Ok(Arc::new(Index {
            opened: Mutex::new(Some(opened)),
            running: Arc::default(),
            watches: Mutex::default(),
            follows: Mutex::default(),
        }))
    }

    /// Starts a grep. Files are looked at when rows are asked for.
    ///
    /// # Errors
    /// A pattern or option that is refused; a damaged store; a stop; a closed index.
    pub fn grep(&self, mut request: GrepRequest, cancel: Cancel) -> Result<Cursor, Error> {
        let engine = self.engine()?;
        let ticket = self.running.enter(&cancel)?;
        // In this order: a change is either still pending or in the snapshot.
        let (mut scope, watch) = engine.scope(request.freshness)?;
        let snapshot = engine.snapshot()?;
        if !have_same_files(snapshot.stored.manifest.options, engine.fingerprint) {
            // It does not hold the files that the options ask for.
            request.freshness = Freshness::Verified;
            scope = Some(Scope::Everything);
        }
        let context = Context {
            snapshot,
            compiler: &engine.compiler,
            content: Arc::clone(&engine.content),
            walk: &engine.walk,
            max_line: engine.max_line,
            scope,
            within: None,
            watch,
            recent: engine.watching.is_on().then(|| Arc::clone(&engine.recent)),
            skipped: engine.last_build().map(|build| build.skipped).unwrap_or_default(),
            ticket,
            cancel,
        };
        start(context, request).map_err(|error| self.running.told(error))
    }

    /// The freshness of a query that asks for none: `watched` with a watcher, else `snapshot`.
    ///
    /// # Errors
    /// A closed index.
    pub fn default_freshness(&self) -> Result<Freshness, Error> {
        let is_watched = self.engine()?.watching.is_on();
        Ok(if is_watched {
            Freshness::Watched
        } else {
            Freshness::Snapshot
        })
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

    /// The passages that answer a question best, of what is ranked so far. From now on the rest is ranked in the background;
    /// [`rank`](Index::rank) waits for it.
    ///
    /// # Errors
    /// A query that is refused; [`Code::Locked`](crate::Code::Locked) if changes have to be indexed first and another process
    /// is writing; a damaged store; a stop; a closed index.
    pub fn search(&self, request: &SearchRequest, cancel: &Cancel) -> Result<SearchAnswer, Error> {
        self.ranked(request.freshness, true, cancel, |engine, fresh| {
            let mut answer = search(engine, &fresh.snapshot, request, cancel)?;
            answer.coverage.add(fresh);
            Ok(answer)
        })
    }

    /// How a ranked search is answered, what it takes, and what could be asked instead: it is carried out for that.
    ///
    /// # Errors
    /// As [`search`](Index::search).
    pub fn explain(&self, request: &SearchRequest, cancel: &Cancel) -> Result<Explanation, Error> {
        self.ranked(request.freshness, true, cancel, |engine, fresh| {
            let mut explanation = explain(engine, &fresh.snapshot, request, cancel)?;
            explanation.answer.coverage.add(fresh);
            Ok(explanation)
        })
    }

    /// What the scores of a question depend on in this index, besides the passages: for those who ask several. The sum over
    /// all, as [`Options::statistics`](quern_terms::Options::statistics), gives each answer the scores that one index of everything
    /// would give before it looks at whole files. `None`: the query asks for nothing.
    ///
    /// # Errors
    /// As [`search`](Index::search).
    pub fn statistics(
        &self,
        request: &SearchRequest,
        cancel: &Cancel,
    ) -> Result<Option<AskedStatistics>, Error> {
        self.ranked(request.freshness, true, cancel, |engine, fresh| {
            statistics(engine, &fresh.snapshot, request, cancel)
        })
    }

    /// Words, symbols and paths that begin as somebody types, of what is ranked so far. If words or symbols are asked for, the
    /// rest is ranked in the background from now on, as by [`search`](Index::search).
    ///
    /// # Errors
    /// As [`search`](Index::search); no text is refused.
    pub fn suggest(&self, request: &SuggestRequest, cancel: &Cancel) -> Result<SuggestAnswer, Error> {
        let needs_terms = request.needs_terms();
        self.ranked(request.freshness, needs_terms, cancel, |engine, fresh| {
            let mut answer = suggest(engine, &fresh.snapshot, request, cancel)?;
            answer.coverage.add(fresh);
            Ok(answer)
        })
    }

    /// Names the state that a ranked query at [`Freshness::Snapshot`] is asked of now: equal names, equal states.
    /// `None`: the folder would be looked at first, because the store holds other files than the options ask for.
    ///
    /// # Errors
    /// A damaged store; a closed index.
    pub fn state(&self) -> Result<Option<String>, Error> {
        let engine = self.engine()?;
        let snapshot = engine.snapshot()?;
        let is_as_asked = snapshot.stored.manifest.options == engine.fingerprint;
        Ok(is_as_asked.then(|| state_name(&snapshot.id, snapshot.taken_at_ms)))
    }

    /// Asks what is ranked of the folder, in a state as fresh as this.
    fn ranked<A>(
        &self,
        freshness: Freshness,
        needs_terms: bool,
        cancel: &Cancel,
        ask: impl FnOnce(&Arc<Engine>, &Fresh) -> Result<A, Error>,
    ) -> Result<A, Error> {
        let engine = self.engine()?;
        let _ticket = self.running.enter(cancel)?;
        if needs_terms {
            engine.rank_from_now_on();
        }
        let fresh = engine.fresh(freshness, cancel);
        fresh
            .and_then(|fresh| ask(&engine, &fresh))
            .map_err(|error| self.running.told(error))
    }

    /// Builds what ranked search reads, of all that has none yet.
    ///
    /// # Errors
    /// [`Code::Locked`](crate::Code::Locked) if another process is writing; a store that cannot be written; a stop.
    pub fn rank(&self, cancel: &Cancel) -> Result<(), Error> {
        let engine = self.engine()?;
        let _ticket = self.running.enter(cancel)?;
        let kind = engine.pools.build.kind();
        let ranked = engine.rank_all(kind, cancel);
        ranked.map_err(|error| self.running.told(error))
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

    /// Applies changes: searchable when this returns, durable after the next [`flush`](Index::flush).
    ///
    /// # Errors
    /// A path that is refused; [`Code::Locked`](crate::Code::Locked) if another process is writing; a stop. Then none of
    /// the changes was applied.
    pub fn apply(&self, changes: Vec<Change>, cancel: &Cancel) -> Result<Applied, Error> {
        let engine = self.engine()?;
        let _ticket = self.running.enter(cancel)?;
        engine
            .apply(changes, cancel)
            .map_err(|error| self.running.told(error))
    }

    /// Makes durable what was applied. Gives whether there was anything.
    ///
    /// # Errors
    /// A store that cannot be written: what was applied still answers, and a flush can be tried again. A stop.
    pub fn flush(&self, cancel: &Cancel) -> Result<bool, Error> {
        let engine = self.engine()?;
        let _ticket = self.running.enter(cancel)?;
        engine.flush(cancel).map_err(|error| self.running.told(error))
    }

    /// Joins segments into as few as can be and drops from them what no longer counts. Gives whether there was anything
    /// to do.
    ///
    /// # Errors
    /// [`Code::Locked`](crate::Code::Locked) if another process is writing; a store that cannot be written; a stop.
    pub fn compact(&self, cancel: &Cancel) -> Result<bool, Error> {
        let engine = self.engine()?;
        let _ticket = self.running.enter(cancel)?;
        engine.compact(cancel).map_err(|error| self.running.told(error))
    }

    /// Follows the folder: changes are indexed as the system tells of them, and queries can ask for freshness `watched`.
    /// Until the watch or the index is closed.
    ///
    /// # Errors
    /// [`Code::Locked`](crate::Code::Locked) if another process is writing; a stop.
    pub fn watch(&self, options: &WatchOptions, cancel: &Cancel) -> Result<Arc<Watch>, Error> {
        let opened = self.opened()?;
        let _ticket = self.running.enter(cancel)?;
        let watch = Watch::start(opened, options, cancel).map_err(|error| self.running.told(error))?;
        let watch = Arc::new(watch);
        let mut watches = self.watches.lock().unwrap_or_else(PoisonError::into_inner);
        watches.retain(|watch| !watch.is_closed());
        watches.push(Arc::clone(&watch));
        drop(watches);
        if self.running.is_closed() {
            watch.close();
            return Err(closed());
        }
        Ok(watch)
    }

    /// Follows the folder: lines that match, as they are written. Until the follow is closed or dropped, or the index closed.
    /// Needs neither the writer's lock nor that anything is indexed.
    ///
    /// # Errors
    /// A pattern or option that is refused; a stop; a closed index.
    pub fn follow(&self, request: &FollowRequest, cancel: &Cancel) -> Result<Arc<Following>, Error> {
        let engine = self.engine()?;
        let _ticket = self.running.enter(cancel)?;
        let following =
            Following::start(&engine, request, cancel).map_err(|error| self.running.told(error))?;
        let following = Arc::new(following);
        let mut follows = self.follows.lock().unwrap_or_else(PoisonError::into_inner);
        follows.retain(|follow| follow.strong_count() > 0);
        follows.push(Arc::downgrade(&following));
        drop(follows);
        if self.running.is_closed() {
            following.close();
            return Err(closed());
        }
        Ok(following)
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
        let stored = &snapshot.segments[..snapshot.stored.segments.len()];
        let entries = &snapshot.stored.manifest.segments;
        let in_memory = |live: &LiveSegment| live.segment.text_bytes();
        Ok(IndexStats {
            root: engine.root.clone(),
            store: engine.store.dir().to_path_buf(),
            generation: snapshot.generation,
            snapshot: snapshot.id.clone(),
            files: snapshot.live_files(),
            tombstones: snapshot.segments.iter().map(|live| live.dead.len()).sum(),
            segments: stored.len() as u64,
            blocks: snapshot
                .segments
                .iter()
                .map(|live| u64::from(live.segment.blocks().len()))
                .sum(),
            text_bytes: entries.iter().map(|entry| entry.text_bytes).sum::<u64>()
                + snapshot.overlay().iter().map(in_memory).sum::<u64>(),
            store_bytes: stored.iter().map(|live| live.segment.bytes()).sum(),
            overlay_segments: snapshot.overlay().len() as u64,
            overlay_bytes: overlay_memory(&snapshot) as u64,
            cache_bytes: engine.content.bytes(),
            query_load: engine.pools.query.load(),
            build_load: engine.pools.build.load(),
            failure: engine.keeper.failure(),
            build: engine.last_build(),
        })
    }

    /// Ends the queries under way; none can start any more. Never waits.
    pub fn stop(&self) {
        self.running.close();
    }

    /// As [`stop`](Index::stop), ends the watches and follows that began here, makes durable what was applied, and lets the store go. Closing twice does no harm.
    ///
    /// # Errors
    /// As [`flush`](Index::flush); the index is closed all the same.
    pub fn close(&self) -> Result<(), Error> {
        self.stop();
        let watches = std::mem::take(&mut *self.watches.lock().unwrap_or_else(PoisonError::into_inner));
        watches.iter().for_each(|watch| watch.close());
        let follows = std::mem::take(&mut *self.follows.lock().unwrap_or_else(PoisonError::into_inner));
        let follows = follows.iter().filter_map(Weak::upgrade);
        follows.for_each(|following| following.close());
        let opened = self.lock().take();
        let flushed = opened.map_or(Ok(false), |opened| opened.flush(&Cancel::new()));
        flushed.map(|_| ())
    }

    fn engine(&self) -> Result<Arc<Engine>, Error> {
        self.lock()
            .as_ref()
            .map(|opened| opened.engine())
            .ok_or_else(closed)
    }

    fn opened(&self) -> Result<Arc<Opened>, Error> {
        self.lock().clone().ok_or_else(closed)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<Opened>>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
