//! Measures the gram index on real text, on one core: `cargo run --release --example gram_speed -- FOLDER...`
//!
//! Every text file below the folders is read into memory and cut into blocks of about 16 KiB. Then each kernel
//! extracts all blocks, with and without the planes, and segments are built within the default budget. Every figure is
//! the fastest of three passes, in time of this thread on a processor where the system tells it (Linux).

use std::path::Path;
use std::time::{Duration, Instant};
use std::{env, fs, io};

use quern_grams::{BuildOptions, Extractor, GramBuilder, GramStats, Kernel, Planes};

const BLOCK: usize = 16 << 10;
const NONE: Planes = Planes {
    capitals: false,
    high: false,
};
const PLANES: [(&str, Planes); 3] = [
    ("base", NONE),
    (
        "base+capitals",
        Planes {
            capitals: true,
            ..NONE
        },
    ),
    (
        "all",
        Planes {
            capitals: true,
            high: true,
        },
    ),
];

fn main() -> io::Result<()> {
    let mut files = Vec::new();
    for folder in env::args_os().skip(1) {
        read(Path::new(&folder), &mut files)?;
    }
    let blocks: Vec<&[u8]> = files.iter().flat_map(|text| cut(text)).collect();
    let bytes: usize = files.iter().map(Vec::len).sum();
    println!(
        "{} files, {} blocks, {:.1} MB",
        files.len(),
        blocks.len(),
        bytes as f64 / 1e6
    );
    for kernel in Kernel::available() {
        for (name, planes) in PLANES {
            let (time, grams) = fastest(|| extract(&blocks, planes, kernel));
            let rate = bytes as f64 / time.as_secs_f64() / 1e9;
            println!(
                "extract {:7} {name:14} {rate:.2} GB/s, {:.1} M grams",
                kernel.name(),
                grams as f64 / 1e6
            );
        }
    }
    for (name, planes) in PLANES {
        let (time, built) = fastest(|| build(&blocks, planes));
        println!(
            "build {name:14} add {:.3} s, finish {:.3} s, {} segments, {:.1} M postings, {:.2} MB + {:.2} MB directory, {:.2} %",
            built.add.as_secs_f64(),
            (time - built.add).as_secs_f64(),
            built.segments,
            built.stats.postings as f64 / 1e6,
            built.stats.bytes as f64 / 1e6,
            built.directory as f64 / 1e6,
            (built.stats.bytes as usize + built.directory) as f64 * 100.0 / bytes as f64,
        );
    }
    Ok(())
}

/// Reads the files below a folder that hold no NUL.
fn read(folder: &Path, files: &mut Vec<Vec<u8>>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            read(&entry.path(), files)?;
        } else if kind.is_file() {
            let text = fs::read(entry.path())?;
            if memchr::memchr(0, &text).is_none() {
                files.push(text);
            }
        }
    }
    Ok(())
}

/// Whole lines, at least a block of them where there are so many.
fn cut(mut text: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let line = |rest: &[u8]| memchr::memchr(b'\n', rest).map_or(text.len(), |end| BLOCK + end + 1);
        let end = text.get(BLOCK..).map_or(text.len(), line);
        let (block, rest) = text.split_at(end);
        text = rest;
        (!block.is_empty()).then_some(block)
    })
}

/// Time that this thread has run, or else the time of day.
fn now(start: Instant) -> Duration {
    let run = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = run.and_then(|run| run.split(' ').next()?.parse().ok());
    nanos.map_or_else(|| start.elapsed(), Duration::from_nanos)
}

fn fastest<T>(mut run: impl FnMut() -> T) -> (Duration, T) {
    let timed = (0..3).map(|_| {
        let (origin, start) = (Instant::now(), now(Instant::now()));
        let result = run();
        (now(origin) - start, result)
    });
    timed
        .min_by_key(|(time, _)| *time)
        .expect("three passes were made")
}

fn extract(blocks: &[&[u8]], planes: Planes, kernel: Kernel) -> usize {
    let mut extractor = Extractor::with_kernel(planes, kernel);
    blocks.iter().map(|block| extractor.extract(block).len()).sum()
}

#[derive(Default)]
struct Built {
    add: Duration,
    segments: usize,
    stats: GramStats,
    directory: usize,
}

fn build(blocks: &[&[u8]], planes: Planes) -> Built {
    let mut builder = GramBuilder::new(BuildOptions {
        planes,
        ..BuildOptions::default()
    });
    let (mut built, mut directory) = (Built::default(), Vec::new());
    let mut rest = blocks.iter().peekable();
    while rest.peek().is_some() {
        let (origin, start) = (Instant::now(), now(Instant::now()));
        while let Some(block) = rest.next_if(|_| !builder.is_full()) {
            builder.add_block(block);
        }
        built.add += now(origin) - start;
        let stats = builder
            .finish(&mut directory, &mut io::sink())
            .expect("a sink takes everything");
        built.segments += 1;
        built.stats.postings += stats.postings;
        built.stats.bytes += stats.bytes;
        built.directory += directory.len();
        directory.clear();
    }
    built
}
