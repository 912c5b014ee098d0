package s3_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	locals3 "beian/infra/local/s3"
	"beian/shared/setup"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

const (
	bucket = "evidence"
	region = "cn-north-1"
	origin = "http://127.0.0.1:8080"
)

func newConfig(t *testing.T) locals3.Config {
	return locals3.Config{
		Folder: t.TempDir(), Region: region, AccessKey: "local", SecretKey: "local-secret",
		Buckets: []string{bucket}, Origin: origin,
	}
}

func startGateway(t *testing.T, c locals3.Config) *locals3.Gateway {
	t.Helper()
	t.Chdir(t.TempDir()) // the gateway changes the working directory; this restores it
	g, err := locals3.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return g
}

func client(endpoint string) *s3.Client {
	return s3.New(s3.Options{
		Region: region, BaseEndpoint: aws.String(endpoint), UsePathStyle: true, HTTPClient: setup.NewHTTPClient(),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local-secret", ""),
	})
}

func send(t *testing.T, method, url string, header http.Header, body io.Reader) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		r.Header[name] = values
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(text)
}

func TestObjectsOutliveTheGateway(t *testing.T) {
	c := newConfig(t)
	g := startGateway(t, c)
	s := client(g.Endpoint())
	if _, err := s.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String(bucket), Key: aws.String("o-1/a.jpg"), Body: strings.NewReader("picture"),
		ContentType: aws.String("image/jpeg"), Metadata: map[string]string{"sha256": "abc"},
	}); err != nil {
		t.Fatal(err)
	}
	if err := g.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	s = client(startGateway(t, c).Endpoint())
	head, err := s.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String(bucket), Key: aws.String("o-1/a.jpg")})
	if err != nil {
		t.Fatal(err)
	}
	if aws.ToString(head.ContentType) != "image/jpeg" || aws.ToInt64(head.ContentLength) != 7 ||
		head.Metadata["sha256"] != "abc" {
		t.Errorf("head: %+v", head)
	}
	if _, err := s.CopyObject(t.Context(), &s3.CopyObjectInput{
		Bucket: aws.String(bucket), Key: aws.String("o-1/b.jpg"), CopySource: aws.String(bucket + "/o-1/a.jpg"),
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.DeleteObject(t.Context(), &s3.DeleteObjectInput{
		Bucket: aws.String(bucket), Key: aws.String("o-1/a.jpg")}); err != nil {
		t.Fatal(err)
	}
	list, err := s.ListObjectsV2(t.Context(),
		&s3.ListObjectsV2Input{Bucket: aws.String(bucket), Prefix: aws.String("o-1/")})
	if err != nil {
		t.Fatal(err)
	}
	if len(list.Contents) != 1 || aws.ToString(list.Contents[0].Key) != "o-1/b.jpg" {
		t.Errorf("list: %+v", list.Contents)
	}
	got, err := s.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String("o-1/b.jpg")})
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := io.ReadAll(got.Body); string(text) != "picture" {
		t.Errorf("the copy is %q", text)
	}
}

// TestAccessKeys checks that another access key works with its secret only.
// TestDeleteBefore: only objects that were written before the time are deleted.
func TestDeleteBefore(t *testing.T) {
	g := startGateway(t, newConfig(t))
	s := client(g.Endpoint())
	if _, err := s.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String("o-1/a.jpg"), Body: strings.NewReader("picture")}); err != nil {
		t.Fatal(err)
	}
	for i, before := range []time.Time{time.Now().Add(-time.Hour), time.Now().Add(time.Hour), time.Now().Add(time.Hour)} {
		if err := g.DeleteBefore(t.Context(), bucket, before); err != nil {
			t.Fatal(err)
		}
		list, err := s.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String(bucket)})
		if err != nil || (len(list.Contents) == 1) != (i == 0) {
			t.Errorf("call %d: %d objects, %v", i, len(list.Contents), err)
		}
	}
}

