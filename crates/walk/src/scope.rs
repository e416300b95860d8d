//! Which part of a folder a walk is restricted to.

use std::path::{Path, PathBuf};

/// Where a path is, seen from the targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A target, or below one.
    Within,
    /// Above a target.
    OnTheWay,
    /// Neither.
    Outside,
}

/// Targets below a root, sorted by component, none below another: what is related to a path is then next to it.
pub(crate) struct Scope(Vec<PathBuf>);

impl Scope {
    pub(crate) fn new(root: &Path, targets: &[PathBuf]) -> Scope {
        let below = targets.iter().filter(|target| target.starts_with(root));
        let mut sorted: Vec<PathBuf> = below.cloned().collect();
        sorted.sort_unstable();
        sorted.dedup_by(|later, earlier| later.starts_with(earlier));
        Scope(sorted)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn targets(&self) -> &[PathBuf] {
        &self.0
    }

    pub(crate) fn place(&self, path: &Path) -> Place {
        let after = self.0.partition_point(|target| target.as_path() <= path);
        if after > 0 && path.starts_with(&self.0[after - 1]) {
            Place::Within
        } else if self.0.get(after).is_some_and(|next| next.starts_with(path)) {
            Place::OnTheWay
        } else {
            Place::Outside
        }
    }
}
