package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"receipt-gateway/tests/clients/go/cases"
)

// replay is a request as a client writes it, byte for byte but for the files.
type replay struct {
	method, path string
	headers      map[string]string
	// body holds {picture}, {address} and {document} in place of a picture, its address and a PDF.
	body string
	// status is the expected one; 0 for 200.
	status int
}

func (r replay) send(ctx context.Context) (*http.Response, []byte, error) {
	files := strings.NewReplacer(
		"{picture}", cases.DataURI, "{address}", cases.PictureURL, "{document}", cases.Document,
	)
	method := r.method
	if method == "" {
		method = http.MethodPost
	}
	request, err := http.NewRequestWithContext(ctx, method, cases.Gateway+r.path, strings.NewReader(files.Replace(r.body)))
	if err != nil {
		return nil, nil, err
	}
	for name, value := range r.headers {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, nil, err
	}
	if wanted := max(r.status, http.StatusOK); response.StatusCode != wanted {
		return nil, nil, fmt.Errorf("%s in place of %d: %s", response.Status, wanted, answer)
	}
	return response, answer, nil
}

// chat is what every client reads of a whole answer. Pointers tell what is absent.
type chat struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	Model   string `json:"model"`
	Choices []struct {
		Index        int     `json:"index"`
		FinishReason *string `json:"finish_reason"`
		Message      struct {
			Role      string `json:"role"`
			Content   string `json:"content"`
			ToolCalls []call `json:"tool_calls"`
		} `json:"message"`
	} `json:"choices"`
	SystemFingerprint *string `json:"system_fingerprint"`
	Usage             *usage  `json:"usage"`
}

type call struct {
	ID       string `json:"id"`
	Type     string `json:"type"`
	Function struct {
		Name      string `json:"name"`
		Arguments string `json:"arguments"`
	} `json:"function"`
}

type usage struct {
	PromptTokens     int `json:"prompt_tokens"`
	CompletionTokens int `json:"completion_tokens"`
	TotalTokens      int `json:"total_tokens"`
}

// whole sends the request and reads a whole answer.
func (r replay) whole(ctx context.Context) (*chat, error) {
	response, body, err := r.send(ctx)
	if err != nil {
		return nil, err
	}
	if kind := response.Header.Get("Content-Type"); kind != "application/json" {
		return nil, fmt.Errorf("the content type is %q", kind)
	}
	answer := new(chat)
	if err := json.Unmarshal(body, answer); err != nil {
		return nil, fmt.Errorf("%s: %w", body, err)
	}
	good := answer.Object == "chat.completion" && answer.ID != "" && answer.Created > 0 && len(answer.Choices) > 0 &&
		answer.Choices[0].FinishReason != nil && answer.Choices[0].Message.Role == "assistant" &&
		answer.SystemFingerprint != nil && answer.Usage != nil && answer.Usage.TotalTokens > 0
	return answer, cases.Expect(good, "%s", body)
}