func TestAccessKeys(t *testing.T) {
	c := newConfig(t)
	c.Secret = func(key string) string { return map[string]string{"api": "api-secret"}[key] }
	g := startGateway(t, c)
	for key, good := range map[[2]string]bool{{"api", "api-secret"}: true, {"api", "another"}: false, {"unknown", ""}: false, {"unknown", "api-secret"}: false} {
		s := s3.New(s3.Options{
			Region: region, BaseEndpoint: aws.String(g.Endpoint()), UsePathStyle: true, RetryMaxAttempts: 1, HTTPClient: setup.NewHTTPClient(),
			Credentials: credentials.NewStaticCredentialsProvider(key[0], key[1], ""),
		})
		_, err := s.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String("a"), Body: strings.NewReader("b")})
		if (err == nil) != good {
			t.Errorf("%v: %v", key, err)
		}
	}
}

func TestOneGatewayPerProcess(t *testing.T) {
	startGateway(t, newConfig(t))
	if g, err := locals3.Start(t.Context(), newConfig(t)); err == nil {
		g.Close()
		t.Error("a second gateway in the process was started")
	}
}

func TestPortTaken(t *testing.T) {
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	c := newConfig(t)
	fmt.Sscanf(other.URL, "http://127.0.0.1:%d", &c.Port)
	if _, err := locals3.Start(t.Context(), c); err == nil {
		t.Error("the gateway started on a port in use")
	}
}

// form is a presigned POST as a browser sends it: the policy's fields, then the file.
type form struct {
	url    string
	fields map[string]string
	file   []byte
}

func presign(t *testing.T, endpoint string, expires time.Duration) form {
	t.Helper()
	signed, err := s3.NewPresignClient(client(endpoint)).PresignPostObject(t.Context(),
		&s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String("o-1/licence")},
		func(o *s3.PresignPostOptions) {
			o.Expires = expires
			o.Conditions = []any{
				[]any{"content-length-range", 1, 1024},
				map[string]string{"Content-Type": "image/jpeg"},
			}
		})
	if err != nil {
		t.Fatal(err)
	}
	signed.Values["Content-Type"] = "image/jpeg"
	return form{signed.URL, signed.Values, []byte("picture")}
}

func (f form) post(t *testing.T, header http.Header) (*http.Response, string) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range f.fields {
		w.WriteField(name, value)
	}
	part, err := w.CreateFormFile("file", "photo.jpg")
	if err != nil {
		t.Fatal(err)
	}
	part.Write(f.file)
	w.Close()
	all := http.Header{"Content-Type": {w.FormDataContentType()}}
	for name, values := range header {
		all[name] = values
	}
	return send(t, http.MethodPost, f.url, all, &body)
}

func TestPresignedPost(t *testing.T) {
	g := startGateway(t, newConfig(t))
	behind := httptest.NewServer(g)
	defer behind.Close()

	for _, tc := range []struct {
		name    string
		expires time.Duration
		change  func(*form)
		want    int
	}{
		{"as signed", time.Minute, func(*form) {}, 204},
		{"largest", time.Minute, func(f *form) { f.file = make([]byte, 1024) }, 204},
		{"too large", time.Minute, func(f *form) { f.file = make([]byte, 1025) }, 400},
		{"empty", time.Minute, func(f *form) { f.file = nil }, 400},
		{"another type", time.Minute, func(f *form) { f.fields["Content-Type"] = "text/html" }, 403},
		{"no type", time.Minute, func(f *form) { delete(f.fields, "Content-Type") }, 403},
		{"another key", time.Minute, func(f *form) { f.fields["key"] = "o-2/licence" }, 403},
		{"an unsigned field", time.Minute, func(f *form) { f.fields["x-amz-meta-owner"] = "me" }, 403},
		{"another signature", time.Minute, func(f *form) { f.fields["X-Amz-Signature"] = strings.Repeat("0", 64) }, 403},
		{"expired", -time.Minute, func(*form) {}, 403},
	} {
		for where, endpoint := range map[string]string{"direct": g.Endpoint(), "behind": behind.URL} {
			t.Run(tc.name+"/"+where, func(t *testing.T) {
				f := presign(t, endpoint, tc.expires)
				tc.change(&f)
				response, text := f.post(t, nil)
				if response.StatusCode != tc.want {
					t.Errorf("status %d, want %d: %s", response.StatusCode, tc.want, text)
				}
			})
		}
	}
	head, err := client(g.Endpoint()).HeadObject(t.Context(),
		&s3.HeadObjectInput{Bucket: aws.String(bucket), Key: aws.String("o-1/licence")})
	if err != nil {
		t.Fatal(err)
	}
	if aws.ToString(head.ContentType) != "image/jpeg" {
		t.Errorf("the stored content type is %s", aws.ToString(head.ContentType))
	}
}

