//! Globs that name files, whatever else is true of them.

use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::error::{Error, ErrorKind};

/// Globs that are written as in a `.gitignore` at the root of an index.
#[derive(Clone, Debug)]
pub struct PathGlobs(Gitignore);

impl PathGlobs {
    /// # Errors
    /// [`ErrorKind::Glob`] for one that is not well formed.
    pub fn new(globs: &[String]) -> Result<PathGlobs, Error> {
        let glob_error = |error| Error::new(ErrorKind::Glob, error);
        let mut builder = GitignoreBuilder::new("");
        builder.allow_unclosed_class(false);
        for glob in globs {
            builder.add_line(None, glob).map_err(glob_error)?;
        }
        builder.build().map(PathGlobs).map_err(glob_error)
    }

    /// Whether the file `stored`, or a folder that it is in, is named.
    pub fn matches(&self, stored: &[u8]) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let path = quern_paths::to_native(stored);
        path.is_ok_and(|path| {
            self.0
                .matched_path_or_any_parents(Path::new(&path), false)
                .is_ignore()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_are_those_of_an_ignore_file() {
        let matches = |globs: &[&str], path: &str| {
            let globs: Vec<String> = globs.iter().map(|&glob| glob.to_owned()).collect();
            PathGlobs::new(&globs).unwrap().matches(path.as_bytes())
        };
        assert!(matches(&["*.log"], "a/b.log"));
        assert!(matches(&["/logs/"], "logs/today/a.txt"));
        assert!(!matches(&["/logs/"], "a/logs/b"));
        assert!(!matches(&["*.log", "!/a/*.log"], "a/b.log"));
        assert!(!matches(&[], "b.log"));
        assert!(PathGlobs::new(&["[".to_owned()]).is_err());
    }
}
