// LangChain for Go over OpenAI's form.
package main

import (
	"context"
	"errors"
	"strings"

	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/openai"

	"receipt-gateway/tests/clients/go/cases"
)

func connect(options ...openai.Option) (*openai.LLM, error) {
	settings := []openai.Option{openai.WithBaseURL(cases.Gateway + "/v1"), openai.WithToken("any"), openai.WithModel("org/tiny")}
	return openai.New(append(settings, options...)...)
}

var hello = []llms.MessageContent{llms.TextParts(llms.ChatMessageTypeHuman, "Hello")}

func ask(ctx context.Context, messages []llms.MessageContent, options ...llms.CallOption) (*llms.ContentChoice, error) {
	client, err := connect()
	if err != nil {
		return nil, err
	}
	settings := []llms.CallOption{llms.WithMaxTokens(8)}
	answer, err := client.GenerateContent(ctx, messages, append(settings, options...)...)
	if err != nil {
		return nil, err
	}
	return answer.Choices[0], nil
}

func showing(part llms.ContentPart) []llms.MessageContent {
	return []llms.MessageContent{{
		Role: llms.ChatMessageTypeHuman, Parts: []llms.ContentPart{llms.TextPart("Read it."), part},
	}}
}

func tokens(choice *llms.ContentChoice, kind string) int {
	count, _ := choice.GenerationInfo[kind].(int)
	return count
}

func calling() llms.CallOption {
	return llms.WithTools([]llms.Tool{{Type: "function", Function: &llms.FunctionDefinition{
		Name: "weather", Description: "Tells the sky.", Parameters: cases.Weather, Strict: true,
	}}})
}

// refused is an error unless `err` tells this status, which is all that this client keeps of the gateway's error, with
// its message.
func refused(err error, status string) error {
	return cases.Expect(err != nil && strings.Contains(err.Error(), "status code: "+status+": "), "%v", err)
}

