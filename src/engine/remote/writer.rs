//! An upstream's calls of functions, written as text in the form that `chat::tools` reads.

use serde::Deserialize;

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
    /// The call that is being written, and whether it has arguments yet.
    open: Option<(usize, bool)>,
    written: usize,
}

impl CallWriter {
    /// The text that `delta` adds.
    ///
    /// # Errors
    /// What is wrong with the order of the pieces, or with a name.
    pub fn write(&mut self, delta: CallDelta) -> Result<String, String> {
        let index = delta.index.unwrap_or(self.written);
        let mut text = String::new();
        if self.open.is_none_or(|(open, _)| open != index) {
            text.push_str(&self.close());
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
            self.open = Some((index, false));
            self.written += 1;
        }
        let arguments = delta.function.arguments.unwrap_or_default();
        if let Some((_, has_arguments)) = &mut self.open {
            *has_arguments |= !arguments.trim().is_empty();
        }
        text.push_str(&arguments);
        Ok(text)
    }

    /// The text that ends the call that is being written, if one is.
    pub fn close(&mut self) -> String {
        match self.open.take() {
            None => String::new(),
            Some((_, true)) => CLOSE.to_owned(),
            // Some send nothing for a function without arguments.
            Some((_, false)) => format!("{{}}{CLOSE}"),
        }
    }
}
