//! Reads receipts from a form: the pictures, and the fields that name the model and the schema.

use super::{page_fields::IMAGE, query::ExtractQuery};
use crate::http::{body::broken_form, fault::Fault};
use axum::{
    body::Bytes,
    extract::{Multipart, multipart::Field},
    http::{HeaderMap, header},
};

/// A file of a form.
pub struct File {
    /// File name in the form.
    pub name: Option<String>,
    /// Content of the file.
    pub bytes: Bytes,
}

/// A form that is read field by field.
pub struct Fields {
    form: Multipart,
    /// Model and schema, from the form or the query; a field of the form comes first.
    pub asked: ExtractQuery,
    /// Bytes of a file after which the rest is dropped; the file is then refused as too large.
    pub max_bytes: u64,
    /// True once readings have begun, so that model and schema cannot change.
    pub is_settled: bool,
}

impl Fields {
    /// Creates a reader of the fields of `form`.
    pub fn new(form: Multipart, query: &ExtractQuery, max_bytes: u64) -> Self {
        Self {
            form,
            asked: query.clone(),
            max_bytes,
            is_settled: false,
        }
    }

    /// Reads up to the next picture, and takes in the model and the schema before it. Skips the empty field that a
    /// browser sends if no file was chosen.
    ///
    /// # Errors
    /// A form that is cut off, a file in a field that is not for files, and a model or schema that comes too late.
    pub async fn picture(&mut self) -> Result<Option<File>, Fault> {
        while let Some(field) = self.form.next_field().await.map_err(broken_form)? {
            let name = field.name().unwrap_or_default().to_owned();
            match &*name {
                IMAGE => {
                    let file = file(field, self.max_bytes).await?;
                    if !file.is_left_out() {
                        return Ok(Some(file));
                    }
                }
                "model" | "schema" => {
                    let text = field.text().await.map_err(broken_form)?;
                    self.ask(&name, text)?;
                }
                _ if holds_a_file(&field) => return Err(misplaced(&name)),
                _ => {}
            }
        }
        Ok(None)
    }

    fn ask(&mut self, name: &str, text: String) -> Result<(), Fault> {
        let asked = match name {
            "model" => &mut self.asked.model,
            _ => &mut self.asked.schema,
        };
        if text.is_empty() || asked.as_ref() == Some(&text) {
            return Ok(());
        }
        if self.is_settled {
            let message = format!(
                "The field {name} comes too late: in a form of this size or of unknown length, put it before \
                 the first image. Images after it were not read."
            );
            return Err(Fault::invalid(name, message));
        }
        *asked = Some(text);
        Ok(())
    }
}

impl File {
    fn is_left_out(&self) -> bool {
        self.bytes.is_empty() && self.name.as_ref().is_none_or(String::is_empty)
    }
}

async fn file(mut field: Field<'_>, max_bytes: u64) -> Result<File, Fault> {
    let name = field.file_name().map(str::to_owned);
    let (mut chunks, mut length) = (Vec::new(), 0);
    while let Some(chunk) = field.chunk().await.map_err(broken_form)? {
        if length <= max_bytes {
            length += chunk.len() as u64;
            chunks.push(chunk);
        }
    }
    let bytes = match chunks.pop() {
        // A file that arrives in one piece is not copied.
        Some(only) if chunks.is_empty() => only,
        last => {
            chunks.extend(last);
            chunks.concat().into()
        }
    };
    Ok(File { name, bytes })
}

fn holds_a_file(field: &Field<'_>) -> bool {
    let kind = field.content_type().unwrap_or_default();
    let is_named = field.file_name().is_some_and(|name| !name.is_empty());
    is_named || kind.starts_with("image/") || kind.ends_with("/xml")
}

/// Creates the fault of a file in another field than image, which would otherwise be ignored silently.
fn misplaced(field: &str) -> Fault {
    let message = format!(
        "The form has a file in the field {field:?}, which is not read; send each picture in a field named image."
    );
    let mut fault = Fault::invalid(field, message);
    fault.code = "no_image";
    fault
}

/// Returns whether a body is not compressed and states a length of at most `bytes`.
pub fn is_within(headers: &HeaderMap, bytes: usize) -> bool {
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
    let is_packed = headers.contains_key(header::CONTENT_ENCODING);
    !is_packed && length.is_some_and(|length: usize| length <= bytes)
}
