//! From a request to a cursor: everything that is decided before the first file is opened.

use std::collections::HashSet;
use std::sync::Arc;

use quern_matcher::{Extras, SearchOptions};
use quern_walk::{Cancel, PathFilter, WalkOptions};
use roaring::RoaringBitmap;

use crate::content::ContentCache;
use crate::coverage::WatchCoverage;
use crate::error::{Code, Error};
use crate::query::candidates::{Candidate, SegmentBlocks, candidates};
use crate::query::compile::{Compiled, Compiler};
use crate::query::cursor::{Cursor, Differences};
use crate::query::request::{GrepRequest, Wanted};
use crate::query::verified::{Comparison, Scope, compare, is_gap, walk_error};
use crate::query::verify::{Tally, Task, Verification};
use crate::running::Ticket;
use crate::snapshot::{Snapshot, flags};

/// A searcher may hold this much of a file whatever the query's memory: with less, its buffers would have other sizes
/// than ripgrep's, and a NUL far into a file would be seen earlier or later.
const LEAST_HEAP: usize = 1 << 20;

/// What an index gives to its queries.
pub(crate) struct Context<'a> {
    pub snapshot: Arc<Snapshot>,
    pub compiler: &'a Compiler,
    pub content: Arc<ContentCache>,
    pub walk: &'a WalkOptions,
    pub max_line: usize,
    /// What of the folder is compared with the snapshot first; `None`: nothing.
    pub scope: Option<Scope>,
    /// How the folder is watched.
    pub watch: Option<WatchCoverage>,
    pub skipped: Vec<(&'static str, u64)>,
    pub ticket: Ticket,
    pub cancel: Cancel,
}

/// Plans a request.
///
/// # Errors
/// A pattern, glob or type that is refused; a damaged store; a stop.
pub(crate) fn start(context: Context<'_>, request: GrepRequest) -> Result<Cursor, Error> {
    let Context {
        snapshot,
        compiler,
        content,
        walk,
        max_line,
        scope,
        watch,
        skipped,
        ticket,
        cancel,
    } = context;
    let compiled = compiler.compile(&request.pattern, &request.search)?;
    let filter = PathFilter::new(&request.globs, &request.iglobs, false, &request.types)
        .map_err(|error| Error::new(Code::InvalidOption, error.to_string()))?;
    let comparison = match &scope {
        None => None,
        Some(scope) => Some(compare(&snapshot, walk, scope, &cancel)?),
    };
    let (mut tasks, blocks) = if compiled.pattern.can_match(&request.search) {
        plan(
            &snapshot,
            &compiled,
            &request,
            comparison.as_ref(),
            &filter,
            &cancel,
        )?
    } else {
        Default::default()
    };
    if request.sorted {
        sort(&mut tasks, &snapshot);
    }
    let differences = Differences {
        watch,
        ..comparison.map(differences).unwrap_or_default()
    };
    let limits = (request.limit, request.memory);
    let caches = fits(&tasks, &snapshot, &content);
    let verification = verification(
        snapshot,
        compiled,
        request,
        blocks,
        (content, caches),
        max_line,
        cancel,
    );
    Ok(Cursor::new(
        verification,
        tasks,
        differences,
        limits,
        ticket,
        skipped,
    ))
}

/// The files to look at, and each segment's candidate blocks.
fn plan(
    snapshot: &Snapshot,
    compiled: &Compiled,
    request: &GrepRequest,
    comparison: Option<&Comparison>,
    filter: &PathFilter,
    cancel: &Cancel,
) -> Result<(Vec<Task>, Vec<SegmentBlocks>), Error> {
    let mut tasks = Vec::new();
    let mut blocks = Vec::new();
    let mut whole = must_be_whole(snapshot, request);
    for (number, live) in snapshot.segments.iter().enumerate() {
        cancel.check()?;
        let found = candidates(live, compiled)?;
        blocks.push(found.blocks);
        let mut files = found.files;
        if let Some(comparison) = comparison {
            only_fresh(&mut files, comparison, number, live.segment.racy());
        }
        for candidate in files {
            add(&mut tasks, snapshot, number, candidate, filter, &mut whole);
        }
    }
    if let Some(comparison) = comparison {
        let changed = comparison.changed.iter().chain(&comparison.added);
        let wanted = changed.filter(|path| filter.matches(path));
        tasks.extend(wanted.map(|path| Task::Direct(path.clone())));
    }
    Ok((tasks, blocks))
}

fn differences(comparison: Comparison) -> Differences {
    let gaps = comparison.errors.iter().filter(|error| is_gap(error));
    Differences {
        changed: comparison.changed.len() as u64,
        added: comparison.added.len() as u64,
        removed: comparison.removed.len() as u64,
        errors: gaps.map(walk_error).collect(),
        watch: None,
    }
}

