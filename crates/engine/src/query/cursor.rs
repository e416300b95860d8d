//! A query's answer, pulled batch by batch.
//!
//! The candidates are known when the cursor is made; their files are looked at in waves, by all threads of the query
//! pool, when the caller asks for rows. Nothing runs ahead of the caller, so back-pressure costs nothing, and rows come
//! in one order whatever the threads do. Waves grow from small, so that the first rows come soon. A wave stops taking
//! files when its rows reach the query's memory limit; what is left over is done in the next.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use quern_matcher::{Columns, Kind, Limits};

use crate::coverage::{Coverage, CoverageFiles, Freshness, KEPT_ERRORS, Limit, WatchCoverage};
use crate::error::Error;
use crate::query::verify::{Found, Task, Verification, Worker};
use crate::query::wave::{Batch, Part, Wave};
use crate::recent::Recent;
use crate::running::{Ticket, closed};

const FIRST_WAVE: usize = 64;
const LARGEST_WAVE: usize = 8192;
/// Bytes that a batch, and the rows of one file, may have whatever the query's memory: the columns count in 32 bits.
const LARGEST_BATCH: usize = 1 << 30;

/// What the walk of a query found that compares first.
#[derive(Debug, Default)]
pub(crate) struct Differences {
    pub changed: u64,
    pub added: u64,
    pub removed: u64,
    pub errors: Vec<Error>,
    pub watch: Option<WatchCoverage>,
}

/// A query's snapshot keeps its segments mapped, and Windows removes no file that is mapped: it goes when the cursor is
/// closed, not when somebody at last collects the cursor.
enum State {
    Open(Box<Verification>),
    Closed(Box<Coverage>),
}

