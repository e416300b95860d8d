//! Logs of real services. They are no part of the repository: `QUERN_SHARED` names the folder that has them, in `logs/`; by default
//! it is `shared` beside the repository.

use std::path::PathBuf;

/// Where they are; `None`, and why is said: they are not there.
pub fn folder() -> Option<PathBuf> {
    let shared = std::env::var_os("QUERN_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let folder = shared.join("logs");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: {} is not there", folder.display());
    None
}
