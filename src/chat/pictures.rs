//! Loads the pictures of a conversation once for all candidates, and prepares them for each model: on its grid, or as
//! their text.

use std::sync::Arc;

use futures::future::try_join_all;
use tokio::sync::OnceCell;

use super::{
    ChatSettings,
    error::{ChatError, FieldPath},
    script::{ShownFile, too_many_images},
};
use crate::{
    generation::{Shown, ShownFiles},
    image::{
        BlankPages, EncodedImage, ImageError, ImageLoader, Picture, Preparation, Survey,
        WrittenPages,
    },
    page::PageReading,
    registry::{Model, Reads},
};

/// A file with the field that holds it.
type LoadedFile = (EncodedImage, FieldPath);

/// The files of a conversation.
pub struct Files {
    shown: Vec<ShownFile>,
    loaded: OnceCell<Vec<LoadedFile>>,
    read: OnceCell<FileText>,
}

/// The text of all files.
struct FileText {
    pages: Vec<PageReading>,
    survey: Survey,
}

impl Files {
    /// Creates the files, without loading them.
    #[must_use]
    pub fn new(shown: Vec<ShownFile>) -> Self {
        Self {
            shown,
            loaded: OnceCell::new(),
            read: OnceCell::new(),
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
    /// A file that cannot be loaded, a model that cannot read pictures, a page without text for a model that reads page
    /// text, or too many pages.
    pub async fn prepare(
        &self,
        model: &Arc<Model>,
        images: &ImageLoader,
        settings: &ChatSettings,
    ) -> Result<Shown, ChatError> {
        if self.shown.is_empty() {
            return Ok(Shown::default());
        }
        let files = match model.settings().reads {
            Reads::Pictures => ShownFiles::Pictures(self.pictures(model, images, settings).await?),
            Reads::PageText => ShownFiles::Text(self.text(images, settings).await?),
        };
        Ok(Shown {
            files,
            ..Shown::default()
        })
    }

    async fn pictures(
        &self,
        model: &Arc<Model>,
        images: &ImageLoader,
        settings: &ChatSettings,
    ) -> Result<Vec<Vec<Picture>>, ChatError> {
        /// Unbounded: the engine reports a context that does not hold them.
        const ROOM: usize = usize::MAX;
        let lease = model.lease().await?;
        let grid = lease.engine().info().vision;
        let grid = grid.ok_or_else(|| ChatError::NoVision {
            field: self.field_of(0),
            model: model.settings().id.clone(),
        })?;
        let preparation = Preparation {
            grid,
            fit: model.settings().fit,
            room: ROOM,
            // A chat may be about a nearly blank picture.
            blank: BlankPages::Read,
        };
        let loaded = self.loaded(images).await?;
        let prepared = loaded.iter().map(async |(file, field)| {
            let pages = images.prepare(vec![file.clone()], preparation).await;
            Ok::<_, ChatError>((pages.map_err(in_field(field))?.files, field))
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

    /// Returns the text of each file.
    async fn text(
        &self,
        images: &ImageLoader,
        settings: &ChatSettings,
    ) -> Result<Vec<String>, ChatError> {
        let read = self.read.get_or_try_init(|| self.read(images)).await?;
        let FileText { pages, survey } = read;
        if pages.len() > settings.max_images {
            let field = self.field_of(survey.file_of(settings.max_images + 1));
            return Err(too_many_images(settings, field));
        }
        let written = WrittenPages::of(pages, survey, BlankPages::Read);
        let written = written.map_err(|error| {
            let file = match error {
                ImageError::NoText { page, .. } => survey.file_of(page),
                _ => 0,
            };
            in_field(&self.field_of(file))(error)
        })?;
        Ok(written.files)
    }

    async fn read(&self, images: &ImageLoader) -> Result<FileText, ChatError> {
        let loaded = self.loaded(images).await?;
        let reading = loaded.iter().map(async |(file, field)| {
            let file = vec![file.clone()];
            let read = tokio::try_join!(images.read_text(file.clone()), images.survey(file));
            read.map_err(in_field(field))
        });
        let mut text = FileText {
            pages: Vec::new(),
            survey: Survey::default(),
        };
        for (pages, survey) in try_join_all(reading).await? {
            text.pages.extend(pages);
            text.survey.append(&survey);
        }
        Ok(text)
    }

    /// Returns the field of a file, or of the prompt if there is no such file.
    fn field_of(&self, file: usize) -> FieldPath {
        let file = self.shown.get(file);
        file.map_or(FieldPath::Prompt, |file| file.field.clone())
    }

    async fn loaded(&self, images: &ImageLoader) -> Result<&[LoadedFile], ChatError> {
        let loaded = self.loaded.get_or_try_init(|| self.load(images)).await?;
        Ok(loaded)
    }

    async fn load(&self, images: &ImageLoader) -> Result<Vec<LoadedFile>, ChatError> {
        let loading = self.shown.iter().map(async |ShownFile { source, field }| {
            let file = images.load(source.clone()).await;
            Ok((file.map_err(in_field(field))?, field.clone()))
        });
        try_join_all(loading).await
    }
}

/// Returns a function that reports an error of the file in `field`.
fn in_field(field: &FieldPath) -> impl FnOnce(ImageError) -> ChatError {
    let field = field.clone();
    |error| ChatError::Image { field, error }
}
