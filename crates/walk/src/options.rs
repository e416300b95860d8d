//! What counts as part of a folder.

use std::path::PathBuf;

/// The rules of a walk. The defaults are ripgrep's: hidden files and everything that ignore files name are left out,
/// links are not followed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WalkOptions {
    /// Hidden files and folders too (`--hidden`).
    pub hidden: bool,
    /// Heed `.ignore` and `.rgignore` (off: `--no-ignore-dot`).
    pub ignore_dot: bool,
    /// Heed `.gitignore` (off: `--no-ignore-vcs`).
    pub ignore_vcs: bool,
    /// Heed `.git/info/exclude` (off: `--no-ignore-exclude`).
    pub ignore_exclude: bool,
    /// Heed git's global ignore file (off: `--no-ignore-global`).
    pub ignore_global: bool,
    /// Heed ignore files of parent folders (off: `--no-ignore-parent`).
    pub ignore_parent: bool,
    /// Heed `.gitignore` only inside a git repository (off: `--no-require-git`).
    pub require_git: bool,
    /// More ignore files, of lowest precedence (`--ignore-file`).
    pub ignore_files: Vec<PathBuf>,
    /// Ignore files match without regard to case (`--ignore-file-case-insensitive`).
    pub ignore_case_insensitive: bool,
    /// Follow symbolic links (`-L`).
    pub follow: bool,
    /// Stay on the file system of each root (`--one-file-system`).
    pub one_file_system: bool,
    /// Depth below a root, in folders; 0 is the root itself (`-d`).
    pub max_depth: Option<usize>,
    /// Larger files are left out, in bytes (`--max-filesize`).
    pub max_filesize: Option<u64>,
    /// Globs to include, or with `!` to exclude; the last that matches decides, above all ignore rules (`-g`).
    pub globs: Vec<String>,
    /// The same without regard to case (`--iglob`).
    pub iglobs: Vec<String>,
    /// `globs` too match without regard to case (`--glob-case-insensitive`).
    pub glob_case_insensitive: bool,
    /// Changes to the file types and the selection from them, in order.
    pub types: Vec<TypeChange>,
    /// The folder that `globs`, `iglobs` and the rules in `ignore_files` are relative to; `None`: the process's. Paths
    /// (roots and `ignore_files` themselves) are always relative to the process's.
    pub current_dir: Option<PathBuf>,
    /// Leave out the file that standard output writes to, as ripgrep does when it searches.
    pub skip_stdout: bool,
    /// Walking threads; 0: as many as there are cores, 12 at most, as in ripgrep.
    pub threads: usize,
    /// Which of the files found are indexed.
    pub filter: IndexableFilter,
    /// Stat each file: [`Found::meta`](crate::Found::meta) is then present.
    pub stat: bool,
    /// List the folders that were entered: [`WalkReport::folders`](crate::WalkReport::folders). Says nothing about which
    /// files are found.
    pub folders: bool,
}

/// One step of the choice of file types.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TypeChange {
    /// Forget a type's globs (`--type-clear`).
    Clear(String),
    /// Add a definition, `name:glob` or `name:include:other,other` (`--type-add`).
    Add(String),
    /// Only files of this type (`-t`).
    Select(String),
    /// No files of this type (`-T`).
    Negate(String),
}

/// Which of the files that a walk finds go into an index. Every file left out is counted by reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct IndexableFilter {
    /// Only files with one of these extensions, without dot and regardless of ASCII case; empty: all.
    pub extensions: Vec<String>,
    /// No files with one of these extensions.
    pub exclude_extensions: Vec<String>,
    /// No files or folders that match one of these globs, which are written as in a `.gitignore` at the root.
    pub exclude: Vec<String>,
    /// No files larger than this, in bytes.
    pub max_size: Option<u64>,
}

impl Default for WalkOptions {
    fn default() -> Self {
        WalkOptions {
            hidden: false,
            ignore_dot: true,
            ignore_vcs: true,
            ignore_exclude: true,
            ignore_global: true,
            ignore_parent: true,
            require_git: true,
            ignore_files: Vec::new(),
            ignore_case_insensitive: false,
            follow: false,
            one_file_system: false,
            max_depth: None,
            max_filesize: None,
            globs: Vec::new(),
            iglobs: Vec::new(),
            glob_case_insensitive: false,
            types: Vec::new(),
            current_dir: None,
            skip_stdout: false,
            threads: 0,
            filter: IndexableFilter::default(),
            stat: false,
            folders: false,
        }
    }
}
