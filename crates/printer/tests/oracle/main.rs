//! Our output against that of an `rg` program, and our output with an index against that without.
//!
//! The first needs the program: the one that `QUERN_RG` names, or that of the npm package `@vscode/ripgrep` in a
//! `node_modules` above. Without it those tests say so and pass.

mod answer;
mod flags;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use std::{env, fs};

use grep_searcher::BinaryDetection;
use grep_searcher::sinks::Bytes;
use quern_matcher::{EncodingChoice, Pattern, SearchOptions};
use quern_printer::{Mode, Prune};
use quern_testkit::{Flags, Rng, Tree};
use quern_walk::FileMeta;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::flags::Query;

/// Random queries in each of the random trees.
const QUERIES: usize = 60;
const TREES: u64 = 10;
/// What ripgrep reads at once, at first.
const FIRST_BUFFER: usize = 64 << 10;
/// Files of more bytes may have a line too long to be printed often. Trees of even seeds have none.
const LONG: usize = 20_000;

/// A tree that is the current folder as long as it is held.
struct Here {
    tree: Tree,
    home: PathBuf,
    _only: MutexGuard<'static, ()>,
}

impl Here {
    /// A random tree.
    fn new(seed: u64) -> Here {
        Here::with(seed, |_| ())
    }

    /// A random tree in which every `rg` sees NUL bytes when we do. What is printed before ripgrep knows that a file is
    /// binary depends on how much it reads at once: beyond 64 KiB on the files that the same thread had before, and for
    /// a line end in the first three bytes (where a byte order mark is looked for) on whether it is at least 15.1.
    fn without_odd_nul(seed: u64) -> Here {
        let is_odd =
            |text: &[u8]| text.len() > FIRST_BUFFER || text.iter().take(3).any(|&byte| byte == b'\n');
        Here::with(seed, |tree| {
            remove(tree, |text| text.contains(&0) && is_odd(text))
        })
    }

    fn with(seed: u64, make: impl FnOnce(&mut Tree)) -> Here {
        static ONLY: Mutex<()> = Mutex::new(());
        let _only = ONLY.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rng = Rng::new(seed);
        let mut tree = Tree::write(&mut rng, 40).unwrap();
        tree.put(Path::new("a.txt"), b"alpha\nfoo bar\n\tfoo foo\nomega\nfoo\n")
            .unwrap();
        tree.put(Path::new("a/file"), b"foo\n\nfoobar\nbar\nfoo").unwrap();
        tree.put(Path::new("a-b/z.c"), b"int foo(void);\r\nfoo\r\nbar")
            .unwrap();
        make(&mut tree);
        if seed.is_multiple_of(2) {
            remove(&mut tree, |text| text.len() > LONG);
        }
        for file in tree.files() {
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 + rng.next() % 1_000_000);
            fs::File::options()
                .append(true)
                .open(tree.path().join(file))
                .unwrap()
                .set_modified(time)
                .unwrap();
        }
        let home = env::current_dir().unwrap();
        env::set_current_dir(tree.path()).unwrap();
        Here { tree, home, _only }
    }

    fn has_long_lines(&self) -> bool {
        let length = |file: &PathBuf| fs::metadata(self.tree.path().join(file)).unwrap().len();
        self.tree.files().iter().any(|file| length(file) > LONG as u64)
    }

    /// Something to search: mostly nothing said, sometimes folders, files or what does not exist.
    fn any_paths(&self, rng: &mut Rng) -> Vec<PathBuf> {
        let files = self.tree.files();
        let file = |rng: &mut Rng| files[rng.below(files.len())].clone();
        match rng.below(12) {
            0 => vec!["./".into()],
            1 => vec![file(rng)],
            2 => vec![file(rng), "a".into(), file(rng)],
            3 => vec!["a-b".into(), "a".into(), ".".into()],
            4 => vec!["missing".into(), file(rng)],
            6 => vec![self.tree.path().to_path_buf()],
            7 => (0..11).map(|_| file(rng)).collect(),
            _ => vec![],
        }
    }
}