func main() {
	cases.Run("tmc/langchaingo", cases.Version("github.com/tmc/langchaingo"), []cases.Case{
		{Name: "receipt by preset", Body: func(ctx context.Context) error {
			// Its BinaryPart writes a part of type "binary", which OpenAI's API does not have.
			answer, err := ask(ctx, showing(llms.ImageURLPart(cases.DataURI)), llms.WithModel("receipt"))
			if err != nil {
				return err
			}
			return cases.Invoice(answer.Content)
		}},
		{Name: "receipt in JSON mode, streamed", Body: func(ctx context.Context) error {
			var text string
			answer, err := ask(ctx, showing(llms.ImageURLPart(cases.PictureURL)), llms.WithModel("receipt"), llms.WithJSONMode(),
				llms.WithStreamingFunc(func(_ context.Context, piece []byte) error {
					text += string(piece)
					return nil
				}))
			if err != nil {
				return err
			}
			if err := cases.Expect(text == answer.Content, "%q", text); err != nil {
				return err
			}
			return cases.Invoice(text)
		}},
		{Name: "chat", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, hello)
			if err != nil {
				return err
			}
			return cases.Expect(answer.StopReason == "length" && tokens(answer, "CompletionTokens") == 8, "%+v", answer)
		}},
		{Name: "picture by address", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, showing(llms.ImageURLPart(cases.PictureURL)))
			if err != nil {
				return err
			}
			return cases.Expect(tokens(answer, "PromptTokens") > 100, "%+v", answer)
		}},
		{Name: "stream with usage", Body: func(ctx context.Context) error {
			whole, err := ask(ctx, hello)
			if err != nil {
				return err
			}
			var pieces int
			answer, err := ask(ctx, hello, llms.WithStreamingFunc(func(context.Context, []byte) error {
				pieces++
				return nil
			}))
			if err != nil {
				return err
			}
			same := answer.Content == whole.Content && tokens(answer, "CompletionTokens") == 8
			return cases.Expect(same && pieces > 1, "%d pieces, %+v", pieces, answer)
		}},
		{Name: "structured output", Body: func(ctx context.Context) error {
			client, err := connect(openai.WithResponseFormat(&openai.ResponseFormat{
				Type: "json_schema",
				JSONSchema: &openai.ResponseFormatJSONSchema{
					Name: "weather", Strict: true,
					Schema: &openai.ResponseFormatJSONSchemaProperty{
						Type: "object", Required: []string{"sky"},
						Properties: map[string]*openai.ResponseFormatJSONSchemaProperty{
							"sky": {Type: "string", Enum: []any{"blue", "grey"}},
						},
					},
				},
			}))
			if err != nil {
				return err
			}
			answer, err := client.GenerateContent(ctx, hello, llms.WithMaxTokens(100))
			if err != nil {
				return err
			}
			return cases.Sky(answer.Choices[0].Content)
		}},
		{Name: "tools, whole and streamed", Body: func(ctx context.Context) error {
			options := []llms.CallOption{llms.WithMaxTokens(400), calling(), llms.WithToolChoice("required")}
			answer, err := ask(ctx, hello, options...)
			if err != nil {
				return err
			}
			call := answer.ToolCalls[0]
			if err := cases.Sky(call.FunctionCall.Arguments); err != nil {
				return err
			}
			nothing := func(context.Context, []byte) error { return nil }
			streamed, err := ask(ctx, hello, append(options, llms.WithStreamingFunc(nothing))...)
			if err != nil {
				return err
			}
			same := streamed.ToolCalls[0].FunctionCall.Arguments == call.FunctionCall.Arguments
			if err := cases.Expect(same, "%+v", streamed); err != nil {
				return err
			}
			told := []llms.MessageContent{
				hello[0],
				{Role: llms.ChatMessageTypeAI, Parts: []llms.ContentPart{call}},
				{Role: llms.ChatMessageTypeTool, Parts: []llms.ContentPart{
					llms.ToolCallResponse{ToolCallID: call.ID, Name: "weather", Content: "31 degrees"},
				}},
			}
			_, err = ask(ctx, told)
			return err
		}},
		{Name: "stop", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, hello)
			if err != nil {
				return err
			}
			cut, err := ask(ctx, hello, llms.WithStopWords([]string{string([]rune(answer.Content)[3])}))
			if err != nil {
				return err
			}
			return cases.Expect(cut.StopReason == "stop", "%+v", cut)
		}},
		{Name: "unknown model", Body: func(ctx context.Context) error {
			_, err := ask(ctx, hello, llms.WithModel("nobody"))
			return refused(err, "404")
		}},
		{Name: "bad request", Body: func(ctx context.Context) error {
			_, err := ask(ctx, hello, llms.WithTemperature(3))
			return refused(err, "400")
		}},
		{Name: "overload", Body: func(ctx context.Context) error {
			return cases.Occupied(ctx, "org/busy", func() error {
				_, err := ask(ctx, hello, llms.WithModel("org/busy"))
				return refused(err, "429")
			})
		}},
		{Name: "fault in mid-stream", Body: func(ctx context.Context) error {
			// This client has no field for the fault; how the stream finished is all that it tells.
			answer, err := ask(ctx, hello, llms.WithModel("org/slow"), llms.WithMaxTokens(100_000),
				llms.WithStreamingFunc(func(context.Context, []byte) error { return nil }))
			return cases.Expect(err == nil && answer.StopReason == "error", "%+v %v", answer, err)
		}},
		{Name: "model too slow", Body: func(ctx context.Context) error {
			_, err := ask(ctx, hello, llms.WithModel("org/slow"), llms.WithMaxTokens(100_000))
			return refused(err, "504")
		}},
		{Name: "cancelled stream", Body: func(ctx context.Context) error {
			enough := errors.New("enough")
			_, err := ask(ctx, hello, llms.WithModel("org/busy"), llms.WithMaxTokens(100_000),
				llms.WithStreamingFunc(func(context.Context, []byte) error { return enough }))
			if !errors.Is(err, enough) {
				return err
			}
			return cases.Soon(ctx, func() error {
				_, err := ask(ctx, hello, llms.WithModel("org/busy"), llms.WithMaxTokens(1))
				return err
			})
		}},
		{Name: "timeout", Body: func(ctx context.Context) error {
			hasty, leave := cases.Hasty(ctx)
			defer leave()
			_, err := ask(hasty, hello, llms.WithMaxTokens(100_000))
			return cases.Expect(err != nil && hasty.Err() != nil, "%v", err)
		}},
	})
}
