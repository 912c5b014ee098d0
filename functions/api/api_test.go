package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"beian/functions/api"
	"beian/shared/aws/bucket"
	"beian/shared/aws/dynamo"
	provider "beian/shared/partners/liveness"
	"beian/shared/process/decide"
	"beian/shared/rules/codes"
	"beian/shared/rules/finding"
	"beian/shared/web"
)

func fixedNow() time.Time { return time.Date(2020, 3, 2, 9, 0, 0, 0, time.UTC) }

// embeddedTables is a store that has only the embedded code tables.
type embeddedTables struct{ api.Store }

func (embeddedTables) CodeTables(context.Context) (codes.Tables, error) { return codes.Tables{}, nil }

// newWithoutEngine returns the function without a database, for requests that are answered before the store is called.
func newWithoutEngine(t testing.TB, log *slog.Logger) *web.API {
	t.Helper()
	return api.New(api.Config{
		Config:   configWithoutEngine(log),
		Store:    embeddedTables{&dynamo.Store{}},
		Uploads:  &bucket.Bucket{},
		Liveness: provider.Simulator{},
		Draw:     func() string { return "123456" },
		NewID:    func() string { return "01JCZK3V7M8N9P0Q1R2S3T4V5W" },
	})
}

func configWithoutEngine(log *slog.Logger) web.Config {
	return web.Config{Decisions: &decide.Service{Store: struct{ decide.Store }{}, Now: fixedNow, Log: log}, Wall: fixedNow}
}

var silent = slog.New(slog.DiscardHandler)

// order is the path of an order.
const order = "/orders/01JCZK3V7M8N9P0Q1R2S3T4V5W"

func claimsOf(groups string) map[string]string {
	return map[string]string{"sub": "u1", "cognito:groups": "[" + groups + "]"}
}

// sendEvent sends a request; without claims it has no token.
func sendEvent(t *testing.T, a *web.API, route, body string, claims map[string]string, headers ...string) events.APIGatewayV2HTTPResponse {
	t.Helper()
	method, path, _ := strings.Cut(route, " ")
	path, query, _ := strings.Cut(path, "?")
	e := events.APIGatewayV2HTTPRequest{Version: "2.0", RawPath: web.Prefix + path, RawQueryString: query, Body: body, Headers: map[string]string{}}
	for i := 0; i+1 < len(headers); i += 2 {
		e.Headers[headers[i]] = headers[i+1]
	}
	e.RequestContext.RequestID = "request-1"
	e.RequestContext.HTTP.Method = method
	if claims != nil {
		e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
			JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: claims}}
	}
	out, err := a.Handle(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	if out.Headers["X-Request-Id"] != "request-1" {
		t.Errorf("%s: no request id", route)
	}
	return out
}

// problemIn decodes an answer that must be a complete problem.
func problemIn(t *testing.T, out events.APIGatewayV2HTTPResponse) web.Problem {
	t.Helper()
	var p web.Problem
	if err := json.Unmarshal([]byte(out.Body), &p); err != nil {
		t.Fatalf("%d %s: %v", out.StatusCode, out.Body, err)
	}
	if out.Headers["Content-Type"] != "application/problem+json" || p.Status != out.StatusCode || p.Title == "" || p.Detail == "" ||
		!strings.HasPrefix(p.Type, "urn:beian:problem:") || p.RequestID != "request-1" || p.Findings == nil {
		t.Errorf("not a complete problem: %v %s", out.Headers, out.Body)
	}
	return p
}

// codesAndPointers returns findings as "code pointer".
func codesAndPointers(found finding.List) []string {
	var all []string
	for _, f := range found {
		all = append(all, string(f.Code)+" "+f.Pointer)
	}
	return all
}

