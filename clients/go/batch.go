package receipts

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime/multipart"
	"net/http"
)

// errNoDocument is the error of a batch with a schema of its own, for which its form has no place.
var errNoDocument = errors.New("a batch takes the name of a schema, not a schema")

// BatchFile is one receipt of a batch.
type BatchFile struct {
	// Name is told back with the result.
	Name string
	// Content is a picture or PDF; it is read to its end before the next file is asked for.
	Content io.Reader
}

// BatchResult is the result for one receipt of a batch.
type BatchResult[T any] struct {
	// Index is the receipt's position in the batch, from 0; -1 for an error of the batch itself.
	Index int
	// Name is the file's.
	Name string
	// Reading is nil if the receipt could not be read.
	Reading *Reading[T]
}

// Batch reads many invoices in one request, and yields each as soon as it is read, in any order.
//
//	for result, err := range client.Batch(ctx, slices.Values(files)) { ... }
//
// A receipt that cannot be read yields its [*Error] and does not stop the others. An error of the batch itself yields
// an index of -1 and ends it. Files are sent while results are read, from another goroutine, and so never held in
// memory whole; nothing is sent again after a fault. Leaving the loop cancels the rest, and no file is read after it.
// Only ctx bounds a batch.
func (c *Client) Batch(
	ctx context.Context, files iter.Seq[BatchFile], options ...Option,
) iter.Seq2[BatchResult[Invoice], error] {
	return BatchAs[Invoice](ctx, c, files, options...)
}

// BatchAs reads many receipts like [Client.Batch], into objects of the caller's own type by the schema of an option.
func BatchAs[T any](
	ctx context.Context, c *Client, files iter.Seq[BatchFile], options ...Option,
) iter.Seq2[BatchResult[T], error] {
	return func(yield func(BatchResult[T], error) bool) {
		fail := func(err error) { yield(BatchResult[T]{Index: -1}, err) }
		asked := settled(options)
		if asked.document != nil {
			fail(errNoDocument)
			return
		}
		ctx, leave := context.WithCancel(ctx)
		defer leave()
		response, sending, err := c.sendBatch(ctx, files, asked)
		if err != nil {
			fail(err)
			return
		}
		defer response.Body.Close()
		defer sending.stop()
		requestID := response.Header.Get("X-Request-Id")
		lines := bufio.NewScanner(response.Body)
		lines.Buffer(nil, maxAnswerBytes)
		for lines.Scan() {
			result, err := batchResult[T](lines.Bytes(), requestID)
			if !yield(result, err) {
				return
			}
		}
		if err := cause(sending.stop(), lines.Err()); err != nil {
			fail(err)
		}
	}
}

// sending is a form that is being sent.
type sending struct {
	read *io.PipeReader
	// done is closed when no file is read any more; then err is the fault of the files' own readers.
	done chan struct{}
	err  error
}

func (s *sending) run(form *multipart.Writer, write *io.PipeWriter, files iter.Seq[BatchFile]) {
	defer close(s.done)
	err := writeFiles(form, files)
	write.CloseWithError(err)
	// A closed pipe means that the gateway has answered without reading on, or that the caller has left.
	if !errors.Is(err, io.ErrClosedPipe) {
		s.err = err
	}
}

// stop ends the sending, and returns the fault of the files' own readers.
func (s *sending) stop() error {
	s.read.Close()
	<-s.done
	return s.err
}

// cause prefers the fault of a file, which cuts the request off, to what follows from it.
func cause(file, follows error) error {
	if file != nil {
		return file
	}
	return follows
}

// sendBatch begins to send the form, and returns when the answer begins.
func (c *Client) sendBatch(
	ctx context.Context, files iter.Seq[BatchFile], asked *settings,
) (*http.Response, *sending, error) {
	read, write := io.Pipe()
	form := multipart.NewWriter(write)
	request, err := c.request(ctx, http.MethodPost, "/extract/batch", read)
	if err != nil {
		return nil, nil, err
	}
	request.URL.RawQuery = asked.query().Encode()
	request.Header.Set("Accept", "application/x-ndjson")
	request.Header.Set("Content-Type", form.FormDataContentType())
	asked.headers(request.Header)
	sent := &sending{read: read, done: make(chan struct{})}
	go sent.run(form, write, files)
	response, err := c.http.Do(request)
	if err != nil {
		return nil, nil, cause(sent.stop(), err)
	}
	if response.StatusCode == http.StatusOK {
		return response, sent, nil
	}
	defer response.Body.Close()
	defer sent.stop()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes))
	if err != nil {
		return nil, nil, err
	}
	return nil, nil, faultOf(response, body)
}

func writeFiles(form *multipart.Writer, files iter.Seq[BatchFile]) error {
	for file := range files {
		if file.Content == nil {
			return fmt.Errorf("the file %q: %w", file.Name, errNothing)
		}
		part, err := form.CreateFormFile("image", file.Name)
		if err != nil {
			return err
		}
		if _, err := io.Copy(part, file.Content); err != nil {
			return fmt.Errorf("the file %q: %w", file.Name, err)
		}
	}
	return form.Close()
}

// batchLine is a line of a batch's answer.
type batchLine struct {
	Index  *int   `json:"index"`
	Name   string `json:"name"`
	Status int    `json:"status"`
	envelope
	faultBody
}

func batchResult[T any](line []byte, requestID string) (BatchResult[T], error) {
	var told batchLine
	result := BatchResult[T]{Index: -1}
	if err := json.Unmarshal(line, &told); err != nil {
		return result, fmt.Errorf("a line of the gateway's answer: %w", err)
	}
	result.Name = told.Name
	if told.Index != nil {
		result.Index = *told.Index
	}
	if told.Invoice == nil {
		return result, told.fault(told.Status, requestID)
	}
	reading := &Reading[T]{Raw: told.Invoice, Meta: told.Meta}
	reading.Summary = Summary{RequestID: requestID}
	if told.Meta != nil {
		reading.Summary = told.Meta.summary(requestID)
	}
	if err := json.Unmarshal(reading.Raw, &reading.Value); err != nil {
		return result, fmt.Errorf("the receipt %d: %w", result.Index, err)
	}
	result.Reading = reading
	return result, nil
}

// summary tells what the headers of an answer for this receipt alone would; they do not name the provider.
func (m *Meta) summary(requestID string) Summary {
	s := Summary{
		ID:         m.ID,
		RequestID:  requestID,
		Model:      m.Model,
		Attempts:   len(m.Attempts),
		Cache:      m.Cache,
		Confidence: m.Confidence,
		Checked:    len(m.Checks) > 0,
	}
	for _, check := range m.Failed() {
		s.FailedChecks = append(s.FailedChecks, check.Name)
	}
	for _, field := range m.Fields {
		switch field.Printed {
		case IsPrinted, IsDerived:
			s.Found++
			s.Expected++
		case IsMissing:
			s.Expected++
		case IsUnknown:
			s.Found, s.Expected = 0, 0
			return s
		}
	}
	return s
}