/// A running query.
pub struct Cursor {
    state: State,
    tasks: Vec<Task>,
    candidates: u64,
    /// Tasks before this one are in the answer.
    delivered: usize,
    /// What became of tasks from `delivered` on, by the first task of each part.
    done: BTreeMap<usize, Part>,
    wave: usize,
    workers: Mutex<Vec<Worker>>,
    /// Whether the caller wants so many matches only.
    limited: bool,
    rows_left: u64,
    memory: usize,
    limit: Option<Limit>,
    differences: Differences,
    errors: Vec<Error>,
    error_count: u64,
    ticket: Ticket,
    /// Who wants to know what was found.
    recent: Option<Arc<Recent>>,
    skipped: Vec<(&'static str, u64)>,
}

impl Cursor {
    pub(crate) fn new(
        verification: Verification,
        tasks: Vec<Task>,
        differences: Differences,
        limits: (Option<u64>, usize),
        ticket: Ticket,
        recent: Option<Arc<Recent>>,
        skipped: Vec<(&'static str, u64)>,
    ) -> Cursor {
        let (rows, memory) = limits;
        let mut cursor = Cursor {
            state: State::Open(Box::new(verification)),
            candidates: tasks.len() as u64,
            limit: (rows == Some(0) && !tasks.is_empty()).then_some(Limit::Rows),
            tasks,
            delivered: 0,
            done: BTreeMap::new(),
            wave: FIRST_WAVE,
            workers: Mutex::default(),
            limited: rows.is_some(),
            rows_left: rows.unwrap_or(u64::MAX),
            memory: memory.min(LARGEST_BATCH),
            differences,
            errors: Vec::new(),
            error_count: 0,
            ticket,
            recent,
            skipped,
        };
        for error in std::mem::take(&mut cursor.differences.errors) {
            cursor.keep(error);
        }
        cursor
    }

    /// The next batch: at least `rows` rows unless fewer are left or they take the query's memory. `None`: there are no
    /// more.
    ///
    /// # Errors
    /// A stop (abort, timeout, a closed index).
    pub fn next(&mut self, rows: usize) -> Result<Option<Batch>, Error> {
        let mut batch = Batch::default();
        let is_full =
            |batch: &Batch, memory| batch.rows.rows() >= rows.max(1) || batch.rows.bytes() >= memory;
        while (batch.rows.is_empty() || !is_full(&batch, self.memory)) && !self.is_finished() {
            if matches!(self.state, State::Closed(_)) || self.ticket.is_closed() {
                return Err(closed());
            }
            match self.done.remove(&self.delivered) {
                Some(Part::Merged(tasks, rows)) => {
                    self.delivered += tasks;
                    batch.append(&rows);
                }
                Some(Part::Single(found)) => self.deliver(found, &mut batch),
                None => self.run_wave().map_err(|error| self.ticket.told(error))?,
            }
        }
        if let Some(recent) = &self.recent {
            recent.note(batch.file_paths());
        }
        Ok((!batch.rows.is_empty()).then_some(batch))
    }

    fn is_finished(&self) -> bool {
        self.has_all() || self.rows_left == 0
    }

    /// Whether every candidate is in the answer.
    fn has_all(&self) -> bool {
        self.delivered as u64 == self.candidates
    }

    fn deliver(&mut self, found: Found, batch: &mut Batch) {
        self.delivered += 1;
        if found.rows.is_empty() && !found.cut && found.error.is_none() {
            return;
        }
        let State::Open(verification) = &self.state else {
            return;
        };
        let path = verification.path(&self.tasks[self.delivered - 1]);
        if let Some(error) = found.error {
            let place = verification.snapshot.native(&path);
            self.keep(error.at(place));
        }
        if found.rows.is_empty() && !found.cut {
            return;
        }
        let mut rows = found.rows;
        let matches = rows
            .kind
            .iter()
            .filter(|&&kind| kind == Kind::Match as u8)
            .count() as u64;
        if found.cut {
            self.limit = Some(if matches >= self.rows_left {
                Limit::Rows
            } else {
                Limit::Memory
            });
        }
        if matches > self.rows_left {
            truncate_after(&mut rows, self.rows_left);
            self.limit = Some(Limit::Rows);
        }
        self.rows_left = self.rows_left.saturating_sub(matches);
        if self.rows_left == 0 && !self.has_all() {
            self.limit = Some(Limit::Rows);
        }
        batch.push(&path, &rows);
    }

    fn run_wave(&mut self) -> Result<(), Error> {
        let State::Open(verification) = &self.state else {
            return Err(closed());
        };
        let end = (self.delivered + self.wave).min(self.tasks.len());
        self.wave = (self.wave * 2).min(LARGEST_WAVE);
        let limits = Limits {
            rows: usize::try_from(self.rows_left).unwrap_or(usize::MAX),
            bytes: self.memory,
        };
        let wave = Wave {
            verification,
            tasks: &self.tasks,
            workers: &self.workers,
            limits: rows_of(limits, verification),
            memory: self.memory,
            due: self.delivered,
            merges: !self.limited,
        };
        let held = self.done.values().map(Part::bytes).sum();
        let parts = wave.run(&self.missing(end), held)?;
        self.done.extend(parts);
        Ok(())
    }

    /// Tasks before `end` that are not done.
    fn missing(&self, end: usize) -> Vec<usize> {
        let mut missing = Vec::new();
        let mut task = self.delivered;
        while task < end {
            match self.done.get(&task) {
                Some(part) => task += part.tasks(),
                None => {
                    missing.push(task);
                    task += 1;
                }
            }
        }
        missing
    }

    fn keep(&mut self, error: Error) {
        self.error_count += 1;
        if self.errors.len() < KEPT_ERRORS {
            self.errors.push(error);
        }
    }

    /// What the rows so far cover; final once [`next`](Cursor::next) gave `None`.
    pub fn coverage(&self) -> Coverage {
        let verification = match &self.state {
            State::Open(verification) => verification,
            State::Closed(coverage) => return Coverage::clone(coverage),
        };
        let (snapshot, tally) = (&verification.snapshot, &verification.tally);
        let read = |count: &std::sync::atomic::AtomicU64| count.load(Ordering::Relaxed);
        Coverage {
            generation: snapshot.generation,
            snapshot: snapshot.id.clone(),
            freshness: verification.freshness,
            complete: self.has_all() && self.limit.is_none() && self.error_count == 0,
            taken_at_ms: snapshot.taken_at_ms,
            files: CoverageFiles {
                indexed: snapshot.live_files(),
                candidates: self.candidates,
                searched: read(&tally.searched),
                changed: read(&tally.changed) + self.differences.changed,
                added: self.differences.added,
                removed: read(&tally.removed) + self.differences.removed,
            },
            skipped: self.skipped.clone(),
            assumed_append_only: snapshot.assumed_files(),
            watch: self.differences.watch,
            limit: self.limit,
            errors: self.errors.clone(),
            error_count: self.error_count,
        }
    }

    /// Frees what the cursor holds, its snapshot too; further calls of [`next`](Cursor::next) fail.
    pub fn close(&mut self) {
        self.state = State::Closed(Box::new(self.coverage()));
        self.tasks = Vec::new();
        self.done = BTreeMap::new();
        self.workers = Mutex::default();
    }

    /// The freshness that was asked for.
    pub fn freshness(&self) -> Freshness {
        match &self.state {
            State::Open(verification) => verification.freshness,
            State::Closed(coverage) => coverage.freshness,
        }
    }
}

/// A limit on matches is one on rows only where each row is a match.
fn rows_of(limits: Limits, verification: &Verification) -> Limits {
    if verification.has_context() {
        Limits {
            rows: usize::MAX,
            ..limits
        }
    } else {
        limits
    }
}

/// Keeps `matches` matches and the rows before the next one.
fn truncate_after(rows: &mut Columns, matches: u64) {
    let mut seen = 0;
    let end = rows.kind.iter().position(|&kind| {
        seen += u64::from(kind == Kind::Match as u8);
        seen > matches
    });
    if let Some(end) = end {
        rows.truncate(end);
    }
}
