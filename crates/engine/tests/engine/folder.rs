//! A random folder with its index, and its texts as a search without an index reads them.

use std::fs;
use std::path::{Path, PathBuf};

use quern_engine::{Cancel, Freshness, Progress};
use quern_testkit::{Flags, Nul, Oracle, Rng, Shape, Tree, content, sized};
use tempfile::TempDir;

use crate::opened::{Opened, options, try_open};

/// A file's path as the index writes it, and its bytes.
pub type Text = (String, Vec<u8>);

/// A folder, its index, and what is in it now.
pub struct Folder {
    tree: Tree,
    pub opened: Opened,
    /// The files that ripgrep would search, in the order of sorted answers. Empty files may be missing.
    pub texts: Vec<Text>,
    /// Every file: hidden and ignored ones too, and the ignore files.
    files: Vec<PathBuf>,
    /// A refresh has seen every change.
    is_settled: bool,
    changes: u32,
}

impl Folder {
    pub fn new(rng: &mut Rng) -> Folder {
        let mut tree = Tree::write(rng, 14).unwrap();
        for lines in [400, 1500] {
            // More than one block: the interesting offsets and line numbers are behind the first.
            let shape = Shape::any(rng);
            let bytes = sized(rng, shape, lines);
            let name = format!("of-{lines}-lines.txt");
            tree.put(Path::new(&name), &bytes).unwrap();
        }
        if !rng.one_in(4) {
            remove_huge(&mut tree);
        }
        // Nothing of a small store needs a disk that is waited for.
        let store = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap();
        let index = try_open(options(tree.path(), &store)).unwrap();
        let mut folder = Folder {
            tree,
            opened: Opened { index, store },
            texts: Vec::new(),
            files: Vec::new(),
            is_settled: true,
            changes: 0,
        };
        folder.read();
        folder
    }

    /// A freshness at which an answer has to be right.
    pub fn freshness(&self, rng: &mut Rng) -> Freshness {
        if self.is_settled && !rng.one_in(3) {
            Freshness::Snapshot
        } else {
            Freshness::Verified
        }
    }

    /// Some file's text.
    pub fn sample(&self, rng: &mut Rng) -> Vec<u8> {
        fs::read(&self.files[rng.below(self.files.len())]).unwrap()
    }

    /// Edits, adds, removes or renames a few files; refreshes now and then.
    pub fn change(&mut self, rng: &mut Rng) {
        for _ in 0..1 + rng.below(3) {
            let file = self.files[rng.below(self.files.len())].clone();
            self.changes += 1;
            let renamed = file.with_file_name(format!("changed-{}.c", self.changes));
            match rng.below(8) {
                0 => fs::remove_file(&file).unwrap(),
                1 => fs::rename(&file, renamed).unwrap(),
                2 => {
                    let shape = Shape::any(rng);
                    fs::write(renamed, content(rng, shape)).unwrap();
                }
                _ => edit(rng, &file),
            }
            self.files = files_below(self.tree.path());
        }
        self.is_settled = rng.one_in(2);
        if self.is_settled {
            self.opened
                .index
                .refresh(&Progress::default(), &Cancel::new())
                .unwrap();
        }
        self.read();
    }

    fn read(&mut self) {
        let root = self.tree.path();
        self.files = files_below(root);
        let first_lines = Flags {
            nul: Nul::Text,
            encoding: Some("none".into()),
            max_count: Some(1),
            ..Flags::default()
        };
        let searched = Oracle::new(&[String::new()], &first_lines)
            .unwrap()
            .search_tree(root);
        let text = |path: &Path| {
            let relative = path.strip_prefix(root).unwrap().to_string_lossy();
            (relative.replace('\\', "/"), fs::read(path).unwrap())
        };
        self.texts = searched.iter().map(|file| text(&file.path)).collect();
        self.texts
            .sort_by(|(a, _), (b, _)| a.split('/').cmp(b.split('/')));
    }
}

/// Removes the files that make most questions slow: those with a line of a hundred kilobytes, or a NUL as far behind.
fn remove_huge(tree: &mut Tree) {
    for file in tree.files().to_vec() {
        let is_huge = fs::metadata(tree.path().join(&file)).unwrap().len() > 60_000;
        if is_huge && !file.starts_with("of-1500-lines.txt") {
            tree.remove(&file).unwrap();
        }
    }
}

/// Writes other bytes into a file: all of them new, one more line, or one letter in place of another.
fn edit(rng: &mut Rng, file: &Path) {
    let mut bytes = fs::read(file).unwrap();
    let is_rules = file.extension().is_none() && file.to_string_lossy().ends_with("ignore");
    match rng.below(3) {
        _ if is_rules => bytes = rng.pick(&["*.txt\n", "!*.log\n/src\n", "deep/\n", ""]).into(),
        0 => {
            let shape = Shape::any(rng);
            bytes = content(rng, shape);
        }
        1 => bytes.extend_from_slice(b"one more foo\n"),
        _ if bytes.is_empty() => bytes.push(b'x'),
        _ => {
            let place = rng.below(bytes.len());
            bytes[place] = rng.pick(b"aZ_\n");
        }
    }
    fs::write(file, bytes).unwrap();
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| {
            if path.is_dir() {
                files_below(&path)
            } else {
                vec![path]
            }
        })
        .collect();
    files.sort();
    files
}
