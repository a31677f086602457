//! Loads the files of a conversation once for all candidates, and prepares them for each model: pictures on its grid,
//! or as their text, and text files as they are.

use std::sync::Arc;

use futures::future::try_join_all;
use tokio::sync::OnceCell;

use super::{
    ChatSettings,
    error::{ChatError, FieldPath},
    script::{FileKinds, ShownFile, too_many_images},
};
use crate::{
    generation::{FileContents, Shown},
    image::{
        BlankPages, EncodedImage, ImageError, ImageLoader, LoadedFile, PatchGrid, Picture,
        Preparation, Survey, WrittenPages,
    },
    page::{Legibility, PageReading},
    registry::{Model, Reads},
};

/// Most characters of a file's name that a model is told.
const MAX_NAME_CHARS: usize = 255;

/// The files of a conversation.
pub struct Files {
    shown: Vec<ShownFile>,
    loaded: OnceCell<Vec<FieldFile>>,
    read: OnceCell<FileText>,
}

/// A file with the field that holds it.
struct FieldFile {
    file: LoadedFile,
    field: FieldPath,
}

/// A picture or PDF with the field that holds it.
type FieldPages<'a> = (&'a EncodedImage, &'a FieldPath);

/// The text of all pages.
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

    /// Loads all files side by side and prepares them for `model`: one page of each picture, all pages of each PDF, and
    /// the text of each text file.
    ///
    /// # Errors
    /// A file that cannot be loaded, a model that cannot read pictures, a page without text for a model that reads page
    /// text, too many pages, or too much text.
    pub async fn prepare(
        &self,
        model: &Arc<Model>,
        images: &ImageLoader,
        settings: &ChatSettings,
    ) -> Result<Shown, ChatError> {
        if self.shown.is_empty() {
            return Ok(Shown::default());
        }
        let load = || self.load(images, settings);
        let loaded = self.loaded.get_or_try_init(load).await?;
        let files: Vec<_> = pages_of(loaded).collect();
        let reads = model.settings().reads;
        let pages: Vec<_> = if files.is_empty() {
            Vec::new()
        } else if self.form(reads, &files, images).await? == Reads::Pictures {
            let pictures = self.pictures(&files, model, images, settings).await?;
            pictures.into_iter().map(FileContents::Pictures).collect()
        } else {
            let texts = self.text(&files, images, settings).await?;
            texts.into_iter().map(FileContents::Text).collect()
        };
        let mut pages = pages.into_iter();
        let files = loaded
            .iter()
            .filter_map(|FieldFile { file, .. }| match file {
                LoadedFile::Pages(_) => pages.next(),
                LoadedFile::Text(text) => Some(FileContents::Text(text.clone())),
            });
        Ok(Shown {
            files: files.collect(),
            ..Shown::default()
        })
    }

    /// Returns the form in which the pages are shown: pictures, or their text.
    async fn form(
        &self,
        reads: Reads,
        files: &[FieldPages<'_>],
        images: &ImageLoader,
    ) -> Result<Reads, ChatError> {
        if reads == Reads::Pictures {
            return Ok(reads);
        }
        let FileText { pages, .. } = self.read.get_or_try_init(|| read(files, images)).await?;
        Ok(reads.of_document(Legibility::of(pages)))
    }

    async fn pictures(
        &self,
        files: &[FieldPages<'_>],
        model: &Arc<Model>,
        images: &ImageLoader,
        settings: &ChatSettings,
    ) -> Result<Vec<Vec<Picture>>, ChatError> {
        /// Unbounded: the engine reports a context that does not hold them.
        const ROOM: usize = usize::MAX;
        let preparation = Preparation {
            grid: grid_of(model, files).await?,
            fit: model.settings().fit,
            room: ROOM,
            // A chat may be about a nearly blank picture.
            blank: BlankPages::Read,
        };
        let prepared = files.iter().map(async |(file, field)| {
            let pages = images.prepare(vec![(*file).clone()], preparation).await;
            Ok::<_, ChatError>((pages.map_err(in_field(field))?.files, *field))
        });
        let mut pictures = Vec::with_capacity(files.len());
        let mut pages = self.texts(files);
        for (prepared, field) in try_join_all(prepared).await? {
            pages += prepared.iter().map(Vec::len).sum::<usize>();
            if pages > settings.max_images {
                return Err(too_many_images(settings, field.clone()));
            }
            pictures.extend(prepared);
        }
        Ok(pictures)
    }

    /// Returns the text of the pages of each file.
    async fn text(
        &self,
        files: &[FieldPages<'_>],
        images: &ImageLoader,
        settings: &ChatSettings,
    ) -> Result<Vec<String>, ChatError> {
        let FileText { pages, survey } = self.read.get_or_try_init(|| read(files, images)).await?;
        let field_of = |file| {
            let file: Option<&FieldPages<'_>> = files.get(file);
            file.map_or(FieldPath::Prompt, |(_, field)| (*field).clone())
        };
        let most = settings.max_images.saturating_sub(self.texts(files));
        if pages.len() > most {
            let field = field_of(survey.file_of(most + 1));
            return Err(too_many_images(settings, field));
        }
        let written = WrittenPages::of(pages, survey, BlankPages::Read);
        let written = written.map_err(|error| {
            let file = match error {
                ImageError::NoText { page, .. } => survey.file_of(page),
                _ => 0,
            };
            in_field(&field_of(file))(error)
        })?;
        Ok(written.files)
    }

    /// Returns the number of text files beside `files`.
    fn texts(&self, files: &[FieldPages<'_>]) -> usize {
        self.shown.len() - files.len()
    }

    async fn load(
        &self,
        images: &ImageLoader,
        settings: &ChatSettings,
    ) -> Result<Vec<FieldFile>, ChatError> {
        let loading = self.shown.iter().map(async |shown| {
            let ShownFile {
                source,
                kinds,
                field,
            } = shown;
            let file = match kinds {
                FileKinds::Pages => images.load(source.clone()).await.map(LoadedFile::Pages),
                FileKinds::PagesOrText(name) => {
                    let loaded = images.load_document(source.clone()).await;
                    loaded.map(|file| named(file, name.as_deref()))
                }
            };
            Ok::<_, ChatError>(FieldFile {
                file: file.map_err(in_field(field))?,
                field: field.clone(),
            })
        });
        let files = try_join_all(loading).await?;
        let mut left = settings.max_file_text_bytes;
        for FieldFile { file, field } in &files {
            if let LoadedFile::Text(text) = file {
                left = left.checked_sub(text.len()).ok_or_else(|| {
                    let most = settings.max_file_text_bytes;
                    let message = format!(
                        "The text files of the request have more than {most} bytes, the most allowed; send less text."
                    );
                    ChatError::invalid(field.clone(), message)
                })?;
            }
        }
        Ok(files)
    }
}

/// Returns the pictures and PDFs among `files`.
fn pages_of(files: &[FieldFile]) -> impl Iterator<Item = FieldPages<'_>> {
    files
        .iter()
        .filter_map(|FieldFile { file, field }| match file {
            LoadedFile::Pages(image) => Some((image, field)),
            LoadedFile::Text(_) => None,
        })
}

/// Puts the name of a text file above its text.
fn named(file: LoadedFile, name: Option<&str>) -> LoadedFile {
    let name = name.unwrap_or_default().chars();
    let name: String = name
        .filter(|character| !character.is_control())
        .take(MAX_NAME_CHARS)
        .collect();
    match file {
        LoadedFile::Text(text) if !name.is_empty() => {
            LoadedFile::Text(format!("File {name}:\n{text}"))
        }
        file => file,
    }
}

/// Returns the grid of a model that is shown `files`.
async fn grid_of(model: &Arc<Model>, files: &[FieldPages<'_>]) -> Result<PatchGrid, ChatError> {
    let lease = model.lease().await?;
    let first = files.first();
    lease
        .engine()
        .info()
        .vision
        .ok_or_else(|| ChatError::NoVision {
            field: first.map_or(FieldPath::Prompt, |(_, field)| (*field).clone()),
            model: model.settings().id.clone(),
        })
}

/// Reads the text of the pages of `files`.
async fn read(files: &[FieldPages<'_>], images: &ImageLoader) -> Result<FileText, ChatError> {
    let reading = files.iter().map(async |(file, field)| {
        let file = vec![(*file).clone()];
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

/// Returns a function that reports an error of the file in `field`.
fn in_field(field: &FieldPath) -> impl FnOnce(ImageError) -> ChatError {
    let field = field.clone();
    |error| ChatError::Image { field, error }
}
