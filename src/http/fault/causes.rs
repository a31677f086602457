//! Maps each error of the domain to a fault.

use axum::http::StatusCode;

use super::Fault;
use crate::{
    engine::{EngineError, remote::UpstreamFault},
    image::{
        DecodeError, ImageError, NoText, PdfError, SourceError,
        fetch::{Blame, FetchError},
    },
    page::Unread,
    receipt::{EInvoiceFault, ExtractError},
    registry::ModelError,
};

impl From<&ModelError> for Fault {
    fn from(error: &ModelError) -> Self {
        let message = error.to_string();
        match error {
            ModelError::Load { retry_after, .. } => {
                let mut fault =
                    Self::new(StatusCode::SERVICE_UNAVAILABLE, "model_not_loaded", message);
                fault.retry_after = Some(*retry_after);
                fault
            }
            ModelError::Overloaded(overloaded) => {
                let mut fault = Self::new(StatusCode::TOO_MANY_REQUESTS, "overloaded", message);
                fault.retry_after = Some(overloaded.retry_after);
                fault
            }
            ModelError::DeadlineExceeded => {
                Self::new(StatusCode::GATEWAY_TIMEOUT, "deadline_exceeded", message)
            }
            ModelError::Engine(EngineError::Invalid(_)) => {
                Self::new(StatusCode::BAD_REQUEST, "invalid_request", message)
            }
            ModelError::Engine(EngineError::ContextOverflow { .. }) => Self::overflow(message),
            ModelError::Engine(EngineError::Upstream(fault)) => fault.into(),
            ModelError::Engine(error @ (EngineError::Failed(_) | EngineError::Stopped)) => {
                tracing::error!(%error, "the engine failed");
                let message =
                    "The model failed; try again, or see the gateway's log for the cause.";
                Self::new(StatusCode::BAD_GATEWAY, "model_failed", message)
            }
        }
    }
}

impl Fault {
    /// Creates the 400 for a prompt that is longer than the model's context.
    fn overflow(message: String) -> Self {
        let mut fault = Self::invalid("messages", message);
        fault.code = "context_length_exceeded";
        fault
    }
}

impl Fault {
    /// Creates the fault of a page, counted from 1, whose text was not read.
    #[must_use]
    pub fn unread(page: usize, cause: Unread) -> Self {
        let (status, code, advice) = match cause {
            Unread::Off => (
                StatusCode::NOT_IMPLEMENTED,
                "page_reader_off",
                "turn it on with [reader] in the configuration, or send a PDF with text",
            ),
            Unread::Unloaded => (
                StatusCode::SERVICE_UNAVAILABLE,
                "page_reader_not_loaded",
                "the gateway's log has the cause",
            ),
            Unread::Late => (
                StatusCode::GATEWAY_TIMEOUT,
                "page_reader_timeout",
                "send a smaller picture, or fewer pages",
            ),
        };
        let message = format!("The text of page {page} was not read: {cause}; {advice}.");
        Self::new(status, code, message)
    }
}

impl From<&UpstreamFault> for Fault {
    fn from(error: &UpstreamFault) -> Self {
        let message = error.to_string();
        match error {
            UpstreamFault::Busy { retry_after, .. } => {
                let status = StatusCode::TOO_MANY_REQUESTS;
                let mut fault = Self::new(status, "provider_busy", message);
                fault.retry_after = *retry_after;
                fault
            }
            UpstreamFault::LeftAlone { retry_after, .. } => {
                let status = StatusCode::SERVICE_UNAVAILABLE;
                let mut fault = Self::new(status, "provider_unavailable", message);
                fault.retry_after = Some(*retry_after);
                fault
            }
            UpstreamFault::TooSlow { .. } => {
                Self::new(StatusCode::GATEWAY_TIMEOUT, "provider_timeout", message)
            }
            UpstreamFault::Refused { .. } => {
                Self::new(StatusCode::BAD_REQUEST, "provider_refused", message)
            }
            UpstreamFault::Overflow { .. } => Self::overflow(message),
            UpstreamFault::Misfit { .. } => {
                Self::new(StatusCode::BAD_GATEWAY, "invalid_answer", message)
            }
            UpstreamFault::Failed { .. } => {
                Self::new(StatusCode::BAD_GATEWAY, "provider_failed", message)
            }
        }
    }
}

