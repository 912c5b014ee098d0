package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/danielgtaylor/huma/v2/validation"

	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// maxBody is the default limit of a request body, in bytes: explanations of 20 papers with 1,000 escaped characters each fit. Parsing
// and normalising a hostile body takes up to 4 µs for each byte.
const maxBody = 128 << 10

// maxFindings limits the findings about the syntax of a request: a response of Lambda has at most 6 MB.
const maxFindings = 100

// checkQuery refuses a query that is not URL-encoded, and one that has a parameter twice. Huma skips both.
func checkQuery(ctx huma.Context, next func(huma.Context)) {
	c := callOf(ctx.Context())
	r, w := humago.Unwrap(ctx)
	var found finding.List
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		found = append(found, finding.New(CodeQuery, ""))
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if len(query[name]) > 1 {
			found = append(found, finding.New(CodeParameterTwice, "", "name", truncate(name)))
		}
	}
	if len(found) > 0 {
		c.problem(&fault.Fault{Kind: fault.Invalid, Findings: found}).write(w)
		return
	}
	next(ctx)
}

// readBody checks the type, size, encoding and characters of a request body before huma reads it. It also computes the hash of the
// request, by which the store recognises a repeated request with the same Idempotency-Key.
func readBody(ctx huma.Context, next func(huma.Context)) {
	c := callOf(ctx.Context())
	r, w := humago.Unwrap(ctx)
	limit := ctx.Operation().MaxBodyBytes
	if limit == 0 {
		limit = maxBody
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	switch {
	case err != nil:
		c.problem(err).write(w)
		return
	case int64(len(body)) > limit:
		c.humaProblem(http.StatusRequestEntityTooLarge, "", nil).write(w)
		return
	case len(body) > 0 && ctx.Operation().RequestBody != nil && !c.checkType(r.Header, w):
		return
	case !utf8.Valid(body):
		c.problem(&fault.Fault{Kind: fault.Invalid, Findings: finding.List{finding.New(CodeNotUTF8, "")}}).write(w)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	c.body, c.invalidCharacters = body, findInvalidCharacters(body)
	sum := sha256.New()
	for _, part := range []string{r.Method, r.URL.Path, string(body)} {
		sum.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
	}
	c.hash = hex.EncodeToString(sum.Sum(nil))
	next(ctx)
}

// checkType answers 415 and returns false for a compressed body, and for a Content-Type that is no media type. Huma compares
// the type with the types of JSON, in small letters and without parameters.
func (c *Call) checkType(h http.Header, w http.ResponseWriter) bool {
	if coding := h.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		w.Header().Set("Accept-Encoding", "identity")
		c.newProblem(wrongType, uncompressed, finding.List{finding.New(CodeContentEncoding, "")}, nil).write(w)
		return false
	}
	given := h.Get("Content-Type")
	if given == "" {
		return true
	}
	kind, _, _ := mime.ParseMediaType(given)
	if !strings.Contains(kind, "/") {
		c.humaProblem(http.StatusUnsupportedMediaType, "", nil).write(w)
		return false
	}
	h.Set("Content-Type", kind)
	return true
}

// findInvalidCharacters finds texts with control characters and others that the bureau's XML cannot represent. It returns
// none for a body that is not JSON: huma refuses it.
func findInvalidCharacters(body []byte) finding.List {
	if !bytes.Contains(body, []byte(`\u`)) && !bytes.ContainsFunc(body, isForbidden) {
		return nil // the usual case
	}
	return walk(body, func(token json.Token, pointer func() string) finding.List {
		if text, ok := token.(string); ok && strings.ContainsFunc(text, isForbidden) {
			return finding.List{finding.New(CodeFieldCharacters, pointer())}
		}
		return nil
	})
}

// findUnfit finds the values for which encoding/json refused a body that fits its schema: numbers with a decimal point, an exponent
// or too many digits, for every number is an integer, and texts that are not base64 if that was refused. It returns none for a
// body that is not JSON.
func findUnfit(body []byte, refused string) finding.List {
	if !json.Valid(body) {
		return nil
	}
	return walk(body, func(token json.Token, pointer func() string) finding.List {
		switch value := token.(type) {
		case json.Number:
			if _, err := strconv.ParseInt(value.String(), 10, 64); errors.Is(err, strconv.ErrRange) {
				return finding.List{finding.New(CodeFieldValue, pointer())}
			} else if err != nil {
				return finding.List{wrongTypeOf(pointer(), validation.MsgExpectedInteger)}
			}
		case string:
			if _, err := base64.StdEncoding.DecodeString(value); err != nil && strings.Contains(refused, err.Error()) {
				return finding.List{wrongTypeOf(pointer(), validation.MsgExpectedBase64String)}
			}
		}
		return nil
	})
}

// walk visits all texts, numbers and other scalars of a JSON document, and returns at most maxFindings findings about them. The second
// argument of check returns the JSON pointer of the scalar.
func walk(body []byte, check func(json.Token, func() string) finding.List) finding.List {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	w := scalarVisitor{check: check}
	if err := w.checkValue(d); err != nil && !errors.Is(err, errStop) {
		return nil
	}
	return w.found
}

// errStop ends a visit early.
var errStop = errors.New("stop")

// A scalarVisitor visits all scalars of a JSON document.
type scalarVisitor struct {
	check func(token json.Token, pointer func() string) finding.List
	found finding.List
	path  []string // names and indexes of the current value
}

func (w *scalarVisitor) pointer() string {
	var text strings.Builder
	for _, name := range w.path {
		text.WriteString("/" + escape(truncate(name)))
	}
	return text.String()
}

func (w *scalarVisitor) checkValue(d *json.Decoder) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	open, ok := token.(json.Delim)
	if !ok {
		if w.found = append(w.found, w.check(token, w.pointer)...); len(w.found) >= maxFindings {
			return errStop
		}
		return nil
	}
	if len(w.path) == 100 {
		return errStop
	}
	for i := 0; d.More(); i++ {
		name := json.Token(strconv.Itoa(i))
		if open == '{' {
			if name, err = d.Token(); err != nil {
				return err
			}
		}
		text, _ := name.(string)
		w.path = append(w.path, text)
		if err := w.checkValue(d); err != nil {
			return err
		}
		w.path = w.path[:len(w.path)-1]
	}
	_, err = d.Token()
	return err
}

// isForbidden reports whether r is NUL, a character outside XML 1.0, or U+FFFD, by which package json replaces half a surrogate pair.
// Other control characters are removed when a text is normalised; people paste them without knowing.
func isForbidden(r rune) bool {
	return r == 0 || r == 0xfffd || r == 0xfffe || r == 0xffff
}

// dropControl removes control characters. It is an argument of [strings.Map].
func dropControl(r rune) rune {
	if unicode.IsControl(r) {
		return -1
	}
	return r
}
