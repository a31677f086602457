//! What one generation costs the key that asked for it.

use std::sync::Arc;

use super::Identity;
use crate::chat::Usage;

/// Tokens that a generation has taken so far. They are charged when it is dropped, so that a client
/// that leaves in the middle pays for what was made until then.
#[derive(Debug)]
pub struct Bill {
    payer: Arc<Identity>,
    usage: Usage,
}

impl Bill {
    /// A bill that begins with the tokens of a prompt.
    #[must_use]
    pub fn new(payer: Arc<Identity>, prompt_tokens: usize) -> Self {
        let usage = Usage {
            prompt_tokens,
            ..Usage::default()
        };
        Self { payer, usage }
    }

    /// Takes in how long the prompt was, where that was not known at the beginning.
    pub fn prompt(&mut self, tokens: usize) {
        self.usage.prompt_tokens = tokens;
    }

    /// Takes in how many tokens have been generated so far.
    pub fn generated(&mut self, tokens: usize) {
        self.usage.completion_tokens = tokens;
    }
}

impl Drop for Bill {
    fn drop(&mut self) {
        self.payer.charge(self.usage);
    }
}
