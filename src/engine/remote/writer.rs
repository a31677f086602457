//! Writes an upstream's function calls as text in the form that `generation::tools` reads.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::generation::tools::{BETWEEN, CLOSE, HEAD, MIDDLE, OPEN};

/// A piece of a call in OpenAI's streams.
#[derive(Debug, Deserialize)]
pub struct ProviderCallDelta {
    /// Number of the call. An answer that is not streamed has none, and its calls are complete.
    #[serde(default)]
    index: Option<usize>,
    #[serde(default)]
    function: FunctionDelta,
}

#[derive(Debug, Default, Deserialize)]
struct FunctionDelta {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    arguments: Option<String>,
}

/// Writes calls one after the other.
#[derive(Debug, Default)]
pub struct CallWriter {
    open: Option<Open>,
    written: usize,
}

/// The call being written.
#[derive(Debug)]
struct Open {
    index: usize,
    arguments: String,
    /// Bytes of the arguments already written; white space around them is left out.
    written: usize,
}

impl Open {
    /// Returns the arguments not yet written, without white space that may be the last of them.
    fn rest(&mut self) -> &str {
        let end = self.arguments.trim_end().len().max(self.written);
        let rest = self.arguments.get(self.written..end).unwrap_or_default();
        self.written = end;
        rest
    }
}

impl CallWriter {
    /// Returns whether a call has been written; no text may follow one.
    #[must_use]
    pub fn has_called(&self) -> bool {
        self.written > 0
    }

    /// Returns the text that `delta` adds.
    ///
    /// # Errors
    /// A fault in the order of the pieces, in a name, or in the previous call.
    pub fn write(&mut self, delta: ProviderCallDelta) -> Result<String, String> {
        let index = delta.index.unwrap_or(self.written);
        let mut text = String::new();
        if self.open.as_ref().is_none_or(|open| open.index != index) {
            text.push_str(&self.close()?);
            let name = delta.function.name.filter(|name| !name.is_empty());
            let name = name.ok_or("a call of its answer has no name")?;
            if name.contains(['"', '\\', '\n']) {
                return Err(format!("{name:?} is not a valid name of a function"));
            }
            if self.written > 0 {
                text.push_str(BETWEEN);
            }
            for part in [OPEN, HEAD, &name, MIDDLE] {
                text.push_str(part);
            }
            self.open = Some(Open {
                index,
                arguments: String::new(),
                written: 0,
            });
            self.written += 1;
        }
        if let Some(open) = &mut self.open {
            let arguments = delta.function.arguments.unwrap_or_default();
            let new = if open.arguments.is_empty() {
                arguments.trim_start()
            } else {
                &arguments
            };
            open.arguments.push_str(new);
            text.push_str(open.rest());
        }
        Ok(text)
    }

    /// Returns the text that ends the current call, if there is one.
    ///
    /// # Errors
    /// Arguments that are not an object, whose end could not be found.
    pub fn close(&mut self) -> Result<String, String> {
        let Some(open) = self.open.take() else {
            return Ok(String::new());
        };
        // Some upstreams send nothing for a function without arguments.
        if open.arguments.is_empty() {
            return Ok(format!("{{}}{CLOSE}"));
        }
        match serde_json::from_str::<Map<String, Value>>(&open.arguments) {
            Ok(_) => Ok(CLOSE.to_owned()),
            Err(error) => Err(format!(
                "the arguments of a call are not a JSON object: {error}"
            )),
        }
    }
}
