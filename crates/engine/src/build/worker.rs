//! One worker of a build: reads files one after the other into a segment.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use quern_grams::{BuildOptions, GramBuilder, MAX_BLOCKS};
use quern_store::{BlockTableBuilder, FilePart, FileRecord, FileStat, FileTableBuilder, Finished};
use quern_text::{DEFAULT_WINDOW, Encoding, Label, Language, TextReader, Window, cut_blocks, has_nul};
use quern_walk::FileMeta;
use xxhash_rust::xxh3::Xxh3Default;

use crate::build::large::{Large, Piece};
use crate::build::{Growth, Ledger, Plan, lap};
use crate::error::{Code, Error, Stage, contained};
use crate::progress::Post;
use crate::racy;
use crate::read::{self, Timely};
use crate::snapshot::flags;

/// Bytes of text in a block, about.
const BLOCK: usize = 16 << 10;
/// What a segment's tables may take beside the grams.
const TABLES: usize = 6 << 20;
/// The first bytes of a file that may name its language.
pub(super) const FIRST_LINE: usize = 256;

/// Fills one segment after the other.
pub(super) struct Worker<'a> {
    plan: &'a Plan<'a>,
    reader: TextReader,
    segment: SegmentInProgress,
    finished: Vec<Finished>,
    ledger: Ledger,
    post: Post,
}

/// When work on a file began: by the clock for stages, and for its times.
struct Begun {
    clock: Instant,
    at: SystemTime,
}

/// The segment being filled.
struct SegmentInProgress {
    grams: GramBuilder,
    files: FileTableBuilder,
    blocks: BlockTableBuilder,
    /// Contents that were given, and the bytes of all.
    given: Vec<(u32, Arc<[u8]>)>,
    given_bytes: usize,
    /// What grams and given contents may take together.
    budget: usize,
}

/// The file being read.
struct FileInProgress<'a> {
    stored: &'a [u8],
    stat: FileStat,
    encoding: Encoding,
    language: Language,
    flags: u8,
    hasher: Xxh3Default,
    /// Where reading begins: at a piece, or behind what is indexed already.
    start: u64,
    /// Lines before the part being read, and in it.
    base_line: u64,
    lines: u64,
    base_offset: u64,
    blocks: u32,
    part: u32,
    /// Which piece of the file, if it has several.
    piece: Option<&'a Piece<'a>>,
    /// The content, if it was given.
    given: Option<&'a Arc<[u8]>>,
}

