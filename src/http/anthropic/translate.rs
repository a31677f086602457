//! Translates a request of the Messages API, and names its fields.

use super::{
    conversation::{Conversation, MessageFields},
    request::{
        MessagesRequest, OutputConfigFormat, SystemBlock, SystemPrompt, ToolDefinition,
        ToolSelection,
    },
};
use crate::{
    chat::{
        AnswerFormat, ChatOptions, ChatPrompt, ChatRequest, FunctionOptions, ToolChoice,
        ToolOptions,
    },
    http::{caller::Caller, fault::Fault},
    receipt::CacheUse,
    routing::ProviderWishes,
};

/// Separates the blocks of the instructions.
const BLANK_LINE: &str = "\n\n";

impl MessagesRequest {
    /// Translates the request of `caller`.
    ///
    /// # Errors
    /// A model that the caller may not use, a conversation that does not end with the user, a tool of another kind, and
    /// a block in the wrong place.
    pub fn translate(
        self,
        caller: &Caller,
        cache: CacheUse,
    ) -> Result<(ChatRequest, MessageFields), Fault> {
        let wishes = ProviderWishes::default();
        let candidates = caller.candidates(self.model.as_deref(), &[], &wishes)?;
        let mut conversation = Conversation::default();
        if let Some(system) = self.system {
            conversation.instruct(&system.into_text());
        }
        conversation.add_all(self.messages)?;
        let (turns, fields) = conversation.into_turns();
        let format = self.output_config.and_then(|config| config.format);
        let request = ChatRequest {
            candidates,
            prompt: ChatPrompt::Conversation(turns),
            options: ChatOptions {
                max_tokens: self.max_tokens,
                temperature: self.temperature,
                top_p: self.top_p,
                top_k: self.top_k,
                stop: self.stop_sequences,
                ..ChatOptions::default()
            },
            format: format
                .or(self.output_format)
                .map(AnswerFormat::from)
                .unwrap_or_default(),
            tools: tools(self.tools.unwrap_or_default(), self.tool_choice)?,
            client: caller.client(),
            cache,
        };
        Ok((request, fields))
    }
}

impl SystemPrompt {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Blocks(blocks) => {
                let texts = blocks.into_iter().map(|SystemBlock::Text { text }| text);
                texts.collect::<Vec<_>>().join(BLANK_LINE)
            }
        }
    }
}

/// Anthropic's API has no way to allow a check in place of the grammar, so it is always allowed.
impl From<OutputConfigFormat> for AnswerFormat {
    fn from(OutputConfigFormat::JsonSchema { schema }: OutputConfigFormat) -> Self {
        Self::Schema {
            schema,
            strict: false,
        }
    }
}

/// Translates the tools. They are ignored if the model may use none.
fn tools(
    tools: Vec<ToolDefinition>,
    selection: Option<ToolSelection>,
) -> Result<ToolOptions, Fault> {
    let (choice, is_single) = match selection {
        None => (None, None),
        Some(ToolSelection::Auto {
            disable_parallel_tool_use,
        }) => (Some(ToolChoice::Auto), disable_parallel_tool_use),
        Some(ToolSelection::Any {
            disable_parallel_tool_use,
        }) => (Some(ToolChoice::Required), disable_parallel_tool_use),
        Some(ToolSelection::Tool { name }) => (Some(ToolChoice::Named(name)), None),
        Some(ToolSelection::None {}) => (Some(ToolChoice::None), None),
    };
    let may_call = choice != Some(ToolChoice::None);
    let functions = tools.into_iter().enumerate().filter(|_| may_call);
    let functions = functions.map(|(number, tool)| tool.translate(number));
    Ok(ToolOptions {
        functions: functions.collect::<Result<_, _>>()?,
        choice,
        parallel: is_single != Some(true),
    })
}

impl ToolDefinition {
    /// Translates tool number `number`.
    fn translate(self, number: usize) -> Result<FunctionOptions, Fault> {
        if self.kind.is_some_and(|kind| kind != "custom") {
            let message = "This tool's type is not supported; send tools of type custom.";
            return Err(Fault::invalid(format!("tools[{number}].type"), message));
        }
        let parameters = self.input_schema.ok_or_else(|| {
            let message =
                "This tool has no input_schema, the JSON Schema of its arguments; add it.";
            Fault::invalid(format!("tools[{number}].input_schema"), message)
        })?;
        Ok(FunctionOptions {
            name: self.name,
            description: self.description,
            parameters: Some(parameters),
            strict: self.strict == Some(true),
        })
    }
}
