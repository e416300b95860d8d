//! Building the terms of segments that are committed without: behind their grams, while the index is used and changed.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use quern_store::TermsWriter;
use quern_text::{DEFAULT_WINDOW, Label, Language, TextReader, count_lines};
use quern_walk::{Cancel, FileMeta};
use roaring::RoaringBitmap;

use crate::change::{Writing, name_part};
use crate::engine::Engine;
use crate::error::{Code, Error, contained};
use crate::packed::Unpacked;
use crate::pools::Kind;
use crate::ranked::builder::{Passage, TermsBuilder};
use crate::ranked::in_order::{InOrder, Share};
use crate::read::{self, Timely};
use crate::snapshot::{Snapshot, flags};

/// Bytes of text that a thread ranks before it takes on more, and that become one run.
const SHARE: u64 = 64 << 20;
/// So many at least.
const LEAST_SHARE: u64 = 8 << 20;

/// Builds the terms of one segment that has none, on threads of this kind. Gives whether there was one.
///
/// # Errors
/// [`Code::Locked`] if another process writes; a store that cannot be written; a stop.
pub(crate) fn rank_next(engine: &Engine, kind: &Kind, cancel: &Cancel) -> Result<bool, Error> {
    let Some(known) = engine.follow()? else {
        return Ok(false);
    };
    if known.unranked_segments().next().is_none() {
        return Ok(false);
    }
    let writing = Writing::begin(engine, cancel)?;
    let Some(state) = writing.current()? else {
        return Ok(false);
    };
    let Some(number) = state.unranked_segments().next() else {
        return Ok(false);
    };
    let entry = &state.stored.manifest.segments[number];
    let pause = writing.pause();
    let terms = pause.writer().terms(entry)?;
    let built = build(engine, kind, &state, number, terms, cancel);
    let writing = pause.end(cancel)?;
    let Some(state) = writing.current()? else {
        return Ok(false);
    };
    let segments = &state.stored.manifest.segments;
    if !segments.iter().any(|segment| segment.name == entry.name) {
        // Others have merged or dropped it meanwhile: there may be another one to rank.
        return Ok(true);
    }
    let part = built?;
    name_part(engine, &writing, &state, &entry.name, part, cancel)?;
    Ok(true)
}

fn build(
    engine: &Engine,
    kind: &Kind,
    state: &Snapshot,
    number: usize,
    terms: TermsWriter,
    cancel: &Cancel,
) -> Result<quern_store::PartEntry, Error> {
    let most = engine.pools.build.size();
    let shares = shares(state, number, most);
    let threads = most.min(shares.len()).max(1);
    let limit = (engine.memory / threads / 2).clamp(8 << 20, crate::ranked::builder::RUN);
    let next = AtomicUsize::new(0);
    let written = InOrder::new(terms, threads);
    let work = || {
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(files) = shares.get(place) else { return };
            let mut reader = Reader::new(engine, state, number, cancel);
            let ranked =
                contained(|| reader.rank(files.clone(), limit, |part| written.put_part(place, part)));
            if !written.put(place, ranked) {
                return;
            }
        }
    };
    std::thread::scope(|scope| {
        for thread in 1..threads {
            let builder = kind.builder(format!("quern-ranker-{thread}"));
            let started = builder.spawn_scoped(scope, || {
                kind.enter();
                work();
            });
            if started.is_err() {
                break;
            }
        }
        work();
    });
    cancel.check()?;
    written.finish()
}

/// Neighbouring files, about as much text in each share, and if there is enough of it a share for each thread.
fn shares(state: &Snapshot, number: usize, threads: usize) -> Vec<Range<u32>> {
    let files = state.segments[number].segment.files();
    let all = state.segments[number].segment.text_bytes();
    let share = (all / threads as u64 + 1).clamp(LEAST_SHARE, SHARE);
    let mut shares: Vec<Range<u32>> = Vec::new();
    let mut bytes = share;
    for file in 0..files.len() {
        if bytes >= share {
            shares.push(file..file);
            bytes = 0;
        }
        if let Some(last) = shares.last_mut() {
            last.end = file + 1;
        }
        bytes += files.stat(file).size;
    }
    shares
}

/// Reads the files of a segment once more.
struct Reader<'a> {
    engine: &'a Engine,
    state: &'a Snapshot,
    number: usize,
    text: TextReader,
    cancel: &'a Cancel,
}

