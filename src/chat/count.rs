//! Counts the tokens of a conversation without answering it.

use super::{
    Asked, ChatService, Prompt,
    error::{ChatError, FieldPath},
    request::ChatRequest,
    takes_any_object,
};
use crate::{engine::EngineError, presets::Preset, registry::ModelError, routing::Turns};

impl ChatService {
    /// Counts the tokens of a conversation as its model reads it: with the chat template, the functions and the
    /// pictures.
    ///
    /// # Errors
    /// See [`ChatError`]. A receipt and the prompt of a provider's model are not counted.
    pub async fn count(&self, mut request: ChatRequest) -> Result<usize, ChatError> {
        let mut turns = Turns::new(std::mem::take(&mut request.candidates));
        let asked = self.asked(request)?;
        while let Some(candidate) = turns.next_candidate() {
            match self.count_for(&asked, &candidate).await {
                Ok(tokens) => return Ok(tokens),
                Err(error) => turns.failed(error)?,
            }
        }
        Err(ChatError::NoCandidate)
    }

    async fn count_for(&self, asked: &Asked, candidate: &Preset) -> Result<usize, ChatError> {
        let request = &asked.request;
        let refused = |reason: &str| {
            let message = format!("The model {} {reason}", candidate.id);
            ChatError::invalid(FieldPath::Model, message)
        };
        let Prompt::Conversation(script, files) = &asked.prompt else {
            return Err(refused("counts the tokens of conversations only."));
        };
        if candidate.schema.is_some() && takes_any_object(request) {
            return Err(refused(
                "reads receipts, and words its prompt when it reads one; the usage of its answer states the tokens.",
            ));
        }
        let job = self
            .conversation(request, candidate, script.clone(), files)
            .await?;
        let lease = candidate.model.lease().await?;
        let prompt = &job.generation.prompt;
        let tokens = lease.engine().count_prompt(prompt).await;
        tokens
            .map_err(|error: EngineError| ModelError::from(error))?
            .ok_or_else(|| {
                refused("runs at a provider, which counts tokens only as it answers; the usage of its answer states them.")
            })
    }
}
