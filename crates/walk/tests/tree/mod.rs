//! A folder that is made for one test.

use std::fs;
use std::path::PathBuf;

/// Removed when dropped.
pub struct Tree(tempfile::TempDir);

#[allow(dead_code, reason = "each test file uses a part")]
impl Tree {
    /// An empty folder. Its name begins with a letter, since a hidden root would be a case of its own.
    pub fn new() -> Tree {
        Tree(tempfile::Builder::new().prefix("quern").tempdir().unwrap())
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        if relative.is_empty() {
            self.0.path().to_path_buf()
        } else {
            self.0.path().join(relative)
        }
    }

    pub fn file(&self, relative: &str, content: &str) {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// The same, unless a folder has that name or a file that of one of its folders.
    pub fn file_if_free(&self, relative: &str, content: &str) {
        let path = self.path(relative);
        if !path.is_dir() && !path.ancestors().skip(1).any(std::path::Path::is_file) {
            self.file(relative, content);
        }
    }

    pub fn folder(&self, relative: &str) {
        fs::create_dir_all(self.path(relative)).unwrap();
    }

    /// A symbolic link, where the system has them for everyone.
    pub fn link(&self, target: &str, relative: &str) {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(self.path(target), path).unwrap();
        #[cfg(not(unix))]
        let _ = (target, path);
    }
}
