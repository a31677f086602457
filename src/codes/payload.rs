//! What a code encodes, in the forms that the kinds read.

use super::values::{links::Link, text};

/// Bytes in a payload, at most: more than a QR code holds.
const MOST_BYTES: usize = 4096;

/// A payload as bytes, as text, and as a link if it is one.
pub(super) struct Payload<'a> {
    /// The bytes.
    pub(super) bytes: &'a [u8],
    /// The text, without blanks around it.
    pub(super) text: String,
    /// The link.
    pub(super) link: Option<Link>,
}

impl<'a> Payload<'a> {
    /// Takes a payload that is no larger than codes are.
    pub(super) fn new(bytes: &'a [u8]) -> Option<Self> {
        if bytes.len() > MOST_BYTES {
            return None;
        }
        let text = text::plain(bytes).trim().to_owned();
        let link = Link::parse(&text);
        Some(Self { bytes, text, link })
    }
}
