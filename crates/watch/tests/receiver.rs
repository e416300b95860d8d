//! A receiver that does as the crate's documentation says, against folders that change under it: in the end it has
//! seen what a walk finds.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::sample::select;
use quern_walk::{Cancel, FileMeta, WalkOptions, walk, walk_only};
use quern_watch::{Batch, Changes, WatchOptions, Watcher};

/// Only a broken watcher takes so long.
const PATIENCE: Duration = Duration::from_secs(20);

type Files = BTreeMap<PathBuf, FileMeta>;

/// What somebody does to a folder, most of it in vain: names that are not there, or are something else.
#[derive(Clone, Debug)]
enum Step {
    Write(String, usize),
    MakeFolders(String),
    Rename(String, String),
    Remove(String),
    RemoveFolder(String),
    Ignore(String, &'static str),
    /// The receiver has its turn.
    Look,
}

fn name() -> impl Strategy<Value = String> {
    "[ab](/[ab]){0,3}".prop_map(|name| name)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (name(), 0usize..9).prop_map(|(name, size)| Step::Write(name, size)),
        3 => name().prop_map(Step::MakeFolders),
        3 => (name(), name()).prop_map(|(from, to)| Step::Rename(from, to)),
        1 => name().prop_map(Step::Remove),
        2 => name().prop_map(Step::RemoveFolder),
        1 => (name(), select(vec!["", "a", "b", "a/b", "!a"])).prop_map(|(name, rule)| Step::Ignore(name, rule)),
        3 => Just(Step::Look),
    ]
}

fn act(root: &Path, step: &Step) {
    // A step that cannot be done is one that nobody did.
    let _ = match step {
        Step::Write(name, size) => fs::write(root.join(name), "x".repeat(*size)),
        Step::MakeFolders(name) => fs::create_dir_all(root.join(name)),
        Step::Rename(from, to) => fs::rename(root.join(from), root.join(to)),
        Step::Remove(name) => fs::remove_file(root.join(name)),
        Step::RemoveFolder(name) => fs::remove_dir_all(root.join(name)),
        Step::Ignore(folder, rule) => fs::write(root.join(folder).join(".ignore"), rule),
        Step::Look => Ok(()),
    };
}

struct Seer {
    root: PathBuf,
    options: WalkOptions,
    watcher: Watcher,
    woken: Receiver<()>,
    files: Files,
}

impl Seer {
    fn new(root: PathBuf) -> Seer {
        let options = WalkOptions {
            stat: true,
            folders: true,
            threads: 1,
            ..WalkOptions::default()
        };
        let (_, report) = walk(std::slice::from_ref(&root), &options, &Cancel::new()).unwrap();
        let (wake, woken) = channel();
        let wake = Box::new(move || {
            let _ = wake.send(());
        });
        let asked = WatchOptions {
            poll: Some(false),
            ..WatchOptions::default()
        };
        Seer {
            watcher: Watcher::start(&root, &report.folders, &asked, wake),
            root,
            options,
            woken,
            files: Files::new(),
        }
    }

    fn look(&mut self) {
        while let Some(batch) = self.watcher.take() {
            let targets = self.targets(&batch);
            let (found, report) = walk_only(&self.root, &self.options, &targets, &Cancel::new()).unwrap();
            self.watcher.add_folders(&report.folders);
            self.files
                .retain(|path, _| !targets.iter().any(|target| path.starts_with(target)));
            self.files
                .extend(found.into_iter().map(|file| (file.path, file.meta.unwrap())));
            self.watcher.finish(batch);
        }
    }

    /// A file with rules stands for its folder.
    fn targets(&self, batch: &Batch) -> Vec<PathBuf> {
        match batch.changes() {
            Changes::Everything { .. } => vec![self.root.clone()],
            Changes::Paths(changes) => changes
                .iter()
                .map(|change| match change.path.parent() {
                    Some(folder) if change.path.ends_with(".ignore") => folder.to_path_buf(),
                    _ => change.path.clone(),
                })
                .collect(),
        }
    }

    fn there(&self) -> Files {
        let (found, _) = walk(std::slice::from_ref(&self.root), &self.options, &Cancel::new()).unwrap();
        found
            .into_iter()
            .map(|file| (file.path, file.meta.unwrap()))
            .collect()
    }

    /// On Linux one look is enough, because what happened before it is known to it.
    fn assert_in_the_picture(&mut self) {
        let there = self.there();
        let end = Instant::now() + PATIENCE;
        self.look();
        while cfg!(not(target_os = "linux")) && self.files != there && Instant::now() < end {
            let _ = self.woken.recv_timeout(Duration::from_millis(20));
            self.look();
        }
        assert_eq!(self.files, there);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_receiver_sees_what_is_there(steps in proptest::collection::vec(step(), 1..40)) {
        let folder = tempfile::Builder::new().prefix("quern").tempdir().unwrap();
        let mut seer = Seer::new(folder.path().to_path_buf());
        for step in &steps {
            act(folder.path(), step);
            if matches!(step, Step::Look) {
                seer.look();
            }
        }
        seer.assert_in_the_picture();
    }

    #[test]
    fn a_receiver_keeps_up_with_changes_while_it_looks(
        threads in proptest::collection::vec(proptest::collection::vec(step(), 20..120), 1..3),
    ) {
        let folder = tempfile::Builder::new().prefix("quern").tempdir().unwrap();
        let root = folder.path();
        let mut seer = Seer::new(root.to_path_buf());
        std::thread::scope(|scope| {
            let busy: Vec<_> = threads
                .iter()
                .map(|steps| scope.spawn(|| steps.iter().for_each(|step| act(root, step))))
                .collect();
            while !busy.iter().all(|thread| thread.is_finished()) {
                seer.look();
            }
        });
        seer.assert_in_the_picture();
    }
}
