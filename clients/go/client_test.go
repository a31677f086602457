package receipts

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const answered = `{"vendor_name":"KIOS MELATI","invoice_number":null,"invoice_date":"2026-03-14","due_date":null,
	"items":[{"description":"Teh","details":[],"quantity":2,"unit_price":5000.5,"total":10001,"currency":"IDR",
	"category":"FOOD"}],"subtotal":10001,"tax_rate_percent":0,"tax_amount":0,"discount":0,
	"total_due":16777217.01,"taxes":[],"prepaid":0,"rounding":0}`

// serve answers every request by `handle`, and makes a client of that.
func serve(t *testing.T, handle http.HandlerFunc, options ...ClientOption) *Client {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	client, err := New(server.URL+"/", options...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func body(t *testing.T, request *http.Request) string {
	t.Helper()
	sent, err := io.ReadAll(request.Body)
	if err != nil {
		t.Error(err)
	}
	return string(sent)
}

func TestExtractSendsTheFileAndItsOptions(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		for name, wanted := range map[string]string{
			"model": "org/model:a", "schema": "", "include": "meta", "grounding": "report",
		} {
			if query.Get(name) != wanted {
				t.Errorf("%s is %q", name, query.Get(name))
			}
		}
		for name, wanted := range map[string]string{
			"Content-Type": "application/octet-stream", "Authorization": "Bearer secret", "Accept": "application/json",
			"Cache-Control": "no-cache", "X-Request-Id": "till-7", "User-Agent": "receipt-gateway-go/" + Version,
		} {
			if r.Header.Get(name) != wanted {
				t.Errorf("%s is %q", name, r.Header.Get(name))
			}
		}
		if r.URL.Path != "/extract/file" || body(t, r) != "a picture" {
			t.Errorf("%s", r.URL)
		}
		w.Header().Set("X-Checks", "total_adds_up,is_printed")
		w.Header().Set("X-Evidence", "9/10")
		w.Header().Set("X-Confidence", "0.83")
		w.Header().Set("X-Request-Id", "till-7")
		_, _ = io.WriteString(w, `{"invoice":`+answered+`,"meta":{"model":"m","fields":{"/total_due":
			{"confidence":0.5,"logprob":null,"printed":"printed","evidence":[{"page":1,"box":[0.1,0.2,0.3,0.4],
			"text":"16.777.217,01","source":"pdf","confidence":1}]}},"checks":[{"name":"total_adds_up","passed":false,
			"fields":["/total_due"],"message":"no"}]}}`)
	}, WithKey("secret"))
	reading, err := client.Extract(context.Background(), strings.NewReader("a picture"),
		WithPreset("org/model:a"), WithMeta(), WithGrounding(GroundingReport), WithoutCache(), WithRequestID("till-7"))
	if err != nil {
		t.Fatal(err)
	}
	invoice := reading.Value
	if invoice.TotalDue != "16777217.01" || invoice.Items[0].UnitPrice != "5000.5" || !invoice.DueDate.IsNull() {
		t.Errorf("%+v", invoice)
	}
	field := reading.Meta.Fields["/total_due"]
	if *field.Confidence != 0.5 || field.LogProb != nil || field.Printed != IsPrinted || field.Evidence[0].Box[3] != 0.4 {
		t.Errorf("%+v", field)
	}
	if failed := reading.Meta.Failed(); len(failed) != 1 || failed[0].Name != "total_adds_up" {
		t.Errorf("%+v", failed)
	}
	told := reading.Summary
	if told.Found != 9 || told.Expected != 10 || *told.Confidence != 0.83 || !told.Checked || len(told.FailedChecks) != 2 {
		t.Errorf("%+v", told)
	}
}