impl<'a> Worker<'a> {
    pub fn new(plan: &'a Plan<'a>, share: usize) -> Worker<'a> {
        let budget = share.saturating_sub(TABLES + DEFAULT_WINDOW);
        Worker {
            plan,
            reader: TextReader::new(DEFAULT_WINDOW, plan.max_line),
            segment: SegmentInProgress {
                grams: GramBuilder::new(BuildOptions {
                    budget,
                    ..BuildOptions::default()
                }),
                files: FileTableBuilder::new(),
                blocks: BlockTableBuilder::new(),
                given: Vec::new(),
                given_bytes: 0,
                budget,
            },
            finished: Vec::new(),
            ledger: Ledger::default(),
            post: plan.progress.post(),
        }
    }

    /// The segments that were written, and the account.
    pub fn into_parts(self) -> (Vec<Finished>, Ledger) {
        self.post.leave();
        (self.finished, self.ledger)
    }

    pub fn error_count(&self) -> u64 {
        self.ledger.error_count
    }

    /// Indexes one file. A file that cannot be read becomes an opaque entry.
    ///
    /// # Errors
    /// Only those of writing a segment, and a stop.
    pub fn add(&mut self, path: &Path, stored: &[u8], growth: Option<&Growth>) -> Result<(), Error> {
        let begun = Begun::now();
        self.post.begin(path, Stage::Read);
        let opened = open(path);
        let known = self.resume(growth, &opened)?;
        self.add_opened(path, stored, opened, known, begun)
    }

    /// Indexes one file, unless much of it has to be read.
    ///
    /// # Errors
    /// As [`Worker::add`].
    pub fn add_unless_large(
        &mut self,
        path: &'a Path,
        stored: &'a [u8],
        growth: Option<&Growth>,
    ) -> Result<Option<Large<'a>>, Error> {
        let mut begun = Begun::now();
        self.post.begin(path, Stage::Read);
        let sizes = self.plan.sizes;
        let opened = open(path);
        let known = self.resume(growth, &opened)?;
        match opened {
            Ok((opened, meta)) if known.is_none() && meta.size >= sizes.apart => {
                let start = begun.at;
                let mut large = Large::whole(path, stored, meta, start);
                let cut = contained(|| {
                    let cut = large.cut(&opened, sizes, self.plan.cancel);
                    cut.map_err(|error| Error::io(&error, path, Stage::Read))
                });
                if cut.is_err() {
                    large = Large::whole(path, stored, meta, start);
                }
                self.ledger.stages.read += lap(&mut begun.clock);
                Ok(Some(large))
            }
            opened => {
                self.add_opened(path, stored, opened, known, begun)?;
                Ok(None)
            }
        }
    }

    /// Indexes a piece of a file, or a file that is not cut after all.
    ///
    /// # Errors
    /// As [`Worker::add`].
    pub fn add_piece(&mut self, piece: &Piece<'_>) -> Result<(), Error> {
        let large = &piece.file;
        if piece.is_whole() {
            return self.add(large.path, large.stored, None);
        }
        let mut clock = Instant::now();
        let mut file = FileInProgress::new(large.stored);
        file.stat = stat(&large.meta);
        file.language = large.language;
        file.piece = Some(piece);
        file.part = piece.index();
        file.start = piece.start();
        file.base_offset = piece.start();
        let path = large.path;
        self.post.begin(path, Stage::Read);
        let opened = contained(|| {
            let (mut opened, meta) = open(path)?;
            if meta != large.meta {
                file.flags |= flags::RACY;
            }
            let lines = piece.lines_before(&opened, self.plan.cancel);
            let sought = lines.and_then(|lines| {
                file.base_line = lines;
                opened.seek(SeekFrom::Start(piece.start()))
            });
            sought.map_err(|error| Error::io(&error, path, Stage::Read))?;
            Ok(opened)
        });
        let read = match opened {
            Ok(opened) => {
                let read = self.read(&mut file, (&opened).take(piece.length()), &mut clock)?;
                file.settle(&opened, &large.meta, large.start);
                read
            }
            Err(error) => Err(error.during(Stage::Read)),
        };
        self.end(file, read.map_err(|error| error.at(path)), clock)
    }

    fn add_opened(
        &mut self,
        path: &Path,
        stored: &[u8],
        opened: Result<(File, FileMeta), Error>,
        known: Option<(&Growth, u64)>,
        begun: Begun,
    ) -> Result<(), Error> {
        let Begun { mut clock, at } = begun;
        let mut file = FileInProgress::new(stored);
        if let Some((growth, place)) = known {
            file.resume(growth, place);
        }
        let read = match opened {
            Ok((opened, before)) => {
                file.stat = stat(&before);
                let read = self.read(&mut file, &opened, &mut clock)?;
                file.settle(&opened, &before, at);
                read
            }
            Err(error) => Err(error),
        };
        self.end(file, read.map_err(|error| error.at(path)), clock)
    }

    /// Goes behind what is indexed of the file, if that is still true, and gives the place; else it no longer counts.
    ///
    /// # Errors
    /// A stop.
    fn resume<'g>(
        &mut self,
        growth: Option<&'g Growth>,
        opened: &Result<(File, FileMeta), Error>,
    ) -> Result<Option<(&'g Growth, u64)>, Error> {
        let Some(growth) = growth else { return Ok(None) };
        let resumed = contained(|| {
            let Ok((file, meta)) = opened else { return Ok(None) };
            let place = growth.resume(file, meta, self.plan.cancel);
            let place = place.and_then(|place| match place {
                Some(place) => (&mut &*file).seek(SeekFrom::Start(place)).map(Some),
                None => Ok(None),
            });
            place.map_err(|error| Error::new(Code::Io, error.to_string()))
        });
        self.plan.cancel.check()?;
        // What could not be compared is read again, and what is wrong with the file is found then.
        let Ok(Some(place)) = resumed else {
            let kept = growth.kept.iter().map(|kept| kept.entry);
            self.ledger.outdated.extend(kept);
            return Ok(None);
        };
        Ok(Some((growth, place)))
    }

    /// Indexes `content` as if it were what is in the file.
    ///
    /// # Errors
    /// As [`Worker::add`].
    pub fn add_given(&mut self, stored: &[u8], content: &Arc<[u8]>) -> Result<(), Error> {
        let mut clock = Instant::now();
        let mut file = FileInProgress::new(stored);
        file.stat.size = content.len() as u64;
        file.flags = flags::GIVEN;
        file.given = Some(content);
        let read = self.read(&mut file, &content[..], &mut clock)?;
        let path = quern_paths::join(self.plan.root, stored).unwrap_or_else(|_| self.plan.root.to_path_buf());
        self.end(file, read.map_err(|error| error.at(path)), clock)
    }

    /// Records the file, of which everything or what could be read is in blocks.
    fn end(
        &mut self,
        mut file: FileInProgress<'_>,
        read: Result<(), Error>,
        mut clock: Instant,
    ) -> Result<(), Error> {
        if let Err(error) = read {
            file.flags |= flags::OPAQUE;
            if file.piece.is_none_or(|piece| piece.file.fails_first()) {
                self.ledger.fail(error);
            }
        }
        if file.piece.is_none_or(Piece::done) {
            self.ledger.files += 1;
            self.plan.progress.file(file.stat.size);
        }
        self.segment.record(&mut file, true);
        self.ledger.stages.read += lap(&mut clock);
        if self.segment.is_full() {
            self.flush()
        } else {
            Ok(())
        }
    }

    /// Reads a file's windows. The outer error ends the build, the inner one is the file's own: so is a panic, after which
    /// the segment holds the file up to the last whole block.
    fn read(
        &mut self,
        file: &mut FileInProgress<'_>,
        source: impl Read,
        clock: &mut Instant,
    ) -> Result<Result<(), Error>, Error> {
        let Worker {
            plan,
            reader,
            segment,
            finished,
            ledger,
            post,
        } = self;
        let limit = plan.read_timeout;
        let source = Timely { source, limit };
        // The reader's buffer is for files of any size; one for a small content alone costs less than filling it.
        let mut small;
        let reader = match file.given {
            Some(content) if content.len() < DEFAULT_WINDOW / 2 => {
                small = TextReader::new(2 * content.len() + 16, plan.max_line);
                &mut small
            }
            _ => reader,
        };
        let size = file.stat.size.saturating_sub(file.start);
        let size = file.piece.is_none().then_some(size);
        // What stands at the start of a part is no mark.
        let is_part = file.piece.is_some() || file.start > 0;
        let label = if is_part { Label::None } else { Label::Auto };
        let open = || {
            let opened = reader.open(source, size, label);
            opened.map_err(|error| Error::io(&error, Path::new(""), Stage::Read))
        };
        let mut windows = match contained(open) {
            Ok(windows) => windows,
            Err(error) => return Ok(Err(error.during(Stage::Read))),
        };
        file.encoding = windows.encoding();
        if file.encoding != Encoding::Bytes {
            file.flags |= flags::TRANSCODED;
        }
        let start_of_text = file.start;
        loop {
            plan.cancel.check()?;
            let windows = &mut windows;
            let next = contained(move || {
                let window = windows.next();
                let window = window.map_err(|error| {
                    let stage = match error.kind() {
                        quern_text::ErrorKind::Io(_) => Stage::Read,
                        _ => Stage::Decode,
                    };
                    Error::new(Code::Io, error.to_string()).during(stage)
                })?;
                Ok(window.map(|Window { text, offset }| {
                    let offset = start_of_text + offset;
                    (cut_blocks(text, BLOCK, true), Window { text, offset })
                }))
            });
            post.get_on(Stage::Write);
            let (cuts, window) = match next {
                Ok(Some(next)) => next,
                Ok(None) => return Ok(Ok(())),
                Err(error) => {
                    let stage = error.stage.unwrap_or(Stage::Decode);
                    return Ok(Err(error.during(stage)));
                }
            };
            ledger.stages.read += lap(clock);
            file.begin(&window);
            ledger.bytes += window.text.len() as u64;
            let mut start = 0;
            for end in cuts {
                if segment.must_cut(file) {
                    ledger.stages.extract += lap(clock);
                    segment.record(file, false);
                    finished.push(segment.write(plan, ledger)?);
                    *clock = Instant::now();
                    file.next_part(window.offset + start as u64);
                }
                if let Err(error) = segment.block(file, &window, start..end) {
                    return Ok(Err(error.during(Stage::Write)));
                }
                start = end;
            }
            post.get_on(Stage::Read);
            ledger.stages.extract += lap(clock);
        }
    }

    /// Writes the segment being filled, if there is anything in it.
    ///
    /// # Errors
    /// A store that cannot be written.
    pub fn flush(&mut self) -> Result<(), Error> {
        if !self.segment.files.is_empty() {
            let finished = self.segment.write(self.plan, &mut self.ledger)?;
            self.finished.push(finished);
        }
        Ok(())
    }
}

