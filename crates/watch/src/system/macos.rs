//! FSEvents on the root, with all that is below it, through the `notify` crate, which waits for its thread's end.

use std::path::Path;
use std::sync::Arc;

use notify::event::{Event, EventKind, ModifyKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use super::known::{Kind, Known, Spelling};
use super::{Seen, Sink, Wake};
use crate::options::PollReason;

/// The service.
pub(crate) struct Service {
    known: Arc<Known>,
    /// Dropping it ends its thread.
    _watcher: RecommendedWatcher,
}

impl Service {
    pub(crate) fn start(root: &Path, sink: Sink, wake: Wake) -> Result<Service, PollReason> {
        let known = Arc::new(Known::default());
        known.add(root);
        let tell = {
            let known = Arc::clone(&known);
            let spelling = Spelling::new(root);
            move |event: notify::Result<Event>| {
                let mut woken = false;
                for seen in meaning(&known, &spelling, event) {
                    woken |= sink(seen);
                }
                if woken {
                    wake();
                }
            }
        };
        let mut watcher = notify::recommended_watcher(tell).map_err(|_| PollReason::Unsupported)?;
        watcher
            .watch(root, RecursiveMode::Recursive)
            .map_err(|_| PollReason::Unsupported)?;
        Ok(Service {
            known,
            _watcher: watcher,
        })
    }

    /// Whether the folder is new. One stream serves them all, so `trusted` says nothing here.
    pub(crate) fn add(&self, folder: &Path, _trusted: bool) -> Result<bool, PollReason> {
        Ok(self.known.add(folder))
    }

    /// The system cannot be asked what it has in store.
    pub(crate) fn drain(&self) -> bool {
        false
    }

    pub(crate) fn folders(&self) -> u64 {
        self.known.len()
    }
}

fn meaning(known: &Known, spelling: &Spelling, event: notify::Result<Event>) -> Vec<Seen> {
    let Ok(event) = event else {
        return vec![Seen::End(PollReason::Unsupported)];
    };
    if event.need_rescan() {
        return vec![Seen::Overflow];
    }
    let kind = match event.kind {
        EventKind::Access(_) => return Vec::new(),
        EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Metadata(_)) => Kind::Changed,
        _ => Kind::Replaced,
    };
    let paths = event.paths.iter().filter_map(|path| spelling.of(path));
    paths
        .filter(|path| known.admits(path, kind))
        .map(Seen::Path)
        .collect()
}
