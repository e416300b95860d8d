//! How the chunks of a whole answer spread: over languages, folders, levels, times, values of fields.

use std::collections::HashMap;

use quern_store::ChunkKind;
use quern_text::{Language, Level};
use roaring::RoaringBitmap;

use crate::error::Error;
use crate::search::intervals::Buckets;
use crate::search::request::{Facet, FacetBy, FacetRequest, FacetValue};
use crate::snapshot::{RankedRun, Snapshot};

/// The folder of files that are in none.
const ROOT: &[u8] = b".";
/// Levels have numbers below.
const LEVELS: usize = 8;

/// Counts the chunks of one run that answer, file by file.
pub(super) struct Tally<'a> {
    run: &'a RankedRun<'a>,
    /// Files of the segment, ascending, with how many of their chunks were counted.
    files: Vec<(u32, u64)>,
    /// By the number of the level.
    levels: [u64; LEVELS],
    /// For each facet by time.
    times: Vec<Buckets>,
    /// Chunks of logs that were counted, if there is a facet by a field.
    records: Option<RoaringBitmap>,
    /// The last chunk of a log, and the first of its record.
    last: Option<(u32, u32)>,
}

impl<'a> Tally<'a> {
    pub fn new(run: &'a RankedRun<'a>, facets: &[FacetRequest]) -> Tally<'a> {
        let times = facets.iter().filter_map(|facet| match facet.by {
            FacetBy::Time { interval } => Some(Buckets::new(interval)),
            _ => None,
        });
        Tally {
            run,
            files: Vec::new(),
            levels: [0; LEVELS],
            times: times.collect(),
            records: facets.iter().any(is_by_field).then(RoaringBitmap::new),
            last: None,
        }
    }

    /// Counts a chunk; they come ascending. A record that is several chunks counts once.
    pub fn add(&mut self, chunk: u32) {
        let kind = self.run.kind(chunk);
        if kind != ChunkKind::Passage {
            let first = self.first_of_record(chunk);
            let last = self.last.replace((chunk, first));
            if last.is_some_and(|(_, counted)| counted == first) {
                return;
            }
            self.add_logged(chunk);
            if let Some(records) = &mut self.records {
                records.insert(chunk);
            }
        }
        let (_, file) = self.run.entry(chunk);
        match self.files.last_mut() {
            Some((last, count)) if *last == file => *count += 1,
            _ => self.files.push((file, 1)),
        }
    }

    fn first_of_record(&self, chunk: u32) -> u32 {
        let mut first = chunk;
        let goes_on = |first: u32| {
            let is_later = first > 0 && self.run.kind(first) == ChunkKind::Continuation;
            is_later && self.run.entry(first - 1) == self.run.entry(first)
        };
        while goes_on(first) {
            first -= 1;
            if let Some((last, of_last)) = self.last
                && last == first
            {
                return of_last;
            }
        }
        first
    }

    fn add_logged(&mut self, chunk: u32) {
        let (time, level) = self.run.logged(chunk);
        if let Some(count) = self.levels.get_mut(usize::from(level)) {
            *count += 1;
        }
        if let Some(time) = time {
            self.times.iter_mut().for_each(|buckets| buckets.add(time));
        }
    }

    /// The counts that were asked for, of this run.
    ///
    /// # Errors
    /// A damaged run; a stop.
    pub fn counts(
        self,
        snapshot: &Snapshot,
        facets: &[FacetRequest],
        stopped: &dyn Fn() -> bool,
    ) -> Result<Vec<Counts>, Error> {
        let mut times = self.times.iter();
        let of = |facet: &FacetRequest| {
            Ok(match &facet.by {
                FacetBy::Language => self.by_language(snapshot),
                FacetBy::Folder { depth } => self.by_folder(snapshot, *depth),
                FacetBy::Level => self.by_level(),
                FacetBy::Time { .. } => times.next().map(Buckets::counts).unwrap_or_default(),
                FacetBy::Field { name } => self.by_field(name, stopped)?,
            })
        };
        facets.iter().map(of).collect()
    }

    fn by_field(&self, name: &str, stopped: &dyn Fn() -> bool) -> Result<Counts, Error> {
        let mut counts = Counts::default();
        if let Some(records) = self.records.as_ref().filter(|records| !records.is_empty()) {
            let run = self.run.run;
            run.field_values(name, records, stopped, |value, count| counts.add(value, count))?;
        }
        Ok(counts)
    }

    fn by_level(&self) -> Counts {
        let mut counts = Counts::default();
        for (number, &count) in (0..).zip(&self.levels) {
            if let Some(level) = Level::from_number(number) {
                counts.add(level.name().as_bytes(), count);
            }
        }
        counts
    }

    fn by_language(&self, snapshot: &Snapshot) -> Counts {
        let files = snapshot.segments[self.run.segment].segment.files();
        let mut by_number: HashMap<u16, u64> = HashMap::new();
        for &(file, count) in &self.files {
            *by_number.entry(files.language(file)).or_default() += count;
        }
        let named = by_number.into_iter();
        let named =
            named.map(|(number, count)| (Language::from_number(number).name().as_bytes().into(), count));
        Counts(named.collect())
    }

    fn by_folder(&self, snapshot: &Snapshot, depth: usize) -> Counts {
        let files = snapshot.segments[self.run.segment].segment.files();
        let mut counts = Counts::default();
        let (mut path, mut folder, mut inside) = (Vec::new(), Vec::new(), 0);
        for &(file, count) in &self.files {
            path.clear();
            files.path(file, &mut path);
            // Neighbours are mostly in one folder.
            let own = folder_of(&path, depth);
            if own != folder {
                counts.add(&folder, std::mem::take(&mut inside));
                folder = own.to_vec();
            }
            inside += count;
        }
        counts.add(&folder, inside);
        counts
    }
}

