// OpenRouter's own routes, with the standard library alone: the key, credits, past answers, providers, endpoints and
// models. Every answer is decoded strictly where all of its fields are known.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"time"

	"receipt-gateway/tests/clients/go/cases"
)

// call sends a request with a key, and returns the answer if it has the status.
func call(ctx context.Context, status int, path string, body any) (http.Header, []byte, error) {
	method, sent := http.MethodGet, io.Reader(nil)
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return nil, nil, err
		}
		method, sent = http.MethodPost, bytes.NewReader(data)
	}
	request, err := http.NewRequestWithContext(ctx, method, cases.Gateway+path, sent)
	if err != nil {
		return nil, nil, err
	}
	request.Header.Set("Authorization", "Bearer any")
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, nil, err
	}
	return response.Header, answer, cases.Expect(response.StatusCode == status, "%s: %s: %s", path, response.Status, answer)
}

// data reads the `data` of an answer of OpenRouter's. It fails at a field that T does not have.
func data[T any](ctx context.Context, path string) (T, error) {
	var told struct {
		Data T `json:"data"`
	}
	_, body, err := call(ctx, http.StatusOK, path, nil)
	if err != nil {
		return told.Data, err
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&told); err != nil {
		return told.Data, fmt.Errorf("%s: %s: %w", path, body, err)
	}
	return told.Data, nil
}

// refused is the fault of a request that is refused with the status, in OpenRouter's form.
func refused(ctx context.Context, status int, path string) (param string, err error) {
	_, body, err := call(ctx, status, path, nil)
	if err != nil {
		return "", err
	}
	var told struct {
		Error struct {
			Code     int    `json:"code"`
			Message  string `json:"message"`
			Metadata struct {
				Param string `json:"param"`
			} `json:"metadata"`
		} `json:"error"`
	}
	if err := json.Unmarshal(body, &told); err != nil {
		return "", fmt.Errorf("%s: %w", body, err)
	}
	return told.Error.Metadata.Param, cases.Expect(told.Error.Code == status && told.Error.Message != "", "%s", body)
}

// Allowance is what is left of a limit.
type Allowance struct {
	Limit        int     `json:"limit"`
	Remaining    int     `json:"remaining"`
	ResetSeconds float64 `json:"reset_seconds"`
}

// Key is what a key may do, and what it has spent.
type Key struct {
	Label                  string          `json:"label"`
	Limit                  *float64        `json:"limit"`
	LimitRemaining         *float64        `json:"limit_remaining"`
	LimitReset             *string         `json:"limit_reset"`
	Usage                  *float64        `json:"usage"`
	UsageDaily             *float64        `json:"usage_daily"`
	UsageWeekly            *float64        `json:"usage_weekly"`
	UsageMonthly           *float64        `json:"usage_monthly"`
	BYOKUsage              *float64        `json:"byok_usage"`
	BYOKUsageDaily         *float64        `json:"byok_usage_daily"`
	BYOKUsageWeekly        *float64        `json:"byok_usage_weekly"`
	BYOKUsageMonthly       *float64        `json:"byok_usage_monthly"`
	IncludeBYOKInLimit     *bool           `json:"include_byok_in_limit"`
	IsFreeTier             *bool           `json:"is_free_tier"`
	IsManagementKey        *bool           `json:"is_management_key"`
	IsProvisioningKey      *bool           `json:"is_provisioning_key"`
	ExpiresAt              *time.Time      `json:"expires_at"`
	CreatorUserID          *string         `json:"creator_user_id"`
	OrganizationID         *string         `json:"organization_id"`
	WorkspaceID            *string         `json:"workspace_id"`
	AllowedDataRegions     []string        `json:"allowed_data_regions"`
	Budgets                []any           `json:"budgets"`
	EffectiveBudget        json.RawMessage `json:"effective_budget"`
	FreeModelDailyRequests *struct {
		Limit     int `json:"limit"`
		Remaining int `json:"remaining"`
		Used      int `json:"used"`
	} `json:"free_model_daily_requests"`
	RateLimit *struct {
		Requests int    `json:"requests"`
		Interval string `json:"interval"`
		Note     string `json:"note"`
	} `json:"rate_limit"`
	Limits *struct {
		RequestsPerMinute *Allowance `json:"requests_per_minute"`
		TokensPerMinute   *Allowance `json:"tokens_per_minute"`
		Concurrency       *int       `json:"concurrency"`
	} `json:"limits"`
}

