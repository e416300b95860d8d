//! Paths that begin as a text.
//!
//! A text is compared with the names of files and folders, whatever folder they are in. What is before its last `/` is the
//! end of the path of that folder, or all of it if the text begins with `/`. Every path is looked at: that takes less time
//! than is noticed, and needs nothing that would have to be kept in step with the files.

use std::collections::{BinaryHeap, HashMap};

use memchr::{memchr_iter, memrchr};
use quern_terms::Beginning;
use quern_walk::Cancel;
use rayon::prelude::*;

use crate::error::Error;
use crate::search::suggest::request::{SuggestKind, SuggestRequest, Suggestion};
use crate::snapshot::{LiveSegment, Snapshot};

/// The best files and folders; folders with how many files are in them, at any depth.
///
/// # Errors
/// A stop.
pub(super) fn paths(
    snapshot: &Snapshot,
    text: &str,
    request: &SuggestRequest,
    cancel: &Cancel,
) -> Result<Vec<Suggestion>, Error> {
    let wanted = Wanted::new(text, request.edits);
    let of_segment = |live: &LiveSegment| {
        cancel.check()?;
        let mut found = Found::new(request.limit);
        found.look(live, &wanted);
        Ok(found)
    };
    let segments = snapshot.segments.par_iter().map(of_segment);
    let segments = segments.collect::<Result<Vec<Found>, Error>>()?;
    let mut all = Found::new(request.limit);
    segments.into_iter().for_each(|found| all.join(found));
    Ok(all.best())
}

/// What is looked for.
struct Wanted {
    name: Beginning,
    folder: Option<String>,
    /// The folder is the whole path, not only its end.
    is_from_root: bool,
}

impl Wanted {
    fn new(text: &str, edits: Option<u8>) -> Wanted {
        let (text, is_from_root) = text.strip_prefix('/').map_or((text, false), |text| (text, true));
        let (folder, name) = match text.rsplit_once('/') {
            Some((folder, name)) => (Some(folder), name),
            None => (is_from_root.then_some(""), text),
        };
        Wanted {
            name: Beginning::new(name, edits),
            folder: folder.map(str::to_lowercase),
            is_from_root,
        }
    }

    /// Of something in `folder` with a name, if it matches.
    fn rank(&self, folder: &[u8], name: &[u8], path: &[u8]) -> Option<Rank> {
        let edits = self.name.edits(name)?;
        self.is_in(folder).then(|| Rank {
            edits,
            is_longer: !self.name.is(name),
            depth: memchr_iter(b'/', path).count(),
        })
    }

    fn is_in(&self, folder: &[u8]) -> bool {
        let Some(wanted) = &self.folder else { return true };
        let folder = String::from_utf8_lossy(folder).to_lowercase();
        match folder.strip_suffix(wanted) {
            Some(before) => before.is_empty() || !self.is_from_root && before.ends_with('/'),
            None => false,
        }
    }
}

/// What comes first: fewer edits, a whole name, less deep.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    edits: u8,
    is_longer: bool,
    depth: usize,
}

/// Something that matches; of those with one rank the first in alphabetical order comes first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    rank: Rank,
    /// Of a folder with `/` at the end.
    path: Vec<u8>,
    /// The files in it. Paths differ, so this decides nothing.
    count: u64,
}

#[derive(Default)]
struct Found {
    limit: usize,
    /// The best so far; the worst of them on top.
    files: BinaryHeap<Place>,
    /// Folders that match, without `/`: their rank, and the files in them.
    folders: HashMap<Vec<u8>, (Rank, u64)>,
}

impl Found {
    fn new(limit: usize) -> Found {
        Found {
            limit,
            ..Found::default()
        }
    }

    /// Adds what a segment has. Of a file that is cut the first part counts.
    fn look(&mut self, live: &LiveSegment, wanted: &Wanted) {
        let files = live.segment.files();
        let mut skipped = live.dead.clone();
        skipped.extend(
            files
                .parts()
                .filter(|(_, part)| part.index > 0)
                .map(|(file, _)| file),
        );
        let mut folder: Option<Vec<u8>> = None;
        let (mut above, mut inside) = (Vec::new(), 0);
        files.each_path(|file, path| {
            if skipped.contains(file) {
                return;
            }
            let slash = memrchr(b'/', path);
            let parent = &path[..slash.unwrap_or(0)];
            if folder.as_deref() != Some(parent) {
                self.count(&above, std::mem::take(&mut inside));
                above = matching(parent, wanted);
                folder = Some(parent.to_vec());
            }
            inside += 1;
            let name = &path[slash.map_or(0, |slash| slash + 1)..];
            let rank = wanted.rank(parent, name, path);
            if let Some(rank) = rank.filter(|rank| self.takes(rank)) {
                let (path, count) = (path.to_vec(), 1);
                self.put(Place { rank, path, count });
            }
        });
        self.count(&above, inside);
    }

    /// Counts files in each of some folders.
    fn count(&mut self, folders: &[(Vec<u8>, Rank)], files: u64) {
        for (folder, rank) in folders {
            match self.folders.get_mut(folder) {
                Some((_, count)) => *count += files,
                None => drop(self.folders.insert(folder.clone(), (*rank, files))),
            }
        }
    }

    /// Whether something of a rank may be among the best.
    fn takes(&self, rank: &Rank) -> bool {
        self.files.len() < self.limit || self.files.peek().is_some_and(|worst| *rank <= worst.rank)
    }

    fn put(&mut self, place: Place) {
        if self.files.len() < self.limit {
            self.files.push(place);
        } else if let Some(mut worst) = self.files.peek_mut()
            && place < *worst
        {
            *worst = place;
        }
    }

    fn join(&mut self, other: Found) {
        other.files.into_iter().for_each(|place| self.put(place));
        for (folder, (rank, files)) in other.folders {
            self.count(&[(folder, rank)], files);
        }
    }

    fn best(mut self) -> Vec<Suggestion> {
        for (mut path, (rank, count)) in std::mem::take(&mut self.folders) {
            path.push(b'/');
            self.put(Place { rank, path, count });
        }
        let best = self.files.into_sorted_vec().into_iter();
        let suggestions = best.map(|place| Suggestion {
            text: String::from_utf8_lossy(&place.path).into_owned(),
            kind: SuggestKind::Path,
            count: place.count,
            edits: place.rank.edits,
        });
        suggestions.collect()
    }
}

/// The folders that match among `folder` and those above it, with their ranks.
fn matching(folder: &[u8], wanted: &Wanted) -> Vec<(Vec<u8>, Rank)> {
    let own = (!folder.is_empty()).then_some(folder);
    let all = own.into_iter().chain(quern_paths::ancestors(folder));
    let ranked = all.filter_map(|path| {
        let slash = memrchr(b'/', path);
        let name = &path[slash.map_or(0, |slash| slash + 1)..];
        let rank = wanted.rank(&path[..slash.unwrap_or(0)], name, path)?;
        Some((path.to_vec(), rank))
    });
    ranked.collect()
}
