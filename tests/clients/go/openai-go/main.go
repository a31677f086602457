// OpenAI's own Go client.
package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"
	"github.com/openai/openai-go/v3/shared"

	"receipt-gateway/tests/clients/go/cases"
)

var client = openai.NewClient(
	option.WithBaseURL(cases.Gateway+"/v1"), option.WithAPIKey("any"), option.WithMaxRetries(0),
)

type params = openai.ChatCompletionNewParams

// asking is a short request; `change` makes it another.
func asking(change func(*params)) params {
	asked := params{
		Model:     "org/tiny",
		Messages:  []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Hello")},
		MaxTokens: openai.Int(8),
	}
	if change != nil {
		change(&asked)
	}
	return asked
}

func ask(ctx context.Context, change func(*params)) (*openai.ChatCompletion, error) {
	return client.Chat.Completions.New(ctx, asking(change))
}

func showing(model string, parts ...openai.ChatCompletionContentPartUnionParam) func(*params) {
	return func(p *params) {
		p.Model = model
		p.Messages = []openai.ChatCompletionMessageParamUnion{openai.UserMessage(parts)}
	}
}

func picture(url string) openai.ChatCompletionContentPartUnionParam {
	return openai.ImageContentPart(openai.ChatCompletionContentPartImageImageURLParam{URL: url})
}

func on(model string, tokens int64) func(*params) {
	return func(p *params) { p.Model, p.MaxTokens = model, openai.Int(tokens) }
}

// streamed is the answer joined from a stream, and the number of its chunks.
func streamed(ctx context.Context, change func(*params)) (*openai.ChatCompletionAccumulator, int, error) {
	stream := client.Chat.Completions.NewStreaming(ctx, asking(change))
	defer stream.Close()
	whole, chunks := new(openai.ChatCompletionAccumulator), 0
	for stream.Next() {
		if !whole.AddChunk(stream.Current()) {
			return nil, 0, fmt.Errorf("a chunk does not continue the others: %+v", stream.Current())
		}
		chunks++
	}
	return whole, chunks, stream.Err()
}

// refused is an error unless `err` is the gateway's, with these facts.
func refused(err error, status int, code, param string) error {
	var fault *openai.Error
	if !errors.As(err, &fault) {
		return fmt.Errorf("it is no error of the API: %w", err)
	}
	same := fault.StatusCode == status && (code == "" || fault.Code == code) && fault.Param == param
	return cases.Expect(same && fault.Message != "", "%d %s %s %s", fault.StatusCode, fault.Code, fault.Param, fault.Message)
}

var weather = []openai.ChatCompletionToolUnionParam{openai.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{
	Name: "weather", Strict: openai.Bool(true), Parameters: shared.FunctionParameters(cases.Weather),
})}

func calling(p *params) {
	p.MaxTokens, p.Tools, p.ParallelToolCalls = openai.Int(400), weather, openai.Bool(false)
	p.ToolChoice = openai.ToolChoiceOptionFunctionToolChoice(openai.ChatCompletionNamedToolChoiceFunctionParam{Name: "weather"})
}

func receipt(ctx context.Context, part openai.ChatCompletionContentPartUnionParam) error {
	answer, err := ask(ctx, showing("receipt", openai.TextContentPart("Read it."), part))
	if err != nil {
		return err
	}
	return cases.Invoice(answer.Choices[0].Message.Content)
}

