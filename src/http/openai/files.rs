//! Files in the parts of a message, as the chat API and the Responses API send them.

use crate::{chat::ChatDocument, image::ImageSource};

/// The fields of a message part that name a file.
#[derive(Default)]
pub struct FileFields {
    /// The name of the file.
    pub name: Option<String>,
    /// The file in base64, as a `data:` URI or bare, or its address.
    pub data: Option<String>,
    /// Its address.
    pub url: Option<String>,
    /// Its address, as in `LiteLLM`'s API; the id of a stored file is refused.
    pub id: Option<String>,
}

/// A field of a file that cannot be used, with the reason.
pub struct FileRefused {
    /// The field.
    pub field: &'static str,
    /// The reason.
    pub reason: &'static str,
}

impl FileFields {
    /// Returns the file, and the field that holds it.
    ///
    /// # Errors
    /// The id of a stored file, or no file at all.
    pub fn document(self) -> Result<(ChatDocument, &'static str), FileRefused> {
        let some = |text: Option<String>| text.filter(|text| !text.is_empty());
        // Neither base64 nor an id has a colon, and an address always does.
        let is_address = |text: &String| text.contains(':');
        let (url, field) = match (some(self.data), some(self.url), some(self.id)) {
            (Some(data), _, _) if is_address(&data) => (data, "file_data"),
            (Some(data), _, _) => (format!("data:;base64,{data}"), "file_data"),
            (None, Some(url), _) => (url, "file_url"),
            (None, None, Some(id)) if is_address(&id) => (id, "file_id"),
            (None, None, Some(_)) => {
                return Err(FileRefused {
                    field: "file_id",
                    reason: "No files are stored here; send the file itself as file_data.",
                });
            }
            (None, None, None) => {
                return Err(FileRefused {
                    field: "file_data",
                    reason: "This part holds no file; send one as file_data.",
                });
            }
        };
        let source = ImageSource::Url(url);
        let name = self.name;
        Ok((ChatDocument { source, name }, field))
    }
}