fn is_by_field(facet: &FacetRequest) -> bool {
    matches!(facet.by, FacetBy::Field { .. })
}

/// The folder that a file is in, as far as `depth` names.
fn folder_of(path: &[u8], depth: usize) -> &[u8] {
    let slashes = memchr::memchr_iter(b'/', path).take(depth);
    slashes.last().map_or(ROOT, |end| &path[..end])
}

/// Values, and how many chunks have each.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts(HashMap<Box<[u8]>, u64>);

impl Counts {
    pub fn add(&mut self, value: &[u8], count: u64) {
        if count == 0 {
            return;
        }
        match self.0.get_mut(value) {
            Some(sum) => *sum += count,
            None => drop(self.0.insert(value.into(), count)),
        }
    }

    /// Adds those of another run.
    pub fn join(&mut self, other: Counts) {
        for (value, count) in other.0 {
            *self.0.entry(value).or_default() += count;
        }
    }

    /// The most frequent first; of equals, in the order of their bytes. Times come in their order, of too many the last.
    pub fn facet(self, request: &FacetRequest) -> Facet {
        let mut values: Vec<(Box<[u8]>, u64)> = self.0.into_iter().collect();
        let is_time = matches!(request.by, FacetBy::Time { .. });
        values.sort_unstable_by(|(a, more), (b, less)| match is_time {
            true => b.cmp(a),
            false => less.cmp(more).then_with(|| a.cmp(b)),
        });
        let rest = values.split_off(values.len().min(request.limit));
        if is_time {
            values.reverse();
        }
        let value = |(value, count): (Box<[u8]>, u64)| FacetValue {
            value: quern_paths::display(&value).to_string(),
            count,
        };
        Facet {
            by: request.by.clone(),
            values: values.into_iter().map(value).collect(),
            others: rest.iter().map(|(_, count)| count).sum(),
            more: rest.len() as u64,
        }
    }
}
