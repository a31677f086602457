package receipts

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"slices"
	"testing"
)

// gateway is a client of the gateway at $GATEWAY, and the file at $PICTURE, a receipt; without them the test is left
// out. tests/clients/run.py sets both.
func gateway(t *testing.T, options ...ClientOption) (*Client, []byte) {
	t.Helper()
	address := os.Getenv("GATEWAY")
	if address == "" {
		t.Skip("there is no GATEWAY")
	}
	client, err := New(address, options...)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := os.ReadFile(os.Getenv("PICTURE"))
	if err != nil {
		t.Fatal(err)
	}
	return client, picture
}

func TestGatewayReadsAReceipt(t *testing.T) {
	client, picture := gateway(t)
	ctx := context.Background()
	reading, err := client.Extract(ctx, bytes.NewReader(picture), WithMeta(), WithRequestID("go-1"))
	if err != nil {
		t.Fatal(err)
	}
	told, meta := reading.Summary, reading.Meta
	if told.ID == "" || told.RequestID != "go-1" || told.Model != "receipt-nano" || told.Provider != "receipt-gateway" || told.Attempts != 1 {
		t.Errorf("%+v", told)
	}
	if meta.Schema != "invoice" || meta.Pages != 1 || len(meta.Attempts) != 1 || len(meta.Checks) == 0 || meta.Usage.TotalTokens == 0 {
		t.Errorf("%+v", meta)
	}
	// The body says what the headers say, but for the provider, and digits that the header leaves out.
	counted := meta.summary("go-1")
	counted.Provider, counted.Confidence = told.Provider, told.Confidence
	if !reflect.DeepEqual(counted, told) {
		t.Errorf("%+v is not %+v", counted, told)
	}
	if total := meta.Fields["/total_due"]; total.Printed == IsPrinted && (len(total.Evidence) == 0 || total.Evidence[0].Text == "") {
		t.Errorf("%+v", total)
	}
	// Nothing of the answer is lost or changed in these types.
	decoder := json.NewDecoder(bytes.NewReader(reading.Raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(new(Invoice)); err != nil {
		t.Error(err)
	}
	written, err := json.Marshal(reading.Value)
	if err != nil || !sameJSON(t, reading.Raw, written) {
		t.Errorf("%s is not %s: %v", written, reading.Raw, err)
	}
}

// sameJSON compares two objects, their numbers digit by digit, and "" like null.
func sameJSON(t *testing.T, left, right []byte) bool {
	t.Helper()
	parse := func(data []byte) (value any) {
		decoder := json.NewDecoder(bytes.NewReader(bytes.ReplaceAll(data, []byte(`""`), []byte("null"))))
		decoder.UseNumber()
		if err := decoder.Decode(&value); err != nil {
			t.Error(err)
		}
		return value
	}
	return reflect.DeepEqual(parse(left), parse(right))
}

func TestMetaHasEveryFactOfTheGateway(t *testing.T) {
	client, picture := gateway(t)
	asked := settled([]Option{WithMeta()})
	sent, err := File(bytes.NewReader(picture)).message(asked, client.maxFileBytes)
	if err != nil {
		t.Fatal(err)
	}
	_, body, err := client.post(context.Background(), sent, asked)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(new(envelope)); err != nil {
		t.Error(err)
	}
}

func TestGatewayReadsByOtherRoutes(t *testing.T) {
	client, picture := gateway(t)
	ctx := context.Background()
	type brief struct {
		Merchant string  `json:"merchant"`
		Total    Decimal `json:"total"`
	}
	named, err := ExtractAs[brief](ctx, client, File(bytes.NewReader(picture)), WithSchema("receipt-brief"))
	if err != nil || named.Value.Merchant == "" {
		t.Errorf("%+v %v", named, err)
	}
	addressed, err := client.ExtractFrom(ctx, URL(os.Getenv("PICTURE_URL")), WithPreset("receipt"))
	if err != nil || addressed.Value.TotalDue.IsNull() {
		t.Errorf("%+v %v", addressed, err)
	}
	pages, err := client.ExtractFrom(ctx, Pages(bytes.NewReader(picture), bytes.NewReader(picture)), WithMeta())
	if err != nil || pages.Meta.Pages != 2 {
		t.Errorf("%+v %v", pages, err)
	}
	schema := json.RawMessage(`{"type":"object","properties":{"paid":{"type":"boolean"}},"required":["paid"],
		"additionalProperties":false}`)
	type verdict struct {
		Paid *bool `json:"paid"`
	}
	own, err := ExtractAs[verdict](ctx, client, File(bytes.NewReader(picture)), WithSchemaDocument(schema), WithModel("org/tiny"))
	if err != nil || own.Value.Paid == nil {
		t.Errorf("%+v %v", own, err)
	}
}

func TestGatewayReadsABatch(t *testing.T) {
	client, picture := gateway(t)
	files := []BatchFile{
		{"good.png", bytes.NewReader(picture)},
		{"bad.png", bytes.NewReader([]byte("no picture"))},
		{"again.png", bytes.NewReader(picture)},
	}
	read := map[string]error{}
	var totals []Decimal
	for result, err := range client.Batch(context.Background(), slices.Values(files)) {
		if read[result.Name] = err; err == nil {
			if result.Reading.Summary.ID == "" {
				t.Errorf("%s has no id", result.Name)
			}
			totals = append(totals, result.Reading.Value.TotalDue)
		}
	}
	if len(read) != 3 || !errors.Is(read["bad.png"], UnsupportedImage) || len(totals) != 2 || totals[0] != totals[1] {
		t.Errorf("%v %v", read, totals)
	}
}

func TestGatewayTellsItsFaults(t *testing.T) {
	client, picture := gateway(t, WithRetries(0))
	ctx := context.Background()
	for wanted, c := range map[Code]struct {
		content []byte
		option  Option
		status  int
		param   string
	}{
		ModelNotFound:    {picture, WithModel("nobody"), 404, "model"},
		SchemaNotFound:   {picture, WithSchema("nothing"), 404, "schema"},
		UnsupportedImage: {[]byte("no picture"), WithoutCache(), 415, ""},
		InvalidSchema:    {picture, WithSchemaDocument(json.RawMessage(`{"type":"nothing"}`)), 400, "schema"},
	} {
		_, err := client.Extract(ctx, bytes.NewReader(c.content), c.option)
		var fault *Error
		if !errors.As(err, &fault) || !errors.Is(err, wanted) || fault.Status != c.status || fault.Param != c.param ||
			fault.RequestID == "" {
			t.Errorf("%s: %v", wanted, err)
		}
	}
	over, leave := context.WithCancel(ctx)
	leave()
	if _, err := client.Extract(over, bytes.NewReader(picture)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestGatewayDescribesItself(t *testing.T) {
	client, _ := gateway(t)
	health, err := client.Health(context.Background())
	if err != nil || health.Status != "healthy" || health.Model != "receipt-nano" || !health.ModelLoaded {
		t.Errorf("%+v %v", health, err)
	}
	list, err := client.Schemas(context.Background())
	if err != nil || list.Default != "invoice" {
		t.Fatalf("%+v %v", list, err)
	}
	brief := func(schema Schema) bool { return schema.Name == "receipt-brief" && json.Valid(schema.Document) }
	if !slices.ContainsFunc(list.Schemas, brief) {
		t.Errorf("%+v", list)
	}
}
