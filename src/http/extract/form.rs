//! Receipts as a form: its pictures, and what is asked of them.

use super::input::ExtractQuery;
use crate::http::{body::broken_form, fault::Fault};
use axum::{
    body::Bytes,
    extract::{Multipart, multipart::Field},
    http::{HeaderMap, StatusCode, header},
};

/// A file of a form.
pub struct File {
    /// Its name in the form.
    pub name: Option<String>,
    /// What is in it.
    pub bytes: Bytes,
}

/// A form that is read field by field.
pub struct Fields {
    form: Multipart,
    /// What is asked, here or in the query; a field of the form comes first.
    pub asked: ExtractQuery,
    /// Bytes of a file beyond which the rest of it is dropped; what is left is then refused as too large.
    pub max_bytes: u64,
    /// Whether pictures are being read by now, so that what is asked of them is settled.
    pub is_settled: bool,
}

impl Fields {
    /// The fields of `form`.
    pub fn new(form: Multipart, query: &ExtractQuery, max_bytes: u64) -> Self {
        Self {
            form,
            asked: query.clone(),
            max_bytes,
            is_settled: false,
        }
    }

    /// The next picture; what stands before it and asks something is taken in. A browser sends an empty field
    /// for a file that nobody chose.
    ///
    /// # Errors
    /// A form that breaks off, a file in a field that is not for files, and what comes too late.
    pub async fn picture(&mut self) -> Result<Option<File>, Fault> {
        while let Some(field) = self.form.next_field().await.map_err(broken_form)? {
            let name = field.name().unwrap_or_default().to_owned();
            match &*name {
                "image" => {
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
                "{name} comes too late: in a form of this size, or one of unknown length, it stands before \
                 the first image. Nothing behind it was read."
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
        // One that comes in one piece is not copied.
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
    is_named || kind.starts_with("image/")
}

/// A picture that would be left out in silence.
fn misplaced(field: &str) -> Fault {
    let message = format!(
        "The form has a file in the field {field:?}, which is not read: send each picture in a field named image."
    );
    Fault::new(StatusCode::BAD_REQUEST, "no_image", message)
}

/// Whether a body is of so few bytes, and says so.
pub fn is_within(headers: &HeaderMap, bytes: usize) -> bool {
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
    let is_packed = headers.contains_key(header::CONTENT_ENCODING);
    !is_packed && length.is_some_and(|length: usize| length <= bytes)
}