impl<'a> Reader<'a> {
    fn new(engine: &'a Engine, state: &'a Snapshot, number: usize, cancel: &'a Cancel) -> Reader<'a> {
        Reader {
            engine,
            state,
            number,
            text: TextReader::new(DEFAULT_WINDOW, engine.max_line),
            cancel,
        }
    }

    /// Ranks what counts of some files. One that cannot be read as it was indexed is left out, and noted. So is one at which
    /// our own code panics: the share is then begun anew without it.
    ///
    /// Compressed logs may have any multiple of the text that a share should have. Before one, `put` takes what there is if that is
    /// more than `limit` bytes, and gives whether to go on; the rest is the share.
    fn rank(&mut self, files: Range<u32>, limit: usize, put: impl Fn(Share) -> bool) -> Result<Share, Error> {
        let live = &self.state.segments[self.number];
        let mut unranked = RoaringBitmap::new();
        let mut rest = files;
        'anew: loop {
            let mut terms = TermsBuilder::new(false, limit, &self.engine.stamps);
            for file in rest.clone() {
                self.cancel.check()?;
                if live.segment.packed().contains(file) && terms.memory() > limit {
                    let (run, chunks) = terms.take()?;
                    let unranked = unranked.clone();
                    rest.start = file;
                    let part = Share {
                        run,
                        chunks,
                        unranked,
                    };
                    if !put(part) {
                        break;
                    }
                }
                if live.dead.contains(file) || unranked.contains(file) {
                    continue;
                }
                match contained(|| self.read(file, &mut terms)) {
                    Ok(true) => {}
                    Ok(false) => drop(unranked.insert(file)),
                    Err(error) if error.code == Code::Internal => {
                        unranked.insert(file);
                        continue 'anew;
                    }
                    Err(error) => return Err(error),
                }
            }
            let (run, chunks) = terms.take()?;
            return Ok(Share {
                run,
                chunks,
                unranked,
            });
        }
    }

    /// Gives whether the file was as it was when it was indexed. If not, what was added of it stands for nothing that counts
    /// longer than until the next refresh.
    fn read(&mut self, file: u32, terms: &mut TermsBuilder) -> Result<bool, Error> {
        let segment = &*self.state.segments[self.number].segment;
        let files = segment.files();
        if files.flags(file) & flags::OPAQUE != 0 {
            return Ok(false);
        }
        let is_packed = segment.packed().contains(file);
        let is_elsewhere = is_packed && files.part(file).is_some_and(|part| !part.last);
        if is_elsewhere || !is_packed && files.flags(file) & flags::NUL != 0 {
            return Ok(true);
        }
        let stored = segment.path(file);
        if segment.given().contains(file) {
            let content = segment.given_text(file)?;
            if is_packed {
                return self.text(file, &stored, Unpacked::new(&content[..]), 0, terms);
            }
            return self.text(file, &stored, &content[..], 0, terms);
        }
        let path = self.state.native(&stored);
        let entry = (self.number as u32, file);
        let Ok((opened, meta)) = read::open(&path) else {
            return Ok(false);
        };
        if !self.state.is_unchanged(entry, &meta) {
            return Ok(false);
        }
        let Range { start, end } = segment.text_range(file);
        let is_first_text = start == 0;
        if !is_first_text && files.flags(file) & flags::TRANSCODED != 0 {
            return Ok(false);
        }
        let read = if is_packed {
            self.text(file, &stored, Unpacked::new(&opened), 0, terms)?
        } else if files.part(file).is_none() {
            self.text(file, &stored, &opened, 0, terms)?
        } else {
            let mut opened = &opened;
            if opened.seek(SeekFrom::Start(start)).is_err() {
                return Ok(false);
            }
            self.text(file, &stored, opened.take(end - start), start, terms)?
        };
        Ok(read && is_same(&opened, &meta))
    }

    fn text(
        &mut self,
        file: u32,
        stored: &[u8],
        source: impl Read,
        start: u64,
        terms: &mut TermsBuilder,
    ) -> Result<bool, Error> {
        let files = self.state.segments[self.number].segment.files();
        let path: Arc<str> = String::from_utf8_lossy(stored).into();
        let language = Language::from_number(files.language(file));
        let modified = files.stat(file).mtime_ns;
        let part = files.part(file).filter(|_| start > 0);
        let mut line = part.map_or(0, |part| part.base_line);
        let source = Timely {
            source,
            limit: self.engine.read_timeout,
        };
        let label = if start > 0 { Label::None } else { Label::Auto };
        let Ok(mut windows) = self.text.open(source, None, label) else {
            return Ok(false);
        };
        loop {
            self.cancel.check()?;
            let window = match windows.next() {
                Ok(Some(window)) => window,
                Ok(None) => return Ok(true),
                Err(_) => return Ok(false),
            };
            terms.add(Passage {
                file,
                path: &path,
                language,
                text: window.text,
                offset: start + window.offset,
                line,
                modified,
            })?;
            line += count_lines(window.text);
        }
    }
}

fn is_same(opened: &File, before: &FileMeta) -> bool {
    let after = opened
        .metadata()
        .map(|metadata| FileMeta::from_metadata(&metadata));
    after.is_ok_and(|after| after == *before)
}
