package bucket_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"beian/shared/aws/bucket"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/setup"
)

func TestKeys(t *testing.T) {
	now := time.Date(2019, 12, 25, 0, 0, 0, 0, time.UTC)
	one := evidence.NewKey("BA1", "sites/0/verification-form", now)
	two := evidence.NewKey("BA1", "sites/0/verification-form", now)
	if one == two {
		t.Errorf("two uploads share the key %s", one)
	}
	for _, key := range []string{string(one), string(two), string(one.Object("00"))} {
		if !strings.HasPrefix(key, evidence.KeyPrefix("BA1")+"sites/0/verification-form/") {
			t.Errorf("key %s", key)
		}
	}
}

// newFailingBucket returns a bucket whose server always responds with a status and an S3 error code.
func newFailingBucket(t *testing.T, status int, code string) *bucket.Bucket {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		w.Write([]byte("<Error><Code>" + code + "</Code><Message>said so</Message></Error>"))
	}))
	t.Cleanup(server.Close)
	return newBucket(server.URL)
}

func newBucket(endpoint string) *bucket.Bucket {
	return &bucket.Bucket{Name: "evidence", Client: s3.New(s3.Options{
		Region: "cn-north-1", BaseEndpoint: aws.String(endpoint), UsePathStyle: true, RetryMaxAttempts: 1, HTTPClient: setup.NewHTTPClient(),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local-secret", ""),
	})}
}

func TestErrorKinds(t *testing.T) {
	for _, c := range []struct {
		status int
		code   string
		want   fault.Kind
	}{
		{404, "NoSuchKey", fault.NotFound},
		{404, "NoSuchBucket", fault.Internal},
		{403, "AccessDenied", fault.Internal},
		{503, "SlowDown", fault.Unavailable},
		{500, "InternalError", fault.Unavailable},
	} {
		b := newFailingBucket(t, c.status, c.code)
		if _, err := b.Read(t.Context(), "orders/BA1/other/1"); fault.KindOf(err) != c.want {
			t.Errorf("%s: %v, want %s", c.code, err, c.want)
		}
	}
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	b := newBucket(closed.URL)
	if err := b.WriteObject(t.Context(), "orders/BA1/other/1", nil); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("unreachable: %v", err)
	}
}

func TestDeleteAllPrefix(t *testing.T) {
	b := newFailingBucket(t, 500, "InternalError")
	for _, prefix := range []string{"", "/", "orders/", "orders//", "orders/BA1", "others/BA1/"} {
		if err := b.DeleteAll(t.Context(), prefix); fault.KindOf(err) != fault.Internal {
			t.Errorf("%q: %v", prefix, err)
		}
	}
}
