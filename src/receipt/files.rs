//! Loads the files of a receipt: pictures and PDFs of its pages, or one XML e-invoice.

use bytes::Bytes;

use super::{ExtractError, error::EInvoiceFault, stated::is_invoice};
use crate::{
    einvoice::{self, XmlLimits},
    image::{EncodedImage, ImageError, ImageLoader, ImageSource, PagePosition},
};

/// The files of a receipt.
#[derive(Debug, Default)]
pub struct LoadedFiles {
    /// The files of its pages.
    pub pages: Vec<EncodedImage>,
    /// The XML that states it, which is then the only file.
    pub xml: Option<Bytes>,
}

impl LoadedFiles {
    /// Loads all files.
    ///
    /// # Errors
    /// [`ExtractError::Image`], and [`ExtractError::EInvoice`] for a signed file, or XML beside other files.
    pub async fn load(
        sources: Vec<ImageSource>,
        images: &ImageLoader,
        limits: XmlLimits,
    ) -> Result<Self, ExtractError> {
        let limit = images.max_pages();
        if sources.len() > limit {
            return Err(ImageError::TooManyPages { limit }.into());
        }
        let count = sources.len();
        let place = |number| PagePosition::file(number, count);
        let loading = sources.into_iter().zip(1..).map(async |(source, number)| {
            let loaded = images.fetch(source).await;
            loaded.map_err(|error| error.at(place(number)))
        });
        let mut loaded = Self::default();
        let files = futures::future::try_join_all(loading).await?;
        for (bytes, number) in files.into_iter().zip(1..) {
            if einvoice::is_signed(&bytes) {
                return Err(EInvoiceFault::Signed.into());
            }
            if einvoice::is_xml(&bytes) && count == 1 {
                loaded.xml = Some(bytes);
                continue;
            }
            if einvoice::is_xml(&bytes) && is_invoice(&bytes, limits).await {
                return Err(EInvoiceFault::NotAlone.into());
            }
            let page = images.open(bytes);
            loaded
                .pages
                .push(page.map_err(|error| error.at(place(number)))?);
        }
        Ok(loaded)
    }
}
