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
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/danielgtaylor/huma/v2/validation"

	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/strictjson"
	"beian/shared/rules/text"
)

// maxBody is the default limit of a request body, in bytes: explanations of 20 papers with 1,000 escaped characters each fit. Parsing
// and normalising a hostile body takes up to 4 µs for each byte.
const maxBody = 128 << 10

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
			found = append(found, finding.New(CodeParameterTwice, "", "name", strictjson.Shorten(name)))
		}
	}
	if len(found) > 0 {
		c.problem(&fault.Fault{Kind: fault.Invalid, Findings: found}).write(w)
		return
	}
	next(ctx)
}

// readBody checks the type, size, encoding and content of a request body before huma reads it. It also computes the hash of the
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
	c.body, c.content = body, checkContent(body)
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

// A collection collects findings up to the number that is listed, and counts the rest.
type collection struct {
	found finding.List
	more  int
}

// add adds a finding, which is created only if it is listed. It returns true, so that a walk goes on.
func (l *collection) add(create func() finding.Finding) bool {
	if len(l.found) < finding.MaxListed {
		l.found = append(l.found, create())
	} else {
		l.more++
	}
	return true
}

// with returns both collections.
func (l collection) with(o collection) collection {
	return collection{append(l.found, o.found...), l.more + o.more}
}

// list returns the findings as they are listed.
func (l collection) list() finding.List { return l.found.Limited(l.more) }

// checkContent returns the findings about names given twice in an object, and texts that are damaged. Other characters that nobody sees
// are removed when a text is normalised: people paste them without knowing. It ends early where a body is not JSON: huma refuses it.
func checkContent(body []byte) collection {
	var l collection
	_ = strictjson.Walk(body, strictjson.Visitor{ // huma refuses what is not JSON
		Repeated: func(pointer func() string) bool {
			return l.add(func() finding.Finding { return finding.New(CodeFieldTwice, pointer()) })
		},
		Scalar: func(value json.Token, pointer func() string) bool {
			typed, ok := value.(string)
			return !ok || !text.Damaged(typed) || l.add(func() finding.Finding { return finding.New(CodeFieldCharacters, pointer()) })
		},
	})
	return l
}

// findUnfit finds the values for which encoding/json refused a body that fits its schema: numbers with a decimal point, an exponent
// or too many digits, for every number is an integer, and texts that are not base64 if that was refused. It returns none for a
// body that is not JSON.
func findUnfit(body []byte, refused string) collection {
	var l collection
	err := strictjson.Walk(body, strictjson.Visitor{Scalar: func(value json.Token, pointer func() string) bool {
		switch value := value.(type) {
		case json.Number:
			if _, err := strconv.ParseInt(value.String(), 10, 64); errors.Is(err, strconv.ErrRange) {
				l.add(func() finding.Finding { return finding.New(CodeFieldValue, pointer()) })
			} else if err != nil {
				l.add(func() finding.Finding { return wrongTypeOf(pointer(), validation.MsgExpectedInteger) })
			}
		case string:
			if _, err := base64.StdEncoding.DecodeString(value); err != nil && strings.Contains(refused, err.Error()) {
				l.add(func() finding.Finding { return wrongTypeOf(pointer(), validation.MsgExpectedBase64String) })
			}
		}
		return true
	}})
	if err != nil {
		return collection{}
	}
	return l
}
