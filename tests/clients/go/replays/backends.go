package main

import "receipt-gateway/tests/clients/go/cases"

// backendWithObjects is a backend that asks OpenRouter for an object, shows a picture, and knows no schema.
var backendWithObjects = []cases.Case{
	reads("a backend with json_object: picture", replay{path: routed, headers: backend,
		body: `{"model":"google/gemini-flash-1.5","messages":[{"role":"system","content":"You read receipts. Answer with JSON alone."},{"role":"user","content":[{"type":"text","text":"Extract the vendor, the date, the items and the total."},{"type":"image_url","image_url":{"url":"{picture}"}}]}],"response_format":{"type":"json_object"},"temperature":0.1,"max_tokens":2000}`}),
	reads("a backend with json_object: address", replay{path: routed, headers: backend,
		body: `{"model":"google/gemini-flash-1.5","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"{address}"}},{"type":"text","text":"Extract the vendor, the date, the items and the total."}]}],"response_format":{"type":"json_object"}}`}),
}

// backendWithReasoning is a backend that says everything in its system message and shows a picture without a text, with
// reasoning and a strict schema of its own.
var backendWithReasoning = []cases.Case{
	tells("a backend with reasoning: picture without text", replay{path: routed, headers: backend,
		body: `{"model":"org/tiny","messages":[{"role":"system","content":[{"type":"text","text":"Tell the sky."}]},{"role":"user","content":[{"type":"image_url","image_url":{"url":"{picture}"}}]}],"reasoning":{"effort":"low","exclude":true},"response_format":{"type":"json_schema","json_schema":{"name":"weather","strict":true,"schema":` + weather + `}}}`}),
	tells("a backend with reasoning: schema in place of the preset's", replay{path: routed, headers: backend,
		body: `{"model":"org/tiny:invoice","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"{address}"}}]}],"reasoning":{"enabled":false},"response_format":{"type":"json_schema","json_schema":{"name":"weather","strict":true,"schema":` + weather + `}}}`}),
}

var backend = map[string]string{
	"User-Agent": "Go-http-client/1.1", "Authorization": "Bearer any", "Content-Type": "application/json",
	"Http-Referer": "https://app.example",
}
