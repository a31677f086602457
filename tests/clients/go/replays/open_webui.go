package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"receipt-gateway/tests/clients/go/cases"
)

// openWebUI is Open WebUI: it checks a connection by the list of models, and after a chat asks the same model for the
// chat's title and tags.
var openWebUI = []cases.Case{
	{Name: "Open WebUI: connection", Body: func(ctx context.Context) error {
		_, body, err := replay{method: http.MethodGet, path: "/v1/models", headers: webUI}.send(ctx)
		if err != nil {
			return err
		}
		var told struct {
			Object string `json:"object"`
			Data   []struct {
				ID string `json:"id"`
			} `json:"data"`
		}
		if err := json.Unmarshal(body, &told); err != nil || told.Object != "list" || len(told.Data) == 0 {
			return fmt.Errorf("%s: %w", body, err)
		}
		return nil
	}},
	streams("Open WebUI: chat", true, replay{path: chats, headers: webUI,
		body: `{"stream":true,"model":"org/tiny","messages":[{"role":"user","content":"Hello"}],"max_tokens":8,"stream_options":{"include_usage":true}}`}),
	streams("Open WebUI: receipt", false, replay{path: chats, headers: webUI,
		body: `{"stream":true,"model":"receipt","messages":[{"role":"user","content":[{"type":"text","text":"Read it."},{"type":"image_url","image_url":{"url":"{picture}"}}]}]}`}),
	says("Open WebUI: title", replay{path: chats, headers: webUI,
		body: `{"model":"org/tiny","messages":[{"role":"user","content":"### Task:\nGenerate a title."}],"stream":false,"max_completion_tokens":8}`}),
}

var webUI = map[string]string{
	"User-Agent": "Python/3.11 aiohttp/3.12.15", "Accept": "*/*", "Accept-Encoding": "identity", "Authorization": "Bearer any",
	"Content-Type": "application/json", "X-OpenWebUI-User-Name": "Ayu", "X-OpenWebUI-Chat-Id": "5",
}
