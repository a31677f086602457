//! Brings a model's files from the Hugging Face hub into the hub's standard cache and answers with
//! the folder they lie in. What the files mean is left to the engine, which loads that folder, and
//! whether the network may be used is left to the caller.
//!
//! The cache is the one that Python's `huggingface_hub` keeps, and hf-hub names its folders and
//! writes its refs. The transfer is done here, because hf-hub 0.4.3's own sends the token to the
//! host that a download is redirected to, goes on in detached tasks after it has failed, forgets
//! the unfinished 10 MB chunks, waits for ever on a silent server, never checks a size, and moves
//! `refs/main` to a snapshot that is not yet whole.

mod client;
mod download;
mod error;
mod model;
mod progress;
mod settings;
mod store;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use futures::{StreamExt, TryStreamExt, stream};
use hf_hub::Cache;

use client::{Client, Listing};
pub use error::HubError;
pub use model::{FileSelection, ModelRef};
use progress::Progress;
pub use settings::HubSettings;
use store::Store;

/// One stream seldom fills a line, and more than a few only compete.
const FILES_AT_A_TIME: usize = 3;

/// The way to model files: through the network, or, when offline, in the cache alone.
#[derive(Debug)]
pub struct Hub {
    cache: Cache,
    /// `None` when offline.
    client: Option<Client>,
    progress: Progress,
}

impl Hub {
    /// Works out cache, endpoint and token from the settings and the environment. Makes no request.
    ///
    /// # Errors
    /// When the home folder, the endpoint or the token is unusable, or TLS cannot be set up.
    pub fn new(settings: HubSettings) -> Result<Self, HubError> {
        let (offline, progress) = (settings.offline, settings.progress);
        let places = settings.resolve(|name| std::env::var(name).ok())?;
        let client = if offline {
            None
        } else {
            Some(Client::new(&places)?)
        };
        Ok(Self {
            cache: Cache::new(places.cache),
            client,
            progress: Progress::new(progress),
        })
    }

    /// The snapshot folder of the model, with every file of the selection in it; what is missing is
    /// downloaded. A pinned commit that is whole in the cache costs no request. What an interrupted
    /// pull has received is kept, and the next one continues from there.
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
        let job = Job {
            client,
            model,
            listing: &listing,
            store: &store,
            folder: &folder,
            progress: &self.progress,
        };

        // The weights come last, so a snapshot that has them has the small files too.
        job.fetch_all(model.files.small_files(&listing.files))
            .await?;
        if let Some(file) = model.files.missing_small_file(&folder)? {
            return Err(job.lacks(file.to_owned()));
        }
        job.fetch_all(job.weights()?).await?;
        store.point_revision_at(&listing.commit)?;
        Ok(folder)
    }

    /// The snapshot folder of a model that is whole in the cache: config, tokenizer and every
    /// weight file are there. Only looks.
    ///
    /// # Errors
    /// [`HubError::NotCached`] with the first file that is missing.
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
        if let Some(file) = model.files.missing_small_file(&folder)? {
            return Err(missing(file, folder));
        }
        if let Some(file) = model.files.missing_weights(&folder)? {
            return Err(missing(&file, folder));
        }
        Ok(folder)
    }
}

/// One pull under way: a model at the commit that the hub named.
struct Job<'a> {
    client: &'a Client,
    model: &'a ModelRef,
    listing: &'a Listing,
    store: &'a Store,
    folder: &'a Path,
    progress: &'a Progress,
}

impl Job<'_> {
    async fn fetch_all(&self, names: Vec<String>) -> Result<(), HubError> {
        stream::iter(names)
            .map(|name| async move { self.fetch(&name).await })
            .buffer_unordered(FILES_AT_A_TIME)
            .try_collect()
            .await
    }

    /// The weight files to fetch. Needs the small files in place, the index among them.
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
