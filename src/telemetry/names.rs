//! Names of attributes. Those of HTTP and of generative AI are OpenTelemetry's, version 1.40 and
//! <https://github.com/open-telemetry/semantic-conventions-genai>; the others begin with the
//! gateway's own prefix.

pub const ERROR_TYPE: &str = "error.type";
pub const SERVICE_NAME: &str = "service.name";
pub const SERVICE_VERSION: &str = "service.version";

pub const HTTP_REQUEST_METHOD: &str = "http.request.method";
pub const HTTP_REQUEST_METHOD_ORIGINAL: &str = "http.request.method_original";
pub const HTTP_RESPONSE_STATUS_CODE: &str = "http.response.status_code";
pub const HTTP_ROUTE: &str = "http.route";
pub const URL_PATH: &str = "url.path";
pub const URL_SCHEME: &str = "url.scheme";

pub const OPERATION_NAME: &str = "gen_ai.operation.name";
pub const OUTPUT_TYPE: &str = "gen_ai.output.type";
pub const PROVIDER_NAME: &str = "gen_ai.provider.name";
pub const REQUEST_FREQUENCY_PENALTY: &str = "gen_ai.request.frequency_penalty";
pub const REQUEST_MAX_TOKENS: &str = "gen_ai.request.max_tokens";
pub const REQUEST_MODEL: &str = "gen_ai.request.model";
pub const REQUEST_PRESENCE_PENALTY: &str = "gen_ai.request.presence_penalty";
pub const REQUEST_SEED: &str = "gen_ai.request.seed";
pub const REQUEST_TEMPERATURE: &str = "gen_ai.request.temperature";
pub const REQUEST_TOP_K: &str = "gen_ai.request.top_k";
pub const REQUEST_TOP_P: &str = "gen_ai.request.top_p";
pub const RESPONSE_FINISH_REASONS: &str = "gen_ai.response.finish_reasons";
/// Seconds.
pub const RESPONSE_TIME_TO_FIRST_CHUNK: &str = "gen_ai.response.time_to_first_chunk";
pub const USAGE_INPUT_TOKENS: &str = "gen_ai.usage.input_tokens";
pub const USAGE_OUTPUT_TOKENS: &str = "gen_ai.usage.output_tokens";

/// Seconds that a generation waited for a place.
pub const QUEUE_DURATION: &str = "receipt_gateway.queue.duration";
pub const REQUEST_ID: &str = "receipt_gateway.request_id";
pub const ATTEMPTS: &str = "receipt_gateway.attempts";
pub const CONFIDENCE: &str = "receipt_gateway.confidence";
pub const CACHE: &str = "receipt_gateway.cache";
pub const CHECKS: &str = "receipt_gateway.checks";
pub const MODEL: &str = "receipt_gateway.model";
pub const PROVIDER: &str = "receipt_gateway.provider";
