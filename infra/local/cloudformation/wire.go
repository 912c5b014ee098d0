package cloudformation

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

const (
	namespace    = "http://cloudformation.amazonaws.com/doc/2010-05-15/"
	largestForm  = 2 << 20 // bytes of a request: a template's body, escaped, and its parameters
	mostMembers  = 500     // of a list in a request
	timeOnWire   = "2006-01-02T15:04:05.000Z"
	invalidValue = "ValidationError"
)

// A refusal is what the service says to a request that it does not take.
type refusal struct{ code, message string }

func (r *refusal) Error() string { return r.code + ": " + r.message }

func refuse(code, format string, args ...any) error {
	return &refusal{code, fmt.Sprintf(format, args...)}
}

func invalid(format string, args ...any) error { return refuse(invalidValue, format, args...) }

// operation decodes the request of one operation. A parameter that the operation does not know is refused: it would
// ask for something that is not done here.
func operation[In, Out any](do func(context.Context, In) (Out, error)) func(context.Context, url.Values) (any, error) {
	return func(ctx context.Context, form url.Values) (any, error) {
		var in In
		if err := decodeForm(form, reflect.ValueOf(&in).Elem()); err != nil {
			return nil, err
		}
		return do(ctx, in)
	}
}

// decodeForm reads a request of AWS's Query protocol: Name, List.member.1, Structure.Name.
func decodeForm(form url.Values, into reflect.Value) error {
	left := maps.Clone(form)
	delete(left, "Action")
	delete(left, "Version")
	if err := take(left, "", into); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		return invalid("The parameter %s is not supported here.", name)
	}
	return nil
}

// take moves what is at name from the form into a value.
func take(form url.Values, name string, into reflect.Value) error {
	switch into.Kind() {
	case reflect.Struct:
		for i := range into.NumField() {
			field := into.Type().Field(i).Name
			if name != "" {
				field = name + "." + field
			}
			if err := take(form, field, into.Field(i)); err != nil {
				return err
			}
		}
		return nil
	case reflect.Slice:
		delete(form, name) // the whole of an empty list
		for n := 1; n <= mostMembers; n++ {
			member := name + ".member." + strconv.Itoa(n)
			if !has(form, member) {
				return nil
			}
			value := reflect.New(into.Type().Elem()).Elem()
			if err := take(form, member, value); err != nil {
				return err
			}
			into.Set(reflect.Append(into, value))
		}
		return nil
	}
	if !form.Has(name) {
		return nil
	}
	value := form.Get(name)
	delete(form, name)
	if into.Kind() == reflect.Bool {
		yes, err := strconv.ParseBool(value)
		if err != nil {
			return invalid("The parameter %s must be true or false.", name)
		}
		into.SetBool(yes)
		return nil
	}
	into.SetString(value)
	return nil
}

func has(form url.Values, name string) bool {
	if form.Has(name) {
		return true
	}
	for each := range form {
		if strings.HasPrefix(each, name+".") {
			return true
		}
	}
	return false
}

// ServeHTTP answers the CloudFormation API.
func (h *Host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/xml")
	r.Body = http.MaxBytesReader(w, r.Body, largestForm)
	if err := r.ParseForm(); err != nil || r.Method != http.MethodPost {
		h.answerError(w, refuse("MalformedQueryString", "A form of at most %d bytes was expected.", largestForm))
		return
	}
	action := r.PostForm.Get("Action")
	do := h.operations()[action]
	if do == nil {
		h.answerError(w, refuse("InvalidAction", "The operation %q is not implemented.", action))
		return
	}
	out, err := do(r.Context(), r.PostForm)
	if err != nil {
		h.answerError(w, err)
		return
	}
	h.answer(w, http.StatusOK, response{action: action, result: out})
}

// A response is the answer to an action: <ActionResponse><ActionResult>…</ActionResult>…</ActionResponse>.
type response struct {
	action string
	result any
}

func (r response) MarshalXML(e *xml.Encoder, _ xml.StartElement) error {
	outer := xml.StartElement{Name: xml.Name{Local: r.action + "Response"},
		Attr: []xml.Attr{{Name: xml.Name{Local: "xmlns"}, Value: namespace}}}
	metadata := struct{ RequestId string }{uuid.NewString()}
	return errors.Join(
		e.EncodeToken(outer),
		e.EncodeElement(r.result, xml.StartElement{Name: xml.Name{Local: r.action + "Result"}}),
		e.EncodeElement(metadata, xml.StartElement{Name: xml.Name{Local: "ResponseMetadata"}}),
		e.EncodeToken(outer.End()),
	)
}

func (h *Host) answer(w http.ResponseWriter, status int, out any) {
	body, err := xml.Marshal(out)
	if err != nil {
		h.config.Log.Error("cloudformation: an answer does not encode", "error", err)
		status, body = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		h.config.Log.Debug("the answer did not reach the caller", "error", err)
	}
}

func (h *Host) answerError(w http.ResponseWriter, err error) {
	type failure struct{ Type, Code, Message string }
	type answer struct {
		XMLName   xml.Name `xml:"ErrorResponse"`
		Space     string   `xml:"xmlns,attr"`
		Error     failure
		RequestId string
	}
	known := (*refusal)(nil)
	if mistake := (*TemplateError)(nil); errors.As(err, &mistake) {
		known = &refusal{invalidValue, mistake.Message}
	}
	if known != nil || errors.As(err, &known) {
		h.answer(w, http.StatusBadRequest, answer{Space: namespace, Error: failure{"Sender", known.code, known.message}, RequestId: uuid.NewString()})
		return
	}
	h.config.Log.Error("cloudformation", "error", err)
	h.answer(w, http.StatusInternalServerError, answer{Space: namespace,
		Error: failure{"Receiver", "InternalFailure", "The request could not be carried out."}, RequestId: uuid.NewString()})
}

// An instant is a time as the API writes it.
type instant time.Time

func (t instant) MarshalText() ([]byte, error) {
	return []byte(time.Time(t).UTC().Format(timeOnWire)), nil
}

// optional is nil for a time that has not come.
func optional(t time.Time) *instant {
	if t.IsZero() {
		return nil
	}
	i := instant(t)
	return &i
}
