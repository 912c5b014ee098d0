package setup_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"beian/shared/setup"
	"beian/shared/setup/environ"
)

// TestBegin: Begin reads the function's variables and those that Lambda sets for the SDK.
func TestBegin(t *testing.T) {
	for name, value := range map[string]string{
		"BUCKET": "evidence", "AWS_REGION": "cn-north-1",
		"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token", "AWS_ENDPOINT_URL": "",
	} {
		t.Setenv(name, value)
	}
	p := setup.Begin(setup.ForBucket)
	if p.Env[environ.Bucket] != "evidence" || p.AWS.Region != "cn-north-1" || p.AWS.BaseEndpoint != nil {
		t.Errorf("environment %v, Region %q, endpoint %v", p.Env, p.AWS.Region, p.AWS.BaseEndpoint)
	}
	key, err := p.AWS.Credentials.Retrieve(t.Context())
	if err != nil || key.AccessKeyID != "key" || key.SecretAccessKey != "secret" || key.SessionToken != "token" {
		t.Errorf("the credentials are not those of the environment: %v", err)
	}
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
	if endpoint := aws.ToString(setup.Begin(setup.ForBucket).AWS.BaseEndpoint); endpoint != "http://127.0.0.1:4566" {
		t.Errorf("endpoint %q", endpoint)
	}
}

// TestBodiesAreRead: a request's body is read, and never asked to write itself; see setup.Unhurried.
func TestBodiesAreRead(t *testing.T) {
	t.Setenv("BUCKET", "evidence")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(w, r.Body); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, &writing{Reader: strings.NewReader("body"), t: t})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := setup.Begin(setup.ForBucket).AWS.HTTPClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if text, err := io.ReadAll(answer.Body); err != nil || string(text) != "body" {
		t.Errorf("%q, %v", text, err)
	}
}

// writing is a body that can write itself, and must not be asked to.
type writing struct {
	io.Reader
	t *testing.T
}

func (*writing) Close() error { return nil }

func (w *writing) WriteTo(io.Writer) (int64, error) {
	w.t.Error("the body was asked to write itself")
	return 0, io.EOF
}
