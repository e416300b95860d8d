//! From a request to a cursor: everything that is decided before the first file is opened.

use std::collections::BTreeMap;
use std::sync::Arc;

use quern_matcher::{Extras, SearchOptions};
use quern_walk::{Cancel, PathFilter, TypeChange, WalkOptions};
use roaring::RoaringBitmap;

use crate::content::ContentCache;
use crate::coverage::WatchCoverage;
use crate::error::{Code, Error};
use crate::query::candidates::{Candidate, SegmentBlocks, candidates};
use crate::query::compile::{Compiled, Compiler};
use crate::query::cursor::{Cursor, Differences};
use crate::query::request::GrepRequest;
use crate::query::verified::{Comparison, Scope, compare, is_gap, walk_error};
use crate::query::verify::{Tally, Task, Verification};
use crate::recent::Recent;
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
    /// Blocks of each segment of the snapshot outside which nothing is looked at; `None`: all count.
    pub within: Option<Vec<RoaringBitmap>>,
    /// How the folder is watched.
    pub watch: Option<WatchCoverage>,
    /// Who wants to know what was found.
    pub recent: Option<Arc<Recent>>,
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
        within,
        watch,
        recent,
        skipped,
        ticket,
        cancel,
    } = context;
    let compiled = compiler.compile(&request.pattern, &request.search)?;
    let filter = path_filter(&request.globs, &request.iglobs, &request.types)?;
    let comparison = match &scope {
        None => None,
        Some(scope) => Some(compare(&snapshot, walk, scope, &cancel)?),
    };
    let (mut tasks, blocks) = if compiled.pattern.can_match(&request.search) {
        plan(
            &snapshot,
            &compiled,
            (comparison.as_ref(), within.as_deref()),
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
        recent,
        skipped,
    ))
}

/// The files that a request chooses by globs, and by types.
///
/// # Errors
/// A glob or type that is refused.
pub(crate) fn path_filter(
    globs: &[String],
    iglobs: &[String],
    types: &[TypeChange],
) -> Result<PathFilter, Error> {
    PathFilter::new(globs, iglobs, false, types)
        .map_err(|error| Error::new(Code::InvalidOption, error.to_string()))
}

/// The files to look at, and each segment's candidate blocks.
fn plan(
    snapshot: &Snapshot,
    compiled: &Compiled,
    (comparison, within): (Option<&Comparison>, Option<&[RoaringBitmap]>),
    filter: &PathFilter,
    cancel: &Cancel,
) -> Result<(Vec<Task>, Vec<SegmentBlocks>), Error> {
    let mut tasks = Vec::new();
    let mut blocks = Vec::new();
    let mut cut = BTreeMap::new();
    for number in 0..snapshot.segments.len() {
        cancel.check()?;
        let within = within.map(|within| &within[number]);
        let found = candidates(snapshot, number, compiled, within)?;
        blocks.push(found.blocks);
        let mut files = found.files;
        if let Some(comparison) = comparison {
            only_fresh(&mut files, comparison, number, &snapshot.racy(number));
        }
        for candidate in files {
            add(&mut tasks, &mut cut, snapshot, (number as u32, candidate), filter);
        }
    }
    tasks.extend(
        cut.into_iter()
            .map(|(path, parts)| joined(snapshot, &path, parts)),
    );
    if let Some(comparison) = comparison {
        let changed = comparison.changed.iter().map(|(path, _)| path);
        let changed = changed.chain(&comparison.added);
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
        Task::Parts(parts) => parts.iter().map(|(_, part)| part.blocks.len() as u64).sum(),
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

/// Parts of files that are cut, by path.
type CutFiles = BTreeMap<Vec<u8>, Vec<(u32, Candidate)>>;

fn add(
    tasks: &mut Vec<Task>,
    cut: &mut CutFiles,
    snapshot: &Snapshot,
    (number, candidate): (u32, Candidate),
    filter: &PathFilter,
) {
    let entry = (number, candidate.file);
    let segment = snapshot.segment(entry);
    if !filter.is_empty() && !filter.matches(&segment.path(candidate.file)) {
        return;
    }
    if snapshot.part(entry).is_some() {
        let path = segment.path(candidate.file);
        cut.entry(path).or_default().push((number, candidate));
    } else {
        tasks.push(Task::Indexed(number, candidate));
    }
}

/// One task for the parts of a file. If any part of the file has to be searched whole, all have.
fn joined(snapshot: &Snapshot, path: &[u8], mut parts: Vec<(u32, Candidate)>) -> Task {
    let is_whole =
        |entry: (u32, u32)| snapshot.segment(entry).files().flags(entry.1) & flags::NOT_BY_BLOCK != 0;
    let has_whole = parts.iter().any(|(_, part)| part.blocks.is_empty());
    if has_whole || snapshot.find(path).any(is_whole) {
        let (number, part) = parts.swap_remove(0);
        let blocks = 0..0;
        return Task::Indexed(number, Candidate { blocks, ..part });
    }
    let index = |part: &(u32, Candidate)| snapshot.part((part.0, part.1.file)).map(|part| part.index);
    parts.sort_by_key(index);
    Task::Parts(parts)
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

/// By path, component by component, as `rg --sort path`.
fn sort(tasks: &mut [Task], snapshot: &Snapshot) {
    tasks.sort_by_cached_key(|task| {
        let path = match task.entry() {
            Ok(entry) => snapshot.segment(entry).path(entry.1),
            Err(path) => path.to_vec(),
        };
        // A NUL cannot be in a path: with it for the separator, bytes compare as components do.
        path.into_iter()
            .map(|byte| if byte == b'/' { 0 } else { byte })
            .collect::<Vec<u8>>()
    });
}
