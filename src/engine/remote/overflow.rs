//! Recognises the error of a prompt that is too long, which every provider phrases differently.
//! Clients know OpenAI's message and shorten their history when they receive it.

use reqwest::StatusCode;
use serde_json::Value;

/// The beginning of OpenAI's message.
const KNOWN: &str = "maximum context length is";

/// Messages of others: OpenRouter and vLLM, `SGLang`, llama.cpp and LM Studio, Mistral, Anthropic,
/// Gemini, TGI.
const WORDS: [&str; 9] = [
    "maximum context length",
    "context length",
    "context size",
    "context window",
    "maximum model length",
    "prompt is too long",
    "input token count",
    "input tokens exceed",
    "`inputs` tokens + `max_new_tokens`",
];

/// Error codes for programs.
const CODES: [&str; 2] = ["context_length_exceeded", "exceed_context_size_error"];

/// Maximum number of characters of a provider's message to pass on.
const MAX_WORDS: usize = 300;

/// Smallest number in a text that may be a count of tokens.
const LEAST: u64 = 64;

/// Returns the message for clients, if `error`, sent with `status`, says that the prompt is too
/// long.
pub fn words(status: StatusCode, error: &Value) -> Option<String> {
    let said = error["message"].as_str().or_else(|| error.as_str());
    let said = said.unwrap_or_default();
    // The upstream error that OpenRouter passes on.
    let raw = error["metadata"]["raw"].as_str().unwrap_or_default();
    let named = [
        &error["code"],
        &error["type"],
        &error["metadata"]["error_type"],
    ];
    let mut named = named.into_iter().filter_map(Value::as_str);
    let is_named = named.any(|name| CODES.contains(&name));
    let may_be_told = matches!(status.as_u16(), 400 | 413 | 422 | 500 | 502);
    let told = [said, raw].into_iter().find(|text| tells(text));
    let is_told = may_be_told && told.is_some();
    if !(is_named || is_told) {
        return None;
    }
    let told = told.unwrap_or(said);
    if told.to_lowercase().contains(KNOWN) && !told.starts_with('{') {
        return Some(told.chars().take(MAX_WORDS).collect());
    }
    let given = |name: &str| error[name].as_u64();
    let figures = given("n_ctx").zip(given("n_prompt_tokens"));
    if let Some((context, prompt)) = figures.or_else(|| figures_in(told)) {
        return Some(format!(
            "This model's maximum context length is {context} tokens. However, your messages resulted in \
             {prompt} tokens. Please reduce the length of the messages."
        ));
    }
    let told: String = told.chars().take(MAX_WORDS).collect();
    Some(format!(
        "Your messages are longer than this model's maximum context length. Please reduce the length of the \
         messages. The provider says: {told}"
    ))
}

fn tells(text: &str) -> bool {
    let text = text.to_lowercase();
    WORDS.iter().any(|words| text.contains(words))
}

/// Returns the tokens of the context and of the prompt: the first two numbers, of which the
/// prompt's is the larger.
fn figures_in(text: &str) -> Option<(u64, u64)> {
    let numbers = text.split(|c: char| !c.is_ascii_digit());
    let numbers = numbers.filter_map(|digits| digits.parse::<u64>().ok());
    let mut numbers = numbers.filter(|number| *number >= LEAST);
    let (one, other) = (numbers.next()?, numbers.next()?);
    (one != other).then(|| (one.min(other), one.max(other)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_providers_message_becomes_openais() {
        for (error, context, prompt) in [
            (
                json!({"code": 400, "type": "exceed_context_size_error", "n_prompt_tokens": 1234, "n_ctx": 512,
                       "message": "request (1234 tokens) exceeds the available context size (512 tokens), try increasing it"}),
                512,
                1234,
            ),
            (
                json!(
                    "the request exceeds the available context size (9000 > 8192). try increasing it"
                ),
                8192,
                9000,
            ),
            (
                json!({"message": "The decoder prompt (length 5000) is longer than the maximum model length of 4096."}),
                4096,
                5000,
            ),
            (
                json!({"message": "prompt is too long: 210000 tokens > 200000 maximum"}),
                200_000,
                210_000,
            ),
            (
                json!({"message": "The input (5000 tokens) is longer than the model's context length (4096 tokens)."}),
                4096,
                5000,
            ),
            (
                json!({"message": "Provider returned error", "code": 400, "metadata": {"raw":
                    "{\"error\":{\"message\":\"The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).\"}}"}}),
                1_048_576,
                1_100_000,
            ),
        ] {
            let expected = format!(
                "This model's maximum context length is {context} tokens. However, your messages resulted in \
                 {prompt} tokens. Please reduce the length of the messages."
            );
            assert_eq!(words(StatusCode::BAD_REQUEST, &error), Some(expected));
        }
    }

    #[test]
    fn messages_that_clients_know_are_kept() {
        for said in [
            "This model's maximum context length is 4097 tokens. However, your messages resulted in 5000 tokens.",
            "This endpoint's maximum context length is 8192 tokens. However, you requested about 9000 tokens.",
        ] {
            let error = json!({"message": said, "code": "context_length_exceeded"});
            assert_eq!(
                words(StatusCode::BAD_REQUEST, &error).as_deref(),
                Some(said)
            );
        }
    }

    #[test]
    fn no_figures_are_invented() {
        let error = json!({"code": "context_length_exceeded", "message": "Too long."});
        let words = words(StatusCode::BAD_GATEWAY, &error).unwrap();
        assert!(words.contains("maximum context length") && words.ends_with("Too long."));
        assert!(!words.contains(char::is_numeric), "{words}");
    }

    #[test]
    fn other_errors_are_not_recognised() {
        for (status, error) in [
            (400, json!({"message": "temperature must be at most 2"})),
            (
                429,
                json!({"message": "Tokens per minute of this context window are used up"}),
            ),
            (401, json!({"message": "This key has no context window"})),
            (400, json!(null)),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(words(status, &error), None, "{error}");
        }
    }
}
