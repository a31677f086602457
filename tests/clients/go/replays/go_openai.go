package main

import "receipt-gateway/tests/clients/go/cases"

// goOpenAI is sashabaranov's go-openai. It drops a temperature of 0.
var goOpenAI = []cases.Case{
	reads("go-openai: receipt as an object", replay{path: chats, headers: plainGo,
		body: `{"model":"receipt","messages":[{"role":"user","content":[{"type":"text","text":"Read it."},{"type":"image_url","image_url":{"url":"{picture}","detail":"high"}}]}],"max_tokens":8,"stream":false,"response_format":{"type":"json_object"}}`}),
	says("go-openai: chat", replay{path: chats, headers: plainGo,
		body: `{"model":"org/tiny","messages":[{"role":"user","content":"Hello"}],"max_tokens":8,"stream":false}`}),
	streams("go-openai: stream", false, replay{path: chats, headers: with(plainGo, map[string]string{
		"Accept": "text/event-stream", "Cache-Control": "no-cache", "Connection": "keep-alive",
	}), body: `{"model":"org/tiny","messages":[{"role":"user","content":"Hello"}],"max_tokens":8,"stream":true}`}),
	tells("go-openai: structured output", replay{path: chats, headers: plainGo,
		body: `{"model":"org/tiny","messages":[{"role":"user","content":"Hello"}],"max_tokens":100,"stream":false,"response_format":{"type":"json_schema","json_schema":{"name":"weather","schema":` + weather + `,"strict":true}}}`}),
	calls("go-openai: tools", replay{path: chats, headers: plainGo,
		body: `{"model":"org/tiny","messages":[{"role":"user","content":"Hello"}],"max_tokens":400,"stream":false,"tools":[{"type":"function","function":{"name":"weather","strict":true,"parameters":` + weather + `}}],"tool_choice":{"type":"function","function":{"name":"weather"}},"parallel_tool_calls":false}`}),
	refuses("go-openai: bad request", false, replay{path: chats, headers: plainGo, status: 400,
		body: `{"model":"org/tiny","messages":[{"role":"user","content":"Hello"}],"max_tokens":8,"temperature":3,"stream":false}`}),
}

var plainGo = map[string]string{
	"User-Agent": "Go-http-client/1.1", "Accept": "application/json", "Authorization": "Bearer any",
	"Content-Type": "application/json",
}

// with is `headers` with some replaced.
func with(headers, others map[string]string) map[string]string {
	all := map[string]string{}
	for _, some := range []map[string]string{headers, others} {
		for name, value := range some {
			all[name] = value
		}
	}
	return all
}