fn remove(tree: &mut Tree, unwanted: impl Fn(&[u8]) -> bool) {
    for file in tree.files().to_vec() {
        if unwanted(&fs::read(tree.path().join(&file)).unwrap()) {
            tree.remove(&file).unwrap();
        }
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        env::set_current_dir(&self.home).unwrap();
    }
}

fn pool() -> Arc<ThreadPool> {
    Arc::new(ThreadPoolBuilder::new().num_threads(4).build().unwrap())
}

fn rg() -> Option<PathBuf> {
    answer::find_rg()
        .map_err(|reason| println!("not compared with rg: {reason}"))
        .ok()
}

fn any_query(rng: &mut Rng, here: &Here) -> Query {
    let files = here.tree.files();
    let text = fs::read(&files[rng.below(files.len())]).unwrap();
    let pattern = match rng.below(3) {
        0 => rng
            .pick(&[
                "foo", "a", "", "^", "e$", r"\w+", r"(\w)\s", "foo|bar", "x*", r"[^a]b", "zzzz",
            ])
            .to_owned(),
        // An argument cannot hold a NUL.
        _ => quern_testkit::pattern(rng, &text, &Flags::default()).replace('\0', "."),
    };
    let mut query = Query::any(rng, &pattern);
    query.request.paths = here.any_paths(rng);
    if here.has_long_lines() {
        // A long line once for each of its matches: gigabytes.
        query.args.retain(|arg| arg != "--vimgrep");
        query.request.output.vimgrep = false;
    }
    query
}

#[track_caller]
fn assert_as_rg(rg: &Path, query: &Query, pool: &Arc<ThreadPool>) {
    let theirs = answer::of_rg(rg, query);
    let (ours, _) = answer::ours(query, None, pool);
    let shown = format!("rg {:?} -- {:?}", query.args, query.request.paths);
    answer::assert_same(&ours.out, &theirs.out, &shown);
    assert_eq!(
        ours.status, theirs.status,
        "{shown}: {:?} {:?}",
        ours.messages, theirs.messages
    );
    // Under -q ripgrep stops before it has seen everything that is wrong.
    if !ours.refused && !query.request.quiet {
        assert_eq!(ours.messages, theirs.messages, "{shown}");
    }
}

#[test]
fn random_queries_are_answered_as_rg_answers_them() {
    let Some(rg) = rg() else { return };
    let (pool, reads_alike) = (pool(), answer::reads_alike(&rg));
    for seed in 0..TREES {
        let here = Here::without_odd_nul(seed);
        let mut rng = Rng::new(1000 + seed);
        for _ in 0..QUERIES {
            let query = any_query(&mut rng, &here);
            if !query.request.search.stop_on_nonmatch || reads_alike {
                assert_as_rg(&rg, &query, &pool);
            }
        }
    }
}

#[test]
fn every_flag_alone_is_answered_as_rg_answers_it() {
    let Some(rg) = rg() else { return };
    let (pool, _here) = (pool(), Here::without_odd_nul(78));
    for flag in flags::GROUPS.iter().copied().flatten() {
        for pattern in ["foo", "[aeiou]"] {
            assert_as_rg(&rg, &Query::new(pattern, &[*flag, flags::SORTS[0]]), &pool);
        }
    }
}

/// What an index would know, found out by reading.
struct Naive {
    pattern: Pattern,
    search: SearchOptions,
}

impl Prune for Naive {
    fn may_match(&self, path: &Path, _: &FileMeta) -> bool {
        [false, true].into_iter().any(|explicit| {
            let mut found = false;
            let sink = Bytes(|_, _| {
                found = true;
                Ok(false)
            });
            let searched =
                self.search
                    .searcher(explicit)
                    .unwrap()
                    .search_path(self.pattern.matcher(), path, sink);
            found || searched.is_err()
        })
    }

    fn is_plain(&self, path: &Path, _: &FileMeta) -> bool {
        let text = fs::read(path).unwrap();
        let has_mark = [b"\xEF\xBB\xBF".as_slice(), b"\xFF\xFE", b"\xFE\xFF"]
            .iter()
            .any(|mark| text.starts_with(mark));
        let nul_counts = self.search.binary_detection(true) != BinaryDetection::none();
        match self.search.encoding {
            EncodingChoice::Label(_) => false,
            EncodingChoice::Auto if has_mark => false,
            _ => !nul_counts || !text.contains(&0),
        }
    }
}

