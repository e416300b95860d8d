//! Processes that share a cache. Children are this program again, asked to run one of the tests that are ignored; they are killed
//! while they write.

mod support;

use std::collections::BTreeMap;
use std::env;
use std::io::{BufRead, BufReader, Lines, Write, stdout};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use quern_disk_cache::{Change, DiskCache};
use quern_testkit::Rng;
use support::{change, get, keys};

const DIR: &str = "QUERN_TEST_CACHE";
const NAME: &str = "QUERN_TEST_NAME";
const KEYS: usize = 12;
const SIZE: u64 = 2 << 20;

/// A value that shows whether it is whole, and which it is.
fn value(key: &str, version: u64) -> Vec<u8> {
    let length = 10 + (version as usize * 7919) % 30_000;
    let mut bytes = format!("{version} {key} ").into_bytes();
    bytes.resize(length.max(bytes.len()), version as u8);
    bytes
}

/// The version of a value; panics if it is torn or another key's.
fn version(key: &str, bytes: &[u8]) -> u64 {
    let text = bytes.split(|byte| *byte == b' ').next().unwrap();
    let version = str::from_utf8(text).unwrap().parse().unwrap();
    assert_eq!(bytes, value(key, version), "{key}");
    version
}

fn start(test: &str, dir: &Path, name: &str) -> (Child, Lines<BufReader<ChildStdout>>) {
    let mut child = Command::new(env::current_exe().unwrap())
        .args([test, "--exact", "--ignored", "--nocapture"])
        .envs([(DIR, dir.as_os_str()), (NAME, name.as_ref())])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    (child, lines)
}

/// Writes its own keys for ever and says what is committed; reads everybody's.
#[test]
#[ignore = "the child of a test"]
fn child_writes() {
    let (dir, name) = (env::var(DIR).unwrap(), env::var(NAME).unwrap());
    let cache = DiskCache::open(Path::new(&dir), Some(SIZE)).unwrap();
    let mut rng = Rng::new(name.bytes().map(u64::from).sum());
    let mut next = get(&cache, &format!("{name} clock"), 0)
        .map_or(1, |(bytes, ..)| version(&format!("{name} clock"), &bytes) + 1_000);
    loop {
        let key = if rng.one_in(6) {
            format!("{name} clock")
        } else {
            format!("{name} {}", rng.below(KEYS))
        };
        next += 1;
        println!("\nbegin {next} {key}");
        let deletes = rng.one_in(5) && !key.ends_with("clock");
        let tags = [format!("tag {key}")];
        let made = match deletes {
            true if rng.one_in(2) => Change::delete_tagged(tags.to_vec()),
            true => Change::delete(&key),
            false => Change::put(&key, &value(&key, next), None, &tags),
        };
        if change(&cache, made, 0).is_ok() {
            println!("\n{} {next} {key}", if deletes { "gone" } else { "done" });
        }
        stdout().flush().unwrap();
        for listed in keys(&cache) {
            if let Some((bytes, ..)) = get(&cache, &listed, 0) {
                version(&listed, &bytes);
            }
        }
    }
}

/// What a writer has said of each key: the change that is committed, and the one that had begun.
#[derive(Default)]
struct Said {
    committed: BTreeMap<String, (bool, u64)>,
    begun: BTreeMap<String, u64>,
}

impl Said {
    fn note(&mut self, line: &str) -> bool {
        let mut words = line.splitn(3, ' ');
        let (Some(what), Some(Ok(version)), Some(key)) =
            (words.next(), words.next().map(str::parse), words.next())
        else {
            return false;
        };
        match what {
            "begin" => self.begun.insert(key.to_owned(), version).map(|_| ()),
            "done" | "gone" => {
                let is_there = what == "done";
                self.committed
                    .insert(key.to_owned(), (is_there, version))
                    .map(|_| ())
            }
            _ => return false,
        };
        what != "begin"
    }

    /// Whether a version can be what the key has.
    fn allows(&self, key: &str, version: u64) -> bool {
        let (is_there, committed) = self.committed.get(key).copied().unwrap_or_default();
        (is_there && version == committed) || (version > committed && self.begun.get(key) == Some(&version))
    }
}

