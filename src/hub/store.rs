//! A model's folder in the hub cache: `models--org--name/{blobs,refs,snapshots}`, in the layout of
//! Python's `huggingface_hub`. The download fills it.

use std::{
    fs::{self, File, TryLockError},
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Duration,
};

use hf_hub::{Cache, Repo, RepoType};

use super::{HubError, ModelRef, disk::create_folder, model::is_commit};

pub(super) struct Store {
    cache: Cache,
    repo: Repo,
}

impl Store {
    pub fn new(cache: &Cache, model: &ModelRef) -> Self {
        let repo = Repo::with_revision(model.repo.clone(), RepoType::Model, model.revision.clone());
        Self {
            cache: cache.clone(),
            repo,
        }
    }

    pub fn folder(&self) -> PathBuf {
        self.cache.path().join(self.repo.folder_name())
    }

    /// Returns the commit that the cache has for the revision.
    pub fn commit(&self) -> Option<String> {
        let revision = self.repo.revision();
        if is_commit(revision) {
            return Some(revision.to_owned());
        }
        let commit = fs::read_to_string(self.folder().join("refs").join(revision)).ok()?;
        Some(commit.trim().to_owned()).filter(|commit| is_commit(commit))
    }

    /// Points the revision at a commit. Called with a complete snapshot, so that a revision never
    /// points at half a model.
    pub fn point_revision_at(&self, commit: &str) -> Result<(), HubError> {
        if self.commit().is_some_and(|known| known == commit) {
            return Ok(());
        }
        let path = self.folder().join("refs").join(self.repo.revision());
        self.cache
            .repo(self.repo.clone())
            .create_ref(commit)
            .map_err(HubError::disk("write", &path))
    }

    pub fn snapshot(&self, commit: &str) -> PathBuf {
        self.folder().join("snapshots").join(commit)
    }

    pub fn blob(&self, etag: &str) -> PathBuf {
        self.folder().join("blobs").join(etag)
    }

    /// Returns the path of a blob's partial download.
    pub fn part(&self, etag: &str) -> PathBuf {
        self.folder()
            .join("blobs")
            .join(format!("{etag}.incomplete"))
    }

    /// Locks a blob against other downloads, including Python's, until the file is dropped.
    pub async fn lock(&self, etag: &str) -> Result<File, HubError> {
        let locks = self
            .cache
            .path()
            .join(".locks")
            .join(self.repo.folder_name());
        create_folder(&locks)?;
        let path = locks.join(format!("{etag}.lock"));
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path);
        let file = file.map_err(HubError::disk("open", &path))?;
        let mut told = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) => {}
                // Some network file systems have no locks; concurrent downloads are rare there too.
                Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {
                    return Ok(file);
                }
                Err(TryLockError::Error(error)) => {
                    return Err(HubError::disk("lock", &path)(error));
                }
            }
            if !told {
                tracing::info!(lock = %path.display(), "waiting for another download of the same file");
                told = true;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Links a blob into a snapshot under the file's name.
    pub fn link(&self, etag: &str, commit: &str, file: &str) -> Result<(), HubError> {
        let name = self.snapshot(commit).join(file);
        if let Some(folder) = name.parent() {
            create_folder(folder)?;
        }
        // An existing link leads to another blob, or to none.
        if name.symlink_metadata().is_ok() {
            fs::remove_file(&name).map_err(HubError::disk("replace", &name))?;
        }
        match link_file(&self.blob(etag), etag, &name, file.split('/').count() + 1) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            result => result.map_err(HubError::disk("create", &name)),
        }
    }
}

/// Creates a relative link, so that the cache can be moved or mounted elsewhere.
#[cfg(unix)]
fn link_file(_blob: &Path, etag: &str, name: &Path, depth: usize) -> std::io::Result<()> {
    let mut target: PathBuf = std::iter::repeat_n("..", depth).collect();
    target.extend(["blobs", etag]);
    std::os::unix::fs::symlink(target, name)
}

/// Creates a hard link or a copy, since symbolic links need a privilege on Windows.
#[cfg(not(unix))]
fn link_file(blob: &Path, _etag: &str, name: &Path, _depth: usize) -> std::io::Result<()> {
    fs::hard_link(blob, name).or_else(|_| fs::copy(blob, name).map(drop))
}
