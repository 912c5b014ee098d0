package bucket_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	locals3 "beian/infra/local/s3"
	"beian/shared/aws/bucket"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/setup"
)

func startBucket(t *testing.T) *bucket.Bucket {
	t.Helper()
	t.Chdir(t.TempDir()) // the gateway changes the working directory; this restores it
	g, err := locals3.Start(t.Context(), locals3.Config{
		Folder: t.TempDir(), Region: "cn-north-1", AccessKey: "local", SecretKey: "local-secret", Buckets: []string{"evidence"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return &bucket.Bucket{Name: "evidence", Client: s3.New(s3.Options{
		Region: "cn-north-1", BaseEndpoint: aws.String(g.Endpoint()), UsePathStyle: true, HTTPClient: setup.NewHTTPClient(),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local-secret", ""),
	})}
}

var now = time.Date(2019, 12, 25, 0, 0, 0, 0, time.UTC)

// postForm sends a form like a browser and returns the status.
func postForm(t *testing.T, form bucket.Form, file []byte) int {
	t.Helper()
	return postFormWith(t, http.DefaultClient, form, file).StatusCode
}

func postFormWith(t *testing.T, browser *http.Client, form bucket.Form, file []byte) *http.Response {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range form.Fields {
		w.WriteField(name, value)
	}
	part, err := w.CreateFormFile("file", "photo.jpg")
	if err != nil {
		t.Fatal(err)
	}
	part.Write(file)
	w.Close()
	response, err := browser.Post(form.URL, w.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	io.Copy(io.Discard, response.Body)
	return response
}

func TestUpload(t *testing.T) {
	b := startBucket(t)
	for name, c := range map[string]struct {
		size   int
		change func(map[string]string)
		good   bool
	}{
		"small":             {1000, func(map[string]string) {}, true},
		"exactly 20 MiB":    {evidence.MaxUpload, func(map[string]string) {}, true},
		"one byte more":     {evidence.MaxUpload + 1, func(map[string]string) {}, true}, // refused when it is submitted
		"empty":             {0, func(map[string]string) {}, true},
		"above 100 MiB":     {evidence.MaxStored + 1, func(map[string]string) {}, false},
		"another key":       {1000, func(f map[string]string) { f["key"] = "orders/BA2/other/1" }, false},
		"another type":      {1000, func(f map[string]string) { f["Content-Type"] = "text/html" }, false},
		"no type":           {1000, func(f map[string]string) { delete(f, "Content-Type") }, false},
		"another signature": {1000, func(f map[string]string) { f["X-Amz-Signature"] = strings.Repeat("0", 64) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			key := evidence.NewKey("BA1", "subject-certificate-front", now)
			form, err := b.PresignUpload(t.Context(), key, "image/jpeg", "")
			if err != nil {
				t.Fatal(err)
			}
			c.change(form.Fields)
			file := bytes.Repeat([]byte{7}, c.size)
			if status := postForm(t, form, file); (status/100 == 2) != c.good {
				t.Errorf("status %d", status)
			}
			data, err := b.Read(t.Context(), key)
			switch {
			case c.good && (err != nil || !bytes.Equal(data, file[:min(len(file), evidence.MaxUpload+1)])):
				t.Errorf("read %d bytes, %v", len(data), err)
			case !c.good && fault.KindOf(err) != fault.NotFound:
				t.Errorf("after a refusal: %d bytes, %v", len(data), err)
			}
		})
	}
}

// TestUploadRedirects: after the upload, the browser goes to the page of the form. The form cannot be sent without it, or with another.
func TestUploadRedirects(t *testing.T) {
	b := startBucket(t)
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	const page = "http://127.0.0.1:8080/orders/BA1/papers/other"
	for name, c := range map[string]struct {
		change func(map[string]string)
		status int
	}{
		"unchanged":    {func(map[string]string) {}, http.StatusSeeOther},
		"another page": {func(f map[string]string) { f["success_action_redirect"] = "http://127.0.0.1:8080/x" }, http.StatusForbidden},
		"no page":      {func(f map[string]string) { delete(f, "success_action_redirect") }, http.StatusForbidden},
	} {
		key := evidence.NewKey("BA1", "other", now)
		form, err := b.PresignUpload(t.Context(), key, "image/jpeg", page)
		if err != nil {
			t.Fatal(err)
		}
		c.change(form.Fields)
		response := postFormWith(t, browser, form, []byte("x"))
		to, err := response.Location()
		if response.StatusCode != c.status || c.status == http.StatusSeeOther && (err != nil || !strings.HasPrefix(to.String(), page+"?") || to.Query().Get("key") != string(key)) {
			t.Errorf("%s: status %d to %v", name, response.StatusCode, to)
		}
	}
}

func TestReadIsBounded(t *testing.T) {
	b := startBucket(t)
	key := evidence.NewKey("BA1", "other", now)
	if err := b.WriteObject(t.Context(), string(key), make([]byte, evidence.MaxUpload+5000)); err != nil {
		t.Fatal(err)
	}
	data, err := b.Read(t.Context(), key)
	if err != nil || len(data) != evidence.MaxUpload+1 {
		t.Errorf("%d bytes, %v", len(data), err)
	}
}

func TestDeleteAll(t *testing.T) {
	b := startBucket(t)
	var gone []evidence.Key
	for i := range 12 {
		key := evidence.NewKey("BA1", evidence.SiteSlot(i, evidence.VerificationForm), now)
		gone = append(gone, key, evidence.Key(key.Object("00")))
	}
	stays := evidence.NewKey("BA11", "other", now)
	for i, key := range append(gone, stays) {
		if err := b.WriteObject(t.Context(), string(key), fmt.Append(nil, i)); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // the second time there is nothing left
		if err := b.DeleteAll(t.Context(), evidence.KeyPrefix("BA1")); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range gone {
		if _, err := b.Read(t.Context(), key); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: %v", key, err)
		}
	}
	if _, err := b.Read(t.Context(), stays); err != nil {
		t.Errorf("another order's object: %v", err)
	}
}