func key(ctx context.Context) error {
	told, err := data[Key](ctx, "/api/v1/key")
	if err != nil {
		return err
	}
	for _, amount := range []*float64{told.Usage, told.UsageDaily, told.UsageWeekly, told.UsageMonthly, told.BYOKUsage} {
		if amount == nil || *amount != 0 {
			return fmt.Errorf("a model that runs here costs nothing: %+v", told)
		}
	}
	// This gateway needs no key, so that nothing is limited.
	free := told.Label == "no key" && told.Limit == nil && told.LimitRemaining == nil && told.IsManagementKey != nil
	unlimited := told.RateLimit != nil && told.RateLimit.Requests == -1 && told.Limits != nil &&
		told.Limits.RequestsPerMinute == nil && told.Limits.TokensPerMinute == nil
	return cases.Expect(free && unlimited && told.Budgets != nil, "%+v", told)
}

func credits(ctx context.Context) error {
	told, err := data[struct {
		TotalCredits *float64 `json:"total_credits"`
		TotalUsage   *float64 `json:"total_usage"`
	}](ctx, "/api/v1/credits")
	if err != nil {
		return err
	}
	good := told.TotalCredits != nil && *told.TotalCredits == 0 && told.TotalUsage != nil && *told.TotalUsage == 0
	return cases.Expect(good, "%+v", told)
}

func providers(ctx context.Context) error {
	told, err := data[[]map[string]any](ctx, "/api/v1/providers")
	if err != nil {
		return err
	}
	return cases.Expect(len(told) == 1 && told[0]["slug"] == "receipt-gateway" && told[0]["name"] != "", "%v", told)
}

// Generation is what one answer took.
type Generation struct {
	ID                     string    `json:"id"`
	Model                  string    `json:"model"`
	ProviderName           string    `json:"provider_name"`
	CreatedAt              time.Time `json:"created_at"`
	APIType                string    `json:"api_type"`
	Streamed               bool      `json:"streamed"`
	Cancelled              bool      `json:"cancelled"`
	FinishReason           string    `json:"finish_reason"`
	NativeFinishReason     string    `json:"native_finish_reason"`
	Latency                *float64  `json:"latency"`
	GenerationTime         *float64  `json:"generation_time"`
	TotalCost              *float64  `json:"total_cost"`
	Usage                  *float64  `json:"usage"`
	TokensPrompt           int       `json:"tokens_prompt"`
	TokensCompletion       int       `json:"tokens_completion"`
	NativeTokensPrompt     int       `json:"native_tokens_prompt"`
	NativeTokensCompletion int       `json:"native_tokens_completion"`
	NativeTokensCached     *int      `json:"native_tokens_cached"`
	NativeTokensReasoning  *int      `json:"native_tokens_reasoning"`
	NumMediaPrompt         int       `json:"num_media_prompt"`
	Origin                 string    `json:"origin"`
	IsBYOK                 bool      `json:"is_byok"`
	DataRegion             string    `json:"data_region"`
}

// unknown are the fields of a generation that are null here.
var unknown = []string{
	"app_id", "cache_discount", "external_user", "http_referer", "moderation_latency",
	"native_tokens_completion_images", "num_fetches", "num_input_audio_prompt", "num_media_completion",
	"num_search_results", "preset_id", "provider_responses", "router", "service_tier", "upstream_id",
	"upstream_inference_cost", "user_agent", "web_search_engine", "workspace_id",
}

// generation is what an answer of this gateway took, with what all of them have in common.
func generation(ctx context.Context, id string) (*Generation, error) {
	path := "/api/v1/generation?id=" + url.QueryEscape(id)
	fields, err := data[map[string]json.RawMessage](ctx, path)
	if err != nil {
		return nil, err
	}
	for _, name := range unknown {
		if string(fields[name]) != "null" {
			return nil, fmt.Errorf("%s is %s", name, fields[name])
		}
		delete(fields, name)
	}
	known, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	told := new(Generation)
	decoder := json.NewDecoder(bytes.NewReader(known))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(told); err != nil {
		return nil, fmt.Errorf("%s: %w", known, err)
	}
	took := told.Latency != nil && told.GenerationTime != nil && *told.Latency <= *told.GenerationTime
	free := told.TotalCost != nil && *told.TotalCost == 0 && told.Usage != nil && *told.Usage == 0
	recent := time.Since(told.CreatedAt) < time.Hour && !told.Cancelled && told.NativeFinishReason == told.FinishReason
	good := told.ID == id && told.ProviderName == "receipt-gateway" && took && free && recent &&
		told.NativeTokensPrompt == told.TokensPrompt && told.TokensPrompt > 0
	return told, cases.Expect(good, "%s", known)
}

