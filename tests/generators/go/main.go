// What openapi-generator makes for Go. It is built inside of the generated module.
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"

	openapi "github.com/GIT_USER_ID/GIT_REPO_ID"
)

var (
	ctx     = context.Background()
	picture = os.Getenv("PICTURE")
	expects openapi.Invoice
	client  *openapi.APIClient
)

// total of an invoice, with what the gateway said of it.
func total(invoice *openapi.Invoice, err error) error {
	switch {
	case err != nil:
		return err
	case invoice == nil:
		return errors.New("no invoice")
	case invoice.GetTotalDue() != expects.GetTotalDue():
		return fmt.Errorf("%v is not %v", invoice.GetTotalDue(), expects.GetTotalDue())
	}
	return nil
}

func open(name string) *os.File {
	file, err := os.Open(name)
	if err != nil {
		panic(err)
	}
	return file
}

func dataURI() string {
	bytes, err := os.ReadFile(picture)
	if err != nil {
		panic(err)
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(bytes)
}

func byUpload() error {
	answer, _, err := client.ReceiptsAPI.ExtractReceipt(ctx).Image([]*os.File{open(picture)}).Execute()
	if err != nil {
		return err
	}
	return total(answer.Invoice, nil)
}

func twoPages() error {
	pages := []*os.File{open(picture), open(picture)}
	asked := client.ReceiptsAPI.ExtractReceipt(ctx).Image(pages).Model("receipt-nano").Include("meta")
	answer, _, err := asked.Execute()
	if err != nil {
		return err
	}
	if answer.ReadingBody == nil || answer.ReadingBody.Meta.Pages != 2 || answer.ReadingBody.Invoice.Invoice == nil {
		return fmt.Errorf("%+v", answer)
	}
	return nil
}

func byAddress() error {
	asked := openapi.NewExtractJson()
	asked.SetImageUrl(dataURI())
	answer, _, err := client.ReceiptsAPI.ExtractReceiptFromUrl(ctx).ExtractJson(*asked).Execute()
	if err != nil {
		return err
	}
	return total(answer.Invoice, nil)
}

func ownSchema() error {
	schema := openapi.NewJsonSchema()
	schema.AdditionalProperties = map[string]interface{}{
		"type":                 "object",
		"properties":           map[string]interface{}{"paid": map[string]string{"type": "boolean"}},
		"required":             []string{"paid"},
		"additionalProperties": false,
	}
	asked := openapi.NewExtractJson()
	asked.SetImageUrl(dataURI())
	asked.SetSchema(openapi.SchemaChoice{JsonSchema: schema})
	answer, _, err := client.ReceiptsAPI.ExtractReceiptFromUrl(ctx).ExtractJson(*asked).Execute()
	if err != nil {
		return err
	}
	if object := answer.MapmapOfStringAny; object == nil || len(*object) != 1 || (*object)["paid"] == nil {
		return fmt.Errorf("%+v", answer)
	}
	return nil
}

func asTheBody() error {
	answer, _, err := client.ReceiptsAPI.ExtractReceiptFromFile(ctx).Body(open(picture)).Execute()
	if err != nil {
		return err
	}
	return total(answer.Invoice, nil)
}

func aBatch() error {
	files := []*os.File{open(picture), open(os.Getenv("NO_PICTURE"))}
	lines, _, err := client.ReceiptsAPI.ExtractReceipts(ctx).Image(files).Execute()
	if err != nil {
		return err
	}
	if len(lines) != 2 || lines[1].GetStatus() != 415 {
		return fmt.Errorf("%+v", lines)
	}
	return total(lines[0].Invoice.Get().Invoice, nil)
}

func asked(model string, content openapi.Content) (*openapi.ChatCompletion, error) {
	message := openapi.NewWireMessage(openapi.USER)
	message.SetContent(content)
	request := openapi.NewChatRequest([]openapi.WireMessage{*message})
	request.SetModel(model)
	request.SetMaxTokens(4)
	if model == "receipt" {
		request.UnsetMaxTokens()
	}
	answer, _, err := client.OpenaiAPI.CreateChatCompletion(ctx).ChatRequest(*request).Execute()
	return answer, err
}

func chatWithAPicture() error {
	address := openapi.ImageUrl{ImageUrlObject: openapi.NewImageUrlObject(dataURI())}
	parts := []openapi.ContentPart{
		{ContentPartText: openapi.NewContentPartText("Read it.", "text")},
		{ContentPartImageUrl: openapi.NewContentPartImageUrl(address, "image_url")},
	}
	answer, err := asked("receipt", openapi.Content{ArrayOfContentPart: &parts})
	if err != nil {
		return err
	}
	invoice := new(openapi.Invoice)
	return total(invoice, json.Unmarshal([]byte(answer.Choices[0].Message.GetContent()), invoice))
}

func chat() error {
	hello := "Hello"
	answer, err := asked("org/tiny", openapi.Content{String: &hello})
	if err == nil && answer.Usage.CompletionTokens != 4 {
		err = fmt.Errorf("%+v", answer)
	}
	return err
}

func listed() error {
	list, _, err := client.OpenaiAPI.ListModels(ctx).Execute()
	if err != nil {
		return err
	}
	known := false
	for _, model := range list.Data {
		known = known || model.Id == "receipt-nano"
	}
	if !known {
		return fmt.Errorf("%+v", list)
	}
	found, _, err := client.OpenaiAPI.RetrieveModel(ctx, "org/tiny").Execute()
	if err == nil && found.Id != "org/tiny" {
		err = fmt.Errorf("%+v", found)
	}
	return err
}

func refusal() error {
	asked := client.ReceiptsAPI.ExtractReceipt(ctx).Image([]*os.File{open(picture)}).Model("nobody")
	_, _, err := asked.Execute()
	refused := new(openapi.GenericOpenAPIError)
	if !errors.As(err, &refused) {
		return fmt.Errorf("it is %v", err)
	}
	body, known := refused.Model().(openapi.ErrorBody)
	if !known || body.Code != "model_not_found" {
		return fmt.Errorf("%+v", refused.Model())
	}
	return nil
}

func exact() error {
	sent, err := json.Marshal(expects)
	if err != nil {
		return err
	}
	for _, amount := range []string{"16777217", "203800.45", "12345678.91"} {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(sent, &fields); err != nil {
			return err
		}
		fields["total_due"] = json.RawMessage(amount)
		changed, err := json.Marshal(fields)
		if err != nil {
			return err
		}
		invoice := new(openapi.Invoice)
		if err := json.Unmarshal(changed, invoice); err != nil {
			return err
		}
		if again := strconv.FormatFloat(invoice.GetTotalDue(), 'f', -1, 64); again != amount {
			return fmt.Errorf("%s became %s", amount, again)
		}
	}
	return nil
}

func main() {
	if err := json.Unmarshal([]byte(os.Getenv("INVOICE")), &expects); err != nil {
		panic(err)
	}
	configuration := openapi.NewConfiguration()
	configuration.Servers = openapi.ServerConfigurations{{URL: os.Getenv("GATEWAY")}}
	client = openapi.NewAPIClient(configuration)
	say(map[string]interface{}{"client": "openapi-generator, Go", "version": os.Getenv("GENERATOR")})
	for _, each := range []struct {
		name string
		body func() error
	}{
		{"a picture by upload", byUpload},
		{"two pages by upload", twoPages},
		{"a picture by address", byAddress},
		{"a schema of my own", ownSchema},
		{"a picture as the body", asTheBody},
		{"a batch", aBatch},
		{"a chat with a picture", chatWithAPicture},
		{"a chat", chat},
		{"models listed and found", listed},
		{"a refusal", refusal},
		{"amounts are exact", exact},
	} {
		var fault interface{}
		if err := each.body(); err != nil {
			fault = err.Error()
		}
		say(map[string]interface{}{"case": each.name, "fault": fault})
	}
}

func say(line map[string]interface{}) {
	if err := json.NewEncoder(os.Stdout).Encode(line); err != nil {
		panic(err)
	}
}
