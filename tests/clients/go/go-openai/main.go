// sashabaranov's client of OpenAI.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/sashabaranov/go-openai"

	"receipt-gateway/tests/clients/go/cases"
)

type request = openai.ChatCompletionRequest

var client = connect()

func connect() *openai.Client {
	config := openai.DefaultConfig("any")
	config.BaseURL = cases.Gateway + "/v1"
	return openai.NewClientWithConfig(config)
}

func asking(change func(*request)) request {
	asked := request{
		Model: "org/tiny", MaxTokens: 8,
		Messages: []openai.ChatCompletionMessage{{Role: openai.ChatMessageRoleUser, Content: "Hello"}},
	}
	if change != nil {
		change(&asked)
	}
	return asked
}

func ask(ctx context.Context, change func(*request)) (openai.ChatCompletionResponse, error) {
	return client.CreateChatCompletion(ctx, asking(change))
}

func on(model string, tokens int) func(*request) {
	return func(r *request) { r.Model, r.MaxTokens = model, tokens }
}

func showing(model, url string) func(*request) {
	return func(r *request) {
		r.Model = model
		r.Messages = []openai.ChatCompletionMessage{{Role: openai.ChatMessageRoleUser, MultiContent: []openai.ChatMessagePart{
			{Type: openai.ChatMessagePartTypeText, Text: "Read it."},
			{Type: openai.ChatMessagePartTypeImageURL, ImageURL: &openai.ChatMessageImageURL{
				URL: url, Detail: openai.ImageURLDetailHigh,
			}},
		}}}
	}
}

// streamed hands on every chunk of a stream.
func streamed(ctx context.Context, change func(*request), each func(openai.ChatCompletionStreamResponse)) error {
	stream, err := client.CreateChatCompletionStream(ctx, asking(change))
	if err != nil {
		return err
	}
	defer stream.Close()
	for {
		chunk, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		each(chunk)
	}
}

func calling(r *request) {
	r.MaxTokens, r.ParallelToolCalls = 400, false
	r.Tools = []openai.Tool{{Type: openai.ToolTypeFunction, Function: &openai.FunctionDefinition{
		Name: "weather", Strict: true, Parameters: cases.Weather,
	}}}
	r.ToolChoice = openai.ToolChoice{Type: openai.ToolTypeFunction, Function: openai.ToolFunction{Name: "weather"}}
}

// refused is an error unless `err` is the gateway's, with this status.
func refused(err error, status int) error {
	var fault *openai.APIError
	if !errors.As(err, &fault) {
		return fmt.Errorf("it is no error of the API: %w", err)
	}
	code, named := fault.Code.(string)
	return cases.Expect(fault.HTTPStatusCode == status && named && code != "" && fault.Message != "", "%+v", fault)
}