func hello(more map[string]any) map[string]any {
	asked := map[string]any{
		"model": "org/tiny", "max_tokens": 8,
		"messages": []map[string]string{{"role": "user", "content": "Hello"}},
	}
	for name, value := range more {
		asked[name] = value
	}
	return asked
}

// named reads the id at the beginning of an answer, also of a stream.
func named(body []byte) string {
	_, rest, _ := strings.Cut(string(body), `"id":"`)
	id, _, _ := strings.Cut(rest, `"`)
	return id
}

// pastAnswer asks, and then what the answer took.
func pastAnswer(path string, asked map[string]any) func(context.Context) error {
	return func(ctx context.Context) error {
		_, body, err := call(ctx, http.StatusOK, path, asked)
		if err != nil {
			return err
		}
		told, err := generation(ctx, named(body))
		if err != nil {
			return err
		}
		good := told.Model == "org/tiny" && told.FinishReason == "length" && told.TokensCompletion == 8 &&
			told.Streamed == (asked["stream"] == true) && told.NumMediaPrompt == 0
		return cases.Expect(good, "%+v", told)
	}
}

func pastReceipt(ctx context.Context) error {
	header, body, err := call(ctx, http.StatusOK, "/extract?include=meta", map[string]string{"image_url": cases.PictureURL})
	if err != nil {
		return err
	}
	var read struct {
		Meta struct {
			ID    string `json:"id"`
			Usage struct {
				PromptTokens     int `json:"prompt_tokens"`
				CompletionTokens int `json:"completion_tokens"`
			} `json:"usage"`
		} `json:"meta"`
	}
	if err := json.Unmarshal(body, &read); err != nil {
		return fmt.Errorf("%s: %w", body, err)
	}
	told, err := generation(ctx, header.Get("X-Generation-Id"))
	if err != nil {
		return err
	}
	usage := read.Meta.Usage
	good := read.Meta.ID == told.ID && told.Model == "receipt-nano" && told.FinishReason == "stop" && !told.Streamed &&
		told.NumMediaPrompt == 1 && told.TokensPrompt == usage.PromptTokens && told.TokensCompletion == usage.CompletionTokens
	return cases.Expect(good, "%+v of %+v", told, read)
}

func noSuchAnswer(ctx context.Context) error {
	param, err := refused(ctx, http.StatusNotFound, "/api/v1/generation?id=chatcmpl-none")
	if err != nil {
		return err
	}
	if _, err := refused(ctx, http.StatusBadRequest, "/api/v1/generation"); err != nil {
		return err
	}
	return cases.Expect(param == "id", "the field is %q", param)
}

// Endpoint is who runs a model at what price.
type Endpoint struct {
	ModelID             string            `json:"model_id"`
	ProviderName        string            `json:"provider_name"`
	ContextLength       int               `json:"context_length"`
	Pricing             map[string]string `json:"pricing"`
	SupportedParameters []string          `json:"supported_parameters"`
	SupportsToolChoice  struct {
		Required bool `json:"required"`
	} `json:"supports_tool_choice"`
}

// Endpoints is a model with all that run it.
type Endpoints struct {
	ID           string     `json:"id"`
	Endpoints    []Endpoint `json:"endpoints"`
	Architecture struct {
		InputModalities []string `json:"input_modalities"`
	} `json:"architecture"`
}

