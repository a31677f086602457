//! What is on the pages of a receipt, found once for all attempts to read it: their text and their codes.

use std::sync::Arc;

use tokio::sync::OnceCell;

use super::coded::PaperCodes;
use crate::{
    codes::{CodeLimits, FoundCode},
    image::{EncodedImage, ImageLoader, PageSought, SoughtText},
    page::PageReading,
};

/// What is on the pages of a receipt.
pub struct Paper<'a> {
    images: &'a ImageLoader,
    files: &'a [EncodedImage],
    /// Bounds of seeking codes; `None` if they are not sought.
    limits: Option<CodeLimits>,
    text: OnceCell<Arc<Vec<PageReading>>>,
    codes: OnceCell<Arc<PaperCodes>>,
}

impl<'a> Paper<'a> {
    /// Creates the paper of `files`; nothing is read yet.
    pub fn new(
        files: &'a [EncodedImage],
        images: &'a ImageLoader,
        limits: Option<CodeLimits>,
    ) -> Self {
        Self {
            images,
            files,
            limits,
            text: OnceCell::new(),
            codes: OnceCell::new(),
        }
    }

    /// Returns the text of all pages if it is `wanted`, otherwise none.
    pub async fn text_if(&self, wanted: bool) -> Arc<Vec<PageReading>> {
        if wanted {
            self.text().await
        } else {
            Arc::default()
        }
    }

    /// Reads the text of the pages, and finds their codes with it, since both need the pages decoded. Without text,
    /// nothing is known of where values stand; it fails no reading.
    pub async fn text(&self) -> Arc<Vec<PageReading>> {
        let read = self.text.get_or_init(|| async {
            let limits = self.limits.filter(|_| !self.codes.initialized());
            let (texts, codes) = self.look(SoughtText::Whole, limits).await;
            let _ = self.codes.set(Arc::new(PaperCodes::of(&codes)));
            Arc::new(texts)
        });
        read.await.clone()
    }

    /// Returns the codes on the pages.
    pub async fn codes(&self) -> Arc<PaperCodes> {
        let found = self.codes.get_or_init(|| async {
            if self.limits.is_none() {
                return Arc::default();
            }
            let (_, codes) = self.look(SoughtText::Nothing, self.limits).await;
            Arc::new(PaperCodes::of(&codes))
        });
        found.await.clone()
    }

    async fn look(
        &self,
        text: SoughtText,
        codes: Option<CodeLimits>,
    ) -> (Vec<PageReading>, Vec<Vec<FoundCode>>) {
        let found = self
            .images
            .look(self.files.to_vec(), PageSought { text, codes })
            .await;
        let found = found.unwrap_or_else(|error| {
            tracing::warn!(%error, "the pages could not be looked at");
            Vec::new()
        });
        found
            .into_iter()
            .map(|page| (page.text, page.codes))
            .unzip()
    }
}