func TestAnInvoiceIsWrittenAsItWasRead(t *testing.T) {
	var invoice Invoice
	if err := json.Unmarshal([]byte(answered), &invoice); err != nil {
		t.Fatal(err)
	}
	written, err := json.Marshal(invoice)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"total_due":16777217.01`, `"due_date":null`, `"unit_price":5000.5`} {
		if !strings.Contains(string(written), part) {
			t.Errorf("%s is not in %s", part, written)
		}
	}
}

func TestPagesGoAsAForm(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseMultipartForm(1 << 20); err != nil {
			t.Error(err)
		}
		if files := r.MultipartForm.File["image"]; r.URL.Path != "/extract" || len(files) != 2 || files[1].Size != 6 {
			t.Errorf("%s %+v", r.URL, files)
		}
		_, _ = io.WriteString(w, answered)
	})
	pages := Pages(strings.NewReader("first"), strings.NewReader("second"))
	if _, err := client.ExtractFrom(context.Background(), pages); err != nil {
		t.Fatal(err)
	}
}

func TestAddressesAndSchemasOfTheirOwnGoAsJSON(t *testing.T) {
	var sent struct {
		URLs   []string        `json:"image_urls"`
		Schema json.RawMessage `json:"schema"`
	}
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&sent); err != nil || r.URL.Path != "/extract/url" {
			t.Errorf("%s %v", r.URL, err)
		}
		_, _ = io.WriteString(w, `{"total":12.50}`)
	})
	type brief struct {
		Total Decimal `json:"total"`
	}
	ctx := context.Background()
	reading, err := ExtractAs[brief](ctx, client, URL("https://example.com/a.png"), WithSchema("receipt-brief"))
	if err != nil || reading.Value.Total != "12.50" || string(sent.Schema) != `"receipt-brief"` {
		t.Fatalf("%+v %s %v", reading, sent.Schema, err)
	}
	own := json.RawMessage(`{"type":"object"}`)
	if _, err := ExtractAs[brief](ctx, client, File(strings.NewReader("hi")), WithSchemaDocument(own)); err != nil {
		t.Fatal(err)
	}
	encoded := "data:application/octet-stream;base64," + base64.StdEncoding.EncodeToString([]byte("hi"))
	if len(sent.URLs) != 1 || sent.URLs[0] != encoded || string(sent.Schema) != string(own) {
		t.Errorf("%+v", sent)
	}
}

func TestFaultsHaveTypes(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "r-1")
		switch r.URL.Query().Get("model") {
		case "blank":
			w.WriteHeader(http.StatusUnprocessableEntity)
			_, _ = io.WriteString(w, `{"error":"All pages are blank.","code":"nothing_to_read","param":"image"}`)
		case "proxy":
			w.WriteHeader(http.StatusBadGateway)
			_, _ = io.WriteString(w, "<html>")
		default:
			_, _ = io.WriteString(w, "not JSON")
		}
	})
	ask := func(model string) error {
		_, err := client.Extract(context.Background(), strings.NewReader("x"), WithModel(model))
		return err
	}
	err := ask("blank")
	var fault *Error
	if !errors.As(err, &fault) || !errors.Is(err, NothingToRead) || errors.Is(err, BrokenImage) || fault.Temporary() {
		t.Fatalf("%v", err)
	}
	wanted := Error{Status: 422, Code: NothingToRead, Message: "All pages are blank.", Param: "image", RequestID: "r-1"}
	if *fault != wanted || !strings.Contains(err.Error(), "request r-1") {
		t.Errorf("%+v", fault)
	}
	if err := ask("proxy"); !errors.As(err, &fault) || fault.Status != 502 || fault.Code != "" || fault.Message != "Bad Gateway" {
		t.Errorf("%v", err)
	}
	if err := ask("else"); err == nil || errors.As(err, &fault) {
		t.Errorf("%v", err)
	}
}

func TestRetryAfterIsWaitedFor(t *testing.T) {
	var tries int
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if sent := body(t, r); sent != "picture" {
			t.Errorf("try %d sends %q", tries, sent)
		}
		tries++
		status, after := http.StatusTooManyRequests, "1"
		switch r.URL.Query().Get("model") {
		case "once":
			if tries == 2 {
				_, _ = io.WriteString(w, answered)
				return
			}
		case "unsaid":
			status, after = http.StatusServiceUnavailable, ""
		case "long":
			after = "120"
		case "failed":
			status = http.StatusBadGateway
		}
		w.Header().Set("Retry-After", after)
		w.WriteHeader(status)
	}, WithRetries(1))
	var waited time.Duration
	client.sleep = func(_ context.Context, wait time.Duration) error {
		waited += wait
		return nil
	}
	for model, wanted := range map[string]int{"once": 2, "always": 2, "unsaid": 1, "long": 1, "failed": 1} {
		tries = 0
		_, err := client.Extract(context.Background(), strings.NewReader("picture"), WithModel(model))
		if tries != wanted || (err == nil) != (model == "once") {
			t.Errorf("%s: %d tries, %v", model, tries, err)
		}
		var fault *Error
		if model == "long" && (!errors.As(err, &fault) || fault.RetryAfter != 2*time.Minute || !fault.Temporary()) {
			t.Errorf("%+v", fault)
		}
	}
	if waited != 2*time.Second {
		t.Errorf("it waited for %s", waited)
	}
}

func TestTimeoutsEndACallAndItsWaits(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_ = body(t, r) // until then nobody notices that the client leaves
		if r.URL.Query().Get("model") == "slow" {
			<-r.Context().Done()
			return
		}
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(http.StatusTooManyRequests)
	}, WithTimeout(50*time.Millisecond))
	for _, model := range []string{"slow", "busy"} {
		_, err := client.Extract(context.Background(), strings.NewReader("x"), WithModel(model))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", model, err)
		}
	}
}

func TestWhatCannotBeSentIsNotSent(t *testing.T) {
	client := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("it was sent") }, WithMaxFileBytes(4))
	ctx := context.Background()
	if _, err := client.Extract(ctx, strings.NewReader("12345")); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	for _, source := range []Source{{}, File(nil), Pages(), URL()} {
		if _, err := client.ExtractFrom(ctx, source); !errors.Is(err, errNothing) {
			t.Error(err)
		}
	}
	for _, address := range []string{"localhost:8000", "ftp://x", "http://", "\x00"} {
		if _, err := New(address); err == nil {
			t.Errorf("%q is an address", address)
		}
	}
}
