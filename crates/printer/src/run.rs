//! A run: from a request to the bytes of the answer, pulled chunk by chunk.

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;
use std::time::Instant;

use grep_printer::Stats;
use quern_matcher::Pattern;
use quern_walk::Cancel;
use rayon::ThreadPool;

use crate::error::Error;
use crate::feed::Stop;
use crate::haystack::{Haystack, Haystacks, check_sort};
use crate::join::Joiner;
use crate::page::{Out, Page};
use crate::prune::Prune;
use crate::request::{Mode, Request};
use crate::search::{Piece, Search, Tally, Written};
use crate::settings::Settings;
use crate::stream::{Event, Stream};
use crate::{printer, totals};

/// Paths in one chunk of [`Mode::Files`].
const LISTED: usize = 8192;

/// Some output, and what is to be said beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chunk {
    /// For standard output.
    pub out: Vec<u8>,
    /// Lines for standard error, with the program's name and without line end.
    pub messages: Vec<String>,
}

/// What a run came to so far.
#[derive(Clone, Debug)]
pub struct Summary {
    /// There was a match; in [`Mode::FilesWithoutMatch`] a file without one, in the listing modes an entry.
    pub matched: bool,
    /// Something went wrong with a file, said or not.
    pub errored: bool,
    /// The exit status that ripgrep would end with: 0 found, 1 not found, 2 errors.
    pub status: u8,
    /// Files searched, those in `pruned` aside unless the totals count them.
    pub searched: u64,
    /// Files not read because an index knew better.
    pub pruned: u64,
    /// Totals, if [`Request::stats`] or [`Mode::Json`] ask for them.
    pub stats: Option<Stats>,
}

/// One call of `quern grep`.
pub struct Run {
    request: Request,
    settings: Settings,
    search: Option<Arc<Search>>,
    pool: Arc<ThreadPool>,
    cancel: Cancel,
    started: Instant,
    stage: Stage,
    joiner: Joiner,
    tally: Tally,
    errored: bool,
}

enum Stage {
    Find { stat: bool },
    List(std::vec::IntoIter<Haystack>),
    Search(Progress),
    Totals,
    Done,
}

/// How far the files are searched.
#[derive(Default)]
struct Progress {
    haystacks: Vec<Haystack>,
    /// Files before this one are in `pieces` or printed.
    next: usize,
    pieces: VecDeque<(usize, Piece)>,
    stream: Option<Stream>,
    /// Bytes of `stream` have been printed.
    stream_began: bool,
}

impl Run {
    /// Checks the request; nothing is walked or read yet.
    ///
    /// # Errors
    /// A pattern, encoding label, colour or hyperlink format that is invalid, or a sort order that the system does not
    /// support. Globs and file types are looked at by the first [`next`](Run::next).
    pub fn new(
        request: Request,
        prune: Option<Box<dyn Prune>>,
        pool: Arc<ThreadPool>,
        cancel: Cancel,
    ) -> Result<Run, Error> {
        if let Some(sort) = request.sort {
            check_sort(sort)?;
        }
        let settings = Settings::new(&request)?;
        let searches = settings.mode.searches() && settings.match_possible(&request.pattern.patterns);
        let search = if searches {
            let pattern = Pattern::compile(&request.pattern)?;
            Some(Arc::new(Search::new(
                settings.clone(),
                pattern,
                prune,
                cancel.clone(),
            )?))
        } else {
            None
        };
        let stage = match settings.mode {
            mode if mode.searches() && search.is_none() => Stage::Done,
            _ => Stage::Find {
                stat: search.as_ref().is_some_and(|search| search.needs_stat()),
            },
        };
        let joiner = Joiner::new(&settings);
        let (tally, errored) = Default::default();
        let started = Instant::now();
        Ok(Run {
            request,
            settings,
            search,
            pool,
            cancel,
            started,
            stage,
            joiner,
            tally,
            errored,
        })
    }

