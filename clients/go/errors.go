package receipts

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Error is an answer of the gateway other than 200, or the fault of one receipt of a batch.
//
//	var fault *receipts.Error
//	if errors.As(err, &fault) && fault.Status == 422 { ... }
//	if errors.Is(err, receipts.NothingToRead) { ... }
type Error struct {
	// Status is the HTTP status.
	Status int
	// Code names the fault for programs; "" if another server answered, such as a proxy.
	Code Code
	// Message describes it for people.
	Message string
	// Param is the field of the request at fault; "" if the gateway names none.
	Param string
	// RequestID finds the request in the gateway's log.
	RequestID string
	// RetryAfter is the time to wait before another attempt; 0 if the gateway states none.
	RetryAfter time.Duration
}

// Error describes the fault with its status, code and request.
func (e *Error) Error() string {
	text := fmt.Sprintf("receipt-gateway: %s (%d", e.Message, e.Status)
	if e.Code != "" {
		text += " " + string(e.Code)
	}
	if e.Param != "" {
		text += ", " + e.Param
	}
	if e.RequestID != "" {
		text += ", request " + e.RequestID
	}
	return text + ")"
}

// Is makes errors.Is compare the fault with a [Code].
func (e *Error) Is(target error) bool {
	code, ok := target.(Code)
	return ok && code != "" && e.Code == code
}

// Temporary says whether the same request may succeed later: the gateway is busy, a key's limit is reached, or a model,
// a provider or a download was not there or too slow.
func (e *Error) Temporary() bool {
	switch e.Status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusServiceUnavailable,
		http.StatusGatewayTimeout:
		return true
	default:
		return false
	}
}

// Code names a fault for programs. It is an error itself, for errors.Is.
type Code string

// Error returns the code.
func (c Code) Error() string { return string(c) }

// The codes that a caller may want to tell apart; the gateway's README lists all.
const (
	// NoImage: there is no file or address in the request.
	NoImage Code = "no_image"
	// InvalidSchema: the schema of [WithSchemaDocument] cannot be enforced; the message names the keyword.
	InvalidSchema Code = "invalid_schema"
	// InvalidImageURL: an address cannot be read, or may not be.
	InvalidImageURL Code = "invalid_image_url"
	// ContextLengthExceeded: the receipt is too long for the model.
	ContextLengthExceeded Code = "context_length_exceeded"
	// InvalidAPIKey: the key is missing or wrong.
	InvalidAPIKey Code = "invalid_api_key"
	// ModelNotFound: there is no such model or preset for this key.
	ModelNotFound Code = "model_not_found"
	// SchemaNotFound: there is no schema of that name.
	SchemaNotFound Code = "schema_not_found"
	// ImageTooLarge: a file has too many bytes.
	ImageTooLarge Code = "image_too_large"
	// TooManyImages: there are too many files.
	TooManyImages Code = "too_many_images"
	// UnsupportedImage: the file is of a kind that is not read.
	UnsupportedImage Code = "unsupported_image"
	// BrokenImage: the picture is damaged or cut off.
	BrokenImage Code = "broken_image"
	// BrokenPDF: a page of the PDF cannot be shown whole.
	BrokenPDF Code = "broken_pdf"
	// EncryptedPDF: the PDF does not open without a password.
	EncryptedPDF Code = "encrypted_pdf"
	// NothingToRead: all pages are blank, or have no text.
	NothingToRead Code = "nothing_to_read"
	// Overloaded: all places of the model are taken.
	Overloaded Code = "overloaded"
	// RateLimitExceeded: the key has reached a limit.
	RateLimitExceeded Code = "rate_limit_exceeded"
	// InvalidAnswer: the model's answer did not fit the schema; nothing was made up in its place.
	InvalidAnswer Code = "invalid_answer"
	// ModelNotLoaded: the model cannot be loaded now.
	ModelNotLoaded Code = "model_not_loaded"
	// DeadlineExceeded: the model took too long.
	DeadlineExceeded Code = "deadline_exceeded"
)

// faultBody is the body of an answer other than 200, and a fault in a line of a batch.
type faultBody struct {
	Error string `json:"error"`
	Code  Code   `json:"code"`
	Param string `json:"param"`
}

func (f *faultBody) fault(status int, requestID string) *Error {
	return &Error{Status: status, Code: f.Code, Message: f.Error, Param: f.Param, RequestID: requestID}
}

// faultOf reads the fault from an answer; one without the gateway's JSON has the words of its status.
func faultOf(response *http.Response, body []byte) *Error {
	told := new(faultBody)
	if json.Unmarshal(body, told) != nil || told.Error == "" {
		told.Error = http.StatusText(response.StatusCode)
	}
	fault := told.fault(response.StatusCode, response.Header.Get("X-Request-Id"))
	fault.RetryAfter = retryAfter(response.Header.Get("Retry-After"))
	return fault
}

// retryAfter reads seconds or a date; 0 if it is neither.
func retryAfter(header string) time.Duration {
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(time.Until(at), 0)
	}
	return 0
}
