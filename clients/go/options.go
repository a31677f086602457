package receipts

import (
	"encoding/json"
	"net/http"
	"net/url"
)

// Option sets a property of one reading, or of all readings of a batch.
type Option func(*settings)

// Grounding is whether values are held to what is printed.
type Grounding string

const (
	// GroundingEnforce chooses the fields that the schema marks as printed from what is printed.
	GroundingEnforce Grounding = "enforce"
	// GroundingReport leaves values free, and reports which of them are printed.
	GroundingReport Grounding = "report"
	// GroundingOff leaves values free, and does not look at the text of the pages.
	GroundingOff Grounding = "off"
)

// settings is what the options of a request add up to.
type settings struct {
	model, schema string
	document      json.RawMessage
	grounding     Grounding
	meta, fresh   bool
	requestID     string
}

// WithModel names the model that reads; the gateway's own default if left out.
func WithModel(model string) Option { return func(s *settings) { s.model = model } }

// WithPreset names a preset of the gateway, which stands for models, a schema and settings. It takes the place of a
// model.
func WithPreset(preset string) Option { return WithModel(preset) }

// WithSchema names a schema of the gateway, see [Client.Schemas]; its object is read by [ExtractAs].
func WithSchema(name string) Option {
	return func(s *settings) { s.schema, s.document = name, nil }
}

// WithSchemaDocument brings a JSON Schema of its own (draft 2020-12); its object is read by [ExtractAs]. A batch does
// not take one.
func WithSchemaDocument(schema json.RawMessage) Option {
	return func(s *settings) { s.schema, s.document = "", schema }
}

// WithMeta asks for the facts about the reading too: [Reading.Meta].
func WithMeta() Option { return func(s *settings) { s.meta = true } }

// WithGrounding says whether values are held to what is printed; the model's own setting if left out.
func WithGrounding(grounding Grounding) Option {
	return func(s *settings) { s.grounding = grounding }
}

// WithoutCache reads anew, whatever the gateway remembers.
func WithoutCache() Option { return func(s *settings) { s.fresh = true } }

// WithRequestID names the request in the gateway's log; the gateway's own id if left out.
func WithRequestID(id string) Option { return func(s *settings) { s.requestID = id } }

func settled(options []Option) *settings {
	asked := new(settings)
	for _, option := range options {
		option(asked)
	}
	return asked
}

// query holds the settings for a body that cannot: a file or a form.
func (s *settings) query() url.Values {
	query := s.flags()
	set := func(name, value string) {
		if value != "" {
			query.Set(name, value)
		}
	}
	set("model", s.model)
	set("schema", s.schema)
	return query
}

// flags holds the settings that only a query can.
func (s *settings) flags() url.Values {
	query := url.Values{}
	if s.meta {
		query.Set("include", "meta")
	}
	if s.grounding != "" {
		query.Set("grounding", string(s.grounding))
	}
	return query
}

// json writes the request for pictures at addresses.
func (s *settings) json(urls []string) (*message, error) {
	schema := s.document
	if schema == nil && s.schema != "" {
		name, err := json.Marshal(s.schema)
		if err != nil {
			return nil, err
		}
		schema = name
	}
	body, err := json.Marshal(extraction{urls, s.model, schema})
	if err != nil {
		return nil, err
	}
	return &message{"/extract/url", s.flags(), "application/json", body}, nil
}

func (s *settings) headers(header http.Header) {
	if s.fresh {
		header.Set("Cache-Control", "no-cache")
	}
	if s.requestID != "" {
		header.Set("X-Request-Id", s.requestID)
	}
}