impl Begun {
    fn now() -> Begun {
        Begun {
            clock: Instant::now(),
            at: SystemTime::now(),
        }
    }
}

impl SegmentInProgress {
    fn is_full(&self) -> bool {
        self.grams.is_full()
            || self.files.memory() + self.blocks.memory() > TABLES
            || (self.given_bytes > 0 && self.grams.memory() + self.given_bytes > self.budget)
    }

    /// Whether the file's next block has to go to another segment. Each part of a given file keeps the whole content, so
    /// it is only cut where a segment cannot have more blocks.
    fn must_cut(&self, file: &FileInProgress<'_>) -> bool {
        match file.given {
            None => self.is_full(),
            Some(_) => self.grams.blocks() == MAX_BLOCKS,
        }
    }

    /// Adds a block of the file.
    ///
    /// # Errors
    /// A panic. The block is not added then, and what was added before is as it was.
    fn block(
        &mut self,
        file: &mut FileInProgress<'_>,
        window: &Window<'_>,
        range: Range<usize>,
    ) -> Result<(), Error> {
        let text = &window.text[range.clone()];
        let offsets = window.offset + range.start as u64..window.offset + range.end as u64;
        let added = contained(|| {
            let newlines = self.grams.add_block(text);
            #[cfg(test)]
            super::tests::fault(file.stored, text);
            file.hasher.update(text);
            if file.flags & flags::NUL == 0 && has_nul(text) {
                file.flags |= flags::NUL;
            }
            Ok(newlines)
        });
        let newlines = added.inspect_err(|_| self.grams.truncate(self.blocks.len() as usize))?;
        self.blocks
            .add(self.files.len(), offsets, file.base_line + file.lines + 1);
        file.lines += newlines;
        file.blocks += 1;
        Ok(())
    }

