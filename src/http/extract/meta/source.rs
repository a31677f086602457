//! Where values were taken from, in the form of the API.

use indexmap::IndexMap;
use serde::Serialize;
use utoipa::ToSchema;

use super::rounded;
use crate::{
    page::PageBox,
    receipt::{CodeOnPage, ReadingSource, StatingElement},
};

/// An e-invoice that states the values.
#[derive(Debug, Serialize, ToSchema)]
pub struct EInvoiceBody {
    /// The profile, such as `minimum`, `en16931`, `extended` or `xrechnung-3.0`; the identifier itself if it is none of
    /// those known, null if the file names none.
    #[schema(example = "en16931")]
    pub profile: Option<String>,
    /// Name of the XML file, if a PDF carries it.
    #[schema(example = "factur-x.xml")]
    pub file: Option<String>,
}

impl EInvoiceBody {
    pub fn of(source: &ReadingSource) -> Option<Self> {
        match source {
            ReadingSource::Model { .. } => None,
            ReadingSource::EInvoice(source) => Some(Self {
                profile: source.profile.clone(),
                file: source.file.clone(),
            }),
        }
    }
}

/// An element of an e-invoice that states a value.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatedBody {
    /// The business term of EN 16931, or the name that another standard has for it.
    #[schema(example = "BT-115")]
    pub term: String,
    /// The path of the element.
    #[schema(example = "/Invoice/cac:LegalMonetaryTotal/cbc:PayableAmount")]
    pub element: String,
    /// The text of the element.
    #[schema(example = "119.00")]
    pub text: String,
}

impl StatedBody {
    pub fn new(value: &StatingElement) -> Self {
        let StatingElement {
            pointer: _,
            term,
            element,
            text,
        } = value.clone();
        Self {
            term,
            element,
            text,
        }
    }
}

/// A code that is printed on a page.
#[derive(Debug, Serialize, ToSchema)]
pub struct CodeBody {
    /// The kind, such as `epc`, `swiss_qr_bill`, `zatca` or `atcud`; see docs/codes.md for all.
    #[schema(example = "epc")]
    pub kind: String,
    /// Number of the page, counted from 1 over all pictures and PDFs.
    #[schema(example = 1)]
    pub page: usize,
    /// Left edge, upper edge, width and height, in fractions of the upright page.
    #[schema(example = json!([0.0712, 0.7432, 0.2219, 0.1527]))]
    pub r#box: [f64; 4],
    /// What the code states, by name, as it is written in the code. Signatures are not judged.
    #[schema(value_type = std::collections::HashMap<String, String>)]
    pub fields: IndexMap<String, String>,
}

impl CodeBody {
    pub fn new(code: &CodeOnPage) -> Self {
        let PageBox {
            x,
            y,
            width,
            height,
        } = code.area;
        Self {
            kind: code.kind.clone(),
            page: code.page,
            r#box: [x, y, width, height].map(|side| rounded(side.into(), 4)),
            fields: code.fields.iter().cloned().collect(),
        }
    }
}