/// Whether the cache has room for all candidate blocks.
fn fits(tasks: &[Task], snapshot: &Snapshot, content: &ContentCache) -> bool {
    let blocks = tasks.iter().map(|task| match task {
        Task::Indexed(_, candidate) => candidate.blocks.len() as u64,
        Task::Direct(_) => 0,
    });
    let blocks: u64 = blocks.sum();
    let entries = &snapshot.stored.manifest.segments;
    let all: u64 = entries.iter().map(|entry| u64::from(entry.blocks)).sum();
    let bytes: u64 = entries.iter().map(|entry| entry.text_bytes).sum();
    content.has_room(blocks, bytes / all.max(1) * blocks)
}

fn verification(
    snapshot: Arc<Snapshot>,
    compiled: Compiled,
    request: GrepRequest,
    blocks: Vec<SegmentBlocks>,
    (content, caches): (Arc<ContentCache>, bool),
    max_line: usize,
    cancel: Cancel,
) -> Verification {
    let held = request.memory.max(LEAST_HEAP);
    let largest_whole = match compiled.pattern.crosses_lines(&request.search) {
        true => held as u64,
        false => u64::MAX,
    };
    let heap_limit = match request.search.multiline {
        true => request.search.heap_limit,
        // A file without line ends would be in memory as a whole.
        false => request.search.heap_limit.or(Some(held)),
    };
    Verification {
        snapshot,
        compiled,
        blocks,
        content,
        caches,
        freshness: request.freshness,
        wanted: request.wanted,
        extras: Extras {
            attribute: request.attribute,
            replace: request.replace.map(String::into_bytes),
        },
        search: SearchOptions {
            heap_limit,
            ..request.search
        },
        largest_whole,
        max_line,
        cancel,
        tally: Tally::default(),
    }
}

fn add(
    tasks: &mut Vec<Task>,
    snapshot: &Snapshot,
    number: usize,
    mut candidate: Candidate,
    filter: &PathFilter,
    whole: &mut CutFiles,
) {
    let segment = &snapshot.segments[number].segment;
    if !filter.is_empty() && !filter.matches(&segment.path(candidate.file)) {
        return;
    }
    if segment.files().flags(candidate.file) & flags::CUT != 0 {
        let path = segment.path(candidate.file);
        if whole.has(&path) {
            candidate.blocks = 0..0;
        }
        if candidate.blocks.is_empty() && !whole.searched.insert(path) {
            return;
        }
    }
    tasks.push(Task::Indexed(number as u32, candidate));
}

/// Leaves the candidates that are as they were indexed, as far as their times tell, and those that were not compared.
/// Where times tell nothing, the grams don't either: every such file is looked at.
fn only_fresh(files: &mut Vec<Candidate>, comparison: &Comparison, number: usize, racy: &RoaringBitmap) {
    let found: RoaringBitmap = files.iter().map(|candidate| candidate.file).collect();
    let unchanged = &comparison.unchanged[number];
    let is_compared = |file: u32| match &comparison.compared {
        None => true,
        Some(compared) => compared[number].contains(file),
    };
    files.retain(|candidate| unchanged.contains(candidate.file) || !is_compared(candidate.file));
    let suspects = (unchanged & racy) - found;
    files.extend(suspects.iter().map(|file| Candidate { file, blocks: 0..0 }));
    files.sort_unstable_by_key(|candidate| candidate.file);
}

/// Which of the files that are cut over several segments are searched whole: once each, not once a part.
struct CutFiles {
    /// Every one of them; else those in `paths`.
    all: bool,
    paths: HashSet<Vec<u8>>,
    /// Those that have their task already.
    searched: HashSet<Vec<u8>>,
}

impl CutFiles {
    fn has(&self, path: &[u8]) -> bool {
        self.all || self.paths.contains(path)
    }
}

/// A file of which any part has to be searched whole is so in all its parts; and so is every cut file where the answer
/// is one row, or a number of rows, a file.
fn must_be_whole(snapshot: &Snapshot, request: &GrepRequest) -> CutFiles {
    // A suspect is one in all its parts.
    const ONLY_WHOLE: u8 = flags::NOT_BY_BLOCK | flags::RACY;
    let mut paths = HashSet::new();
    for live in &snapshot.segments {
        let segment = &live.segment;
        for file in segment.cut_files() {
            if segment.files().flags(file) & ONLY_WHOLE != 0 {
                paths.insert(segment.path(file));
            }
        }
    }
    CutFiles {
        all: request.wanted != Wanted::Lines || request.search.max_count.is_some(),
        paths,
        searched: HashSet::new(),
    }
}

/// By path, component by component, as `rg --sort path`; parts of one file in their order.
fn sort(tasks: &mut [Task], snapshot: &Snapshot) {
    tasks.sort_by_cached_key(|task| {
        let (path, part) = match task {
            Task::Direct(path) => (path.clone(), 0),
            Task::Indexed(number, candidate) => {
                let segment = &snapshot.segments[*number as usize].segment;
                let part = segment.files().part(candidate.file).map_or(0, |part| part.index);
                (segment.path(candidate.file), part)
            }
        };
        // A NUL cannot be in a path: with it for the separator, bytes compare as components do.
        (
            path.into_iter()
                .map(|byte| if byte == b'/' { 0 } else { byte })
                .collect::<Vec<u8>>(),
            part,
        )
    });
}