    /// Adds the file, or the part of it that this segment has.
    fn record(&mut self, file: &mut FileInProgress<'_>, last: bool) {
        let is_cut = !last || file.part > 0 || file.piece.is_some();
        let part = is_cut.then_some(FilePart {
            index: file.part,
            last: last && file.piece.is_none_or(Piece::is_last),
            base_offset: file.base_offset,
            base_line: file.base_line,
        });
        let id = self.files.add(&FileRecord {
            path: file.stored,
            stat: file.stat,
            hash: file.hasher.digest(),
            encoding: file.encoding as u8,
            flags: file.flags | if part.is_some() { flags::CUT } else { 0 },
            language: file.language.number(),
            lines: file.lines,
            blocks: file.blocks,
            part,
        });
        if let Some(content) = file.given {
            self.given.push((id, Arc::clone(content)));
            self.given_bytes += content.len();
        }
    }

    fn write(&mut self, plan: &Plan<'_>, ledger: &mut Ledger) -> Result<Finished, Error> {
        let mut clock = Instant::now();
        let mut writer = plan.to.segment()?;
        let mut directory = Vec::new();
        if let Err(error) = self.grams.finish(&mut directory, writer.postings()) {
            return Err(writer.write_error(error).into());
        }
        let given = std::mem::take(&mut self.given);
        self.given_bytes = 0;
        let contents: Vec<(u32, &[u8])> = given.iter().map(|(id, content)| (*id, &content[..])).collect();
        let finished = writer.finish(&mut self.files, &mut self.blocks, &directory, &contents)?;
        ledger.stages.write += lap(&mut clock);
        Ok(finished)
    }
}

impl<'a> FileInProgress<'a> {
    fn new(stored: &'a [u8]) -> FileInProgress<'a> {
        FileInProgress {
            stored,
            stat: FileStat::default(),
            encoding: Encoding::Bytes,
            language: Language::of(stored, b""),
            flags: 0,
            hasher: Xxh3Default::new(),
            start: 0,
            base_line: 0,
            lines: 0,
            base_offset: 0,
            blocks: 0,
            part: 0,
            piece: None,
            given: None,
        }
    }

    /// Goes on behind what is indexed already.
    fn resume(&mut self, growth: &Growth, place: u64) {
        self.start = place;
        self.base_offset = place;
        self.base_line = growth.lines;
        self.part = growth.index;
        self.flags = growth.flags;
        self.language = growth.language;
    }

    /// Looks at the first window for a shebang.
    fn begin(&mut self, window: &Window<'_>) {
        if window.offset == 0 && window.text.starts_with(b"#!") {
            let first = &window.text[..window.text.len().min(FIRST_LINE)];
            self.language = Language::of(self.stored, first);
        }
    }

    /// Marks a file that changed since reading it began, or could have without a trace.
    fn settle(&mut self, opened: &File, before: &FileMeta, start: SystemTime) {
        let after = opened
            .metadata()
            .map(|metadata| FileMeta::from_metadata(&metadata))
            .ok();
        if after.as_ref() != Some(before) || racy::is_racy(before, start) {
            self.flags |= flags::RACY;
        }
    }

    /// Goes on in the next segment.
    fn next_part(&mut self, offset: u64) {
        self.part += 1;
        self.base_line += self.lines;
        self.base_offset = offset;
        self.lines = 0;
        self.blocks = 0;
        self.hasher = Xxh3Default::new();
    }
}

fn open(path: &Path) -> Result<(File, FileMeta), Error> {
    contained(|| read::open(path).map_err(|error| Error::io(&error, path, Stage::Read)))
}

fn stat(meta: &FileMeta) -> FileStat {
    let FileMeta {
        size,
        mtime_ns,
        ctime_ns,
        inode,
        device,
    } = *meta;
    FileStat {
        size,
        mtime_ns,
        ctime_ns,
        inode,
        device,
    }
}
