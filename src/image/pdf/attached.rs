//! Takes the XML files out of a PDF that it carries as attachments, as hybrid invoices do (ISO 32000-2, 7.11.4 and
//! 14.13). Their data are unpacked within the bounds of all streams.

use bytes::Bytes;
use hayro::hayro_syntax::{
    Pdf,
    object::{Array, Dict, Object, Stream, String as PdfString},
};

use super::{PdfError, end, forms::strings, guard, open, search::find};

/// Most attachments of a file that are looked at.
const MAX_ATTACHMENTS: usize = 64;
/// Most nodes of the tree of attachments' names.
const MAX_NODES: usize = 256;

/// An XML file that a PDF carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PdfAttachment {
    /// The name of the file.
    pub name: String,
    /// Its data.
    pub data: Bytes,
}

/// Returns the attachments of a PDF whose names end in `.xml`, those first that belong to the whole document.
///
/// # Errors
/// [`PdfError`], where the file cannot be opened or an attachment is too large when unpacked.
pub fn xml_files(file: &Bytes) -> Result<Vec<PdfAttachment>, PdfError> {
    super::guarded(|| {
        if !may_have_attachments(file) {
            return Ok(Vec::new());
        }
        end::check(file)?;
        let file = guard::direct(file)?;
        guard::check_file(&file)?;
        let pdf = open(&file)?;
        let mut found = Vec::new();
        for specification in specifications(&pdf) {
            let Some((name, stream)) = attachment(&specification) else {
                continue;
            };
            let is_known = found.iter().any(|known: &PdfAttachment| known.name == name);
            if is_known || !name.to_ascii_lowercase().ends_with(".xml") {
                continue;
            }
            guard::check_one(&stream)?;
            if let Ok(data) = stream.decoded() {
                found.push(PdfAttachment {
                    name,
                    data: data.into_owned().into(),
                });
            }
        }
        Ok(found)
    })
}

/// Returns whether the file names an embedded file, or has objects in streams, where such a name may stand.
fn may_have_attachments(file: &[u8]) -> bool {
    [&b"EmbeddedFile"[..], b"/EF", b"ObjStm"]
        .into_iter()
        .any(|mark| find(file, mark).is_some())
}

/// Returns the specifications of attached files: those of the document, then those by name.
fn specifications(pdf: &Pdf) -> Vec<Dict<'_>> {
    let Some(catalog) = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id()) else {
        return Vec::new();
    };
    let associated = catalog.get::<Array<'_>>(b"AF").unwrap_or_default();
    let mut found: Vec<_> = associated
        .iter::<Object<'_>>()
        .filter_map(Object::into_dict)
        .take(MAX_ATTACHMENTS)
        .collect();
    let names = catalog.get::<Dict<'_>>(b"Names");
    let mut open: Vec<_> = names
        .and_then(|names| names.get::<Dict<'_>>(b"EmbeddedFiles"))
        .into_iter()
        .collect();
    for _ in 0..MAX_NODES {
        let Some(node) = open.pop() else {
            break;
        };
        if let Some(pairs) = node.get::<Array<'_>>(b"Names") {
            let values = pairs.iter::<Object<'_>>().filter_map(Object::into_dict);
            found.extend(values.take(MAX_ATTACHMENTS));
        }
        if let Some(kids) = node.get::<Array<'_>>(b"Kids") {
            let kids = kids.iter::<Object<'_>>().filter_map(Object::into_dict);
            open.extend(kids.take(MAX_NODES));
        }
    }
    found.truncate(2 * MAX_ATTACHMENTS);
    found
}

/// Returns the name and the data of a specification.
fn attachment<'a>(specification: &Dict<'a>) -> Option<(String, Stream<'a>)> {
    let text = |key: &[u8]| specification.get::<PdfString<'_>>(key);
    let name = text(b"UF").or_else(|| text(b"F"))?;
    let files = specification.get::<Dict<'_>>(b"EF")?;
    let stream = |key: &[u8]| files.get::<Stream<'_>>(key);
    let stream = stream(b"F").or_else(|| stream(b"UF"))?;
    Some((strings::decode(name.as_bytes()), stream))
}
