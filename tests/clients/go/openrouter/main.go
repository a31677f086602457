// OpenRouter's own Go client.
package main

import (
	"context"
	"errors"
	"fmt"

	openrouter "github.com/OpenRouterTeam/go-sdk"
	"github.com/OpenRouterTeam/go-sdk/models/components"
	"github.com/OpenRouterTeam/go-sdk/models/sdkerrors"
	"github.com/OpenRouterTeam/go-sdk/optionalnullable"
	"github.com/OpenRouterTeam/go-sdk/retry"

	"receipt-gateway/tests/clients/go/cases"
)

// Without a setting this client asks again for an hour after any status of 5xx.
var client = openrouter.New(
	openrouter.WithServerURL(cases.Gateway+"/api/v1"), openrouter.WithSecurity("any"),
	openrouter.WithRetryConfig(retry.Config{Strategy: "none"}),
)

type request = components.ChatRequest

func some[T any](value T) optionalnullable.OptionalNullable[T] { return optionalnullable.From(&value) }

func user(content components.ChatUserMessageContent) []components.ChatMessages {
	return []components.ChatMessages{components.CreateChatMessagesUser(components.ChatUserMessage{
		Role: components.ChatUserMessageRoleUser, Content: content,
	})}
}

func asking(change func(*request)) request {
	asked := request{
		Model:     openrouter.Pointer("org/tiny"),
		Messages:  user(components.CreateChatUserMessageContentStr("Hello")),
		MaxTokens: some(int64(8)),
	}
	if change != nil {
		change(&asked)
	}
	return asked
}

func ask(ctx context.Context, change func(*request)) (*components.ChatResult, error) {
	answer, err := client.Chat.Send(ctx, asking(change), nil)
	if err != nil {
		return nil, err
	}
	if answer.ChatResult == nil || len(answer.ChatResult.Choices) == 0 {
		return nil, fmt.Errorf("there is no answer in %+v", answer)
	}
	return answer.ChatResult, nil
}

func said(answer *components.ChatResult) string {
	content, _ := answer.Choices[0].Message.Content.GetOrZero()
	if content.Str == nil {
		return ""
	}
	return *content.Str
}

func on(model string, tokens int64) func(*request) {
	return func(r *request) { r.Model, r.MaxTokens = &model, some(tokens) }
}

func showing(model string, part components.ChatContentItems) func(*request) {
	return func(r *request) {
		r.Model = &model
		r.Messages = user(components.CreateChatUserMessageContentArrayOfChatContentItems([]components.ChatContentItems{
			components.CreateChatContentItemsText(components.ChatContentText{
				Type: components.ChatContentTextTypeText, Text: "Read it.",
			}), part,
		}))
	}
}

func picture(url string) components.ChatContentItems {
	return components.CreateChatContentItemsImageURL(components.ChatContentImage{
		Type: components.ChatContentImageTypeImageURL, ImageURL: components.ChatContentImageImageURL{URL: url},
	})
}

// streamed hands on every chunk of a stream.
func streamed(ctx context.Context, change func(*request), each func(components.ChatStreamChunk)) error {
	asked := asking(change)
	asked.Stream = openrouter.Bool(true)
	answer, err := client.Chat.Send(ctx, asked, nil)
	if err != nil {
		return err
	}
	if answer.EventStream == nil {
		return fmt.Errorf("there is no stream in %+v", answer)
	}
	defer answer.EventStream.Close()
	for answer.EventStream.Next() {
		each(answer.EventStream.Value().Data)
	}
	return answer.EventStream.Err()
}

func calling(r *request) {
	r.MaxTokens, r.ParallelToolCalls = some(int64(400)), some(false)
	r.Tools = []components.ChatFunctionTool{components.CreateChatFunctionToolChatFunctionToolFunction(
		components.ChatFunctionToolFunction{
			Type: components.ChatFunctionToolTypeFunction,
			Function: components.ChatFunctionToolFunctionFunction{
				Name: "weather", Parameters: cases.Weather, Strict: some(true),
			},
		},
	)}
	choice := components.CreateChatToolChoiceChatNamedToolChoice(components.ChatNamedToolChoice{
		Type:     components.ChatNamedToolChoiceTypeFunction,
		Function: components.ChatNamedToolChoiceFunction{Name: "weather"},
	})
	r.ToolChoice = &choice
}

func receipt(ctx context.Context, change func(*request)) error {
	answer, err := ask(ctx, change)
	if err != nil {
		return err
	}
	return cases.Invoice(said(answer))
}

