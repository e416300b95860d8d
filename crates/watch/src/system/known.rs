//! Where one watch of the root tells about all that is below: the folders that count, and names as the walk spells them.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What happened to a path, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It came, went or now is something else.
    Replaced,
    /// It is still the same file or folder.
    Changed,
}

/// The folders that the receiver knows of.
#[derive(Default)]
pub(crate) struct Known(Mutex<BTreeSet<PathBuf>>);

impl Known {
    /// Whether the folder is new.
    pub(crate) fn add(&self, folder: &Path) -> bool {
        let mut folders = self.lock();
        !folders.contains(folder) && folders.insert(folder.to_path_buf())
    }

    pub(crate) fn len(&self) -> u64 {
        self.lock().len() as u64
    }

    #[cfg(windows)]
    pub(crate) fn contains(&self, folder: &Path) -> bool {
        self.lock().contains(folder)
    }

    /// Whether an event of `path` counts: only in a known folder, or of one. A folder that was replaced is forgotten
    /// with all below it, so that it counts as new when it is added again.
    pub(crate) fn admits(&self, path: &Path, kind: Kind) -> bool {
        let mut folders = self.lock();
        let is_known = folders.contains(path);
        if is_known && kind == Kind::Replaced {
            let gone: Vec<PathBuf> = folders
                .range::<Path, _>((Bound::Included(path), Bound::Unbounded))
                .take_while(|folder| folder.starts_with(path))
                .cloned()
                .collect();
            for folder in gone {
                folders.remove(&folder);
            }
        }
        is_known || path.parent().is_some_and(|parent| folders.contains(parent))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<PathBuf>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How the walk spells what the system may name by the root's resolved name.
#[cfg(any(target_os = "macos", all(test, unix)))]
pub(crate) struct Spelling {
    root: PathBuf,
    resolved: PathBuf,
}

#[cfg(any(target_os = "macos", all(test, unix)))]
impl Spelling {
    pub(crate) fn new(root: &Path) -> Spelling {
        Spelling {
            root: root.to_path_buf(),
            resolved: std::fs::canonicalize(root).unwrap_or_else(|_| root.to_path_buf()),
        }
    }

    pub(crate) fn of(&self, path: &Path) -> Option<PathBuf> {
        if path.starts_with(&self.root) {
            return Some(path.to_path_buf());
        }
        let below = path.strip_prefix(&self.resolved).ok()?;
        // Joining nothing would add a separator.
        Some(if below.as_os_str().is_empty() {
            self.root.clone()
        } else {
            self.root.join(below)
        })
    }
}

/// `relative` up to the first component that may be a short name (`PROGRA~1`), without it: Windows may name a file by
/// either of its two names, and the walk finds only one of them. `None`: all of it can be taken as it is.
#[cfg(any(windows, test))]
pub(crate) fn before_short_name(relative: &Path) -> Option<PathBuf> {
    let names: Vec<_> = relative.iter().collect();
    let short = names
        .iter()
        .position(|name| is_short_name(name.as_encoded_bytes()))?;
    Some(names[..short].iter().collect())
}

/// Eight characters and three of extension, with a tilde before a digit.
#[cfg(any(windows, test))]
fn is_short_name(name: &[u8]) -> bool {
    let (stem, extension) = match name.iter().position(|&byte| byte == b'.') {
        Some(dot) => (&name[..dot], &name[dot + 1..]),
        None => (name, &name[..0]),
    };
    let has_tilde = || {
        stem.windows(2)
            .any(|pair| pair[0] == b'~' && pair[1].is_ascii_digit())
    };
    stem.len() <= 8 && extension.len() <= 3 && has_tilde()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Kind, Known, before_short_name};

    fn known(folders: &[&str]) -> Known {
        let known = Known::default();
        folders
            .iter()
            .for_each(|folder| assert!(known.add(Path::new(folder))));
        known
    }

    #[test]
    fn only_entries_of_known_folders_count() {
        let known = known(&["/r", "/r/a"]);
        for (path, admitted) in [
            ("/r/x", true),
            ("/r/a/x", true),
            ("/r", true),
            ("/r/node_modules", true),
            ("/r/node_modules/x", false),
            ("/r/a/new/x", false),
            ("/elsewhere", false),
        ] {
            assert_eq!(known.admits(Path::new(path), Kind::Changed), admitted, "{path}");
        }
        assert_eq!(known.len(), 2);
    }

    #[test]
    fn a_replaced_folder_is_new_again_with_all_below() {
        let known = known(&["/r", "/r/a", "/r/a-b", "/r/a/b"]);
        assert!(known.admits(Path::new("/r/a"), Kind::Replaced));
        assert!(!known.admits(Path::new("/r/a/b/x"), Kind::Changed));
        assert!(known.add(Path::new("/r/a/b")) && known.add(Path::new("/r/a")));
        assert!(!known.add(Path::new("/r/a-b")));
    }

    #[test]
    fn a_folder_that_was_written_in_stays_known() {
        let known = known(&["/r", "/r/a"]);
        assert!(known.admits(Path::new("/r/a"), Kind::Changed));
        assert!(!known.add(Path::new("/r/a")));
    }

    #[cfg(unix)]
    #[test]
    fn names_below_the_resolved_root_are_spelled_as_the_walk_does() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap().join("real");
        std::fs::create_dir(&real).unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let spelling = super::Spelling::new(&link);
        assert_eq!(spelling.of(&real.join("a/b")), Some(link.join("a/b")));
        assert_eq!(spelling.of(&real).unwrap().as_os_str(), link.as_os_str());
        assert_eq!(spelling.of(&link.join("x")), Some(link.join("x")));
        assert_eq!(spelling.of(folder.path()), None);
    }

    #[test]
    fn what_may_be_a_short_name_stands_for_its_folder() {
        let before = |path| before_short_name(Path::new(path)).map(|path| path.to_str().unwrap().to_string());
        assert_eq!(before("a/PROGRA~1/x").as_deref(), Some("a"));
        assert_eq!(before("LONGNA~1.TXT").as_deref(), Some(""));
        for path in ["a/b.txt", "notes.txt~", "a-long-name~1", "x~1.json", "~a"] {
            assert_eq!(before(path), None, "{path}");
        }
    }
}
