//! Files that a test makes.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use tempfile::TempDir;

/// A folder of files that goes away when this is dropped. Every user of the system may look into it.
#[derive(Debug)]
pub struct Files(TempDir);

impl Files {
    /// An empty folder.
    ///
    /// # Panics
    ///
    /// If there is no place for it.
    #[expect(clippy::new_without_default, reason = "it has an effect on the disk")]
    pub fn new() -> Self {
        let folder = TempDir::new().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        Self(folder)
    }

    /// Where a file of this name is, or would be. The empty name is the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file with this mode, such as `0o600`, and gives its path.
    ///
    /// # Panics
    ///
    /// If it cannot be written.
    pub fn write(&self, name: &str, content: &str, mode: u32) -> String {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        path.to_str().unwrap().to_owned()
    }
}
