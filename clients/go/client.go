// Package receipts reads receipts and invoices with a receipt-gateway.
//
// A [Client] sends a picture or PDF to /extract and decodes the checked answer. Amounts are decimals as they are
// printed, never floats. The package needs the standard library alone.
package receipts

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Version is the version of this client; requests carry it in User-Agent.
const Version = "0.1.0"

const (
	// DefaultTimeout bounds a call with its retries; see [WithTimeout].
	DefaultTimeout = 5 * time.Minute
	// DefaultRetries is the number of further attempts after an answer that asks to wait; see [WithRetries].
	DefaultRetries = 2
	// DefaultMaxWait is the longest wait before another attempt; see [WithMaxWait].
	DefaultMaxWait = time.Minute
	// DefaultMaxFileBytes bounds the files of a request, which are held in memory for a retry; see [WithMaxFileBytes].
	DefaultMaxFileBytes = 32 << 20
	// maxAnswerBytes bounds an answer, or a line of a batch.
	maxAnswerBytes = 64 << 20
)

// Client asks one gateway. It may be used by several goroutines at once.
type Client struct {
	base         *url.URL
	http         *http.Client
	key          string
	timeout      time.Duration
	retries      int
	maxWait      time.Duration
	maxFileBytes int64
	sleep        func(context.Context, time.Duration) error
}

// ClientOption sets a property of a [Client].
type ClientOption func(*Client)

// WithKey sends an API key with every request.
func WithKey(key string) ClientOption { return func(c *Client) { c.key = key } }

// WithHTTPClient sends requests with another HTTP client, for example one with a transport of its own.
func WithHTTPClient(client *http.Client) ClientOption { return func(c *Client) { c.http = client } }

// WithTimeout bounds every call but [Client.Batch], its retries included; 0 leaves that to the call's context.
func WithTimeout(timeout time.Duration) ClientOption {
	return func(c *Client) { c.timeout = timeout }
}

// WithRetries sets how often a request is sent again after an answer of 429 or 503 that says when (Retry-After);
// 0 turns retries off.
func WithRetries(retries int) ClientOption { return func(c *Client) { c.retries = retries } }

// WithMaxWait sets the longest Retry-After that is waited for; a longer one ends the call with the gateway's error.
func WithMaxWait(wait time.Duration) ClientOption { return func(c *Client) { c.maxWait = wait } }

// WithMaxFileBytes bounds the files of a request, together.
func WithMaxFileBytes(bytes int64) ClientOption { return func(c *Client) { c.maxFileBytes = bytes } }

// New makes a client of the gateway at an address such as http://localhost:8000.
func New(address string, options ...ClientOption) (*Client, error) {
	base, err := url.Parse(strings.TrimRight(address, "/"))
	if err != nil {
		return nil, fmt.Errorf("the gateway's address: %w", err)
	}
	if base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
		return nil, fmt.Errorf("the gateway's address %q does not begin with http:// or https:// and a host", address)
	}
	client := &Client{
		base:         base,
		http:         http.DefaultClient,
		timeout:      DefaultTimeout,
		retries:      DefaultRetries,
		maxWait:      DefaultMaxWait,
		maxFileBytes: DefaultMaxFileBytes,
		sleep:        sleep,
	}
	for _, option := range options {
		option(client)
	}
	return client, nil
}

// Health says whether the gateway answers, and which model it reads receipts with.
type Health struct {
	Status      string `json:"status"`
	Model       string `json:"model"`
	ModelLoaded bool   `json:"model_loaded"`
}

// Health asks whether the gateway answers. It is not needed before [Client.Extract]: a model is loaded on first use,
// and the gateway itself falls back on other models.
func (c *Client) Health(ctx context.Context) (*Health, error) {
	health := new(Health)
	return health, c.get(ctx, "/health", health)
}

// SchemaList lists the schemas of a gateway.
type SchemaList struct {
	// Default is the schema of requests that name none.
	Default string   `json:"default"`
	Schemas []Schema `json:"schemas"`
}

// Schemas lists the schemas that [WithSchema] may name.
func (c *Client) Schemas(ctx context.Context) (*SchemaList, error) {
	list := new(SchemaList)
	return list, c.get(ctx, "/schemas", list)
}