func main() {
	cases.Run("OpenRouterTeam/go-sdk", cases.Version("github.com/OpenRouterTeam/go-sdk"), []cases.Case{
		{Name: "receipt by preset", Body: func(ctx context.Context) error {
			return receipt(ctx, showing("receipt", picture(cases.DataURI)))
		}},
		{Name: "receipt as a file, with plugins", Body: func(ctx context.Context) error {
			file := components.CreateChatContentItemsFile(components.ChatContentFile{
				Type: components.ChatContentFileTypeFile,
				File: components.File{FileData: &cases.Document, Filename: openrouter.String("invoice.pdf")},
			})
			return receipt(ctx, func(r *request) {
				showing("receipt", file)(r)
				r.Plugins = []components.ChatRequestPlugin{
					components.CreateChatRequestPluginFileParser(components.FileParserPlugin{ID: "file-parser"}),
					components.CreateChatRequestPluginResponseHealing(components.ResponseHealingPlugin{ID: "response-healing"}),
				}
			})
		}},
		{Name: "chat", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, nil)
			if err != nil {
				return err
			}
			good := *answer.Choices[0].FinishReason == components.ChatFinishReasonEnumLength && answer.Usage.CompletionTokens == 8
			return cases.Expect(good && answer.SystemFingerprint != nil, "%+v", answer)
		}},
		{Name: "picture by address", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, showing("org/tiny", picture(cases.PictureURL)))
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
			var usage *components.ChatUsage
			err = streamed(ctx, func(r *request) {
				r.StreamOptions = some(components.ChatStreamOptions{IncludeUsage: openrouter.Bool(true)})
			}, func(chunk components.ChatStreamChunk) {
				for _, choice := range chunk.Choices {
					piece, _ := choice.Delta.Content.GetOrZero()
					text += piece
				}
				usage = chunk.Usage
			})
			if err != nil {
				return err
			}
			return cases.Expect(text == said(answer) && usage != nil && usage.CompletionTokens == 8, "%q %+v", text, usage)
		}},
		{Name: "structured output", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, func(r *request) {
				r.MaxTokens = some(int64(100))
				format := components.CreateResponseFormatJSONSchema(components.ChatFormatJSONSchemaConfig{
					Type:       components.ChatFormatJSONSchemaConfigTypeJSONSchema,
					JSONSchema: components.ChatJSONSchemaConfig{Name: "weather", Schema: cases.Weather, Strict: some(true)},
				})
				r.ResponseFormat = &format
			})
			if err != nil {
				return err
			}
			return cases.Sky(said(answer))
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
			err = streamed(ctx, calling, func(chunk components.ChatStreamChunk) {
				for _, choice := range chunk.Choices {
					for _, call := range choice.Delta.ToolCalls {
						if call.Function.Arguments != nil {
							pieces += *call.Function.Arguments
						}
					}
				}
			})
			if err != nil {
				return err
			}
			return cases.Expect(pieces == whole, "%q", pieces)
		}},
		{Name: "log-probabilities", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, func(r *request) { r.Logprobs, r.TopLogprobs = some(true), some(int64(3)) })
			if err != nil {
				return err
			}
			told, _ := answer.Choices[0].Logprobs.GetOrZero()
			return cases.Expect(len(told.Content) == 8 && len(told.Content[0].TopLogprobs) == 3, "%+v", told)
		}},
		{Name: "stop", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, nil)
			if err != nil {
				return err
			}
			word := string([]rune(said(answer))[3])
			cut, err := ask(ctx, func(r *request) { r.Stop = some(components.CreateStopArrayOfStr([]string{word})) })
			if err != nil {
				return err
			}
			return cases.Expect(*cut.Choices[0].FinishReason == components.ChatFinishReasonEnumStop, "%+v", cut.Choices[0])
		}},
		{Name: "models", Body: func(ctx context.Context) error {
			listed, err := client.Models.List(ctx, nil)
			if err != nil {
				return err
			}
			found := false
			for _, model := range listed.Result.Data {
				found = found || model.ID == "org/tiny"
			}
			one, err := client.Models.Get(ctx, "org", "tiny")
			if err != nil {
				return err
			}
			return cases.Expect(found && one.Data.ID == "org/tiny", "%+v", one)
		}},
		{Name: "unknown model", Body: func(ctx context.Context) error {
			_, err := ask(ctx, on("nobody", 8))
			var fault *sdkerrors.NotFoundResponseError
			return cases.Expect(errors.As(err, &fault) && fault.Error_.Code == 404, "%v", err)
		}},
		{Name: "bad request", Body: func(ctx context.Context) error {
			_, err := ask(ctx, func(r *request) { r.Temperature = some(3.0) })
			var fault *sdkerrors.BadRequestResponseError
			return cases.Expect(errors.As(err, &fault) && fault.Error_.Code == 400 && fault.Error_.Message != "", "%v", err)
		}},
		{Name: "overload", Body: func(ctx context.Context) error {
			return cases.Occupied(ctx, "org/busy", func() error {
				_, err := ask(ctx, on("org/busy", 8))
				var fault *sdkerrors.TooManyRequestsResponseError
				return cases.Expect(errors.As(err, &fault) && fault.Error_.Code == 429, "%v", err)
			})
		}},
		{Name: "fault in mid-stream", Body: func(ctx context.Context) error {
			// This client hands the fault on as a chunk.
			var fault *components.ChatStreamChunkError
			err := streamed(ctx, on("org/slow", 100_000), func(chunk components.ChatStreamChunk) { fault = chunk.Error })
			return cases.Expect(err == nil && fault != nil && fault.Code == 504 && fault.Message != "", "%+v %v", fault, err)
		}},
		{Name: "model too slow", Body: func(ctx context.Context) error {
			_, err := ask(ctx, on("org/slow", 100_000))
			var fault *sdkerrors.APIError
			return cases.Expect(errors.As(err, &fault) && fault.StatusCode == 504, "%v", err)
		}},
		{Name: "cancelled stream", Body: func(ctx context.Context) error {
			leaving, leave := context.WithCancel(ctx)
			var chunks int
			_ = streamed(leaving, on("org/busy", 100_000), func(components.ChatStreamChunk) {
				chunks++
				leave()
			})
			leave()
			if chunks == 0 {
				return errors.New("it did not begin")
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
	})
}
