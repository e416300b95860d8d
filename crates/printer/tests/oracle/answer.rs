//! Answers in a form that can be compared: what differs between any two runs (times) is taken out.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use quern_printer::{Error, Prune, Run};
use quern_walk::Cancel;
use rayon::ThreadPool;

use crate::flags::Query;

#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: i32,
    pub out: String,
    pub messages: Vec<String>,
    /// The request itself was in error. ripgrep may have walked by then, and complained of that too.
    pub refused: bool,
}

impl Answer {
    fn new(status: i32, out: &[u8], messages: Vec<String>) -> Answer {
        let mut messages: Vec<String> = messages.iter().filter_map(|line| wording(line)).collect();
        messages.sort();
        Answer {
            status,
            out: timeless(out),
            messages,
            refused: false,
        }
    }
}

/// The answer of `rg`, run in the current folder.
pub fn of_rg(rg: &Path, query: &Query) -> Answer {
    let output = Command::new(rg)
        .arg("--no-config")
        .args(&query.args)
        .arg("--")
        .args(&query.request.paths)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let messages = String::from_utf8_lossy(&output.stderr)
        .lines()
        .map(str::to_owned)
        .collect();
    Answer::new(output.status.code().unwrap(), &output.stdout, messages)
}

/// Ours, and how many files were pruned.
pub fn ours(query: &Query, prune: Option<Box<dyn Prune>>, pool: &Arc<ThreadPool>) -> (Answer, u64) {
    let run = Run::new(query.request.clone(), prune, pool.clone(), Cancel::new());
    let mut run = match run {
        Ok(run) => run,
        Err(error) => return (refusal(&error), 0),
    };
    let (mut out, mut messages) = (Vec::new(), Vec::new());
    loop {
        match run.next() {
            Ok(Some(chunk)) => {
                out.extend(chunk.out);
                messages.extend(chunk.messages);
            }
            Ok(None) => break,
            Err(error) => return (refusal(&error), 0),
        }
    }
    let summary = run.summary();
    (Answer::new(summary.status.into(), &out, messages), summary.pruned)
}

fn refusal(error: &Error) -> Answer {
    Answer {
        refused: true,
        ..Answer::new(2, b"", vec![format!("quern: {error}")])
    }
}

/// Fails with the first lines that differ.
#[track_caller]
pub fn assert_same(ours: &str, theirs: &str, what: &str) {
    if ours == theirs {
        return;
    }
    let same = ours
        .lines()
        .zip(theirs.lines())
        .take_while(|(one, other)| one == other)
        .count();
    let excerpt = |text: &str| {
        text.lines()
            .skip(same)
            .take(3)
            .map(|line| format!("{line:.300}\n"))
            .collect::<String>()
    };
    panic!(
        "{what}\n{same} lines agree, then ours:\n{}\nexpected:\n{}",
        excerpt(ours),
        excerpt(theirs)
    );
}

/// The `rg` to compare with, or why there is none.
pub fn find_rg() -> Result<PathBuf, String> {
    if let Some(path) = std::env::var_os("QUERN_RG") {
        return Ok(PathBuf::from(path));
    }
    let (system, program) = match std::env::consts::OS {
        "windows" => ("win32", "rg.exe"),
        "macos" => ("darwin", "rg"),
        system => (system, "rg"),
    };
    let machine = if std::env::consts::ARCH == "aarch64" {
        "arm64"
    } else {
        "x64"
    };
    let package = format!("node_modules/@vscode/ripgrep-{system}-{machine}/bin/{program}");
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join(&package))
        .find(|path| path.is_file())
        .ok_or(format!("no {package} above this crate, and QUERN_RG is not set"))
}

/// Whether this `rg` begins a search, as we do, with the lines that end within a file's first three bytes. 15.0 has the
/// whole first buffer then, and `--stop-on-nonmatch` depends on it.
pub fn reads_alike(rg: &Path) -> bool {
    let version = Command::new(rg).arg("--version").output().unwrap().stdout;
    !version.starts_with(b"ripgrep 15.0.")
}

/// Messages of both in the same words. Those of a pattern that is refused differ in more than words.
fn wording(line: &str) -> Option<String> {
    let text = line
        .strip_prefix("rg: ")
        .or_else(|| line.strip_prefix("quern: "))?;
    if text.starts_with("regex parse error") || text.starts_with("No files were searched") {
        return Some(text.chars().take(17).collect());
    }
    // The walker that ripgrep sorts with says everything twice.
    Some(match text.split_once("IO error for operation on ") {
        Some((path, twice)) => format!("{path}{}", twice.split_once(": ").map_or("", |(_, error)| error)),
        None => text.to_owned(),
    })
}

fn timeless(out: &[u8]) -> String {
    let text = String::from_utf8(out.to_vec())
        .unwrap_or_else(|error| error.into_bytes().escape_ascii().to_string().replace(r"\n", "\n"));
    let mut lines: Vec<String> = Vec::new();
    for line in text.split_inclusive('\n') {
        let is_time = line.ends_with(" seconds spent searching\n") || line.ends_with(" seconds total\n");
        lines.push(if is_time {
            "(time)\n".to_owned()
        } else {
            without_durations(line)
        });
    }
    lines.concat()
}

fn without_durations(line: &str) -> String {
    let mut out = line.to_owned();
    for key in [r#""elapsed":{"#, r#""elapsed_total":{"#] {
        if let Some(begin) = out.rfind(key)
            && let Some(length) = out[begin..].find('}')
            && line.starts_with('{')
        {
            out.replace_range(begin..begin + length + 1, "(time)");
        }
    }
    out
}