impl From<&ImageError> for Fault {
    fn from(error: &ImageError) -> Self {
        let message = error.to_string();
        let error = error.cause();
        if let ImageError::Fetch(error) = error
            && let Some(cause) = std::error::Error::source(error)
        {
            tracing::warn!(%error, cause, "a picture was not downloaded");
        }
        let (status, code) = match error {
            ImageError::Source(SourceError::Empty) => (StatusCode::BAD_REQUEST, "no_image"),
            ImageError::Source(SourceError::DataUri(_)) => {
                (StatusCode::BAD_REQUEST, "invalid_data_uri")
            }
            ImageError::Source(SourceError::TooLarge { .. })
            | ImageError::Fetch(FetchError::TooLarge { .. }) => {
                (StatusCode::PAYLOAD_TOO_LARGE, "image_too_large")
            }
            ImageError::Source(SourceError::Heif | SourceError::NotAnImage)
            | ImageError::Decode(DecodeError::Unsupported(_)) => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_image")
            }
            ImageError::Source(SourceError::NotADocument | SourceError::TextEncoding) => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_file")
            }
            ImageError::Decode(
                DecodeError::TooManyPixels { .. } | DecodeError::TooNarrow { .. },
            ) => (StatusCode::UNPROCESSABLE_ENTITY, "image_dimensions"),
            ImageError::Decode(DecodeError::Broken(_)) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "broken_image")
            }
            ImageError::Pdf(PdfError::Encrypted | PdfError::TooMuchEncrypted) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "encrypted_pdf")
            }
            ImageError::Pdf(PdfError::TooManyPages { .. }) | ImageError::TooManyPages { .. } => {
                (StatusCode::UNPROCESSABLE_ENTITY, "too_many_pages")
            }
            ImageError::Pdf(
                PdfError::MissingGlyphs { .. } | PdfError::FormValue { .. } | PdfError::Xfa,
            ) => (StatusCode::UNPROCESSABLE_ENTITY, "unsupported_pdf"),
            ImageError::Pdf(_) => (StatusCode::UNPROCESSABLE_ENTITY, "broken_pdf"),
            ImageError::NoText {
                page,
                cause: NoText::Unread(unread),
            } => return Self::unread(*page, *unread),
            ImageError::NothingToRead { .. } | ImageError::NoText { .. } => {
                (StatusCode::UNPROCESSABLE_ENTITY, "nothing_to_read")
            }
            ImageError::Fetch(error) => match error.blame() {
                Blame::Client => (StatusCode::BAD_REQUEST, "invalid_image_url"),
                Blame::Upstream => (StatusCode::BAD_GATEWAY, "image_download_failed"),
                Blame::UpstreamTimeout => (StatusCode::GATEWAY_TIMEOUT, "image_download_timeout"),
            },
            // `cause` has looked through `At`, so only `Lost` comes here.
            ImageError::Lost | ImageError::At { .. } => {
                tracing::error!("a decoding thread was lost");
                (StatusCode::INTERNAL_SERVER_ERROR, "internal")
            }
        };
        Self::new(status, code, message)
    }
}

impl From<&EInvoiceFault> for Fault {
    fn from(error: &EInvoiceFault) -> Self {
        let code = match error {
            EInvoiceFault::Unreadable(_) => "invalid_e_invoice",
            EInvoiceFault::Signed => "signed_file",
            EInvoiceFault::NotAlone => "xml_beside_files",
            EInvoiceFault::Unstated { .. } | EInvoiceFault::Misfit(_) => "not_stated",
            EInvoiceFault::Lost => {
                tracing::error!("a thread that reads XML was lost");
                let message = error.to_string();
                return Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message);
            }
        };
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, error.to_string())
    }
}

impl From<&ExtractError> for Fault {
    fn from(error: &ExtractError) -> Self {
        match error {
            ExtractError::Image(error) => error.into(),
            ExtractError::EInvoice(error) => error.into(),
            ExtractError::Model(error) => error.into(),
            ExtractError::NoVision(_) => Self::new(
                StatusCode::BAD_REQUEST,
                "model_without_vision",
                error.to_string(),
            ),
            ExtractError::CutShort { .. }
            | ExtractError::NotJson(_)
            | ExtractError::Mismatch(_) => {
                tracing::error!(%error, "no valid answer");
                Self::unfit(error.to_string())
            }
        }
    }
}
