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

// stored reads a request to S3, path-style.
func stored(r *http.Request, by string) ([]Call, error) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	call := Call{By: by, Resource: "arn:aws:s3:::" + bucket}
	if key != "" {
		call.Resource += "/" + key
	}
	query := r.URL.Query()
	switch {
	case bucket == "":
		call.Action, call.Resource = "s3:ListAllMyBuckets", "*"
	case key != "" && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		call.Action = "s3:GetObject"
	case key != "" && (r.Method == http.MethodPut || r.Method == http.MethodPost): // POST: of an upload in parts
		call.Action = "s3:PutObject"
	case key != "" && r.Method == http.MethodDelete:
		call.Action = "s3:DeleteObject"
	case r.Method == http.MethodPost && query.Has("delete"):
		call.Action, call.Resource = "s3:DeleteObject", call.Resource+"/*"
	case r.Method == http.MethodGet && query.Has("location"):
		call.Action = "s3:GetBucketLocation"
	case r.Method == http.MethodGet && query.Has("encryption"):
		call.Action = "s3:GetEncryptionConfiguration"
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		call.Action = "s3:ListBucket"
	case r.Method == http.MethodPut:
		call.Action = "s3:CreateBucket"
	default:
		call.Action = "s3:DeleteBucket"
	}
	return []Call{call}, nil
}

// presigned reads a request that carries its signature in the query or in a form, as a browser sends it. The call is that
// of whoever signed.
func presigned(r *http.Request) ([]Call, error) {
	if credential := r.URL.Query().Get("X-Amz-Credential"); credential != "" {
		by, _, _ := strings.Cut(credential, "/")
		return stored(r, by)
	}
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || r.Method != http.MethodPost {
		return nil, fmt.Errorf("%w: %s", ErrUnknown, r.Method)
	}
	body, err := peek(r)
	if err != nil {
		return nil, err
	}
	fields, err := form(body, parameters["boundary"])
	if err != nil {
		return nil, fmt.Errorf("form: %w", err)
	}
	by, _, _ := strings.Cut(fields["x-amz-credential"], "/")
	bucket := strings.Trim(r.URL.Path, "/")
	return []Call{{By: by, Action: "s3:PutObject", Resource: "arn:aws:s3:::" + bucket + "/" + fields["key"]}}, nil
}

// largestField is the most bytes that are read of a form's field.
const largestField = 16 << 10

// form returns the fields that come before a form's file, by names in lower case.
func form(body []byte, boundary string) (map[string]string, error) {
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
		value, err := io.ReadAll(io.LimitReader(part, largestField))
		if err != nil {
			return nil, err
		}
		fields[strings.ToLower(part.FormName())] = string(value)
	}
}