#[test]
fn processes_that_are_killed_leave_no_torn_and_no_older_value() {
    let dir = tempfile::tempdir().unwrap();
    let mut rng = Rng::new(5);
    let mut said: [Said; 2] = Default::default();
    let mut found = 0;
    for round in 0..12 {
        let mut children = ["a", "b"].map(|name| start("child_writes", dir.path(), name));
        for ((child, lines), said) in children.iter_mut().zip(&mut said) {
            let mut left = 1 + rng.below(60);
            while left > 0 {
                let line = lines
                    .next()
                    .expect("the child goes on until it is killed")
                    .unwrap();
                left -= usize::from(said.note(&line));
            }
            child.kill().unwrap();
        }
        for ((child, lines), said) in children.iter_mut().zip(&mut said) {
            // What the kill cut off in the middle of a line was not said.
            lines.map_while(Result::ok).for_each(|line| {
                said.note(&line);
            });
            child.wait().unwrap();
        }
        let cache = DiskCache::open(dir.path(), None).unwrap();
        for key in keys(&cache) {
            let Some((bytes, ..)) = get(&cache, &key, 0) else {
                panic!("round {round}: {key} is listed, but not found");
            };
            let version = version(&key, &bytes);
            let writer = usize::from(key.starts_with('b'));
            assert!(
                said[writer].allows(&key, version),
                "round {round}: {key} has {version}"
            );
            found += 1;
        }
    }
    assert!(found > 100, "{found}");
}

#[test]
fn what_one_process_changes_another_sees() {
    let dir = tempfile::tempdir().unwrap();
    let cache = DiskCache::open(dir.path(), Some(SIZE)).unwrap();
    let (mut child, mut lines) = start("child_writes", dir.path(), "a");
    let mut said = Said::default();
    for _ in 0..40 {
        while !said.note(&lines.next().unwrap().unwrap()) {}
    }
    child.kill().unwrap();
    child.wait().unwrap();
    lines.map_while(Result::ok).for_each(|line| {
        said.note(&line);
    });
    let all = keys(&cache);
    assert!(!all.is_empty());
    for key in all {
        let (bytes, ..) = get(&cache, &key, 0).unwrap();
        assert!(said.allows(&key, version(&key, &bytes)), "{key}");
    }
    let size = DiskCache::open(dir.path(), Some(64 << 20))
        .unwrap()
        .stats()
        .unwrap()
        .max_bytes;
    assert_eq!(size, SIZE, "whoever comes later takes the size that others have");
}

/// Fills a cache until the system refuses, with a limit on the size of files in place of a full disk.
#[cfg(unix)]
#[test]
#[ignore = "the child of a test"]
fn child_fills_the_disk() {
    use quern_disk_cache::ErrorKind;
    let dir = env::var(DIR).unwrap();
    let cache = DiskCache::open(Path::new(&dir), Some(64 << 20)).unwrap();
    change(&cache, Change::put("small", b"kept", None, &[]), 0).unwrap();
    change(&cache, Change::put("grows", b"old", None, &[]), 0).unwrap();
    let limit = libc::rlimit {
        rlim_cur: 1 << 20,
        rlim_max: libc::RLIM_INFINITY,
    };
    // SAFETY: plain calls with a valid struct; the signal is ignored so that a write fails instead.
    unsafe {
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
        assert_eq!(libc::setrlimit(libc::RLIMIT_FSIZE, &limit), 0);
    }
    let error = change(&cache, Change::put("grows", &[0; 4 << 20], None, &[]), 0).unwrap_err();
    // LMDB takes a write that was cut short for an input or output error.
    assert!(matches!(error.kind(), ErrorKind::Full | ErrorKind::Io), "{error}");
    assert_eq!(get(&cache, "grows", 0), None);
    change(&cache, Change::put("after", b"all", None, &[]), 0).unwrap();
    assert_eq!(get(&cache, "after", 0).unwrap().0, b"all");
    println!("\nserved on");
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_an_error_and_the_cache_serves_on() {
    let dir = tempfile::tempdir().unwrap();
    let (mut child, lines) = start("child_fills_the_disk", dir.path(), "a");
    let said: Vec<_> = lines.map_while(Result::ok).collect();
    assert!(
        child.wait().unwrap().success() && said.iter().any(|line| line == "served on"),
        "{said:?}"
    );
    let cache = DiskCache::open(dir.path(), None).unwrap();
    assert_eq!(get(&cache, "after", 0).unwrap().0, b"all");
}