func endpoints(ctx context.Context) error {
	for name, id := range map[string]string{
		"org/tiny":                     "org/tiny",
		"receipt-gateway/receipt-nano": "receipt-nano",
	} {
		_, body, err := call(ctx, http.StatusOK, "/api/v1/models/"+name+"/endpoints", nil)
		if err != nil {
			return err
		}
		var told struct{ Data Endpoints }
		if err := json.Unmarshal(body, &told); err != nil {
			return fmt.Errorf("%s: %w", body, err)
		}
		if told.Data.ID != id || len(told.Data.Endpoints) != 1 {
			return fmt.Errorf("%s", body)
		}
		one := told.Data.Endpoints[0]
		// receipt-nano follows its own prompts alone, so that it calls no tools.
		good := one.ModelID == id && one.ProviderName == "receipt-gateway" && one.ContextLength > 0 &&
			one.Pricing["prompt"] == "0" && one.Pricing["completion"] == "0" &&
			one.SupportsToolChoice.Required == (id == "org/tiny") &&
			slices.Contains(one.SupportedParameters, "max_tokens") &&
			slices.Contains(told.Data.Architecture.InputModalities, "image")
		if !good {
			return fmt.Errorf("%s", body)
		}
	}
	_, err := refused(ctx, http.StatusNotFound, "/api/v1/models/org/nobody/endpoints")
	return err
}

// page is a page of the list of models.
type page struct {
	Data []struct {
		ID string `json:"id"`
	} `json:"data"`
	TotalCount int `json:"total_count"`
	Links      struct {
		Next *string `json:"next"`
	} `json:"links"`
}

func listed(ctx context.Context, path string) (*page, []string, error) {
	_, body, err := call(ctx, http.StatusOK, path, nil)
	if err != nil {
		return nil, nil, err
	}
	told := new(page)
	if err := json.Unmarshal(body, told); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", body, err)
	}
	var ids []string
	for _, model := range told.Data {
		ids = append(ids, model.ID)
	}
	return told, ids, nil
}

func modelsByPage(ctx context.Context) error {
	_, all, err := listed(ctx, "/api/v1/models/user")
	if err != nil {
		return err
	}
	var paged []string
	pages := 0
	for path := "/api/v1/models/user?limit=2"; path != ""; pages++ {
		told, ids, err := listed(ctx, path)
		if err != nil {
			return err
		}
		if told.TotalCount != len(all) || len(ids) > 2 {
			return fmt.Errorf("%s: %+v", path, told)
		}
		paged, path = append(paged, ids...), ""
		if told.Links.Next != nil {
			next, err := url.Parse(*told.Links.Next)
			if err != nil {
				return err
			}
			path = next.RequestURI()
		}
	}
	param, err := refused(ctx, http.StatusBadRequest, "/api/v1/models/user?limit=0")
	if err != nil {
		return err
	}
	good := slices.Equal(paged, all) && slices.Contains(all, "org/tiny") && slices.Contains(all, "receipt") && pages > 1
	return cases.Expect(good && param == "limit", "%v in %d pages is not %v, or %q", paged, pages, all, param)
}

func modelsCounted(ctx context.Context) error {
	_, all, err := listed(ctx, "/api/v1/models")
	if err != nil {
		return err
	}
	for query, count := range map[string]int{"": len(all), "?output_modalities=text": len(all), "?output_modalities=audio": 0} {
		told, err := data[struct {
			Count *int `json:"count"`
		}](ctx, "/api/v1/models/count"+query)
		if err != nil {
			return err
		}
		if told.Count == nil || *told.Count != count {
			return fmt.Errorf("%q counts %+v, not %d", query, told, count)
		}
	}
	return nil
}

var all = []cases.Case{
	{Name: "key", Body: key},
	{Name: "credits", Body: credits},
	{Name: "providers", Body: providers},
	{Name: "generation: chat", Body: pastAnswer("/api/v1/chat/completions", hello(nil))},
	{Name: "generation: stream", Body: pastAnswer("/api/v1/chat/completions", hello(map[string]any{"stream": true}))},
	{Name: "generation: message", Body: pastAnswer("/v1/messages", hello(nil))},
	{Name: "generation: message in events", Body: pastAnswer("/v1/messages", hello(map[string]any{"stream": true}))},
	{Name: "generation: receipt", Body: pastReceipt},
	{Name: "generation: none", Body: noSuchAnswer},
	{Name: "endpoints", Body: endpoints},
	{Name: "models by page", Body: modelsByPage},
	{Name: "models, counted", Body: modelsCounted},
}

func main() {
	cases.Run("OpenRouter's routes, Go", strings.TrimPrefix(runtime.Version(), "go"), all)
}
