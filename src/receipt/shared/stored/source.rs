//! The stored form of where values were taken from, and of codes on the pages.

use serde::{Deserialize, Serialize};

use super::Float;
use crate::{
    page::PageBox,
    receipt::{CodeOnPage, EInvoiceSource, ReadingSource, StatingElement},
};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum StoredSource {
    Model {
        passed_over: Option<String>,
    },
    EInvoice {
        kind: String,
        profile: Option<String>,
        file: Option<String>,
        stated: Vec<StoredStated>,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredStated {
    pointer: String,
    term: String,
    element: String,
    text: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredCode {
    kind: String,
    page: usize,
    /// Left, upper, width, height.
    area: [Float; 4],
    fields: Vec<(String, String)>,
}

impl StoredSource {
    pub fn of(source: &ReadingSource) -> Self {
        match source {
            ReadingSource::Model { passed_over } => Self::Model {
                passed_over: passed_over.clone(),
            },
            ReadingSource::EInvoice(EInvoiceSource {
                kind,
                profile,
                file,
                stated,
            }) => Self::EInvoice {
                kind: kind.clone(),
                profile: profile.clone(),
                file: file.clone(),
                stated: stated.iter().map(StoredStated::of).collect(),
            },
        }
    }

    pub fn source(self) -> ReadingSource {
        match self {
            Self::Model { passed_over } => ReadingSource::Model { passed_over },
            Self::EInvoice {
                kind,
                profile,
                file,
                stated,
            } => ReadingSource::EInvoice(EInvoiceSource {
                kind,
                profile,
                file,
                stated: stated.into_iter().map(StoredStated::stated).collect(),
            }),
        }
    }
}

impl StoredStated {
    fn of(value: &StatingElement) -> Self {
        let StatingElement {
            pointer,
            term,
            element,
            text,
        } = value.clone();
        Self {
            pointer,
            term,
            element,
            text,
        }
    }

    fn stated(self) -> StatingElement {
        StatingElement {
            pointer: self.pointer,
            term: self.term,
            element: self.element,
            text: self.text,
        }
    }
}

impl StoredCode {
    pub fn of(code: &CodeOnPage) -> Self {
        let CodeOnPage {
            kind,
            page,
            area:
                PageBox {
                    x,
                    y,
                    width,
                    height,
                },
            fields,
        } = code;
        Self {
            kind: kind.clone(),
            page: *page,
            area: [*x, *y, *width, *height].map(|side| f64::from(side).into()),
            fields: fields.clone(),
        }
    }

    pub fn code(self) -> CodeOnPage {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "they were of single precision"
        )]
        let [x, y, width, height] = self.area.map(|side| f64::from(side) as f32);
        CodeOnPage {
            kind: self.kind,
            page: self.page,
            area: PageBox {
                x,
                y,
                width,
                height,
            },
            fields: self.fields,
        }
    }
}
