package receipts

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// errAnswerTooLong is the error of an answer that is longer than any of the gateway's.
var errAnswerTooLong = fmt.Errorf("the answer is longer than %d bytes", maxAnswerBytes)

// post sends a request until it is answered with 200, with a fault that asks for no other attempt, or too late.
func (c *Client) post(ctx context.Context, sent *message, asked *settings) (http.Header, []byte, error) {
	ctx, done := c.bounded(ctx)
	defer done()
	for retries := c.retries; ; retries-- {
		request, err := c.request(ctx, http.MethodPost, sent.path, bytes.NewReader(sent.body))
		if err != nil {
			return nil, nil, err
		}
		request.URL.RawQuery = sent.query.Encode()
		request.Header.Set("Content-Type", sent.kind)
		asked.headers(request.Header)
		header, body, err := c.do(request)
		wait, again := c.pause(err)
		if !again || retries <= 0 {
			return header, body, err
		}
		if err := c.sleep(ctx, wait); err != nil {
			return nil, nil, err
		}
	}
}

// pause tells how long to wait before another attempt, if there is to be one.
func (c *Client) pause(err error) (time.Duration, bool) {
	var fault *Error
	if !errors.As(err, &fault) || fault.RetryAfter == 0 || fault.RetryAfter > c.maxWait {
		return 0, false
	}
	busy := fault.Status == http.StatusTooManyRequests || fault.Status == http.StatusServiceUnavailable
	return fault.RetryAfter, busy
}

func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *Client) get(ctx context.Context, path string, answer any) error {
	ctx, done := c.bounded(ctx)
	defer done()
	request, err := c.request(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	_, body, err := c.do(request)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, answer)
}

func (c *Client) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.timeout <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, c.timeout)
}

func (c *Client) request(ctx context.Context, method, path string, body io.Reader) (*http.Request, error) {
	at := c.base.JoinPath(path)
	request, err := http.NewRequestWithContext(ctx, method, at.String(), body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "receipt-gateway-go/"+Version)
	if c.key != "" {
		request.Header.Set("Authorization", "Bearer "+c.key)
	}
	return request, nil
}

// do sends a request once and reads its answer; one other than 200 is an [*Error].
func (c *Client) do(request *http.Request) (http.Header, []byte, error) {
	response, err := c.http.Do(request)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes+1))
	switch {
	case err != nil:
		return nil, nil, err
	case response.StatusCode != http.StatusOK:
		return nil, nil, faultOf(response, body)
	case len(body) > maxAnswerBytes:
		return nil, nil, errAnswerTooLong
	default:
		return response.Header, body, nil
	}
}
