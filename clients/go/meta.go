package receipts

import "encoding/json"

// Meta holds the facts about a reading.
type Meta struct {
	// ID names the answer, as [Summary] does.
	ID string `json:"id"`
	// Schema is the schema's name; inline for one that the request brought.
	Schema string `json:"schema"`
	// Model is the one that gave the answer; none where an e-invoice states it, so that no model was asked.
	Model string `json:"model"`
	// Source is where the values come from: model, or the kind of e-invoice that states them.
	Source string `json:"source"`
	// EInvoice is the e-invoice that states the values; nil if a model read the pages.
	EInvoice *EInvoice `json:"e_invoice"`
	// XMLPassedOver is why the XML that the PDF carries was not used; "" if it carries none, or it was used.
	XMLPassedOver string `json:"xml_passed_over"`
	// Cache is the result of the cache lookup: hit, hit-shared, miss, coalesced or bypass.
	Cache string `json:"cache"`
	// Confidence is the lowest among amounts and dates; nil if there is none.
	Confidence *float64 `json:"confidence"`
	// Fields holds the confidence in each value and where it is printed, by JSON pointer.
	Fields map[string]Field `json:"fields"`
	Text   []PageText       `json:"text"`
	// Codes lists the codes that are printed on the pages.
	Codes     []PageCode `json:"codes"`
	Grounding Grounded   `json:"grounding"`
	// ItemsByRows is whether the items were read a second time, from the rows whose amounts make the subtotal or the
	// total, since those that the model listed first did not add up, or are not what stands there.
	ItemsByRows bool `json:"items_by_rows"`
	// Weighed lists the answers that were weighed where others were nearly as likely.
	Weighed []Weighed `json:"weighed"`
	Checks  []Check   `json:"checks"`
	// Attempts lists all attempts in order; one of them gave the answer. It is empty where no model was asked.
	Attempts []Attempt `json:"attempts"`
	Usage    Usage     `json:"usage"`
	Timings  Timings   `json:"timings"`
	// ReadAs is what the model was shown: pictures, page_text or pictures_and_page_text; xml where none was asked.
	ReadAs string `json:"read_as"`
	Pages  int    `json:"pages"`
	// BlankPages were not read; counted from 1 over all files.
	BlankPages []int `json:"blank_pages"`
}

// Failed lists the checks that failed.
func (m *Meta) Failed() []Check {
	var failed []Check
	for _, check := range m.Checks {
		if !check.Passed {
			failed = append(failed, check)
		}
	}
	return failed
}

// Printed is whether a value stands on the pages.
type Printed string

const (
	// IsPrinted values stand on the pages.
	IsPrinted Printed = "printed"
	// IsDerived values are a sum, product or quotient of printed ones.
	IsDerived Printed = "derived"
	// IsMissing values stand nowhere.
	IsMissing Printed = "missing"
	// IsExempt values need not be printed.
	IsExempt Printed = "exempt"
	// IsUnknown values may stand on a page whose text is not known.
	IsUnknown Printed = "unknown"
)

// Field is how sure one value is, and where it is printed.
type Field struct {
	// Confidence is the probability that the value is right; nil where it is not known.
	Confidence *float64 `json:"confidence"`
	// LogProb is the natural log of the probability that the model gave to the value's tokens; nil likewise.
	LogProb *float64 `json:"logprob"`
	Printed Printed  `json:"printed"`
	// Evidence lists the places where the value is printed, the likeliest first.
	Evidence []Evidence `json:"evidence"`
	// Stated lists the elements of an e-invoice that state the value; nil where none does.
	Stated []Stated `json:"stated,omitempty"`
}

// Stated is an element of an e-invoice that states a value.
type Stated struct {
	// Term is the business term of EN 16931, or the name that another standard has for it.
	Term string `json:"term"`
	// Element is the element's path.
	Element string `json:"element"`
	Text    string `json:"text"`
}

// EInvoice is an e-invoice that states the values.
type EInvoice struct {
	// Profile is the profile, such as en16931; "" if the file names none.
	Profile string `json:"profile"`
	// File is the name of the XML file, if a PDF carries it.
	File string `json:"file"`
}

