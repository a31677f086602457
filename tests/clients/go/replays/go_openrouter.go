package main

import "receipt-gateway/tests/clients/go/cases"

// goOpenRouter is reVrost's go-openrouter. Its headers may be empty, and a stream's line that is neither empty, nor
// data, nor a comment that begins with OPENROUTER PROCESSING ends the stream silently.
var goOpenRouter = []cases.Case{
	reads("go-openrouter: receipt", replay{path: routed, headers: titled,
		body: `{"model":"receipt","messages":[{"role":"user","content":[{"type":"text","text":"Read it."},{"type":"image_url","image_url":{"url":"{picture}"}}]}],"max_tokens":8}`}),
	reads("go-openrouter: receipt as a file, with a plugin", replay{path: routed, headers: titled,
		body: `{"model":"receipt","messages":[{"role":"user","content":[{"type":"text","text":"Read it."},{"type":"file","file":{"filename":"invoice.pdf","file_data":"{document}"}}]}],"plugins":[{"id":"file-parser","pdf":{"engine":"pdf-text"}}],"max_tokens":8}`}),
	says("go-openrouter: chat with usage", replay{path: routed, headers: titled,
		body: `{"model":"org/tiny","messages":[{"role":"user","content":"Hello"}],"max_tokens":8,"usage":{"include":true}}`}),
	streams("go-openrouter: stream", true, replay{path: routed, headers: with(titled, map[string]string{
		"Accept": "text/event-stream", "Cache-Control": "no-cache", "Connection": "keep-alive",
	}), body: `{"model":"org/tiny","messages":[{"role":"user","content":"Hello"}],"max_tokens":8,"stream":true,"stream_options":{"include_usage":true}}`}),
	calls("go-openrouter: tools", replay{path: routed, headers: titled,
		body: `{"model":"org/tiny","messages":[{"role":"user","content":"Hello"}],"max_tokens":400,"tools":[{"type":"function","function":{"name":"weather","strict":true,"parameters":` + weather + `}}],"tool_choice":"required","parallel_tool_calls":false}`}),
	refuses("go-openrouter: unknown model", true, replay{path: routed, headers: titled, status: 404,
		body: `{"model":"nobody","messages":[{"role":"user","content":"Hello"}],"max_tokens":8}`}),
}

var titled = map[string]string{
	"User-Agent": "Go-http-client/1.1", "Accept": "application/json; charset=utf-8", "Authorization": "Bearer any",
	"Content-Type": "application/json; charset=utf-8", "Http-Referer": "", "X-Openrouter-Title": "",
}
