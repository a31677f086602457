package main

import "receipt-gateway/tests/clients/go/cases"

// openRouterSDK is OpenRouter's Go client (go-sdk). Its Accept refuses streams, also where its body asks for one, and
// stream is always there.
var openRouterSDK = []cases.Case{
	reads("OpenRouter's SDK: receipt", replay{path: routed, headers: speakeasy,
		body: `{"max_tokens":8,"messages":[{"content":[{"text":"Read it.","type":"text"},{"image_url":{"url":"{address}"},"type":"image_url"}],"role":"user"}],"model":"receipt","stream":false}`}),
	reads("OpenRouter's SDK: receipt as a file, with plugins", replay{path: routed, headers: speakeasy,
		body: `{"messages":[{"content":[{"text":"Read it.","type":"text"},{"file":{"file_data":"{document}","filename":"invoice.pdf"},"type":"file"}],"role":"user"}],"model":"receipt","plugins":[{"id":"file-parser","pdf":{"engine":"cloudflare-ai"}},{"id":"response-healing"}],"stream":false}`}),
	streams("OpenRouter's SDK: stream", true, replay{path: routed, headers: speakeasy,
		body: `{"max_tokens":8,"messages":[{"content":"Hello","role":"user"}],"model":"org/tiny","stream":true,"stream_options":{"include_usage":true}}`}),
	tells("OpenRouter's SDK: structured output", replay{path: routed, headers: speakeasy,
		body: `{"max_tokens":100,"messages":[{"content":"Hello","role":"user"}],"model":"org/tiny","response_format":{"json_schema":{"name":"weather","schema":` + weather + `,"strict":true},"type":"json_schema"},"stream":false}`}),
	calls("OpenRouter's SDK: tools", replay{path: routed, headers: speakeasy,
		body: `{"max_tokens":400,"messages":[{"content":"Hello","role":"user"}],"model":"org/tiny","parallel_tool_calls":false,"stream":false,"tool_choice":{"function":{"name":"weather"},"type":"function"},"tools":[{"function":{"name":"weather","parameters":` + weather + `,"strict":true},"type":"function"}]}`}),
	refuses("OpenRouter's SDK: unknown model", true, replay{path: routed, headers: speakeasy, status: 404,
		body: `{"messages":[{"content":"Hello","role":"user"}],"model":"nobody","stream":false}`}),
}

var speakeasy = map[string]string{
	"User-Agent":    "speakeasy-sdk/go 0.7.67 2.914.0 1.0.0 github.com/OpenRouterTeam/go-sdk",
	"Accept":        "application/json;q=1, text/event-stream;q=0",
	"Authorization": "Bearer any",
	"Content-Type":  "application/json",
}