func main() {
	cases.Run("sashabaranov/go-openai", cases.Version("github.com/sashabaranov/go-openai"), []cases.Case{
		{Name: "receipt by preset", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, showing("receipt", cases.DataURI))
			if err != nil {
				return err
			}
			return cases.Invoice(answer.Choices[0].Message.Content)
		}},
		{Name: "receipt as an object", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, func(r *request) {
				showing("receipt", cases.DataURI)(r)
				r.ResponseFormat = &openai.ChatCompletionResponseFormat{Type: openai.ChatCompletionResponseFormatTypeJSONObject}
			})
			if err != nil {
				return err
			}
			return cases.Invoice(answer.Choices[0].Message.Content)
		}},
		{Name: "chat", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, nil)
			if err != nil {
				return err
			}
			good := answer.Choices[0].FinishReason == openai.FinishReasonLength && answer.Usage.CompletionTokens == 8
			return cases.Expect(good, "%+v", answer)
		}},
		{Name: "picture by address", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, showing("org/tiny", cases.PictureURL))
			if err != nil {
				return err
			}
			return cases.Expect(answer.Usage.PromptTokens > 100, "%+v", answer.Usage)
		}},
		{Name: "stream with usage", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, nil)
			if err != nil {
				return err
			}
			var text string
			var usage *openai.Usage
			err = streamed(ctx, func(r *request) { r.StreamOptions = &openai.StreamOptions{IncludeUsage: true} },
				func(chunk openai.ChatCompletionStreamResponse) {
					for _, choice := range chunk.Choices {
						text += choice.Delta.Content
					}
					usage = chunk.Usage
				})
			if err != nil {
				return err
			}
			same := text == answer.Choices[0].Message.Content
			return cases.Expect(same && usage != nil && usage.CompletionTokens == 8, "%q %+v", text, usage)
		}},
		{Name: "structured output", Body: func(ctx context.Context) error {
			schema, err := json.Marshal(cases.Weather)
			if err != nil {
				return err
			}
			answer, err := ask(ctx, func(r *request) {
				r.MaxTokens = 100
				r.ResponseFormat = &openai.ChatCompletionResponseFormat{
					Type: openai.ChatCompletionResponseFormatTypeJSONSchema,
					JSONSchema: &openai.ChatCompletionResponseFormatJSONSchema{
						Name: "weather", Schema: json.RawMessage(schema), Strict: true,
					},
				}
			})
			if err != nil {
				return err
			}
			return cases.Sky(answer.Choices[0].Message.Content)
		}},
		{Name: "tools, whole and streamed", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, calling)
			if err != nil {
				return err
			}
			call := answer.Choices[0].Message.ToolCalls[0]
			if err := cases.Sky(call.Function.Arguments); err != nil {
				return err
			}
			var pieces string
			err = streamed(ctx, calling, func(chunk openai.ChatCompletionStreamResponse) {
				for _, choice := range chunk.Choices {
					for _, call := range choice.Delta.ToolCalls {
						pieces += call.Function.Arguments
					}
				}
			})
			if err != nil {
				return err
			}
			if err := cases.Expect(pieces == call.Function.Arguments, "%q", pieces); err != nil {
				return err
			}
			_, err = ask(ctx, func(r *request) {
				r.Messages = append(r.Messages, answer.Choices[0].Message, openai.ChatCompletionMessage{
					Role: openai.ChatMessageRoleTool, Content: "31 degrees", ToolCallID: call.ID,
				})
			})
			return err
		}},
		{Name: "log-probabilities", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, func(r *request) { r.LogProbs, r.TopLogProbs = true, 3 })
			if err != nil {
				return err
			}
			told := answer.Choices[0].LogProbs.Content
			return cases.Expect(len(told) == 8 && len(told[0].TopLogProbs) == 3, "%+v", told)
		}},
		{Name: "stop", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, nil)
			if err != nil {
				return err
			}
			word := string([]rune(answer.Choices[0].Message.Content)[3])
			cut, err := ask(ctx, func(r *request) { r.Stop = []string{word} })
			if err != nil {
				return err
			}
			return cases.Expect(cut.Choices[0].FinishReason == openai.FinishReasonStop, "%+v", cut)
		}},
		{Name: "several choices", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, func(r *request) { r.N, r.Temperature = 3, 1 })
			if err != nil {
				return err
			}
			return cases.Expect(len(answer.Choices) == 3 && answer.Choices[2].Index == 2, "%+v", answer)
		}},
		{Name: "models", Body: func(ctx context.Context) error {
			listed, err := client.ListModels(ctx)
			if err != nil {
				return err
			}
			found := false
			for _, model := range listed.Models {
				found = found || model.ID == "org/tiny"
			}
			one, err := client.GetModel(ctx, "org/tiny")
			if err != nil {
				return err
			}
			return cases.Expect(found && one.ID == "org/tiny", "%+v", one)
		}},
		{Name: "unknown model", Body: func(ctx context.Context) error {
			_, err := ask(ctx, on("nobody", 8))
			return refused(err, 404)
		}},
		{Name: "bad request", Body: func(ctx context.Context) error {
			_, err := ask(ctx, func(r *request) { r.Temperature = 3 })
			return refused(err, 400)
		}},
		{Name: "overload", Body: func(ctx context.Context) error {
			return cases.Occupied(ctx, "org/busy", func() error {
				_, err := ask(ctx, on("org/busy", 8))
				return refused(err, 429)
			})
		}},
		{Name: "fault in mid-stream", Body: func(ctx context.Context) error {
			var chunks int
			err := streamed(ctx, on("org/slow", 100_000), func(openai.ChatCompletionStreamResponse) { chunks++ })
			var fault *openai.APIError
			return cases.Expect(chunks > 0 && errors.As(err, &fault) && fault.Message != "", "%d chunks, %v", chunks, err)
		}},
		{Name: "model too slow", Body: func(ctx context.Context) error {
			_, err := ask(ctx, on("org/slow", 100_000))
			return refused(err, 504)
		}},
		{Name: "cancelled stream", Body: func(ctx context.Context) error {
			stream, err := client.CreateChatCompletionStream(ctx, asking(on("org/busy", 100_000)))
			if err != nil {
				return err
			}
			if _, err := stream.Recv(); err != nil {
				return err
			}
			if err := stream.Close(); err != nil {
				return err
			}
			return cases.Soon(ctx, func() error {
				_, err := ask(ctx, on("org/busy", 1))
				return err
			})
		}},
		{Name: "timeout", Body: func(ctx context.Context) error {
			hasty, leave := cases.Hasty(ctx)
			defer leave()
			_, err := ask(hasty, on("org/tiny", 100_000))
			return cases.Expect(errors.Is(err, context.DeadlineExceeded), "%v", err)
		}},
		{Name: "text completion", Body: func(ctx context.Context) error {
			answer, err := client.CreateCompletion(ctx, openai.CompletionRequest{Model: "org/tiny", Prompt: "Once", MaxTokens: 8})
			if err != nil {
				return err
			}
			return cases.Expect(answer.Usage.CompletionTokens == 8, "%+v", answer)
		}},
	})
}
