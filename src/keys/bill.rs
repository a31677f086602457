//! Charges a generation's tokens to the key that asked for it.

use std::sync::Arc;

use super::Identity;
use crate::generation::Usage;

/// Tokens that a generation has used so far. They are charged when the bill is dropped, so that a
/// client that disconnects pays for what was generated until then.
#[derive(Debug)]
pub struct Bill {
    payer: Arc<Identity>,
    usage: Usage,
}

impl Bill {
    /// Creates a bill that starts with the tokens of the prompt.
    #[must_use]
    pub fn new(payer: Arc<Identity>, prompt_tokens: usize) -> Self {
        let usage = Usage {
            prompt_tokens,
            ..Usage::default()
        };
        Self { payer, usage }
    }

    /// Sets the number of tokens of the prompt, if it was not known at the start.
    pub fn prompt(&mut self, tokens: usize) {
        self.usage.prompt_tokens = tokens;
    }

    /// Sets the number of tokens generated so far.
    pub fn generated(&mut self, tokens: usize) {
        self.usage.completion_tokens = tokens;
    }
}

impl Drop for Bill {
    fn drop(&mut self) {
        self.payer.charge(self.usage);
    }
}
