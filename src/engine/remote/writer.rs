//! An upstream's calls of functions, written as text in the form that `chat::tools` reads.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::chat::tools::{BETWEEN, CLOSE, HEAD, MIDDLE, OPEN};

/// A piece of a call, as OpenAI's streams send it.
#[derive(Debug, Deserialize)]
pub struct CallDelta {
    /// Number of the call; an answer that is not streamed has none, and its calls are whole.
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

/// Writes calls, one behind the other.
#[derive(Debug, Default)]
pub struct CallWriter {
    open: Option<Open>,
    written: usize,
}

/// The call that is being written.
#[derive(Debug)]
struct Open {
    index: usize,
    arguments: String,
    /// Bytes of them that have been written: blanks around them are no part of the form.
    written: usize,
}

impl Open {
    /// The arguments that have not been written yet, but for blanks that may be the last of them.
    fn rest(&mut self) -> &str {
        let end = self.arguments.trim_end().len().max(self.written);
        let rest = self.arguments.get(self.written..end).unwrap_or_default();
        self.written = end;
        rest
    }
}

impl CallWriter {
    /// Whether a call has been written; no text belongs behind one.
    #[must_use]
    pub fn has_called(&self) -> bool {
        self.written > 0
    }

    /// The text that `delta` adds.
    ///
    /// # Errors
    /// What is wrong with the order of the pieces, with a name, or with the call before.
    pub fn write(&mut self, delta: CallDelta) -> Result<String, String> {
        let index = delta.index.unwrap_or(self.written);
        let mut text = String::new();
        if self.open.as_ref().is_none_or(|open| open.index != index) {
            text.push_str(&self.close()?);
            let name = delta.function.name.filter(|name| !name.is_empty());
            let name = name.ok_or("a call of its answer has no name")?;
            if name.contains(['"', '\\', '\n']) {
                return Err(format!("{name:?} is no name of a function"));
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

    /// The text that ends the call that is being written, if one is.
    ///
    /// # Errors
    /// Arguments that are no object, and would end elsewhere than here.
    pub fn close(&mut self) -> Result<String, String> {
        let Some(open) = self.open.take() else {
            return Ok(String::new());
        };
        // Some send nothing for a function without arguments.
        if open.arguments.is_empty() {
            return Ok(format!("{{}}{CLOSE}"));
        }
        match serde_json::from_str::<Map<String, Value>>(&open.arguments) {
            Ok(_) => Ok(CLOSE.to_owned()),
            Err(error) => Err(format!("the arguments of a call are no object: {error}")),
        }
    }
}
