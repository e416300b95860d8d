//! One worker of a build: reads files one after the other into a segment.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use quern_store::{FileStat, Finished};
use quern_text::{DEFAULT_WINDOW, Encoding, Label, TextReader, Window, count_lines, cut_blocks};
use quern_walk::FileMeta;

use crate::build::file::FileInProgress;
use crate::build::large::{Large, Piece};
use crate::build::segment::SegmentInProgress;
use crate::build::{Growth, Ledger, Plan};
use crate::error::{Code, Error, Stage, contained};
use crate::packed::Unpacked;
use crate::progress::Post;
use crate::read::{self, Timely};
use crate::snapshot::flags;
use crate::stats::lap;

/// Bytes of text in a block, about.
const BLOCK: usize = 16 << 10;

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

impl<'a> Worker<'a> {
    pub fn new(plan: &'a Plan<'a>, share: usize) -> Worker<'a> {
        Worker {
            plan,
            reader: TextReader::new(DEFAULT_WINDOW, plan.max_line),
            segment: SegmentInProgress::new(share, plan),
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
                self.ledger.stages.read += lap(&mut begun.clock).as_secs_f64();
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
                if read.is_ok() && self.segment.lacks_unpacked(&file) {
                    let sought = (&opened).seek(SeekFrom::Start(0));
                    self.unpack(&file, sought.map(|_| &opened))?;
                }
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
        if read.is_ok() && self.segment.lacks_unpacked(&file) {
            self.unpack(&file, Ok(&content[..]))?;
        }
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
        self.ledger.stages.read += lap(&mut clock).as_secs_f64();
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
            ledger.stages.read += lap(clock).as_secs_f64();
            file.begin(&window);
            ledger.bytes += window.text.len() as u64;
            let mut start = 0;
            // What of the window is ranked with the segment, and the lines before it.
            let mut ranked = (0, file.base_line + file.lines);
            for end in cuts {
                if segment.must_cut(file) {
                    ledger.stages.extract += lap(clock).as_secs_f64();
                    segment.rank(file, &window, ranked.0..start, ranked.1);
                    segment.record(file, false);
                    finished.push(segment.write(plan, ledger)?);
                    *clock = Instant::now();
                    file.next_part(window.offset + start as u64);
                    ranked = (start, file.base_line);
                }
                if let Err(error) = segment.block(file, &window, start..end) {
                    return Ok(Err(error.during(Stage::Write)));
                }
                start = end;
            }
            segment.rank(file, &window, ranked.0..start, ranked.1);
            post.get_on(Stage::Read);
            ledger.stages.extract += lap(clock).as_secs_f64();
        }
    }

    /// Ranks the text of a compressed log, all of whose bytes are in blocks. What cannot be decompressed is left out, and noted.
    ///
    /// # Errors
    /// A stop.
    fn unpack(&mut self, file: &FileInProgress<'_>, source: io::Result<impl Read>) -> Result<(), Error> {
        let Worker {
            plan,
            reader,
            segment,
            ..
        } = self;
        let limit = plan.read_timeout;
        let source = source.map(|source| Unpacked::new(Timely { source, limit }));
        let Ok(mut windows) = source.and_then(|source| reader.open(source, None, Label::Auto)) else {
            segment.leave_unranked();
            return Ok(());
        };
        let mut line = 0;
        while segment.lacks_unpacked(file) {
            plan.cancel.check()?;
            let windows = &mut windows;
            match contained(move || Ok(windows.next())) {
                Ok(Ok(Some(window))) => {
                    segment.rank_unpacked(file, window, line);
                    line += count_lines(window.text);
                }
                Ok(Ok(None)) => break,
                Ok(Err(_)) | Err(_) => {
                    segment.leave_unranked();
                    break;
                }
            }
        }
        Ok(())
    }

    /// Writes the segment being filled, if there is anything in it.
    ///
    /// # Errors
    /// A store that cannot be written.
    pub fn flush(&mut self) -> Result<(), Error> {
        if !self.segment.is_empty() {
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
