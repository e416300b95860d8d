//! Measures the cutting of chunks on real text, on one core: `cargo run --release --example chunk_speed -- FOLDER...`
//!
//! Every text file below the folders is read into memory. For each language of ten megabytes or more, and for all together,
//! it says how fast they are cut (the fastest of three passes, in time of this thread on a processor where the system
//! tells it), and how many chunks, symbols and lines come of it.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};
use std::{env, fs, io};

use quern_text::{Language, count_lines, cut_chunks};

/// What is read of a file at once, as it is where an index is built.
const WINDOW: usize = 1 << 20;

type Texts = BTreeMap<Language, Vec<Vec<u8>>>;

fn main() -> io::Result<()> {
    let mut texts = Texts::new();
    for folder in env::args_os().skip(1) {
        read(Path::new(&folder), &mut texts)?;
    }
    let mut all = Measured::default();
    for (&language, texts) in &texts {
        let mut measured = measure(language, texts);
        if measured.bytes >= 10_000_000 {
            measured.print(language.name());
        }
        all.add(measured);
    }
    all.print("all");
    Ok(())
}

/// Reads the files below a folder that hold no NUL.
fn read(folder: &Path, texts: &mut Texts) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            read(&entry.path(), texts)?;
        } else if kind.is_file() {
            let text = fs::read(entry.path())?;
            if memchr::memchr(0, &text).is_none() && text.len() <= WINDOW {
                let language = Language::of(entry.file_name().as_encoded_bytes(), &text);
                texts.entry(language).or_default().push(text);
            }
        }
    }
    Ok(())
}

/// Time that this thread has run, or else the time of day.
fn now(start: Instant) -> Duration {
    let run = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = run.and_then(|run| run.split(' ').next()?.parse().ok());
    nanos.map_or_else(|| start.elapsed(), Duration::from_nanos)
}

#[derive(Default)]
struct Measured {
    time: Duration,
    bytes: usize,
    symbols: usize,
    /// Of each chunk.
    lines: Vec<u64>,
}

fn measure(language: Language, texts: &[Vec<u8>]) -> Measured {
    let mut measured = Measured {
        bytes: texts.iter().map(Vec::len).sum(),
        ..Measured::default()
    };
    let pass = |_| {
        let (origin, start) = (Instant::now(), now(Instant::now()));
        for text in texts {
            black_box(cut_chunks(text, language));
        }
        now(origin) - start
    };
    measured.time = (0..3).map(pass).min().unwrap_or_default();
    for text in texts {
        for chunk in cut_chunks(text, language) {
            measured.lines.push(count_lines(&text[chunk.range]));
            measured.symbols += chunk.symbols.len();
        }
    }
    measured
}

impl Measured {
    fn add(&mut self, other: Measured) {
        self.time += other.time;
        self.bytes += other.bytes;
        self.symbols += other.symbols;
        self.lines.extend(other.lines);
    }

    fn print(&mut self, name: &str) {
        self.lines.sort_unstable();
        let megabytes = self.bytes as f64 / 1e6;
        let rate = megabytes / self.time.as_secs_f64();
        let quantile = |part: f64| {
            let index = (self.lines.len() as f64 * part) as usize;
            self.lines.get(index).copied().unwrap_or(0)
        };
        println!(
            "{name:10} {megabytes:8.1} MB {rate:6.0} MB/s, {:4.0} chunks and {:5.0} symbols a MB, lines {} / {} / {} (p10, p50, p90)",
            self.lines.len() as f64 / megabytes,
            self.symbols as f64 / megabytes,
            quantile(0.1),
            quantile(0.5),
            quantile(0.9),
        );
    }
}
