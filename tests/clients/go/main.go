// The Go backend's two clients, with the standard library alone: OpenRouter's chat call, and the pair
// of calls to the old receipt service.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"runtime"
	"strings"
	"time"

	"receipt-gateway/tests/clients/go/cases"
)

// Date is YYYY-MM-DD, empty or null; anything else fails the whole decode.
type Date struct{ time.Time }

func (d *Date) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil || text == "" {
		return err
	}
	var err error
	d.Time, err = time.Parse("2006-01-02", text)
	return err
}

type Item struct {
	Description string   `json:"description"`
	Details     []string `json:"details,omitempty"`
	Quantity    float64  `json:"quantity"`
	UnitPrice   float64  `json:"unit_price"`
	Total       float64  `json:"total"`
	Currency    string   `json:"currency"`
	Category    string   `json:"category"`
}

type Invoice struct {
	VendorName     string  `json:"vendor_name"`
	InvoiceNumber  string  `json:"invoice_number"`
	InvoiceDate    Date    `json:"invoice_date"`
	DueDate        Date    `json:"due_date"`
	Items          []Item  `json:"items"`
	Subtotal       float64 `json:"subtotal"`
	TaxRatePercent float64 `json:"tax_rate_percent"`
	TaxAmount      float64 `json:"tax_amount"`
	Discount       float64 `json:"discount"`
	TotalDue       float64 `json:"total_due"`
}

// Whole is all that the gateway answers: the backend's struct, which never changes, and what came later.
type Whole struct {
	Invoice
	Taxes []struct {
		RatePercent float64 `json:"rate_percent"`
		Base        float64 `json:"base"`
		Amount      float64 `json:"amount"`
	} `json:"taxes"`
	Prepaid  float64 `json:"prepaid"`
	Rounding float64 `json:"rounding"`
}

// strictly decodes an invoice as the backend does, and holds that nothing of it was renamed: with what
// came later there is no field that the structs do not have, and none of theirs is missing.
func strictly(data []byte) (*Invoice, error) {
	invoice, whole := new(Invoice), new(Whole)
	if err := json.Unmarshal(data, invoice); err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(whole); err != nil {
		return nil, err
	}
	var present map[string]json.RawMessage
	if err := json.Unmarshal(data, &present); err != nil {
		return nil, err
	}
	if !reflect.DeepEqual(*invoice, whole.Invoice) || len(present) != 13 {
		return nil, fmt.Errorf("the backend reads %+v of %s", invoice, data)
	}
	return invoice, nil
}

type Part struct {
	Type     string    `json:"type"`
	Text     string    `json:"text,omitempty"`
	ImageURL *ImageURL `json:"image_url,omitempty"`
}

type ImageURL struct {
	URL string `json:"url"`
}

type Message struct {
	Role    string `json:"role"`
	Content []Part `json:"content"`
}

type ChatRequest struct {
	Model    string    `json:"model"`
	Messages []Message `json:"messages"`
}

