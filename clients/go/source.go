package receipts

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/url"
)

// ErrTooLarge is the error of files that exceed [WithMaxFileBytes]. They were not sent.
var ErrTooLarge = errors.New("the files are larger than the client may hold")

// errNothing is the error of a request without a file or an address.
var errNothing = errors.New("there is no file or address to read")

// Source is what a receipt is read from: a [File], the [Pages] of one receipt, or addresses ([URL]).
type Source struct {
	files []io.Reader
	urls  []string
}

// File reads a receipt from a picture (PNG, JPEG, WebP, GIF, TIFF, BMP) or a PDF of one or more pages.
func File(content io.Reader) Source { return Source{files: []io.Reader{content}} }

// Pages reads one receipt from several pictures or PDFs, in order.
func Pages(contents ...io.Reader) Source { return Source{files: contents} }

// URL reads one receipt from the pictures or PDFs at addresses, in order. The gateway downloads them; an address is
// https://, http:// or a data: URI.
func URL(addresses ...string) Source { return Source{urls: addresses} }

// message is a request as it is sent, and sent again.
type message struct {
	path  string
	query url.Values
	kind  string
	body  []byte
}

// extraction is the JSON of a request for a receipt.
type extraction struct {
	ImageURLs []string        `json:"image_urls"`
	Model     string          `json:"model,omitempty"`
	Schema    json.RawMessage `json:"schema,omitempty"`
}

// message reads the source to its end and writes the request for it.
func (s Source) message(asked *settings, maxBytes int64) (*message, error) {
	files, err := s.read(maxBytes)
	if err != nil {
		return nil, err
	}
	switch {
	case len(files)+len(s.urls) == 0:
		return nil, errNothing
	case len(s.urls) > 0:
		return asked.json(s.urls)
	case asked.document != nil:
		// Only JSON can carry a schema of its own, so the files go as data: URIs, whose media type nobody reads.
		urls := make([]string, len(files))
		for i, file := range files {
			urls[i] = "data:application/octet-stream;base64," + base64.StdEncoding.EncodeToString(file)
		}
		return asked.json(urls)
	case len(files) == 1:
		return &message{"/extract/file", asked.query(), "application/octet-stream", files[0]}, nil
	default:
		return form(files, asked.query())
	}
}

func (s Source) read(maxBytes int64) ([][]byte, error) {
	files, left := make([][]byte, 0, len(s.files)), maxBytes
	for _, content := range s.files {
		if content == nil {
			return nil, errNothing
		}
		file, err := io.ReadAll(io.LimitReader(content, left+1))
		if err != nil {
			return nil, fmt.Errorf("the file: %w", err)
		}
		if left -= int64(len(file)); left < 0 {
			return nil, fmt.Errorf("%w, %d bytes", ErrTooLarge, maxBytes)
		}
		files = append(files, file)
	}
	return files, nil
}

func form(files [][]byte, query url.Values) (*message, error) {
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for i, file := range files {
		part, err := parts.CreateFormFile("image", fmt.Sprintf("page-%d", i+1))
		if err != nil {
			return nil, err
		}
		if _, err := part.Write(file); err != nil {
			return nil, err
		}
	}
	if err := parts.Close(); err != nil {
		return nil, err
	}
	return &message{"/extract", query, parts.FormDataContentType(), body.Bytes()}, nil
}