func main() {
	cases.Run("openai-go", cases.Version("github.com/openai/openai-go/v3"), []cases.Case{
		{Name: "receipt by preset", Body: func(ctx context.Context) error { return receipt(ctx, picture(cases.DataURI)) }},
		{Name: "receipt as a file", Body: func(ctx context.Context) error {
			return receipt(ctx, openai.FileContentPart(openai.ChatCompletionContentPartFileFileParam{
				FileData: openai.String(cases.Document), Filename: openai.String("invoice.pdf"),
			}))
		}},
		{Name: "chat", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, nil)
			if err != nil {
				return err
			}
			good := answer.Choices[0].FinishReason == "length" && answer.Usage.CompletionTokens == 8
			return cases.Expect(good, "%s", answer.RawJSON())
		}},
		{Name: "picture by address", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, showing("org/tiny", picture(cases.PictureURL)))
			if err != nil {
				return err
			}
			return cases.Expect(answer.Usage.PromptTokens > 100, "%s", answer.RawJSON())
		}},
		{Name: "stream with usage", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, nil)
			if err != nil {
				return err
			}
			whole, _, err := streamed(ctx, func(p *params) { p.StreamOptions.IncludeUsage = openai.Bool(true) })
			if err != nil {
				return err
			}
			same := whole.Choices[0].Message.Content == answer.Choices[0].Message.Content
			return cases.Expect(same && whole.Usage.CompletionTokens == 8, "%+v", whole)
		}},
		{Name: "structured output", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, func(p *params) {
				p.MaxTokens = openai.Int(100)
				p.ResponseFormat.OfJSONSchema = &shared.ResponseFormatJSONSchemaParam{
					JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{
						Name: "weather", Strict: openai.Bool(true), Schema: cases.Weather,
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
			whole, _, err := streamed(ctx, calling)
			if err != nil {
				return err
			}
			same := whole.Choices[0].Message.ToolCalls[0].Function.Arguments == call.Function.Arguments
			if err := cases.Expect(same, "%+v", whole); err != nil {
				return err
			}
			_, err = ask(ctx, func(p *params) {
				p.Messages = append(p.Messages, answer.Choices[0].Message.ToParam(), openai.ToolMessage("31 degrees", call.ID))
			})
			return err
		}},
		{Name: "log-probabilities", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, func(p *params) { p.Logprobs, p.TopLogprobs = openai.Bool(true), openai.Int(3) })
			if err != nil {
				return err
			}
			told := answer.Choices[0].Logprobs.Content
			return cases.Expect(len(told) == 8 && len(told[0].TopLogprobs) == 3 && told[0].Logprob <= 0, "%+v", told)
		}},
		{Name: "stop", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, nil)
			if err != nil {
				return err
			}
			word := string([]rune(answer.Choices[0].Message.Content)[3])
			cut, err := ask(ctx, func(p *params) { p.Stop.OfStringArray = []string{word} })
			if err != nil {
				return err
			}
			return cases.Expect(cut.Choices[0].FinishReason == "stop", "%s", cut.RawJSON())
		}},
		{Name: "several choices", Body: func(ctx context.Context) error {
			answer, err := ask(ctx, func(p *params) { p.N, p.Seed, p.Temperature = openai.Int(3), openai.Int(7), openai.Float(1) })
			if err != nil {
				return err
			}
			return cases.Expect(len(answer.Choices) == 3 && answer.Choices[2].Index == 2, "%s", answer.RawJSON())
		}},
		{Name: "models", Body: func(ctx context.Context) error {
			found := false
			models := client.Models.ListAutoPaging(ctx)
			for models.Next() {
				found = found || models.Current().ID == "org/tiny"
			}
			one, err := client.Models.Get(ctx, "org/tiny")
			if err := errors.Join(models.Err(), err); err != nil {
				return err
			}
			return cases.Expect(found && one.ID == "org/tiny", "%+v", one)
		}},
		{Name: "unknown model", Body: func(ctx context.Context) error {
			_, err := ask(ctx, on("nobody", 8))
			return refused(err, 404, "model_not_found", "model")
		}},
		{Name: "bad request", Body: func(ctx context.Context) error {
			_, err := ask(ctx, func(p *params) { p.Temperature = openai.Float(3) })
			return refused(err, 400, "", "temperature")
		}},
		{Name: "overload", Body: func(ctx context.Context) error {
			return cases.Occupied(ctx, "org/busy", func() error {
				_, err := ask(ctx, on("org/busy", 8))
				return refused(err, 429, "overloaded", "")
			})
		}},
		{Name: "fault in mid-stream", Body: func(ctx context.Context) error {
			_, chunks, err := streamed(ctx, on("org/slow", 100_000))
			return cases.Expect(chunks > 0 && err != nil, "%d chunks, %v", chunks, err)
		}},
		{Name: "model too slow", Body: func(ctx context.Context) error {
			_, err := ask(ctx, on("org/slow", 100_000))
			return refused(err, 504, "deadline_exceeded", "")
		}},
		{Name: "cancelled stream", Body: func(ctx context.Context) error {
			stream := client.Chat.Completions.NewStreaming(ctx, asking(on("org/busy", 100_000)))
			begun := stream.Next()
			if err := errors.Join(stream.Err(), stream.Close()); !begun || err != nil {
				return fmt.Errorf("it did not begin: %w", err)
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
		{Name: "response with a file", Body: func(ctx context.Context) error {
			content := responses.ResponseInputMessageContentListParam{
				responses.ResponseInputContentParamOfInputText("Read it."),
				{OfInputFile: &responses.ResponseInputFileParam{
					FileData: openai.String(cases.Document), Filename: openai.String("invoice.pdf"),
				}},
			}
			answer, err := client.Responses.New(ctx, responses.ResponseNewParams{
				Model: "receipt",
				Input: responses.ResponseNewParamsInputUnion{OfInputItemList: responses.ResponseInputParam{
					responses.ResponseInputItemParamOfMessage(content, responses.EasyInputMessageRoleUser),
				}},
			})
			if err != nil {
				return err
			}
			return cases.Invoice(answer.OutputText())
		}},
		{Name: "response by stream", Body: func(ctx context.Context) error {
			stream := client.Responses.NewStreaming(ctx, responses.ResponseNewParams{
				Model: "org/tiny", MaxOutputTokens: openai.Int(16),
				Input: responses.ResponseNewParamsInputUnion{OfString: openai.String("Hello")},
			})
			defer stream.Close()
			var text, last string
			for stream.Next() {
				event := stream.Current()
				last = event.Type
				if event.Type == "response.output_text.delta" {
					text += event.Delta
				}
			}
			if err := stream.Err(); err != nil {
				return err
			}
			return cases.Expect(text != "" && last == "response.incomplete", "%q ends with %s", text, last)
		}},
	})
}
