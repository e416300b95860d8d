//! What the workers of a build report.

use crate::coverage::KEPT_ERRORS;
use crate::error::Error;
use crate::stats::Stages;

/// Counts, times and errors of one worker or of all.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub files: u64,
    pub bytes: u64,
    pub threads: usize,
    pub stages: Stages,
    pub errors: Vec<Error>,
    pub error_count: u64,
    /// Entries of files that turned out to have changed otherwise than by growing: they no longer count.
    pub outdated: Vec<(u32, u32)>,
}

impl Ledger {
    /// Adds another's account to this one.
    pub fn add(&mut self, other: Ledger) {
        self.files += other.files;
        self.bytes += other.bytes;
        self.stages.walk += other.stages.walk;
        self.stages.read += other.stages.read;
        self.stages.extract += other.stages.extract;
        self.stages.write += other.stages.write;
        self.stages.commit += other.stages.commit;
        self.error_count += other.error_count;
        self.errors.extend(other.errors);
        self.errors.truncate(KEPT_ERRORS);
        self.outdated.extend(other.outdated);
    }

    /// Records the failure of one file.
    pub fn fail(&mut self, error: Error) {
        self.error_count += 1;
        if self.errors.len() < KEPT_ERRORS {
            self.errors.push(error);
        }
    }
}
