package main

import "receipt-gateway/tests/clients/go/cases"

// langchain is langchaingo with its model for OpenAI. It always sends a temperature, puts additionalProperties into
// every part of a schema, also beside a string's enum, and accepts any content type.
var langchain = []cases.Case{
	reads("langchaingo: receipt in JSON mode", replay{path: chats, headers: bare,
		body: `{"model":"receipt","messages":[{"role":"user","content":[{"text":"Read it.","type":"text"},{"type":"image_url","image_url":{"url":"{address}"}}]}],"response_format":{"type":"json_object"},"max_completion_tokens":8,"temperature":0}`}),
	says("langchaingo: chat", replay{path: chats, headers: bare,
		body: `{"model":"org/tiny","messages":[{"role":"user","content":"Hello"}],"max_completion_tokens":8,"temperature":0}`}),
	streams("langchaingo: stream", true, replay{path: chats, headers: bare,
		body: `{"model":"org/tiny","messages":[{"role":"user","content":"Hello"}],"stream":true,"stream_options":{"include_usage":true},"max_completion_tokens":8,"temperature":0}`}),
	tells("langchaingo: structured output", replay{path: chats, headers: bare,
		body: `{"model":"org/tiny","messages":[{"role":"user","content":"Hello"}],"response_format":{"type":"json_schema","json_schema":{"name":"weather","strict":true,"schema":{"type":"object","properties":{"sky":{"type":"string","enum":["blue","grey"],"additionalProperties":false}},"additionalProperties":false,"required":["sky"]}}},"max_completion_tokens":100,"temperature":0}`}),
	calls("langchaingo: tools", replay{path: chats, headers: bare,
		body: `{"model":"org/tiny","messages":[{"role":"user","content":"Hello"}],"tools":[{"type":"function","function":{"name":"weather","description":"Tells the sky.","parameters":` + weather + `,"strict":true}}],"tool_choice":{"type":"function","function":{"name":"weather","arguments":""}},"max_completion_tokens":400,"temperature":0}`}),
}

// bare is a client without an Accept.
var bare = map[string]string{
	"User-Agent": "langchaingo/devel langchaingo/v0.1.14 Go/go1.27.3 (linux amd64)", "Authorization": "Bearer any",
	"Content-Type": "application/json",
}
