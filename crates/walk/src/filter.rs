//! What `-g`, `--iglob`, `-t` and `-T` mean for a file of an index.

use std::path::Path;

use ignore::overrides::Override;
use ignore::types::Types;

use crate::error::Error;
use crate::options::TypeChange;
use crate::rules;

/// Decides for one stored path what a walk of the index root with these globs and types would have decided: the last
/// glob that matches wins, a folder that is left out takes everything below it along, and types are only asked about
/// files on which no glob has spoken.
///
/// A walk also lets globs bring back files that are hidden or ignored. A filter cannot: they are not in the index.
#[derive(Clone, Debug)]
pub struct PathFilter {
    overrides: Override,
    types: Types,
}

impl PathFilter {
    /// `globs` (`-g`) and `iglobs` (`--iglob`) are relative to the index root; `case_insensitive` is
    /// `--glob-case-insensitive`.
    ///
    /// # Errors
    /// [`ErrorKind::Glob`](crate::ErrorKind::Glob) and [`ErrorKind::Type`](crate::ErrorKind::Type).
    pub fn new(
        globs: &[String],
        iglobs: &[String],
        case_insensitive: bool,
        types: &[TypeChange],
    ) -> Result<PathFilter, Error> {
        Ok(PathFilter {
            overrides: rules::overrides(Path::new("."), globs, iglobs, case_insensitive)?,
            types: rules::types(types)?,
        })
    }

    /// Whether every path passes.
    pub fn is_empty(&self) -> bool {
        self.overrides.is_empty() && self.types.is_empty()
    }

    /// Whether the file `stored` passes. A path that this system cannot have does not.
    pub fn matches(&self, stored: &[u8]) -> bool {
        if self.is_empty() {
            return true;
        }
        let Ok(path) = quern_paths::to_native(stored) else {
            return false;
        };
        let left_out = |path: &Path, is_dir| rules::is_left_out(&self.overrides, &self.types, path, is_dir);
        if left_out(&path, false) {
            return false;
        }
        let has_ignores = self.overrides.num_ignores() > 0;
        !has_ignores
            || path
                .ancestors()
                .skip(1)
                .take_while(|folder| *folder != Path::new(""))
                .all(|folder| !left_out(folder, true))
    }
}
