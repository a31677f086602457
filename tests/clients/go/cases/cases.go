// Package cases runs the cases of a Go client and prints a line of JSON for each.
package cases

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"time"
)

// What run.py tells every client.
var (
	// Gateway is the address of the gateway.
	Gateway = os.Getenv("GATEWAY")
	// PictureURL is the address of a receipt's picture.
	PictureURL = os.Getenv("PICTURE_URL")
	// DataURI is the same picture in a data: URI.
	DataURI = dataURI("image/png", os.Getenv("PICTURE"))
	// Document is an invoice as PDF in a data: URI.
	Document = dataURI("application/pdf", os.Getenv("DOCUMENT"))
)

// Case is what a client is to do, and the error of what it does not.
type Case struct {
	Name string
	Body func(context.Context) error
}

// caseSeconds bounds a case, so that a client that waits for ever fails it.
const caseSeconds = 60

func dataURI(kind, path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(data)
}

// Run runs the cases of a client.
func Run(client, version string, all []Case) {
	say := json.NewEncoder(os.Stdout)
	_ = say.Encode(map[string]string{"client": client, "version": version})
	for _, c := range all {
		var fault *string
		if err := c.run(); err != nil {
			text := err.Error()
			fault = &text
		}
		_ = say.Encode(map[string]any{"case": c.Name, "fault": fault})
	}
}

func (c Case) run() (err error) {
	ctx, leave := context.WithTimeout(context.Background(), caseSeconds*time.Second)
	defer leave()
	// A client that reads what is not there is what a case is about too.
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	return c.Body(ctx)
}

// Version is the version of a module that this program was built with.
func Version(module string) string {
	built, _ := debug.ReadBuildInfo()
	for _, used := range built.Deps {
		if used.Path == module {
			return strings.TrimPrefix(used.Version, "v")
		}
	}
	return "?"
}

// Expect is nil if `holds`, or else the error.
func Expect(holds bool, format string, values ...any) error {
	if holds {
		return nil
	}
	return fmt.Errorf(format, values...)
}

// Invoice is an error unless `text` is the object of the schema invoice.
func Invoice(text string) error {
	var invoice struct {
		Items    []json.RawMessage `json:"items"`
		TotalDue json.Number       `json:"total_due"`
		Taxes    []json.RawMessage `json:"taxes"`
	}
	if err := json.Unmarshal([]byte(text), &invoice); err != nil {
		return fmt.Errorf("%s: %w", text, err)
	}
	return Expect(invoice.Items != nil && invoice.Taxes != nil, "it is no invoice: %s", text)
}

// Occupied calls `body` while a model has no place for anybody else.
func Occupied(ctx context.Context, model string, body func() error) error {
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	asked, err := json.Marshal(map[string]any{
		"model": model, "max_tokens": 100_000, "stream": true,
		"messages": []map[string]string{{"role": "user", "content": "On and on"}},
	})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, Gateway+"/v1/chat/completions", bytes.NewReader(asked))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s is not free: %s", model, answer.Status)
	}
	return body()
}

// Soon calls `body` until the gateway has noticed that somebody left.
func Soon(ctx context.Context, body func() error) error {
	for tries := 0; ; tries++ {
		err := body()
		if err == nil || tries == 20 {
			return err
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return err
		}
	}
}

// Hasty is a context that ends long before a long answer does.
func Hasty(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, 200*time.Millisecond)
}

// Weather is the schema of a function's parameters, and of an object.
var Weather = map[string]any{
	"type":                 "object",
	"properties":           map[string]any{"sky": map[string]any{"type": "string", "enum": []string{"blue", "grey"}}},
	"required":             []string{"sky"},
	"additionalProperties": false,
}

// Sky is an error unless `text` is an object of [Weather].
func Sky(text string) error {
	var weather struct {
		Sky string `json:"sky"`
	}
	if err := json.Unmarshal([]byte(text), &weather); err != nil {
		return fmt.Errorf("%s: %w", text, err)
	}
	return Expect(weather.Sky == "blue" || weather.Sky == "grey", "the sky is %q", weather.Sky)
}
