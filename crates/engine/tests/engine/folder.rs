//! A random folder with its index, and its texts as a search without an index reads them.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use quern_engine::{Cancel, Change, Freshness, OpenOptions, Progress};
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
    /// The index was told of every change, or has seen it.
    is_settled: bool,
    /// Texts that were given to the index.
    given: BTreeMap<String, Vec<u8>>,
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
        let index = try_open(growing(tree.path(), &store)).unwrap();
        let mut folder = Folder {
            tree,
            opened: Opened { index, store },
            texts: Vec::new(),
            files: Vec::new(),
            is_settled: true,
            given: BTreeMap::new(),
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

    /// Makes changes known one by one, as they happen or at once; flushes, compacts, refreshes, closes and opens now and
    /// then.
    pub fn change_in_memory(&mut self, rng: &mut Rng) {
        let mut changes = Vec::new();
        for _ in 0..1 + rng.below(4) {
            self.changes += 1;
            changes.extend(self.one_in_memory(rng));
            if rng.one_in(2) {
                self.apply(std::mem::take(&mut changes));
            }
        }
        self.apply(changes);
        let cancel = Cancel::new();
        let index = &self.opened.index;
        match rng.below(12) {
            0 | 1 => drop(index.flush(&cancel).unwrap()),
            2 => drop(index.compact(&cancel).unwrap()),
            3 => {
                index.refresh(&Progress::default(), &cancel).unwrap();
                self.is_settled = true;
            }
            4 => {
                index.close().unwrap();
                self.opened.index = try_open(growing(self.tree.path(), &self.opened.store)).unwrap();
                self.is_settled = true;
            }
            _ => {}
        }
        self.read();
    }

    fn apply(&mut self, changes: Vec<Change>) {
        self.opened.index.apply(changes, &Cancel::new()).unwrap();
    }

    fn one_in_memory(&mut self, rng: &mut Rng) -> Vec<Change> {
        let root = self.tree.path().to_path_buf();
        let file = self.files[rng.below(self.files.len())].clone();
        let name = |path: &Path| {
            let relative = path.strip_prefix(&root).unwrap();
            relative.to_string_lossy().replace('\\', "/")
        };
        let change = match rng.below(11) {
            0..=2 => {
                let new = file.with_file_name(format!("given-{}.c", self.changes % 5));
                let path = if rng.one_in(2) { file } else { new };
                let shape = Shape::any(rng);
                let text = content(rng, shape);
                self.given.insert(name(&path), text.clone());
                vec![Change::Give { path, text }]
            }
            3 => {
                let given: Vec<&String> = self.given.keys().collect();
                let path = match given.is_empty() {
                    true => name(&file),
                    false => given[rng.below(given.len())].clone(),
                };
                self.given.remove(&path);
                vec![Change::Look { path: path.into() }]
            }
            4 if self.files.len() > 8 => {
                fs::remove_file(&file).unwrap();
                self.given.remove(&name(&file));
                vec![Change::Remove { path: file }]
            }
            5 => {
                // Still on disk: the index does as it is told, until it looks again.
                self.is_settled = false;
                self.given.remove(&name(&file));
                vec![Change::Remove { path: file }]
            }
            6 => {
                let folder = file.parent().unwrap().join(format!("moved-{}", self.changes));
                fs::create_dir_all(&folder).unwrap();
                let moved = folder.join(file.file_name().unwrap());
                fs::rename(&file, &moved).unwrap();
                self.given.remove(&name(&file));
                vec![Change::Look { path: file }, Change::Look { path: folder }]
            }
            7 if file.parent() != Some(&*root) && self.files.len() > 8 => {
                let folder = file.parent().unwrap().to_path_buf();
                // At least the two long files are in the root.
                fs::remove_dir_all(&folder).unwrap();
                let below = format!("{}/", name(&folder));
                self.given.retain(|path, _| !path.starts_with(&below));
                vec![Change::Remove { path: folder }]
            }
            8 => {
                edit(rng, &file);
                self.is_settled = false;
                Vec::new()
            }
            _ => {
                edit(rng, &file);
                self.given.remove(&name(&file));
                vec![Change::Look { path: file }]
            }
        };
        self.files = files_below(&root);
        change
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
        self.texts.retain(|(path, _)| !self.given.contains_key(path));
        let given = self.given.iter();
        self.texts
            .extend(given.map(|(path, text)| (path.clone(), text.clone())));
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

/// Options of an index that takes files of any size to have grown.
fn growing(root: &Path, store: &TempDir) -> OpenOptions {
    OpenOptions {
        least_grown: 0,
        ..options(root, store)
    }
}

/// What somebody who writes a log might append: whole lines, parts of lines and of characters, now and then a NUL.
fn appended(rng: &mut Rng) -> Vec<u8> {
    const SMALL: &[&[u8]] = &[
        b"one more foo\n",
        b"foo bar",
        b"\n",
        b"\xE2\x82",
        b"\xAC foo\n",
        b" end of line\nfoo",
        b"\r\n",
        b"foo\nbar\0baz\n",
    ];
    if rng.one_in(3) {
        let shape = Shape::any(rng);
        let lines = 1 + rng.below(600);
        return sized(rng, shape, lines);
    }
    (0..1 + rng.below(3))
        .flat_map(|_| rng.pick(SMALL).to_vec())
        .collect()
}

/// Writes other bytes into a file: all of them new, some more, or one letter in place of another.
fn edit(rng: &mut Rng, file: &Path) {
    let mut bytes = fs::read(file).unwrap();
    let is_rules = file.extension().is_none() && file.to_string_lossy().ends_with("ignore");
    match rng.below(6) {
        _ if is_rules => bytes = rng.pick(&["*.txt\n", "!*.log\n/src\n", "deep/\n", ""]).into(),
        0 => {
            let shape = Shape::any(rng);
            bytes = content(rng, shape);
        }
        1..=3 => {
            let more = appended(rng);
            let mut file = fs::OpenOptions::new().append(true).open(file).unwrap();
            return file.write_all(&more).unwrap();
        }
        4 if bytes.len() > 100 => {
            let place = rng.below(bytes.len());
            bytes[place] = b'x';
            bytes.extend(appended(rng));
        }
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