func TestFormOfRequests(t *testing.T) {
	a := newWithoutEngine(t, silent)
	deep := strings.Repeat("[", 20000) + strings.Repeat("]", 20000)
	for _, tc := range []struct {
		name, route, body string
		status            int
		want              []string
		headers           []string
	}{
		{name: "everything at once", route: "POST /orders", status: 422,
			body: `{"provinces":1,"name":4,"certificate":{"kind":"x","a/b~c":1},"domains":["a",7],"contact":null}`,
			want: []string{"field-type /certificate/kind", "field-unknown /certificate/a~1b~0c", "field-type /domains/1", "field-type /name", "field-unknown /provinces"}},
		{name: "another case is another field", route: "POST /orders", body: `{"Province":"11"}`, status: 422, want: []string{"field-unknown /Province"}},
		{name: "missing fields", route: "POST " + order + "/sms-answers", body: `{"mobile":"13900000000"}`, status: 422,
			want: []string{"field-missing /code", "field-missing /tail"}},
		{name: "no body", route: "POST /orders", status: 422, want: []string{"body-missing "}},
		{name: "no JSON", route: "POST /orders", body: `{"province":`, status: 422, want: []string{"body-not-json "}},
		{name: "text after the JSON", route: "POST /orders", body: `{} {}`, status: 422, want: []string{"body-not-json "}},
		{name: "a list instead of an object", route: "POST /orders", body: `[]`, status: 422, want: []string{"field-type "}},
		{name: "null", route: "POST /orders", body: `null`, status: 422, want: []string{"field-type "}},
		{name: "nested too deeply", route: "POST /orders", body: deep, status: 422, want: []string{"body-not-json "}},
		{name: "nested too deeply in a field", route: "PUT " + order + "/details", body: `{"sites":` + deep[1:39999] + `}`, status: 422, want: []string{"body-not-json "}},
		{name: "a huge number", route: "POST " + order + "/sms-codes", body: `{"index":1e400}`, status: 422, want: []string{"field-type /index"}},
		{name: "numbers that do not fit their fields", route: "PUT " + order + "/details", status: 422,
			body: `{"sites":[{"languages":[1,2.0]},{"serviceContent":[18446744073709551616],"leader":{"certificate":{"kind":1e1}}}]}`,
			want: []string{"field-type /sites/0/languages/1", "field-value /sites/1/serviceContent/0", "field-type /sites/1/leader/certificate/kind"}},
		{name: "a number that does not fit, in a body that is no JSON", route: "POST /orders", body: `{"entityKind":4.0} {}`, status: 422, want: []string{"body-not-json "}},
		{name: "a number beyond an integer", route: "POST " + order + "/sms-codes", body: `{"index":9223372036854775808}`, status: 422, want: []string{"field-value /index"}},
		{name: "a negative number", route: "POST " + order + "/sms-codes", body: `{"index":-1}`, status: 422, want: []string{"field-value /index"}},
		{name: "a fraction", route: "POST " + order + "/sms-codes", body: `{"index":0.5}`, status: 422, want: []string{"field-type /index"}},
		{name: "a whole number in a form that encoding/json does not accept", route: "POST " + order + "/sms-codes", body: `{"index":1e0}`, status: 422, want: []string{"field-type /index"}},
		{name: "a long text", route: "POST " + order + "/confirmation", body: `{"digest":"` + strings.Repeat("a", 65) + `"}`, status: 422, want: []string{"field-too-long /digest"}},
		{name: "a long list", route: "POST /orders", body: `{"domains":[` + strings.Repeat(`"a",`, 100) + `"a"]}`, status: 422, want: []string{"field-too-many /domains"}},
		{name: "an empty list", route: "POST " + order + "/evidence", body: `{"slots":[]}`, status: 422, want: []string{"field-length /slots"}},
		{name: "base64 that was cut off", route: "PUT " + order + "/challenges/x", body: `{"capture":"AAA"}`, status: 422, want: []string{"field-type /capture"}},
		{name: "a name with a dot", route: "POST /orders", body: `{"leader.name":1,"name":4}`, status: 422, want: []string{"field-type /name", "field-unknown /leader.name"}},
		{name: "a name like an index, in a list", route: "PUT " + order + "/details", body: `{"sites":[{"a.b[0]%2E":1},{"name":1}]}`, status: 422,
			want: []string{"field-unknown /sites/0/a.b[0]%2E", "field-type /sites/1/name"}},
		{name: "not base64", route: "PUT " + order + "/challenges/x", body: `{"capture":"%"}`, status: 422, want: []string{"field-type /capture"}},
		{name: "NUL", route: "POST /orders", body: `{"name":"a\u0000b","certificate":{"number":"\u0000"}}`, status: 422,
			want: []string{"field-characters /name", "field-characters /certificate/number"}},
		{name: "half a character", route: "POST /orders", body: `{"name":"\ud800"}`, status: 422, want: []string{"field-characters /name"}},
		{name: "NUL beside a wrong type", route: "POST /orders", body: `{"name":"\u0000","domains":1}`, status: 422,
			want: []string{"field-type /domains", "field-characters /name"}},
		{name: "not UTF-8", route: "POST /orders", body: "{\"name\":\"\xb1\xb1\xbe\xa9\"}", status: 422, want: []string{"body-not-utf-8 "}},
		{name: "2 MB", route: "POST /orders", body: `{"name":"` + strings.Repeat("a", 2<<20) + `"}`, status: 413, want: []string{"body-too-large "}},
		{name: "details above the limit", route: "PUT " + order + "/details", status: 413, want: []string{"body-too-large "},
			body: `{"subject":{"remark":"` + strings.Repeat("a", 256<<10) + `"}}`},
		{name: "a recording above the limit", route: "PUT " + order + "/challenges/x", body: `{"capture":"` + strings.Repeat("AAAA", 1_400_000) + `"}`, status: 413,
			want: []string{"body-too-large "}},
		{name: "a form", route: "POST /orders", body: "a=1", headers: []string{"content-type", "application/x-www-form-urlencoded"}, status: 415, want: []string{"content-type "}},
		{name: "text", route: "POST /orders", body: "{}", headers: []string{"content-type", "text/plain"}, status: 415, want: []string{"content-type "}},
		{name: "a media type in capitals", route: "POST /orders", body: `[]`, headers: []string{"content-type", "Application/JSON; charset=UTF-8"}, status: 422, want: []string{"field-type "}},
		{name: "no media type", route: "POST /orders", body: `{}`, headers: []string{"content-type", "json"}, status: 415, want: []string{"content-type "}},
		{name: "a media type that is cut off", route: "POST /orders", body: `{}`, headers: []string{"content-type", ";"}, status: 415, want: []string{"content-type "}},
		{name: "compressed", route: "POST /orders", body: "\x1f\x8b\x08", headers: []string{"content-encoding", "gzip"}, status: 415, want: []string{"content-encoding "}},
		{name: "called compressed", route: "POST /orders", body: `{}`, headers: []string{"content-encoding", "br"}, status: 415, want: []string{"content-encoding "}},
		{name: "called uncompressed", route: "POST /orders", body: `[]`, headers: []string{"content-encoding", "Identity"}, status: 422, want: []string{"field-type "}},
		{name: "a parameter twice", route: "GET /orders?limit=1&limit=2", status: 422, want: []string{"parameter-twice "}},
		{name: "a query that is not encoded", route: "GET /orders?limit=%zz", status: 422, want: []string{"query-malformed "}},
		{name: "a name in the query that is not encoded", route: "GET /orders?%zz=1", status: 422, want: []string{"query-malformed "}},
		{name: "a query with a semicolon", route: "GET /orders?limit=1;cursor=x", status: 422, want: []string{"query-malformed "}},
		{name: "an unknown parameter", route: "GET /orders?page=2", status: 422, want: []string{"parameter-unknown "}},
		{name: "a limit of 0", route: "GET /orders?limit=0", status: 422, want: []string{"parameter-invalid "}},
		{name: "a limit above 100", route: "GET /orders?limit=101", status: 422, want: []string{"parameter-invalid "}},
		{name: "a limit that is no number", route: "GET /orders?limit=all", status: 422, want: []string{"parameter-invalid "}},
		{name: "a huge limit", route: "GET /orders?limit=99999999999999999999", status: 422, want: []string{"parameter-invalid "}},
		{name: "an invalid cursor", route: "GET /orders?cursor=x", status: 422, want: []string{"cursor-unknown "}},
		{name: "a cursor that is JSON without a position", route: "GET /orders?cursor=e30", status: 422, want: []string{"cursor-unknown "}},
		{name: "a long cursor", route: "GET /orders?cursor=" + strings.Repeat("a", 513), status: 422, want: []string{"parameter-invalid "}},
		{name: "a key with white space", route: "POST " + order + "/withdrawal", headers: []string{"idempotency-key", "a b"}, status: 422, want: []string{"parameter-invalid "}},
		{name: "a malformed If-Match", route: "POST " + order + "/withdrawal", headers: []string{"if-match", "7"}, status: 422, want: []string{"parameter-invalid "}},
		{name: "several If-Match", route: "POST " + order + "/withdrawal", headers: []string{"if-match", `"7", "8"`}, status: 422, want: []string{"parameter-invalid "}},
		{name: "a weak If-Match", route: "POST " + order + "/withdrawal", headers: []string{"if-match", `W/"7"`}, status: 422, want: []string{"parameter-invalid "}},
		{name: "If-Match below every version", route: "POST " + order + "/withdrawal", headers: []string{"if-match", `"0"`}, status: 422, want: []string{"parameter-invalid "}},
		{name: "an invalid order id", route: "GET /orders/1", status: 404},
		{name: "an id with a slash in it", route: "GET /orders/../../etc/passwd", status: 404},
		{name: "an id with NUL", route: "GET /orders/\x00", status: 404},
		{name: "a long id", route: "GET /orders/" + strings.Repeat("A", 5000), status: 404},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out := sendEvent(t, a, tc.route, tc.body, claimsOf("applicant"), tc.headers...)
			if out.StatusCode != tc.status {
				t.Fatalf("status %d, want %d: %.300s", out.StatusCode, tc.status, out.Body)
			}
			if diff := cmp.Diff(tc.want, codesAndPointers(problemIn(t, out).Findings)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUnknownRoutes(t *testing.T) {
	a := newWithoutEngine(t, silent)
	for _, tc := range []struct {
		route  string
		status int
		allow  string
	}{
		{"GET /nothing", 404, ""},
		{"GET //orders", 404, ""},
		{"GET /orders/", 404, ""},
		{"GET /./orders", 404, ""},
		{"DELETE /orders", 405, "GET, HEAD, POST"},
		{"PATCH " + order, 405, "GET, HEAD"},
		{"BREW /orders", 405, "GET, HEAD, POST"},
		{"POST /health", 405, "GET, HEAD"},
	} {
		out := sendEvent(t, a, tc.route, "", nil)
		if out.StatusCode != tc.status || out.Headers["Allow"] != tc.allow {
			t.Errorf("%s: %d, Allow %q", tc.route, out.StatusCode, out.Headers["Allow"])
		}
		problemIn(t, out)
	}
}

// TestAccept: whatever a caller accepts, an answer is JSON and says so.
func TestAccept(t *testing.T) {
	a := newWithoutEngine(t, silent)
	for _, accept := range []string{"", "application/json", "json", "text/html", "application/cbor", "*/*;q=0", "\x00"} {
		out := sendEvent(t, a, "GET /health", "", nil, "accept", accept)
		if out.StatusCode != http.StatusOK || out.Headers["Content-Type"] != "application/json" {
			t.Errorf("%q: %d %s", accept, out.StatusCode, out.Headers["Content-Type"])
		}
	}
}

func TestLanguage(t *testing.T) {
	a := newWithoutEngine(t, silent)
	for accept, want := range map[string]string{
		"": "zh-CN", "*": "zh-CN", "en": "en", "en-GB,en;q=0.9": "en", "zh-TW": "zh-CN", "fr": "zh-CN", "fr, en;q=0.5": "en",
		"zh;q=0.1, en;q=0.9": "en", "\x00": "zh-CN", strings.Repeat("en,", 2000): "en",
	} {
		out := sendEvent(t, a, "GET /nothing", "", nil, "accept-language", accept)
		if got := out.Headers["Content-Language"]; got != want {
			t.Errorf("%.20q: %s, want %s", accept, got, want)
		}
		if english := problemIn(t, out).Title == "Not found"; english != (want == "en") {
			t.Errorf("%.20q: the title is %q", accept, problemIn(t, out).Title)
		}
	}
}

func TestPanicsAreNotShown(t *testing.T) {
	var log bytes.Buffer
	a := newWithoutEngine(t, slog.New(slog.NewJSONHandler(&log, nil)))
	// The nil store panics.
	out := sendEvent(t, a, "GET "+order, "", claimsOf("applicant"), "accept-language", "en")
	p := problemIn(t, out)
	if out.StatusCode != http.StatusInternalServerError || p.Type != "urn:beian:problem:internal" || strings.Contains(out.Body, "nil") {
		t.Errorf("%d %s", out.StatusCode, out.Body)
	}
	if !strings.Contains(log.String(), `"msg":"panic"`) || !strings.Contains(log.String(), `"route":"/orders/{id}"`) ||
		!strings.Contains(log.String(), `"status":500`) {
		t.Errorf("log: %s", log.String())
	}
}

func TestBase64Bodies(t *testing.T) {
	a := newWithoutEngine(t, silent)
	e := events.APIGatewayV2HTTPRequest{RawPath: web.Prefix + "/orders", Body: "eyJhIjoxfQ==", IsBase64Encoded: true}
	e.RequestContext.RequestID = "request-1"
	e.RequestContext.HTTP.Method = http.MethodPost
	e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
		JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: claimsOf("applicant")}}
	out, _ := a.Handle(t.Context(), e)
	if got := codesAndPointers(problemIn(t, out).Findings); len(got) != 1 || got[0] != "field-unknown /a" {
		t.Errorf("findings %q", got)
	}
	e.Body = "!"
	if out, _ = a.Handle(t.Context(), e); problemIn(t, out).Status != http.StatusUnprocessableEntity {
		t.Errorf("status %d", out.StatusCode)
	}
}

func TestEmptyEvent(t *testing.T) {
	out, err := newWithoutEngine(t, silent).Handle(t.Context(), events.APIGatewayV2HTTPRequest{})
	if err != nil || out.StatusCode != http.StatusNotFound {
		t.Errorf("%d %v", out.StatusCode, err)
	}
}
