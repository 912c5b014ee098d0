package api

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

// maxBody is the largest body of a request, in bytes, where an operation does not say otherwise.
const maxBody = 1 << 20

// maxStrange is how many fields with strange characters are named at once.
const maxStrange = 20

// readBody looks at a request's body before huma does: its size, its encoding, and characters that no form holds. It
// also takes the hash that an Idempotency-Key stands for.
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
		c.refusal(http.StatusRequestEntityTooLarge, "", nil).write(w)
		return
	case !utf8.Valid(body):
		c.problem(&fault.Fault{Kind: fault.Invalid, Findings: finding.List{finding.New(CodeNotUTF8, "")}}).write(w)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	c.strange = strange(body)
	sum := sha256.New()
	for _, part := range []string{r.Method, r.URL.Path, string(body)} {
		sum.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
	}
	c.hash = hex.EncodeToString(sum.Sum(nil))
	next(ctx)
}

// strange finds texts with characters that cannot be seen and that neither forms nor the bureau's XML can hold. A body
// that is not JSON has none; huma refuses it anyway.
func strange(body []byte) finding.List {
	if !bytes.Contains(body, []byte(`\u`)) && !bytes.ContainsFunc(body, forbidden) {
		return nil // the usual case: an escape or the character itself has to be there
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var w walker
	if err := w.value(d, ""); err != nil && !errors.Is(err, errEnough) {
		return nil
	}
	return w.found
}

var errEnough = errors.New("enough")

// A walker walks through JSON.
type walker struct {
	found finding.List
	depth int
}

func (w *walker) value(d *json.Decoder, pointer string) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	if text, ok := token.(string); ok {
		return w.look(text, pointer)
	}
	open, ok := token.(json.Delim)
	if !ok {
		return nil
	}
	if w.depth++; w.depth > 100 {
		return errEnough
	}
	for i := 0; d.More(); i++ {
		at := pointer + "/" + strconv.Itoa(i)
		if open == '{' {
			name, err := d.Token()
			if err != nil {
				return err
			}
			text, _ := name.(string)
			at = pointer + "/" + escape(cut(text))
		}
		if err := w.value(d, at); err != nil {
			return err
		}
	}
	w.depth--
	_, err = d.Token()
	return err
}

func (w *walker) look(text, pointer string) error {
	if !strings.ContainsFunc(text, forbidden) {
		return nil
	}
	w.found = append(w.found, finding.New(CodeFieldCharacters, pointer))
	if len(w.found) == maxStrange {
		return errEnough
	}
	return nil
}

// forbidden reports control characters but for line ends and tabs, and what XML 1.0 cannot hold. U+FFFD is among them:
// it stands where an escape was half a character.
func forbidden(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' || r == 0xfffd || r == 0xfffe || r == 0xffff
}

// printable drops what cannot be seen.
func printable(r rune) rune {
	if unicode.IsControl(r) {
		return -1
	}
	return r
}
