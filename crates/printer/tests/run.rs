//! Runs over small folders, with what they print written out. The comparison with `rg` is in `oracle`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use quern_printer::{
    Chunk, Error, ErrorKind, Mode, Prune, Request, Run, Sort, SortBy, Summary, searches_stdin,
};
use quern_walk::{Cancel, FileMeta, Stopped, TypeChange};
use rayon::{ThreadPool, ThreadPoolBuilder};
use tempfile::TempDir;

fn pool() -> Arc<ThreadPool> {
    Arc::new(ThreadPoolBuilder::new().num_threads(3).build().unwrap())
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn request(pattern: &str, roots: &[&Path]) -> Request {
    let mut request = Request::default();
    request.pattern.patterns.push(pattern.to_owned());
    request.paths = roots.iter().map(|root| root.to_path_buf()).collect();
    request
}

/// All chunks, and the summary.
fn chunks(request: Request, prune: Option<Box<dyn Prune>>) -> Result<(Vec<Chunk>, Summary), Error> {
    let mut run = Run::new(request, prune, pool(), Cancel::new())?;
    let mut chunks = Vec::new();
    while let Some(chunk) = run.next()? {
        chunks.push(chunk);
    }
    Ok((chunks, run.summary()))
}

/// Output and messages with the folder's name taken out, and the exit status.
fn answer(request: Request, root: &Path) -> (String, Vec<String>, u8) {
    let (chunks, summary) = chunks(request, None).unwrap();
    let prefix = format!("{}{}", root.display(), std::path::MAIN_SEPARATOR);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&prefix, "");
    let out = chunks.iter().map(|chunk| text(&chunk.out)).collect();
    let messages = chunks
        .iter()
        .flat_map(|chunk| &chunk.messages)
        .map(|line| text(line.as_bytes()))
        .collect();
    (out, messages, summary.status)
}

/// An index that knows nothing and claims that no file matches and all are plain.
struct Liar;

impl Prune for Liar {
    fn may_match(&self, _: &Path, _: &FileMeta) -> bool {
        false
    }

    fn is_plain(&self, _: &Path, _: &FileMeta) -> bool {
        true
    }
}

fn pruned(change: impl FnOnce(&mut Request)) -> (String, Summary) {
    let folder = folder(&[("a", "foo\n"), ("b", "foo\nfoo\n")]);
    let mut request = request("foo", &[folder.path()]);
    request.output.with_filename = Some(false);
    change(&mut request);
    let (chunks, summary) = chunks(request, Some(Box::new(Liar))).unwrap();
    let out = chunks
        .iter()
        .map(|chunk| String::from_utf8_lossy(&chunk.out))
        .collect();
    (out, summary)
}

#[test]
fn pruned_files_are_not_read() {
    let (out, summary) = pruned(|_| ());
    assert_eq!(
        (out.as_str(), summary.pruned, summary.searched, summary.status),
        ("", 2, 0, 1)
    );
    let (out, summary) = pruned(|request| request.search.passthru = true);
    assert_eq!(
        (out.as_str(), summary.pruned, summary.status),
        ("foo\nfoo\nfoo\n", 0, 0)
    );
}

#[test]
fn pruned_files_leave_what_files_without_a_match_leave() {
    let (out, _) = pruned(|request| {
        request.output.mode = Mode::Count;
        request.output.include_zero = true;
    });
    assert_eq!(out, "0\n0\n");
    let (out, summary) = pruned(|request| request.output.mode = Mode::FilesWithoutMatch);
    assert_eq!((out.lines().count(), summary.status), (2, 0));
    let (_, summary) = pruned(|request| {
        request.output.mode = Mode::FilesWithoutMatch;
        request.quiet = true;
    });
    assert_eq!(summary.status, 0);
    let (_, summary) = pruned(|request| request.stats = true);
    let stats = summary.stats.unwrap();
    assert_eq!(
        (stats.searches(), stats.bytes_searched(), stats.matches()),
        (2, 12, 0)
    );
}

