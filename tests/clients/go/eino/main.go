// Eino's model of OpenAI's form.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/cloudwego/eino-ext/components/model/openai"
	"github.com/cloudwego/eino/components/model"
	"github.com/cloudwego/eino/schema"
	"github.com/eino-contrib/jsonschema"

	"receipt-gateway/tests/clients/go/cases"
)

type config = openai.ChatModelConfig

func connect(ctx context.Context, change func(*config)) (*openai.ChatModel, error) {
	tokens := 8
	settings := &config{BaseURL: cases.Gateway + "/v1", APIKey: "any", Model: "org/tiny", MaxTokens: &tokens}
	if change != nil {
		change(settings)
	}
	return openai.NewChatModel(ctx, settings)
}

func on(name string, tokens int) func(*config) {
	return func(c *config) { c.Model, c.MaxTokens = name, &tokens }
}

var hello = []*schema.Message{schema.UserMessage("Hello")}

func ask(
	ctx context.Context, change func(*config), messages []*schema.Message, options ...model.Option,
) (*schema.Message, error) {
	chat, err := connect(ctx, change)
	if err != nil {
		return nil, err
	}
	return chat.Generate(ctx, messages, options...)
}

// streamed is the answer joined from a stream, and the number of its chunks.
func streamed(ctx context.Context, change func(*config), options ...model.Option) (*schema.Message, int, error) {
	chat, err := connect(ctx, change)
	if err != nil {
		return nil, 0, err
	}
	stream, err := chat.Stream(ctx, hello, options...)
	if err != nil {
		return nil, 0, err
	}
	defer stream.Close()
	var chunks []*schema.Message
	for {
		chunk, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			whole, err := schema.ConcatMessages(chunks)
			return whole, len(chunks), err
		}
		if err != nil {
			return nil, len(chunks), err
		}
		chunks = append(chunks, chunk)
	}
}

func showing(picture *schema.MessageInputImage) []*schema.Message {
	return []*schema.Message{{Role: schema.User, UserInputMultiContent: []schema.MessageInputPart{
		{Type: schema.ChatMessagePartTypeText, Text: "Read it."},
		{Type: schema.ChatMessagePartTypeImageURL, Image: picture},
	}}}
}

// inline is the picture as this client takes it: base64 and media type apart.
func inline() *schema.MessageInputImage {
	_, data, _ := strings.Cut(cases.DataURI, ",")
	return &schema.MessageInputImage{MessagePartCommon: schema.MessagePartCommon{Base64Data: &data, MIMEType: "image/png"}}
}

func weather() *jsonschema.Schema {
	text, err := json.Marshal(cases.Weather)
	if err != nil {
		panic(err)
	}
	parsed := new(jsonschema.Schema)
	if err := json.Unmarshal(text, parsed); err != nil {
		panic(err)
	}
	return parsed
}

func calling() []model.Option {
	return []model.Option{
		model.WithTools([]*schema.ToolInfo{{
			Name: "weather", Desc: "Tells the sky.", ParamsOneOf: schema.NewParamsOneOfByJSONSchema(weather()),
		}}),
		model.WithToolChoice(schema.ToolChoiceForced),
	}
}

func refused(err error, status int) error {
	var fault *openai.APIError
	if !errors.As(err, &fault) {
		return fmt.Errorf("it is no error of the API: %w", err)
	}
	return cases.Expect(fault.HTTPStatusCode == status && fault.Message != "", "%+v", fault)
}

