//! Maps the errors of chats to faults, with the field's name in the API of the request.

use super::Fault;
use crate::chat::{ChatError, FieldPath};

/// The names that an API has for the fields of a request.
pub trait FieldNames: Send + Sync {
    /// Returns the API's name for `field`.
    fn name(&self, field: &FieldPath) -> String;
}

/// Returns the name that most APIs have for `field`.
#[must_use]
pub fn common_name(field: &FieldPath) -> String {
    let name = match field {
        FieldPath::Model => "model",
        FieldPath::Prompt | FieldPath::Turn(_) | FieldPath::Part(..) => "prompt",
        FieldPath::MaxTokens => "max_tokens",
        FieldPath::Temperature => "temperature",
        FieldPath::TopP => "top_p",
        FieldPath::TopK => "top_k",
        FieldPath::MinP => "min_p",
        FieldPath::FrequencyPenalty => "frequency_penalty",
        FieldPath::PresencePenalty => "presence_penalty",
        FieldPath::RepetitionPenalty => "repetition_penalty",
        FieldPath::LogitBias(id) => return format!("logit_bias.{id}"),
        FieldPath::Stop => "stop",
        FieldPath::Choices => "n",
        FieldPath::Logprobs => "logprobs",
        FieldPath::TopLogprobs => "top_logprobs",
        FieldPath::Schema => "schema",
        FieldPath::Tools => "tools",
        FieldPath::FunctionName(number) => return format!("tools[{number}].name"),
        FieldPath::FunctionParameters(number) => return format!("tools[{number}].parameters"),
        FieldPath::ToolChoice => "tool_choice",
    };
    name.to_owned()
}

impl Fault {
    /// Creates the fault of a chat for clients that know its fields by `names`.
    #[must_use]
    pub fn of_chat(error: &ChatError, names: &impl FieldNames) -> Self {
        match error {
            ChatError::Invalid { field, problem } => {
                let name = names.name(field);
                let message = problem.describe(&name);
                Self::invalid(name, message)
            }
            ChatError::Image { field, error } => Self {
                param: Some(names.name(field)),
                ..Self::from(error)
            },
            ChatError::Model(error) => Self::from(error).of_prompt(names),
            ChatError::Receipt(error) => Self::from(&**error).of_prompt(names),
            ChatError::ReceiptFile { field, error } => Self {
                param: Some(names.name(field)),
                ..Self::from(&**error)
            },
            ChatError::NoVision { field, .. } => {
                Self::invalid(names.name(field), error.to_string())
            }
            ChatError::Unfit(reason) => Self::unfit(reason),
            ChatError::NoCandidate => Self::unknown_model(""),
        }
    }

    /// Names the field of a prompt that is too long.
    fn of_prompt(mut self, names: &impl FieldNames) -> Self {
        if self.param.is_some() {
            self.param = Some(names.name(&FieldPath::Prompt));
        }
        self
    }
}
