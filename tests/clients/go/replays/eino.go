package main

import "receipt-gateway/tests/clients/go/cases"

// eino is CloudWeGo's eino-ext with its model for OpenAI. It always asks for the usage of a stream, and forces a tool by
// its name.
var eino = []cases.Case{
	reads("eino: receipt", replay{path: chats, headers: plainGo,
		body: `{"model":"receipt","messages":[{"role":"user","content":[{"type":"text","text":"Read it."},{"type":"image_url","image_url":{"url":"{picture}"}}]}],"max_tokens":8}`}),
	streams("eino: stream", true, replay{path: chats, headers: with(plainGo, map[string]string{
		"Accept": "text/event-stream", "Cache-Control": "no-cache", "Connection": "keep-alive",
	}), body: `{"model":"org/tiny","messages":[{"role":"user","content":"Hello"}],"max_tokens":8,"stream":true,"stream_options":{"include_usage":true}}`}),
	tells("eino: structured output", replay{path: chats, headers: plainGo,
		body: `{"model":"org/tiny","messages":[{"role":"user","content":"Hello"}],"max_tokens":100,"response_format":{"type":"json_schema","json_schema":{"name":"weather","schema":` + weather + `,"strict":true}}}`}),
	calls("eino: tools", replay{path: chats, headers: plainGo,
		body: `{"model":"org/tiny","messages":[{"role":"user","content":"Hello"}],"max_tokens":400,"tools":[{"type":"function","function":{"name":"weather","description":"Tells the sky.","parameters":` + weather + `}}],"tool_choice":{"type":"function","function":{"name":"weather"}}}`}),
	says("eino: fields of its own", replay{path: chats, headers: plainGo,
		body: `{"logprobs":true,"max_tokens":8,"messages":[{"role":"user","content":"Hello"}],"model":"org/tiny","reasoning_effort":"low","top_logprobs":3}`}),
}
