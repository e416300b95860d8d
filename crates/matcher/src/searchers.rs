//! Searchers, configured as ripgrep configures them.
//!
//! A searcher owns the buffers that it reads into, so each thread keeps its own [`Searchers`] and uses it for file
//! after file.

use std::fs::File;
use std::io;

use grep_matcher::LineTerminator;
use grep_searcher::{
    BinaryDetection, Encoding, MmapChoice, Searcher, SearcherBuilder, Sink, SinkFinish, SinkMatch,
};

use crate::error::{Error, ErrorKind};
use crate::options::{Binary, EncodingChoice, SearchOptions};
use crate::pattern::Pattern;

/// Where in its file a text begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// Number of the first line, counted from 1.
    pub line: u64,
    /// Byte offset of the first byte.
    pub offset: u64,
}

impl Place {
    /// The beginning of a file.
    pub const START: Place = Place { line: 1, offset: 0 };
}

impl Default for Place {
    fn default() -> Place {
        Place::START
    }
}

/// A sink that can be told where the text that is searched next lies in its file.
pub trait RowSink: Sink<Error = io::Error> {
    /// What is searched next begins at `place`.
    fn at(&mut self, place: Place);
}

/// How many more lines of a file may match: what `max_count` leaves while the file is searched block by block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance(Option<u64>);

impl Allowance {
    /// Whether no more lines are wanted of this file.
    pub fn is_spent(&self) -> bool {
        self.0 == Some(0)
    }
}

/// The searchers of one thread.
#[derive(Clone, Debug)]
pub struct Searchers {
    options: SearchOptions,
    whole: Searcher,
    block: Searcher,
}

impl Searchers {
    /// Searchers for these options.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownEncoding`].
    pub fn new(options: &SearchOptions) -> Result<Searchers, Error> {
        let mut block = options.builder()?;
        block.bom_sniffing(false).heap_limit(None).max_matches(None);
        Ok(Searchers {
            whole: options.builder()?.build(),
            block: block.build(),
            options: options.clone(),
        })
    }

    /// What they were made for.
    pub fn options(&self) -> &SearchOptions {
        &self.options
    }

    /// What `max_count` allows for one file.
    pub fn allowance(&self) -> Allowance {
        Allowance(self.options.max_count)
    }

    /// Searches whole lines out of a file. Right only where [`Pattern::by_block`] says so, and
    /// [`Pattern::needs_whole`] does not object.
    ///
    /// # Errors
    /// Those of `sink`.
    pub fn block<S: RowSink>(
        &mut self,
        pattern: &Pattern,
        text: &[u8],
        place: Place,
        allowance: &mut Allowance,
        mut sink: S,
    ) -> io::Result<()> {
        let mut unlimited = u64::MAX;
        let left = match &mut allowance.0 {
            Some(0) => return Ok(()),
            Some(left) => left,
            None => &mut unlimited,
        };
        sink.at(place);
        self.block
            .search_slice(pattern.matcher(), text, Wanted { sink, left })
    }

    /// Searches an open file from its current position to its end. `explicit`: the user named this very file, which
    /// changes what a NUL byte does (see [`Binary`]).
    ///
    /// # Errors
    /// Those of reading, of `sink`, and of exceeding the heap limit.
    pub fn file<S: RowSink>(
        &mut self,
        pattern: &Pattern,
        file: &File,
        explicit: bool,
        mut sink: S,
    ) -> io::Result<()> {
        if !self.begin(pattern, explicit, &mut sink) {
            return Ok(());
        }
        self.whole.search_file(pattern.matcher(), file, sink)
    }

    /// Makes ready for a whole file; false if none can have a result.
    fn begin<S: RowSink>(&mut self, pattern: &Pattern, explicit: bool, sink: &mut S) -> bool {
        if !pattern.can_match(&self.options) {
            return false;
        }
        sink.at(Place::START);
        self.whole
            .set_binary_detection(self.options.binary_detection(explicit));
        true
    }

    /// As [`Searchers::file`], from any reader.
    ///
    /// # Errors
    /// Those of [`Searchers::file`].
    pub fn reader<R: io::Read, S: RowSink>(
        &mut self,
        pattern: &Pattern,
        reader: R,
        explicit: bool,
        mut sink: S,
    ) -> io::Result<()> {
        if !self.begin(pattern, explicit, &mut sink) {
            return Ok(());
        }
        self.whole.search_reader(pattern.matcher(), reader, sink)
    }
}

impl SearchOptions {
    /// A searcher as ripgrep configures it, without memory maps. `explicit`: for files that the user named.
    ///
    /// # Errors
    /// [`ErrorKind::UnknownEncoding`].
    pub fn searcher(&self, explicit: bool) -> Result<Searcher, Error> {
        Ok(self
            .builder()?
            .binary_detection(self.binary_detection(explicit))
            .build())
    }

    /// What a searcher does about NUL bytes in a file that is `explicit`ly named or not.
    pub fn binary_detection(&self, explicit: bool) -> BinaryDetection {
        match self.binary {
            _ if self.null_data => BinaryDetection::none(),
            Binary::Text => BinaryDetection::none(),
            Binary::Auto if !explicit => BinaryDetection::quit(b'\0'),
            Binary::Auto | Binary::SearchAndSuppress => BinaryDetection::convert(b'\0'),
        }
    }

    /// What ends a line.
    pub fn line_terminator(&self) -> LineTerminator {
        match self {
            _ if self.null_data => LineTerminator::byte(b'\0'),
            _ if self.crlf => LineTerminator::crlf(),
            _ => LineTerminator::byte(b'\n'),
        }
    }

    fn builder(&self) -> Result<SearcherBuilder, Error> {
        let mut builder = SearcherBuilder::new();
        builder
            .max_matches(self.max_count)
            .line_terminator(self.line_terminator())
            .invert_match(self.invert)
            .line_number(self.line_number)
            .multi_line(self.multiline)
            .memory_map(MmapChoice::never())
            .stop_on_nonmatch(self.stop_on_nonmatch)
            .heap_limit(self.heap_limit)
            .passthru(self.passthru)
            .before_context(self.before)
            .after_context(self.after);
        match &self.encoding {
            EncodingChoice::Auto => {}
            EncodingChoice::None => {
                builder.bom_sniffing(false);
            }
            EncodingChoice::Label(label) => {
                builder.encoding(Some(encoding(label)?));
            }
        }
        Ok(builder)
    }
}

fn encoding(label: &str) -> Result<Encoding, Error> {
    Encoding::new(label).map_err(|error| {
        Error::new(
            ErrorKind::UnknownEncoding {
                label: label.to_owned(),
            },
            error.to_string(),
        )
    })
}

/// Passes on the first `left` matches.
struct Wanted<'a, S> {
    sink: S,
    left: &'a mut u64,
}

impl<S: Sink> Sink for Wanted<'_, S> {
    type Error = S::Error;

    fn matched(&mut self, searcher: &Searcher, lines: &SinkMatch<'_>) -> Result<bool, S::Error> {
        if *self.left == 0 {
            return Ok(false);
        }
        *self.left -= 1;
        Ok(self.sink.matched(searcher, lines)? && *self.left > 0)
    }

    fn begin(&mut self, searcher: &Searcher) -> Result<bool, S::Error> {
        self.sink.begin(searcher)
    }

    fn finish(&mut self, searcher: &Searcher, finish: &SinkFinish) -> Result<(), S::Error> {
        self.sink.finish(searcher, finish)
    }
}
