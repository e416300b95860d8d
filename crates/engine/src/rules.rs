//! What else may be another than before when a file has changed: a file of rules governs the folder that it is in.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use quern_walk::WalkOptions;

use crate::query::Scope;

/// Git's own folder, or the file that stands for it: where there is one, `.gitignore` counts.
const GIT: &str = ".git";

/// The names of files that have a say in what belongs to an index.
pub(crate) struct Rules {
    root: PathBuf,
    names: Vec<&'static str>,
}

impl Rules {
    pub fn new(root: &Path, options: &WalkOptions) -> Rules {
        let mut names = Vec::new();
        if options.ignore_vcs {
            names.extend([GIT, ".gitignore"]);
        }
        if options.ignore_dot {
            names.extend([".ignore", ".rgignore"]);
        }
        Rules {
            root: root.to_path_buf(),
            names,
        }
    }

    /// What to look at when these paths may have changed.
    pub fn scope<'a>(&self, paths: impl IntoIterator<Item = &'a Path>) -> Scope {
        let paths: BTreeSet<PathBuf> = paths.into_iter().filter_map(|path| self.governed(path)).collect();
        match paths.contains(&self.root) {
            true => Scope::Everything,
            false => Scope::Paths(paths.into_iter().collect()),
        }
    }

    /// Whether a file of this name governs the folder that it is in.
    pub fn is_rule(&self, path: &Path) -> bool {
        let name = path.file_name();
        name.is_some_and(|name| self.names.iter().any(|rule| name == *rule))
    }

    /// The file or folder that a change of `path` has an effect on; `None`: none, as that of git's own files.
    fn governed(&self, path: &Path) -> Option<PathBuf> {
        let below = path.strip_prefix(&self.root).ok()?;
        let mut folders = below.parent().into_iter().flat_map(Path::components);
        if folders.any(|folder| folder.as_os_str() == GIT) {
            None
        } else if path != self.root && self.is_rule(path) {
            path.parent().map(Path::to_path_buf)
        } else {
            Some(path.to_path_buf())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_govern_their_folder_and_files_themselves() {
        let root = Path::new("/root");
        let rules = Rules::new(root, &WalkOptions::default());
        let scope = |paths: &[&str]| {
            let paths: Vec<PathBuf> = paths.iter().map(|path| root.join(path)).collect();
            rules.scope(paths.iter().map(PathBuf::as_path))
        };
        let paths = |paths: &[&str]| Scope::Paths(paths.iter().map(|path| root.join(path)).collect());
        assert_eq!(scope(&["a/b.c", "d"]), paths(&["a/b.c", "d"]));
        assert_eq!(scope(&["a/.gitignore", "a/b"]), paths(&["a", "a/b"]));
        assert_eq!(scope(&["a/.git"]), paths(&["a"]));
        assert_eq!(scope(&[".ignore", "x"]), Scope::Everything);
        assert_eq!(scope(&["a/.git/index", ".git/HEAD"]), paths(&[]));
        assert_eq!(scope(&[""]), Scope::Everything);
    }
}
