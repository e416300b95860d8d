//! Skipping files that an index proves not to match, without a trace in the output.
//!
//! A file that is skipped must leave what a search that finds nothing leaves: nothing at all in most modes, but a path
//! for `--files-without-match`, a zero for `--include-zero` and a row in the totals. In those modes it also matters
//! whether the file is binary (ripgrep prints nothing about a file that it gives up) and how long its text is, so only
//! files that are *plain* are skipped there. A line that does not match is output for `-v` and `--passthru`: no file is
//! ever skipped.

use std::path::Path;

use quern_matcher::{Binary, SearchOptions};
use quern_walk::FileMeta;

use crate::settings::Settings;

/// What an index knows about a file before it is read. Made for one request: pattern and search options are those of
/// the request.
pub trait Prune: Send + Sync {
    /// False only if the index proves that no line of this file, as it is now, matches when it is decoded and split into
    /// lines as the request says; under [`Binary::Auto`] the text also ends at the first NUL, so that `$` matches there.
    /// `path` is as opened and printed, relative to the process's current folder where the root was; `meta` is from a
    /// moment ago.
    fn may_match(&self, path: &Path, meta: &FileMeta) -> bool;

    /// True only if the index proves that the search would read every byte of this file and search it as it is: there is
    /// no byte order mark, no NUL and no transcoding.
    fn is_plain(&self, path: &Path, meta: &FileMeta) -> bool;
}

/// What may be skipped under one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Skippable {
    Nothing,
    Plain,
    /// Plain or not.
    Any,
}

impl Skippable {
    pub fn new(settings: &Settings) -> Skippable {
        let SearchOptions {
            invert,
            passthru,
            binary,
            ..
        } = settings.search;
        if invert || passthru {
            Skippable::Nothing
        } else if settings.shows_unmatched() || binary == Binary::SearchAndSuppress {
            Skippable::Plain
        } else {
            Skippable::Any
        }
    }

    /// Whether a file need not be read. A NUL ends a line in a file that is named explicitly, which an index of lines
    /// does not know: such a file must be plain.
    pub fn skips(self, prune: &dyn Prune, path: &Path, meta: &FileMeta, explicit: bool) -> bool {
        match self {
            Skippable::Nothing => false,
            Skippable::Any if !explicit => !prune.may_match(path, meta),
            _ => !prune.may_match(path, meta) && prune.is_plain(path, meta),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{Mode, Request};

    fn skippable(change: impl FnOnce(&mut Request)) -> Skippable {
        let mut request = Request::default();
        change(&mut request);
        Skippable::new(&Settings::new(&request).unwrap())
    }

    #[test]
    fn modes_that_show_unmatched_files_need_plain_ones() {
        assert_eq!(skippable(|_| ()), Skippable::Any);
        assert_eq!(
            skippable(|request| request.output.mode = Mode::Count),
            Skippable::Any
        );
        assert_eq!(
            skippable(|request| request.output.mode = Mode::Json),
            Skippable::Plain
        );
        assert_eq!(
            skippable(|request| request.output.mode = Mode::FilesWithoutMatch),
            Skippable::Plain
        );
        assert_eq!(skippable(|request| request.stats = true), Skippable::Plain);
        let zeros = skippable(|request| {
            request.output.mode = Mode::Count;
            request.output.include_zero = true;
        });
        assert_eq!(zeros, Skippable::Plain);
        assert_eq!(
            skippable(|request| request.search.invert = true),
            Skippable::Nothing
        );
        assert_eq!(
            skippable(|request| request.search.passthru = true),
            Skippable::Nothing
        );
    }
}