#[test]
fn large_outputs_come_in_order_and_in_bounded_chunks() {
    let large = "foo and some more text to fill the line\n".repeat(100_000);
    let folder = folder(&[
        ("1", "foo\n"),
        ("2", &large),
        ("3", "foo\n"),
        ("4", &large),
        ("5", "foo\n"),
    ]);
    for sort in [
        None,
        Some(Sort {
            by: SortBy::Path,
            reverse: false,
        }),
    ] {
        let mut request = request("foo", &[folder.path()]);
        request.output.heading = Some(true);
        request.sort = sort;
        let (chunks, summary) = chunks(request, None).unwrap();
        assert!(
            chunks.iter().all(|chunk| chunk.out.len() < 5 << 20),
            "a chunk is too large"
        );
        let path = |name: &str| folder.path().join(name).display().to_string();
        let expected = ["1", "2", "3", "4", "5"].map(|name| {
            let text = if ["2", "4"].contains(&name) {
                &large
            } else {
                "foo\n"
            };
            format!("{}\n{text}", path(name))
        });
        let out: Vec<u8> = chunks.into_iter().flat_map(|chunk| chunk.out).collect();
        assert!(
            out == expected.join("\n").into_bytes(),
            "the output is not that of the files in order"
        );
        assert_eq!(summary.searched, 5);
    }
}

#[test]
fn a_run_may_be_dropped_in_the_middle_of_a_file() {
    let folder = folder(&[("a", &"foo\n".repeat(2_000_000))]);
    let mut run = Run::new(request("foo", &[folder.path()]), None, pool(), Cancel::new()).unwrap();
    assert!(run.next().unwrap().is_some());
}

#[test]
fn a_cancelled_run_says_so() {
    let folder = folder(&[("a", &"foo\n".repeat(2_000_000))]);
    let cancel = Cancel::new();
    let mut run = Run::new(request("foo", &[folder.path()]), None, pool(), cancel.clone()).unwrap();
    assert!(run.next().unwrap().is_some());
    cancel.cancel();
    let error = run.next().unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Stopped(Stopped::Cancelled)),
        "{error}"
    );
}

#[test]
fn separators_stand_between_files() {
    let folder = folder(&[("a", "foo\nx\n"), ("b", "x\n"), ("c", "x\nfoo\n")]);
    let mut request = request("foo", &[folder.path()]);
    request.search.after = 1;
    let (out, _, _) = answer(request.clone(), folder.path());
    assert_eq!(out, "a:foo\na-x\n--\nc:foo\n");
    request.output.heading = Some(true);
    let (out, _, _) = answer(request.clone(), folder.path());
    assert_eq!(out, "a\nfoo\nx\n\nc\nfoo\n");
    request.output.heading = None;
    request.output.context_separator = None;
    let (out, _, _) = answer(request, folder.path());
    assert_eq!(out, "a:foo\na-x\nc:foo\n");
}

#[test]
fn missing_files_are_said_and_counted() {
    let folder = folder(&[("a", "foo\n")]);
    let missing = folder.path().join("missing");
    let request = request("foo", &[folder.path(), &missing]);
    let (out, messages, status) = answer(request.clone(), folder.path());
    assert_eq!((out.as_str(), messages.len(), status), ("a:foo\n", 1, 2));
    assert!(messages[0].starts_with("quern: missing: "), "{messages:?}");
    let silent = Request {
        no_messages: true,
        ..request.clone()
    };
    assert_eq!(answer(silent, folder.path()), ("a:foo\n".into(), vec![], 2));
    let quiet = Request {
        quiet: true,
        ..request
    };
    assert_eq!(answer(quiet, folder.path()).2, 0);
}

#[test]
fn what_cannot_match_is_not_searched() {
    let folder = folder(&[("a", "foo\n")]);
    let mut never = request("(", &[folder.path()]);
    never.search.max_count = Some(0);
    never.stats = true;
    assert_eq!(answer(never, folder.path()), (String::new(), vec![], 1));
    let mut none = request("", &[folder.path()]);
    none.pattern.patterns.clear();
    assert_eq!(answer(none.clone(), folder.path()).2, 1);
    none.search.invert = true;
    assert_eq!(answer(none, folder.path()).0, "a:foo\n");
}

#[test]
fn files_are_listed_with_any_terminator() {
    let folder = folder(&[("b/c", ""), ("a.txt", ""), (".hidden", "")]);
    let mut request = request("unused (", &[folder.path()]);
    request.output.mode = Mode::Files;
    request.output.null = true;
    assert_eq!(
        answer(request.clone(), folder.path()).0.replace('\\', "/"),
        "a.txt\0b/c\0"
    );
    request.quiet = true;
    assert_eq!(answer(request, folder.path()), (String::new(), vec![], 0));
}

