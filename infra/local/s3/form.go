package s3

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
)

// Limits of the fields of an upload form before its file. S3 accepts 20 KB; a form of Beian has 9 fields with 2 KB.
const (
	maxFormHead   = 64 << 10
	maxFormFields = 64
)

// isForm reports whether a request uploads a file with an HTML form.
func isForm(r *http.Request) bool {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return r.Method == http.MethodPost && kind == "multipart/form-data"
}

// hasReadableForm reads a form up to its file and reports whether it is well-formed so far: the gateway answers 500 to other forms. The
// request can be read from its start afterwards.
func hasReadableForm(r *http.Request) bool {
	_, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var head bytes.Buffer
	form := multipart.NewReader(io.TeeReader(io.LimitReader(r.Body, maxFormHead), &head), params["boundary"])
	readable := false
	for range maxFormFields {
		part, err := form.NextPart()
		if readable = err == io.EOF || err == nil && part.FormName() == "file"; readable || err != nil {
			break
		}
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(&head, r.Body), r.Body}
	return readable
}
