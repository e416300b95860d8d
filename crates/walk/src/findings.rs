//! What has been found so far, by one thread or by all.

use std::path::Path;

use crate::Found;
use crate::report::{MAX_ERRORS, SkipReason, WalkError, WalkErrorKind, WalkReport};

/// A growing result.
#[derive(Default)]
pub(crate) struct Findings {
    pub(crate) found: Vec<Found>,
    pub(crate) report: WalkReport,
}

impl Findings {
    pub(crate) fn skip(&mut self, reason: SkipReason) {
        self.report.skipped.add(reason);
    }

    pub(crate) fn fail(&mut self, error: WalkError) {
        if matches!(error.kind, WalkErrorKind::Io(_)) {
            self.skip(SkipReason::Unreadable);
        }
        self.report.error_count += 1;
        if self.report.errors.len() < MAX_ERRORS {
            self.report.errors.push(error);
        }
    }

    /// The sort is stable and finds sorted runs, so that sorting what threads have sorted is one merge.
    pub(crate) fn sort(&mut self) {
        self.found.sort_by(|a, b| bytes(&a.path).cmp(bytes(&b.path)));
        self.report.folders.sort_by(|a, b| bytes(a).cmp(bytes(b)));
        self.report
            .errors
            .sort_by(|a, b| a.path.cmp(&b.path).then_with(|| a.message.cmp(&b.message)));
    }

    pub(crate) fn append(&mut self, mut later: Findings) {
        self.found.append(&mut later.found);
        let report = &mut self.report;
        report.directories += later.report.directories;
        report.folders.append(&mut later.report.folders);
        report.skipped.merge(&later.report.skipped);
        report.error_count += later.report.error_count;
        report.errors.append(&mut later.report.errors);
        report.errors.truncate(MAX_ERRORS);
    }

    pub(crate) fn finish(mut self) -> (Vec<Found>, WalkReport) {
        self.report.files = self.found.len() as u64;
        (self.found, self.report)
    }
}

fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}
