package awsrequest

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
)

// readS3 parses a path-style request to S3.
func readS3(r *http.Request, by string) ([]Call, error) {
	bucket, key, isObject := strings.Cut(strings.Trim(r.URL.Path, "/"), "/")
	action := map[string]string{
		http.MethodGet: "s3:GetObject", http.MethodHead: "s3:GetObject", http.MethodPut: "s3:PutObject", http.MethodDelete: "s3:DeleteObject",
	}[r.Method]
	switch {
	case isObject && action != "":
		return []Call{{By: by, Action: action, Resource: "arn:aws:s3:::" + bucket + "/" + key}}, nil
	case !isObject && r.Method == http.MethodPost && r.URL.Query().Has("delete"): // the keys are in the body
		return []Call{{By: by, Action: "s3:DeleteObject", Resource: "arn:aws:s3:::" + bucket + "/*"}}, nil
	case !isObject && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		return []Call{{By: by, Action: "s3:ListBucket", Resource: "arn:aws:s3:::" + bucket}}, nil
	}
	return nil, fmt.Errorf("%w: s3 %s", ErrUnknown, r.Method)
}

// readPresigned parses a request with its signature in the query or in a form, as browsers send it. The caller is the signer.
func readPresigned(r *http.Request) ([]Call, error) {
	if credential := r.URL.Query().Get("X-Amz-Credential"); credential != "" {
		by, _, _ := strings.Cut(credential, "/")
		return readS3(r, by)
	}
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || r.Method != http.MethodPost {
		return nil, fmt.Errorf("%w: %s", ErrUnknown, r.Method)
	}
	body, err := peekBody(r)
	if err != nil {
		return nil, err
	}
	fields, err := formFields(body, parameters["boundary"])
	if err != nil {
		return nil, fmt.Errorf("form: %w", err)
	}
	by, _, _ := strings.Cut(fields["x-amz-credential"], "/")
	bucket := strings.Trim(r.URL.Path, "/")
	return []Call{{By: by, Action: "s3:PutObject", Resource: "arn:aws:s3:::" + bucket + "/" + fields["key"]}}, nil
}

const maxField = 16 << 10 // bytes of a form's field

// formFields returns the fields before a form's file, with names in lower case.
func formFields(body []byte, boundary string) (map[string]string, error) {
	fields := map[string]string{}
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := parts.NextPart()
		if err == io.EOF || err == nil && part.FileName() != "" {
			return fields, nil
		}
		if err != nil {
			return nil, err
		}
		value, err := io.ReadAll(io.LimitReader(part, maxField))
		if err != nil {
			return nil, err
		}
		fields[strings.ToLower(part.FormName())] = string(value)
	}
}
