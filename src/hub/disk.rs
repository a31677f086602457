//! Files and folders of the cache on disk.

use std::{fs, path::Path};

use super::HubError;

/// Creates a folder and those above it.
pub(super) fn create_folder(path: &Path) -> Result<(), HubError> {
    fs::create_dir_all(path).map_err(HubError::disk("create", path))
}

/// Returns whether a file, or the target of a link, exists and has the expected size.
pub(super) fn is_whole(path: &Path, size: Option<u64>) -> bool {
    path.metadata()
        .is_ok_and(|found| found.is_file() && size.is_none_or(|size| found.len() == size))
}