    /// Works until there is something to print; `None` at the end.
    ///
    /// # Errors
    /// Invalid globs and types, a thread that cannot be started, or a stop by the run's [`Cancel`]. After an error the
    /// run gives nothing more.
    #[allow(
        clippy::should_implement_trait,
        reason = "an iterator cannot fail and then be asked for its summary"
    )]
    pub fn next(&mut self) -> Result<Option<Chunk>, Error> {
        let mut chunk = Chunk::default();
        while chunk.out.is_empty() && chunk.messages.is_empty() {
            self.cancel.check()?;
            self.stage = match mem::replace(&mut self.stage, Stage::Done) {
                Stage::Find { .. } if self.settings.mode == Mode::TypeList => self.list_types(&mut chunk)?,
                Stage::Find { stat } => self.find(stat, &mut chunk)?,
                Stage::List(paths) => self.list(paths, &mut chunk),
                Stage::Search(progress) => self.search(progress, &mut chunk)?,
                Stage::Totals => self.print_totals(&mut chunk),
                Stage::Done if chunk == Chunk::default() => return Ok(None),
                Stage::Done => Stage::Done,
            };
        }
        Ok(Some(chunk))
    }

    /// What has been found so far; final once [`next`](Run::next) has given `None`.
    pub fn summary(&self) -> Summary {
        let Tally {
            searched,
            pruned,
            matched,
            ref stats,
        } = self.tally;
        let status = match (matched, self.errored) {
            (true, errored) if self.settings.quiet || !errored => 0,
            (_, true) => 2,
            _ => 1,
        };
        let stats = self.settings.stats.then(|| stats.clone());
        Summary {
            matched,
            errored: self.errored,
            status,
            searched,
            pruned,
            stats,
        }
    }

    fn find(&mut self, stat: bool, chunk: &mut Chunk) -> Result<Stage, Error> {
        let found = Haystacks::find(&self.request, &self.settings, stat, &self.pool, &self.cancel)?;
        for complaint in found.complaints {
            if !complaint.of_ignore_file {
                self.complain(chunk, &complaint.message);
            } else if !self.request.no_ignore_messages {
                self.say(chunk, &complaint.message);
            }
        }
        if found.more > 0 {
            self.complain(chunk, &format!("{} more errors like these", found.more));
        }
        if self.search.is_none() {
            self.tally.matched = !found.list.is_empty();
            let listed = if self.settings.quiet {
                Vec::new()
            } else {
                found.list
            };
            return Ok(Stage::List(listed.into_iter()));
        }
        if found.list.is_empty() && self.settings.implicit {
            self.complain(
                chunk,
                "No files were searched, which means quern probably applied a filter you didn't expect.",
            );
        }
        Ok(Stage::Search(Progress {
            haystacks: found.list,
            ..Progress::default()
        }))
    }

    fn list(&self, mut paths: std::vec::IntoIter<Haystack>, chunk: &mut Chunk) -> Stage {
        let mut page = Page::new(self.settings.output.color, Out::held(usize::MAX, Stop::default()));
        let mut printer = printer::paths(&self.settings, &mut page);
        for haystack in paths.by_ref().take(LISTED) {
            printer
                .write(&haystack.path)
                .expect("memory can always be written to");
        }
        chunk.out = page.into_bytes();
        if chunk.out.is_empty() {
            Stage::Done
        } else {
            Stage::List(paths)
        }
    }

    fn list_types(&mut self, chunk: &mut Chunk) -> Result<Stage, Error> {
        for (name, globs) in quern_walk::type_list(&self.request.walk.types)? {
            chunk
                .out
                .extend_from_slice(format!("{name}: {}\n", globs.join(", ")).as_bytes());
        }
        self.tally.matched = !chunk.out.is_empty();
        Ok(Stage::Done)
    }

    /// One step of the search, more of a stream, a new stream or another wave, and then all that is ready.
    fn search(&mut self, mut progress: Progress, chunk: &mut Chunk) -> Result<Stage, Error> {
        let Some(search) = self.search.clone() else {
            return Ok(Stage::Done);
        };
        if let Some(mut stream) = progress.stream.take() {
            if !self.read_stream(&search, &mut stream, &mut progress.stream_began, chunk)? {
                progress.stream = Some(stream);
                return Ok(Stage::Search(progress));
            }
        } else if let Some((place, _)) = progress.pieces.pop_front() {
            let haystack = progress.haystacks[place].clone();
            progress.stream = Some(Stream::open(&search, haystack, self.cancel.clone())?);
            progress.stream_began = false;
            return Ok(Stage::Search(progress));
        } else if progress.next < progress.haystacks.len() && !self.is_settled() {
            let wave = search.wave(&progress.haystacks[progress.next..], &self.pool)?;
            let first = progress.next;
            progress.next += wave.files;
            progress.pieces.extend(
                wave.pieces
                    .into_iter()
                    .map(|(place, piece)| (first + place, piece)),
            );
            self.tally.merge(&wave.tally);
        } else {
            return Ok(if self.settings.stats {
                Stage::Totals
            } else {
                Stage::Done
            });
        }
        self.print_ready(&mut progress, chunk);
        Ok(Stage::Search(progress))
    }

    fn is_settled(&self) -> bool {
        self.tally.matched && self.settings.stops_at_match()
    }

    /// Moves pieces to the chunk up to the next that has to be streamed.
    fn print_ready(&mut self, progress: &mut Progress, chunk: &mut Chunk) {
        while let Some((place, piece)) = progress.pieces.pop_front() {
            match piece {
                Piece::Written(written) => self.print(written, false, chunk),
                Piece::TooLong => return progress.pieces.push_front((place, piece)),
            }
        }
    }

    /// `continues`: earlier output of the same file has been printed.
    fn print(&mut self, written: Written, continues: bool, chunk: &mut Chunk) {
        if let Some(message) = &written.failure {
            self.complain(chunk, message);
        }
        if !written.bytes.is_empty() && !continues {
            self.joiner.begin(&mut chunk.out, written.has_prelude);
        }
        chunk.out.extend_from_slice(&written.bytes);
    }

    /// True at the stream's end.
    fn read_stream(
        &mut self,
        search: &Search,
        stream: &mut Stream,
        began: &mut bool,
        chunk: &mut Chunk,
    ) -> Result<bool, Error> {
        match stream.next()? {
            Event::Bytes(bytes) => {
                // All that may come without a line before it is a short remark at the end.
                if !mem::replace(began, true) {
                    self.joiner.begin(&mut chunk.out, true);
                }
                chunk.out.extend_from_slice(&bytes);
                Ok(false)
            }
            Event::End(outcome) => {
                if let Some(written) = search.settle(&stream.haystack, outcome, &mut self.tally) {
                    self.print(written, *began, chunk);
                }
                Ok(true)
            }
        }
    }

    fn print_totals(&mut self, chunk: &mut Chunk) -> Stage {
        self.tally.stats.add_bytes_printed(self.joiner.counted);
        let (stats, elapsed) = (&self.tally.stats, self.started.elapsed());
        let text = match self.settings.mode {
            Mode::Json => totals::json(stats, elapsed),
            _ => totals::text(stats, elapsed),
        };
        self.joiner.begin(&mut chunk.out, false);
        chunk.out.extend_from_slice(text.as_bytes());
        Stage::Done
    }

    fn complain(&mut self, chunk: &mut Chunk, message: &str) {
        self.errored = true;
        self.say(chunk, message);
    }

    fn say(&self, chunk: &mut Chunk, message: &str) {
        if !self.request.no_messages {
            chunk.messages.push(format!("quern: {message}"));
        }
    }
}
