//! Loads the pictures of a conversation once for all candidates, and scales them to the grid of each model.

use std::sync::Arc;

use futures::future::try_join_all;
use tokio::sync::OnceCell;

use super::{
    ChatSettings,
    error::{ChatError, FieldPath},
    script::{ShownFile, too_many_images},
};
use crate::{
    image::{BlankPages, EncodedImage, ImageLoader, Picture, Preparation},
    registry::Model,
};

/// The files of a conversation.
pub struct Files {
    shown: Vec<ShownFile>,
    loaded: OnceCell<Vec<(EncodedImage, FieldPath)>>,
}

impl Files {
    /// Creates the files, without loading them.
    #[must_use]
    pub fn new(shown: Vec<ShownFile>) -> Self {
        Self {
            shown,
            loaded: OnceCell::new(),
        }
    }

    /// Returns the files as they were sent.
    #[must_use]
    pub fn shown(&self) -> &[ShownFile] {
        &self.shown
    }

    /// Loads all files side by side and prepares them for `model`: one page of each picture, all pages of each PDF.
    ///
    /// # Errors
    /// A file that cannot be loaded, a model that cannot read pictures, or too many pages.
    pub async fn prepare(
        &self,
        model: &Arc<Model>,
        images: &ImageLoader,
        settings: &ChatSettings,
    ) -> Result<Vec<Vec<Picture>>, ChatError> {
        /// Unbounded: the engine reports a context that does not hold them.
        const ROOM: usize = usize::MAX;
        let Some(first) = self.shown.first() else {
            return Ok(Vec::new());
        };
        let lease = model.lease().await?;
        let grid = lease.engine().info().vision;
        let grid = grid.ok_or_else(|| ChatError::NoVision {
            field: first.field.clone(),
            model: model.settings().id.clone(),
        })?;
        let preparation = Preparation {
            grid,
            fit: model.settings().fit,
            room: ROOM,
            // A chat may be about a nearly blank picture.
            blank: BlankPages::Read,
        };
        let loaded = self.loaded.get_or_try_init(|| self.load(images)).await?;
        let prepared = loaded.iter().map(async |(file, field)| {
            let pages = images.prepare(vec![file.clone()], preparation).await;
            let pages = pages.map_err(|error| ChatError::Image {
                field: field.clone(),
                error,
            })?;
            Ok::<_, ChatError>((pages.files, field))
        });
        let mut files = Vec::with_capacity(loaded.len());
        let mut pages = 0;
        for (prepared, field) in try_join_all(prepared).await? {
            pages += prepared.iter().map(Vec::len).sum::<usize>();
            if pages > settings.max_images {
                return Err(too_many_images(settings, field.clone()));
            }
            files.extend(prepared);
        }
        Ok(files)
    }

    async fn load(
        &self,
        images: &ImageLoader,
    ) -> Result<Vec<(EncodedImage, FieldPath)>, ChatError> {
        let loading = self.shown.iter().map(async |ShownFile { source, field }| {
            match images.load(source.clone()).await {
                Ok(file) => Ok((file, field.clone())),
                Err(error) => Err(ChatError::Image {
                    field: field.clone(),
                    error,
                }),
            }
        });
        try_join_all(loading).await
    }
}
