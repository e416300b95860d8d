//! How the chunks of a whole answer spread: over languages, over folders.

use std::collections::HashMap;

use quern_text::Language;

use crate::search::request::{Facet, FacetBy, FacetRequest, FacetValue};
use crate::snapshot::{RankedRun, Snapshot};

/// The folder of files that are in none.
const ROOT: &[u8] = b".";

/// Counts the chunks of one run that answer, file by file.
pub(super) struct Tally<'a> {
    run: &'a RankedRun<'a>,
    /// Files of the segment, ascending, with how many of their chunks were counted.
    files: Vec<(u32, u64)>,
}

impl<'a> Tally<'a> {
    pub fn new(run: &'a RankedRun<'a>) -> Tally<'a> {
        Tally {
            run,
            files: Vec::new(),
        }
    }

    /// Counts a chunk; they come ascending.
    pub fn add(&mut self, chunk: u32) {
        let (_, file) = self.run.entry(chunk);
        match self.files.last_mut() {
            Some((last, count)) if *last == file => *count += 1,
            _ => self.files.push((file, 1)),
        }
    }

    /// The counts that were asked for, of this run.
    pub fn counts(&self, snapshot: &Snapshot, facets: &[FacetRequest]) -> Vec<Counts> {
        let of = |facet: &FacetRequest| match facet.by {
            FacetBy::Language => self.by_language(snapshot),
            FacetBy::Folder { depth } => self.by_folder(snapshot, depth),
        };
        facets.iter().map(of).collect()
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

/// The folder that a file is in, as far as `depth` names.
fn folder_of(path: &[u8], depth: usize) -> &[u8] {
    let slashes = memchr::memchr_iter(b'/', path).take(depth);
    slashes.last().map_or(ROOT, |end| &path[..end])
}

/// Values, and how many chunks have each.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts(HashMap<Box<[u8]>, u64>);

impl Counts {
    fn add(&mut self, value: &[u8], count: u64) {
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

    /// The most frequent first; of equals, in the order of their bytes.
    pub fn facet(self, request: &FacetRequest) -> Facet {
        let mut values: Vec<(Box<[u8]>, u64)> = self.0.into_iter().collect();
        values.sort_unstable_by(|(a, more), (b, less)| less.cmp(more).then_with(|| a.cmp(b)));
        let rest = values.split_off(values.len().min(request.limit));
        Facet {
            by: request.by,
            values: values
                .into_iter()
                .map(|(value, count)| FacetValue {
                    value: quern_paths::display(&value).to_string(),
                    count,
                })
                .collect(),
            others: rest.iter().map(|(_, count)| count).sum(),
            more: rest.len() as u64,
        }
    }
}
