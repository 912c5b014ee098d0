package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// maxBody is the default limit of a request body, in bytes.
const maxBody = 1 << 20

// maxInvalidCharacters limits how many fields with invalid characters are reported at once.
const maxInvalidCharacters = 20

// readBody checks the size, encoding and characters of a request body before huma reads it. It also computes the hash of the
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
	case !utf8.Valid(body):
		c.problem(&fault.Fault{Kind: fault.Invalid, Findings: finding.List{finding.New(CodeNotUTF8, "")}}).write(w)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	c.invalidCharacters = findInvalidCharacters(body)
	sum := sha256.New()
	for _, part := range []string{r.Method, r.URL.Path, string(body)} {
		sum.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
	}
	c.hash = hex.EncodeToString(sum.Sum(nil))
	next(ctx)
}

// findInvalidCharacters finds texts with control characters and others that the bureau's XML cannot represent. It returns
// none for a body that is not JSON: huma refuses it.
func findInvalidCharacters(body []byte) finding.List {
	if !bytes.Contains(body, []byte(`\u`)) && !bytes.ContainsFunc(body, isForbidden) {
		return nil // the usual case
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var w characterCheck
	if err := w.checkValue(d, ""); err != nil && !errors.Is(err, errStop) {
		return nil
	}
	return w.found
}

// errStop ends a characterCheck early.
var errStop = errors.New("stop")

// A characterCheck visits all texts of a JSON document and collects findings about invalid characters.
type characterCheck struct {
	found finding.List
	depth int
}

func (w *characterCheck) checkValue(d *json.Decoder, pointer string) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	if text, ok := token.(string); ok {
		return w.checkText(text, pointer)
	}
	open, ok := token.(json.Delim)
	if !ok {
		return nil
	}
	if w.depth++; w.depth > 100 {
		return errStop
	}
	for i := 0; d.More(); i++ {
		place := pointer + "/" + strconv.Itoa(i)
		if open == '{' {
			name, err := d.Token()
			if err != nil {
				return err
			}
			text, _ := name.(string)
			place = pointer + "/" + escape(truncate(text))
		}
		if err := w.checkValue(d, place); err != nil {
			return err
		}
	}
	w.depth--
	_, err = d.Token()
	return err
}

func (w *characterCheck) checkText(text, pointer string) error {
	if !strings.ContainsFunc(text, isForbidden) {
		return nil
	}
	w.found = append(w.found, finding.New(CodeFieldCharacters, pointer))
	if len(w.found) == maxInvalidCharacters {
		return errStop
	}
	return nil
}

// isForbidden reports whether r is a control character other than a line end or tab, a character outside XML 1.0, or U+FFFD, by
// which package json replaces half a surrogate pair.
func isForbidden(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' || r == 0xfffd || r == 0xfffe || r == 0xffff
}

// dropControl removes control characters. It is an argument of [strings.Map].
func dropControl(r rune) rune {
	if unicode.IsControl(r) {
		return -1
	}
	return r
}
