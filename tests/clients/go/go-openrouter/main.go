// reVrost's client of OpenRouter.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/revrost/go-openrouter"

	"receipt-gateway/tests/clients/go/cases"
)

type request = openrouter.ChatCompletionRequest

var client = connect()

func connect() *openrouter.Client {
	config := openrouter.DefaultConfig("any")
	config.BaseURL = cases.Gateway + "/api/v1"
	return openrouter.NewClientWithConfig(*config)
}

func asking(change func(*request)) request {
	asked := request{
		Model: "org/tiny", MaxTokens: 8,
		Messages: []openrouter.ChatCompletionMessage{openrouter.UserMessage("Hello")},
	}
	if change != nil {
		change(&asked)
	}
	return asked
}

func ask(ctx context.Context, change func(*request)) (openrouter.ChatCompletionResponse, error) {
	return client.CreateChatCompletion(ctx, asking(change))
}

func on(model string, tokens int) func(*request) {
	return func(r *request) { r.Model, r.MaxTokens = model, tokens }
}

func showing(model string, message openrouter.ChatCompletionMessage) func(*request) {
	return func(r *request) {
		r.Model, r.Messages = model, []openrouter.ChatCompletionMessage{message}
	}
}

// streamed hands on every chunk of a stream.
func streamed(ctx context.Context, change func(*request), each func(openrouter.ChatCompletionStreamResponse)) error {
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
	r.MaxTokens, r.ParallelToolCalls, r.ToolChoice = 400, false, "required"
	r.Tools = []openrouter.Tool{{Type: openrouter.ToolTypeFunction, Function: &openrouter.FunctionDefinition{
		Name: "weather", Strict: true, Parameters: cases.Weather,
	}}}
}

func refused(err error, status int) error {
	var fault *openrouter.APIError
	if !errors.As(err, &fault) {
		return fmt.Errorf("it is no error of the API: %w", err)
	}
	same := fault.HTTPStatusCode == status && openrouter.IsAPIErrorCode(err, status)
	return cases.Expect(same && fault.Message != "", "%+v", fault)
}

func receipt(ctx context.Context, change func(*request)) error {
	answer, err := ask(ctx, change)
	if err != nil {
		return err
	}
	return cases.Invoice(answer.Choices[0].Message.Content.Text)
}

func main() {
	openrouter.DisableLogs()
	cases.Run("reVrost/go-openrouter", cases.Version("github.com/revrost/go-openrouter"), []cases.Case{
		{Name: "receipt by preset", Body: func(ctx context.Context) error {
			return receipt(ctx, showing("receipt", openrouter.UserMessageWithImage("Read it.", cases.DataURI)))
		}},
		{Name: "receipt as a file, with a plugin", Body: func(ctx context.Context) error {
			return receipt(ctx, func(r *request) {
				showing("receipt", openrouter.UserMessageWithPDF("Read it.", "invoice.pdf", cases.Document))(r)
				r.Plugins = []openrouter.ChatCompletionPlugin{{
					ID: openrouter.PluginIDFileParser, PDF: &openrouter.PDFPlugin{Engine: string(openrouter.PDFEnginePDFText)},
				}}
			})
		}},
		{Name: "receipt by another model", Body: func(ctx context.Context) error {
			answer, err := client.CreateChatCompletionWithFallback(ctx, asking(func(r *request) {
				showing("org/slow:invoice", openrouter.UserMessageWithImage("Read it.", cases.PictureURL))(r)
			}), "receipt")
			if err != nil {
				return err
			}
			return cases.Invoice(answer.Choices[0].Message.Content.Text)
		}},
		{Name: "chat", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, func(r *request) { r.Usage = &openrouter.IncludeUsage{Include: true} })
			if err != nil {
				return err
			}
			good := answer.Choices[0].FinishReason == openrouter.FinishReasonLength && answer.Usage.CompletionTokens == 8
			return cases.Expect(good && answer.Provider != "", "%+v", answer)
		}},
		{Name: "picture by address", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, showing("org/tiny", openrouter.UserMessageWithImage("What is it?", cases.PictureURL)))
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
			var usage *openrouter.Usage
			err = streamed(ctx, func(r *request) { r.StreamOptions = &openrouter.StreamOptions{IncludeUsage: true} },
				func(chunk openrouter.ChatCompletionStreamResponse) {
					for _, choice := range chunk.Choices {
						text += choice.Delta.Content
					}
					usage = chunk.Usage
				})
			if err != nil {
				return err
			}
			same := text == answer.Choices[0].Message.Content.Text
			return cases.Expect(same && usage != nil && usage.CompletionTokens == 8, "%q %+v", text, usage)
		}},
		{Name: "structured output", Body: func(ctx context.Context) error {
			schema, err := json.Marshal(cases.Weather)
			if err != nil {
				return err
			}
			answer, err := ask(ctx, func(r *request) {
				r.MaxTokens = 100
				r.ResponseFormat = &openrouter.ChatCompletionResponseFormat{
					Type: openrouter.ChatCompletionResponseFormatTypeJSONSchema,
					JSONSchema: &openrouter.ChatCompletionResponseFormatJSONSchema{
						Name: "weather", Schema: json.RawMessage(schema), Strict: true,
					},
				}
			})
			if err != nil {
				return err
			}
			return cases.Sky(answer.Choices[0].Message.Content.Text)
		}},
		{Name: "tools, whole and streamed", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, calling)
			if err != nil {
				return err
			}
			whole := answer.Choices[0].Message.ToolCalls[0].Function.Arguments
			if err := cases.Sky(whole); err != nil {
				return err
			}
			var pieces string
			err = streamed(ctx, calling, func(chunk openrouter.ChatCompletionStreamResponse) {
				for _, choice := range chunk.Choices {
					for _, call := range choice.Delta.ToolCalls {
						pieces += call.Function.Arguments
					}
				}
			})
			if err != nil {
				return err
			}
			return cases.Expect(pieces == whole, "%q", pieces)
		}},
		{Name: "log-probabilities", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, func(r *request) { r.LogProbs, r.TopLogProbs = true, 3 })
			if err != nil {
				return err
			}
			told := answer.Choices[0].LogProbs
			return cases.Expect(told != nil && len(told.Content) == 8 && len(told.Content[0].TopLogProbs) == 3, "%+v", told)
		}},
		{Name: "stop", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, nil)
			if err != nil {
				return err
			}
			word := string([]rune(answer.Choices[0].Message.Content.Text)[3])
			cut, err := ask(ctx, func(r *request) { r.Stop = []string{word} })
			if err != nil {
				return err
			}
			return cases.Expect(cut.Choices[0].FinishReason == openrouter.FinishReasonStop, "%+v", cut)
		}},
		{Name: "models", Body: func(ctx context.Context) error {
			models, err := client.ListModels(ctx)
			if err != nil {
				return err
			}
			found := false
			for _, model := range models {
				found = found || model.ID == "org/tiny" && len(model.Architecture.InputModalities) > 0
			}
			return cases.Expect(found, "%+v", models)
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
			// This client has no field for the fault; how the stream finished is all that it tells.
			var reason openrouter.FinishReason
			err := streamed(ctx, on("org/slow", 100_000), func(chunk openrouter.ChatCompletionStreamResponse) {
				reason = chunk.Choices[0].FinishReason
			})
			return cases.Expect(err == nil && reason == "error", "%q %v", reason, err)
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
			stream.Close()
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
	})
}
