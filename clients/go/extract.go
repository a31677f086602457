package receipts

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// Reading is what was read from one receipt.
type Reading[T any] struct {
	// Value is the object: an [Invoice], or the type that the caller gave for another schema.
	Value T
	// Raw is the object as the gateway wrote it.
	Raw json.RawMessage
	// Meta holds the facts about the reading; nil without [WithMeta].
	Meta *Meta
	// Summary is the answer's headers.
	Summary Summary
}

// Summary is how far an answer is to be trusted, and who gave it.
type Summary struct {
	// ID names the answer: GET /api/v1/generation?id= tells for an hour what it took.
	ID string
	// RequestID finds the request in the gateway's log.
	RequestID string
	// Model is the model that answered, and Provider who runs it; receipt-gateway for the gateway itself.
	Model, Provider string
	// Attempts is how often the receipt was read.
	Attempts int
	// Cache is the result of the cache lookup: hit, hit-shared, miss, coalesced or bypass.
	Cache string
	// Confidence is the lowest confidence among amounts and dates, 0 to 1; nil if there is none.
	Confidence *float64
	// Found of Expected values that have to be printed are; both 0 where the text of a page is not known.
	Found, Expected int
	// Checked is true if there was something to check.
	Checked bool
	// FailedChecks names the checks that failed.
	FailedChecks []string
}

// Extract reads one receipt or invoice from a picture or PDF.
//
// It reads content to its end, which the caller closes. An answer of 429 or 503 that says when to come back is waited
// for, see [WithRetries]. An answer of the gateway other than 200 is an [*Error].
func (c *Client) Extract(ctx context.Context, content io.Reader, options ...Option) (*Reading[Invoice], error) {
	return ExtractAs[Invoice](ctx, c, File(content), options...)
}

// ExtractFrom reads one receipt or invoice from several pages, or from addresses.
func (c *Client) ExtractFrom(ctx context.Context, source Source, options ...Option) (*Reading[Invoice], error) {
	return ExtractAs[Invoice](ctx, c, source, options...)
}

// ExtractAs reads one receipt into an object of the caller's own type, by a schema that an option names or brings.
func ExtractAs[T any](ctx context.Context, c *Client, source Source, options ...Option) (*Reading[T], error) {
	asked := settled(options)
	sent, err := source.message(asked, c.maxFileBytes)
	if err != nil {
		return nil, err
	}
	header, body, err := c.post(ctx, sent, asked)
	if err != nil {
		return nil, err
	}
	reading := &Reading[T]{Summary: summary(header)}
	if err := reading.decode(body, asked.meta); err != nil {
		return nil, fmt.Errorf("the gateway's answer (request %s): %w", reading.Summary.RequestID, err)
	}
	return reading, nil
}

// envelope is an answer with the facts about its reading.
type envelope struct {
	Invoice json.RawMessage `json:"invoice"`
	Meta    *Meta           `json:"meta"`
}

func (r *Reading[T]) decode(body []byte, meta bool) error {
	r.Raw = body
	if meta {
		var answer envelope
		if err := json.Unmarshal(body, &answer); err != nil {
			return err
		}
		r.Raw, r.Meta = answer.Invoice, answer.Meta
	}
	return json.Unmarshal(r.Raw, &r.Value)
}

func summary(header http.Header) Summary {
	s := Summary{
		ID:        header.Get("X-Generation-Id"),
		RequestID: header.Get("X-Request-Id"),
		Model:     header.Get("X-Model"),
		Provider:  header.Get("X-Provider"),
		Cache:     header.Get("X-Cache"),
	}
	s.Attempts, _ = strconv.Atoi(header.Get("X-Attempts"))
	if confidence, err := strconv.ParseFloat(header.Get("X-Confidence"), 64); err == nil {
		s.Confidence = &confidence
	}
	found, expected, _ := strings.Cut(header.Get("X-Evidence"), "/")
	s.Found, _ = strconv.Atoi(found)
	s.Expected, _ = strconv.Atoi(expected)
	switch checks := header.Get("X-Checks"); checks {
	case "", "none":
	case "ok":
		s.Checked = true
	default:
		s.Checked, s.FailedChecks = true, strings.Split(checks, ",")
	}
	return s
}
