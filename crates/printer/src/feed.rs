//! Getting a file's bytes to the searcher.
//!
//! Files are read, never mapped: a mapped file that shrinks under a search kills the process. But ripgrep maps files
//! that are named explicitly, and its search of a mapped file looks for NUL bytes in other places than its search of a
//! stream does. So such files are read whole and searched as the slice that ripgrep would have mapped, up to
//! [`LARGEST_SLICE`] bytes.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use grep_regex::RegexMatcher;
use grep_searcher::{Searcher, Sink};
use quern_walk::Cancel;

/// Larger files are never read whole.
const LARGEST_SLICE: u64 = 64 << 20;

/// What is searched.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source<'a> {
    File(&'a Path),
    Stdin,
    /// An empty text, in place of one that is known not to match.
    Nothing,
}

/// Ends searches from outside.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stop {
    pub cancel: Cancel,
    closed: Arc<AtomicBool>,
}

impl Stop {
    pub fn new(cancel: Cancel) -> Stop {
        Stop {
            cancel,
            closed: Arc::default(),
        }
    }

    /// Nobody waits for the result any more.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    /// Fails if the search should end.
    pub fn check(&self) -> io::Result<()> {
        if self.closed.load(Ordering::Relaxed) || self.cancel.check().is_err() {
            return Err(io::Error::other("the search was stopped"));
        }
        Ok(())
    }
}

/// One search, ready to run.
pub(crate) struct Feed<'a> {
    pub searcher: &'a mut Searcher,
    pub matcher: &'a RegexMatcher,
    pub source: Source<'a>,
    pub as_slice: bool,
    pub stop: &'a Stop,
    /// Is set to how many bytes went through the searcher's buffer.
    pub read: &'a mut u64,
}

impl Feed<'_> {
    pub fn into_sink<S: Sink<Error = io::Error>>(self, sink: S) -> io::Result<()> {
        let Feed {
            searcher,
            matcher,
            source,
            as_slice,
            stop,
            read,
        } = self;
        let path = match source {
            Source::Nothing => return searcher.search_slice(matcher, b"", sink),
            Source::Stdin => {
                let input = Stoppable {
                    inner: io::stdin().lock(),
                    stop,
                    read,
                };
                return searcher.search_reader(matcher, input, sink);
            }
            Source::File(path) => path,
        };
        let file = File::open(path)?;
        if as_slice && let Some(text) = read_slice(&file)? {
            *read = text.len() as u64;
            searcher.search_slice(matcher, &text, sink)
        } else if searcher.multi_line_with_matcher(matcher) {
            searcher.search_file(matcher, &file, sink)
        } else {
            searcher.search_reader(
                matcher,
                Stoppable {
                    inner: file,
                    stop,
                    read,
                },
                sink,
            )
        }
    }
}

fn read_slice(mut file: &File) -> io::Result<Option<Vec<u8>>> {
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.len() == 0 || metadata.len() > LARGEST_SLICE {
        return Ok(None);
    }
    let mut text = Vec::with_capacity(metadata.len() as usize + 1);
    file.read_to_end(&mut text)?;
    Ok(Some(text))
}

/// A reader that fails once the search should end.
struct Stoppable<'a, R> {
    inner: R,
    stop: &'a Stop,
    read: &'a mut u64,
}

impl<R: Read> Read for Stoppable<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stop.check()?;
        let length = self.inner.read(buffer)?;
        *self.read += length as u64;
        Ok(length)
    }
}
