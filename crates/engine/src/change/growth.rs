//! Which files are taken to have grown only, and what of them is kept.
//!
//! Small parts at a file's end are read again along with what is new, so that each part that is kept has more than twice
//! the text of all behind it: there are few parts, and each byte is read a few times however often the file grows.

use std::path::PathBuf;

use quern_text::Language;
use quern_walk::PathGlobs;

use crate::build::{Growth, Kept, Source};
use crate::packed;
use crate::racy::Text;
use crate::snapshot::{Snapshot, flags};

/// A part is kept if it has more than this many times the text behind it.
const RATIO: u64 = 2;
/// Bytes that tell an encoding.
const MARK: u64 = 4;

/// How an index takes files that have grown.
pub(crate) struct Growing {
    /// Smaller files are indexed anew.
    pub least: u64,
    /// Files whose old text is not compared.
    pub append_only: PathGlobs,
}

/// A file that the index knows, on disk.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub size: u64,
    pub inode: u64,
    /// It is not as it was indexed; else what is known of it proves nothing.
    pub has_changed: bool,
    /// Nothing of what is indexed of it may stay.
    pub is_anew: bool,
}

impl Growing {
    /// How to index a file that is `found`, and about how many bytes are read for that.
    pub(super) fn source(&self, snapshot: &Snapshot, stored: Vec<u8>, found: Found) -> (Source, u64) {
        let path: PathBuf = snapshot.native(&stored);
        let growth = self.growth(snapshot, &stored, found);
        let kept = growth.iter().flat_map(|growth| &growth.kept);
        let end = kept.map(|kept| kept.text.place.end).max().unwrap_or(0);
        let growth = growth.map(Box::new);
        (
            Source::Disk { path, stored, growth },
            found.size.saturating_sub(end),
        )
    }

    fn growth(&self, snapshot: &Snapshot, stored: &[u8], found: Found) -> Option<Growth> {
        let Found { size, inode, .. } = found;
        if found.is_anew {
            return None;
        }
        // What cannot be continued: there are no grams, the text is not the file's bytes, or nobody read it from a file. And of
        // a compressed log one entry has all passages.
        const NEVER: u8 = flags::OPAQUE | flags::TRANSCODED | flags::GIVEN;
        let index = |&entry: &(u32, u32)| snapshot.part(entry).map_or(0, |part| part.index);
        let mut entries: Vec<(u32, u32)> = snapshot.find(stored).collect();
        entries.sort_by_key(index);
        let newest = *entries.last()?;
        let files = snapshot.segment(newest).files();
        let known = files.stat(newest.1);
        let flags_of = |&(number, file): &(u32, u32)| snapshot.segment((number, file)).files().flags(file);
        let all = entries.iter().fold(0, |all, entry| all | flags_of(entry));
        let is_packed = packed::log_name(stored).is_some();
        if known.inode != inode || known.size > size || all & NEVER != 0 || is_packed {
            return None;
        }
        let mut kept: Vec<Kept> = entries
            .iter()
            .map(|&entry| Kept {
                entry,
                text: Text::of(snapshot, entry),
            })
            .collect();
        let meets_next = |kept: &Kept| kept.text.meets_next(snapshot, kept.entry);
        if !kept.iter().all(meets_next) {
            return None;
        }
        let mut behind = size.checked_sub(kept.last()?.text.place.end)?;
        let mut is_same = known.size == size;
        while kept
            .last()
            .is_some_and(|last| is_same || last.text.len() <= RATIO * behind)
        {
            behind += kept.pop()?.text.len();
            is_same = false;
        }
        let last = kept.last()?;
        let segment = snapshot.segment(last.entry);
        let (files, file) = (segment.files(), last.entry.1);
        if last.text.place.end < self.least.max(MARK) {
            return None;
        }
        let before = files.part(file).map_or(0, |part| part.base_line);
        // A file that changed and is as large as before was not appended to.
        let was_edited = found.has_changed && known.size == size;
        let is_assumed = !was_edited && self.append_only.matches(stored);
        Some(Growth {
            last_block: segment.blocks().offset(files.blocks(file).last()?),
            index: index(&last.entry) + 1,
            lines: before + files.lines(file),
            flags: flags::GROWN | all & flags::NUL | if is_assumed { flags::ASSUMED } else { 0 },
            language: Language::from_number(files.language(file)),
            inode,
            is_assumed,
            kept,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use quern_store::{Manifest, Store};
    use quern_text::TimeStamps;
    use quern_walk::{Cancel, FileMeta};

    use super::*;
    use crate::build::{Destination, Ledger, Plan, Sizes, build};
    use crate::options::DEFAULT_MAX_LINE;
    use crate::pools::Kind;
    use crate::progress::Progress;
    use crate::racy::same_content;

    /// A file in pieces that several workers read, of which one saw it when it was shorter for a moment.
    #[test]
    fn a_file_with_a_gap_between_its_parts_is_not_continued() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        fs::write(&path, "a line of the log\n".repeat(20_000)).unwrap();
        let writer = Store::new(folder.path().join("store")).try_lock_writer().unwrap();
        let cancel = Cancel::new();
        let plan = Plan {
            root: folder.path(),
            files: &[Source::Disk {
                path: path.clone(),
                stored: "a.log".into(),
                growth: None,
            }],
            to: Destination::Store(&writer),
            threads: 2,
            kind: &Kind::plain(),
            progress: &Progress::default(),
            cancel: &cancel,
            memory: 64 << 20,
            max_errors: 0,
            max_line: DEFAULT_MAX_LINE,
            read_timeout: None,
            stamps: &TimeStamps::default(),
            terms: None,
            sizes: Sizes {
                worker: 1,
                apart: 1,
                whole: 1,
                piece: 90_000,
            },
        };
        let finished = build(&plan, &mut Ledger::default()).unwrap();
        let mut manifest = Manifest {
            segments: finished.into_iter().map(|finished| finished.entry).collect(),
            ..Manifest::default()
        };
        writer.commit(&mut manifest).unwrap();
        let stored = writer.store().snapshot(None).unwrap().unwrap();
        let whole = Snapshot::new(folder.path(), stored, None);
        let mut entries: Vec<(u32, u32)> = whole.find(b"a.log").collect();
        entries.sort_by_key(|&entry| whole.part(entry).map(|part| part.index));
        assert_eq!(entries.len(), 4);
        let torn = whole.after(&entries[1..2], []);

        let file = File::open(&path).unwrap();
        let found = Found {
            size: 20_000 * 18 + 100,
            inode: FileMeta::from_metadata(&file.metadata().unwrap()).inode,
            has_changed: true,
            is_anew: false,
        };
        let growing = Growing {
            least: 1,
            append_only: PathGlobs::new(&[]).unwrap(),
        };
        let kept = |snapshot: &Snapshot| growing.source(snapshot, "a.log".into(), found).0.kept().len();
        let same = |snapshot: &Snapshot| {
            same_content(snapshot, entries[0], &file, DEFAULT_MAX_LINE, &cancel).unwrap()
        };
        assert_eq!((kept(&whole), same(&whole)), (4, true));
        assert_eq!((kept(&torn), same(&torn)), (0, false));
    }
}
