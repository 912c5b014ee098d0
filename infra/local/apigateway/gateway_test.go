package apigateway_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"beian/infra/local/apigateway"
	"beian/infra/local/lambdahost"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// A rawFunction is a handler of encoded events.
type rawFunction func(context.Context, []byte) ([]byte, error)

func (f rawFunction) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	return f(ctx, payload)
}

// respondWith returns a function that responds with a payload.
func respondWith(text string) lambda.Handler {
	return rawFunction(func(context.Context, []byte) ([]byte, error) { return []byte(text), nil })
}

// keepEvent returns a function that stores its event.
func keepEvent(into *events.APIGatewayV2HTTPRequest) lambda.Handler {
	return lambda.NewHandler(func(e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		*into = e
		return events.APIGatewayV2HTTPResponse{StatusCode: 200}, nil
	})
}

func serve(t *testing.T, f *apigateway.Gateway) string {
	t.Helper()
	if f.Now == nil {
		f.Now = func() time.Time { return noon }
	}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return server.URL
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

func TestEvent(t *testing.T) {
	var got events.APIGatewayV2HTTPRequest
	url := serve(t, &apigateway.Gateway{Routes: []apigateway.Route{{
		Key: "POST /orders/{id}", Public: true,
		Handler: keepEvent(&got),
	}}})
	response, _ := send(t, http.MethodPost, url+"/orders/%E4%BA%AC?a=1&a=2&b=%20", http.Header{
		"Content-Type": {"application/json"}, "X-Two": {"one", "two"}, "Cookie": {"a=1; b=2"}, "User-Agent": {"test"},
	}, strings.NewReader(`{}`))
	if response.StatusCode != 200 {
		t.Fatalf("status %d", response.StatusCode)
	}
	for name, pair := range map[string][2]any{
		"version":    {got.Version, "2.0"},
		"route":      {got.RouteKey, "POST /orders/{id}"},
		"path":       {got.RawPath, "/orders/京"},
		"query":      {got.RawQueryString, "a=1&a=2&b=%20"},
		"parameters": {got.QueryStringParameters, map[string]string{"a": "1,2", "b": " "}},
		"id":         {got.PathParameters["id"], "京"},
		"cookies":    {got.Cookies, []string{"a=1", "b=2"}},
		"cookie":     {got.Headers["cookie"], ""},
		"two":        {got.Headers["x-two"], "one,two"},
		"host":       {"http://" + got.Headers["host"], url},
		"forwarded":  {got.Headers["x-forwarded-for"], "127.0.0.1"},
		"body":       {got.Body, `{}`},
		"base64":     {got.IsBase64Encoded, false},
		"method":     {got.RequestContext.HTTP.Method, "POST"},
		"source":     {got.RequestContext.HTTP.SourceIP, "127.0.0.1"},
		"agent":      {got.RequestContext.HTTP.UserAgent, "test"},
		"time":       {got.RequestContext.Time, "02/Mar/2026:12:00:00 +0000"},
		"request id": {got.RequestContext.RequestID, response.Header.Get("Apigw-Requestid")},
	} {
		if diff := cmp.Diff(pair[1], pair[0]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestBodies(t *testing.T) {
	var got events.APIGatewayV2HTTPRequest
	url := serve(t, &apigateway.Gateway{Routes: []apigateway.Route{{Key: "$default", Public: true,
		Handler: keepEvent(&got)}}})
	for _, tc := range []struct {
		kind, body string
		base64     bool
	}{
		{"application/json; charset=utf-8", "{}", false},
		{"application/merge-patch+json", "{}", false},
		{"text/plain", "备案", false},
		{"application/x-www-form-urlencoded", "a=1", true},
		{"image/jpeg", "\xff\xd8", true},
		{"text/plain", "\xff\xd8", true},
		{"", "", false},
	} {
		send(t, http.MethodPost, url, http.Header{"Content-Type": {tc.kind}}, strings.NewReader(tc.body))
		if got.IsBase64Encoded != tc.base64 {
			t.Errorf("%s: base64 %t, want %t", tc.kind, got.IsBase64Encoded, tc.base64)
		}
	}
}

func TestRoutes(t *testing.T) {
	key := func(name string) apigateway.Route {
		return apigateway.Route{Key: name, Public: true, Handler: respondWith(`{"statusCode":200,"body":"` + name + `"}`)}
	}
	url := serve(t, &apigateway.Gateway{Routes: []apigateway.Route{
		key("ANY /{proxy+}"), key("ANY /api/{proxy+}"), key("GET /api/{proxy+}"),
		key("GET /api/orders"), key("GET /api/{kind}"), key("ANY /api/orders"), key("GET /"),
	}})
	for request, want := range map[string]string{
		"GET /":             "GET /",
		"POST /":            `{"message":"Not Found"}`,
		"GET /style.css":    "ANY /{proxy+}",
		"GET /api":          "ANY /{proxy+}",
		"GET /api/orders":   "GET /api/orders",
		"PUT /api/orders":   "ANY /api/orders",
		"GET /api/sites":    "GET /api/{kind}",
		"GET /api/sites/1":  "GET /api/{proxy+}",
		"POST /api/sites/1": "ANY /api/{proxy+}",
	} {
		method, path, _ := strings.Cut(request, " ")
		if _, got := send(t, method, url+path, nil, nil); strings.TrimSpace(got) != want {
			t.Errorf("%s goes to %s, want %s", request, got, want)
		}
	}
}

func TestResponses(t *testing.T) {
	for _, tc := range []struct {
		name, out string
		status    int
		kind      string
		body      string
	}{
		{"full", `{"statusCode":201,"headers":{"content-type":"text/html"},"body":"<p>"}`, 201, "text/html", "<p>"},
		{"no type", `{"statusCode":200,"body":"x"}`, 200, "text/plain;charset=UTF-8", "x"},
		{"base64", `{"statusCode":200,"headers":{"Content-Type":"image/png"},"body":"iVA=","isBase64Encoded":true}`,
			200, "image/png", "\x89P"},
		{"no JSON", `hello`, 500, "application/json", `{"message":"Internal Server Error"}`},
		{"a body that is no text", `{"statusCode":200,"body":{}}`, 500, "application/json",
			`{"message":"Internal Server Error"}`},
		{"no such status", `{"statusCode":99}`, 500, "application/json", `{"message":"Internal Server Error"}`},
		{"bad base64", `{"statusCode":200,"body":"*","isBase64Encoded":true}`, 500, "application/json",
			`{"message":"Internal Server Error"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			url := serve(t, &apigateway.Gateway{Routes: []apigateway.Route{{Key: "$default", Public: true, Handler: respondWith(tc.out)}}})
			response, body := send(t, http.MethodGet, url, nil, nil)
			if response.StatusCode != tc.status || response.Header.Get("Content-Type") != tc.kind || body != tc.body {
				t.Errorf("%d %s %q", response.StatusCode, response.Header.Get("Content-Type"), body)
			}
			if response.Header.Get("Apigw-Requestid") == "" {
				t.Error("no request id")
			}
		})
	}
}

func TestCookiesAndHeaders(t *testing.T) {
	url := serve(t, &apigateway.Gateway{Routes: []apigateway.Route{{Key: "$default", Public: true, Handler: respondWith(
		`{"statusCode":303,"headers":{"location":"/here","x-n":"7"},"cookies":["a=1; Path=/","b=2"],` +
			`"multiValueHeaders":{"x-many":["1"]}}`)}}})
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if diff := cmp.Diff([]string{"a=1; Path=/", "b=2"}, response.Header["Set-Cookie"]); diff != "" {
		t.Error(diff)
	}
	if h := response.Header; h.Get("Location") != "/here" || h.Get("X-N") != "7" || h.Get("X-Many") != "" {
		t.Errorf("headers: %v", h)
	}
}

func TestLimits(t *testing.T) {
	url := serve(t, &apigateway.Gateway{Routes: []apigateway.Route{
		{Key: "POST /", Public: true, Handler: respondWith(`{"statusCode":200,"body":"{}"}`)},
		{Key: "GET /fails", Public: true, Handler: rawFunction(func(context.Context, []byte) ([]byte, error) {
			return nil, errors.New("name and phone of someone")
		})},
	}})
	for _, tc := range []struct {
		name, method, path string
		header             http.Header
		body               []byte
		status             int
		message            string
	}{
		{"largest body", "POST", "/", nil, make([]byte, apigateway.LargestBody), 200, "{}"},
		{"larger body", "POST", "/", nil, make([]byte, apigateway.LargestBody+1), 413, "Request Entity Too Large"},
		{"large headers", "POST", "/", http.Header{"X": {strings.Repeat("x", apigateway.LargestHeaders)}}, nil, 431,
			"Request Header Fields Too Large"},
		{"failing", "GET", "/fails", nil, nil, 500, "Internal Server Error"},
		{"unknown", "GET", "/none", nil, nil, 404, "Not Found"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			response, body := send(t, tc.method, url+tc.path, tc.header, bytes.NewReader(tc.body))
			if response.StatusCode != tc.status || !strings.Contains(body, tc.message) {
				t.Errorf("%d %s", response.StatusCode, body)
			}
		})
	}
}

func TestFunctionsLimitIsTheCallersFault(t *testing.T) {
	var host lambdahost.Host
	host.Register("f", func(events.APIGatewayV2HTTPRequest) error { return nil }, 0)
	url := serve(t, &apigateway.Gateway{Routes: []apigateway.Route{{Key: "$default", Public: true, Handler: host.Handler("f")}}})
	response, _ := send(t, http.MethodPost, url, nil, bytes.NewReader(make([]byte, 7<<20)))
	if response.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d", response.StatusCode)
	}
}

func TestLogHoldsNothingPersonal(t *testing.T) {
	var log bytes.Buffer
	url := serve(t, &apigateway.Gateway{
		Log:    slog.New(slog.NewJSONHandler(&log, nil)),
		Routes: []apigateway.Route{{Key: "POST /orders/{id}", Public: true, Handler: respondWith(`{"statusCode":200,"body":"secret"}`)}},
	})
	send(t, http.MethodPost, url+"/orders/secret?name=secret", http.Header{"X-Name": {"secret"}},
		strings.NewReader("secret"))
	if text := log.String(); strings.Contains(text, "secret") || !strings.Contains(text, `"route":"POST /orders/{id}"`) ||
		!strings.Contains(text, `"status":200`) {
		t.Errorf("log: %s", text)
	}
}

// An issuer signs tokens and publishes its keys.
type issuer struct {
	url    string
	signer jose.Signer
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(map[string]string{"issuer": i.url, "jwks_uri": i.url + "/keys"})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
			{Key: key.Public(), KeyID: "k1", Algorithm: "RS256", Use: "sig"}}})
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	i.url = server.URL
	i.signer = signer(t, key, "k1")
	return i
}

func signer(t *testing.T, key any, id string) jose.Signer {
	t.Helper()
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: id}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func token(t *testing.T, s jose.Signer, claims map[string]any) string {
	t.Helper()
	text, err := jwt.Signed(s).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestAuthorizer(t *testing.T) {
	i := newIssuer(t)
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	var got events.APIGatewayV2HTTPRequest
	handler := keepEvent(&got)
	url := serve(t, &apigateway.Gateway{
		Authorizer: &apigateway.Authorizer{Issuer: i.url, Audiences: []string{"portal"}},
		Routes:     []apigateway.Route{{Key: "GET /mine", Handler: handler}, {Key: "GET /all", Handler: handler, Public: true}},
	})
	good := func(change func(map[string]any)) map[string]any {
		claims := map[string]any{
			"iss": i.url, "sub": "s-1", "client_id": "portal", "iat": noon.Unix(), "exp": noon.Add(time.Hour).Unix(),
			"cognito:groups": []string{"applicant", "reviewer"}, "phone_number_verified": true,
		}
		change(claims)
		return claims
	}
	same := func(map[string]any) {}
	for _, tc := range []struct {
		name, authorization string
		status              int
		challenge           string
	}{
		{"access token", "Bearer " + token(t, i.signer, good(same)), 200, ""},
		{"without scheme", token(t, i.signer, good(same)), 200, ""},
		{"id token", "Bearer " + token(t, i.signer, good(func(c map[string]any) {
			delete(c, "client_id")
			c["aud"] = "portal"
		})), 200, ""},
		{"none", "", 401, "Bearer"},
		{"nonsense", "Bearer x.y.z", 401, "malformed"},
		{"expired", "Bearer " + token(t, i.signer, good(func(c map[string]any) { c["exp"] = noon.Unix() })), 401, "expired"},
		{"endless", "Bearer " + token(t, i.signer, good(func(c map[string]any) { delete(c, "exp") })), 401, "expired"},
		{"too early", "Bearer " + token(t, i.signer, good(func(c map[string]any) { c["nbf"] = noon.Unix() + 9 })), 401,
			"not valid yet"},
		{"another issuer", "Bearer " + token(t, i.signer, good(func(c map[string]any) { c["iss"] = "https://x" })), 401,
			"issuer"},
		{"another client", "Bearer " + token(t, i.signer, good(func(c map[string]any) { c["client_id"] = "x" })), 401,
			"audience"},
		{"another's key", "Bearer " + token(t, signer(t, stranger, "k1"), good(same)), 401, "signature"},
		{"unknown key", "Bearer " + token(t, signer(t, stranger, "k2"), good(same)), 401, "key"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			header := http.Header{}
			if tc.authorization != "" {
				header.Set("Authorization", tc.authorization)
			}
			response, body := send(t, http.MethodGet, url+"/mine", header, nil)
			if response.StatusCode != tc.status || !strings.Contains(response.Header.Get("Www-Authenticate"), tc.challenge) {
				t.Errorf("%d %q", response.StatusCode, response.Header.Get("Www-Authenticate"))
			}
			if tc.status == 401 {
				if strings.TrimSpace(body) != `{"message":"Unauthorized"}` {
					t.Errorf("body %s", body)
				}
				return
			}
			claims := got.RequestContext.Authorizer.JWT.Claims
			if claims["cognito:groups"] != "[applicant reviewer]" || claims["exp"] != "1772456400" ||
				claims["phone_number_verified"] != "true" {
				t.Errorf("claims: %v", claims)
			}
		})
	}
	if response, _ := send(t, http.MethodGet, url+"/all", nil, nil); response.StatusCode != 200 ||
		got.RequestContext.Authorizer != nil {
		t.Errorf("a public route: %d", response.StatusCode)
	}
}

func FuzzResponse(f *testing.F) {
	for _, seed := range []string{`{}`, `"x"`, `null`, `{"statusCode":204}`, `{"statusCode":"200"}`, `[1]`,
		`{"statusCode":200,"headers":{"a":[1]},"cookies":["\r\n"],"body":"="}`, `{"statusCode":204,"body":"x"}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, out string) {
		w := httptest.NewRecorder()
		(&apigateway.Gateway{Routes: []apigateway.Route{{Key: "$default", Public: true, Handler: respondWith(out)}}}).
			ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		if w.Code < 200 || w.Code > 599 {
			t.Errorf("status %d", w.Code)
		}
	})
}
