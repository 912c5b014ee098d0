package stepfunctions

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"beian/infra/local/asl"
)

// An apiError is an error of the API by its name, for example "ExecutionDoesNotExist".
type apiError struct {
	Type    string `json:"__type"`
	Message string `json:"message"`
}

func (e *apiError) Error() string { return e.Type + ": " + e.Message }

func newAPIError(kind, format string, args ...any) *apiError {
	return &apiError{Type: kind, Message: fmt.Sprintf(format, args...)}
}

// maxRequest is the maximum size of a body. The largest has an escaped input of 256 KiB.
const maxRequest = 2 << 20

// Limits of the API.
const (
	maxName     = 80
	maxError    = 256
	maxCause    = 32768
	maxPage     = 1000
	defaultPage = 100
	maxToken    = 2048
)

// targetPrefix is the prefix of the X-Amz-Target of every operation.
const targetPrefix = "AWSStepFunctions."

// operations are the operations that the host implements.
func (h *Host) operations() map[string]func(context.Context, []byte) (any, error) {
	return map[string]func(context.Context, []byte) (any, error){
		"StartExecution":      operation(h.startExecution),
		"StopExecution":       operation(h.stopExecution),
		"DescribeExecution":   operation(h.describeExecution),
		"ListExecutions":      operation(h.listExecutions),
		"GetExecutionHistory": operation(h.getExecutionHistory),
		"SendTaskSuccess":     operation(h.sendTaskSuccess),
		"SendTaskFailure":     operation(h.sendTaskFailure),
	}
}

// operation decodes the request of one operation. Unknown fields are ignored, as on AWS.
func operation[In, Out any](do func(context.Context, In) (Out, error)) func(context.Context, []byte) (any, error) {
	return func(ctx context.Context, body []byte) (any, error) {
		var in In
		if len(bytes.TrimSpace(body)) > 0 {
			if err := json.Unmarshal(body, &in); err != nil {
				return nil, newAPIError("SerializationException", "The request does not have the JSON of the operation: %v", err)
			}
		}
		return do(ctx, in)
	}
}

// ServeHTTP answers the Step Functions API.
func (h *Host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	name, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), targetPrefix)
	do := h.operations()[name]
	if !ok || do == nil {
		h.answerError(w, newAPIError("UnknownOperationException", "The operation %q is not implemented.", name))
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		h.answerError(w, newAPIError("ValidationException", "The request could not be read: %v", err))
		return
	}
	out, err := do(r.Context(), body)
	if err != nil {
		h.answerError(w, err)
		return
	}
	h.answer(w, http.StatusOK, out)
}

func (h *Host) answer(w http.ResponseWriter, status int, out any) {
	w.WriteHeader(status)
	if _, err := w.Write(encodeJSON(out)); err != nil {
		h.config.Log.Debug("the response could not be written", "error", err)
	}
}

func (h *Host) answerError(w http.ResponseWriter, err error) {
	var refusal *apiError
	if errors.As(err, &refusal) {
		w.Header().Set("X-Amzn-ErrorType", refusal.Type)
		h.answer(w, http.StatusBadRequest, refusal)
		return
	}
	h.config.Log.Error("a request to Step Functions failed", "error", err)
	h.answer(w, http.StatusInternalServerError, newAPIError("InternalFailure", "The data could not be read or stored."))
}

// A seconds marshals as the API's timestamps: seconds since 1970 with a fraction.
type seconds time.Time

func (s seconds) MarshalJSON() ([]byte, error) {
	t := time.Time(s)
	return fmt.Appendf(nil, "%d.%03d", t.Unix(), t.Nanosecond()/int(time.Millisecond)), nil
}

func stopped(x *asl.Execution) *seconds {
	if x.Stopped.IsZero() {
		return nil
	}
	s := seconds(x.Stopped)
	return &s
}

// checkName returns an error if AWS does not allow the name.
func checkName(name string) error {
	if name == "" || utf8.RuneCountInString(name) > maxName {
		return newAPIError("InvalidName", "Invalid Name: it must have 1 to %d characters.", maxName)
	}
	bad := func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`<>{}[]?*"#%\^|~`+"`"+`$&,;:/`, r)
	}
	if !utf8.ValidString(name) || strings.ContainsFunc(name, bad) {
		return newAPIError("InvalidName", "Invalid Name: it has white space or one of <>{}[]?*\"#%%\\^|~`$&,;:/.")
	}
	return nil
}

func checkLength(field, text string, most int) error {
	if utf8.RuneCountInString(text) > most {
		return newAPIError("ValidationException", "Value at '%s' failed to satisfy constraint: "+
			"Member must have length less than or equal to %d", field, most)
	}
	return nil
}

// pageSize returns the number of results of a page.
func pageSize(asked int) (int, error) {
	switch {
	case asked < 0 || asked > maxPage:
		return 0, newAPIError("ValidationException", "Value at 'maxResults' failed to satisfy constraint: "+
			"Member must be between 0 and %d", maxPage)
	case asked == 0:
		return defaultPage, nil
	}
	return asked, nil
}
