//! Fetches a model's files from the Hugging Face hub into the hub's standard cache and returns
//! their folder. The engine, which loads the folder, interprets the files, and the caller decides
//! whether the network may be used.
//!
//! The cache has the layout of Python's `huggingface_hub`; hf-hub names its folders and writes its
//! refs. The transfer is implemented here, because that of hf-hub 0.4.3 sends the token to the host
//! that a download is redirected to, continues in detached tasks after a failure, discards
//! unfinished 10 MB chunks, waits forever for a silent server, never checks a size, and moves
//! `refs/main` to an incomplete snapshot.

mod client;
mod disk;
mod download;
mod error;
mod model;
mod progress;
mod settings;
mod store;
#[cfg(test)]
mod tests;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, Weak},
};

use futures::{StreamExt, TryStreamExt, stream};
use hf_hub::Cache;

use client::{HubClient, Listing};
pub use error::HubError;
pub use model::{FileSelection, ModelRef};
use progress::{PullProgress, Received};
pub use settings::HubSettings;
use store::Store;

/// Number of concurrent downloads: one stream seldom fills a line, and more than a few compete.
const FILES_AT_A_TIME: usize = 3;

/// Access to model files: through the network, or in the cache alone when offline.
#[derive(Debug)]
pub struct Hub {
    cache: Cache,
    /// The client; `None` when offline.
    client: Option<HubClient>,
    progress: PullProgress,
    /// Downloads in progress.
    pulls: Mutex<Vec<(ModelRef, Weak<Received>)>>,
}

impl Hub {
    /// Determines cache, endpoint and token from the settings and the environment. Makes no
    /// request.
    ///
    /// # Errors
    /// The home folder, the endpoint or the token is unusable, or TLS cannot be set up.
    pub fn new(settings: HubSettings) -> Result<Self, HubError> {
        let (offline, progress) = (settings.offline, settings.progress);
        let places = settings.resolve(|name| std::env::var(name).ok())?;
        let client = if offline {
            None
        } else {
            Some(HubClient::new(&places)?)
        };
        Ok(Self {
            cache: Cache::new(places.cache),
            client,
            progress: PullProgress::new(progress),
            pulls: Mutex::default(),
        })
    }

    /// Returns the snapshot folder of the model with every file of the selection in it, and
    /// downloads missing ones. A pinned commit that is complete in the cache needs no request.
    /// Bytes received by an interrupted pull are kept, and the next one continues from there.
    ///
    /// # Errors
    /// Those of [`Hub::cached`] when offline; else those of the network, the hub and the disk.
    pub async fn pull(&self, model: &ModelRef) -> Result<PathBuf, HubError> {
        let Some(client) = &self.client else {
            return self.cached(model);
        };
        if model.is_pinned()
            && let Ok(folder) = self.cached(model)
        {
            return Ok(folder);
        }
        model.check()?;
        let listing = client.listing(model).await?;
        let store = Store::new(&self.cache, model);
        let folder = store.snapshot(&listing.commit);
        let job = Pull {
            client,
            model,
            listing: &listing,
            store: &store,
            folder: &folder,
            progress: &self.progress,
            received: self.begin(model),
        };

        // The weights come last, so a snapshot with weights has the small files too.
        let small = model.files.small_files(&listing.files);
        job.fetch_all(small.clone()).await?;
        if let Some(file) = model.files.missing_small_file(&folder)? {
            return Err(job.lacks(file.to_owned()));
        }
        let weights = job.weights()?;
        job.expect(small.iter().chain(&weights));
        job.fetch_all(weights).await?;
        store.point_revision_at(&listing.commit)?;
        Ok(folder)
    }

    /// Returns the bytes of `model` received so far, and in all; `None` without a download in progress or while its
    /// size is unknown.
    pub fn progress(&self, model: &ModelRef) -> Option<(u64, u64)> {
        let pulls = self.pulls.lock().unwrap_or_else(PoisonError::into_inner);
        let mut pulls = pulls.iter().rev();
        let (_, pull) = pulls.find(|(of, pull)| of == model && pull.strong_count() > 0)?;
        pull.upgrade()?.get()
    }

    fn begin(&self, model: &ModelRef) -> Arc<Received> {
        let pull = Arc::default();
        let mut pulls = self.pulls.lock().unwrap_or_else(PoisonError::into_inner);
        pulls.retain(|(_, pull)| pull.strong_count() > 0);
        pulls.push((model.clone(), Arc::downgrade(&pull)));
        pull
    }

    /// Returns the folder of downloaded files.
    #[must_use]
    pub fn cache_folder(&self) -> &Path {
        self.cache.path()
    }

    /// Returns the first file of the selection that is not in `folder`; `None` if it is complete.
    ///
    /// # Errors
    /// A folder or a file that cannot be read.
    pub fn missing_file(folder: &Path, files: &FileSelection) -> Result<Option<String>, HubError> {
        match files.missing_small_file(folder)? {
            Some(file) => Ok(Some(file.to_owned())),
            None => files.missing_weights(folder),
        }
    }

    /// Returns the snapshot folder of a model that is complete in the cache: config, tokenizer and
    /// every weight file. Changes nothing.
    ///
    /// # Errors
    /// [`HubError::NotCached`] with the first missing file.
    pub fn cached(&self, model: &ModelRef) -> Result<PathBuf, HubError> {
        model.check()?;
        let store = Store::new(&self.cache, model);
        let missing = |file: &str, folder: PathBuf| HubError::NotCached {
            repo: model.repo.clone(),
            file: file.to_owned(),
            folder,
            command: model.pull_command(),
        };
        let Some(commit) = store.commit() else {
            return Err(missing(model.files.first_file(), store.folder()));
        };
        let folder = store.snapshot(&commit);
        match Self::missing_file(&folder, &model.files)? {
            Some(file) => Err(missing(&file, folder)),
            None => Ok(folder),
        }
    }
}

/// One pull: a model at the commit that the hub named.
struct Pull<'a> {
    client: &'a HubClient,
    model: &'a ModelRef,
    listing: &'a Listing,
    store: &'a Store,
    folder: &'a Path,
    progress: &'a PullProgress,
    received: Arc<Received>,
}

impl Pull<'_> {
    async fn fetch_all(&self, names: Vec<String>) -> Result<(), HubError> {
        stream::iter(names)
            .map(|name| async move { self.fetch(&name).await })
            .buffer_unordered(FILES_AT_A_TIME)
            .try_collect()
            .await
    }

    /// Sets the size of the download, if the hub lists that of every file.
    fn expect<'a>(&self, names: impl Iterator<Item = &'a String>) {
        let size = |name: &String| self.listing.files.get(name).copied().flatten();
        if let Some(total) = names.map(size).sum::<Option<u64>>() {
            self.received.expect(total);
        }
    }

    /// Returns the weight files to fetch. The small files must be in place, including the index.
    fn weights(&self) -> Result<Vec<String>, HubError> {
        let names = self.model.files.weights(&self.listing.files, self.folder)?;
        match names
            .iter()
            .find(|name| !self.listing.files.contains_key(*name))
        {
            Some(absent) => Err(self.lacks(absent.clone())),
            None => Ok(names),
        }
    }

    fn lacks(&self, file: String) -> HubError {
        HubError::NotInRepo {
            repo: self.model.repo.clone(),
            revision: self.model.revision.clone(),
            hint: self.model.files.alternatives(&self.listing.files),
            file,
        }
    }
}
