package apidocs_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"beian/functions/apidocs"
	"beian/shared/web"
)

// get answers a request for a path below the API's prefix.
func get(t *testing.T, method, path, encoding string) events.APIGatewayV2HTTPResponse {
	t.Helper()
	a := apidocs.New(apidocs.Config{Wall: time.Now, Log: slog.New(slog.DiscardHandler)})
	e := events.APIGatewayV2HTTPRequest{RawPath: web.Prefix + path, Headers: map[string]string{"accept-encoding": encoding}}
	e.RequestContext.HTTP.Method = method
	out, err := a.Handle(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// bodyOf returns the body as the client sees it.
func bodyOf(t *testing.T, out events.APIGatewayV2HTTPResponse) []byte {
	t.Helper()
	body := []byte(out.Body)
	if out.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(out.Body); err != nil {
			t.Fatal(err)
		}
	}
	if out.Headers["Content-Encoding"] == "gzip" {
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if body, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
	}
	return body
}

// TestCompressed: files are sent compressed to clients that accept it, and otherwise are the same.
func TestCompressed(t *testing.T) {
	for path, least := range map[string]int{"/openapi.json": 500_000, "/docs/swagger-ui.css": 100_000, "/docs/swagger-ui-bundle.js": 1_000_000} {
		plain, compressed := get(t, "GET", path, "identity"), get(t, "GET", path, "gzip, deflate, br")
		if plain.StatusCode != 200 || plain.Headers["Content-Encoding"] != "" || plain.IsBase64Encoded || len(plain.Body) < least {
			t.Errorf("%s, plain: %d, %v, %d bytes", path, plain.StatusCode, plain.Headers, len(plain.Body))
		}
		if compressed.StatusCode != 200 || compressed.Headers["Content-Encoding"] != "gzip" || len(compressed.Body) > least {
			t.Errorf("%s, compressed: %d, %v, %d bytes", path, compressed.StatusCode, compressed.Headers, len(compressed.Body))
		}
		if !bytes.Equal(bodyOf(t, plain), bodyOf(t, compressed)) {
			t.Errorf("%s differs when it is compressed", path)
		}
		if refused := get(t, "GET", path, "gzip;q=0"); refused.Headers["Content-Encoding"] != "" || refused.Body != plain.Body {
			t.Errorf("%s for a client that excludes gzip: %v", path, refused.Headers)
		}
		for _, out := range []events.APIGatewayV2HTTPResponse{plain, compressed} {
			if !strings.Contains(out.Headers["Vary"], "Accept-Encoding") {
				t.Errorf("%s varies with %q", path, out.Headers["Vary"])
			}
		}
	}
}

// TestOpenAPI: the served document is the one in the file.
func TestOpenAPI(t *testing.T) {
	text, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := json.Compact(&want, text); err != nil {
		t.Fatal(err)
	}
	if out := get(t, "GET", "/openapi.json", ""); out.Body != want.String() || out.Headers["Content-Type"] != "application/openapi+json" {
		t.Errorf("%v, %d bytes", out.Headers, len(out.Body))
	}
}

func TestDocsLoadNothingFromElsewhere(t *testing.T) {
	page := get(t, "GET", "/docs", "")
	if page.StatusCode != 200 || !strings.Contains(page.Headers["Content-Security-Policy"], "default-src 'none'") {
		t.Fatalf("%d %v", page.StatusCode, page.Headers)
	}
	for _, link := range regexp.MustCompile(`(?:href|src)="([^"]+)"`).FindAllStringSubmatch(page.Body, -1) {
		if strings.Contains(link[1], "//") {
			t.Errorf("the page links to %s", link[1])
		}
		if out := get(t, "GET", "/"+link[1], ""); out.StatusCode != 200 || len(out.Body) < 100 {
			t.Errorf("%s: %d, %d bytes", link[1], out.StatusCode, len(out.Body))
		}
	}
}

// TestOtherRequests: other paths and methods are problems, as with every function of the API.
func TestOtherRequests(t *testing.T) {
	for route, want := range map[string]int{"GET /docs/other.js": 404, "GET /orders": 404, "POST /docs": 405, "HEAD /docs": 200} {
		method, path, _ := strings.Cut(route, " ")
		out := get(t, method, path, "")
		if out.StatusCode != want || want >= 400 && out.Headers["Content-Type"] != "application/problem+json" {
			t.Errorf("%s: %d %v", route, out.StatusCode, out.Headers)
		}
	}
	if !slices.Contains(apidocs.Routes(), "ANY /api/v1/openapi.json") {
		t.Error("the document has no route")
	}
}
