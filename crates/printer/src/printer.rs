//! The printers of `grep-printer`, set up as ripgrep sets them up, and one search printed through them.

use std::io;
use std::path::Path;

use grep_printer::{
    JSON, JSONBuilder, PathPrinter, PathPrinterBuilder, Standard, StandardBuilder, Stats, Summary,
    SummaryBuilder, SummaryKind,
};
use grep_searcher::{Searcher, Sink, SinkContext, SinkFinish, SinkMatch};
use termcolor::WriteColor;

use crate::feed::Feed;
use crate::page::{Out, Page};
use crate::request::Mode;
use crate::settings::Settings;

/// What a search of one file found.
#[derive(Debug)]
pub(crate) struct Searched {
    pub has_match: bool,
    /// Present if [`Settings::stats`] asks for them.
    pub stats: Option<Stats>,
    /// The output begins with a line, not with the remark that the file is binary: only then would a printer of
    /// ripgrep's have put a separator before it.
    pub has_prelude: bool,
}

/// One of the three printers.
#[derive(Debug)]
pub(crate) enum Printer {
    Standard(Standard<Page>),
    Summary(Summary<Page>),
    Json(JSON<Page>),
}

impl Printer {
    pub fn new(settings: &Settings) -> Printer {
        let page = Page::new(settings.output.color, Out::closed());
        match summary_kind(settings) {
            Some(kind) => Printer::Summary(summary(settings, kind).build(page)),
            None if settings.mode == Mode::Json => {
                Printer::Json(JSONBuilder::new().replacement(settings.replacement()).build(page))
            }
            None => Printer::Standard(standard(settings).build(page)),
        }
    }

    /// Puts `out` in place of what was written to.
    pub fn replace(&mut self, out: Out) -> Out {
        let page = match self {
            Printer::Standard(printer) => printer.get_mut(),
            Printer::Summary(printer) => printer.get_mut(),
            Printer::Json(printer) => printer.get_mut(),
        };
        page.replace(out)
    }

    /// Searches what `feed` gives and prints it as found in `path`.
    pub fn print(&mut self, path: &Path, feed: Feed<'_>) -> io::Result<Searched> {
        let matcher = feed.matcher;
        match self {
            Printer::Standard(printer) => {
                let mut sink = Watched::new(printer.sink_with_path(matcher, path));
                feed.into_sink(&mut sink)?;
                Ok(sink.searched(sink.inner.has_match(), sink.inner.stats()))
            }
            Printer::Summary(printer) => {
                let mut sink = Watched::new(printer.sink_with_path(matcher, path));
                feed.into_sink(&mut sink)?;
                Ok(sink.searched(sink.inner.has_match(), sink.inner.stats()))
            }
            Printer::Json(printer) => {
                let mut sink = Watched::new(printer.sink_with_path(matcher, path));
                feed.into_sink(&mut sink)?;
                Ok(sink.searched(sink.inner.has_match(), Some(sink.inner.stats())))
            }
        }
    }
}

/// The printer of bare paths, for [`Mode::Files`].
pub(crate) fn paths<W: WriteColor>(settings: &Settings, to: W) -> PathPrinter<W> {
    PathPrinterBuilder::new()
        .color_specs(settings.colors.clone())
        .hyperlink(settings.hyperlink.clone())
        .separator(settings.output.path_separator)
        .terminator(settings.path_terminator().unwrap_or(b'\n'))
        .build(to)
}

/// What the summary printer should say; `None` if another printer is wanted.
fn summary_kind(settings: &Settings) -> Option<SummaryKind> {
    match (settings.mode, settings.quiet) {
        (Mode::FilesWithoutMatch, true) => Some(SummaryKind::QuietWithoutMatch),
        (_, true) => Some(SummaryKind::QuietWithMatch),
        (Mode::FilesWithMatches, false) => Some(SummaryKind::PathWithMatch),
        (Mode::FilesWithoutMatch, false) => Some(SummaryKind::PathWithoutMatch),
        (Mode::Count, false) => Some(SummaryKind::Count),
        (Mode::CountMatches, false) => Some(SummaryKind::CountMatches),
        (Mode::Standard | Mode::Json | Mode::Files | Mode::TypeList, false) => None,
    }
}

fn summary(settings: &Settings, kind: SummaryKind) -> SummaryBuilder {
    let mut builder = SummaryBuilder::new();
    builder
        .color_specs(settings.colors.clone())
        .exclude_zero(!settings.output.include_zero)
        .hyperlink(settings.hyperlink.clone())
        .kind(kind)
        .path(settings.with_filename)
        .path_terminator(settings.path_terminator())
        .separator_field(b":".to_vec())
        .separator_path(settings.output.path_separator)
        .stats(settings.stats);
    builder
}

fn standard(settings: &Settings) -> StandardBuilder {
    let output = &settings.output;
    let mut builder = StandardBuilder::new();
    builder
        .byte_offset(output.byte_offset)
        .color_specs(settings.colors.clone())
        .column(settings.column)
        .heading(settings.heading)
        .hyperlink(settings.hyperlink.clone())
        .max_columns(settings.max_columns())
        .max_columns_preview(output.max_columns_preview)
        .only_matching(output.only_matching)
        .path(settings.with_filename)
        .path_terminator(settings.path_terminator())
        .per_match(output.vimgrep)
        .per_match_one_line(true)
        .replacement(settings.replacement())
        .separator_context(output.context_separator.clone())
        .separator_field_context(output.field_context_separator.clone())
        .separator_field_match(output.field_match_separator.clone())
        .separator_path(output.path_separator)
        .stats(settings.stats)
        .trim_ascii(output.trim);
    builder
}

/// A printer's sink that notes whether a line was printed: the standard printer refuses lines of a file once that is
/// known to be binary, and says so only at its end.
#[derive(Debug)]
struct Watched<S> {
    inner: S,
    has_prelude: bool,
}

impl<S> Watched<S> {
    fn new(inner: S) -> Watched<S> {
        Watched {
            inner,
            has_prelude: false,
        }
    }

    fn searched(&self, has_match: bool, stats: Option<&Stats>) -> Searched {
        Searched {
            has_match,
            stats: stats.cloned(),
            has_prelude: self.has_prelude,
        }
    }
}

impl<S: Sink> Sink for Watched<S> {
    type Error = S::Error;

    fn begin(&mut self, searcher: &Searcher) -> Result<bool, S::Error> {
        self.inner.begin(searcher)
    }

    fn matched(&mut self, searcher: &Searcher, found: &SinkMatch<'_>) -> Result<bool, S::Error> {
        let goes_on = self.inner.matched(searcher, found)?;
        self.has_prelude |= goes_on;
        Ok(goes_on)
    }

    fn context(&mut self, searcher: &Searcher, context: &SinkContext<'_>) -> Result<bool, S::Error> {
        let goes_on = self.inner.context(searcher, context)?;
        self.has_prelude |= goes_on;
        Ok(goes_on)
    }

    fn context_break(&mut self, searcher: &Searcher) -> Result<bool, S::Error> {
        self.inner.context_break(searcher)
    }

    fn binary_data(&mut self, searcher: &Searcher, offset: u64) -> Result<bool, S::Error> {
        self.inner.binary_data(searcher, offset)
    }

    fn finish(&mut self, searcher: &Searcher, end: &SinkFinish) -> Result<(), S::Error> {
        self.inner.finish(searcher, end)
    }
}