#[test]
fn types_are_listed() {
    let mut request = Request::default();
    request.output.mode = Mode::TypeList;
    request.walk.types.push(TypeChange::Add("quern:*.q".into()));
    let (out, _, status) = answer(request, Path::new("unused"));
    assert!(
        out.contains("\nquern: *.q\n") && out.contains("\nrust: *.rs\n"),
        "{out}"
    );
    assert_eq!(status, 0);
}

#[test]
fn bad_requests_are_refused() {
    let refused = |request: Request| chunks(request, None).map(|_| ()).unwrap_err();
    assert!(matches!(
        refused(request("a(", &[])).kind(),
        ErrorKind::Pattern(_)
    ));
    let mut glob = request("a", &[]);
    glob.walk.globs.push("[".into());
    assert!(matches!(refused(glob).kind(), ErrorKind::Walk(_)));
}

#[test]
fn each_file_is_claimed_once() {
    struct Counting(Arc<AtomicU64>);
    impl Prune for Counting {
        fn may_match(&self, _: &Path, _: &FileMeta) -> bool {
            self.0.fetch_add(1, Ordering::Relaxed);
            true
        }
        fn is_plain(&self, _: &Path, _: &FileMeta) -> bool {
            true
        }
    }
    let names: Vec<String> = (0..500).map(|number| format!("{number:03}")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "foo\n")).collect();
    let folder = folder(&files);
    let asked = Arc::new(AtomicU64::new(0));
    let (chunks, summary) = chunks(
        request("foo", &[folder.path()]),
        Some(Box::new(Counting(asked.clone()))),
    )
    .unwrap();
    let lines: usize = chunks
        .iter()
        .map(|chunk| chunk.out.split(|&byte| byte == b'\n').count() - 1)
        .sum();
    assert_eq!(
        (asked.load(Ordering::Relaxed), summary.searched, lines),
        (500, 500, 500)
    );
}

/// As ripgrep since 15.1: the first three bytes are read by themselves, so a line that ends there is searched before the
/// NUL is seen. In 15.0 only the remark is printed.
#[test]
fn a_line_within_the_first_three_bytes_comes_before_a_nul_is_seen() {
    let folder = folder(&[("a", "\nfoo\nbar\0\n")]);
    let mut request = request("z", &[folder.path()]);
    request.search.invert = true;
    let (out, _, _) = answer(request, folder.path());
    let remark = r#"WARNING: stopped searching binary file after match (found "\0" byte around offset 8)"#;
    assert_eq!(out, format!("a:\na: {remark}\n"));
}

/// A pipe gives its bytes once, so it must not be searched twice.
#[cfg(unix)]
#[test]
fn a_named_pipe_is_read_once() {
    let folder = folder(&[]);
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let text = "foo\n".repeat(500_000);
    let (to, content) = (pipe.clone(), text.clone());
    let writer = std::thread::spawn(move || fs::write(to, content).unwrap());
    let (chunks, summary) = chunks(request("foo", &[&pipe]), None).unwrap();
    writer.join().unwrap();
    let out: Vec<u8> = chunks.into_iter().flat_map(|chunk| chunk.out).collect();
    assert!(out == text.into_bytes(), "not what was written to the pipe");
    assert_eq!(summary.searched, 1);
}

const CHILD: &str = "QUERN_PRINTER_TEST_CHILD";

/// Not a test by itself: what [`standard_input_is_searched`] runs with a standard input of its own.
#[test]
fn child_that_searches_its_standard_input() {
    let Some(result) = std::env::var_os(CHILD).map(PathBuf::from) else {
        return;
    };
    assert!(searches_stdin(false) && !searches_stdin(true));
    let mut request = request("foo", &[Path::new("-")]);
    request.output.with_filename = Some(true);
    fs::write(result, answer(request, Path::new("unused")).0).unwrap();
}

#[test]
fn standard_input_is_searched() {
    let folder = folder(&[]);
    let result = folder.path().join("result");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_that_searches_its_standard_input"])
        .env(CHILD, &result)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"foo\nbar\nfood").unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(fs::read_to_string(result).unwrap(), "<stdin>:foo\n<stdin>:food\n");
}
