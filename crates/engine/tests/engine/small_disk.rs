//! A small file system in memory, which only root can mount; elsewhere a test says that it is skipped.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// 1 MiB, unmounted when dropped.
pub struct SmallDisk(TempDir);

impl SmallDisk {
    pub fn mount() -> Option<SmallDisk> {
        let folder = TempDir::new().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m,mode=0700", "quern-test"])
            .arg(folder.path())
            .output();
        match mounted {
            Ok(output) if output.status.success() => Some(SmallDisk(folder)),
            Ok(output) => {
                println!(
                    "skipped: no small disk: {}",
                    String::from_utf8_lossy(&output.stderr).trim()
                );
                None
            }
            Err(error) => {
                println!("skipped: no small disk: {error}");
                None
            }
        }
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// A place for a store.
    pub fn store(&self) -> Option<PathBuf> {
        Some(self.path().join("store"))
    }

    /// From now on the disk may be read only, or written again.
    pub fn set_read_only(&self, is_read_only: bool) {
        let options = if is_read_only { "remount,ro" } else { "remount,rw" };
        let status = Command::new("mount")
            .args(["-o", options])
            .arg(self.path())
            .status();
        assert!(status.unwrap().success(), "{options}");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a store that is still mapped must not keep it.
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}
