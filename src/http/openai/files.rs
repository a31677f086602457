//! Files in the parts of a message, as the chat API and the Responses API send them.

use crate::image::ImageSource;

/// The fields of a message part that name a file.
pub struct FileFields {
    /// The file in base64, as a `data:` URI or bare, or its address.
    pub data: Option<String>,
    /// Its address.
    pub url: Option<String>,
    /// Id of a stored file, which is refused.
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
    /// Returns the source of the file, and the field that holds it.
    ///
    /// # Errors
    /// The id of a stored file, or no file at all.
    pub fn source(self) -> Result<(ImageSource, &'static str), FileRefused> {
        let some = |text: Option<String>| text.filter(|text| !text.is_empty());
        let (url, field) = match (some(self.data), some(self.url)) {
            // Base64 never has a colon, and an address always does.
            (Some(data), _) if data.contains(':') => (data, "file_data"),
            (Some(data), _) => (format!("data:;base64,{data}"), "file_data"),
            (None, Some(url)) => (url, "file_url"),
            (None, None) if self.id.is_some() => {
                return Err(FileRefused {
                    field: "file_id",
                    reason: "No files are stored here; send the file itself as file_data.",
                });
            }
            (None, None) => {
                return Err(FileRefused {
                    field: "file_data",
                    reason: "This part holds no file; send one as file_data.",
                });
            }
        };
        Ok((ImageSource::Url(url), field))
    }
}