func main() {
	cases.Run("eino-ext, openai", cases.Version("github.com/cloudwego/eino-ext/components/model/openai"), []cases.Case{
		{Name: "receipt by preset", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, func(c *config) { c.Model = "receipt" }, showing(inline()))
			if err != nil {
				return err
			}
			return cases.Invoice(answer.Content)
		}},
		{Name: "chat", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, nil, hello)
			if err != nil {
				return err
			}
			told := answer.ResponseMeta
			return cases.Expect(told.FinishReason == "length" && told.Usage.CompletionTokens == 8, "%+v", answer)
		}},
		{Name: "picture by address", Body: func(ctx context.Context) error {
			shown := &schema.MessageInputImage{MessagePartCommon: schema.MessagePartCommon{URL: &cases.PictureURL}}
			answer, err := ask(ctx, nil, showing(shown))
			if err != nil {
				return err
			}
			return cases.Expect(answer.ResponseMeta.Usage.PromptTokens > 100, "%+v", answer)
		}},
		{Name: "stream with usage", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, nil, hello)
			if err != nil {
				return err
			}
			whole, _, err := streamed(ctx, nil)
			if err != nil {
				return err
			}
			same := whole.Content == answer.Content && whole.ResponseMeta.Usage.CompletionTokens == 8
			return cases.Expect(same, "%+v", whole)
		}},
		{Name: "structured output", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, func(c *config) {
				on("org/tiny", 100)(c)
				c.ResponseFormat = &openai.ChatCompletionResponseFormat{
					Type: "json_schema",
					JSONSchema: &openai.ChatCompletionResponseFormatJSONSchema{
						Name: "weather", JSONSchema: weather(), Strict: true,
					},
				}
			}, hello)
			if err != nil {
				return err
			}
			return cases.Sky(answer.Content)
		}},
		{Name: "tools, whole and streamed", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, on("org/tiny", 400), hello, calling()...)
			if err != nil {
				return err
			}
			call := answer.ToolCalls[0]
			if err := cases.Sky(call.Function.Arguments); err != nil {
				return err
			}
			whole, _, err := streamed(ctx, on("org/tiny", 400), calling()...)
			if err != nil {
				return err
			}
			if err := cases.Expect(whole.ToolCalls[0].Function.Arguments == call.Function.Arguments, "%+v", whole); err != nil {
				return err
			}
			_, err = ask(ctx, nil, append(hello, answer, schema.ToolMessage("31 degrees", call.ID)))
			return err
		}},
		{Name: "log-probabilities", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, nil, hello, openai.WithExtraFields(map[string]any{"logprobs": true, "top_logprobs": 3}))
			if err != nil {
				return err
			}
			told := answer.ResponseMeta.LogProbs
			return cases.Expect(told != nil && len(told.Content) == 8 && len(told.Content[0].TopLogProbs) == 3, "%+v", told)
		}},
		{Name: "stop", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, nil, hello)
			if err != nil {
				return err
			}
			cut, err := ask(ctx, nil, hello, model.WithStop([]string{string([]rune(answer.Content)[3])}))
			if err != nil {
				return err
			}
			return cases.Expect(cut.ResponseMeta.FinishReason == "stop", "%+v", cut)
		}},
		{Name: "unknown model", Body: func(ctx context.Context) error {
			_, err := ask(ctx, on("nobody", 8), hello)
			return refused(err, 404)
		}},
		{Name: "bad request", Body: func(ctx context.Context) error {
			_, err := ask(ctx, nil, hello, model.WithTemperature(3))
			return refused(err, 400)
		}},
		{Name: "overload", Body: func(ctx context.Context) error {
			return cases.Occupied(ctx, "org/busy", func() error {
				_, err := ask(ctx, on("org/busy", 8), hello)
				return refused(err, 429)
			})
		}},
		{Name: "fault in mid-stream", Body: func(ctx context.Context) error {
			_, chunks, err := streamed(ctx, on("org/slow", 100_000))
			return cases.Expect(chunks > 0 && err != nil, "%d chunks, %v", chunks, err)
		}},
		{Name: "model too slow", Body: func(ctx context.Context) error {
			_, err := ask(ctx, on("org/slow", 100_000), hello)
			return refused(err, 504)
		}},
		{Name: "cancelled stream", Body: func(ctx context.Context) error {
			leaving, leave := context.WithCancel(ctx)
			defer leave()
			chat, err := connect(ctx, on("org/busy", 100_000))
			if err != nil {
				return err
			}
			stream, err := chat.Stream(leaving, hello)
			if err != nil {
				return err
			}
			if _, err := stream.Recv(); err != nil {
				return err
			}
			leave()
			stream.Close()
			return cases.Soon(ctx, func() error {
				_, err := ask(ctx, on("org/busy", 1), hello)
				return err
			})
		}},
		{Name: "timeout", Body: func(ctx context.Context) error {
			hasty, leave := cases.Hasty(ctx)
			defer leave()
			_, err := ask(hasty, on("org/tiny", 100_000), hello)
			return cases.Expect(errors.Is(err, context.DeadlineExceeded), "%v", err)
		}},
	})
}