type ChatResponse struct {
	ID      string `json:"id"`
	Choices []struct {
		Message struct {
			Role    string `json:"role"`
			Content string `json:"content"`
		} `json:"message"`
		FinishReason string `json:"finish_reason"`
	} `json:"choices"`
	Error *struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

var (
	gateway    = cases.Gateway
	pictureURL = cases.PictureURL
)

func post(ctx context.Context, path string, body any) (*http.Response, []byte, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return nil, nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, gateway+path, bytes.NewReader(data))
	if err != nil {
		return nil, nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer key")
	request.Header.Set("HTTP-Referer", "https://example.com")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	return response, answer, err
}

// chat makes the backend's OpenRouter call.
func chat(ctx context.Context, model string, url string) (int, *ChatResponse, error) {
	request := ChatRequest{model, []Message{
		{"system", []Part{{Type: "text", Text: "You are an expert at reading invoices."}}},
		{"user", []Part{
			{Type: "text", Text: "Extract the invoice as JSON alone."},
			{Type: "image_url", ImageURL: &ImageURL{url}},
		}},
	}}
	response, body, err := post(ctx, "/api/v1/chat/completions", request)
	if err != nil {
		return 0, nil, err
	}
	answer := new(ChatResponse)
	return response.StatusCode, answer, json.Unmarshal(body, answer)
}

var all = []cases.Case{
	{Name: "openrouter: invoice by preset", Body: func(ctx context.Context) error {
		status, answer, err := chat(ctx, "google/gemini-flash-1.5", pictureURL)
		if err != nil || status != http.StatusOK || len(answer.Choices) != 1 {
			return fmt.Errorf("status %d, %+v, %w", status, answer, err)
		}
		invoice, err := strictly([]byte(answer.Choices[0].Message.Content))
		if err != nil {
			return err
		}
		return cases.Expect(invoice.Items != nil, "no items: %+v", invoice)
	}},
	{Name: "openrouter: the same as mlxclient's", Body: func(ctx context.Context) error {
		_, answer, err := chat(ctx, "receipt-nano:invoice", pictureURL)
		if err != nil {
			return err
		}
		_, body, err := post(ctx, "/extract", map[string]string{"image_url": pictureURL})
		if err != nil {
			return err
		}
		said := answer.Choices[0].Message.Content
		return cases.Expect(said == string(body), "%s is not %s", said, body)
	}},
	{Name: "openrouter: stream", Body: func(ctx context.Context) error {
		request := map[string]any{
			"model": "org/tiny", "stream": true, "max_tokens": 4,
			"messages": []map[string]string{{"role": "user", "content": "Hello"}},
		}
		response, body, err := post(ctx, "/api/v1/chat/completions", request)
		if err != nil {
			return err
		}
		kind := response.Header.Get("Content-Type")
		if kind != "text/event-stream" {
			return fmt.Errorf("the content type is %s", kind)
		}
		events := strings.Split(strings.TrimSpace(string(body)), "\n\n")
		for _, event := range events {
			if !strings.HasPrefix(event, "data: ") && !strings.HasPrefix(event, ":") {
				return fmt.Errorf("what is %q?", event)
			}
		}
		first := strings.Contains(events[0], `"delta":{"role":"assistant"`)
		last := events[len(events)-1] == "data: [DONE]"
		return cases.Expect(first && last, "it begins with %s and ends with %s", events[0], events[len(events)-1])
	}},
	{Name: "openrouter: unknown model", Body: func(ctx context.Context) error {
		status, answer, err := chat(ctx, "nobody", pictureURL)
		if err != nil {
			return err
		}
		told := answer.Error != nil && answer.Error.Code == 404 && answer.Error.Message != ""
		return cases.Expect(status == 404 && told, "%d %+v", status, answer)
	}},
	{Name: "openrouter: no picture there", Body: func(ctx context.Context) error {
		status, answer, err := chat(ctx, "google/gemini-flash-1.5", pictureURL+".none")
		if err != nil {
			return err
		}
		told := answer.Error != nil && answer.Error.Code == 400
		return cases.Expect(status == 400 && told, "%d %+v", status, answer)
	}},
	{Name: "openrouter: timeout", Body: func(ctx context.Context) error {
		hasty, leave := context.WithTimeout(ctx, time.Millisecond)
		defer leave()
		// One whose answers nobody asked for before: memory answers at once.
		_, _, err := chat(hasty, "org/tiny:invoice", pictureURL)
		return cases.Expect(errors.Is(err, context.DeadlineExceeded), "%v", err)
	}},
	{Name: "mlxclient: health", Body: func(context.Context) error {
		response, err := http.Get(gateway + "/health")
		if err != nil {
			return err
		}
		defer response.Body.Close()
		var health struct {
			Status      string `json:"status"`
			Model       string `json:"model"`
			ModelLoaded bool   `json:"model_loaded"`
		}
		err = json.NewDecoder(response.Body).Decode(&health)
		good := response.StatusCode == 200 && health.Status == "healthy" && health.ModelLoaded
		if err != nil || !good {
			return fmt.Errorf("%d %+v %w", response.StatusCode, health, err)
		}
		return nil
	}},
	{Name: "mlxclient: extract", Body: func(ctx context.Context) error {
		response, body, err := post(ctx, "/extract", map[string]string{"image_url": pictureURL})
		if err != nil {
			return err
		}
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("%s: %s", response.Status, body)
		}
		_, err = strictly(body)
		return err
	}},
	{Name: "mlxclient: fault", Body: func(ctx context.Context) error {
		response, body, err := post(ctx, "/extract", map[string]string{"image_url": "ftp://nowhere"})
		if err != nil {
			return err
		}
		var fault struct {
			Error string `json:"error"`
		}
		err = json.Unmarshal(body, &fault)
		if err != nil || fault.Error == "" {
			return fmt.Errorf("%s: %s: %w", response.Status, body, err)
		}
		return cases.Expect(response.StatusCode == 400, "%s", response.Status)
	}},
}

func main() {
	cases.Run("go, net/http", strings.TrimPrefix(runtime.Version(), "go"), all)
}
