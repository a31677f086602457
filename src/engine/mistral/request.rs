//! Translates a generation to the engine's request.

use std::sync::Arc;

use indexmap::IndexMap;
use mistralrs::{RequestMessage, SamplingParams, Tensor};

use crate::{
    engine::special_tokens::SpecialTokens,
    generation::{Message, Part, Prompt, Sampling},
};

/// The placeholder of a picture in the prompts of the Qwen-VL families.
const PICTURE: &str = "<|vision_start|><|image_pad|><|vision_end|>";

/// Writes the content of a message for the chat template.
pub(super) fn content(special_tokens: &SpecialTokens, message: &Message) -> String {
    message
        .parts
        .iter()
        .map(|part| match part {
            Part::Text(text) => special_tokens.neutralise(text),
            Part::Picture(_) => PICTURE.to_owned(),
        })
        .collect()
}

/// Translates the prompt.
pub(super) fn message(special_tokens: &SpecialTokens, prompt: &Prompt) -> RequestMessage {
    let messages = match prompt {
        Prompt::Chat(messages) => messages,
        Prompt::Text(text) => {
            return RequestMessage::Completion {
                text: special_tokens.neutralise(text),
                echo_prompt: false,
                best_of: None,
            };
        }
    };
    let chat = messages
        .iter()
        .map(|message| {
            IndexMap::from([
                ("role".to_owned(), text_value(message.role.as_str())),
                (
                    "content".to_owned(),
                    text_value(&content(special_tokens, message)),
                ),
            ])
        })
        .collect();
    let pictures: Vec<_> = messages.iter().flat_map(Message::pictures).collect();
    if pictures.is_empty() {
        RequestMessage::Chat {
            messages: chat,
            enable_thinking: None,
            reasoning_effort: None,
        }
    } else {
        RequestMessage::MultimodalChat {
            images: pictures.iter().map(|picture| picture.to_image()).collect(),
            audios: Vec::new(),
            videos: Vec::new(),
            messages: chat,
            enable_thinking: None,
            reasoning_effort: None,
        }
    }
}

fn text_value(text: &str) -> mistralrs::MessageContent {
    either::Either::Left(text.to_owned())
}

/// Translates the sampling.
pub(super) fn sampling_params(
    sampling: &Sampling,
    max_tokens: usize,
    top_logprobs: usize,
) -> SamplingParams {
    SamplingParams {
        // Left unset it would be 1.
        temperature: Some(sampling.temperature),
        top_k: sampling.top_k,
        top_p: sampling.top_p,
        // For the engine, 1 means that nothing is cut.
        min_p: sampling.min_p.map(|min_p| min_p.min(0.9999)),
        top_n_logprobs: top_logprobs,
        frequency_penalty: sampling.frequency_penalty,
        presence_penalty: sampling.presence_penalty,
        repetition_penalty: sampling.repetition_penalty,
        max_len: Some(max_tokens),
        seed: sampling.seed,
        ..SamplingParams::neutral()
    }
}

/// Returns a processor that adds the bias to the logits: mistral.rs accepts a bias, but never reads it.
pub(super) fn logit_bias(
    sampling: &Sampling,
) -> Option<Vec<Arc<dyn mistralrs::CustomLogitsProcessor>>> {
    if sampling.logit_bias.is_empty() {
        return None;
    }
    let bias = sampling.logit_bias.clone();
    let add = move |logits: &Tensor, _context: &[u32]| {
        let mut values = logits.to_vec1::<f32>()?;
        for (id, bias) in &bias {
            if let Some(value) = values.get_mut(*id as usize) {
                *value += bias;
            }
        }
        Tensor::from_vec(values, logits.shape(), logits.device())
    };
    Some(vec![Arc::new(add)])
}
