//! Folders full of such files, with everything that decides which of them are searched.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::content::{Shape, content};
use crate::rng::Rng;

const NAMES: &[&str] = &[
    "main.c",
    "lib.rs",
    "README.md",
    "notes.txt",
    "data.bin",
    "a b.txt",
    "日本.txt",
    ".hidden",
    "Makefile",
    "x.log",
    "y.js",
];

const FOLDERS: &[&str] = &["src", "target", ".git", ".config", "node_modules", "deep", "ünï"];

/// A random folder in the system's temporary folder; removed when dropped.
#[derive(Debug)]
pub struct Tree {
    folder: TempDir,
    files: Vec<PathBuf>,
}

impl Tree {
    /// Writes about `files` files, with subfolders, hidden names and ignore files among them.
    ///
    /// # Errors
    /// Those of writing.
    pub fn write(rng: &mut Rng, files: usize) -> io::Result<Tree> {
        let mut tree = Tree {
            folder: TempDir::new()?,
            files: Vec::new(),
        };
        let mut folders = vec![PathBuf::new()];
        for index in 0..files {
            if rng.one_in(4) {
                let folder = folders[rng.below(folders.len())].join(rng.pick(FOLDERS));
                folders.push(folder);
            }
            let (folder, name) = (folders[rng.below(folders.len())].clone(), rng.pick(NAMES));
            let shape = Shape::any(rng);
            let bytes = content(rng, shape);
            tree.put(&folder.join(format!("{index}-{name}")), &bytes)?;
            if rng.one_in(8) {
                let (file, rules) = ignore_file(rng);
                tree.put(&folder.join(file), rules.as_bytes())?;
            }
            if rng.one_in(10) {
                tree.put(&folder.join(format!(".{index}{name}")), &bytes)?;
            }
        }
        Ok(tree)
    }

    /// The root.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Every file written, relative to the root, sorted.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Writes one more file, or replaces one.
    ///
    /// # Errors
    /// Those of writing.
    pub fn put(&mut self, relative: &Path, bytes: &[u8]) -> io::Result<()> {
        let path = self.folder.path().join(relative);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, bytes)?;
        if let Err(at) = self.files.binary_search_by(|file| file.as_path().cmp(relative)) {
            self.files.insert(at, relative.to_path_buf());
        }
        Ok(())
    }

    /// Removes a file.
    ///
    /// # Errors
    /// Those of removing.
    pub fn remove(&mut self, relative: &Path) -> io::Result<()> {
        fs::remove_file(self.folder.path().join(relative))?;
        self.files.retain(|file| file != relative);
        Ok(())
    }
}

fn ignore_file(rng: &mut Rng) -> (&'static str, String) {
    let name = rng.pick(&[".gitignore", ".ignore", ".rgignore"]);
    let rules = [
        "*.log",
        "!*.log",
        "target/",
        "/src",
        "*.bin",
        "deep/**",
        "!.hidden",
        "*-main.c",
        "node_modules",
    ];
    let lines: Vec<&str> = (0..1 + rng.below(3)).map(|_| rng.pick(&rules)).collect();
    (name, lines.join("\n") + "\n")
}
