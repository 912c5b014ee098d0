package apigateway_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"beian/shared/aws/apigateway"
)

func event(method, path, query, body string) events.APIGatewayV2HTTPRequest {
	e := events.APIGatewayV2HTTPRequest{Version: "2.0", RawPath: path, RawQueryString: query, Body: body}
	e.RequestContext.HTTP.Method = method
	e.RequestContext.HTTP.SourceIP = "192.0.2.7"
	e.RequestContext.DomainName = "filing.example"
	return e
}

func TestRequest(t *testing.T) {
	e := event(http.MethodPost, "/a path/100%/备案", "q=1&q=2", base64.StdEncoding.EncodeToString([]byte{0, 1, 0xff}))
	e.IsBase64Encoded = true
	e.Headers = map[string]string{"content-type": "application/octet-stream", "accept-language": "en,zh;q=0.5"}
	e.Cookies = []string{"a=1", "b=2"}
	r, err := apigateway.Request(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := r.Cookie("a")
	b, _ := r.Cookie("b")
	got := []any{r.Method, r.URL.Path, r.URL.Query()["q"], r.Header.Get("Accept-Language"), a.Value, b.Value, r.Host, body, r.ContentLength}
	want := []any{"POST", "/a path/100%/备案", []string{"1", "2"}, "en,zh;q=0.5", "1", "2", "filing.example", []byte{0, 1, 0xff}, int64(3)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
}

func TestRequestRefusesInvalidBase64(t *testing.T) {
	e := event(http.MethodPost, "/", "", "!")
	e.IsBase64Encoded = true
	if _, err := apigateway.Request(t.Context(), e); err == nil {
		t.Error("no error")
	}
}

func TestResponse(t *testing.T) {
	for _, tc := range []struct {
		name, kind, body string
		base64           bool
	}{
		{"JSON is text", "application/json; charset=utf-8", `{"a":"备案"}`, false},
		{"a problem is text", "application/problem+json", `{}`, false},
		{"a page is text", "text/html", "<p>", false},
		{"a picture is not", "image/png", "\x89PNG", true},
		{"text that is no UTF-8 is not", "text/plain", "\xff", true},
		{"nothing is text", "image/png", "", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var w apigateway.Recorder
			w.Header().Set("Content-Type", tc.kind)
			w.Header().Add("Set-Cookie", "a=1")
			w.Header().Add("Set-Cookie", "b=2")
			w.WriteHeader(http.StatusCreated)
			w.WriteHeader(http.StatusTeapot)
			io.WriteString(&w, tc.body)
			out := w.Response()
			want := tc.body
			if tc.base64 {
				want = base64.StdEncoding.EncodeToString([]byte(tc.body))
			}
			if out.StatusCode != http.StatusCreated || out.Body != want || out.IsBase64Encoded != tc.base64 {
				t.Errorf("got %d %q base64 %v, want 201 %q base64 %v", out.StatusCode, out.Body, out.IsBase64Encoded, want, tc.base64)
			}
			if diff := cmp.Diff([]string{"a=1", "b=2"}, out.Cookies); diff != "" {
				t.Errorf("cookies (-want +got):\n%s", diff)
			}
		})
	}
}
