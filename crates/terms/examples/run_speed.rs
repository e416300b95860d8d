//! Prints how fast runs are built of the text files of a folder, and how fast the library by itself indexes the same chunks: as
//! three plain texts each, and with the fields that a run has.
//!
//! `cargo run --release -p quern-terms --example run_speed -- FOLDER [MEGABYTES]`

use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use quern_terms::{ChunkText, RunBuilder, parts, words};
use quern_text::{Language, cut_chunks, has_nul};
use tantivy::schema::{IndexRecordOption, STRING, Schema, TEXT, TextFieldIndexing, TextOptions};
use tantivy::{IndexBuilder, TantivyDocument, directory::RamDirectory};

const ROUNDS: usize = 5;
/// Chunks that both index into one segment.
const CHUNKS: usize = 20_000;

fn collect(folder: &Path, budget: &mut usize, chunks: &mut Vec<ChunkText>) -> Result<(), Box<dyn Error>> {
    let mut entries: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            collect(&path, budget, chunks)?;
            continue;
        }
        let text = fs::read(&path)?;
        if has_nul(&text) || text.len() > *budget {
            continue;
        }
        *budget -= text.len();
        let stored: Arc<str> = path.to_string_lossy().into();
        let language = Language::of(stored.as_bytes(), &text);
        for chunk in cut_chunks(&text, language) {
            let part =
                |range: &std::ops::Range<usize>| String::from_utf8_lossy(&text[range.clone()]).into_owned();
            chunks.push(ChunkText {
                body: part(&chunk.range),
                symbols: chunk.symbols.iter().map(part).collect::<Vec<_>>().join("\n"),
                path: Arc::clone(&stored),
                is_prose: false,
                fields: quern_text::Fields::default(),
            });
        }
    }
    Ok(())
}

/// A chunk, and what the tokenizers of a run make of it.
struct Prepared {
    chunk: ChunkText,
    /// The parts of its words.
    parts: String,
}

impl Prepared {
    fn of(chunk: ChunkText) -> Prepared {
        let words = words(&chunk.body).map(|range| &chunk.body[range]);
        let parts: Vec<&str> = words
            .flat_map(|word| parts(word).map(move |range| &word[range]))
            .collect();
        Prepared {
            parts: parts.join(" "),
            chunk,
        }
    }
}

fn build_runs(chunks: &[Prepared]) -> Result<(), Box<dyn Error>> {
    for some in chunks.chunks(CHUNKS) {
        let mut run = RunBuilder::new(false)?;
        for Prepared { chunk, .. } in some {
            run.add(chunk.clone())?;
        }
        run.finish()?;
    }
    Ok(())
}

/// The same three texts a chunk, each in a field with positions, by the library's own tokenizer.
fn build_raw(chunks: &[Prepared]) -> Result<(), Box<dyn Error>> {
    let mut schema = Schema::builder();
    let fields = ["body", "symbols", "path"].map(|name| schema.add_text_field(name, TEXT));
    let schema = schema.build();
    for some in chunks.chunks(CHUNKS) {
        let index = IndexBuilder::new().schema(schema.clone());
        let mut writer =
            index.single_segment_index_writer::<TantivyDocument>(RamDirectory::create(), 64 << 20)?;
        for Prepared { chunk, .. } in some {
            let mut document = TantivyDocument::default();
            for (field, text) in fields
                .into_iter()
                .zip([&chunk.body, &chunk.symbols, &*chunk.path])
            {
                document.add_text(field, text);
            }
            writer.add_document(document)?;
        }
        writer.finalize()?;
    }
    Ok(())
}

/// The fields of a run for code, of texts that are ready for them, by the library's own tokenizer: positions of bodies alone.
fn build_same(chunks: &[Prepared]) -> Result<(), Box<dyn Error>> {
    let mut schema = Schema::builder();
    let plain = TextFieldIndexing::default()
        .set_tokenizer("default")
        .set_index_option(IndexRecordOption::WithFreqs);
    let plain = TextOptions::default().set_indexing_options(plain);
    let body = schema.add_text_field("body", TEXT);
    let fields = ["parts", "symbols", "path"].map(|name| schema.add_text_field(name, plain.clone()));
    let names = schema.add_text_field("names", STRING);
    let schema = schema.build();
    for some in chunks.chunks(CHUNKS) {
        let index = IndexBuilder::new().schema(schema.clone());
        let mut writer =
            index.single_segment_index_writer::<TantivyDocument>(RamDirectory::create(), 64 << 20)?;
        for Prepared { chunk, parts } in some {
            let mut document = TantivyDocument::default();
            document.add_text(body, &chunk.body);
            for (field, text) in fields.into_iter().zip([parts, &chunk.symbols, &*chunk.path]) {
                document.add_text(field, text);
            }
            for name in chunk.symbols.lines() {
                document.add_text(names, name);
            }
            writer.add_document(document)?;
        }
        writer.finalize()?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("give a folder")?;
    let megabytes: usize = arguments.next().map_or(Ok(64), |count| count.parse())?;
    let mut chunks = Vec::new();
    collect(Path::new(&folder), &mut (megabytes << 20), &mut chunks)?;
    let bytes: usize = chunks.iter().map(|chunk| chunk.body.len()).sum();
    let chunks: Vec<Prepared> = chunks.into_iter().map(Prepared::of).collect();
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (build, times) in [build_runs, build_raw, build_same].into_iter().zip(&mut times) {
            let start = Instant::now();
            build(&chunks)?;
            times.push(start.elapsed().as_secs_f64());
        }
    }
    let [runs, raw, same] = times.map(|mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[ROUNDS / 2]
    });
    println!(
        "{} chunks, {} MB, one thread: runs {:.1} MB/s; the library by itself {:.1} MB/s, ratio {:.2}; with the same fields \
         {:.1} MB/s, ratio {:.2}",
        chunks.len(),
        bytes / 1_000_000,
        bytes as f64 / 1e6 / runs,
        bytes as f64 / 1e6 / raw,
        raw / runs,
        bytes as f64 / 1e6 / same,
        same / runs
    );
    Ok(())
}