// TestCreated: each stored object is reported with its size, from a form or a client, and no refused one.
func TestCreated(t *testing.T) {
	c := newConfig(t)
	reported := make(chan string, 8)
	c.Created = func(bucket, key string, size int64) { reported <- fmt.Sprintf("%s %s %d", bucket, key, size) }
	g := startGateway(t, c)
	put := func(content string) {
		t.Helper()
		if _, err := client(g.Endpoint()).PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String("o-1/copy"), Body: strings.NewReader(content)}); err != nil {
			t.Fatal(err)
		}
	}
	put("copy")
	f := presign(t, g.Endpoint(), time.Minute)
	f.file = make([]byte, 1025)
	f.post(t, nil) // is refused
	f.file = make([]byte, 1024)
	f.post(t, nil)
	put("")
	for _, want := range []string{bucket + " o-1/copy 4", bucket + " o-1/licence 1024", bucket + " o-1/copy 0"} {
		if got := <-reported; got != want {
			t.Errorf("%q is reported, want %q", got, want)
		}
	}
}

func TestBrowserMaySendFromThePortal(t *testing.T) {
	g := startGateway(t, newConfig(t))
	f := presign(t, g.Endpoint(), time.Minute)
	response, _ := send(t, http.MethodOptions, f.url, http.Header{
		"Origin": {origin}, "Access-Control-Request-Method": {"POST"}}, nil)
	if response.StatusCode >= 300 || response.Header.Get("Access-Control-Allow-Origin") != origin {
		t.Errorf("preflight: %d %v", response.StatusCode, response.Header)
	}
	response, _ = f.post(t, http.Header{"Origin": {origin}})
	if response.Header.Get("Access-Control-Allow-Origin") != origin {
		t.Errorf("post: %d %v", response.StatusCode, response.Header)
	}
}

func TestPresignedGet(t *testing.T) {
	g := startGateway(t, newConfig(t))
	behind := httptest.NewServer(g)
	defer behind.Close()
	s := client(behind.URL)
	if _, err := s.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String(bucket), Key: aws.String("图/证 件.jpg"), Body: strings.NewReader("picture")}); err != nil {
		t.Fatal(err)
	}
	signed, err := s3.NewPresignClient(s).PresignGetObject(context.Background(),
		&s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String("图/证 件.jpg")},
		s3.WithPresignExpires(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if response, text := send(t, http.MethodGet, signed.URL, nil, nil); response.StatusCode != 200 || text != "picture" {
		t.Errorf("%d %s", response.StatusCode, text)
	}
	forged := strings.Replace(signed.URL, "X-Amz-Expires=60", "X-Amz-Expires=6000", 1)
	if response, _ := send(t, http.MethodGet, forged, nil, nil); response.StatusCode != 403 {
		t.Errorf("a changed expiry: %d, want 403", response.StatusCode)
	}
	if response, _ := send(t, http.MethodGet, behind.URL+"/"+bucket, nil, nil); response.StatusCode != 403 {
		t.Errorf("unsigned: %d, want 403", response.StatusCode)
	}
}