#[test]
fn an_index_leaves_no_trace() {
    let (pool, mut all_pruned) = (pool(), 0);
    for seed in 0..TREES {
        let here = Here::new(seed);
        let mut rng = Rng::new(2000 + seed);
        for _ in 0..QUERIES {
            let query = any_query(&mut rng, &here);
            let Ok(pattern) = Pattern::compile(&query.request.pattern) else {
                continue;
            };
            let naive = Naive {
                pattern,
                search: query.request.search.clone(),
            };
            let (without, _) = answer::ours(&query, None, &pool);
            let (with, pruned) = answer::ours(&query, Some(Box::new(naive)), &pool);
            let shown = format!("{:?} -- {:?}", query.args, query.request.paths);
            answer::assert_same(&with.out, &without.out, &shown);
            assert_eq!(
                (with.status, with.messages),
                (without.status, without.messages),
                "{shown}"
            );
            all_pruned += pruned;
        }
    }
    assert!(
        all_pruned > 1000,
        "only {all_pruned} files were pruned: the test says little"
    );
}

/// Several threads of ripgrep's print files in any order, but each file's lines together.
#[test]
fn unsorted_output_has_the_lines_of_rg() {
    let Some(rg) = rg() else { return };
    let (pool, reads_alike, here) = (pool(), answer::reads_alike(&rg), Here::without_odd_nul(5));
    let mut rng = Rng::new(3000);
    for _ in 0..QUERIES {
        let mut query = any_query(&mut rng, &here);
        let search = &query.request.search;
        if query.request.output.null || search.null_data || (search.stop_on_nonmatch && !reads_alike) {
            continue;
        }
        query.args.retain(|arg| !arg.starts_with("--sort"));
        query.args.push("-j3".into());
        query.request.sort = None;
        query.request.walk.threads = 3;
        let sorted = |text: &str| {
            let mut lines: Vec<&str> = text.lines().collect();
            lines.sort_unstable();
            lines.join("\n")
        };
        let (ours, _) = answer::ours(&query, None, &pool);
        let theirs = answer::of_rg(&rg, &query);
        let shown = format!("rg {:?} -- {:?}", query.args, query.request.paths);
        answer::assert_same(&sorted(&ours.out), &sorted(&theirs.out), &shown);
        assert_eq!(ours.status, theirs.status, "{shown}");
    }
}

#[test]
fn files_are_listed_as_rg_lists_them() {
    let Some(rg) = rg() else { return };
    let pool = pool();
    for seed in 0..TREES {
        let here = Here::without_odd_nul(seed);
        let mut rng = Rng::new(4000 + seed);
        for _ in 0..8 {
            let mut query = any_query(&mut rng, &here);
            query.args.retain(|arg| !arg.starts_with("--regexp"));
            query.add((&["--files"], |request| request.output.mode = Mode::Files));
            assert_as_rg(&rg, &query, &pool);
        }
    }
}

/// A file whose first NUL is beyond the first buffer, alone in its folder: in `late` as ripgrep walks to it, and as
/// ripgrep maps it into memory, where it looks for NUL bytes only in matching lines.
#[test]
fn late_nul_bytes_are_found_where_rg_finds_them() {
    let Some(rg) = rg() else { return };
    let filler = "no match in this line\n".repeat(5000);
    let text = format!("foo early\n{filler}foo\n\0\nfoo late\nfoo \0 in line\nfoo end\n");
    let _here = Here::with(7, |tree| {
        tree.put(Path::new("late/file"), text.as_bytes()).unwrap()
    });
    let pool = pool();
    for flag in flags::GROUPS.iter().copied().flatten() {
        // Where buffers end in a file that is transcoded depends on the version of `encoding_rs_io`.
        if flag.0[0].starts_with("-E") && flag.0[0] != "-Enone" {
            continue;
        }
        for path in ["late", "late/file"] {
            let mut query = Query::new("foo", &[*flag, flags::SORTS[0]]);
            query.request.paths.push(path.into());
            assert_as_rg(&rg, &query, &pool);
        }
    }
}