// PageCode is a code that is printed on a page.
type PageCode struct {
	// Kind is the code's, such as epc, swiss_qr_bill, zatca or atcud.
	Kind string `json:"kind"`
	// Page is counted from 1 over all files.
	Page int `json:"page"`
	Box  Box `json:"box"`
	// Fields is what the code states, by name, as it is written in the code. Signatures are not judged.
	Fields map[string]string `json:"fields"`
}

// Evidence is a place where a value is printed.
type Evidence struct {
	// Page is counted from 1 over all files.
	Page int `json:"page"`
	Box  Box `json:"box"`
	// Text is what stands there.
	Text string `json:"text"`
	// Source is pdf for the characters that a PDF states, reader for the picture, and code for a printed code.
	Source string `json:"source"`
	// Confidence is the probability that the text was read right.
	Confidence float64 `json:"confidence"`
}

// Box is a left edge, an upper edge, a width and a height, in fractions of the upright page.
type Box [4]float64

// PageText is what is known of the text of a page.
type PageText struct {
	Page  int `json:"page"`
	Lines int `json:"lines"`
	// Sources counts the lines that the PDF states, and those that were read from the picture.
	Sources struct {
		PDF    int `json:"pdf"`
		Reader int `json:"reader"`
	} `json:"sources"`
	// Confidence is the mean of the words; nil if there are none.
	Confidence *float64 `json:"confidence"`
	// Unread is the reason why the text is not known: off, unloaded or late; "" if it is.
	Unread string `json:"unread"`
}

// Grounded is whether values were held to what is printed.
type Grounded struct {
	Mode Grounding `json:"mode"`
	// Reason is why they were free although they were to be held; "" if there is none.
	Reason string `json:"reason"`
}

// Weighed is an answer that was weighed against the one that the model wrote.
type Weighed struct {
	// Values are those that differ, by JSON pointer.
	Values  map[string]json.RawMessage `json:"values"`
	LogProb float64                    `json:"logprob"`
	Label   float64                    `json:"label"`
	Checks  int                        `json:"checks"`
	Payment int                        `json:"payment"`
	Worth   float64                    `json:"worth"`
	Chosen  bool                       `json:"chosen"`
}

// Check is the result of a check of sums or dates.
type Check struct {
	Name   string `json:"name"`
	Passed bool   `json:"passed"`
	// Fields are JSON pointers to the checked values.
	Fields []string `json:"fields"`
	// Message describes the disagreement, for people; "" if the check passed.
	Message string `json:"message"`
}

// Attempt is one attempt to read the receipt.
type Attempt struct {
	Model string `json:"model"`
	// Reason is first, retry or escalate.
	Reason       string   `json:"reason"`
	Confidence   *float64 `json:"confidence"`
	FailedChecks []string `json:"failed_checks"`
	ImageTokens  int      `json:"image_tokens"`
	Seconds      float64  `json:"seconds"`
	// Error is the reason that the attempt gave no answer; "" if it gave one.
	Error string `json:"error"`
}

// Usage counts the tokens of the attempt that gave the answer.
type Usage struct {
	PromptTokens     int `json:"prompt_tokens"`
	CompletionTokens int `json:"completion_tokens"`
	TotalTokens      int `json:"total_tokens"`
	// ForcedTokens and Steps are nil if a provider ran the model.
	ForcedTokens        *int `json:"forced_tokens"`
	Steps               *int `json:"steps"`
	PromptTokensDetails struct {
		CachedTokens int `json:"cached_tokens"`
	} `json:"prompt_tokens_details"`
	// Cost is in US dollars, of all attempts; nil if it is not known.
	Cost *Decimal `json:"cost"`
}

// Timings are the durations of the steps of a reading, in milliseconds.
type Timings struct {
	QueuedMS     float64 `json:"queued_ms"`
	PrepareMS    float64 `json:"prepare_ms"`
	TextMS       float64 `json:"text_ms"`
	FirstTokenMS float64 `json:"first_token_ms"`
	GenerateMS   float64 `json:"generate_ms"`
	WeighMS      float64 `json:"weigh_ms"`
	TotalMS      float64 `json:"total_ms"`
}
