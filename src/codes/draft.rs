//! A code while it is read.

use super::paper::{CodeFacts, CodeField, CodeKind, PaperCode};

/// Says that a signature stands in the code, and that nobody judged it.
pub(super) const NOT_CHECKED: &str = "not_checked";

/// The fields and facts that were read so far.
pub(super) struct Draft {
    kind: CodeKind,
    fields: Vec<CodeField>,
    /// What the rules say of the receipt.
    pub(super) facts: CodeFacts,
}

impl Draft {
    /// Starts a code.
    pub(super) fn new(kind: CodeKind) -> Self {
        Self {
            kind,
            fields: Vec::new(),
            facts: CodeFacts::default(),
        }
    }

    /// Adds a field, unless its value is empty.
    pub(super) fn put(&mut self, name: &'static str, value: &str) {
        let value = value.replace(char::is_control, " ");
        let value = value.trim();
        if !value.is_empty() {
            self.fields.push(CodeField {
                name,
                value: value.to_owned(),
            });
        }
    }

    /// Adds a field and returns its meaning, or leaves out a value that `read` does not understand.
    pub(super) fn put_read<T>(
        &mut self,
        name: &'static str,
        value: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let meaning = read(value.trim())?;
        self.put(name, value);
        Some(meaning)
    }

    /// Says that the code's signature was not judged.
    pub(super) fn put_unjudged_signature(&mut self) {
        self.put("signature", NOT_CHECKED);
    }

    /// Ends the code.
    pub(super) fn finish(self) -> PaperCode {
        PaperCode {
            kind: self.kind,
            fields: self.fields,
            facts: self.facts,
        }
    }
}
