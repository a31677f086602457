//! The names of the fields that hold a receipt's files, for faults that are about one of them.

use crate::{
    http::fault::Fault,
    image::ImageError,
    receipt::{EInvoiceFault, ExtractError},
    registry::ModelError,
};

/// Name of a form's field with a file.
pub const IMAGE: &str = "image";

/// The fields that hold the files of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PageFields {
    /// The field `image` of a form, once for each file.
    #[default]
    Form,
    /// The field `image_url` of JSON.
    Url,
    /// The field `image_urls` of JSON.
    Urls,
    /// Both fields of JSON, `image_url` first.
    UrlAndUrls,
    /// The body itself, which has no name.
    Body,
}

impl PageFields {
    /// Returns the name of all files together; the first field's if there are two.
    pub fn all(self) -> Option<&'static str> {
        match self {
            Self::Form => Some(IMAGE),
            Self::Url | Self::UrlAndUrls => Some("image_url"),
            Self::Urls => Some("image_urls"),
            Self::Body => None,
        }
    }

    /// Returns the name of the file at `index`, counted from 0.
    fn one(self, index: usize) -> Option<String> {
        match (self, index) {
            (Self::Urls, index) => Some(format!("image_urls[{index}]")),
            (Self::UrlAndUrls, 1..) => Some(format!("image_urls[{}]", index - 1)),
            _ => self.all().map(str::to_owned),
        }
    }

    /// Creates the fault of a reading, with the field that it is about: a file's unless the gateway itself failed, or
    /// the model's.
    pub fn fault(self, error: &ExtractError) -> Fault {
        let mut fault = Fault::from(error);
        fault.param = match error {
            ExtractError::Image(error) => self.of_image(error, &fault),
            ExtractError::EInvoice(EInvoiceFault::Lost) => None,
            ExtractError::EInvoice(_) => self.all().map(str::to_owned),
            ExtractError::NoVision(_) => Some("model".to_owned()),
            // The receipt is what makes a prompt too long.
            ExtractError::Model(ModelError::Engine(_)) if fault.param.is_some() => {
                self.all().map(str::to_owned)
            }
            _ => fault.param,
        };
        fault
    }

    fn of_image(self, error: &ImageError, fault: &Fault) -> Option<String> {
        let is_of_file =
            fault.status.is_client_error() || matches!(error.cause(), ImageError::Fetch(_));
        let name = match error.file() {
            Some(number) => self.one(number.saturating_sub(1)),
            None => self.all().map(str::to_owned),
        };
        name.filter(|_| is_of_file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        engine::EngineError,
        image::{NoText, PagePosition, SourceError},
        page::Unread,
    };

    fn param(fields: PageFields, error: impl Into<ExtractError>) -> Option<String> {
        fields.fault(&error.into()).param
    }

    #[test]
    fn one_of_several_files_is_named_by_its_number() {
        let second = || ImageError::from(SourceError::NotAnImage).at(PagePosition::file(2, 3));
        for (fields, name) in [
            (PageFields::Form, Some("image")),
            (PageFields::Urls, Some("image_urls[1]")),
            (PageFields::UrlAndUrls, Some("image_urls[0]")),
            (PageFields::Body, None),
        ] {
            assert_eq!(param(fields, second()).as_deref(), name, "{fields:?}");
        }
        let first = ImageError::from(SourceError::NotAnImage).at(PagePosition::file(1, 3));
        let name = param(PageFields::UrlAndUrls, first);
        assert_eq!(name.as_deref(), Some("image_url"));
        let all = ImageError::NothingToRead { pages: 3 };
        assert_eq!(param(PageFields::Urls, all).as_deref(), Some("image_urls"));
    }

    #[test]
    fn a_prompt_that_is_too_long_is_the_receipts_fault() {
        let overflow = EngineError::ContextOverflow {
            prompt: 9,
            pictures: 0,
            context: 8,
        };
        let name = param(PageFields::Form, ModelError::Engine(overflow));
        assert_eq!(name.as_deref(), Some("image"));
    }

    #[test]
    fn a_failure_of_the_gateway_names_no_field() {
        assert_eq!(param(PageFields::Form, ImageError::Lost), None);
        assert_eq!(param(PageFields::Form, EInvoiceFault::Lost), None);
        assert_eq!(param(PageFields::Form, ModelError::DeadlineExceeded), None);
        let off = ImageError::NoText {
            page: 1,
            cause: NoText::Unread(Unread::Off),
        };
        assert_eq!(param(PageFields::Form, off), None);
    }
}
