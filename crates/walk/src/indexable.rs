//! Which of the files that a walk finds go into an index.

use std::ffi::OsStr;
use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::error::{Error, ErrorKind};
use crate::options::IndexableFilter;
use crate::report::SkipReason;

/// An [`IndexableFilter`] made ready for the paths below one root.
pub(crate) struct Indexable {
    extensions: Vec<String>,
    exclude_extensions: Vec<String>,
    exclude: Gitignore,
}

impl Indexable {
    pub(crate) fn new(filter: &IndexableFilter, root: &Path) -> Result<Indexable, Error> {
        let glob_error = |error| Error::new(ErrorKind::Glob, error);
        let mut builder = GitignoreBuilder::new(root);
        builder.allow_unclosed_class(false);
        for glob in &filter.exclude {
            builder.add_line(None, glob).map_err(glob_error)?;
        }
        Ok(Indexable {
            extensions: filter.extensions.clone(),
            exclude_extensions: filter.exclude_extensions.clone(),
            exclude: builder.build().map_err(glob_error)?,
        })
    }

    /// Whether a folder and all that is in it stay out.
    pub(crate) fn excludes_folder(&self, path: &Path) -> bool {
        self.exclude.matched(path, true).is_ignore()
    }

    /// Why a file stays out, by its name alone.
    pub(crate) fn refuses(&self, path: &Path) -> Option<SkipReason> {
        let named = |list: &[String], extension: &OsStr| {
            list.iter().any(|known| extension.eq_ignore_ascii_case(known))
        };
        let extension = path.extension().unwrap_or_default();
        let wanted = self.extensions.is_empty() || named(&self.extensions, extension);
        if !wanted || named(&self.exclude_extensions, extension) {
            return Some(SkipReason::Extension);
        }
        self.exclude
            .matched(path, false)
            .is_ignore()
            .then_some(SkipReason::Excluded)
    }
}