// chunk is what every client reads of a piece of a stream.
type chunk struct {
	Object  string `json:"object"`
	Choices []struct {
		FinishReason *string `json:"finish_reason"`
		Delta        struct {
			Content   string `json:"content"`
			ToolCalls []call `json:"tool_calls"`
		} `json:"delta"`
	} `json:"choices"`
	Usage *usage `json:"usage"`
	Error *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// streamed sends the request and reads a stream as the strictest of the clients does: a line is empty, a comment that
// begins as OpenRouter's do, or an event's data.
func (r replay) streamed(ctx context.Context) ([]chunk, error) {
	response, body, err := r.send(ctx)
	if err != nil {
		return nil, err
	}
	if kind := response.Header.Get("Content-Type"); kind != "text/event-stream" {
		return nil, fmt.Errorf("the content type is %q", kind)
	}
	var chunks []chunk
	ended := false
	for line := range bytes.Lines(body) {
		line = bytes.TrimSuffix(line, []byte("\n"))
		data, isData := bytes.CutPrefix(line, []byte("data: "))
		switch {
		case len(line) == 0 || bytes.HasPrefix(line, []byte(": OPENROUTER PROCESSING")):
		case !isData || ended:
			return nil, fmt.Errorf("what is %q?", line)
		case string(data) == "[DONE]":
			ended = true
		default:
			var piece chunk
			if err := json.Unmarshal(data, &piece); err != nil {
				return nil, fmt.Errorf("%q: %w", line, err)
			}
			chunks = append(chunks, piece)
		}
	}
	if !ended || len(chunks) == 0 {
		return nil, errors.New("the stream has no end")
	}
	return chunks, nil
}

// reads is a case whose answer is an invoice.
func reads(name string, r replay) cases.Case {
	return cases.Case{Name: name, Body: func(ctx context.Context) error {
		answer, err := r.whole(ctx)
		if err != nil {
			return err
		}
		return cases.Invoice(answer.Choices[0].Message.Content)
	}}
}

// says is a case whose answer is a text of 8 tokens at most.
func says(name string, r replay) cases.Case {
	return cases.Case{Name: name, Body: func(ctx context.Context) error {
		answer, err := r.whole(ctx)
		if err != nil {
			return err
		}
		good := answer.Choices[0].Message.Content != "" && answer.Usage.CompletionTokens <= 8
		return cases.Expect(good, "%+v", answer)
	}}
}

// tells is a case whose answer is an object of the schema weather.
func tells(name string, r replay) cases.Case {
	return cases.Case{Name: name, Body: func(ctx context.Context) error {
		answer, err := r.whole(ctx)
		if err != nil {
			return err
		}
		return cases.Sky(answer.Choices[0].Message.Content)
	}}
}

// calls is a case whose answer is a call of the function weather.
func calls(name string, r replay) cases.Case {
	return cases.Case{Name: name, Body: func(ctx context.Context) error {
		answer, err := r.whole(ctx)
		if err != nil {
			return err
		}
		made := answer.Choices[0].Message.ToolCalls
		if len(made) == 0 || made[0].ID == "" || made[0].Type != "function" || made[0].Function.Name != "weather" {
			return fmt.Errorf("the calls are %+v", made)
		}
		return cases.Sky(made[0].Function.Arguments)
	}}
}

// streams is a case whose answer is a stream; with `counted`, its usage comes last.
func streams(name string, counted bool, r replay) cases.Case {
	return cases.Case{Name: name, Body: func(ctx context.Context) error {
		chunks, err := r.streamed(ctx)
		if err != nil {
			return err
		}
		var text string
		for _, piece := range chunks {
			if piece.Object != "chat.completion.chunk" || piece.Error != nil {
				return fmt.Errorf("%+v", piece)
			}
			for _, choice := range piece.Choices {
				text += choice.Delta.Content
			}
		}
		last := chunks[len(chunks)-1]
		good := text != "" && (!counted || last.Usage != nil && len(last.Choices) == 0)
		return cases.Expect(good, "%q ends with %+v", text, last)
	}}
}

// refuses is a case whose answer is an error in OpenAI's form, or with `openRouter` in OpenRouter's.
func refuses(name string, openRouter bool, r replay) cases.Case {
	return cases.Case{Name: name, Body: func(ctx context.Context) error {
		_, body, err := r.send(ctx)
		if err != nil {
			return err
		}
		var told struct {
			Error struct {
				Message string          `json:"message"`
				Type    string          `json:"type"`
				Code    json.RawMessage `json:"code"`
			} `json:"error"`
		}
		if err := json.Unmarshal(body, &told); err != nil {
			return fmt.Errorf("%s: %w", body, err)
		}
		var code any
		if err := json.Unmarshal(told.Error.Code, &code); err != nil {
			return fmt.Errorf("%s: %w", body, err)
		}
		_, isText := code.(string)
		good := told.Error.Message != "" && isText == !openRouter && (openRouter || told.Error.Type != "")
		return cases.Expect(good, "%s", body)
	}}
}
