//! What is shown of a hit: cut from the file as it is now, if it is as it was indexed.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use quern_store::ChunkKind;
use quern_terms::Highlighter;
use quern_text::{Fields, Language, Level, RecordCutter};
use quern_walk::Cancel;

use crate::engine::Engine;
use crate::error::Error;
use crate::ranked::record_cutter;
use crate::search::fold::Region;
use crate::search::request::{SearchHit, Snippet};
use crate::search::texts::Texts;
use crate::snapshot::Snapshot;

/// Lines of a snippet.
const LINES: usize = 5;
/// Bytes of a line that are shown at most.
const LINE: usize = 300;
/// Words of a few lines by which these are compared with others, at most.
const MARKED: usize = 256;

/// Cuts the snippets of one answer.
pub(super) struct Snippets<'a> {
    engine: &'a Engine,
    snapshot: &'a Snapshot,
    highlighter: Highlighter,
    texts: Texts<'a>,
    /// Files that are not as they were indexed.
    changed: HashSet<(u32, u32)>,
    /// What cuts the records of a file; `None`: it is no log.
    cutters: HashMap<(u32, u32), Option<RecordCutter>>,
}

impl<'a> Snippets<'a> {
    pub fn new(engine: &'a Engine, snapshot: &'a Snapshot, highlighter: Highlighter) -> Snippets<'a> {
        Snippets {
            engine,
            snapshot,
            highlighter,
            texts: Texts::new(engine, snapshot),
            changed: HashSet::new(),
            cutters: HashMap::new(),
        }
    }

    /// How many files are not as they were indexed.
    pub fn changed(&self) -> u64 {
        self.changed.len() as u64
    }

    /// Gets ready for what is shown next.
    ///
    /// # Errors
    /// A store file that fails its checksum; a stop.
    pub fn prepare(&mut self, regions: &[Region], cancel: &Cancel) -> Result<(), Error> {
        self.texts.decode(regions, cancel)
    }

    /// # Errors
    /// A store file that fails its checksum.
    pub fn hit(&mut self, region: &Region) -> Result<SearchHit, Error> {
        let Region { entry, chunk, .. } = *region;
        let text = self.texts.passage(entry, &chunk)?;
        if text.is_none() {
            self.changed.insert(entry);
        }
        let fields = match &text {
            Some(text) if chunk.kind == ChunkKind::Record => self.fields(entry, text)?,
            _ => Fields::default(),
        };
        let path = |entry: (u32, u32)| self.snapshot.segment(entry).path(entry.1);
        Ok(SearchHit {
            path: path(entry),
            line: region.line,
            range: region.range.clone(),
            score: region.score,
            copies: region
                .copies
                .iter()
                .map(|&(entry, line)| (path(entry), line))
                .collect(),
            time: chunk.time,
            level: Level::from_number(chunk.level),
            fields,
            snippet: text.map(|text| self.cut(&String::from_utf8_lossy(&text), chunk.line)),
        })
    }

    /// The fields of a record with this text. It is read as it was when it was indexed.
    fn fields(&mut self, entry: (u32, u32), text: &[u8]) -> Result<Fields, Error> {
        let cutter = match self.cutters.get(&entry) {
            Some(known) => known.clone(),
            None => {
                let cutter = self.cutter(entry)?;
                self.cutters.entry(entry).or_insert(cutter).clone()
            }
        };
        let end = memchr::memchr(b'\n', text).map_or(text.len(), |end| end + 1);
        let records = cutter.map(|mut cutter| cutter.cut(&text[..end]));
        let first = records.and_then(|records| records.into_iter().next());
        Ok(first.map_or_else(Fields::default, |record| record.fields))
    }

    fn cutter(&self, entry: (u32, u32)) -> Result<Option<RecordCutter>, Error> {
        let files = self.snapshot.segment(entry).files();
        let language = Language::from_number(files.language(entry.1));
        let modified = files.stat(entry.1).mtime_ns;
        Ok(self
            .texts
            .deciding(entry)?
            .and_then(|(start, text)| record_cutter(&text, start, language, modified, &self.engine.stamps)))
    }

    /// The neighbouring lines that have most of what was asked for.
    fn cut(&self, passage: &str, first_line: u64) -> Snippet {
        let found = self.highlighter.find(passage);
        let lines: Vec<Range<usize>> = lines(passage);
        let weight = |lines: &[Range<usize>]| {
            let (Some(first), Some(last)) = (lines.first(), lines.last()) else {
                return 0.0;
            };
            let mut seen = HashSet::new();
            let from = found.partition_point(|word| word.range.start < first.start);
            let to = found.partition_point(|word| word.range.start < last.end);
            let inside = found[from..to.max(from)]
                .iter()
                .take(MARKED)
                .filter(|word| word.range.end <= last.end);
            let weights = inside.map(
                |word| match seen.insert(passage[word.range.clone()].to_lowercase()) {
                    true => word.weight,
                    false => word.weight / 8.0,
                },
            );
            weights.sum::<f32>()
        };
        let mut best = (0, f32::MIN);
        for start in 0..lines.len().saturating_sub(LINES - 1).max(1) {
            let weight = weight(&lines[start..lines.len().min(start + LINES)]);
            if weight > best.1 {
                best = (start, weight);
            }
        }
        let shown = &lines[best.0.min(lines.len())..lines.len().min(best.0 + LINES)];
        let mut snippet = Snippet {
            line: first_line + best.0 as u64,
            ..Snippet::default()
        };
        for line in shown {
            let end = cut_at(passage, line);
            let start = snippet.text.len();
            snippet.text.push_str(&passage[line.start..end]);
            snippet.text.push('\n');
            let inside = found
                .iter()
                .filter(|word| word.range.start >= line.start && word.range.end <= end);
            snippet.highlights.extend(
                inside.map(|word| start + word.range.start - line.start..start + word.range.end - line.start),
            );
        }
        snippet.text.pop();
        snippet
    }
}

/// The lines of a text, without their ends.
fn lines(text: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    let lines = text.split_inclusive('\n').map(|line| {
        let range = start..start + line.trim_end_matches(['\n', '\r']).len();
        start += line.len();
        range
    });
    lines.collect()
}

/// Where a line is cut that is too long to be shown.
fn cut_at(text: &str, line: &Range<usize>) -> usize {
    let most = line.end.min(line.start + LINE);
    (line.start..=most)
        .rev()
        .find(|&end| text.is_char_boundary(end))
        .unwrap_or(line.start)
}
