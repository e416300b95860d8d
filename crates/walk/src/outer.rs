//! Files outside a folder that have a say in what a walk of it finds.

use std::fs;
use std::path::{Path, PathBuf};

use ignore::gitignore::gitconfig_excludes_path;

use crate::options::WalkOptions;

/// The files that govern a walk of `root` and that nobody sees who watches the folders that it enters: ignore files of
/// parents, git's global one, those that the options name, and what git keeps in `.git`. They are listed whether or not
/// they exist, sorted; ask again now and then, because which ones they are depends on git's configuration.
///
/// `.git/config` is one of them: where a repository is needed for `.gitignore` to count, it tells that there is one.
/// Repositories that lie below `root` are not looked for.
pub fn outer_rules(root: &Path, options: &WalkOptions) -> Vec<PathBuf> {
    // The walker too takes the parents of what the root's name leads to.
    let root = fs::canonicalize(root).unwrap_or_else(|_| root.to_path_buf());
    let named = options.ignore_files.iter();
    let mut files: Vec<PathBuf> = named
        .map(|file| std::path::absolute(file).unwrap_or_else(|_| file.clone()))
        .collect();
    if options.ignore_parent {
        for parent in root.ancestors().skip(1) {
            files.extend(ignore_files(options).map(|name| parent.join(name)));
        }
    }
    if options.ignore_vcs {
        for folder in root.ancestors() {
            in_repository(folder, options, &mut files);
        }
        if options.ignore_global {
            files.extend(gitconfig_excludes_path());
        }
    }
    files.sort_unstable();
    files.dedup();
    files
}

fn ignore_files(options: &WalkOptions) -> impl Iterator<Item = &'static str> {
    [
        (".ignore", options.ignore_dot),
        (".rgignore", options.ignore_dot),
        (".gitignore", options.ignore_vcs),
    ]
    .into_iter()
    .filter_map(|(name, heeded)| heeded.then_some(name))
}

fn in_repository(folder: &Path, options: &WalkOptions, files: &mut Vec<PathBuf>) {
    let dot_git = folder.join(".git");
    if options.require_git {
        files.push(dot_git.join("config"));
    }
    if options.ignore_exclude {
        files.push(dot_git.join("info/exclude"));
    }
    if let Some(git_dir) = linked(&dot_git) {
        files.push(dot_git);
        if options.ignore_exclude {
            files.push(common_dir(&git_dir).join("info/exclude"));
        }
    }
}

/// What a `.git` that is a file leads to: worktrees and submodules have such.
fn linked(dot_git: &Path) -> Option<PathBuf> {
    let text = fs::read_to_string(dot_git).ok()?;
    let target = text.lines().next()?.strip_prefix("gitdir: ")?;
    Some(dot_git.parent()?.join(target))
}

/// The folder that a worktree shares with its repository.
fn common_dir(git_dir: &Path) -> PathBuf {
    match fs::read_to_string(git_dir.join("commondir")) {
        Ok(text) => git_dir.join(text.lines().next().unwrap_or_default()),
        Err(_) => git_dir.to_path_buf(),
    }
}
