package main

import (
	"context"
	"encoding/json"
	"fmt"

	"receipt-gateway/tests/clients/go/cases"
)

// n8n analyses pictures by the Responses API, and its agents chat by LangChain's JavaScript client.
var n8n = []cases.Case{
	{Name: "n8n: picture analysed", Body: func(ctx context.Context) error {
		_, body, err := replay{path: "/v1/responses", headers: n8nNode,
			body: `{"model":"receipt","input":[{"role":"user","content":[{"type":"input_text","text":"What's in this image?"},{"type":"input_image","detail":"auto","image_url":"{picture}"}]}],"max_output_tokens":300}`,
		}.send(ctx)
		if err != nil {
			return err
		}
		var told struct {
			Output []struct {
				Content []struct {
					Type string `json:"type"`
					Text string `json:"text"`
				} `json:"content"`
			} `json:"output"`
			Usage struct {
				InputTokens  int `json:"input_tokens"`
				OutputTokens int `json:"output_tokens"`
			} `json:"usage"`
		}
		if err := json.Unmarshal(body, &told); err != nil || len(told.Output) == 0 || told.Usage.InputTokens == 0 {
			return fmt.Errorf("%s: %w", body, err)
		}
		return cases.Invoice(told.Output[0].Content[0].Text)
	}},
	streams("n8n: agent's turn", true, replay{path: chats, headers: n8nAgent,
		body: `{"model":"org/tiny","temperature":0.7,"top_p":1,"frequency_penalty":0,"presence_penalty":0,"max_tokens":8,"n":1,"stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"system","content":"You are a helpful assistant"},{"role":"user","content":"Hello"}]}`}),
	calls("n8n: agent's tool", replay{path: chats, headers: n8nAgent,
		body: `{"model":"org/tiny","max_tokens":400,"n":1,"tools":[{"type":"function","function":{"name":"weather","description":"Tells the sky.","parameters":` + weather + `}}],"tool_choice":"required","parallel_tool_calls":false,"stream":false,"messages":[{"role":"user","content":"Hello"}]}`}),
}

var n8nNode = map[string]string{
	"User-Agent": "axios/1.12.0", "Accept": "application/json,text/html,application/xhtml+xml,application/xml,text/*;q=0.9, image/*;q=0.8, */*;q=0.7",
	"Authorization": "Bearer any", "Content-Type": "application/json",
}

var n8nAgent = map[string]string{
	"User-Agent": "langchainjs-openai/1.0.0 (node/22.0.0; linux/x64)", "Accept": "application/json", "Authorization": "Bearer any",
	"Content-Type": "application/json", "X-Stainless-Lang": "js", "X-Stainless-Retry-Count": "0",
}
