//! The schemas that requests can name.

use std::path::Path;

use indexmap::IndexMap;

use super::{Printed, ReceiptSchema, SUFFIX, SchemaError};

/// Name of a schema that a request brings.
pub const INLINE: &str = "inline";

/// Schemas by name, in the order of their names.
#[derive(Debug, Clone)]
pub struct Schemas {
    by_name: IndexMap<String, ReceiptSchema>,
    default: ReceiptSchema,
}

impl Schemas {
    /// Compiles every `NAME.schema.json` of a folder. The one called `default` is for requests that
    /// name none.
    ///
    /// # Errors
    /// See [`SchemaError`]; a fault of a file names the file.
    pub fn load(folder: &Path, default: &str, printed: &Printed) -> Result<Self, SchemaError> {
        let path = folder.display().to_string();
        let read = |error| SchemaError::Read {
            path: path.clone(),
            error,
        };
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(read)? {
            let file = entry.map_err(read)?.path();
            if file.to_str().is_some_and(|name| name.ends_with(SUFFIX)) {
                files.push(file);
            }
        }
        files.sort();
        let mut by_name = IndexMap::new();
        for file in files {
            let schema = ReceiptSchema::load(&file, printed).map_err(|error| match error {
                SchemaError::Read { .. } | SchemaError::Json { .. } => error,
                fault => SchemaError::In(file.display().to_string(), fault.into()),
            })?;
            by_name.insert(schema.name().to_owned(), schema);
        }
        let default = by_name.get(default).ok_or_else(|| SchemaError::NotThere {
            path,
            name: default.to_owned(),
        })?;
        Ok(Self {
            default: default.clone(),
            by_name,
        })
    }

    /// Returns the schema called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&ReceiptSchema> {
        self.by_name.get(name)
    }

    /// Returns the schema for requests that name none.
    #[must_use]
    pub fn default_schema(&self) -> &ReceiptSchema {
        &self.default
    }

    /// Returns all schemas.
    pub fn iter(&self) -> impl Iterator<Item = &ReceiptSchema> {
        self.by_name.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receipt::Currency;

    #[test]
    fn every_schema_of_the_folder_can_be_named() {
        let schemas =
            Schemas::load(Path::new("schemas"), "invoice", &Currency::Detect.into()).unwrap();
        let names: Vec<_> = schemas.iter().map(ReceiptSchema::name).collect();
        assert_eq!(names, ["invoice", "receipt-brief"]);
        assert_eq!(schemas.default_schema().name(), "invoice");
        assert!(schemas.get("invoice.schema.json").is_none());
    }

    #[test]
    fn faults_name_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let load = |default| Schemas::load(folder.path(), default, &Currency::Detect.into());
        assert!(matches!(load("a"), Err(SchemaError::NotThere { .. })));
        std::fs::write(
            folder.path().join("a.schema.json"),
            "{\"type\": \"string\"}",
        )
        .unwrap();
        let error = load("a").unwrap_err().to_string();
        assert!(error.contains("a.schema.json"), "{error}");
        assert!(Schemas::load(Path::new("/nowhere"), "a", &Currency::Detect.into()).is_err());
    }
}
