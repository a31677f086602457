package receipts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// batches answers each file of a form as soon as it has arrived; a file named bad with a fault.
func batches(w http.ResponseWriter, r *http.Request) {
	control := http.NewResponseController(w)
	if err := control.EnableFullDuplex(); err != nil {
		panic(err)
	}
	form, err := r.MultipartReader()
	if err != nil {
		panic(err)
	}
	w.Header().Set("X-Request-Id", "r-2")
	say := func(format string, values ...any) {
		_, _ = fmt.Fprintf(w, strings.ReplaceAll(format, "\n", " ")+"\n", values...)
		_ = control.Flush()
	}
	for index := 0; ; index++ {
		part, err := form.NextPart()
		if err == io.EOF {
			return
		}
		if err != nil {
			say(`{"index":null,"name":null,"error":"The form is cut off.","code":"invalid_body","status":400}`)
			return
		}
		if _, err := io.ReadAll(part); err != nil {
			continue
		}
		if part.FileName() == "bad" {
			say(`{"index":%d,"name":"bad","error":"It is blank.","code":"nothing_to_read","status":422}`, index)
			continue
		}
		name, _ := json.Marshal(part.FileName())
		say(`{"index":%d,"name":%s,"invoice":`+answered+`,"meta":{"model":"m","cache":"miss","attempts":[{}],
			"checks":[{"name":"total_adds_up","passed":false}],"fields":{"/a":{"printed":"printed"},
			"/b":{"printed":"missing"},"/c":{"printed":"exempt"}}}}`, index, name)
	}
}

func named(names ...string) iter.Seq[BatchFile] {
	return func(yield func(BatchFile) bool) {
		for _, name := range names {
			if !yield(BatchFile{name, strings.NewReader("the picture " + name)}) {
				return
			}
		}
	}
}

func TestABatchYieldsEachReceipt(t *testing.T) {
	client := serve(t, batches)
	var names []string
	for result, err := range client.Batch(context.Background(), named("a", "bad", `c "ü"`)) {
		names = append(names, result.Name)
		if result.Name == "bad" {
			var fault *Error
			if !errors.As(err, &fault) || fault.Status != 422 || fault.RequestID != "r-2" || result.Reading != nil {
				t.Errorf("%+v %v", result, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		told := result.Reading.Summary
		if result.Reading.Value.TotalDue != "16777217.01" || result.Index != len(names)-1 {
			t.Errorf("%+v", result)
		}
		if told.Model != "m" || told.Found != 1 || told.Expected != 2 || !told.Checked || len(told.FailedChecks) != 1 {
			t.Errorf("%+v", told)
		}
	}
	if !slices.Equal(names, []string{"a", "bad", `c "ü"`}) {
		t.Errorf("%q", names)
	}
}

func TestABatchIsSentWhileItIsRead(t *testing.T) {
	client := serve(t, batches)
	read := make(chan struct{}, 3)
	files := func(yield func(BatchFile) bool) {
		for index := range 3 {
			// The end of a file is known by the beginning of the next, so the one before that has been read.
			if index == 2 {
				<-read
			}
			if !yield(BatchFile{"a", strings.NewReader("x")}) {
				return
			}
		}
	}
	for _, err := range client.Batch(context.Background(), files) {
		if err != nil {
			t.Fatal(err)
		}
		read <- struct{}{}
	}
}

func TestLeavingABatchEndsIt(t *testing.T) {
	client := serve(t, batches)
	var asked int
	endless := func(yield func(BatchFile) bool) {
		for yield(BatchFile{"a", strings.NewReader("x")}) {
			asked++
		}
	}
	for _, err := range client.Batch(context.Background(), endless) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	// Nobody writes `asked` any more: the race detector holds that too.
	if asked == 0 {
		t.Error("no file was sent")
	}
}

func TestFaultsOfABatchItselfEndIt(t *testing.T) {
	broken := errors.New("the disk is gone")
	only := func(content io.Reader) iter.Seq[BatchFile] {
		return slices.Values([]BatchFile{{"a", content}})
	}
	refused := func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"error":"The key is wrong.","code":"invalid_api_key"}`)
	}
	over, leave := context.WithCancel(context.Background())
	leave()
	for name, c := range map[string]struct {
		ctx     context.Context
		handle  http.HandlerFunc
		files   iter.Seq[BatchFile]
		options []Option
		wanted  error
	}{
		"a file that breaks off": {context.Background(), batches, only(io.MultiReader(strings.NewReader("x"), failing{broken})), nil, broken},
		"a file without content": {context.Background(), batches, only(nil), nil, errNothing},
		"a key that is refused":  {context.Background(), refused, named("a", "b"), nil, InvalidAPIKey},
		"a call that is over":    {over, batches, named("a"), nil, context.Canceled},
		"a schema of its own":    {context.Background(), batches, named("a"), []Option{WithSchemaDocument(json.RawMessage(`{}`))}, errNoDocument},
	} {
		client := serve(t, c.handle)
		var last error
		for result, err := range client.Batch(c.ctx, c.files, c.options...) {
			if last = err; result.Index != -1 {
				t.Errorf("%s: %+v", name, result)
			}
		}
		if !errors.Is(last, c.wanted) {
			t.Errorf("%s: %v", name, last)
		}
	}
}

// failing is a reader that fails.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
