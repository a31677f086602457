package main

import "receipt-gateway/tests/clients/go/cases"

// openaiGo is OpenAI's Go client (openai-go v3). It asks for JSON even where it wants a stream, and writes a part's
// type last.
var openaiGo = []cases.Case{
	reads("openai-go: receipt", replay{path: chats, headers: stainless,
		body: `{"messages":[{"content":[{"text":"Read it.","type":"text"},{"image_url":{"url":"{picture}","detail":"high"},"type":"image_url"}],"role":"user"}],"model":"receipt"}`}),
	reads("openai-go: receipt as a file", replay{path: chats, headers: stainless,
		body: `{"messages":[{"content":[{"text":"Read it.","type":"text"},{"file":{"file_data":"{document}","filename":"invoice.pdf"},"type":"file"}],"role":"user"}],"model":"receipt"}`}),
	streams("openai-go: stream", true, replay{path: chats, headers: stainless,
		body: `{"messages":[{"content":"Hello","role":"user"}],"model":"org/tiny","max_completion_tokens":8,"stream_options":{"include_usage":true},"stream":true}`}),
	tells("openai-go: structured output", replay{path: chats, headers: stainless,
		body: `{"messages":[{"content":"Hello","role":"user"}],"model":"org/tiny","max_tokens":100,"response_format":{"json_schema":{"name":"weather","strict":true,"schema":` + weather + `},"type":"json_schema"}}`}),
	calls("openai-go: tools", replay{path: chats, headers: stainless,
		body: `{"messages":[{"content":"Hello","role":"user"}],"model":"org/tiny","max_tokens":400,"parallel_tool_calls":false,"tool_choice":{"function":{"name":"weather"},"type":"function"},"tools":[{"function":{"name":"weather","strict":true,"parameters":` + weather + `},"type":"function"}]}`}),
	refuses("openai-go: unknown model", false, replay{path: chats, headers: stainless, status: 404,
		body: `{"messages":[{"content":"Hello","role":"user"}],"model":"nobody"}`}),
}

const (
	// chats is OpenAI's route, routed OpenRouter's.
	chats, routed = "/v1/chat/completions", "/api/v1/chat/completions"
	// weather is the schema of an object with the one key sky.
	weather = `{"additionalProperties":false,"properties":{"sky":{"enum":["blue","grey"],"type":"string"}},"required":["sky"],"type":"object"}`
)

var stainless = map[string]string{
	"User-Agent":                  "OpenAI/Go 3.52.0",
	"Accept":                      "application/json",
	"Authorization":               "Bearer any",
	"Content-Type":                "application/json",
	"X-Stainless-Arch":            "x64",
	"X-Stainless-Lang":            "go",
	"X-Stainless-Os":              "Linux",
	"X-Stainless-Package-Version": "3.52.0",
	"X-Stainless-Retry-Count":     "0",
	"X-Stainless-Runtime":         "go",
	"X-Stainless-Runtime-Version": "go1.27.3",
}
