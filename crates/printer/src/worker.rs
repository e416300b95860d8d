//! One searcher with one printer: what a thread needs to search files one after another.

//!
//! How much of a binary file ripgrep searches depends on how much its searcher reads at once, and a searcher that has
//! seen a long line reads more from then on. The output must not depend on which files a thread had before, so a searcher
//! whose buffer may have grown is replaced: every file is searched as by a new one.

use std::io;

use grep_regex::RegexMatcher;
use grep_searcher::{BinaryDetection, Searcher};
use quern_matcher::Pattern;

use crate::error::Error;
use crate::feed::{Feed, Source, Stop};
use crate::haystack::Haystack;
use crate::page::Out;
use crate::printer::{Printer, Searched};
use crate::settings::Settings;

/// A file up to this length, in bytes, fits into a searcher's first buffer (64 KiB) in any encoding.
const FITS: u64 = 32 << 10;

/// What a search gave, and what it wrote.
pub(crate) struct Outcome {
    pub result: io::Result<Searched>,
    pub out: Out,
}

/// Searches files, keeping its buffers between them.
pub(crate) struct Worker {
    matcher: RegexMatcher,
    fresh: Searcher,
    searcher: Searcher,
    printer: Printer,
    named: BinaryDetection,
    walked: BinaryDetection,
    as_slices: bool,
    stop: Stop,
}

impl Worker {
    pub fn new(settings: &Settings, pattern: &Pattern, stop: Stop) -> Result<Worker, Error> {
        let fresh = settings.search.searcher(false)?;
        Ok(Worker {
            matcher: pattern.matcher().clone(),
            searcher: fresh.clone(),
            fresh,
            printer: Printer::new(settings),
            named: settings.search.binary_detection(true),
            walked: settings.search.binary_detection(false),
            as_slices: settings.as_slices,
            stop,
        })
    }

    /// Searches one file and writes to `out`.
    pub fn search(&mut self, haystack: &Haystack, out: Out) -> Outcome {
        let source = if haystack.stdin {
            Source::Stdin
        } else {
            Source::File(&haystack.path)
        };
        self.print(haystack, source, out)
    }

    /// Does what [`search`](Worker::search) does for a plain file of `size` bytes without a match, but does not read it.
    pub fn skip(&mut self, haystack: &Haystack, size: u64, out: Out) -> Outcome {
        let mut outcome = self.print(haystack, Source::Nothing, out);
        if let Ok(Searched {
            stats: Some(stats), ..
        }) = &mut outcome.result
        {
            stats.add_bytes_searched(size);
        }
        outcome
    }

    fn print(&mut self, haystack: &Haystack, source: Source<'_>, out: Out) -> Outcome {
        let binary = if haystack.explicit {
            &self.named
        } else {
            &self.walked
        };
        self.searcher.set_binary_detection(binary.clone());
        self.printer.replace(out);
        let mut read = 0;
        let feed = Feed {
            searcher: &mut self.searcher,
            matcher: &self.matcher,
            source,
            as_slice: self.as_slices,
            stop: &self.stop,
            read: &mut read,
        };
        let result = self.printer.print(&haystack.path, feed);
        if read > FITS {
            self.searcher = self.fresh.clone();
        }
        Outcome {
            result,
            out: self.printer.replace(Out::closed()),
        }
    }
}
