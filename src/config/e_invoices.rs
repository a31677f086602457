//! `[e_invoices]`: XML that states an invoice.

use serde::Deserialize;

use super::{ConfigError, within};
use crate::{einvoice::XmlLimits, receipt::EInvoiceSettings};

/// The section `[e_invoices]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EInvoicesConfig {
    /// Whether the XML that a PDF carries is used.
    pub in_pdfs: bool,
    /// Most bytes of an XML file.
    pub max_bytes: usize,
    /// Most elements, texts, comments and processing instructions of a file together.
    pub max_nodes: u32,
    /// Most elements within one another.
    pub max_depth: usize,
    /// Most lines of an invoice.
    pub max_lines: usize,
}

impl Default for EInvoicesConfig {
    fn default() -> Self {
        let limits = XmlLimits::default();
        Self {
            in_pdfs: true,
            max_bytes: limits.bytes,
            max_nodes: limits.nodes,
            max_depth: limits.depth,
            max_lines: limits.lines,
        }
    }
}

impl EInvoicesConfig {
    /// Returns the settings of reading e-invoices.
    #[must_use]
    pub fn settings(self) -> EInvoiceSettings {
        EInvoiceSettings {
            in_pdfs: self.in_pdfs,
            xml: XmlLimits {
                bytes: self.max_bytes,
                nodes: self.max_nodes,
                depth: self.max_depth,
                lines: self.max_lines,
                ..XmlLimits::default()
            },
        }
    }

    pub(super) fn check(self) -> Result<(), ConfigError> {
        within("e_invoices.max_bytes", self.max_bytes, 1, 1 << 30)?;
        within("e_invoices.max_nodes", self.max_nodes, 1, 100_000_000)?;
        within("e_invoices.max_depth", self.max_depth, 1, 256)?;
        // The published form of the invoice's schema holds no more.
        within("e_invoices.max_lines", self.max_lines, 1, 10_000)
    }
}
